package thriftconv

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/schema"
)

// KeyspaceFromThrift returns the definition, with its families. It shares nothing
// with d.
func KeyspaceFromThrift(d *thriftwire.KsDef) schema.Keyspace {
	k := schema.Keyspace{
		Name:              d.Name,
		Strategy:          d.StrategyClass,
		StrategyOptions:   optionsFromThrift(d.StrategyOptions),
		ReplicationFactor: d.ReplicationFactor.Ptr(),
		DurableWrites:     d.DurableWrites.Ptr(),
	}
	for i := range d.CfDefs {
		k.Families = append(k.Families, FamilyFromThrift(&d.CfDefs[i]))
	}
	return k
}

// KeyspaceToThrift returns the definition, with its families. Thrift requires a
// strategy. If k has none, the strategy is SimpleStrategy. The result shares nothing with k.
func KeyspaceToThrift(k *schema.Keyspace) thriftwire.KsDef {
	d := thriftwire.KsDef{
		Name:              k.Name,
		StrategyClass:     cmp.Or(k.Strategy, schema.SimpleStrategy),
		StrategyOptions:   optionsToThrift(k.StrategyOptions),
		ReplicationFactor: thriftwire.Maybe(k.ReplicationFactor),
		DurableWrites:     thriftwire.Maybe(k.DurableWrites),
	}
	for i := range k.Families {
		d.CfDefs = append(d.CfDefs, FamilyToThrift(&k.Families[i]))
	}
	return d
}

// FamilyFromThrift returns the definition. It shares nothing with d. An empty string
// counts as not set.
func FamilyFromThrift(d *thriftwire.CfDef) schema.Family {
	f := schema.Family{
		Keyspace:         d.Keyspace,
		Name:             d.Name,
		Type:             schema.FamilyType(d.ColumnType.V),
		Comparator:       d.ComparatorType.V,
		Subcomparator:    d.SubcomparatorType.V,
		DefaultValidator: d.DefaultValidationClass.V,
		KeyValidator:     d.KeyValidationClass.V,
		KeyAlias:         bytes.Clone(d.KeyAlias),
		Comment:          d.Comment.V,
		GCGraceSeconds:   d.GCGraceSeconds.Ptr(),
		DefaultTTL:       d.DefaultTimeToLive.Ptr(),
		ID:               d.ID.Ptr(),

		MinCompactionThreshold:    d.MinCompactionThreshold.Ptr(),
		MaxCompactionThreshold:    d.MaxCompactionThreshold.Ptr(),
		CompactionStrategy:        d.CompactionStrategy.V,
		CompactionStrategyOptions: optionsFromThrift(d.CompactionStrategyOptions),
		CompressionOptions:        optionsFromThrift(d.CompressionOptions),

		RowCacheSize:            d.RowCacheSize.Ptr(),
		KeyCacheSize:            d.KeyCacheSize.Ptr(),
		RowCacheSavePeriod:      d.RowCacheSavePeriodInSeconds.Ptr(),
		KeyCacheSavePeriod:      d.KeyCacheSavePeriodInSeconds.Ptr(),
		RowCacheProvider:        d.RowCacheProvider.V,
		RowCacheKeysToSave:      d.RowCacheKeysToSave.Ptr(),
		Caching:                 d.Caching.V,
		CellsPerRowToCache:      d.CellsPerRowToCache.V,
		PopulateIOCacheOnFlush:  d.PopulateIOCacheOnFlush.Ptr(),
		BloomFilterFPChance:     d.BloomFilterFPChance.Ptr(),
		ReadRepairChance:        d.ReadRepairChance.Ptr(),
		DCLocalReadRepairChance: d.DCLocalReadRepairChance.Ptr(),
		SpeculativeRetry:        d.SpeculativeRetry.V,
		ReplicateOnWrite:        d.ReplicateOnWrite.Ptr(),
		MergeShardsChance:       d.MergeShardsChance.Ptr(),

		MemtableFlushAfterMins:     d.MemtableFlushAfterMins.Ptr(),
		MemtableThroughputMB:       d.MemtableThroughputInMB.Ptr(),
		MemtableOperationsMillions: d.MemtableOperationsInMillions.Ptr(),
		MemtableFlushPeriodMillis:  d.MemtableFlushPeriodInMillis.Ptr(),
		IndexInterval:              d.IndexInterval.Ptr(),
		MinIndexInterval:           d.MinIndexInterval.Ptr(),
		MaxIndexInterval:           d.MaxIndexInterval.Ptr(),
	}
	for i := range d.ColumnMetadata {
		f.Columns = append(f.Columns, ColumnFromThrift(&d.ColumnMetadata[i]))
	}
	for i := range d.Triggers {
		t := &d.Triggers[i]
		f.Triggers = append(f.Triggers, schema.Trigger{Name: t.Name, Options: optionsFromThrift(t.Options)})
	}
	return f
}

// FamilyToThrift returns the definition. It shares nothing with f.
func FamilyToThrift(f *schema.Family) thriftwire.CfDef {
	d := thriftwire.CfDef{
		Keyspace:               f.Keyspace,
		Name:                   f.Name,
		ColumnType:             text(string(f.Type)),
		ComparatorType:         text(f.Comparator),
		SubcomparatorType:      text(f.Subcomparator),
		DefaultValidationClass: text(f.DefaultValidator),
		KeyValidationClass:     text(f.KeyValidator),
		KeyAlias:               bytes.Clone(f.KeyAlias),
		Comment:                text(f.Comment),
		GCGraceSeconds:         thriftwire.Maybe(f.GCGraceSeconds),
		DefaultTimeToLive:      thriftwire.Maybe(f.DefaultTTL),
		ID:                     thriftwire.Maybe(f.ID),

		MinCompactionThreshold:    thriftwire.Maybe(f.MinCompactionThreshold),
		MaxCompactionThreshold:    thriftwire.Maybe(f.MaxCompactionThreshold),
		CompactionStrategy:        text(f.CompactionStrategy),
		CompactionStrategyOptions: optionsToThrift(f.CompactionStrategyOptions),
		CompressionOptions:        optionsToThrift(f.CompressionOptions),

		RowCacheSize:                thriftwire.Maybe(f.RowCacheSize),
		KeyCacheSize:                thriftwire.Maybe(f.KeyCacheSize),
		RowCacheSavePeriodInSeconds: thriftwire.Maybe(f.RowCacheSavePeriod),
		KeyCacheSavePeriodInSeconds: thriftwire.Maybe(f.KeyCacheSavePeriod),
		RowCacheProvider:            text(f.RowCacheProvider),
		RowCacheKeysToSave:          thriftwire.Maybe(f.RowCacheKeysToSave),
		Caching:                     text(f.Caching),
		CellsPerRowToCache:          text(f.CellsPerRowToCache),
		PopulateIOCacheOnFlush:      thriftwire.Maybe(f.PopulateIOCacheOnFlush),
		BloomFilterFPChance:         thriftwire.Maybe(f.BloomFilterFPChance),
		ReadRepairChance:            thriftwire.Maybe(f.ReadRepairChance),
		DCLocalReadRepairChance:     thriftwire.Maybe(f.DCLocalReadRepairChance),
		SpeculativeRetry:            text(f.SpeculativeRetry),
		ReplicateOnWrite:            thriftwire.Maybe(f.ReplicateOnWrite),
		MergeShardsChance:           thriftwire.Maybe(f.MergeShardsChance),

		MemtableFlushAfterMins:       thriftwire.Maybe(f.MemtableFlushAfterMins),
		MemtableThroughputInMB:       thriftwire.Maybe(f.MemtableThroughputMB),
		MemtableOperationsInMillions: thriftwire.Maybe(f.MemtableOperationsMillions),
		MemtableFlushPeriodInMillis:  thriftwire.Maybe(f.MemtableFlushPeriodMillis),
		IndexInterval:                thriftwire.Maybe(f.IndexInterval),
		MinIndexInterval:             thriftwire.Maybe(f.MinIndexInterval),
		MaxIndexInterval:             thriftwire.Maybe(f.MaxIndexInterval),
	}
	for i := range f.Columns {
		d.ColumnMetadata = append(d.ColumnMetadata, ColumnToThrift(&f.Columns[i]))
	}
	for i := range f.Triggers {
		t := &f.Triggers[i]
		d.Triggers = append(d.Triggers, thriftwire.TriggerDef{Name: t.Name, Options: optionsToThrift(t.Options)})
	}
	return d
}

// ColumnFromThrift returns the description. It shares nothing with d.
func ColumnFromThrift(d *thriftwire.ColumnDef) schema.Column {
	c := schema.Column{
		Name:         bytes.Clone(d.Name),
		Validator:    d.ValidationClass,
		IndexName:    d.IndexName.V,
		IndexOptions: optionsFromThrift(d.IndexOptions),
	}
	if d.IndexType.Set {
		c.Index = schema.IndexType(d.IndexType.V) + 1
	}
	return c
}

// ColumnToThrift returns the description. It shares nothing with c.
func ColumnToThrift(c *schema.Column) thriftwire.ColumnDef {
	d := thriftwire.ColumnDef{
		Name:            bytes.Clone(c.Name),
		ValidationClass: c.Validator,
		IndexName:       text(c.IndexName),
		IndexOptions:    optionsToThrift(c.IndexOptions),
	}
	if c.Index != schema.NoIndex {
		d.IndexType = thriftwire.Some(thriftwire.IndexType(c.Index - 1))
	}
	return d
}

// text returns a field that is absent if s is empty.
func text(s string) thriftwire.Optional[string] {
	return thriftwire.Optional[string]{V: s, Set: s != ""}
}

func optionsFromThrift(entries []thriftwire.Entry[string, string]) map[string]string {
	if entries == nil {
		return nil
	}
	options := make(map[string]string, len(entries))
	for _, e := range entries {
		options[e.Key] = e.Value
	}
	return options
}

// optionsToThrift returns the options sorted by name, so that equal definitions
// are equal in bytes.
func optionsToThrift(options map[string]string) []thriftwire.Entry[string, string] {
	if options == nil {
		return nil
	}
	entries := make([]thriftwire.Entry[string, string], 0, len(options))
	for _, name := range slices.Sorted(maps.Keys(options)) {
		entries = append(entries, thriftwire.Entry[string, string]{Key: name, Value: options[name]})
	}
	return entries
}
