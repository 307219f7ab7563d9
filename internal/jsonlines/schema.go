package jsonlines

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/widerow/widerow/schema"
)

// The fields of a definition have their names in the Thrift interface (KsDef, CfDef,
// ColumnDef), which pycassa also uses. Fields that are not set are left out.

type keyspaceJSON struct {
	Name              string            `json:"name"`
	Strategy          string            `json:"strategy_class,omitzero"`
	StrategyOptions   map[string]string `json:"strategy_options,omitzero"`
	ReplicationFactor *int32            `json:"replication_factor,omitzero"`
	DurableWrites     *bool             `json:"durable_writes,omitzero"`
	Families          []familyJSON      `json:"cf_defs"`
}

type familyJSON struct {
	attributes
	KeyAlias string       `json:"key_alias,omitzero"`
	Columns  []columnJSON `json:"column_metadata,omitzero"`
}

// attributes has the fields of schema.Family in the same order, so that a value of one type
// converts to the other. If schema.Family gets a new field, this file does not compile.
type attributes struct {
	Keyspace         string            `json:"-"`
	Name             string            `json:"name"`
	Type             schema.FamilyType `json:"column_type,omitzero"`
	Comparator       string            `json:"comparator_type,omitzero"`
	Subcomparator    string            `json:"subcomparator_type,omitzero"`
	DefaultValidator string            `json:"default_validation_class,omitzero"`
	KeyValidator     string            `json:"key_validation_class,omitzero"`
	KeyAlias         []byte            `json:"-"`
	Columns          []schema.Column   `json:"-"`
	Comment          string            `json:"comment,omitzero"`
	GCGraceSeconds   *int32            `json:"gc_grace_seconds,omitzero"`
	DefaultTTL       *int32            `json:"default_time_to_live,omitzero"`
	ID               *int32            `json:"-"` // each store chooses its own IDs

	MinCompactionThreshold    *int32            `json:"min_compaction_threshold,omitzero"`
	MaxCompactionThreshold    *int32            `json:"max_compaction_threshold,omitzero"`
	CompactionStrategy        string            `json:"compaction_strategy,omitzero"`
	CompactionStrategyOptions map[string]string `json:"compaction_strategy_options,omitzero"`
	CompressionOptions        map[string]string `json:"compression_options,omitzero"`

	RowCacheSize            *float64 `json:"row_cache_size,omitzero"`
	KeyCacheSize            *float64 `json:"key_cache_size,omitzero"`
	RowCacheSavePeriod      *int32   `json:"row_cache_save_period_in_seconds,omitzero"`
	KeyCacheSavePeriod      *int32   `json:"key_cache_save_period_in_seconds,omitzero"`
	RowCacheProvider        string   `json:"row_cache_provider,omitzero"`
	RowCacheKeysToSave      *int32   `json:"row_cache_keys_to_save,omitzero"`
	Caching                 string   `json:"caching,omitzero"`
	CellsPerRowToCache      string   `json:"cells_per_row_to_cache,omitzero"`
	PopulateIOCacheOnFlush  *bool    `json:"populate_io_cache_on_flush,omitzero"`
	BloomFilterFPChance     *float64 `json:"bloom_filter_fp_chance,omitzero"`
	ReadRepairChance        *float64 `json:"read_repair_chance,omitzero"`
	DCLocalReadRepairChance *float64 `json:"dclocal_read_repair_chance,omitzero"`
	SpeculativeRetry        string   `json:"speculative_retry,omitzero"`
	ReplicateOnWrite        *bool    `json:"replicate_on_write,omitzero"`
	MergeShardsChance       *float64 `json:"merge_shards_chance,omitzero"`

	MemtableFlushAfterMins     *int32           `json:"memtable_flush_after_mins,omitzero"`
	MemtableThroughputMB       *int32           `json:"memtable_throughput_in_mb,omitzero"`
	MemtableOperationsMillions *float64         `json:"memtable_operations_in_millions,omitzero"`
	MemtableFlushPeriodMillis  *int32           `json:"memtable_flush_period_in_ms,omitzero"`
	IndexInterval              *int32           `json:"index_interval,omitzero"`
	MinIndexInterval           *int32           `json:"min_index_interval,omitzero"`
	MaxIndexInterval           *int32           `json:"max_index_interval,omitzero"`
	Triggers                   []schema.Trigger `json:"triggers,omitzero"`

	AdditionalWritePolicy string `json:"additional_write_policy,omitzero"`
	ReadRepair            string `json:"read_repair,omitzero"`
	CDC                   *bool  `json:"cdc,omitzero"`
	Memtable              string `json:"memtable,omitzero"`
	AllowAutoSnapshot     *bool  `json:"allow_auto_snapshot,omitzero"`
	IncrementalBackups    *bool  `json:"incremental_backups,omitzero"`
}

type columnJSON struct {
	Name         json.RawMessage   `json:"name"` // in the format of the comparator
	Validator    string            `json:"validation_class,omitzero"`
	Index        string            `json:"index_type,omitzero"`
	IndexName    string            `json:"index_name,omitzero"`
	IndexOptions map[string]string `json:"index_options,omitzero"`
}

// AppendKeyspace appends the definition of a keyspace as a line, with its newline.
func AppendKeyspace(dst []byte, k *schema.Keyspace) ([]byte, error) {
	out := keyspaceJSON{
		Name: k.Name, Strategy: k.Strategy, StrategyOptions: k.StrategyOptions,
		ReplicationFactor: k.ReplicationFactor, DurableWrites: k.DurableWrites, Families: []familyJSON{},
	}
	for i := range k.Families {
		def := &k.Families[i]
		names, err := columnNames(def)
		if err != nil {
			return nil, err
		}
		f := familyJSON{attributes: attributes(*def), KeyAlias: string(def.KeyAlias)}
		for _, c := range def.Columns {
			col := columnJSON{
				Name: names.Append(nil, c.Name), Validator: c.Validator,
				IndexName: c.IndexName, IndexOptions: c.IndexOptions,
			}
			if c.Index != schema.NoIndex {
				col.Index = c.Index.String()
			}
			f.Columns = append(f.Columns, col)
		}
		out.Families = append(out.Families, f)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]any{"schema": out}); err != nil {
		return nil, err
	}
	return append(dst, buf.Bytes()...), nil
}

// readKeyspace reads the definition of a keyspace.
func readKeyspace(text []byte) (*schema.Keyspace, error) {
	var in keyspaceJSON
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	if in.Name == "" {
		return nil, errors.New("schema: the keyspace has no name")
	}
	k := &schema.Keyspace{
		Name: in.Name, Strategy: in.Strategy, StrategyOptions: in.StrategyOptions,
		ReplicationFactor: in.ReplicationFactor, DurableWrites: in.DurableWrites,
	}
	for _, f := range in.Families {
		def := schema.Family(f.attributes)
		def.Keyspace = in.Name
		if f.KeyAlias != "" {
			def.KeyAlias = []byte(f.KeyAlias)
		}
		names, err := columnNames(&def)
		if err != nil {
			return nil, fmt.Errorf("schema: %w", err)
		}
		for _, c := range f.Columns {
			col, err := c.column(names)
			if err != nil {
				return nil, fmt.Errorf("schema: a column of %s: %w", def.Name, err)
			}
			def.Columns = append(def.Columns, col)
		}
		k.Families = append(k.Families, def)
	}
	return k, nil
}

func (c *columnJSON) column(names *Format) (schema.Column, error) {
	s := &scanner{text: c.Name}
	name, err := names.read(nil, s)
	if err != nil {
		return schema.Column{}, fmt.Errorf("name: %w", err)
	}
	out := schema.Column{Name: name, Validator: c.Validator, IndexName: c.IndexName, IndexOptions: c.IndexOptions}
	if c.Index == "" {
		return out, nil
	}
	for _, t := range []schema.IndexType{schema.KeysIndex, schema.CustomIndex, schema.CompositesIndex} {
		if c.Index == t.String() {
			out.Index = t
			return out, nil
		}
	}
	return out, fmt.Errorf("unknown index type %q", c.Index)
}

// columnNames returns the format of the names of the columns in a family's definition.
func columnNames(def *schema.Family) (*Format, error) {
	class := def.Comparator
	if def.IsSuper() {
		class = def.Subcomparator
	}
	t, err := parseType(class)
	if err != nil {
		return nil, err
	}
	f := FormatOf(t)
	return &f, nil
}
