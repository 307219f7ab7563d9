package shell

import (
	"maps"
	"math"
	"slices"

	"go.starlark.net/starlark"

	"github.com/widerow/widerow/schema"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// familyFields lists the fields of CfDef in the order in which pycassa sets them in its instances.
const familyFields = "keyspace name column_type comparator_type subcomparator_type comment read_repair_chance column_metadata gc_grace_seconds " +
	"default_validation_class id min_compaction_threshold max_compaction_threshold replicate_on_write key_validation_class key_alias " +
	"compaction_strategy compaction_strategy_options compression_options bloom_filter_fp_chance caching dclocal_read_repair_chance " +
	"populate_io_cache_on_flush row_cache_size key_cache_size row_cache_save_period_in_seconds key_cache_save_period_in_seconds " +
	"memtable_flush_after_mins memtable_throughput_in_mb memtable_operations_in_millions merge_shards_chance row_cache_provider row_cache_keys_to_save"

// familyPointers lists the fields of a definition that a CfDef stores unchanged.
func familyPointers(f *schema.Family) map[string]any {
	return map[string]any{
		"keyspace": &f.Keyspace, "name": &f.Name, "comparator_type": &f.Comparator, "subcomparator_type": &f.Subcomparator, "comment": &f.Comment,
		"read_repair_chance": &f.ReadRepairChance, "gc_grace_seconds": &f.GCGraceSeconds, "default_validation_class": &f.DefaultValidator,
		"id": &f.ID, "min_compaction_threshold": &f.MinCompactionThreshold, "max_compaction_threshold": &f.MaxCompactionThreshold,
		"replicate_on_write": &f.ReplicateOnWrite, "key_validation_class": &f.KeyValidator, "key_alias": &f.KeyAlias,
		"compaction_strategy": &f.CompactionStrategy, "compaction_strategy_options": &f.CompactionStrategyOptions, "compression_options": &f.CompressionOptions,
		"bloom_filter_fp_chance": &f.BloomFilterFPChance, "caching": &f.Caching, "dclocal_read_repair_chance": &f.DCLocalReadRepairChance,
		"populate_io_cache_on_flush": &f.PopulateIOCacheOnFlush, "row_cache_size": &f.RowCacheSize, "key_cache_size": &f.KeyCacheSize,
		"row_cache_save_period_in_seconds": &f.RowCacheSavePeriod, "key_cache_save_period_in_seconds": &f.KeyCacheSavePeriod,
		"memtable_flush_after_mins": &f.MemtableFlushAfterMins, "memtable_throughput_in_mb": &f.MemtableThroughputMB,
		"memtable_operations_in_millions": &f.MemtableOperationsMillions, "merge_shards_chance": &f.MergeShardsChance,
		"row_cache_provider": &f.RowCacheProvider, "row_cache_keys_to_save": &f.RowCacheKeysToSave, "default_time_to_live": &f.DefaultTTL,
		"speculative_retry": &f.SpeculativeRetry, "memtable_flush_period_in_ms": &f.MemtableFlushPeriodMillis, "index_interval": &f.IndexInterval,
		"min_index_interval": &f.MinIndexInterval, "max_index_interval": &f.MaxIndexInterval, "cells_per_row_to_cache": &f.CellsPerRowToCache,
		"additional_write_policy": &f.AdditionalWritePolicy, "read_repair": &f.ReadRepair, "cdc": &f.CDC, "memtable": &f.Memtable,
		"allow_auto_snapshot": &f.AllowAutoSnapshot, "incremental_backups": &f.IncrementalBackups,
	}
}

// familyDef returns the CfDef of a definition.
func (s *Session) familyDef(f *schema.Family, byName bool) Value {
	v, _ := s.call(s.py.thrift["CfDef"])
	o := v.(*object)
	for name, p := range familyPointers(f) {
		var x Value
		switch p := p.(type) {
		case *string:
			if x = str(*p); *p == "" && name != "comment" {
				x = none
			}
		case **int32:
			if *p != nil {
				x = intValue(**p)
			}
		case **float64:
			if *p != nil {
				x = starlark.Float(**p)
			}
		case **bool:
			if *p != nil {
				x = boolean(**p)
			}
		case *[]byte:
			if *p != nil {
				x = str(*p)
			}
		case *map[string]string:
			if *p != nil {
				x = s.textDict(*p)
			}
		}
		if x == nil {
			if _, has := o.attrs.get(name); !has {
				continue
			}
			x = none
		}
		o.attrs.set(name, x)
	}
	kind := f.Type
	if kind == "" {
		kind = schema.Standard
	}
	o.attrs.set("column_type", str(kind))
	l, d := newList(), s.newDict()
	for _, c := range f.Columns {
		def := s.columnDef(&c)
		l.elems = append(l.elems, def)
		d.put(s, str(c.Name), def)
	}
	o.attrs.set("column_metadata", l)
	if byName {
		o.attrs.set("column_metadata", d)
	}
	return o
}

func (s *Session) columnDef(c *schema.Column) Value {
	kind, name, options := Value(none), Value(none), Value(none)
	if c.Index != schema.NoIndex {
		kind = intValue(c.Index - schema.KeysIndex)
		if c.IndexName != "" {
			name = str(c.IndexName)
		}
	}
	if c.IndexOptions != nil {
		options = s.textDict(c.IndexOptions)
	}
	v, _ := s.call(s.py.thrift["ColumnDef"], str(c.Name), str(c.Validator), kind, name, options)
	return v
}

func (s *Session) keyspaceDef(ks *schema.Keyspace) Value {
	l := newList()
	for i := range ks.Families {
		l.elems = append(l.elems, s.familyDef(&ks.Families[i], false))
	}
	durable := ks.DurableWrites == nil || *ks.DurableWrites
	v, _ := s.call(s.py.thrift["KsDef"], str(ks.Name), str(ks.Strategy), s.textDict(ks.StrategyOptions), none, l, boolean(durable))
	return v
}

// familyOptions sets the attributes that keyword arguments name.
func (s *Session) familyOptions(f *schema.Family, kw []kwarg) error {
	fields := familyPointers(f)
	for _, k := range kw {
		switch k.name {
		case "super":
			super, err := s.truth(k.value)
			if err != nil {
				return err
			}
			if super {
				f.Type = schema.Super
			}
			continue
		case "column_type":
			text, _ := textOf(k.value)
			f.Type = schema.FamilyType(text)
			continue
		}
		p, ok := fields[k.name]
		if !ok {
			// pycassa sets an attribute that is never sent. Here a misspelt option is an error.
			return s.raise(s.exc.TypeError, "'%s' is no attribute of a column family", k.name)
		}
		if k.value == none {
			continue
		}
		if err := s.familyOption(k.name, p, k.value); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) familyOption(name string, p any, v Value) error {
	wrong := func(kind string) error {
		return s.raise(s.exc.TypeError, "%s must be %s, not %s", name, kind, s.typeName(v))
	}
	switch p := p.(type) {
	case *string:
		switch name {
		case "comparator_type", "subcomparator_type", "default_validation_class", "key_validation_class":
			t, err := s.typeClassName(v)
			*p = t
			return err
		}
		text, ok := textOf(v)
		if !ok {
			return wrong("a string")
		}
		*p = text
	case **int32:
		n, ok := smallInt(v)
		if !ok || n > math.MaxInt32 || n < math.MinInt32 {
			return wrong("an integer")
		}
		*p = new(int32(n))
	case **float64:
		x, ok := floatOf(v)
		if !ok {
			return wrong("a number")
		}
		*p = &x
	case **bool:
		b, err := s.truth(v)
		*p = &b
		return err
	case *[]byte:
		b, err := s.wire(v)
		*p = b
		return err
	case *map[string]string:
		m, err := s.textMap(v)
		*p = m
		return err
	}
	return nil
}
