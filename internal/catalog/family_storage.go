package catalog

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// checkStorage validates the attributes that control how Cassandra stores a family's
// files, and replaces their class names by full class names. Our stores return these
// attributes and otherwise ignore them.
func checkStorage(def *schema.Family) error {
	switch def.Caching {
	case "ALL", "KEYS_ONLY", "ROWS_ONLY", "NONE":
	default:
		return backend.InvalidRequest("%s not found, available types: ALL, KEYS_ONLY, ROWS_ONLY, NONE.", def.Caching)
	}
	def.CompactionStrategy = strategyName(def.CompactionStrategy)
	if err := checkCompaction(def.CompactionStrategy, def.CompactionStrategyOptions); err != nil {
		return err
	}
	options, err := completeCompression(def.CompressionOptions)
	if err != nil {
		return err
	}
	def.CompressionOptions = options
	if err := checkThresholds(*def.MinCompactionThreshold, *def.MaxCompactionThreshold); err != nil {
		return err
	}
	if err := checkLater(def); err != nil {
		return err
	}
	if p := def.BloomFilterFPChance; p != nil && *p == 0 {
		return backend.InvalidRequest("Zero false positives is impossible; bloom filter false positive chance bffpc must be 0 < bffpc <= 1")
	}
	return nil
}

// checkLater validates attributes of versions after 1.2, by the rules of 3.11 and 5.0 (TableParams.validate).
func checkLater(def *schema.Family) error {
	atLeast := func(name string, value *int32, least int32) error {
		if value != nil && *value < least {
			return backend.InvalidRequest("%s must be greater than or equal to %d (got %d)", name, least, *value)
		}
		return nil
	}
	interval := int32(128) // the default of min_index_interval
	if p := def.MinIndexInterval; p != nil {
		interval = *p
	}
	for _, err := range [...]error{
		atLeast("default_time_to_live", def.DefaultTTL, 0),
		atLeast("memtable_flush_period_in_ms", def.MemtableFlushPeriodMillis, 0),
		atLeast("index_interval", def.IndexInterval, 1),
		atLeast("min_index_interval", def.MinIndexInterval, 1),
		atLeast("max_index_interval", def.MaxIndexInterval, interval),
	} {
		if err != nil {
			return err
		}
	}
	switch def.ReadRepair {
	case "", "BLOCKING", "NONE":
	default:
		return backend.InvalidRequest("Unsupported value for read_repair: '%s', it must be NONE or BLOCKING", def.ReadRepair)
	}
	if p := def.DefaultTTL; p != nil && *p > maxTTL {
		return backend.InvalidRequest("default_time_to_live must be less than or equal to %d (got %d)", maxTTL, *p)
	}
	return nil
}

// checkThresholds validates the limits of the number of files in a compaction. A maximum of 0
// turns compaction off.
func checkThresholds(least, most int32) error {
	switch {
	case most == 0:
	case least < 2:
		return backend.InvalidRequest("Min compaction threshold cannot be less than 2 (got %d).", least)
	case least > most:
		return backend.InvalidRequest("Min compaction threshold (got %d) cannot be greater than max compaction threshold (got %d)", least, most)
	}
	return nil
}

// strategyName returns the full name of a compaction strategy.
func strategyName(name string) string {
	if !strings.Contains(name, ".") {
		return compactionPackage + name
	}
	return name
}

// checkCompaction validates a compaction strategy, and the options that Cassandra
// validates. The odd reasons for options are Cassandra's own.
func checkCompaction(strategy string, options map[string]string) error {
	notNumber := func(value, what string) error {
		return backend.InvalidRequest("%s is not a parsable int (base10) for %s", value, what)
	}
	if value, ok := options["tombstone_threshold"]; ok {
		if n, err := strconv.ParseFloat(value, 32); err != nil {
			return notNumber(value, "tombstone_threshold")
		} else if n < 0 {
			return backend.InvalidRequest("tombstone_threshold must be greater than 0, but was %f", n)
		}
	}
	if value, ok := options["tombstone_compaction_interval"]; ok {
		if n, err := strconv.ParseInt(value, 10, 64); err != nil {
			return notNumber(value, "tombstone_compaction_interval")
		} else if n < 0 {
			return backend.InvalidRequest("tombstone_compaction_interval must be greater than 0, but was %d", n)
		}
	}
	switch strategy {
	case compactionPackage + "SizeTieredCompactionStrategy":
		if value, ok := options["min_sstable_size"]; ok {
			if n, err := strconv.ParseInt(value, 10, 64); err != nil {
				return notNumber(value, "min_sstable_size")
			} else if n < 0 {
				return backend.InvalidRequest("min_sstable_size must be non negative: %d", n)
			}
		}
		bucket := [2]float64{0.5, 1.5}
		for i, name := range []string{"bucket_low", "bucket_high"} {
			if value, ok := options[name]; ok {
				n, err := strconv.ParseFloat(value, 64)
				if err != nil {
					return notNumber(value, javaFloat(bucket[i], 64)) // the default, not the name
				}
				bucket[i] = n
			}
		}
		if bucket[1] <= bucket[0] {
			return backend.InvalidRequest("BucketHigh value (%s) is less than or equal BucketLow value (%s)",
				javaFloat(bucket[1], 64), javaFloat(bucket[0], 64))
		}
	case compactionPackage + "LeveledCompactionStrategy":
		if value, ok := options["sstable_size_in_mb"]; ok {
			if n, err := parseInt(value); err != nil {
				return notNumber(value, "sstable_size_in_mb")
			} else if n < 1 {
				return backend.InvalidRequest("sstable_size_in_mb must be larger than 0, but was %d", n)
			}
		}
	case compactionPackage + "DateTieredCompactionStrategy", compactionPackage + "TimeWindowCompactionStrategy",
		compactionPackage + "UnifiedCompactionStrategy":
		// Strategies of versions after 1.2 are accepted, so that definitions of newer clusters can be copied.
	default:
		return backend.InvalidRequest("Unable to find compaction strategy class '%s'", strategy)
	}
	return nil
}

// Names of compression options in 1.2 and in later versions.
const (
	sstable, class    = "sstable_compression", "class"
	chunk, chunkLater = "chunk_length_kb", "chunk_length_in_kb"
	crc               = "crc_check_chance"
)

// laterCompression lists options of versions after 1.2.
var laterCompression = []string{"min_compress_ratio", "compression_level", "lz4_compressor_type", "lz4_high_compressor_level"}

// olderCompression returns options under their names in 1.2.
func olderCompression(options map[string]string) map[string]string {
	if options["enabled"] == "false" {
		return nil
	}
	older := maps.Clone(options)
	delete(older, "enabled")
	for later, name := range map[string]string{class: sstable, chunkLater: chunk} {
		if value, ok := older[later]; ok {
			delete(older, later)
			older[name] = value
		}
	}
	return older
}

// completeCompression validates compression options and returns them as
// Cassandra describes them. Without options there is no compression.
func completeCompression(options map[string]string) (map[string]string, error) {
	options = olderCompression(options)
	var others []string // options other than sstable and chunk
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if name != sstable && name != chunk {
			others = append(others, name)
		}
	}
	length, hasLength := int64(0), false
	if value, ok := options[chunk]; ok {
		n, err := parseInt(value)
		switch {
		case err != nil:
			return nil, backend.InvalidRequest("Invalid value for chunk_length_kb")
		case n > math.MaxInt32/1024:
			return nil, backend.InvalidRequest("Value of chunk_length_kb is too large (%s)", value)
		case n <= 0:
			return nil, backend.InvalidRequest("Invalid negative or null chunk_length_kb")
		case n&(n-1) != 0:
			return nil, backend.InvalidRequest("chunk_length_kb must be a power of 2")
		}
		length, hasLength = n, true
	}
	compressor := options[sstable]
	if compressor == "" {
		if len(others) > 0 {
			return nil, backend.InvalidRequest("Unknown compression options ([%s]) since no compression class found", strings.Join(others, ", "))
		}
		return map[string]string{}, nil
	}
	if !strings.Contains(compressor, ".") {
		compressor = compressionPackage + compressor
	}
	switch strings.TrimPrefix(compressor, compressionPackage) {
	case "SnappyCompressor", "DeflateCompressor", "LZ4Compressor", "ZstdCompressor", "NoopCompressor":
	default:
		return nil, backend.InvalidRequest("Could not create Compression for type %s", compressor)
	}
	result := map[string]string{sstable: compressor}
	for _, name := range others {
		if slices.Contains(laterCompression, name) {
			result[name] = options[name]
			continue
		}
		if name != crc {
			return nil, backend.InvalidRequest("Unknown compression options %s", name)
		}
		p, err := strconv.ParseFloat(options[crc], 64)
		if err != nil {
			return nil, backend.InvalidRequest("crc_check_chance should be a double")
		}
		if !(p >= 0 && p <= 1) {
			return nil, backend.InvalidRequest("crc_check_chance should be between 0.0 and 1.0")
		}
		result[crc] = options[crc]
	}
	if hasLength {
		result[chunk] = strconv.FormatInt(length, 10)
	}
	return result, nil
}
