package catalog

import (
	"bytes"
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

const (
	compactionPackage  = "org.apache.cassandra.db.compaction."
	compressionPackage = "org.apache.cassandra.io.compress."
)

// complete returns a copy of a definition with all attributes that a 1.2 server
// describes. Attributes that are not set get its defaults. Attributes of later versions
// keep their values. Attributes of earlier versions are left out, as in 1.2. Class names
// of types do not change.
func complete(f *schema.Family) (*schema.Family, error) {
	switch {
	case f.Type != "" && f.Type != schema.Standard && f.Type != schema.Super:
		return nil, backend.InvalidRequest("Invalid column type %s", f.Type)
	case len(f.Triggers) > 0:
		return nil, backend.InvalidRequest("triggers are not supported (column family %s)", f.Name)
	}
	def := &schema.Family{
		Keyspace:         f.Keyspace,
		Name:             f.Name,
		Type:             cmp.Or(f.Type, schema.Standard),
		Comparator:       cmp.Or(f.Comparator, "BytesType"),
		Subcomparator:    f.Subcomparator,
		DefaultValidator: cmp.Or(f.DefaultValidator, "BytesType"),
		KeyValidator:     cmp.Or(f.KeyValidator, "BytesType"),
		KeyAlias:         bytes.Clone(f.KeyAlias),
		Columns:          completeColumns(f.Columns),
		Comment:          cleanText(f.Comment),
		GCGraceSeconds:   orDefault(f.GCGraceSeconds, 10*24*60*60),

		MinCompactionThreshold:    orDefault(f.MinCompactionThreshold, 4),
		MaxCompactionThreshold:    orDefault(f.MaxCompactionThreshold, 32),
		CompactionStrategy:        cmp.Or(f.CompactionStrategy, "SizeTieredCompactionStrategy"),
		CompactionStrategyOptions: cleanOptions(f.CompactionStrategyOptions),
		CompressionOptions:        cleanOptions(f.CompressionOptions),

		Caching:                 strings.ToUpper(cmp.Or(f.Caching, "KEYS_ONLY")),
		PopulateIOCacheOnFlush:  orDefault(f.PopulateIOCacheOnFlush, false),
		BloomFilterFPChance:     clone(f.BloomFilterFPChance),
		ReadRepairChance:        orDefault(f.ReadRepairChance, 0.1),
		DCLocalReadRepairChance: orDefault(f.DCLocalReadRepairChance, 0),
		ReplicateOnWrite:        orDefault(f.ReplicateOnWrite, true),

		DefaultTTL:                clone(f.DefaultTTL),
		CellsPerRowToCache:        cleanText(f.CellsPerRowToCache),
		SpeculativeRetry:          cleanText(f.SpeculativeRetry),
		MemtableFlushPeriodMillis: clone(f.MemtableFlushPeriodMillis),
		IndexInterval:             clone(f.IndexInterval),
		MinIndexInterval:          clone(f.MinIndexInterval),
		MaxIndexInterval:          clone(f.MaxIndexInterval),

		AdditionalWritePolicy: cleanText(f.AdditionalWritePolicy),
		ReadRepair:            strings.ToUpper(cleanText(f.ReadRepair)),
		CDC:                   clone(f.CDC),
		Memtable:              cleanText(f.Memtable),
		AllowAutoSnapshot:     clone(f.AllowAutoSnapshot),
		IncrementalBackups:    clone(f.IncrementalBackups),
	}
	if def.IsSuper() {
		def.Subcomparator = cmp.Or(f.Subcomparator, "BytesType")
	}
	if f.CompressionOptions == nil {
		def.CompressionOptions["sstable_compression"] = compressionPackage + "SnappyCompressor"
	}
	for _, chance := range []*float64{def.BloomFilterFPChance, def.ReadRepairChance, def.DCLocalReadRepairChance} {
		if chance != nil && (math.IsNaN(*chance) || math.IsInf(*chance, 0)) {
			return nil, backend.InvalidRequest("chances must be numbers, not %v (column family %s)", *chance, f.Name)
		}
	}
	return def, nil
}

// completeColumns returns copies of the descriptions, sorted by name. If two have the
// same name, Cassandra uses the last.
func completeColumns(columns []schema.Column) []schema.Column {
	var result []schema.Column
	for _, c := range columns {
		i, found := slices.BinarySearchFunc(result, c.Name, func(have schema.Column, name []byte) int {
			return bytes.Compare(have.Name, name)
		})
		if !found {
			result = slices.Insert(result, i, schema.Column{})
		}
		c.Name = append([]byte{}, c.Name...) // an empty name is empty, not nil
		if c.IndexOptions != nil {
			c.IndexOptions = cleanOptions(c.IndexOptions)
		}
		result[i] = c
	}
	return result
}

// cleanOptions returns a copy that is not nil and contains only valid text, like all strings
// of the Thrift interface.
func cleanOptions(options map[string]string) map[string]string {
	clean := make(map[string]string, len(options))
	for _, name := range slices.Sorted(maps.Keys(options)) {
		clean[cleanText(name)] = cleanText(options[name])
	}
	return clean
}

func cleanText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// orDefault returns a copy of p, or a pointer to the default.
func orDefault[T any](p *T, otherwise T) *T {
	if p == nil {
		return &otherwise
	}
	return clone(p)
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}
