package catalog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/schema"
)

const full = "org.apache.cassandra.db.marshal."

// columns returns descriptions of columns for a family.
func columns(c ...schema.Column) []schema.Column { return append([]schema.Column{}, c...) }

func TestCreateFamilyReasons(t *testing.T) {
	long := strings.Repeat("a", 49)
	badName := `ColumnFamily name must not be empty, more than 48 characters long, or contain non-alphanumeric-underscore characters (got "%")`
	utf8 := func(name string) schema.Column { return schema.Column{Name: []byte(name), Validator: "UTF8Type"} }
	index := func(name, indexName string) schema.Column {
		c := indexedColumn(name, "UTF8Type")
		c.IndexName = indexName
		return c
	}
	indexOf := func(kind schema.IndexType, options map[string]string) []schema.Column {
		return columns(schema.Column{Name: []byte("a"), Validator: "UTF8Type", Index: kind, IndexOptions: options})
	}
	counter := schema.Column{Name: []byte("a"), Validator: "CounterColumnType"}

	c := app(t, schema.Family{Name: "S", Columns: columns(index("a", "taken"))})
	c = apply(t, c, schema.CreateKeyspace{Keyspace: schema.Keyspace{Name: "other", Families: []schema.Family{
		{Name: "Far", Columns: columns(index("a", "far"))},
		{Name: "New", Columns: columns(index("a", "namesake"))},
	}}})
	for _, test := range []struct {
		name string
		def  schema.Family
		want string
	}{
		{"plain", schema.Family{}, ""},
		{"exists", schema.Family{Name: "S"}, `Cannot add already existing column family "S" to keyspace "app"`},
		{"exists in another case", schema.Family{Name: "s"}, ""},
		{"bad name", schema.Family{Name: "a-b"}, strings.Replace(badName, "%", "a-b", 1)},
		{"name too long", schema.Family{Name: long}, strings.Replace(badName, "%", long, 1)},
		{"longest name", schema.Family{Name: long[1:]}, ""},
		{"no keyspace", schema.Family{Keyspace: "nope"}, "Cannot add column family 'New' to non existing keyspace 'nope'."},
		{"1.2: allowed, and the node breaks", schema.Family{Keyspace: "system"}, "system keyspace is not user-modifiable"},

		{"super", schema.Family{Type: "Super"}, ""},
		{"unknown type", schema.Family{Type: "Nope"}, "Invalid column type Nope"},
		{"type in another case", schema.Family{Type: "super"}, "Invalid column type super"},

		{"unknown comparator", schema.Family{Comparator: "NopeType"}, "Unable to find abstract-type class '" + full + "NopeType'"},
		{"unknown comparator in full", schema.Family{Comparator: "a.b.NopeType"}, "Unable to find abstract-type class 'a.b.NopeType'"},
		{"unknown comparator with parameters", schema.Family{Comparator: "NopeType(UTF8Type)"}, "Unable to find abstract-type class '" + full + "NopeType'"},
		{"unknown subcomparator", schema.Family{Type: "Super", Subcomparator: "NopeType"}, "Unable to find abstract-type class '" + full + "NopeType'"},
		{"unknown default validator", schema.Family{DefaultValidator: "NopeType"}, "Unable to find abstract-type class '" + full + "NopeType'"},
		{"unknown key validator", schema.Family{KeyValidator: "NopeType"}, "Unable to find abstract-type class '" + full + "NopeType'"},
		{"unknown validator", schema.Family{Columns: columns(schema.Column{Name: []byte("a"), Validator: "NopeType"})}, "Unable to find abstract-type class '" + full + "NopeType'"},
		{"composite", schema.Family{Comparator: "CompositeType(LongType,UTF8Type(reversed=true))"}, ""},
		{"dynamic composite", schema.Family{Comparator: "DynamicCompositeType(a=>UTF8Type,b=>LongType)"}, ""},
		{"composite within", schema.Family{Comparator: "CompositeType(CompositeType(LongType),UTF8Type)"}, ""},
		{"composite key", schema.Family{KeyValidator: "CompositeType(LongType,UTF8Type)"}, ""},
		{"a long class name", schema.Family{Comparator: strings.Repeat(" ", 65537)}, "the class name of a type has 65537 bytes, and the most is 65536"},
		{
			"a class name that is long in full",
			schema.Family{DefaultValidator: "CompositeType(" + strings.Repeat("LongType,", 2000) + "LongType)"},
			"the class name of a type has 82087 bytes, and the most is 65536",
		},
		{"composite cut off", schema.Family{Comparator: "CompositeType(UTF8Type"}, "Invalid definition for comparator " + full + "CompositeType."},
		{"composite of an unknown type", schema.Family{Comparator: "CompositeType(NopeType)"}, "Invalid definition for comparator " + full + "CompositeType."},
		{"1.2: fails inside", schema.Family{Comparator: "CompositeType"}, "Invalid definition for comparator " + full + "CompositeType."},
		{"1.2: fails inside, too", schema.Family{Comparator: "CompositeType()"}, "Invalid definition for comparator " + full + "CompositeType."},
		{"1.2: ignores what follows", schema.Family{Comparator: "UTF8Type)"}, "Invalid definition for comparator " + full + "UTF8Type)."},
		{"reversed nothing", schema.Family{Comparator: "ReversedType"}, "Invalid definition for comparator " + full + "ReversedType."},
		{"reversed twice", schema.Family{Comparator: "ReversedType(UTF8Type,LongType)"}, "Invalid definition for comparator " + full + "ReversedType."},
		{"bad alias", schema.Family{Comparator: "DynamicCompositeType(ab=>UTF8Type)"}, "Invalid definition for comparator " + full + "DynamicCompositeType."},
		{"no alias", schema.Family{Comparator: "DynamicCompositeType(UTF8Type)"}, "Invalid definition for comparator " + full + "DynamicCompositeType."},
		{"subcomparator of a standard family", schema.Family{Subcomparator: "UTF8Type"}, "Subcolumn comparator (" + full + "UTF8Type) is invalid for standard column family New"},
		{"counter comparator", schema.Family{Comparator: "CounterColumnType"}, "CounterColumnType is not a valid comparator"},
		{"counter subcomparator", schema.Family{Type: "Super", Subcomparator: "CounterColumnType"}, "CounterColumnType is not a valid sub-column comparator"},
		{"counter key", schema.Family{KeyValidator: "CounterColumnType"}, "CounterColumnType is not a valid key validator"},
		{"1.2: allowed", schema.Family{Comparator: "CompositeType(UTF8Type,CounterColumnType)"}, "CounterColumnType is not a valid comparator"},
		{"1.2: allowed, too", schema.Family{DefaultValidator: "ReversedType(CounterColumnType)"}, "CounterColumnType is not a valid parameter of a default validator"},

		{"counters", schema.Family{DefaultValidator: "CounterColumnType", Columns: columns(counter)}, ""},
		{"counters in super columns", schema.Family{Type: "Super", DefaultValidator: "CounterColumnType"}, ""},
		{"other column among counters", schema.Family{Comparator: "UTF8Type", DefaultValidator: "CounterColumnType", Columns: columns(utf8("a"))}, "Cannot add a non counter column (a) in a counter column family"},
		{"counter among others", schema.Family{Comparator: "UTF8Type", Columns: columns(counter)}, "Cannot add a counter column (a) in a non counter column family"},
		{"1.2: allowed, and of no use", schema.Family{DefaultValidator: "CounterColumnType", Columns: columns(indexedColumn("a", "CounterColumnType"))}, "Secondary indexes are not supported on counter column families"},

		{"1.2: A long is exactly 8 bytes: 3", schema.Family{Comparator: "LongType", Columns: columns(utf8("abc"))}, "Column name 616263 is not valid for comparator " + full + "LongType"},
		{"column name", schema.Family{Comparator: "CompositeType(LongType,UTF8Type)", Columns: columns(utf8("abc"))}, "Column name 616263 is not valid for comparator " + full + "CompositeType(" + full + "LongType," + full + "UTF8Type)"},
		{"subcolumn name", schema.Family{Type: "Super", Comparator: "LongType", Subcomparator: "UTF8Type", Columns: columns(utf8("abc"))}, ""},
		{"empty column name", schema.Family{Comparator: "UTF8Type", Columns: columns(utf8(""))}, ""},

		{"index", schema.Family{Columns: columns(indexedColumn("a", "UTF8Type"))}, ""},
		{"index of super", schema.Family{Type: "Super", Columns: columns(indexedColumn("a", "UTF8Type"))}, "Secondary indexes are not supported on super column families"},
		{"index name alone", schema.Family{Columns: columns(schema.Column{Name: []byte("a"), Validator: "UTF8Type", IndexName: "x"})}, "Index name cannot be set without index type"},
		{"index name", schema.Family{Columns: columns(index("a", "a-b"))}, "Illegal index name a-b"},
		{"long index name", schema.Family{Columns: columns(index("a", strings.Repeat("x", 60)))}, ""},
		{"index name twice", schema.Family{Columns: columns(index("a", "i"), index("b", "i"))}, "Duplicate index name i"},
		{"index name of another family", schema.Family{Columns: columns(index("a", "taken"))}, "Duplicate index name taken"},
		{"index name of another keyspace", schema.Family{Columns: columns(index("a", "far"))}, "Duplicate index name far"},
		{"index name of a namesake", schema.Family{Columns: columns(index("a", "namesake"))}, ""},
		{"index options", schema.Family{Columns: indexOf(schema.KeysIndex, map[string]string{"x": "y"})}, ""},
		{"custom index without class", schema.Family{Columns: indexOf(schema.CustomIndex, nil)}, "Required index option missing: class_name"},
		{"1.2: fails inside for a class that it has not", schema.Family{Columns: indexOf(schema.CustomIndex, map[string]string{"class_name": "a.B"})}, "index New_61_idx: CUSTOM indexes are not supported; use KEYS"},
		{"1.2: fails inside for a Thrift family", schema.Family{Columns: indexOf(schema.CompositesIndex, nil)}, "index New_61_idx: COMPOSITES indexes are for CQL3 tables; use KEYS"},
		{"unknown index type", schema.Family{Columns: indexOf(9, nil)}, "Unknown index type: 8"},

		{"key alias", schema.Family{KeyAlias: []byte("id")}, ""},
		{"key alias of a column", schema.Family{KeyAlias: []byte("KEY"), Columns: columns(utf8("KEY"))}, "Cannot have key alias equals to a column name: KEY"},
		{"key alias not text", schema.Family{KeyAlias: []byte{0xff}}, "invalid UTF8 bytes ff"},

		{"gc_grace 0", schema.Family{GCGraceSeconds: new(int32(0))}, ""},
		{"gc_grace below 0", schema.Family{GCGraceSeconds: new(int32(-1))}, ""},
		{"chance above 1", schema.Family{ReadRepairChance: new(2.0)}, ""},
		{"1.2: allowed; JSON has no such number", schema.Family{ReadRepairChance: new(nan)}, "chances must be numbers, not NaN (column family New)"},
		{"default TTL", schema.Family{DefaultTTL: new(int32(60))}, ""},
		{"default TTL below 0", schema.Family{DefaultTTL: new(int32(-1))}, "default_time_to_live must be greater than or equal to 0 (got -1)"},
		{"long default TTL", schema.Family{DefaultTTL: new(int32(630720001))}, "default_time_to_live must be less than or equal to 630720000 (got 630720001)"},
		{"default TTL of counters", schema.Family{DefaultTTL: new(int32(60)), DefaultValidator: "CounterColumnType"}, "Cannot set default_time_to_live on a table with counters"},
		{"no default TTL of counters", schema.Family{DefaultTTL: new(int32(0)), DefaultValidator: "CounterColumnType"}, ""},
		{"flush period", schema.Family{MemtableFlushPeriodMillis: new(int32(-1))}, "memtable_flush_period_in_ms must be greater than or equal to 0 (got -1)"},
		{"index interval", schema.Family{IndexInterval: new(int32(0))}, "index_interval must be greater than or equal to 1 (got 0)"},
		{"least index interval", schema.Family{MinIndexInterval: new(int32(0))}, "min_index_interval must be greater than or equal to 1 (got 0)"},
		{"index intervals", schema.Family{MaxIndexInterval: new(int32(100))}, "max_index_interval must be greater than or equal to 128 (got 100)"},
		{"no default TTL", schema.Family{DefaultTTL: new(int32(0))}, ""},
		{"1.2: ignored, too", schema.Family{Triggers: []schema.Trigger{{Name: "t"}}}, "triggers are not supported (column family New)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.def.Name == "" {
				test.def.Name = "New"
			}
			if test.def.Keyspace == "" {
				test.def.Keyspace = "app"
			}
			_, err := c.Apply(schema.CreateFamily{Family: test.def})
			checkReason(t, err, test.want)
		})
	}
	_, err := c.Apply(schema.CreateFamily{Family: schema.Family{Keyspace: "app"}})
	checkReason(t, err, strings.Replace(badName, "%", "", 1))
	_, err = c.Apply(schema.CreateFamily{Family: schema.Family{Name: "New"}})
	checkReason(t, err, "no keyspace has been specified")
}

func TestDropFamilyReasons(t *testing.T) {
	c := app(t, schema.Family{Name: "S"})
	for _, test := range []struct{ keyspace, name, want string }{
		{"app", "S", ""},
		{"app", "nope", "unconfigured columnfamily nope"},
		{"nope", "S", "Keyspace 'nope' does not exist"},
		{"system", "Schema", "system keyspace is not user-modifiable"},
	} {
		_, err := c.Apply(schema.DropFamily{Keyspace: test.keyspace, Name: test.name})
		checkReason(t, err, test.want)
	}
}

func TestComparatorChanges(t *testing.T) {
	for _, test := range []struct {
		from, to   string
		compatible bool
	}{
		{"UTF8Type", "BytesType", true},
		{"AsciiType", "BytesType", true},
		{"AsciiType", "UTF8Type", true},
		{"UTF8Type", "AsciiType", false},
		{"BytesType", "UTF8Type", false},
		{"BytesType", "LongType", false},
		{"IntegerType", "LongType", false},
		{"LongType", "IntegerType", false},
		{"IntegerType", "Int32Type", false},
		{"LongType", "DateType", false},
		{"UUIDType", "TimeUUIDType", false},
		{"TimeUUIDType", "UUIDType", false},
		{"LexicalUUIDType", "UUIDType", false},
		{"ReversedType(UTF8Type)", "ReversedType(UTF8Type)", true},
		{"ReversedType(UTF8Type)", "ReversedType(BytesType)", false},
		{"UTF8Type", "ReversedType(UTF8Type)", false},
		{"CompositeType(UTF8Type)", "CompositeType(UTF8Type,LongType)", true},
		{"CompositeType(UTF8Type)", "CompositeType(BytesType)", true},
		{"CompositeType(UTF8Type,LongType)", "CompositeType(UTF8Type)", false},
		{"CompositeType(ReversedType(UTF8Type))", "CompositeType(ReversedType(BytesType))", false},
		{"UTF8Type", "CompositeType(UTF8Type)", false},
		{"DynamicCompositeType(a=>UTF8Type)", "DynamicCompositeType(a=>UTF8Type,b=>LongType)", true},
		{"DynamicCompositeType(a=>UTF8Type)", "DynamicCompositeType(b=>UTF8Type)", false},
		{"DynamicCompositeType(a=>UTF8Type)", "DynamicCompositeType(a=>BytesType)", false},
	} {
		for _, super := range []bool{false, true} {
			from := schema.Family{Keyspace: "app", Name: "F", Comparator: test.from}
			to := schema.Family{Keyspace: "app", Name: "F", Comparator: test.to}
			want := "comparators do not match or are not compatible."
			if super {
				from.Type, from.Comparator, from.Subcomparator = schema.Super, "", test.from
				to.Comparator, to.Subcomparator = "", test.to
				want = "subcolumncomparators do not match or are note compatible."
			}
			if test.compatible {
				want = ""
			}
			t.Run(test.from+" to "+test.to, func(t *testing.T) {
				_, err := app(t, from).Apply(schema.AlterFamily{Family: to})
				checkReason(t, err, want)
			})
		}
	}
}

func TestAlterFamilyReasons(t *testing.T) {
	named := func(name, validator, indexName string) schema.Column {
		c := indexedColumn(name, validator)
		c.IndexName = indexName
		return c
	}
	c := app(t,
		schema.Family{Name: "S", Comparator: "UTF8Type", Columns: columns(named("a", "UTF8Type", "ia"))},
		schema.Family{Name: "Sup", Type: schema.Super}, schema.Family{Name: "C", DefaultValidator: "CounterColumnType"})
	for _, test := range []struct {
		name   string
		change schema.Family
		want   string
	}{
		{"nothing", schema.Family{}, ""},
		{"missing", schema.Family{Name: "Nope"}, "Could not find column family definition to modify."},
		{"missing keyspace", schema.Family{Keyspace: "nope"}, "Could not find column family definition to modify."},
		{"id", schema.Family{ID: new(int32(7))}, ""},
		{"type", schema.Family{Type: "Super", Columns: columns()}, "types do not match."},
		{"unknown type", schema.Family{Type: "Nope"}, "Invalid column type Nope"},
		{"super to standard", schema.Family{Name: "Sup", Type: "Standard"}, "Subcolumn comparator (" + full + "BytesType) is invalid for standard column family Sup"},
		{"subcomparator of a standard family", schema.Family{Subcomparator: "UTF8Type"}, "Subcolumn comparator (" + full + "UTF8Type) is invalid for standard column family S"},
		{"validators", schema.Family{DefaultValidator: "LongType", KeyValidator: "LongType"}, ""},
		{"1.2: allowed, and no column can be read", schema.Family{DefaultValidator: "CounterColumnType", Columns: columns()}, "a column family cannot change between counters and other columns"},
		{"1.2: allowed, and no counter can be read", schema.Family{Name: "C", DefaultValidator: "UTF8Type"}, "a column family cannot change between counters and other columns"},
		{"thresholds", schema.Family{MinCompactionThreshold: new(int32(50))}, "Min compaction threshold (got 50) cannot be greater than max compaction threshold (got 32)"},
		{"index without name", schema.Family{Columns: columns(indexedColumn("a", "UTF8Type"))}, ""},
		{"index name", schema.Family{Columns: columns(named("a", "UTF8Type", "ib"))}, "Can't modify index name: was 'ia' changed to 'ib'."},
		{"index to another column", schema.Family{Columns: columns(named("b", "UTF8Type", "ia"))}, ""},
		{"validator of an index", schema.Family{Columns: columns(indexedColumn("a", "BytesType"))}, ""},
		{"1.2: fails inside after this reason", schema.Family{Columns: columns(indexedColumn("a", "LongType"))}, "Cannot modify validator to a non-order-compatible one for column a since an index is set"},
		{"index to custom", schema.Family{Columns: columns(schema.Column{Name: []byte("a"), Validator: "UTF8Type", Index: schema.CustomIndex})}, "Required index option missing: class_name"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.change.Name == "" {
				test.change.Name = "S"
			}
			if test.change.Keyspace == "" {
				test.change.Keyspace = "app"
			}
			if test.change.Columns == nil && test.change.Name == "S" {
				test.change.Columns = columns(named("a", "UTF8Type", "ia"))
			}
			_, err := c.Apply(schema.AlterFamily{Family: test.change})
			checkReason(t, err, test.want)
		})
	}
}

// Set attributes replace the old values, other attributes keep them. Columns are replaced as a whole.
func TestAlterFamilyMerges(t *testing.T) {
	c := app(t, schema.Family{
		Name: "S", Comparator: "UTF8Type", DefaultValidator: "LongType", KeyValidator: "UTF8Type", KeyAlias: []byte("id"), Comment: "c",
		GCGraceSeconds: new(int32(77)), MinCompactionThreshold: new(int32(5)), ReadRepairChance: new(0.5), ReplicateOnWrite: new(false),
		Caching: "ALL", CompactionStrategy: "LeveledCompactionStrategy", CompactionStrategyOptions: map[string]string{"sstable_size_in_mb": "7"},
		CompressionOptions: map[string]string{}, Columns: columns(indexedColumn("a", "UTF8Type"), schema.Column{Name: []byte("b")}),
	})
	want := family(t, c, "S").Def.Clone()

	c = apply(t, c, schema.AlterFamily{Family: schema.Family{Keyspace: "app", Name: "S", Columns: want.Clone().Columns}})
	if diff := cmp.Diff(want, family(t, c, "S").Def); diff != "" {
		t.Errorf("altering nothing (-was +is):\n%s", diff)
	}
	c = apply(t, c, schema.AlterFamily{Family: schema.Family{
		Keyspace: "app", Name: "S", Comparator: "BytesType", GCGraceSeconds: new(int32(0)), KeyAlias: []byte{},
		CompactionStrategy: "SizeTieredCompactionStrategy", CompressionOptions: map[string]string{"sstable_compression": "LZ4Compressor"},
		Columns: columns(indexedColumn("a", "BytesType"), indexedColumn("c", "")),
	}})
	want.Comparator = full + "BytesType"
	want.GCGraceSeconds = new(int32(0))
	want.KeyAlias = []byte{}
	want.CompactionStrategy = compactionPackage + "SizeTieredCompactionStrategy"
	want.CompactionStrategyOptions = map[string]string{}
	want.CompressionOptions = map[string]string{"sstable_compression": compressionPackage + "LZ4Compressor"}
	want.Columns = []schema.Column{
		{Name: []byte("a"), Validator: full + "BytesType", Index: schema.KeysIndex, IndexName: "S_a_idx"},
		{Name: []byte("c"), Validator: full + "BytesType", Index: schema.KeysIndex, IndexName: "S_63_idx"},
	}
	if diff := cmp.Diff(want, family(t, c, "S").Def); diff != "" {
		t.Errorf("altering (-want +got):\n%s", diff)
	}
	c = apply(t, c, schema.AlterFamily{Family: schema.Family{Keyspace: "app", Name: "S"}})
	if f := family(t, c, "S"); len(f.Def.Columns) != 0 || len(f.Indexes) != 0 {
		t.Errorf("columns left: %v", f.Def.Columns)
	}
}

func TestAlterFamilyWhole(t *testing.T) {
	c := app(t, schema.Family{
		Name: "S", Comparator: "UTF8Type", Comment: "old", GCGraceSeconds: new(int32(5)), KeyAlias: []byte("id"),
		BloomFilterFPChance: new(0.5), Columns: columns(indexedColumn("a", "")),
	})
	plain := family(t, app(t, schema.Family{Name: "S", Comparator: "UTF8Type", ReadRepairChance: new(1.0)}), "S").Def
	c = apply(t, c, schema.AlterFamily{Whole: true, Family: schema.Family{
		Keyspace: "app", Name: "S", Comparator: "UTF8Type", ReadRepairChance: new(1.0),
	}})
	if diff := cmp.Diff(plain, family(t, c, "S").Def); diff != "" {
		t.Errorf("an attribute that is not set did not return to its default (-want +got):\n%s", diff)
	}
}

func TestIndexNames(t *testing.T) {
	c := app(t,
		schema.Family{Name: "T", Columns: columns(schema.Column{Name: []byte("a"), Index: schema.KeysIndex, IndexName: "T2_a_idx"})},
		schema.Family{Name: "T2", Comparator: "UTF8Type", Columns: columns(indexedColumn("a", ""), indexedColumn("b-é c", ""))},
		schema.Family{Name: "Bytes", Columns: columns(indexedColumn("a\xff", ""))},
		schema.Family{Name: "Long", Comparator: "LongType", Columns: columns(indexedColumn("\x00\x00\x00\x00\x00\x00\x00\x07", ""))},
		schema.Family{Name: "Minus", Comparator: "LongType", Columns: columns(indexedColumn("\xff\xff\xff\xff\xff\xff\xff\xff", ""))},
	)
	for name, want := range map[string][]string{
		"T2": {"T2_a_idx_1", "T2_bc_idx"}, "Bytes": {"Bytes_61ff_idx"}, "Long": {"Long_7_idx"}, "Minus": {"Minus_1_idx"},
	} {
		var got []string
		for _, index := range family(t, c, name).Indexes {
			got = append(got, index.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// An alteration over Thrift sets all attributes that Thrift knows. It keeps the other attributes.
func TestWholeAlterationKeepsAttributesOfCQL(t *testing.T) {
	def := schema.Family{
		Keyspace: "app", Name: "F", Comment: "before", AdditionalWritePolicy: "99p", ReadRepair: "NONE", CDC: new(true),
		Memtable: "trie", AllowAutoSnapshot: new(false), IncrementalBackups: new(true),
	}
	c := app(t, def)
	want := family(t, c, "F").Def.Clone()
	want.Comment = ""
	c, err := c.Apply(schema.AlterFamily{Family: schema.Family{Keyspace: "app", Name: "F"}, Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, family(t, c, "F").Def); diff != "" {
		t.Errorf("the definition (-want +got):\n%s", diff)
	}
}
