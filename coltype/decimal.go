package coltype

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"gopkg.in/inf.v0"
)

// Decimal is a decimal number of any size and precision. It takes *inf.Dec,
// integers, floats (as the shortest decimal that reads back as the same float),
// and text such as "-12.50" or "1.25e-7"; nil is packed as empty bytes. It unpacks to
// *inf.Dec, and empty bytes to nil. The scale is kept: 1.0 and 1.00 are packed to
// different bytes, but are equal for Compare.
var Decimal Type = decimalType{}

type decimalType struct{}

func (decimalType) String() string { return marshal + "DecimalType" }

func (t decimalType) Append(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case *inf.Dec:
		if v == nil {
			return dst, nil
		}
		return appendDecimal(dst, v), nil
	case inf.Dec:
		return appendDecimal(dst, &v), nil
	case float32:
		return t.appendText(dst, shortest(float64(v), 32))
	}
	if n, large, ok := integer(v); ok {
		dst = append(dst, 0, 0, 0, 0)
		if large != nil {
			return appendBig(dst, large), nil
		}
		return appendVarint(dst, n), nil
	}
	if f, ok := float(v); ok {
		return t.appendText(dst, shortest(f, 64))
	}
	if s, b, ok := text(v); ok {
		return t.appendText(dst, s+string(b))
	}
	return dst, refuse(t, v, "a decimal, an integer, a float or text")
}

func (t decimalType) appendText(dst []byte, s string) ([]byte, error) {
	d, err := parseDecimal(s)
	if err != nil {
		return dst, fmt.Errorf("pack %s: %w", shortName(t), err)
	}
	return appendDecimal(dst, d), nil
}

// appendDecimal appends the scale, 4 bytes big-endian, and the unscaled value.
func appendDecimal(dst []byte, d *inf.Dec) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(d.Scale()))
	return appendBig(dst, d.UnscaledBig())
}

// parseDecimal reads digits with an optional sign, point and exponent.
func parseDecimal(s string) (*inf.Dec, error) {
	mantissa, exponent := s, int64(0)
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		var err error
		if exponent, err = strconv.ParseInt(s[i+1:], 10, 64); err != nil {
			return nil, fmt.Errorf("invalid decimal number %.40q", s)
		}
		mantissa = s[:i]
	}
	d, ok := new(inf.Dec).SetString(mantissa)
	if !ok {
		return nil, fmt.Errorf("invalid decimal number %.40q", s)
	}
	scale := int64(d.Scale()) - exponent
	// The exponent itself may be so large that the difference wraps around.
	if exponent != int64(d.Scale())-scale || scale != int64(int32(scale)) {
		return nil, fmt.Errorf("the exponent of %.40q is out of range", s)
	}
	return d.SetScale(inf.Scale(scale)), nil
}

var (
	errNoScale    = errors.New("a decimal has 4 bytes of scale")
	errNoUnscaled = errors.New("a decimal has a value after its scale")
)

func (t decimalType) Unpack(b []byte) (any, error) {
	if len(b) == 0 {
		return nil, nil
	}
	d, err := decodeDecimal(b)
	if err != nil {
		return nil, malformed(t, err)
	}
	return d, nil
}

func decodeDecimal(b []byte) (*inf.Dec, error) {
	switch {
	case len(b) < 4:
		return nil, errNoScale
	case len(b) == 4:
		return nil, errNoUnscaled
	}
	scale := int32(binary.BigEndian.Uint32(b))
	return inf.NewDecBig(bigInt(b[4:]), inf.Scale(scale)), nil
}

// Validate accepts everything, as Cassandra does: even bytes that are too short
// to be unpacked.
func (decimalType) Validate([]byte) error { return nil }

// Compare orders by value. One to four bytes are not a number: Cassandra fails, and
// Compare orders them after empty bytes and before all numbers.
func (decimalType) Compare(a, b []byte) int {
	if c := cmp.Compare(decimalRank(a), decimalRank(b)); c != 0 {
		return c
	}
	if len(a) < 5 {
		return bytes.Compare(a, b)
	}
	scaleA, scaleB := int32(binary.BigEndian.Uint32(a)), int32(binary.BigEndian.Uint32(b))
	a, b = trimSign(a[4:]), trimSign(b[4:])
	if c := cmp.Compare(sign(a), sign(b)); c != 0 || sign(a) == 0 {
		return c
	}
	if scaleA == scaleB {
		return compareVarints(a, b)
	}
	return compareScaled(bigInt(a), bigInt(b), int64(scaleA), int64(scaleB))
}

func decimalRank(b []byte) int {
	switch {
	case len(b) == 0:
		return 0
	case len(b) < 5:
		return 1
	}
	return 2
}

// sign returns the sign of a trimmed two's complement number.
func sign(b []byte) int {
	switch {
	case b[0] >= 0x80:
		return -1
	case b[0] == 0 && len(b) == 1:
		return 0
	}
	return 1
}

// compareScaled compares x/10^scaleX with y/10^scaleY, which have the same sign and are
// not zero. The scales may be billions apart, so compareScaled first compares the powers
// of ten of the leading digits. If these are close to each other, the scales differ by no
// more digits than the numbers have.
func compareScaled(x, y *big.Int, scaleX, scaleY int64) int {
	const log10of2 = 0.30102999566398119521
	digits := func(x *big.Int) float64 { return float64(x.BitLen()) * log10of2 } // at most 0.302 too many
	magnitudeX, magnitudeY := digits(x)-float64(scaleX), digits(y)-float64(scaleY)
	if math.Abs(magnitudeX-magnitudeY) > 1 {
		return cmp.Compare(magnitudeX, magnitudeY) * x.Sign()
	}
	ten := func(n int64) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil) }
	if scaleX < scaleY {
		x.Mul(x, ten(scaleY-scaleX))
	} else {
		y.Mul(y, ten(scaleX-scaleY))
	}
	return x.Cmp(y)
}
