package backend

import (
	"fmt"
	"strings"
)

// Consistency is how many replicas must answer. The numbers are those of the
// Thrift interface; the zero value stands for One.
type Consistency int32

// The consistency levels. The comment of a level is the version of Cassandra that added
// it, if it is not 0.7.
const (
	One         Consistency = 1
	Quorum      Consistency = 2
	LocalQuorum Consistency = 3
	EachQuorum  Consistency = 4
	All         Consistency = 5
	Any         Consistency = 6  // writes only
	Two         Consistency = 7  // 0.8
	Three       Consistency = 8  // 0.8
	Serial      Consistency = 9  // 2.0, reads and CompareRequest.Serial
	LocalSerial Consistency = 10 // 2.0, reads and CompareRequest.Serial
	LocalOne    Consistency = 11 // 1.2.12
)

var consistencyNames = [...]string{
	0: "ONE", One: "ONE", Quorum: "QUORUM", LocalQuorum: "LOCAL_QUORUM", EachQuorum: "EACH_QUORUM", All: "ALL",
	Any: "ANY", Two: "TWO", Three: "THREE", Serial: "SERIAL", LocalSerial: "LOCAL_SERIAL", LocalOne: "LOCAL_ONE",
}

// String returns Cassandra's name of the level, for example "LOCAL_QUORUM".
func (c Consistency) String() string {
	if c < 0 || int(c) >= len(consistencyNames) {
		return fmt.Sprintf("Consistency(%d)", int32(c))
	}
	return consistencyNames[c]
}

// ParseConsistency reads a level by Cassandra's name, in any case.
func ParseConsistency(s string) (Consistency, error) {
	for i, name := range consistencyNames {
		if i > 0 && strings.EqualFold(s, name) {
			return Consistency(i), nil
		}
	}
	return 0, fmt.Errorf("unknown consistency level %q", s)
}
