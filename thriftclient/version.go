package thriftclient

import (
	"fmt"
	"strconv"
	"strings"
)

// interfaceVersion is a version of the Thrift interface, such as 19.36.2, as
// describe_version reports it.
type interfaceVersion struct{ major, minor, patch int }

// The client must know the versions of these features before a call. If a server lacks any other
// feature, the server's answer reports it.
var (
	v08 = interfaceVersion{19, 10, 0} // Cassandra 0.8.0: counters (CASSANDRA-1072)
	v11 = interfaceVersion{19, 30, 0} // 1.1.0: filters of ranges (CASSANDRA-1600)
	v12 = interfaceVersion{19, 35, 0} // 1.2.0: atomic batches (CASSANDRA-4542), splits with sizes (CASSANDRA-4803)
	v20 = interfaceVersion{19, 37, 0} // 2.0: deletions of slices
	v22 = interfaceVersion{20, 1, 0}  // 2.2 to 3.11
)

// parseVersion parses a version leniently: a part that is not a number is 0.
func parseVersion(s string) interfaceVersion {
	var n [3]int
	for i, part := range strings.SplitN(s, ".", 3) {
		n[i], _ = strconv.Atoi(part)
	}
	return interfaceVersion{n[0], n[1], n[2]}
}

// before reports whether v is older than w.
func (v interfaceVersion) before(w interfaceVersion) bool {
	if v.major != w.major {
		return v.major < w.major
	}
	if v.minor != w.minor {
		return v.minor < w.minor
	}
	return v.patch < w.patch
}

// String returns the version as describe_version does.
func (v interfaceVersion) String() string { return fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.patch) }
