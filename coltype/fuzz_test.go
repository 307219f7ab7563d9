package coltype_test

import (
	"bufio"
	"bytes"
	"os"
	"strings"
	"testing"

	. "github.com/widerow/widerow/coltype"
)

var dynamicType = DynamicComposite(map[byte]Type{
	'a': ASCII, 'l': Long, 't': TimeUUID, 'R': Reversed(Long), 'x': Unknown("com.example.X"), 'c': Composite(Long, UTF8),
})

// fuzzed lists the types of the fuzz targets. The input picks one by its number.
var fuzzed = []Type{
	Bytes, ASCII, UTF8, Empty, Long, Int32, Integer, CounterColumn, Double, Float, Boolean, Decimal,
	Date, Timestamp, OldPycassaDate, IntermediateDate, UUID, TimeUUID, LexicalUUID, InetAddress,
	Reversed(Long), Reversed(Decimal), Reversed(Reversed(UTF8)), Unknown("com.example.X"),
	Composite(Long, UTF8), Composite(Reversed(Decimal), TimeUUID, Integer), Composite(Composite(Integer, Bytes), Boolean),
	dynamicType, Reversed(Composite(Double, ASCII)), Composite(dynamicType, UUID),
}

// seed adds the bytes of testdata's answers of Cassandra, as three arguments.
func seed(f *testing.F, add func(typ uint8, field []string)) {
	file, err := os.Open("testdata/cassandra-1.2.19.txt")
	if err != nil {
		f.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for n := 0; lines.Scan(); n++ {
		field := strings.Split(lines.Text(), "\t")
		if field[0] != "C" || n%4 != 0 {
			continue
		}
		typ, err := Parse(field[1])
		if err != nil {
			f.Fatal(err)
		}
		number := n % len(fuzzed)
		for i, t := range fuzzed {
			if Equal(t, typ) {
				number = i
			}
		}
		if _, ok := typ.(*DynamicCompositeType); ok {
			number = 27
		}
		add(uint8(number), field)
	}
}

func pick(typ uint8) Type { return fuzzed[int(typ)%len(fuzzed)] }

// FuzzUnpack unpacks any bytes. Bytes that Validate refuses must not unpack. Bytes that unpack must
// pack again to bytes that Compare reports as equal.
func FuzzUnpack(f *testing.F) {
	seed(f, func(typ uint8, field []string) { f.Add(typ, unhex(f, field[2])) })
	f.Fuzz(func(t *testing.T, n uint8, b []byte) {
		typ := pick(n)
		original := bytes.Clone(b)
		invalid := typ.Validate(b)
		v, err := typ.Unpack(b)
		if !bytes.Equal(b, original) {
			t.Fatalf("%v changed %x to %x", typ, original, b)
		}
		if invalid != nil && err == nil {
			if !namesUnknown(typ, invalid) {
				t.Fatalf("%v unpacks %x to %v, but refuses it: %v", typ, b, v, invalid)
			}
			return
		}
		if err != nil {
			if invalid == nil && !hasDecimal(typ) {
				t.Fatalf("%v accepts %x, but does not unpack it: %v", typ, b, err)
			}
			return
		}
		packed, err := Pack(typ, v)
		if typ == IntermediateDate && err != nil {
			return // an old date that has no new form
		}
		if err != nil {
			t.Fatalf("%v does not pack %#v, which it unpacked of %x: %v", typ, v, b, err)
		}
		again, err := typ.Unpack(packed)
		if err != nil {
			t.Fatalf("%v does not unpack %x, which it packed: %v", typ, packed, err)
		}
		if twice, err := Pack(typ, again); err != nil || !bytes.Equal(packed, twice) {
			t.Fatalf("%v packs %x, unpacks and packs %x, %v", typ, packed, twice, err)
		}
		if !writesOther(typ, b) && typ.Compare(b, packed) != 0 {
			t.Fatalf("%v orders %x and %x, its other form, apart", typ, b, packed)
		}
	})
}

// namesUnknown reports whether bytes are refused because they name a class that no node
// has. Such bytes still unpack, as values of an unknown type.
func namesUnknown(typ Type, err error) bool {
	_, ok := typ.(*DynamicCompositeType)
	composite, nested := typ.(*CompositeType)
	return (ok || nested && composite.Components()[0] == Type(dynamicType)) && strings.HasPrefix(err.Error(), "Cannot find comparator")
}

// hasDecimal reports whether decimals may be in values of typ: Cassandra accepts
// decimals that are too short.
func hasDecimal(typ Type) bool {
	return strings.Contains(typ.String(), "DecimalType") || strings.Contains(typ.String(), "DynamicCompositeType")
}

// writesOther reports whether unpacking and packing changes the value by design: a
// boolean that is neither 0 nor 1, or an old date, which is written in the new form.
func writesOther(typ Type, b []byte) bool {
	return strings.Contains(typ.String(), "BooleanType") || typ == IntermediateDate || bytes.Contains(b, []byte("BooleanType"))
}

// FuzzCompare checks that Compare is a total preorder on any bytes.
func FuzzCompare(f *testing.F) {
	var last []byte
	seed(f, func(typ uint8, field []string) {
		f.Add(typ, unhex(f, field[2]), unhex(f, field[3]), last)
		last = unhex(f, field[2])
	})
	f.Fuzz(func(t *testing.T, n uint8, a, b, c []byte) {
		typ := pick(n)
		names := [][]byte{a, b, c, nil, mix(a, b), mix(b, c), mix(c, a)}
		order := make([][]int, len(names))
		for i, x := range names {
			order[i] = make([]int, len(names))
			for j, y := range names {
				order[i][j] = typ.Compare(x, y)
			}
			if order[i][i] != 0 {
				t.Fatalf("%v: Compare(%x, %x) = %d", typ, x, x, order[i][i])
			}
		}
		for i, x := range names {
			for j, y := range names {
				if order[i][j] != -order[j][i] || order[i][j] < -1 || order[i][j] > 1 {
					t.Fatalf("%v: %x and %x: %d and %d", typ, x, y, order[i][j], order[j][i])
				}
				for k, z := range names {
					if order[i][j] <= 0 && order[j][k] <= 0 && order[i][k] > 0 ||
						order[i][j] == 0 && order[j][k] == 0 && order[i][k] != 0 {
						t.Fatalf("%v: %x, %x, %x: %d, %d, but %d", typ, x, y, z, order[i][j], order[j][k], order[i][k])
					}
				}
			}
		}
	})
}

// mix returns the first half of a and the second half of b, to compare with both.
func mix(a, b []byte) []byte {
	return append(bytes.Clone(a[:len(a)/2]), b[len(b)/2:]...)
}

// FuzzTuples checks that a composite name lies between its own bounds, for every number of
// components and in both directions.
func FuzzTuples(f *testing.F) {
	f.Add(int64(1), "a", int64(2), uint8(2))
	f.Add(int64(-1), "", int64(0), uint8(0))
	f.Fuzz(func(t *testing.T, a int64, b string, c int64, size uint8) {
		parts := [][]Type{{Long, Bytes, Integer}, {Reversed(Integer), Reversed(Bytes), Long}}
		name := Tuple{a, b, c}
		prefix := append(Tuple{}, name[:1+int(size)%3]...)
		outside := append(Tuple{}, prefix...)
		outside[len(outside)-1] = Exclusive(outside[len(outside)-1])
		if len(b) > 1<<16-1 {
			return
		}
		for _, components := range parts {
			for _, typ := range []Type{Composite(components...), Reversed(Composite(components...))} {
				packed := must(Pack(typ, name))(t)
				from, to := must(PackBound(typ, prefix, Lower))(t), must(PackBound(typ, prefix, Upper))(t)
				if typ.Compare(from, packed) >= 0 || typ.Compare(packed, to) >= 0 {
					t.Fatalf("%v: %v is not within %v", typ, name, prefix)
				}
				after, before := must(PackBound(typ, outside, Lower))(t), must(PackBound(typ, outside, Upper))(t)
				if typ.Compare(packed, after) >= 0 || typ.Compare(before, packed) >= 0 {
					t.Fatalf("%v: %v is within exclusive %v", typ, name, prefix)
				}
			}
		}
	})
}

func must(b []byte, err error) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

// FuzzCodec checks that codecs agree with their types on any bytes.
func FuzzCodec(f *testing.F) {
	seed(f, func(_ uint8, field []string) { f.Add(unhex(f, field[2])) })
	f.Fuzz(func(t *testing.T, b []byte) {
		agree[string](t, b, Bytes, ASCII, UTF8)
		agree[int64](t, b, Long, Int32, Integer, CounterColumn)
		agree[float64](t, b, Double, Float)
		agree[bool](t, b, Boolean)
	})
}

func agree[T comparable](t *testing.T, b []byte, types ...Type) {
	for _, typ := range types {
		c, err := CodecOf[T](typ)
		if err != nil {
			t.Fatal(err)
		}
		v, err := c.Decode(b)
		want, wantErr := typ.Unpack(b)
		if err == nil && wantErr != nil || err != nil && wantErr == nil && want != nil && typ != Integer {
			t.Fatalf("%v of %x: %v, %v; Unpack: %v, %v", typ, b, v, err, want, wantErr)
		}
		if err != nil {
			continue
		}
		one, err := c.Append(nil, v)
		if err != nil {
			t.Fatalf("%v: Append(%v): %v", typ, v, err)
		}
		two, err := Pack(typ, want)
		if err != nil {
			t.Fatalf("%v: Pack(%v): %v", typ, want, err)
		}
		if typ.Compare(one, two) != 0 {
			t.Fatalf("%v: Append(%v) = %x, Pack(%v) = %x", typ, v, one, want, two)
		}
	}
}

// FuzzDecimal checks that text packed as a decimal unpacks to the same number.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-12.50", "1e-7", "+.5E3", "1e2147483648", "e", "1e-9223372036854775808", "0.0e99999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		packed, err := Pack(Decimal, s)
		if err != nil {
			return
		}
		v, err := Decimal.Unpack(packed)
		if err != nil {
			t.Fatalf("Pack(%q) = %x: %v", s, packed, err)
		}
		if again := must(Pack(Decimal, v))(t); !bytes.Equal(packed, again) {
			t.Fatalf("Pack(%q) = %x, packed again %x", s, packed, again)
		}
	})
}

// FuzzParse checks that a type that Parse returns prints as a class name that Parse reads as the
// same type.
func FuzzParse(f *testing.F) {
	for _, class := range []string{
		"", "LongType", "LongType(reversed=true)", "CompositeType(LongType(reversed=true), AsciiType)", "ReversedType()",
		"DynamicCompositeType(a=>LongType, b=>CompositeType(Foo(x(y)), UTF8Type))", "com.example.Foo (a", " ( ",
	} {
		f.Add(class)
	}
	f.Fuzz(func(t *testing.T, class string) {
		typ, err := Parse(class)
		if err != nil {
			return
		}
		again, err := Parse(typ.String())
		if err != nil || !Equal(typ, again) || typ.String() != again.String() {
			t.Fatalf("Parse(%q) = %v, which parses to %v, %v", class, typ, again, err)
		}
	})
}
