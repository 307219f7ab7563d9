package ordered

import (
	"bytes"
	"errors"
	"testing"
)

// TestLongDecimals encodes the longest decimals that there can be, and refuses to
// decode longer ones, which would take seconds.
func TestLongDecimals(t *testing.T) {
	c, typ := mustCodec(t, "DecimalType")
	for _, first := range []byte{0x7f, 0x80} {
		value := append([]byte{0, 0, 0, 0, first}, bytes.Repeat([]byte{0xff}, MaxLen-5)...)
		enc, exact, err := c.Append(nil, value)
		if err != nil || !exact {
			t.Fatalf("Append of %d bytes: exact %v, %v", len(value), exact, err)
		}
		got, rest, err := c.Decode(nil, enc)
		if err != nil || len(rest) > 0 || typ.Compare(got, value) != 0 {
			t.Errorf("Decode of the longest decimal: %d bytes, %d left, %v", len(got), len(rest), err)
		}
	}
	enc := appendInteger([]byte{decimalPositive}, []byte{5})
	enc = append(enc, bytes.Repeat([]byte{77}, maxPairs+1)...)
	if _, _, err := c.Decode(nil, append(enc, 0)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("Decode of %d pairs of digits: %v, want ErrCorrupt", maxPairs+1, err)
	}
}
