package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/schema"
)

func TestStorageReasons(t *testing.T) {
	type options = map[string]string
	thresholds := func(least, most int32) schema.Family {
		return schema.Family{MinCompactionThreshold: &least, MaxCompactionThreshold: &most}
	}
	compaction := func(name, value string) schema.Family {
		return schema.Family{CompactionStrategyOptions: options{name: value}}
	}
	leveled := func(name, value string) schema.Family {
		return schema.Family{CompactionStrategy: "LeveledCompactionStrategy", CompactionStrategyOptions: options{name: value}}
	}
	for _, test := range []struct {
		name string
		def  schema.Family
		want string
	}{
		{"1 to 4", thresholds(1, 4), "Min compaction threshold cannot be less than 2 (got 1)."},
		{"0 to 4", thresholds(0, 4), "Min compaction threshold cannot be less than 2 (got 0)."},
		{"-1 to 5", thresholds(-1, 5), "Min compaction threshold cannot be less than 2 (got -1)."},
		{"5 to 4", thresholds(5, 4), "Min compaction threshold (got 5) cannot be greater than max compaction threshold (got 4)"},
		{"4 to -1", thresholds(4, -1), "Min compaction threshold (got 4) cannot be greater than max compaction threshold (got -1)"},
		{"2 to 2", thresholds(2, 2), ""},
		{"off", thresholds(0, 0), ""},
		{"off from 4", thresholds(4, 0), ""},
		{"default to 3", schema.Family{MaxCompactionThreshold: new(int32(3))}, "Min compaction threshold (got 4) cannot be greater than max compaction threshold (got 3)"},
		{"40 to default", schema.Family{MinCompactionThreshold: new(int32(40))}, "Min compaction threshold (got 40) cannot be greater than max compaction threshold (got 32)"},

		{"bloom filter 0", schema.Family{BloomFilterFPChance: new(0.0)}, "Zero false positives is impossible; bloom filter false positive chance bffpc must be 0 < bffpc <= 1"},
		{"bloom filter", schema.Family{BloomFilterFPChance: new(0.01)}, ""},
		{"caching", schema.Family{Caching: "SOME"}, "SOME not found, available types: ALL, KEYS_ONLY, ROWS_ONLY, NONE."},
		{"caching in another case", schema.Family{Caching: "rows_only"}, ""},

		{"strategy", schema.Family{CompactionStrategy: "Nope"}, "Unable to find compaction strategy class 'org.apache.cassandra.db.compaction.Nope'"},
		{"strategy in full", schema.Family{CompactionStrategy: "a.b.Nope"}, "Unable to find compaction strategy class 'a.b.Nope'"},
		{"5.0", schema.Family{CompactionStrategy: "UnifiedCompactionStrategy"}, ""},
		{"read_repair", schema.Family{ReadRepair: "sometimes"}, "Unsupported value for read_repair: 'SOMETIMES', it must be NONE or BLOCKING"},
		{"1.2: unknown", schema.Family{CompactionStrategy: "TimeWindowCompactionStrategy"}, ""},
		{"unknown option", compaction("x", "y"), ""},
		{"min_sstable_size", compaction("min_sstable_size", "99999999999"), ""},
		{"min_sstable_size x", compaction("min_sstable_size", "x"), "x is not a parsable int (base10) for min_sstable_size"},
		{"min_sstable_size -1", compaction("min_sstable_size", "-1"), "min_sstable_size must be non negative: -1"},
		{"bucket_low x", compaction("bucket_low", "x"), "x is not a parsable int (base10) for 0.5"},
		{"bucket_low 2", compaction("bucket_low", "2"), "BucketHigh value (1.5) is less than or equal BucketLow value (2.0)"},
		{"bucket_high x", compaction("bucket_high", "x"), "x is not a parsable int (base10) for 1.5"},
		{"bucket_high low", compaction("bucket_high", "0.4"), "BucketHigh value (0.4) is less than or equal BucketLow value (0.5)"},
		{"tombstone_threshold x", compaction("tombstone_threshold", "x"), "x is not a parsable int (base10) for tombstone_threshold"},
		{"tombstone_threshold -1", compaction("tombstone_threshold", "-1"), "tombstone_threshold must be greater than 0, but was -1.000000"},
		{"tombstone_threshold 0", compaction("tombstone_threshold", "0"), ""},
		{"tombstone_compaction_interval", compaction("tombstone_compaction_interval", "1.5"), "1.5 is not a parsable int (base10) for tombstone_compaction_interval"},
		{"tombstone_compaction_interval -1", compaction("tombstone_compaction_interval", "-1"), "tombstone_compaction_interval must be greater than 0, but was -1"},
		{"sstable_size_in_mb", leveled("sstable_size_in_mb", "5"), ""},
		{"sstable_size_in_mb x", leveled("sstable_size_in_mb", "x"), "x is not a parsable int (base10) for sstable_size_in_mb"},
		{"sstable_size_in_mb 0", leveled("sstable_size_in_mb", "0"), "sstable_size_in_mb must be larger than 0, but was 0"},
		{"option of another strategy", leveled("bucket_low", "x"), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.def.Keyspace, test.def.Name = "app", "F"
			_, err := app(t).Apply(schema.CreateFamily{Family: test.def})
			checkReason(t, err, test.want)
		})
	}
}

func TestCompression(t *testing.T) {
	type options = map[string]string
	const snappy = "org.apache.cassandra.io.compress.SnappyCompressor"
	for _, test := range []struct {
		name     string
		in, want options
		reason   string
	}{
		{"none", options{}, options{}, ""},
		{"empty class", options{"sstable_compression": ""}, options{}, ""},
		{"short class", options{"sstable_compression": "DeflateCompressor"}, options{"sstable_compression": "org.apache.cassandra.io.compress.DeflateCompressor"}, ""},
		{"all", options{"sstable_compression": snappy, "chunk_length_kb": "+64", "crc_check_chance": "0.5"}, options{"sstable_compression": snappy, "chunk_length_kb": "64", "crc_check_chance": "0.5"}, ""},
		{"length without class", options{"chunk_length_kb": "64"}, options{}, ""},
		{
			"of later versions",
			options{"class": "ZstdCompressor", "chunk_length_in_kb": "16", "compression_level": "3", "enabled": "true"},
			options{"sstable_compression": "org.apache.cassandra.io.compress.ZstdCompressor", "chunk_length_kb": "16", "compression_level": "3"},
			"",
		},
		{"off", options{"class": "ZstdCompressor", "enabled": "false"}, options{}, ""},
		{"unknown class", options{"sstable_compression": "Nope", "x": "y"}, nil, "Could not create Compression for type org.apache.cassandra.io.compress.Nope"},
		{"length 3", options{"sstable_compression": snappy, "chunk_length_kb": "3"}, nil, "chunk_length_kb must be a power of 2"},
		{"length 0", options{"sstable_compression": snappy, "chunk_length_kb": "0"}, nil, "Invalid negative or null chunk_length_kb"},
		{"length x", options{"chunk_length_kb": "x"}, nil, "Invalid value for chunk_length_kb"},
		{"length too large", options{"sstable_compression": snappy, "chunk_length_kb": "99999999"}, nil, "Value of chunk_length_kb is too large (99999999)"},
		{"unknown options", options{"sstable_compression": snappy, "x": "1", "y": "2"}, nil, "Unknown compression options x"},
		{"unknown option without class", options{"x": "1"}, nil, "Unknown compression options ([x]) since no compression class found"},
		{"crc without class", options{"crc_check_chance": "0.5"}, nil, "Unknown compression options ([crc_check_chance]) since no compression class found"},
		{"crc 2", options{"sstable_compression": snappy, "crc_check_chance": "2"}, nil, "crc_check_chance should be between 0.0 and 1.0"},
		{"crc x", options{"sstable_compression": snappy, "crc_check_chance": "x"}, nil, "crc_check_chance should be a double"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := app(t).Apply(schema.CreateFamily{Family: schema.Family{Keyspace: "app", Name: "F", CompressionOptions: test.in}})
			checkReason(t, err, test.reason)
			if err == nil {
				if diff := cmp.Diff(test.want, family(t, c, "F").Def.CompressionOptions); diff != "" {
					t.Errorf("options (-want +got):\n%s", diff)
				}
			}
		})
	}
}
