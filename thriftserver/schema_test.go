package thriftserver_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftserver"
)

func replicated(name string) thriftwire.KsDef {
	return thriftwire.KsDef{
		Name: name, StrategyClass: "SimpleStrategy",
		StrategyOptions: []thriftwire.Entry[string, string]{{Key: "replication_factor", Value: "1"}},
	}
}

func describeKeyspace(c *client, name string) thriftwire.KsDef {
	c.t.Helper()
	return must[*thriftwire.DescribeKeyspaceResult](c, &thriftwire.DescribeKeyspaceArgs{Keyspace: name}).Success
}

func TestKeyspaces(t *testing.T) {
	c := dial(t, servertest.Start(t, openMemory(t, newClock(), ""), nil))
	def := replicated("ks")
	def.CfDefs = []thriftwire.CfDef{{Keyspace: "ks", Name: "F", ID: thriftwire.Some[int32](0)}}
	version := must[*thriftwire.SystemAddKeyspaceResult](c, &thriftwire.SystemAddKeyspaceArgs{KsDef: def}).Success
	versions := must[*thriftwire.DescribeSchemaVersionsResult](c, &thriftwire.DescribeSchemaVersionsArgs{}).Success
	if len(versions) != 1 || versions[0].Key != version || len(versions[0].Value) != 1 {
		t.Errorf("schema versions %v, want %s of one node", versions, version)
	}
	got := describeKeyspace(c, "ks")
	if got.StrategyClass != schema.SimpleStrategy || len(got.StrategyOptions) != 1 || !got.DurableWrites.V || len(got.CfDefs) != 1 {
		t.Errorf("the keyspace is %+v", got)
	}

	// An attribute that an update does not set returns to its default.
	update := replicated("ks")
	update.DurableWrites = thriftwire.Some(false)
	must[*thriftwire.SystemUpdateKeyspaceResult](c, &thriftwire.SystemUpdateKeyspaceArgs{KsDef: update})
	if got := describeKeyspace(c, "ks"); got.DurableWrites.V || len(got.CfDefs) != 1 {
		t.Errorf("after an update the keyspace is %+v", got)
	}
	update.DurableWrites.Set = false
	must[*thriftwire.SystemUpdateKeyspaceResult](c, &thriftwire.SystemUpdateKeyspaceArgs{KsDef: update})
	if got := describeKeyspace(c, "ks"); !got.DurableWrites.V {
		t.Error("durable_writes was not reset")
	}
	update.StrategyOptions = nil
	c.refused(&thriftwire.SystemUpdateKeyspaceArgs{KsDef: update}, "SimpleStrategy requires a replication_factor strategy option.")
	c.refused(&thriftwire.SystemUpdateKeyspaceArgs{KsDef: def}, "Keyspace update must not contain any column family definitions.")
	c.refused(&thriftwire.SystemAddKeyspaceArgs{KsDef: replicated("KS")}, `Keyspace names must be case-insensitively unique ("KS" conflicts with "ks")`)
	c.refused(&thriftwire.SystemDropKeyspaceArgs{Keyspace: "none"}, "Cannot drop non existing keyspace 'none'.")

	must[*thriftwire.SetKeyspaceResult](c, &thriftwire.SetKeyspaceArgs{Keyspace: "ks"})
	must[*thriftwire.SystemDropKeyspaceResult](c, &thriftwire.SystemDropKeyspaceArgs{Keyspace: "ks"})
	c.refused(&thriftwire.TruncateArgs{Cfname: "F"}, "Keyspace ks does not exist")
	c.refused(&thriftwire.SetKeyspaceArgs{Keyspace: "ks"}, "Keyspace 'ks' does not exist")
	_, err := c.call(&thriftwire.DescribeKeyspaceArgs{Keyspace: "ks"})
	if _, ok := err.(*thriftwire.NotFoundException); !ok {
		t.Errorf("describe_keyspace: %v, want NotFoundException", err)
	}
}

func TestFamilies(t *testing.T) {
	c := dial(t, servertest.Start(t, openMemory(t, newClock(), ""), nil))
	must[*thriftwire.SystemAddKeyspaceResult](c, &thriftwire.SystemAddKeyspaceArgs{KsDef: replicated("ks")})
	some := thriftwire.Some[string]
	def := thriftwire.CfDef{
		Keyspace: "ks", Name: "F", ComparatorType: some(utf8), Comment: some("old"), GCGraceSeconds: thriftwire.Some[int32](5), ID: thriftwire.Some[int32](7),
		ColumnMetadata: []thriftwire.ColumnDef{{Name: b("a"), ValidationClass: "LongType", IndexType: thriftwire.Some(thriftwire.IndexTypeKeys)}},
	}
	c.refused(&thriftwire.SystemAddColumnFamilyArgs{CfDef: def}, "no keyspace has been specified")
	must[*thriftwire.SetKeyspaceResult](c, &thriftwire.SetKeyspaceArgs{Keyspace: "ks"})
	must[*thriftwire.SystemAddColumnFamilyResult](c, &thriftwire.SystemAddColumnFamilyArgs{CfDef: def})
	family := func() thriftwire.CfDef {
		t.Helper()
		return describeKeyspace(c, "ks").CfDefs[0]
	}
	got := family()
	if got.Comment.V != "old" || got.GCGraceSeconds.V != 5 || got.ID.Set || len(got.ColumnMetadata) != 1 || got.ColumnMetadata[0].IndexName.V != "F_a_idx" {
		t.Errorf("the family is %+v", got)
	}
	c.refused(&thriftwire.SystemAddColumnFamilyArgs{CfDef: def}, `Cannot add already existing column family "F" to keyspace "ks"`)

	// An attribute that an update does not set returns to its default, including the comment.
	must[*thriftwire.SystemUpdateColumnFamilyResult](c, &thriftwire.SystemUpdateColumnFamilyArgs{CfDef: thriftwire.CfDef{
		Keyspace: "ks", Name: "F", ComparatorType: some(utf8), ReadRepairChance: thriftwire.Some(1.0),
	}})
	got = family()
	if !got.Comment.Set || got.Comment.V != "" || got.GCGraceSeconds.V != 864000 || got.ReadRepairChance.V != 1 || got.ColumnMetadata == nil || len(got.ColumnMetadata) != 0 {
		t.Errorf("after an update the family is %+v", got)
	}
	c.refused(&thriftwire.SystemUpdateColumnFamilyArgs{CfDef: thriftwire.CfDef{Keyspace: "ks", Name: "F", ComparatorType: some("LongType")}},
		"comparators do not match or are not compatible.")
	must[*thriftwire.SystemDropColumnFamilyResult](c, &thriftwire.SystemDropColumnFamilyArgs{ColumnFamily: "F"})
	c.refused(&thriftwire.SystemDropColumnFamilyArgs{ColumnFamily: "F"}, "unconfigured columnfamily F")
	c.refused(&thriftwire.SystemUpdateColumnFamilyArgs{CfDef: thriftwire.CfDef{Keyspace: "ks", Name: "F"}}, "Could not find column family definition to modify.")
	c.refused(&thriftwire.SystemUpdateColumnFamilyArgs{}, "Keyspace and CF name must be set.")
}

// If a family is dropped and created again with other columns, all connections use the new
// definition.
func TestSchemaIsCurrent(t *testing.T) {
	store := appStore(t)
	s := servertest.Start(t, store, nil)
	c := dialApp(t, s)
	c.insert("Log", "k", column("n", "v", 1))
	for _, change := range []schema.Change{
		schema.DropFamily{Keyspace: "app", Name: "Log"},
		schema.CreateFamily{Family: schema.Family{Keyspace: "app", Name: "Log", Comparator: utf8, DefaultValidator: "CounterColumnType"}},
	} {
		if _, err := store.Alter(t.Context(), change); err != nil { // directly, not through the server
			t.Fatal(err)
		}
	}
	must[*thriftwire.AddResult](c, &thriftwire.AddArgs{Key: b("k"), ColumnParent: parent("Log"), Column: thriftwire.CounterColumn{Name: b("n"), Value: 1}, ConsistencyLevel: one})
	want(t, "the row", c.slice("Log", "k", all()), "n=1")
}

// unversioned is a store that does not report a schema version.
type unversioned struct{ backend.Backend }

func TestSchemaOfAnUnversionedStore(t *testing.T) {
	store := appStore(t)
	c := dialApp(t, servertest.Start(t, unversioned{store}, nil))
	c.insert("Log", "k", column("n", "v", 1))
	if _, err := store.Alter(t.Context(), schema.CreateFamily{Family: schema.Family{Keyspace: "app", Name: "New", Comparator: utf8}}); err != nil {
		t.Fatal(err)
	}
	// The server soon asks the store again for an unknown family.
	for {
		_, err := c.call(&thriftwire.InsertArgs{Key: b("k"), ColumnParent: parent("New"), Column: column("n", "v", 1), ConsistencyLevel: one})
		if err == nil {
			break
		}
		if e := new(thriftwire.InvalidRequestException); !errors.As(err, &e) || e.Why != "unconfigured columnfamily New" {
			t.Fatal(err)
		}
	}
	must[*thriftwire.SystemDropColumnFamilyResult](c, &thriftwire.SystemDropColumnFamilyArgs{ColumnFamily: "New"})
	c.refused(&thriftwire.TruncateArgs{Cfname: "New"}, "unconfigured columnfamily New")
}

func TestDescribe(t *testing.T) {
	store := appStore(t)
	c := dialApp(t, servertest.Start(t, store, nil))
	c.fill()
	want(t, "describe_version", must[*thriftwire.DescribeVersionResult](c, &thriftwire.DescribeVersionArgs{}).Success, "19.36.2")
	want(t, "describe_cluster_name", must[*thriftwire.DescribeClusterNameResult](c, &thriftwire.DescribeClusterNameArgs{}).Success, "widerow")
	want(t, "describe_partitioner", must[*thriftwire.DescribePartitionerResult](c, &thriftwire.DescribePartitionerArgs{}).Success, "org.apache.cassandra.dht.ByteOrderedPartitioner")
	want(t, "describe_snitch", must[*thriftwire.DescribeSnitchResult](c, &thriftwire.DescribeSnitchArgs{}).Success, "org.apache.cassandra.locator.SimpleSnitch")
	if list := must[*thriftwire.DescribeKeyspacesResult](c, &thriftwire.DescribeKeyspacesArgs{}).Success; len(list) != 2 || list[0].Name != "app" || len(list[0].CfDefs) != 5 || list[1].Name != "system" || len(list[1].CfDefs) != 0 {
		t.Errorf("describe_keyspaces: %+v", list)
	}
	ring := must[*thriftwire.DescribeRingResult](c, &thriftwire.DescribeRingArgs{Keyspace: "app"}).Success
	wantRing := []thriftwire.TokenRange{{
		Endpoints: []string{"127.0.0.1"}, RPCEndpoints: []string{"127.0.0.1"},
		EndpointDetails: []thriftwire.EndpointDetails{{Host: "127.0.0.1", Datacenter: "datacenter1", Rack: thriftwire.Some("rack1")}},
	}}
	if diff := cmp.Diff(wantRing, ring); diff != "" {
		t.Errorf("describe_ring (-want +got):\n%s", diff)
	}
	local := must[*thriftwire.DescribeLocalRingResult](c, &thriftwire.DescribeLocalRingArgs{Keyspace: "app"}).Success
	if diff := cmp.Diff(wantRing, local); diff != "" {
		t.Errorf("describe_local_ring (-want +got):\n%s", diff)
	}
	c.refused(&thriftwire.DescribeRingArgs{Keyspace: "none"}, "There is no ring for the keyspace: none")
	tokens := must[*thriftwire.DescribeTokenMapResult](c, &thriftwire.DescribeTokenMapArgs{}).Success
	if diff := cmp.Diff([]thriftwire.Entry[string, string]{{Value: "127.0.0.1"}}, tokens); diff != "" {
		t.Errorf("describe_token_map (-want +got):\n%s", diff)
	}

	splits := must[*thriftwire.DescribeSplitsExResult](c, &thriftwire.DescribeSplitsExArgs{CfName: "Users", KeysPerSplit: 2}).Success
	if diff := cmp.Diff([]thriftwire.CfSplit{{EndToken: "6b32", RowCount: 2}, {StartToken: "6b32", RowCount: 1}}, splits); diff != "" {
		t.Errorf("describe_splits_ex (-want +got):\n%s", diff)
	}
	list := must[*thriftwire.DescribeSplitsResult](c, &thriftwire.DescribeSplitsArgs{CfName: "Users", KeysPerSplit: 2}).Success
	if diff := cmp.Diff([]string{"", "6b32", ""}, list); diff != "" {
		t.Errorf("describe_splits (-want +got):\n%s", diff)
	}
	// A store that cannot divide a range returns one part.
	c = dialApp(t, servertest.Start(t, &stub{Backend: store}, nil))
	one := must[*thriftwire.DescribeSplitsExResult](c, &thriftwire.DescribeSplitsExArgs{CfName: "Users", StartToken: "61", EndToken: "62", KeysPerSplit: 2}).Success
	if diff := cmp.Diff([]thriftwire.CfSplit{{StartToken: "61", EndToken: "62", RowCount: 2}}, one); diff != "" {
		t.Errorf("describe_splits_ex of a store that cannot (-want +got):\n%s", diff)
	}
}

func TestAdvertise(t *testing.T) {
	c := dialApp(t, servertest.Start(t, appStore(t), &thriftserver.Options{Advertise: "192.0.2.7", ClusterName: "Test Cluster", Version: "2.1"}))
	ring := must[*thriftwire.DescribeRingResult](c, &thriftwire.DescribeRingArgs{Keyspace: "app"}).Success
	if r := ring[0]; r.Endpoints[0] != "192.0.2.7" || r.RPCEndpoints[0] != "192.0.2.7" || r.EndpointDetails[0].Host != "192.0.2.7" {
		t.Errorf("the ring is %+v", ring)
	}
	want(t, "describe_cluster_name", must[*thriftwire.DescribeClusterNameResult](c, &thriftwire.DescribeClusterNameArgs{}).Success, "Test Cluster")
	want(t, "describe_version", must[*thriftwire.DescribeVersionResult](c, &thriftwire.DescribeVersionArgs{}).Success, "19.39.0")
}

// TestSystemKeyspace uses the system keyspace, which clients use before they have a keyspace.
func TestSystemKeyspace(t *testing.T) {
	c := dial(t, servertest.Start(t, openMemory(t, newClock(), ""), nil))
	must[*thriftwire.SetKeyspaceResult](c, &thriftwire.SetKeyspaceArgs{Keyspace: "system"})
	if k := describeKeyspace(c, "system"); k.StrategyClass != "org.apache.cassandra.locator.LocalStrategy" || len(k.CfDefs) != 0 {
		t.Errorf("the keyspace is %+v", k)
	}
	c.refused(&thriftwire.SystemAddColumnFamilyArgs{CfDef: thriftwire.CfDef{Keyspace: "system", Name: "F"}}, "system keyspace is not user-modifiable")
	c.refused(&thriftwire.SystemDropKeyspaceArgs{Keyspace: "system"}, "system keyspace is not user-modifiable")
	c.refused(&thriftwire.GetCountArgs{
		Key: b("k"), ColumnParent: thriftwire.ColumnParent{ColumnFamily: "F"}, Predicate: all(), ConsistencyLevel: one,
	}, "unconfigured columnfamily F")
	must[*thriftwire.SystemAddKeyspaceResult](c, &thriftwire.SystemAddKeyspaceArgs{KsDef: replicated("ks")})
}

func TestVersions(t *testing.T) {
	for version, ok := range map[string]bool{
		"": true, "1.2": true, "1.2.19": true, "2.1": true, "2.1.22": true, "3.11.4": true, "19.36.2": true, "20.1.0": true,
		"1": false, "0.6": false, "5.0": false, "1.2.x": false, "21.0.0": false,
	} {
		if err := (&thriftserver.Options{Version: version}).Validate(); (err == nil) != ok {
			t.Errorf("version %q: %v", version, err)
		}
	}
}

func TestCQLIsRefused(t *testing.T) {
	c := dial(t, servertest.Start(t, openMemory(t, newClock(), ""), nil))
	const why = "CQL is not supported over Thrift by this server: use the calls for column families, such as get_slice and batch_mutate, or the native protocol of a Cassandra node"
	for _, args := range []thriftwire.Args{
		&thriftwire.SetCQLVersionArgs{Version: "3.0.0"},
		&thriftwire.ExecuteCQLQueryArgs{Query: b("SELECT"), Compression: thriftwire.CompressionNone},
		&thriftwire.ExecuteCQL3QueryArgs{Query: b("SELECT"), Compression: thriftwire.CompressionNone, Consistency: one},
		&thriftwire.PrepareCQLQueryArgs{Compression: thriftwire.CompressionNone},
		&thriftwire.PrepareCQL3QueryArgs{Compression: thriftwire.CompressionNone},
		&thriftwire.ExecutePreparedCQLQueryArgs{},
		&thriftwire.ExecutePreparedCQL3QueryArgs{Consistency: one},
	} {
		c.refused(args, why)
	}
	if id := must[*thriftwire.TraceNextQueryResult](c, &thriftwire.TraceNextQueryArgs{}).Success; len(id) != 16 || id[6]>>4 != 1 {
		t.Errorf("trace_next_query returns %x, want a time UUID", id)
	}
}
