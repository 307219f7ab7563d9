package catalog

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/widerow/widerow/coltype"
)

// The texts are those that Cassandra 1.2.19 shows in "… failed validation".
func TestText(t *testing.T) {
	double := func(v float64) string { return string(binary.BigEndian.AppendUint64(nil, math.Float64bits(v))) }
	float := func(v float32) string { return string(binary.BigEndian.AppendUint32(nil, math.Float32bits(v))) }
	const id = "\x12\x34\x56\x78\x12\x34\x12\x34\x82\x34\x12\x34\x56\x78\x9a\xbc"
	seven, five, six := "\x00\x08"+string(long(7)), "\x00\x08"+string(long(5)), "\x00\x08"+string(long(6))
	for _, test := range []struct{ class, name, want string }{
		{"BytesType", "\x01\xfe", "01fe"},
		{"AsciiType", "abc", "abc"},
		{"UTF8Type", "é%s%d", "é%s%d"},
		{"LongType", string(long(7)), "7"},
		{"LongType", "", ""},
		{"Int32Type", "\x00\x00\x00\x05", "5"},
		{"IntegerType", "\xff\x00", "-256"},
		{"DecimalType", "\x00\x00\x00\x01\x0f", "1.5"},
		{"DecimalType", "\xff\xff\xff\xfd\x0f", "15000"},
		{"DecimalType", "\x7f\xff\xff\xff\x0f", "15E-2147483647"},
		{"DecimalType", "\x80\x00\x00\x00\x0f", "15E2147483648"},
		{"DoubleType", double(1.5), "1.5"},
		{"DoubleType", double(100), "100.0"},
		{"DoubleType", double(1e20), "1.0E20"},
		{"DoubleType", double(1e-7), "1.0E-7"},
		{"DoubleType", double(math.Inf(1)), "Infinity"},
		{"DoubleType", double(math.Inf(-1)), "-Infinity"},
		{"DoubleType", double(math.NaN()), "NaN"},
		{"FloatType", float(0.1), "0.1"},
		{"BooleanType", "\x01", "true"},
		{"BooleanType", "\x00", "false"},
		{"DateType", string(long(1000)), "1970-01-01 00:00:01+0000"},
		{"DateType", string(long(1234567890123)), "2009-02-13 23:31:30+0000"},
		{"UUIDType", id, "12345678-1234-1234-8234-123456789abc"},
		{"TimeUUIDType", id, "12345678-1234-1234-8234-123456789abc"},
		{"LexicalUUIDType", id, "12345678-1234-1234-8234-123456789abc"},
		{"InetAddressType", "\x7f\x00\x00\x01", "127.0.0.1"},
		{"InetAddressType", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01", "0:0:0:0:0:0:0:1"},
		{"ReversedType(LongType)", string(long(9)), "9"},
		{"CompositeType(LongType,UTF8Type,BytesType)", seven + "\x00\x00\x03x:y\x00\x00\x01\xff\x00", `7:x\:y:ff`},
		{"CompositeType(LongType,UTF8Type,BytesType)", seven + "\x00", "7"},
		{"DynamicCompositeType(a=>UTF8Type,l=>LongType)", "\x80a\x00\x01x\x00\x80l" + five + "\x00\x00\x08LongType" + six + "\x00", "a@x:l@5:LongType@6"},
	} {
		typ, err := coltype.Parse(test.class)
		if err != nil {
			t.Fatal(err)
		}
		if err := typ.Validate([]byte(test.name)); err != nil {
			t.Errorf("%s refuses %q: %v", test.class, test.name, err)
		}
		if got := text(typ, []byte(test.name)); got != test.want {
			t.Errorf("text(%s, %q) = %s, want %s", test.class, test.name, got, test.want)
		}
	}
}
