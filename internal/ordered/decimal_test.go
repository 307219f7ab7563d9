package ordered

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"
)

// TestLongDecimals encodes decimals of the maximal length and checks that longer decimals are refused. It
// also decodes longer decimals that were encoded before they were refused, up to their own limit.
func TestLongDecimals(t *testing.T) {
	c, typ := mustCodec(t, "DecimalType")
	for _, first := range []byte{0x7f, 0x80} {
		value := append([]byte{0, 0, 0, 0, first}, bytes.Repeat([]byte{0xff}, MaxDecimal-1)...)
		enc, exact, err := c.Append(nil, value)
		if err != nil || !exact {
			t.Fatalf("Append of %d bytes: exact %v, %v", len(value), exact, err)
		}
		got, rest, err := c.Decode(nil, enc)
		if err != nil || len(rest) > 0 || typ.Compare(got, value) != 0 {
			t.Errorf("Decode of the longest decimal: %d bytes, %d left, %v", len(got), len(rest), err)
		}

		longest := append([]byte{0, 0, 0, 0, first}, bytes.Repeat([]byte{0xff}, MaxLen-5)...)
		if enc, _, err := c.Append([]byte("kept"), longest); !errors.Is(err, ErrNoOrder) || string(enc) != "kept" {
			t.Errorf("Append of %d bytes: %v, %v, want ErrNoOrder", len(longest), enc, err)
		}
		enc = appendDecimal(nil, 0, fromTwos(longest[4:]))
		got, rest, err = c.Decode(nil, enc)
		if err != nil || len(rest) > 0 || !bytes.Equal(got, longest) {
			t.Errorf("Decode of a decimal from before the bound: %d bytes, %d left, %v", len(got), len(rest), err)
		}
	}
	// Bytes that only repeat the sign do not count as length.
	if _, _, err := c.Append(nil, make([]byte, MaxLen)); err != nil {
		t.Errorf("a long zero: %v", err)
	}
	enc := appendInteger([]byte{decimalPositive}, []byte{5})
	enc = append(enc, bytes.Repeat([]byte{77}, maxPairs+1)...)
	if _, _, err := c.Decode(nil, append(enc, 0)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("Decode of %d pairs of digits: %v, want ErrCorrupt", maxPairs+1, err)
	}
}

// TestDynamicBound encodes names with many short components, each with an alias of a long class name. The
// encoding would contain the full class names. Its length is checked before it is built.
func TestDynamicBound(t *testing.T) {
	long := "CompositeType(" + strings.Repeat("LongType,", 1000) + "LongType)" // the full name has 40,000 bytes
	for _, class := range []string{"DynamicCompositeType(a=>" + long + ")", "ReversedType(DynamicCompositeType(a=>" + long + "))"} {
		c, _ := mustCodec(t, class)
		component := []byte{0x80, 'a', 0, 0, 0}
		if _, _, err := c.Append(nil, component); err != nil {
			t.Errorf("one component: %v", err)
		}
		name := bytes.Repeat(component, MaxLen/len(component))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if enc, _, err := c.Append(nil, name); !errors.Is(err, ErrNoOrder) {
			t.Errorf("a name of %d bytes: %d, %v, want ErrNoOrder", len(name), len(enc), err)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 16*MaxEncoded {
			t.Errorf("to refuse a name takes %d bytes, want at most %d", n, 16*MaxEncoded)
		}
	}
}
