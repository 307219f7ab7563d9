package thriftserver

import (
	"fmt"
	"regexp"
	"strings"
)

// interfaceVersions are the versions of the Thrift interface that the lines of
// Cassandra have.
var interfaceVersions = map[string]string{
	"1.2":  "19.36.2",
	"2.0":  "19.39.0",
	"2.1":  "19.39.0",
	"2.2":  "20.1.0",
	"3.0":  "20.1.0",
	"3.11": "20.1.0",
}

var threeNumbers = regexp.MustCompile(`^(\d+\.\d+)\.\d+$`)

// interfaceVersion returns what describe_version says.
func interfaceVersion(version string) (string, error) {
	if version == "" {
		version = "1.2"
	}
	line := version
	if m := threeNumbers.FindStringSubmatch(version); m != nil {
		line = m[1]
		if strings.HasPrefix(line, "19.") || strings.HasPrefix(line, "20.") {
			return version, nil
		}
	}
	if v, ok := interfaceVersions[line]; ok {
		return v, nil
	}
	return "", fmt.Errorf("version %q is not one to mimic (want 1.2, 2.0, 2.1, 2.2, 3.0 or 3.11)", version)
}
