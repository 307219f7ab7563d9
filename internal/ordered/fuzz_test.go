package ordered

import (
	"bytes"
	"cmp"
	"errors"
	"testing"

	"github.com/widerow/widerow/coltype"
)

// fuzz checks the properties of the encoding of one type: order, round trip, no
// prefixes, and decoders that accept any bytes without a panic. Its seeds are the values
// of the same class in testdata/order.txt, in neighbouring pairs.
func fuzz(f *testing.F, class string) { fuzzLike(f, class, class) }

// fuzzLike is fuzz with the values of another class.
func fuzzLike(f *testing.F, class, seeds string) {
	c, typ := mustCodec(f, class)
	found := false
	for _, r := range rankings(f) {
		if r.class != seeds {
			continue
		}
		found = true
		for i := range r.ranks {
			f.Add(r.ranks[i][0], r.ranks[max(0, i-1)][0])
		}
	}
	if !found {
		f.Fatalf("testdata/order.txt has no values of %s", seeds)
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		checkDecoders(t, c, typ, a)
		x, okA := encode(t, c, typ, a)
		y, okB := encode(t, c, typ, b)
		if okA {
			checkRoundTrip(t, c, typ, a)
		}
		if !okA || !okB {
			return
		}
		order := cmp.Compare(typ.Compare(a, b), 0)
		if got := bytes.Compare(x, y); got != order {
			t.Errorf("%x and %x: encodings %x and %x compare as %d, want %d", a, b, x, y, got, order)
		}
		if order != 0 && (bytes.HasPrefix(x, y) || bytes.HasPrefix(y, x)) {
			t.Errorf("%x and %x: one of the encodings %x and %x begins with the other", a, b, x, y)
		}
		// // Concatenated encodings sort as tuples: the first elements decide between (a, b)
		// and (b, a).
		if got := bytes.Compare(append(bytes.Clone(x), y...), append(bytes.Clone(y), x...)); got != order {
			t.Errorf("(%x, %x) and its reverse compare as %d, want %d", a, b, got, order)
		}
	})
}

// encode returns the encoding of a value, unless the value is invalid or has no
// order.
func encode(t *testing.T, c *Codec, typ coltype.Type, value []byte) (enc []byte, ok bool) {
	t.Helper()
	enc, _, err := c.Append(nil, value)
	if err != nil && !errors.Is(err, ErrNoOrder) && typ.Validate(value) == nil {
		t.Fatalf("Append(%x): %v, but it is valid", value, err)
	}
	return enc, err == nil
}

// checkDecoders checks that Decode and Skip agree about any bytes. It also checks that a
// decoded value is encoded to the same bytes, or to bytes that decode to an equal value.
func checkDecoders(t *testing.T, c *Codec, typ coltype.Type, enc []byte) {
	t.Helper()
	value, rest, err := c.Decode(nil, enc)
	after, skipErr := c.Skip(enc)
	if err != nil {
		if !errors.Is(err, ErrCorrupt) {
			t.Errorf("Decode(%x) fails with %v, which is not ErrCorrupt", enc, err)
		}
		return
	}
	if skipErr != nil || !bytes.Equal(after, rest) {
		t.Errorf("Skip(%x) = %x, %v; Decode leaves %x", enc, after, skipErr, rest)
	}
	again, _, err := c.Append(nil, value)
	if err != nil {
		return // the value is too long, or its type is no longer valid
	}
	value2, _, err := c.Decode(nil, again)
	if err != nil || typ.Compare(value, value2) != 0 {
		t.Errorf("Decode(%x) = %x, but its encoding %x decodes as %x, %v", enc, value, again, value2, err)
	}
}

func FuzzBytes(f *testing.F)         { fuzz(f, "BytesType") }
func FuzzAscii(f *testing.F)         { fuzz(f, "AsciiType") }
func FuzzUTF8(f *testing.F)          { fuzz(f, "UTF8Type") }
func FuzzLong(f *testing.F)          { fuzz(f, "LongType") }
func FuzzInt32(f *testing.F)         { fuzz(f, "Int32Type") }
func FuzzInteger(f *testing.F)       { fuzz(f, "IntegerType") }
func FuzzDouble(f *testing.F)        { fuzz(f, "DoubleType") }
func FuzzFloat(f *testing.F)         { fuzz(f, "FloatType") }
func FuzzDecimal(f *testing.F)       { fuzz(f, "DecimalType") }
func FuzzBoolean(f *testing.F)       { fuzz(f, "BooleanType") }
func FuzzDate(f *testing.F)          { fuzz(f, "DateType") }
func FuzzTimestamp(f *testing.F)     { fuzzLike(f, "TimestampType", "LongType") }
func FuzzCounterColumn(f *testing.F) { fuzz(f, "CounterColumnType") }
func FuzzUUID(f *testing.F)          { fuzz(f, "UUIDType") }
func FuzzTimeUUID(f *testing.F)      { fuzz(f, "TimeUUIDType") }
func FuzzLexicalUUID(f *testing.F)   { fuzz(f, "LexicalUUIDType") }
func FuzzInetAddress(f *testing.F)   { fuzz(f, "InetAddressType") }

func FuzzReversedBytes(f *testing.F)    { fuzz(f, "ReversedType(BytesType)") }
func FuzzReversedInteger(f *testing.F)  { fuzz(f, "ReversedType(IntegerType)") }
func FuzzReversedDecimal(f *testing.F)  { fuzz(f, "ReversedType(DecimalType)") }
func FuzzReversedTimeUUID(f *testing.F) { fuzz(f, "ReversedType(TimeUUIDType)") }
func FuzzReversedComposite(f *testing.F) {
	fuzz(f, "ReversedType(CompositeType(UTF8Type,ReversedType(LongType)))")
}

func FuzzComposite(f *testing.F) { fuzz(f, "CompositeType(UTF8Type,LongType)") }
func FuzzCompositeBytes(f *testing.F) {
	fuzz(f, "CompositeType(BytesType,BytesType,BytesType)")
}

func FuzzCompositeInexact(f *testing.F) {
	fuzz(f, "CompositeType(DecimalType,IntegerType,DoubleType)")
}

func FuzzCompositeReversed(f *testing.F) {
	fuzz(f, "CompositeType(LongType,ReversedType(UTF8Type),TimeUUIDType)")
}

func FuzzCompositeNested(f *testing.F) {
	fuzz(f, "CompositeType(ReversedType(LongType),CompositeType(UTF8Type,LongType))")
}

func FuzzDynamicComposite(f *testing.F) {
	fuzz(f, "DynamicCompositeType(l=>LongType,t=>UTF8Type,r=>ReversedType(LongType))")
}
