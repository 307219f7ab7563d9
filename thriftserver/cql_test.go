package thriftserver_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
)

const marshal = "org.apache.cassandra.db.marshal."

// describedFamilies creates the keyspace that the tests read in the tables of the schema.
func describedFamilies() *thriftwire.SystemAddKeyspaceArgs {
	some := thriftwire.Some[string]
	ks := thriftwire.KsDef{Name: "K", StrategyClass: "SimpleStrategy", StrategyOptions: []thriftwire.Entry[string, string]{{Key: "replication_factor", Value: "1"}}}
	ks.CfDefs = []thriftwire.CfDef{
		{
			Keyspace: "K", Name: "Utf", ComparatorType: some("UTF8Type"), DefaultValidationClass: some("UTF8Type"), KeyValidationClass: some("UTF8Type"),
			Comment: some("a 'comment' <ü>\n"), KeyAlias: b("my\"key"),
			ColumnMetadata: []thriftwire.ColumnDef{
				{Name: b("bé"), ValidationClass: "UTF8Type"},
				{Name: b("age"), ValidationClass: "LongType", IndexType: thriftwire.Some(thriftwire.IndexTypeKeys), IndexName: some("age_idx")},
			},
		},
		{Keyspace: "K", Name: "Bytes", ColumnMetadata: []thriftwire.ColumnDef{{Name: b("\x00\x01\xff"), ValidationClass: "AsciiType"}}},
		{
			Keyspace: "K", Name: "Super", ColumnType: some("Super"), ComparatorType: some("UTF8Type"), SubcomparatorType: some("LongType"),
			ColumnMetadata: []thriftwire.ColumnDef{{Name: b("\x00\x00\x00\x00\x00\x00\x00\x09"), ValidationClass: "UTF8Type"}},
		},
		{Keyspace: "K", Name: "Compo", ComparatorType: some("CompositeType(UTF8Type,ReversedType(LongType))"), DefaultValidationClass: some("CounterColumnType")},
	}
	return &thriftwire.SystemAddKeyspaceArgs{KsDef: ks}
}

// TestSchemaTables sends the queries of Hadoop's input format, Pig's storage function and
// cassandra-cli, and some queries that no client sends. The expected answers are those of Cassandra
// 1.2.19.
func TestSchemaTables(t *testing.T) {
	c := dial(t, servertest.Start(t, openMemory(t, newClock(), ""), nil))
	must[*thriftwire.SystemAddKeyspaceResult](c, describedFamilies())
	const families, columns = " FROM system.schema_columnfamilies WHERE keyspace_name = 'K'   AND columnfamily_name = 'Utf'", " FROM system.schema_columns WHERE keyspace_name = 'K'"
	for _, tt := range []struct {
		statement string
		want      []string // a line for each row
	}{
		{"SELECT comparator,       subcomparator" + families + " ", []string{"comparator=" + marshal + "UTF8Type subcomparator"}},
		{"SELECT comparator,       subcomparator,       type" + families, []string{"comparator=" + marshal + "UTF8Type subcomparator type=Standard"}},
		{
			"SELECT type,       comparator,       subcomparator,       default_validator,       key_validator,       key_aliases" + families,
			[]string{`type=Standard comparator=` + marshal + `UTF8Type subcomparator default_validator=` + marshal + `UTF8Type key_validator=` + marshal + `UTF8Type key_aliases=["my\"key"]`},
		},
		{
			"SELECT comparator, subcomparator FROM system.schema_columnfamilies WHERE keyspace_name = 'K' AND columnfamily_name = 'Super'",
			[]string{"comparator=" + marshal + "UTF8Type subcomparator=" + marshal + "LongType"},
		},
		{
			"SELECT column_name,        validator,        index_type" + columns + "   AND columnfamily_name = 'Utf'",
			[]string{"column_name=age validator=" + marshal + "LongType index_type=KEYS", "column_name=bé validator=" + marshal + "UTF8Type index_type"},
		},
		{
			"SELECT column_name, validator, index_type, type" + columns + " AND columnfamily_name = 'Bytes'",
			[]string{"column_name=0001ff validator=" + marshal + "AsciiType index_type type=regular"},
		},
		{
			"SELECT columnfamily_name, comparator, default_validator, key_validator FROM system.schema_columnfamilies WHERE keyspace_name='K'",
			[]string{
				"columnfamily_name=Bytes comparator=" + marshal + "BytesType default_validator=" + marshal + "BytesType key_validator=" + marshal + "BytesType",
				"columnfamily_name=Compo comparator=" + marshal + "CompositeType(" + marshal + "UTF8Type," + marshal + "ReversedType(" + marshal + "LongType)) default_validator=" + marshal + "CounterColumnType key_validator=" + marshal + "BytesType",
				"columnfamily_name=Super comparator=" + marshal + "UTF8Type default_validator=" + marshal + "BytesType key_validator=" + marshal + "BytesType",
				"columnfamily_name=Utf comparator=" + marshal + "UTF8Type default_validator=" + marshal + "UTF8Type key_validator=" + marshal + "UTF8Type",
			},
		},
		{
			"SELECT *" + columns,
			[]string{
				"keyspace_name=K columnfamily_name=Bytes column_name=0001ff component_index index_name index_options index_type validator=" + marshal + "AsciiType",
				"keyspace_name=K columnfamily_name=Super column_name=9 component_index index_name index_options index_type validator=" + marshal + "UTF8Type",
				"keyspace_name=K columnfamily_name=Utf column_name=age component_index index_name=age_idx index_options index_type=KEYS validator=" + marshal + "LongType",
				"keyspace_name=K columnfamily_name=Utf column_name=bé component_index index_name index_options index_type validator=" + marshal + "UTF8Type",
			},
		},
		{
			"SELECT *" + families, []string{"keyspace_name=K columnfamily_name=Utf bloom_filter_fp_chance caching=KEYS_ONLY column_aliases=[] comment=a 'comment' <ü>\n " +
				"compaction_strategy_class=org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy compaction_strategy_options={} comparator=" + marshal + "UTF8Type " +
				`compression_parameters={"sstable_compression":"org.apache.cassandra.io.compress.SnappyCompressor"} default_validator=` + marshal + "UTF8Type " +
				"gc_grace_seconds=\x00\r/\x00 id key_alias key_aliases=[\"my\\\"key\"] key_validator=" + marshal + "UTF8Type local_read_repair_chance=\x00\x00\x00\x00\x00\x00\x00\x00 " +
				"max_compaction_threshold=\x00\x00\x00  min_compaction_threshold=\x00\x00\x00\x04 populate_io_cache_on_flush=\x00 " +
				"read_repair_chance=?\xb9\x99\x99\x99\x99\x99\x9a replicate_on_write=\x01 subcomparator type=Standard value_alias"},
		},
		{"select COMPARATOR, \"type\"\nFrom System . \"schema_columnfamilies\"\twhere COLUMNFAMILY_NAME='Utf'and KEYSPACE_NAME='K';", []string{"comparator=" + marshal + "UTF8Type type=Standard"}},
		{"SELECT comparator FROM system.schema_columnfamilies WHERE keyspace_name = 'K' AND columnfamily_name = 'Compo'", []string{"comparator=" + marshal + "CompositeType(" + marshal + "UTF8Type," + marshal + "ReversedType(" + marshal + "LongType))"}},
		{"SELECT comparator FROM system.schema_columnfamilies WHERE keyspace_name = 'K' AND columnfamily_name = 'utf'", nil},
		{"SELECT comparator FROM system.schema_columnfamilies WHERE keyspace_name = 'K' AND columnfamily_name = 'Ut''f'", nil},
		{"SELECT comparator FROM system.schema_columnfamilies WHERE keyspace_name = 'None' AND columnfamily_name = 'Utf'", nil},
		{"SELECT comparator FROM system.schema_columnfamilies WHERE keyspace_name = 'system'", nil},
	} {
		result := must[*thriftwire.ExecuteCQL3QueryResult](c, read(tt.statement)).Success
		if result.Type != thriftwire.CqlResultTypeRows || result.Rows == nil {
			t.Errorf("%s: %+v, want rows", tt.statement, result)
		}
		var got []string
		for _, row := range result.Rows {
			if len(row.Key) != 0 {
				t.Errorf("%s: the row has the key %q", tt.statement, row.Key)
			}
			got = append(got, line(t, result.Schema, row.Columns))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-Cassandra +here):\n%s", tt.statement, diff)
		}
	}
}

// line formats the columns of a row. A null column has no value. types must have the type of every column.
func line(t *testing.T, types *thriftwire.CqlMetadata, columns []thriftwire.Column) string {
	t.Helper()
	if types.DefaultNameType != "UTF8Type" || types.DefaultValueType != "UTF8Type" || len(types.NameTypes) != len(columns) || len(types.ValueTypes) != len(columns) {
		t.Errorf("the types of the result are %+v", types)
		return ""
	}
	var texts []string
	for i, c := range columns {
		class := marshal + "UTF8Type"
		switch {
		case strings.HasSuffix(string(c.Name), "_chance"):
			class = marshal + "DoubleType"
		case strings.HasSuffix(string(c.Name), "_threshold"), strings.HasSuffix(string(c.Name), "_seconds"), string(c.Name) == "id", string(c.Name) == "component_index":
			class = marshal + "Int32Type"
		case strings.HasSuffix(string(c.Name), "_on_write"), strings.HasSuffix(string(c.Name), "_on_flush"):
			class = marshal + "BooleanType"
		}
		if name, value := types.NameTypes[i], types.ValueTypes[i]; string(name.Key) != string(c.Name) || name.Value != "UTF8Type" || string(value.Key) != string(c.Name) || value.Value != class {
			t.Errorf("the types of %s are %s %s and %s %s", c.Name, name.Key, name.Value, value.Key, value.Value)
		}
		if c.Timestamp.Set || c.TTL.Set {
			t.Errorf("%s has a timestamp or a TTL", c.Name)
		}
		text := string(c.Name)
		if c.Value != nil {
			text += "=" + string(c.Value)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}

func read(statement string) *thriftwire.ExecuteCQL3QueryArgs {
	return &thriftwire.ExecuteCQL3QueryArgs{Query: b(statement), Compression: thriftwire.CompressionNone, Consistency: one}
}

// TestSchemaTableOfTheSession names the table without its keyspace.
func TestSchemaTableOfTheSession(t *testing.T) {
	c := dial(t, servertest.Start(t, openMemory(t, newClock(), ""), nil))
	statement := read("SELECT type FROM schema_columnfamilies WHERE keyspace_name = 'K'")
	if _, err := c.call(statement); err == nil {
		t.Error("no keyspace is set: no error")
	}
	must[*thriftwire.SetKeyspaceResult](c, &thriftwire.SetKeyspaceArgs{Keyspace: "system"})
	must[*thriftwire.ExecuteCQL3QueryResult](c, statement)
}

// The server refuses any other query of the tables: like all CQL, or with Cassandra's reason if
// that reason is certain.
func TestSchemaTablesRefuse(t *testing.T) {
	c := dial(t, servertest.Start(t, openMemory(t, newClock(), ""), nil))
	must[*thriftwire.SystemAddKeyspaceResult](c, describedFamilies())
	const why = "CQL is not supported over Thrift by this server: use the calls for column families, such as get_slice and batch_mutate, or the native protocol of a Cassandra node"
	const where = " FROM system.schema_columnfamilies WHERE keyspace_name = 'K'"
	for _, statement := range []string{
		"", ";", "SELECT", "SELECT ,", "SELECT comparator", "SELECT FROM", "SELECT comparator FROM system.schema_columnfamilies",
		"SELECT comparator FROM system.schema_columnfamilies WHERE columnfamily_name = 'Utf'",
		"SELECT comparator FROM system.schema_keyspaces WHERE keyspace_name = 'K'",
		"SELECT comparator FROM schema_columnfamilies WHERE keyspace_name = 'K'",
		"SELECT comparator FROM K.schema_columnfamilies WHERE keyspace_name = 'K'",
		"SELECT comparator FROM \"System\".schema_columnfamilies WHERE keyspace_name = 'K'",
		"SELECT comparator FROM system.schema_columnfamilies WHERE keyspace_name = \"K\"",
		"SELECT comparator FROM system.schema_columnfamilies WHERE keyspace_name = 'K",
		"SELECT comparator FROM system.schema_columnfamilies WHERE keyspace_name IN ('K')",
		"SELECT comparator" + where + " AND keyspace_name = 'K'",
		"SELECT comparator" + where + " AND comparator = 'x'",
		"SELECT comparator" + where + " LIMIT 1",
		"SELECT comparator" + where + "; DROP KEYSPACE K",
		"SELECT comparator" + where + " -- comment",
		"SELECT comparator AS c" + where,
		"SELECT comparator, comparator" + where,
		"SELECT count(*)" + where,
		"SELECT *, comparator" + where,
		"SELECT comparator" + where + strings.Repeat(" ", 64<<10),
		"INSERT INTO system.schema_columnfamilies (keyspace_name) VALUES ('K')",
		"DROP KEYSPACE K", "SELECT * FROM K.Utf WHERE key = 'x'",
	} {
		c.refused(read(statement), why)
	}
	c.refused(read("SELECT foo"+where), "Undefined name foo in selection clause")
	c.refused(read("SELECT \"Type\""+where), "Undefined name Type in selection clause")
	packed := read("SELECT comparator" + where)
	packed.Compression = thriftwire.CompressionGzip
	c.refused(packed, why)
}

// The time to parse a statement grows linearly with its length.
func TestLongStatements(t *testing.T) {
	c := dial(t, servertest.Start(t, openMemory(t, newClock(), ""), nil))
	for _, part := range []string{"'", "''", "\"", "a,", "a ", "* ", "SELECT ", " ", "WHERE a='b' AND "} {
		statement := "SELECT " + strings.Repeat(part, 60<<10/len(part))
		if _, err := c.call(read(statement)); err == nil {
			t.Errorf("%s…: no error", fmt.Sprintf("%.20s", statement))
		}
	}
}
