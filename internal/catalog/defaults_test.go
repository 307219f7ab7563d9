package catalog

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/schema"
)

var nan = math.NaN()

// The definitions are those that describe_keyspace of 1.2.19 returns for a
// family that was created with its name only.
func TestDefaults(t *testing.T) {
	standard := schema.Family{
		Keyspace: "app", Name: "S", Type: schema.Standard,
		Comparator: full + "BytesType", DefaultValidator: full + "BytesType", KeyValidator: full + "BytesType",
		GCGraceSeconds:         new(int32(864000)),
		MinCompactionThreshold: new(int32(4)), MaxCompactionThreshold: new(int32(32)),
		CompactionStrategy:        "org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy",
		CompactionStrategyOptions: map[string]string{},
		CompressionOptions:        map[string]string{"sstable_compression": "org.apache.cassandra.io.compress.SnappyCompressor"},
		Caching:                   "KEYS_ONLY", PopulateIOCacheOnFlush: new(false),
		ReadRepairChance: new(0.1), DCLocalReadRepairChance: new(0.0), ReplicateOnWrite: new(true),
	}
	super := *standard.Clone()
	super.Name, super.Type, super.Subcomparator = "Sup", schema.Super, full+"BytesType"
	counter := *standard.Clone()
	counter.Name, counter.DefaultValidator = "C", full+"CounterColumnType"
	want := []schema.Keyspace{{
		Name: "app", Strategy: schema.SimpleStrategy, StrategyOptions: map[string]string{"replication_factor": "1"},
		DurableWrites: new(true), Families: []schema.Family{counter, standard, super},
	}}

	// Attributes of earlier versions are left out, as in 1.2. Attributes of later versions are kept.
	later := schema.Family{
		SpeculativeRetry: "NONE", DefaultTTL: new(int32(60)), MemtableFlushPeriodMillis: new(int32(5)), IndexInterval: new(int32(64)),
		MinIndexInterval: new(int32(64)), MaxIndexInterval: new(int32(256)), CellsPerRowToCache: "10",
		AdditionalWritePolicy: "99p", ReadRepair: "NONE", CDC: new(true), Memtable: "trie", AllowAutoSnapshot: new(true), IncrementalBackups: new(false),
	}
	want[0].Families[1] = *standard.Merge(&later)
	s := later
	s.Name, s.ID, s.RowCacheSize = "S", new(int32(1000)), new(5.0)
	c := app(t,
		s,
		schema.Family{Name: "Sup", Type: schema.Super}, schema.Family{Name: "C", DefaultValidator: "CounterColumnType"})
	got, err := c.Keyspaces()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Keyspaces() (-want +got):\n%s", diff)
	}
}

// If two columns have the same name, the last is used.
func TestColumnTwice(t *testing.T) {
	c := app(t, schema.Family{Name: "S", Comparator: "UTF8Type", Columns: []schema.Column{
		{Name: []byte("b")}, {Name: []byte("a"), Validator: "UTF8Type"}, {Name: []byte("a"), Validator: "LongType"},
	}})
	want := []schema.Column{{Name: []byte("a"), Validator: full + "LongType"}, {Name: []byte("b"), Validator: full + "BytesType"}}
	if diff := cmp.Diff(want, family(t, c, "S").Def.Columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
}
