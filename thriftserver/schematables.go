package thriftserver

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/catalog"
	"github.com/widerow/widerow/schema"
)

// A schemaTable is a table of Cassandra's keyspace system that describes column families.
type schemaTable struct {
	columns []schemaColumn
	// rows returns what the rows of a family describe: columns, or nil, once, for the family itself.
	rows func(f *schema.Family) []*schema.Column
}

// A schemaColumn is a column of such a table. Its value is nil where it is null.
type schemaColumn struct {
	name, class string
	later       bool // only versions later than 1.2 have it: * does not stand for it
	value       func(f *schema.Family, c *schema.Column) []byte
}

// Classes of the values.
const (
	textClass    = "org.apache.cassandra.db.marshal.UTF8Type"
	int32Class   = "org.apache.cassandra.db.marshal.Int32Type"
	doubleClass  = "org.apache.cassandra.db.marshal.DoubleType"
	booleanClass = "org.apache.cassandra.db.marshal.BooleanType"
)

// schemaTables are the tables that can be read by CQL, in the form of Cassandra 1.2.19.
var schemaTables = map[string]*schemaTable{
	"schema_columnfamilies": {
		rows: func(*schema.Family) []*schema.Column { return []*schema.Column{nil} },
		columns: []schemaColumn{
			ofFamily("keyspace_name", textClass, func(f *schema.Family) []byte { return []byte(f.Keyspace) }),
			ofFamily("columnfamily_name", textClass, func(f *schema.Family) []byte { return []byte(f.Name) }),
			ofFamily("bloom_filter_fp_chance", doubleClass, func(f *schema.Family) []byte { return doubleValue(f.BloomFilterFPChance) }),
			ofFamily("caching", textClass, func(f *schema.Family) []byte { return []byte(cmp.Or(f.Caching, "KEYS_ONLY")) }),
			ofFamily("column_aliases", textClass, func(*schema.Family) []byte { return []byte("[]") }),
			ofFamily("comment", textClass, func(f *schema.Family) []byte { return []byte(f.Comment) }),
			ofFamily("compaction_strategy_class", textClass, func(f *schema.Family) []byte { return []byte(f.CompactionStrategy) }),
			ofFamily("compaction_strategy_options", textClass, func(f *schema.Family) []byte { return jsonValue(notNil(f.CompactionStrategyOptions)) }),
			ofFamily("comparator", textClass, func(f *schema.Family) []byte { return []byte(f.Comparator) }),
			ofFamily("compression_parameters", textClass, func(f *schema.Family) []byte { return jsonValue(notNil(f.CompressionOptions)) }),
			ofFamily("default_validator", textClass, func(f *schema.Family) []byte { return []byte(f.DefaultValidator) }),
			ofFamily("gc_grace_seconds", int32Class, func(f *schema.Family) []byte { return int32Value(f.GCGraceSeconds) }),
			ofFamily("id", int32Class, func(*schema.Family) []byte { return nil }),
			ofFamily("key_alias", textClass, func(*schema.Family) []byte { return nil }),
			ofFamily("key_aliases", textClass, keyAliases),
			ofFamily("key_validator", textClass, func(f *schema.Family) []byte { return []byte(f.KeyValidator) }),
			ofFamily("local_read_repair_chance", doubleClass, func(f *schema.Family) []byte { return doubleValue(f.DCLocalReadRepairChance) }),
			ofFamily("max_compaction_threshold", int32Class, func(f *schema.Family) []byte { return int32Value(f.MaxCompactionThreshold) }),
			ofFamily("min_compaction_threshold", int32Class, func(f *schema.Family) []byte { return int32Value(f.MinCompactionThreshold) }),
			ofFamily("populate_io_cache_on_flush", booleanClass, func(f *schema.Family) []byte { return booleanValue(f.PopulateIOCacheOnFlush) }),
			ofFamily("read_repair_chance", doubleClass, func(f *schema.Family) []byte { return doubleValue(f.ReadRepairChance) }),
			ofFamily("replicate_on_write", booleanClass, func(f *schema.Family) []byte { return booleanValue(f.ReplicateOnWrite) }),
			ofFamily("subcomparator", textClass, func(f *schema.Family) []byte { return textValue(f.Subcomparator) }),
			ofFamily("type", textClass, func(f *schema.Family) []byte { return []byte(cmp.Or(f.Type, schema.Standard)) }),
			ofFamily("value_alias", textClass, func(*schema.Family) []byte { return nil }),
		},
	},
	"schema_columns": {
		rows: describedColumns,
		columns: []schemaColumn{
			ofFamily("keyspace_name", textClass, func(f *schema.Family) []byte { return []byte(f.Keyspace) }),
			ofFamily("columnfamily_name", textClass, func(f *schema.Family) []byte { return []byte(f.Name) }),
			{name: "column_name", class: textClass, value: func(f *schema.Family, c *schema.Column) []byte { return []byte(columnText(f, c)) }},
			ofColumn("component_index", int32Class, func(*schema.Column) []byte { return nil }),
			ofColumn("index_name", textClass, func(c *schema.Column) []byte { return textValue(c.IndexName) }),
			ofColumn("index_options", textClass, indexOptions),
			ofColumn("index_type", textClass, func(c *schema.Column) []byte { return indexType(c) }),
			ofColumn("validator", textClass, func(c *schema.Column) []byte { return []byte(c.Validator) }),
			{name: "type", class: textClass, later: true, value: func(*schema.Family, *schema.Column) []byte { return []byte("regular") }},
		},
	},
}

func ofFamily(name, class string, value func(*schema.Family) []byte) schemaColumn {
	return schemaColumn{name: name, class: class, value: func(f *schema.Family, _ *schema.Column) []byte { return value(f) }}
}

func ofColumn(name, class string, value func(*schema.Column) []byte) schemaColumn {
	return schemaColumn{name: name, class: class, value: func(_ *schema.Family, c *schema.Column) []byte { return value(c) }}
}

// choose returns the columns of the table by their names, or for nil all that 1.2 has. A name that is
// there twice is refused, so that no reply is much longer than the schema.
func (t *schemaTable) choose(names []string) ([]schemaColumn, error) {
	if names == nil {
		return slices.DeleteFunc(slices.Clone(t.columns), func(c schemaColumn) bool { return c.later }), nil
	}
	var chosen []schemaColumn
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, errCQL
		}
		at := slices.IndexFunc(t.columns, func(c schemaColumn) bool { return c.name == name })
		if at < 0 {
			return nil, backend.InvalidRequest("Undefined name %s in selection clause", name)
		}
		chosen = append(chosen, t.columns[at])
	}
	return chosen, nil
}

// describedColumns returns the columns that a family describes, in the order of their names as text.
func describedColumns(f *schema.Family) []*schema.Column {
	columns := make([]*schema.Column, len(f.Columns))
	for i := range f.Columns {
		columns[i] = &f.Columns[i]
	}
	slices.SortFunc(columns, func(a, b *schema.Column) int { return strings.Compare(columnText(f, a), columnText(f, b)) })
	return columns
}

// columnText returns the name of a described column as text; in a super family, that of a subcolumn.
func columnText(f *schema.Family, c *schema.Column) string {
	class := f.Comparator
	if f.IsSuper() {
		class = f.Subcomparator
	}
	return catalog.Text(class, c.Name)
}

func keyAliases(f *schema.Family) []byte {
	if len(f.KeyAlias) == 0 {
		return []byte("[]")
	}
	return jsonValue([]string{string(f.KeyAlias)})
}

func indexType(c *schema.Column) []byte {
	if c.Index == schema.NoIndex {
		return nil
	}
	return []byte(c.Index.String())
}

func indexOptions(c *schema.Column) []byte {
	if c.IndexOptions == nil {
		return nil
	}
	return jsonValue(c.IndexOptions)
}

func notNil(options map[string]string) map[string]string {
	if options == nil {
		return map[string]string{}
	}
	return options
}

// jsonValue returns v, which has nothing but strings, as JSON.
func jsonValue(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // strings have a form in JSON
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func textValue(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

func int32Value(v *int32) []byte {
	if v == nil {
		return nil
	}
	return binary.BigEndian.AppendUint32(nil, uint32(*v))
}

func doubleValue(v *float64) []byte {
	if v == nil {
		return nil
	}
	return binary.BigEndian.AppendUint64(nil, math.Float64bits(*v))
}

func booleanValue(v *bool) []byte {
	switch {
	case v == nil:
		return nil
	case *v:
		return []byte{1}
	}
	return []byte{0}
}
