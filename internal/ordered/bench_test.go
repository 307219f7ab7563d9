package ordered

import (
	"encoding/hex"
	"testing"
)

var benchmarks = []struct{ name, class, value string }{
	{"bytes", "BytesType", "6e616d655f303132333435363738"},
	{"utf8", "UTF8Type", "6e616d655f303132333435363738"},
	{"long", "LongType", "0000018bcfe56800"},
	{"timeuuid", "TimeUUIDType", "d3a1c3f0a7c711eebe560242ac120002"},
	{"reversed timeuuid", "ReversedType(TimeUUIDType)", "d3a1c3f0a7c711eebe560242ac120002"},
	{"integer", "IntegerType", "018bcfe56800"},
	{"decimal", "DecimalType", "0000000204d2"},
	{"composite", "CompositeType(UTF8Type,LongType)", "000461626364" + "00" + "0008" + "0000018bcfe56800" + "00"},
}

func BenchmarkAppend(b *testing.B) {
	for _, bm := range benchmarks {
		b.Run(bm.name, func(b *testing.B) {
			c, _ := mustCodec(b, bm.class)
			value, _ := hex.DecodeString(bm.value)
			dst := make([]byte, 0, 100)
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if dst, _, err = c.Append(dst[:0], value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, bm := range benchmarks {
		b.Run(bm.name, func(b *testing.B) {
			c, _ := mustCodec(b, bm.class)
			value, _ := hex.DecodeString(bm.value)
			enc, _, err := c.Append(nil, value)
			if err != nil {
				b.Fatal(err)
			}
			dst := make([]byte, 0, 100)
			b.ReportAllocs()
			for b.Loop() {
				if dst, _, err = c.Decode(dst[:0], enc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
