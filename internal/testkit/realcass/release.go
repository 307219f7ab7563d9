package realcass

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Releases lists the last release of each line, oldest first.
var Releases = []string{
	"0.7.10", "0.8.10", "1.0.12", "1.1.12", "1.2.19", "2.0.17", "2.1.22", "2.2.19", "3.0.29", "3.11.19",
	"4.0.18", "4.1.9", "5.0.5",
}

// A release is the numbers of a version: major, minor, patch.
type release [3]int

// parseRelease parses a whole version, or a line such as 1.2. For a line, it returns the line's
// last release.
func parseRelease(version string) (release, error) {
	parts := strings.Split(version, ".")
	if len(parts) == 2 {
		i := slices.IndexFunc(Releases, func(r string) bool { return within(r, version) })
		if i < 0 {
			return release{}, fmt.Errorf("unknown line %q of Cassandra: the lines are %s", version, strings.Join(Releases, ", "))
		}
		return parseRelease(Releases[i])
	}
	var r release
	if len(parts) != len(r) {
		return r, fmt.Errorf("not a version of Cassandra: %q", version)
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return r, fmt.Errorf("not a version of Cassandra: %q", version)
		}
		r[i] = int(n)
	}
	if !r.atLeast(0, 7) {
		return r, fmt.Errorf("Cassandra %s is older than 0.7", version)
	}
	return r, nil
}

func (r release) String() string { return fmt.Sprintf("%d.%d.%d", r[0], r[1], r[2]) }

func (r release) atLeast(major, minor int) bool {
	return r[0] > major || r[0] == major && r[1] >= minor
}

// thrift reports whether the version has the Thrift interface.
func (r release) thrift() bool { return !r.atLeast(4, 0) }

// java returns the version of Java that Cassandra needs.
func (r release) java() int {
	if r.atLeast(5, 0) {
		return 17
	}
	return 8
}

// within reports whether version is the given version, or belongs to the given line.
func within(version, line string) bool {
	return version == line || strings.HasPrefix(version, line+".")
}
