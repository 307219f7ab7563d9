package cli

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/schema"
)

// TestDescribeAsPycassaShell compares the output with that in the documentation of
// pycassa, for a column family of Cassandra 0.7.
func TestDescribeAsPycassaShell(t *testing.T) {
	def := schema.Family{
		Keyspace: "Keyspace1", Name: "Indexed1",
		Comparator:                 "org.apache.cassandra.db.marshal.BytesType",
		DefaultValidator:           "org.apache.cassandra.db.marshal.BytesType",
		RowCacheSize:               new(0.0),
		KeyCacheSize:               new(200000.0),
		ReadRepairChance:           new(1.0),
		GCGraceSeconds:             new(int32(864000)),
		MinCompactionThreshold:     new(int32(4)),
		MaxCompactionThreshold:     new(int32(32)),
		MemtableThroughputMB:       new(int32(63)),
		MemtableOperationsMillions: new(0.295312),
		MemtableFlushAfterMins:     new(int32(60)),
		RowCacheSavePeriod:         new(int32(0)),
		KeyCacheSavePeriod:         new(int32(3600)),
		Columns: []schema.Column{{
			Name: []byte("birthdate"), Validator: "org.apache.cassandra.db.marshal.LongType", Index: schema.KeysIndex,
		}},
	}
	const want = `Name:                                Indexed1
Description:
Column Type:                         Standard

Comparator Type:                     BytesType
Default Validation Class:            BytesType

Cache Sizes
  Row Cache:                         Disabled
  Key Cache:                         200000 keys

Read Repair Chance:                  100.0%

GC Grace Seconds:                    864000

Compaction Thresholds
  Min:                               4
  Max:                               32

Memtable Flush After Thresholds
  Throughput:                        63 MiB
  Operations:                        295312 operations
  Time:                              60 minutes

Cache Save Periods
  Row Cache:                         Disabled
  Key Cache:                         3600 seconds

Column Metadata
  - Name:                            birthdate
    Value Type:                      LongType
    Index Type:                      KEYS
    Index Name:                      None
`
	d := &description{}
	d.family(&def)
	var out bytes.Buffer
	if err := d.print(&out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDescribeKeyspaceAsPycassaShell(t *testing.T) {
	ks := schema.Keyspace{
		Name: "Keyspace1", Strategy: "org.apache.cassandra.locator.SimpleStrategy",
		ReplicationFactor: new(int32(1)),
		Families:          []schema.Family{{Name: "Indexed1"}, {Name: "Standard2"}, {Name: "Standard1"}, {Name: "Super1"}},
	}
	const want = `Name:                                Keyspace1

Replication Strategy:                SimpleStrategy
Replication Factor:                  1

Column Families:
   Indexed1
   Standard2
   Standard1
   Super1
`
	d := &description{}
	d.keyspace(&ks)
	var out bytes.Buffer
	if err := d.print(&out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestChance(t *testing.T) {
	for p, want := range map[float64]string{0: "Disabled", 0.1: "10.0%", 0.07: "7.0%", 0.125: "12.5%", 1: "100.0%"} {
		d := &description{}
		chance(d, "C:", &p)
		if got := d.lines[0][37:]; got != want {
			t.Errorf("chance(%v) = %q, want %q", p, got, want)
		}
	}
}
