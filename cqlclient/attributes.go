package cqlclient

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/widerow/widerow/schema"
)

// This file converts the attributes of a family to the options of a table in CQL, and back. Attributes without an option in CQL
// are stored only in the definition: docs/versions.md lists them.

// overlay copies the options of the table into a definition, for the attributes that CQL has. Another program may have changed
// these options.
func overlay(def *schema.Family, row *tableRow) {
	if p := def.GCGraceSeconds; row.GCGraceSeconds != nil && (p == nil || max(0, *p) != *row.GCGraceSeconds) {
		def.GCGraceSeconds = row.GCGraceSeconds
	}
	if p := row.DefaultTTL; p != nil && (*p != 0 || def.DefaultTTL != nil) {
		def.DefaultTTL = p
	}
	replace(&def.BloomFilterFPChance, row.BloomFilterFPChance)
	replace(&def.MemtableFlushPeriodMillis, row.MemtableFlushPeriod)
	replace(&def.MinIndexInterval, row.MinIndexInterval)
	replace(&def.MaxIndexInterval, row.MaxIndexInterval)
	replace(&def.CDC, row.CDC)
	replace(&def.AllowAutoSnapshot, row.AllowAutoSnapshot)
	replace(&def.IncrementalBackups, row.IncrementalBackups)
	def.SpeculativeRetry = cmp.Or(row.SpeculativeRetry, def.SpeculativeRetry)
	def.AdditionalWritePolicy = cmp.Or(row.AdditionalWritePolicy, def.AdditionalWritePolicy)
	def.ReadRepair = cmp.Or(row.ReadRepair, def.ReadRepair)
	def.Memtable = cmp.Or(row.Memtable, def.Memtable)
	// Cassandra 4 does not have these two chances any more and reports 0.
	if p := row.ReadRepairChance; p != nil && *p != 0 {
		def.ReadRepairChance = p
	}
	if p := row.DCLocalReadRepairChance; p != nil && *p != 0 {
		def.DCLocalReadRepairChance = p
	}
	if len(row.Caching) > 0 {
		def.Caching, def.CellsPerRowToCache = cachingFromCQL(row.Caching)
	}
	if row.Compaction["class"] != "" {
		compactionFromCQL(def, row.Compaction)
	}
	if row.Compression != nil {
		def.CompressionOptions = compressionFromCQL(row)
	}
}

func replace[T any](to **T, from *T) {
	if from != nil {
		*to = from
	}
}

func cachingFromCQL(caching map[string]string) (names, cells string) {
	keys, rows := !strings.EqualFold(caching["keys"], "NONE"), caching["rows_per_partition"]
	cached := rows != "" && !strings.EqualFold(rows, "NONE") && rows != "0"
	if cached {
		cells = rows
	}
	switch {
	case keys && cached:
		return "ALL", cells
	case keys:
		return "KEYS_ONLY", cells
	case cached:
		return "ROWS_ONLY", cells
	}
	return "NONE", cells
}

func cachingToCQL(def *schema.Family) string {
	keys, rows := "NONE", "NONE"
	if def.Caching != "NONE" && def.Caching != "ROWS_ONLY" {
		keys = "ALL"
	}
	if def.Caching == "ALL" || def.Caching == "ROWS_ONLY" {
		rows = "ALL"
		if def.CellsPerRowToCache != "" {
			rows = def.CellsPerRowToCache
		}
	}
	return mapLiteral(map[string]string{"keys": keys, "rows_per_partition": rows})
}

func compactionFromCQL(def *schema.Family, compaction map[string]string) {
	options := maps.Clone(compaction)
	def.CompactionStrategy = options["class"]
	delete(options, "class")
	for name, to := range map[string]**int32{
		"min_threshold": &def.MinCompactionThreshold, "max_threshold": &def.MaxCompactionThreshold,
	} {
		if n, err := strconv.ParseInt(options[name], 10, 32); err == nil {
			*to = new(int32(n))
			delete(options, name)
		}
	}
	def.CompactionStrategyOptions = options
}

// thresholds are the compaction strategies whose options include thresholds.
var thresholds = []string{"SizeTieredCompactionStrategy", "DateTieredCompactionStrategy", "TimeWindowCompactionStrategy"}

func compactionToCQL(def *schema.Family) string {
	options := maps.Clone(def.CompactionStrategyOptions)
	if options == nil {
		options = map[string]string{}
	}
	options["class"] = def.CompactionStrategy
	if slices.Contains(thresholds, schema.ShortClass(def.CompactionStrategy)) {
		for name, p := range map[string]*int32{
			"min_threshold": def.MinCompactionThreshold, "max_threshold": def.MaxCompactionThreshold,
		} {
			if p != nil {
				options[name] = strconv.Itoa(int(*p))
			}
		}
	}
	return mapLiteral(options)
}

// These constants name the compression options in the Thrift interface and in CQL.
const (
	thriftCompression, cqlCompression = "sstable_compression", "class"
	thriftChunkLength, cqlChunkLength = "chunk_length_kb", "chunk_length_in_kb"
	crcCheckChance                    = "crc_check_chance" // in CQL an option of the table
)

func compressionFromCQL(row *tableRow) map[string]string {
	options := map[string]string{}
	class := row.Compression[cqlCompression]
	if class == "" || row.Compression["enabled"] == "false" {
		return options
	}
	for name, v := range row.Compression {
		switch name {
		case cqlCompression:
			options[thriftCompression] = v
		case cqlChunkLength:
			options[thriftChunkLength] = v
		case "enabled":
		default:
			options[name] = v
		}
	}
	if p := row.CRCCheckChance; p != nil && *p != 1 {
		options[crcCheckChance] = strconv.FormatFloat(*p, 'g', -1, 64)
	}
	return options
}

func compressionToCQL(def *schema.Family) string {
	options := map[string]string{}
	for name, v := range def.CompressionOptions {
		switch name {
		case thriftCompression:
			options[cqlCompression] = v
		case thriftChunkLength:
			options[cqlChunkLength] = v
		case crcCheckChance:
		default:
			options[name] = v
		}
	}
	if options[cqlCompression] == "" {
		return "{'enabled': 'false'}"
	}
	return mapLiteral(options)
}

// tableOptions returns the options of CREATE TABLE and ALTER TABLE that give a table the attributes of def. It returns options only
// for attributes that are set in asked and that differ from old; old is nil for a new table. The server sets all other attributes,
// since its defaults are better than those of 1.2. The arguments def, asked and old describe the same family.
func tableOptions(def, asked, old *schema.Family, release string) []string {
	changed := func(get func(f *schema.Family) any) bool {
		set := reflect.ValueOf(get(asked))
		switch {
		case set.IsZero(), set.Kind() == reflect.Map && set.IsNil():
			return false
		case old == nil:
			return true
		}
		return !reflect.DeepEqual(get(def), get(old))
	}
	var options []string
	add := func(name, value string) { options = append(options, name+" = "+value) }
	ints := func(name string, get func(f *schema.Family) *int32) {
		if changed(func(f *schema.Family) any { return get(f) }) {
			add(name, strconv.Itoa(int(max(0, *get(def)))))
		}
	}
	floats := func(name string, get func(f *schema.Family) *float64) {
		if changed(func(f *schema.Family) any { return get(f) }) {
			add(name, strconv.FormatFloat(*get(def), 'f', -1, 64))
		}
	}
	ints("gc_grace_seconds", func(f *schema.Family) *int32 { return f.GCGraceSeconds })
	ints("default_time_to_live", func(f *schema.Family) *int32 { return f.DefaultTTL })
	ints("memtable_flush_period_in_ms", func(f *schema.Family) *int32 { return f.MemtableFlushPeriodMillis })
	ints("min_index_interval", func(f *schema.Family) *int32 { return f.MinIndexInterval })
	ints("max_index_interval", func(f *schema.Family) *int32 { return f.MaxIndexInterval })
	floats("bloom_filter_fp_chance", func(f *schema.Family) *float64 { return f.BloomFilterFPChance })
	if before(release, 4) {
		floats("read_repair_chance", func(f *schema.Family) *float64 { return f.ReadRepairChance })
		floats("dclocal_read_repair_chance", func(f *schema.Family) *float64 { return f.DCLocalReadRepairChance })
	}
	texts := func(name string, get func(f *schema.Family) string) {
		if changed(func(f *schema.Family) any { return get(f) }) {
			add(name, quoteText(get(def)))
		}
	}
	bools := func(name string, get func(f *schema.Family) *bool) {
		if changed(func(f *schema.Family) any { return get(f) }) {
			add(name, strconv.FormatBool(*get(def)))
		}
	}
	texts("speculative_retry", func(f *schema.Family) string { return f.SpeculativeRetry })
	if !before(release, 4) {
		texts("additional_write_policy", func(f *schema.Family) string { return f.AdditionalWritePolicy })
		texts("read_repair", func(f *schema.Family) string { return f.ReadRepair })
		texts("memtable", func(f *schema.Family) string { return f.Memtable })
		bools("cdc", func(f *schema.Family) *bool { return f.CDC })
		bools("allow_auto_snapshot", func(f *schema.Family) *bool { return f.AllowAutoSnapshot })
		bools("incremental_backups", func(f *schema.Family) *bool { return f.IncrementalBackups })
	}
	if changed(func(f *schema.Family) any { return f.Caching }) || changed(func(f *schema.Family) any { return f.CellsPerRowToCache }) {
		add("caching", cachingToCQL(def))
	}
	if changed(func(f *schema.Family) any { return f.CompactionStrategy }) ||
		changed(func(f *schema.Family) any { return f.CompactionStrategyOptions }) ||
		changed(func(f *schema.Family) any { return f.MinCompactionThreshold }) ||
		changed(func(f *schema.Family) any { return f.MaxCompactionThreshold }) {
		add("compaction", compactionToCQL(def))
	}
	if changed(func(f *schema.Family) any { return f.CompressionOptions }) {
		add("compression", compressionToCQL(def))
		if chance := def.CompressionOptions[crcCheckChance]; chance != "" {
			add("crc_check_chance", chance)
		}
	}
	return options
}

// before reports whether a release of Cassandra is older than a major version.
func before(release string, major int) bool {
	first, _, _ := strings.Cut(release, ".")
	n, err := strconv.Atoi(first)
	return err == nil && n < major
}

// mapLiteral returns a map of texts in CQL.
func mapLiteral(m map[string]string) string {
	items := make([]string, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		items = append(items, fmt.Sprintf("%s: %s", quoteText(name), quoteText(m[name])))
	}
	return "{" + strings.Join(items, ", ") + "}"
}
