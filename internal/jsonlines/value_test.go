package jsonlines

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/widerow/widerow/coltype"
)

// classes lists types of every format.
var classes = []string{
	"BytesType", "AsciiType", "UTF8Type", "LongType", "CounterColumnType", "Int32Type", "IntegerType",
	"DoubleType", "FloatType", "DecimalType", "BooleanType", "DateType", "TimestampType", "UUIDType",
	"TimeUUIDType", "LexicalUUIDType", "InetAddressType", "EmptyType", "com.example.Own",
	"ReversedType(LongType)",
	"CompositeType(LongType,UTF8Type,ReversedType(IntegerType))",
	"CompositeType(CompositeType(UTF8Type,LongType),DateType)",
	"DynamicCompositeType(a=>AsciiType,l=>LongType,d=>DecimalType)",
}

func formatOf(t testing.TB, class string) Format {
	t.Helper()
	typ, err := coltype.Parse(class)
	if err != nil {
		t.Fatal(err)
	}
	return FormatOf(typ)
}

func TestValueForm(t *testing.T) {
	for _, tt := range []struct{ class, bytes, want string }{
		{"UTF8Type", hex.EncodeToString([]byte("grün \"x\"\n")), `"grün \"x\"\n"`},
		{"UTF8Type", "", `""`},
		{"UTF8Type", "ff", `{"hex":"ff"}`},
		{"UTF8Type", "0001", `"\u0000\u0001"`},
		{"BytesType", hex.EncodeToString([]byte("plain text")), `"plain text"`},
		{"BytesType", "000000000000002a", `{"hex":"000000000000002a"}`},
		{"BytesType", "", `""`},
		{"LongType", "000000000000002a", `42`},
		{"LongType", "ffffffffffffffff", `-1`},
		{"LongType", "2a", `{"hex":"2a"}`},
		{"LongType", "", `null`},
		{"ReversedType(LongType)", "000000000000002a", `42`},
		{"Int32Type", "80000000", `-2147483648`},
		{"IntegerType", "00", `0`},
		{"IntegerType", "ff", `-1`},
		{"IntegerType", "00ff", `255`},
		{"IntegerType", "80", `-128`},
		{"IntegerType", "ff7f", `-129`},
		{"IntegerType", "0001", `{"hex":"0001"}`},
		{"IntegerType", "ffff", `{"hex":"ffff"}`},
		{"IntegerType", "0123456789abcdef0123", `5373003642731685151011`},
		{"DoubleType", "4017999a00000000", `5.900001525878906`},
		{"DoubleType", "8000000000000000", `-0`},
		{"DoubleType", "7ff0000000000000", `"Infinity"`},
		{"DoubleType", "fff0000000000000", `"-Infinity"`},
		{"DoubleType", "7ff8000000000000", `"NaN"`},
		{"DoubleType", "7ff8000000000001", `{"hex":"7ff8000000000001"}`},
		{"DoubleType", "fff8000000000000", `{"hex":"fff8000000000000"}`},
		{"FloatType", "40bccccd", `5.9`},
		{"FloatType", "7fc00000", `"NaN"`},
		{"FloatType", "ff800000", `"-Infinity"`},
		{"FloatType", "7fc00001", `{"hex":"7fc00001"}`},
		{"DecimalType", "000000026e", `"1.10"`},
		{"DecimalType", "0000000000", `"0"`},
		{"DecimalType", "fffffffd01", `"1E+3"`},
		{"DecimalType", "0000000a0f", `"1.5E-9"`},
		{"DecimalType", "00000006ff", `"-0.000001"`},
		{"DecimalType", "00000002", `{"hex":"00000002"}`},
		{"BooleanType", "01", `true`},
		{"BooleanType", "00", `false`},
		{"BooleanType", "02", `{"hex":"02"}`},
		{"DateType", "0000012cd4739b58", `"2010-12-11T08:02:15.000Z"`},
		{"DateType", "8000000000000000", `-9223372036854775808`},
		{"TimeUUIDType", "d8a2d3c004f911e09a5d0123456789ab", `"d8a2d3c0-04f9-11e0-9a5d-0123456789ab"`},
		{"InetAddressType", "7f000001", `"127.0.0.1"`},
		{"InetAddressType", "20010db8000000000000000000000001", `"2001:db8::1"`},
		{"InetAddressType", "00000000000000000000ffff7f000001", `"::ffff:127.0.0.1"`},
		{"EmptyType", "", `null`},
		{"com.example.Own", "00", `{"hex":"00"}`},
		{"CompositeType(LongType,AsciiType)", "000800000000000004d2000003616263" + "00", `[1234,"abc"]`},
		{"CompositeType(LongType,AsciiType)", "000800000000000004d200", `[1234]`},
		{"CompositeType(LongType,AsciiType)", "000800000000000004d201", `{"hex":"000800000000000004d201"}`},
		{"CompositeType(LongType,AsciiType)", "000000" + "00" + "0000", `[null,""]`},
		{"DynamicCompositeType(a=>AsciiType)", "8061" + "0001" + "78" + "00", `[{"a":"x"}]`},
		{"DynamicCompositeType(a=>AsciiType)", "0008" + hex.EncodeToString([]byte("LongType")) + "0008000000000000002a00", `[{"LongType":42}]`},
		{"DynamicCompositeType(a=>AsciiType)", "8062" + "0001" + "78" + "00", `{"hex":"80620001" + "7800"}`},
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(tt.bytes, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(tt.want, `" + "`, "")
		f := formatOf(t, tt.class)
		if got := string(f.Append(nil, b)); got != want {
			t.Errorf("%s: Append(%s) = %s, want %s", tt.class, tt.bytes, got, want)
		}
		s := &scanner{text: []byte(want)}
		back, err := f.read(nil, s)
		if err != nil || s.end() != nil || !bytes.Equal(back, b) {
			t.Errorf("%s: read(%s) = %x, %v, want %x", tt.class, want, back, err, b)
		}
	}
}

func TestValueRead(t *testing.T) {
	for _, tt := range []struct{ class, text, want string }{
		{"LongType", `{"hex":"00"}`, "00"},
		{"DecimalType", `1.10`, "000000026e"},
		{"DecimalType", `"1e3"`, "fffffffd01"},
		{"DateType", `1292054535000`, "0000012cd4739b58"},
		{"DateType", `"2010-12-11T09:02:15+01:00"`, "0000012cd4739b58"},
		{"UUIDType", `"D8A2D3C0-04F9-11E0-9A5D-0123456789AB"`, "d8a2d3c004f911e09a5d0123456789ab"},
		{"UTF8Type", `"\ud83d\ude00\/"`, "f09f98802f"},
		{"DoubleType", `1`, "3ff0000000000000"},
	} {
		f := formatOf(t, tt.class)
		got, err := f.read(nil, &scanner{text: []byte(tt.text)})
		if err != nil || hex.EncodeToString(got) != tt.want {
			t.Errorf("%s: read(%s) = %x, %v, want %s", tt.class, tt.text, got, err, tt.want)
		}
	}
}

func TestValueRefused(t *testing.T) {
	for _, tt := range []struct{ class, text, want string }{
		{"UTF8Type", `12`, "want a string, have a number"},
		{"UTF8Type", `"a`, "ends in a string"},
		{"UTF8Type", `"\ud800"`, "surrogate"},
		{"UTF8Type", "\"\xff\"", "not UTF-8"},
		{"UTF8Type", "\"\x01\"", "control character"},
		{"UTF8Type", `"\q"`, "unknown escape"},
		{"LongType", `"12"`, "want a number"},
		{"LongType", `1.5`, "not an integer of 64 bits"},
		{"LongType", `9223372036854775808`, "not an integer of 64 bits"},
		{"LongType", `012`, "bad number"},
		{"Int32Type", `2147483648`, "not an integer of 32 bits"},
		{"IntegerType", `1e3`, "not an integer"},
		{"IntegerType", strings.Repeat("9", maxDigits+1), "at most"},
		{"DoubleType", `1e999`, "out of the range"},
		{"DecimalType", `"1e99999999999"`, "out of range"},
		{"DecimalType", `"one"`, "not a decimal"},
		{"BooleanType", `1`, "want true or false, have a number"},
		{"BooleanType", `"true"`, "want true or false, have a string"},
		{"BooleanType", `tru`, "want true or false, have a boolean"},
		{"DoubleType", `"nan"`, `want a number, "NaN", "Infinity" or "-Infinity", have "nan"`},
		{"FloatType", `true`, "want a number, have a boolean"},
		{"DateType", `"yesterday"`, "not a date"},
		{"DateType", `"2010-12-11T08:02:15.0001Z"`, "finer"},
		{"UUIDType", `"d8a2d3c0"`, "not a UUID"},
		{"UUIDType", `"d8a2d3c0-04f9-11e0-9a5d-0123456789ag"`, "not a UUID"},
		{"InetAddressType", `"localhost"`, "not an address"},
		{"InetAddressType", `"fe80::1%eth0"`, "not an address"},
		{"LongType", `{"hex":"0"}`, "hex"},
		{"LongType", `{"base64":""}`, `{"hex":"…"}`},
		{"LongType", `{"hex":"00","x":1}`, `want "}"`},
		{"com.example.Own", `"x"`, "com.example.Own"},
		{"CompositeType(LongType)", `[]`, "written null"},
		{"CompositeType(LongType)", `[1,2]`, "more than the 1 components"},
		{"CompositeType(LongType)", `1`, `want "["`},
		{"CompositeType(UTF8Type)", `["` + strings.Repeat("x", 1<<16) + `"]`, "component of 65536 bytes"},
		{"DynamicCompositeType(a=>AsciiType)", `[{"b":1}]`, "no alias"},
		{"DynamicCompositeType(a=>AsciiType)", `[{}]`, "want a component"},
	} {
		f := formatOf(t, tt.class)
		s := &scanner{text: []byte(tt.text)}
		got, err := f.read(nil, s)
		if err == nil {
			t.Errorf("%s: read(%.40s) = %x, want an error", tt.class, tt.text, got)
		} else if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: read(%.40s): %q, want it to contain %q", tt.class, tt.text, err, tt.want)
		}
	}
}

func TestParseArg(t *testing.T) {
	for _, tt := range []struct{ class, arg, want string }{
		{"UTF8Type", `it's "quoted"`, hex.EncodeToString([]byte(`it's "quoted"`))},
		{"UTF8Type", `{"hex":"ff"}`, "ff"},
		{"LongType", `42`, "000000000000002a"},
		{"DecimalType", `1.10`, "000000026e"},
		{"DateType", `2010-12-11T08:02:15Z`, "0000012cd4739b58"},
		{"UUIDType", `d8a2d3c0-04f9-11e0-9a5d-0123456789ab`, "d8a2d3c004f911e09a5d0123456789ab"},
		{"CompositeType(LongType,AsciiType)", `[1234, "abc"]`, "000800000000000004d200000361626300"},
	} {
		f := formatOf(t, tt.class)
		if got, err := f.ParseArg(tt.arg); err != nil || hex.EncodeToString(got) != tt.want {
			t.Errorf("%s: ParseArg(%s) = %x, %v, want %s", tt.class, tt.arg, got, err, tt.want)
		}
	}
	f := formatOf(t, "LongType")
	if got, err := f.ParseArg("42 43"); err == nil {
		t.Errorf("ParseArg(42 43) = %x, want an error", got)
	}
}

// FuzzValue checks, for every type, that any bytes are unchanged after they were written
// and read.
func FuzzValue(f *testing.F) {
	for i := range classes {
		f.Add(byte(i), []byte(nil))
		f.Add(byte(i), []byte("\x00\x00\x00\x02\x6e"))
		f.Add(byte(i), []byte("12345678"))
		f.Add(byte(i), []byte("\xff\x7f"))
		f.Add(byte(i), []byte("\x00\x08\x00\x00\x00\x00\x00\x00\x04\xd2\x00"))
		f.Add(byte(i), []byte("\x80a\x00\x01x\x00\x00\x08LongType\x00\x00\x00"))
		f.Add(byte(i), []byte("0123456789abcdef"))
	}
	f.Fuzz(func(t *testing.T, class byte, b []byte) {
		format := formatOf(t, classes[int(class)%len(classes)])
		text := format.Append([]byte("x"), b)[1:]
		s := &scanner{text: text}
		back, err := format.read([]byte("y"), s)
		if err != nil || s.end() != nil || !bytes.Equal(back, append([]byte("y"), b...)) {
			t.Fatalf("%s: %x is written %s and read %x, %v", format.name, b, text, back, err)
		}
	})
}

// FuzzRead checks that a value that was read from any text is unchanged after it was
// written and read again.
func FuzzRead(f *testing.F) {
	for i := range classes {
		for _, text := range []string{`"a"`, `1`, `1.5e3`, `"1E+3"`, `true`, `null`, `{"hex":"00ff"}`, `[1,"a",null]`, `[["a",1],"2010-12-11T08:02:15Z"]`, `[{"a":"x"},{"LongType":1}]`, `"127.0.0.1"`} {
			f.Add(byte(i), text)
		}
	}
	f.Fuzz(func(t *testing.T, class byte, text string) {
		format := formatOf(t, classes[int(class)%len(classes)])
		b, err := format.read(nil, &scanner{text: []byte(text)})
		if err != nil {
			t.Skip()
		}
		out := format.Append(nil, b)
		back, err := format.read(nil, &scanner{text: out})
		if err != nil || !bytes.Equal(back, b) {
			t.Fatalf("%s: %q is read %x, written %s and read %x, %v", format.name, text, b, out, back, err)
		}
	})
}
