package cqlclient

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// schemaRows is the content of one node's system_schema. The rows are the results of SELECT JSON. Every version writes the shared fields
// in the same form, so equal texts are equal rows.
type schemaRows struct {
	version string // the node's schema_version
	release string // the node's release of Cassandra, such as "4.1.9"

	keyspaces, tables, columns, indexes, dropped, views []string
}

// keyspaceRow is a row of system_schema.keyspaces.
type keyspaceRow struct {
	Name        string            `json:"keyspace_name"`
	Durable     bool              `json:"durable_writes"`
	Replication map[string]string `json:"replication"`
}

// tableRow is a row of system_schema.tables.
type tableRow struct {
	Keyspace string   `json:"keyspace_name"`
	Name     string   `json:"table_name"`
	ID       string   `json:"id"`
	Flags    []string `json:"flags"`
	Comment  string   `json:"comment"`

	AdditionalWritePolicy   string            `json:"additional_write_policy"`
	AllowAutoSnapshot       *bool             `json:"allow_auto_snapshot"`
	BloomFilterFPChance     *float64          `json:"bloom_filter_fp_chance"`
	Caching                 map[string]string `json:"caching"`
	CDC                     *bool             `json:"cdc"`
	Compaction              map[string]string `json:"compaction"`
	Compression             map[string]string `json:"compression"`
	CRCCheckChance          *float64          `json:"crc_check_chance"`
	DCLocalReadRepairChance *float64          `json:"dclocal_read_repair_chance"`
	DefaultTTL              *int32            `json:"default_time_to_live"`
	GCGraceSeconds          *int32            `json:"gc_grace_seconds"`
	IncrementalBackups      *bool             `json:"incremental_backups"`
	MaxIndexInterval        *int32            `json:"max_index_interval"`
	Memtable                string            `json:"memtable"`
	MemtableFlushPeriod     *int32            `json:"memtable_flush_period_in_ms"`
	MinIndexInterval        *int32            `json:"min_index_interval"`
	ReadRepair              string            `json:"read_repair"`
	ReadRepairChance        *float64          `json:"read_repair_chance"`
	SpeculativeRetry        string            `json:"speculative_retry"`
}

func (r *tableRow) flag(name string) bool { return slices.Contains(r.Flags, name) }

// compact reports whether the table has COMPACT STORAGE: Thrift created the table, or could have created it.
func (r *tableRow) compact() bool { return !r.flag("compound") || r.flag("dense") || r.flag("super") }

// These constants are the kinds of columns.
const (
	partitionKind  = "partition_key"
	clusteringKind = "clustering"
	staticKind     = "static"
	regularKind    = "regular"
)

// columnRow is a row of system_schema.columns.
type columnRow struct {
	Keyspace string   `json:"keyspace_name"`
	Table    string   `json:"table_name"`
	Name     string   `json:"column_name"`
	Raw      hexBytes `json:"column_name_bytes"` // the name in Thrift
	Kind     string   `json:"kind"`
	Position int      `json:"position"`
	Order    string   `json:"clustering_order"`
	Type     string   `json:"type"`
}

func (r *columnRow) desc() bool { return strings.EqualFold(r.Order, "desc") }

// hexBytes is a blob in JSON, "0x…".
type hexBytes []byte

func (b *hexBytes) UnmarshalText(text []byte) error {
	digits, ok := bytes.CutPrefix(text, []byte("0x"))
	if !ok {
		return fmt.Errorf("a blob begins with %.8q, not with 0x", text)
	}
	*b = make([]byte, hex.DecodedLen(len(digits)))
	_, err := hex.Decode(*b, digits)
	return err
}

// indexRow is a row of system_schema.indexes.
type indexRow struct {
	Keyspace string            `json:"keyspace_name"`
	Table    string            `json:"table_name"`
	Name     string            `json:"index_name"`
	Kind     string            `json:"kind"`
	Options  map[string]string `json:"options"`
}

// column returns the name of the indexed column. If the index is on something else, such as the values of a map, column returns "".
func (r *indexRow) column() string {
	target := r.Options["target"]
	if quoted, ok := strings.CutPrefix(target, `"`); ok {
		return strings.ReplaceAll(strings.TrimSuffix(quoted, `"`), `""`, `"`)
	}
	if strings.ContainsAny(target, "(, ") {
		return ""
	}
	return target
}

// tableMeta is everything that system_schema contains about a table.
type tableMeta struct {
	tableRow
	columns []columnRow // by kind, then by position and name
	indexes []indexRow
	dropped []string // names of dropped columns, which may not be used again
	text    string   // the text of all its rows: it changes if any property of the table changes
}

// kind returns the columns of a kind, in order.
func (m *tableMeta) kind(kind string) []columnRow {
	var result []columnRow
	for _, c := range m.columns {
		if c.Kind == kind {
			result = append(result, c)
		}
	}
	return result
}

// column returns the named column, or nil.
func (m *tableMeta) column(name string) *columnRow {
	for i := range m.columns {
		if m.columns[i].Name == name {
			return &m.columns[i]
		}
	}
	return nil
}

// indexOn returns Cassandra's own index on a column, or nil. It ignores custom indexes such as SAI, whose answers may differ.
func (m *tableMeta) indexOn(column string) *indexRow {
	for i := range m.indexes {
		if x := &m.indexes[i]; x.column() == column && x.Kind != "CUSTOM" {
			return x
		}
	}
	return nil
}

// keyspaceMeta is a keyspace and the text of its row.
type keyspaceMeta struct {
	keyspaceRow
	text string
}

// systemKeyspace reports whether a keyspace belongs to the cluster or to this package. The client does not show such keyspaces.
func systemKeyspace(name string) bool {
	return name == ownKeyspace || name == "system" || strings.HasPrefix(name, "system_")
}

// viewRow is a row of system_schema.views.
type viewRow struct {
	Keyspace string `json:"keyspace_name"`
	Name     string `json:"view_name"`
	Base     string `json:"base_table_name"`
}

// parse sorts the rows by keyspace and table.
func (r *schemaRows) parse() (keyspaces map[string]keyspaceMeta, tables map[familyName]*tableMeta, views []viewRow, err error) {
	keyspaces, tables = map[string]keyspaceMeta{}, map[familyName]*tableMeta{}
	texts := map[familyName]*strings.Builder{}
	add := func(name familyName, text string) *tableMeta {
		if texts[name] == nil {
			return nil
		}
		texts[name].WriteString(text)
		texts[name].WriteByte('\n')
		return tables[name]
	}
	err = cmp.Or(
		eachRow(r.keyspaces, func(k keyspaceRow, text string) {
			if !systemKeyspace(k.Name) {
				keyspaces[k.Name] = keyspaceMeta{k, text}
			}
		}),
		eachRow(r.tables, func(t tableRow, text string) {
			if _, ok := keyspaces[t.Keyspace]; ok {
				name := familyName{t.Keyspace, t.Name}
				tables[name], texts[name] = &tableMeta{tableRow: t}, new(strings.Builder)
				add(name, text)
			}
		}),
		eachRow(r.columns, func(c columnRow, text string) {
			if t := add(familyName{c.Keyspace, c.Table}, text); t != nil {
				t.columns = append(t.columns, c)
			}
		}),
		eachRow(r.indexes, func(x indexRow, text string) {
			if t := add(familyName{x.Keyspace, x.Table}, text); t != nil {
				t.indexes = append(t.indexes, x)
			}
		}),
		eachRow(r.dropped, func(c columnRow, text string) {
			if t := add(familyName{c.Keyspace, c.Table}, text); t != nil {
				t.dropped = append(t.dropped, c.Name)
			}
		}),
		eachRow(r.views, func(v viewRow, _ string) {
			if !systemKeyspace(v.Keyspace) {
				views = append(views, v)
			}
		}),
	)
	for name, t := range tables {
		t.text = texts[name].String()
		slices.SortFunc(t.columns, func(a, b columnRow) int {
			return cmp.Or(strings.Compare(a.Kind, b.Kind), a.Position-b.Position, bytes.Compare(a.Raw, b.Raw))
		})
	}
	return keyspaces, tables, views, err
}

// eachRow calls add with each row and its text.
func eachRow[R any](texts []string, add func(row R, text string)) error {
	for _, text := range texts {
		var row R
		if err := json.Unmarshal([]byte(text), &row); err != nil {
			return fmt.Errorf("a row of system_schema cannot be read: %w in %.200q", err, text)
		}
		add(row, text)
	}
	return nil
}
