package thriftclient_test

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftclient"
)

// always spans all versions that have the Thrift interface.
var always span

// attributes lists the attributes of a family. Each entry has the lines of Cassandra that keep the
// attribute, a value for the creation of the family, and a value for the alteration.
var attributes = []struct {
	field string // the field of schema.Family
	kept  span
	value any
	then  any
}{
	{"Type", always, schema.Standard, schema.Standard},
	{"Comparator", always, class("UTF8Type"), class("UTF8Type")},
	{"DefaultValidator", always, class("LongType"), class("AsciiType")},
	{"KeyValidator", span{since: "0.8"}, class("UTF8Type"), class("BytesType")},
	{"KeyAlias", span{since: "0.8"}, []byte("id"), []byte("id")},
	{"Comment", always, "before", "after"},
	{"GCGraceSeconds", always, int32(100), int32(200)},
	{"DefaultTTL", span{since: "2.0"}, int32(3600), int32(7200)},
	{"MinCompactionThreshold", always, int32(5), int32(6)},
	{"MaxCompactionThreshold", always, int32(20), int32(21)},
	{"CompactionStrategy", span{since: "1.0"}, compaction("SizeTieredCompactionStrategy"), compaction("LeveledCompactionStrategy")},
	{"CompactionStrategyOptions", span{since: "1.0"}, map[string]string{"min_sstable_size": "1000000"}, map[string]string{"sstable_size_in_mb": "7"}},
	{"CompressionOptions", span{since: "1.0"}, map[string]string{"sstable_compression": "org.apache.cassandra.io.compress.SnappyCompressor", "chunk_length_kb": "64"}, map[string]string{"sstable_compression": "org.apache.cassandra.io.compress.DeflateCompressor", "chunk_length_kb": "128"}},
	{"RowCacheSize", span{last: "1.0"}, 100.0, 200.0},
	{"KeyCacheSize", span{last: "1.0"}, 1000.0, 2000.0},
	{"RowCacheSavePeriod", span{last: "1.0"}, int32(10), int32(20)},
	{"KeyCacheSavePeriod", span{last: "1.0"}, int32(30), int32(40)},
	{"RowCacheProvider", span{since: "0.8", last: "1.0"}, "org.apache.cassandra.cache.ConcurrentLinkedHashCacheProvider", "org.apache.cassandra.cache.ConcurrentLinkedHashCacheProvider"},
	{"RowCacheKeysToSave", span{since: "1.0", last: "1.0"}, int32(50), int32(60)},
	{"Caching", span{since: "1.1"}, "ALL", "ROWS_ONLY"},
	{"CellsPerRowToCache", span{since: "2.1"}, "100", "200"},
	{"PopulateIOCacheOnFlush", span{since: "1.2", last: "2.0"}, true, false},
	{"BloomFilterFPChance", span{since: "1.0"}, 0.25, 0.5},
	{"ReadRepairChance", always, 0.25, 0.5},
	{"DCLocalReadRepairChance", span{since: "1.1"}, 0.125, 0.75},
	{"SpeculativeRetry", span{since: "2.0"}, "ALWAYS", "NONE"},
	{"ReplicateOnWrite", span{since: "0.8", last: "2.0"}, false, true},
	{"MergeShardsChance", span{since: "0.8", last: "1.0"}, 0.25, 0.5},
	{"MemtableFlushAfterMins", span{last: "0.8"}, int32(70), int32(80)},
	{"MemtableThroughputMB", span{last: "0.8"}, int32(9), int32(10)},
	{"MemtableOperationsMillions", span{last: "0.8"}, 0.25, 0.5},
	{"MemtableFlushPeriodMillis", span{since: "2.0"}, int32(60000), int32(70000)},
	{"IndexInterval", span{since: "2.0", last: "2.0"}, int32(64), int32(256)},
	{"MinIndexInterval", span{since: "2.1"}, int32(64), int32(32)},
	{"MaxIndexInterval", span{since: "2.1"}, int32(1024), int32(4096)},
	{"AdditionalWritePolicy", withoutThrift, "ALWAYS", "NEVER"},
	{"ReadRepair", withoutThrift, "NONE", "BLOCKING"},
	{"CDC", withoutThrift, true, false},
	{"Memtable", withoutThrift, "default", "default"},
	{"AllowAutoSnapshot", withoutThrift, false, true},
	{"IncrementalBackups", withoutThrift, false, true},
}

// withoutThrift spans the lines of Cassandra without a Thrift interface.
var withoutThrift = span{since: "4.0"}

func class(name string) string      { return "org.apache.cassandra.db.marshal." + name }
func compaction(name string) string { return "org.apache.cassandra.db.compaction." + name }

// differences lists the attributes that some versions change.
var differences = []struct {
	field   string
	in      span
	altered bool // the difference appears after the alteration, not after the creation
	got     any
}{
	// In these versions the thresholds are options of the strategy, and LeveledCompactionStrategy
	// has no such options.
	{"CompactionStrategyOptions", span{since: "3.0"}, false, map[string]string{"min_sstable_size": "1000000", "min_threshold": "5", "max_threshold": "20"}},
	{"MinCompactionThreshold", span{since: "3.0"}, true, int32(4)},
	{"MaxCompactionThreshold", span{since: "3.0"}, true, int32(32)},
	// These versions refuse to alter it.
	{"DefaultValidator", span{since: "3.0"}, true, class("LongType")},
}

// interfaceVersions maps versions to their answers to describe_version.
var interfaceVersions = map[string]string{
	"0.7.10": "19.4.0", "0.8.10": "19.16.0", "1.0.12": "19.20.0", "1.1.12": "19.33.0", "1.2.19": "19.36.2",
	"2.0.17": "19.39.0", "2.1.22": "19.39.0", "2.2.19": "20.1.0", "3.11.19": "20.1.0",
}

// TestSystem creates, changes and describes definitions on real nodes of each line.
func TestSystem(t *testing.T) {
	for _, version := range realcass.Versions(t, lines...) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			cluster := realcass.Start(t, realcass.Config{Version: version})
			client, err := thriftclient.Open(t.Context(), cluster.Addrs(), nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = client.Close() })
			s := &system{client: client, version: version}
			t.Run("cluster", s.cluster)
			t.Run("keyspaces", s.keyspaces)
			s.alter(t, schema.CreateKeyspace{Keyspace: schema.Keyspace{Name: "Definitions", StrategyOptions: map[string]string{"replication_factor": "1"}}})
			t.Run("families", s.families)
			t.Run("super families", s.superFamilies)
			t.Run("whole alterations", s.wholeAlterations)
			t.Run("columns", s.columns)
			t.Run("custom index", s.customIndex)
			t.Run("splits", s.splits)
		})
	}
}

type system struct {
	client  *thriftclient.Client
	version string
}

func (s *system) describe(t *testing.T, facts backend.Facts) *backend.Cluster {
	t.Helper()
	c, err := s.client.Describe(t.Context(), &backend.DescribeRequest{Facts: facts, Keyspace: "Definitions"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// alter changes the schema and checks that the cluster reports the schema version that Alter
// returned.
func (s *system) alter(t *testing.T, change schema.Change) {
	t.Helper()
	version, err := s.client.Alter(t.Context(), change)
	if err != nil {
		t.Fatalf("%T: %v", change, err)
	}
	versions := s.describe(t, backend.FactSchemaVersions).SchemaVersions
	if len(versions) != 1 || len(versions[version]) != 1 {
		t.Errorf("%T returned the schema version %s, but the node reports %v", change, version, versions)
	}
}

// definition returns the cluster's description of a keyspace.
func (s *system) definition(t *testing.T, name string) *schema.Keyspace {
	t.Helper()
	list, err := s.client.Keyspaces(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return &list[0]
}

func (s *system) cluster(t *testing.T) {
	c := s.describe(t, backend.FactName|backend.FactVersion|backend.FactPartitioner|backend.FactSnitch|backend.FactSchemaVersions)
	if want, ok := interfaceVersions[s.version]; ok && c.Version != want {
		t.Errorf("the interface version is %s, want %s", c.Version, want)
	}
	if c.Name == "" || c.Partitioner != "org.apache.cassandra.dht.RandomPartitioner" || !strings.HasSuffix(c.Snitch, "Snitch") {
		t.Errorf("the cluster is %+v", c)
	}
	if len(c.SchemaVersions) != 1 {
		t.Errorf("the schema versions are %v, want one", c.SchemaVersions)
	}
	tokens, err := s.client.Describe(t.Context(), &backend.DescribeRequest{Facts: backend.FactTokens})
	switch {
	case compareLines(s.version, "1.1") < 0:
		if !errors.Is(err, backend.ErrUnsupported) {
			t.Errorf("a token map before Cassandra 1.1: %v", err)
		}
	case err != nil:
		t.Error(err)
	default:
		nodes := slices.Collect(maps.Values(c.SchemaVersions))[0]
		for token, node := range tokens.Tokens {
			if _, err := partitioner.Random.CompareTokens(token, "0"); err != nil || !slices.Contains(nodes, node) {
				t.Errorf("token %s is of %s, want one of %v: %v", token, node, nodes, err)
			}
		}
		if len(tokens.Tokens) == 0 {
			t.Error("there are no tokens")
		}
	}
}

// keyspaces creates, describes, alters, describes and drops keyspaces.
func (s *system) keyspaces(t *testing.T) {
	for _, test := range []struct {
		name         string
		create, then schema.Keyspace
		described    [2]map[string]string // the options, after the creation and after the alteration
		replicas     [2]int32             // the field, in versions that have it
	}{
		{
			"SimpleStrategy",
			schema.Keyspace{Strategy: schema.SimpleStrategy, StrategyOptions: map[string]string{"replication_factor": "1"}, DurableWrites: new(false)},
			schema.Keyspace{StrategyOptions: map[string]string{"replication_factor": "2"}, DurableWrites: new(true)},
			[2]map[string]string{{"replication_factor": "1"}, {"replication_factor": "2"}},
			[2]int32{1, 2},
		},
		{
			"replication factor",
			schema.Keyspace{Strategy: schema.SimpleStrategy, ReplicationFactor: new(int32(1)), DurableWrites: new(true)},
			schema.Keyspace{ReplicationFactor: new(int32(3)), DurableWrites: new(false)},
			[2]map[string]string{{"replication_factor": "1"}, {"replication_factor": "3"}},
			[2]int32{1, 3},
		},
		{
			"NetworkTopologyStrategy",
			schema.Keyspace{Strategy: schema.NetworkTopologyStrategy, StrategyOptions: map[string]string{"datacenter1": "1"}, DurableWrites: new(true)},
			schema.Keyspace{StrategyOptions: map[string]string{"datacenter1": "2"}, DurableWrites: new(false)},
			[2]map[string]string{{"datacenter1": "1"}, {"datacenter1": "2"}},
			[2]int32{1, 2},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.create.Name, test.then.Name = "Keyspace1", "Keyspace1"
			want := test.create
			for i, change := range []schema.Change{schema.CreateKeyspace{Keyspace: test.create}, schema.AlterKeyspace{Keyspace: test.then}} {
				s.alter(t, change)
				want.StrategyOptions, want.ReplicationFactor = test.described[i], nil
				if i > 0 {
					want.DurableWrites = test.then.DurableWrites
				}
				if compareLines(s.version, "0.7") == 0 {
					want.DurableWrites = nil
				}
				simple := want.Strategy == schema.SimpleStrategy
				if compareLines(s.version, "0.7") == 0 || simple && compareLines(s.version, "1.0") <= 0 {
					want.ReplicationFactor = &test.replicas[i]
				}
				got := s.definition(t, "Keyspace1")
				if diff := cmp.Diff(&want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("after %T the keyspace differs (-want +got):\n%s", change, diff)
				}
			}
			s.alter(t, schema.DropKeyspace{Name: "Keyspace1"})
			if _, err := s.client.Keyspaces(t.Context(), "Keyspace1"); !errors.Is(err, backend.ErrNotFound) {
				t.Errorf("describing a dropped keyspace: %v, want not found", err)
			}
		})
	}
}

// families creates families with all attributes, describes them, alters them and describes them
// again.
func (s *system) families(t *testing.T) {
	tested := map[string]bool{"Keyspace": true, "Name": true, "Subcomparator": true, "Columns": true, "ID": true, "Triggers": true}
	def := schema.Family{Keyspace: "Definitions", Name: "Family"}
	for _, altered := range []bool{false, true} {
		want := schema.Family{Keyspace: "Definitions", Name: "Family"}
		for _, a := range attributes {
			tested[a.field] = true
			value := a.value
			if altered {
				value = a.then
			}
			// A version must ignore an attribute that it does not know.
			set(&def, a.field, value)
			if a.kept.has(s.version) {
				set(&want, a.field, value)
			}
		}
		for _, d := range differences {
			if d.in.has(s.version) && d.altered == altered {
				set(&want, d.field, d.got)
			}
		}
		if altered {
			s.alter(t, schema.AlterFamily{Family: def})
		} else {
			s.alter(t, schema.CreateFamily{Family: def})
		}
		got := s.definition(t, "Definitions").Family("Family")
		if diff := cmp.Diff(&want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(schema.Family{}, "ID")); diff != "" {
			t.Errorf("altered %t, the family differs (-want +got):\n%s", altered, diff)
		}
	}
	for field := range reflect.TypeFor[schema.Family]().Fields() {
		if !tested[field.Name] {
			t.Errorf("the attribute %s is not in the table", field.Name)
		}
	}
	s.alter(t, schema.DropFamily{Keyspace: "Definitions", Name: "Family"})
	if def := s.definition(t, "Definitions").Family("Family"); def != nil {
		t.Errorf("the family that was dropped is %+v", def)
	}
}

// set sets a field of a definition, by its name.
func set(def *schema.Family, field string, value any) {
	to := reflect.ValueOf(def).Elem().FieldByName(field)
	v := reflect.ValueOf(value)
	if to.Kind() == reflect.Pointer {
		p := reflect.New(to.Type().Elem())
		p.Elem().Set(v)
		v = p
	}
	to.Set(v)
}

func (s *system) superFamilies(t *testing.T) {
	def := schema.Family{
		Keyspace: "Definitions", Name: "SuperFamily", Type: schema.Super, Comparator: class("LongType"), Subcomparator: class("UTF8Type"),
		DefaultValidator: class("BytesType"), Columns: []schema.Column{{Name: []byte("a"), Validator: class("LongType")}},
	}
	for _, comment := range []string{"before", "after"} {
		def.Comment = comment
		if comment == "after" {
			s.alter(t, schema.AlterFamily{Family: schema.Family{Keyspace: def.Keyspace, Name: def.Name, Comment: comment, Columns: def.Columns}})
		} else {
			s.alter(t, schema.CreateFamily{Family: def})
		}
		got := s.definition(t, "Definitions").Family("SuperFamily")
		got = &schema.Family{
			Keyspace: got.Keyspace, Name: got.Name, Type: got.Type, Comparator: got.Comparator, Subcomparator: got.Subcomparator,
			DefaultValidator: got.DefaultValidator, Comment: got.Comment, Columns: got.Columns,
		}
		if diff := cmp.Diff(&def, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("the super family differs (-want +got):\n%s", diff)
		}
	}
}

// wholeAlterations checks that an alteration sets every attribute that it omits to its default.
func (s *system) wholeAlterations(t *testing.T) {
	fresh := schema.Family{Keyspace: "Definitions", Name: "Fresh", Comparator: class("UTF8Type"), Comment: "after"}
	old := fresh
	old.Name, old.Comment, old.GCGraceSeconds, old.ReadRepairChance = "Whole", "before", new(int32(5)), new(0.5)
	whole := fresh
	whole.Name = "Whole"
	s.alter(t, schema.CreateFamily{Family: fresh})
	s.alter(t, schema.CreateFamily{Family: old})
	s.alter(t, schema.AlterFamily{Whole: true, Family: whole})
	k := s.definition(t, "Definitions")
	if diff := cmp.Diff(k.Family("Fresh"), k.Family("Whole"), cmpopts.IgnoreFields(schema.Family{}, "Name", "ID")); diff != "" {
		t.Errorf("the altered family differs from a fresh one (-fresh +altered):\n%s", diff)
	}
}

// columns describes columns with and without an index.
func (s *system) columns(t *testing.T) {
	def := schema.Family{Keyspace: "Definitions", Name: "Columns", Comparator: class("UTF8Type"), DefaultValidator: class("BytesType")}
	for i, columns := range [][]schema.Column{
		{{Name: []byte("a"), Validator: class("LongType")}, {Name: []byte("b"), Validator: class("UTF8Type"), Index: schema.KeysIndex, IndexName: "Columns_b"}},
		{{Name: []byte("a"), Validator: class("LongType"), Index: schema.KeysIndex, IndexName: "Columns_a"}, {Name: []byte("b"), Validator: class("UTF8Type")}},
		{{Name: []byte("b"), Validator: class("BytesType")}, {Name: []byte("c"), Validator: class("AsciiType"), Index: schema.KeysIndex, IndexName: "Columns_c"}},
		nil,
	} {
		def.Columns = columns
		if i > 0 {
			s.alter(t, schema.AlterFamily{Family: def})
		} else {
			s.alter(t, schema.CreateFamily{Family: def})
		}
		got := s.definition(t, "Definitions").Family("Columns").Columns
		if diff := cmp.Diff(columns, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("the columns differ (-want +got):\n%s", diff)
		}
	}
}

// customIndex describes a custom index and its options. From 2.0 on, Cassandra has no suitable
// class: its own classes refuse to be custom, or need another partitioner.
func (s *system) customIndex(t *testing.T) {
	if !(span{since: "1.0", last: "1.2"}).has(s.version) {
		t.Skipf("Cassandra %s has no class of a custom index that can be used", s.version)
	}
	want := schema.Column{
		Name: []byte("a"), Validator: class("UTF8Type"), Index: schema.CustomIndex, IndexName: "Custom_a",
		IndexOptions: map[string]string{"class_name": "org.apache.cassandra.db.index.keys.KeysIndex"},
	}
	s.alter(t, schema.CreateFamily{Family: schema.Family{
		Keyspace: "Definitions", Name: "Custom", Comparator: class("UTF8Type"), Columns: []schema.Column{want},
	}})
	got := s.definition(t, "Definitions").Family("Custom").Columns
	if diff := cmp.Diff([]schema.Column{want}, got); diff != "" {
		t.Errorf("the column differs (-want +got):\n%s", diff)
	}
}

// splits checks that the splits cover the ring, so that each row is in one of them.
func (s *system) splits(t *testing.T) {
	s.alter(t, schema.CreateFamily{Family: schema.Family{Keyspace: "Definitions", Name: "Rows"}})
	const rows = 100
	write := &backend.MutateRequest{Keyspace: "Definitions", Consistency: backend.One}
	for i := range rows {
		write.Rows = append(write.Rows, backend.RowMutation{Family: "Rows", Key: []byte(strconv.Itoa(i)), Mutations: []backend.Mutation{
			{Op: backend.Insert, Column: backend.Column{Name: []byte("a"), Timestamp: 1}},
		}})
	}
	if err := s.client.Mutate(t.Context(), write); err != nil {
		t.Fatal(err)
	}
	ring := s.describe(t, backend.FactRing).Ring
	var splits []backend.Split
	for _, part := range ring {
		if len(part.Endpoints) != 1 {
			t.Errorf("a part of the ring has the nodes %v, want one", part.Endpoints)
		}
		list, err := s.client.Splits(t.Context(), &backend.SplitsRequest{
			Keyspace: "Definitions", Family: "Rows", StartToken: part.Start, EndToken: part.End, KeysPerSplit: 10,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 || list[0].Start != part.Start || list[len(list)-1].End != part.End {
			t.Errorf("the splits from %s to %s are %v", part.Start, part.End, list)
		}
		splits = append(splits, list...)
	}
	whole, err := s.client.Splits(t.Context(), &backend.SplitsRequest{Keyspace: "Definitions", Family: "Rows", KeysPerSplit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, splits := range [][]backend.Split{splits, whole} {
		seen := 0
		for _, split := range splits {
			list, err := s.client.Range(t.Context(), &backend.RangeRequest{
				Parent:    backend.Parent{Keyspace: "Definitions", Family: "Rows"},
				Range:     backend.KeyRange{StartToken: split.Start, EndToken: split.End, Count: rows + 1},
				Predicate: backend.Predicate{Count: 1}, Consistency: backend.One,
			})
			if err != nil {
				t.Fatal(err)
			}
			seen += len(list)
		}
		if seen != rows {
			t.Errorf("%d splits have %d rows, want %d", len(splits), seen, rows)
		}
	}
}
