package catalog

import (
	"testing"

	"github.com/widerow/widerow/backend"
)

func TestCompareReasons(t *testing.T) {
	c := requests(t)
	for _, test := range []struct {
		name, family   string
		serial, commit backend.Consistency
		want           string
	}{
		{"serial", "S", backend.Serial, backend.Quorum, ""},
		{"local serial", "S", backend.LocalSerial, backend.Any, ""},
		{"no family", "None", backend.Serial, backend.One, "unconfigured columnfamily None"},
		{"counters", "C", backend.Serial, backend.One, "invalid operation for commutative columnfamily C"},
		{"super columns", "Sup", backend.Serial, backend.One, "CAS does not support supercolumns"},
		{"not serial", "S", backend.Quorum, backend.One, "Invalid consistency for conditional update. Must be one of SERIAL or LOCAL_SERIAL"},
		{"no level", "S", 99, backend.One, "Unknown code 99 for a consistency level"},
		{"no level to commit", "S", backend.Serial, -1, "Unknown code -1 for a consistency level"},
		{
			"serial commit", "S", backend.Serial, backend.LocalSerial, "LOCAL_SERIAL is not supported as conditional update commit consistency. " +
				"Use ANY if you mean \"make sure it is accepted but I don't care how many replicas commit it for non-SERIAL reads\"",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkReason(t, c.CheckCompare(&backend.CompareRequest{
				Keyspace: "app", Family: test.family, Key: []byte("k"), Serial: test.serial, Commit: test.commit,
			}), test.want)
		})
	}
}
