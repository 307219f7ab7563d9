package ordered

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
)

// decimal is the order of DecimalType: by value, whatever the number of trailing
// zeros. A packed decimal is a scale, in 4 bytes, and an integer in two's
// complement. Its value is the integer divided by 10 to the power of the scale.
//
// An encoding begins with a byte for the sign. If the number is not zero, e and the digits d
// follow. The value is 0.d × 10^e, and d has no zeros at either end. e is encoded as
// [integer] encodes it. Each pair of digits is a byte from 1 to 100, and a 0 ends the digits.
// In a negative number, all bytes after the sign are inverted.
//
// DecimalType accepts 1 to 4 bytes as valid but cannot compare them. They are encoded
// as they are and sort before all numbers.
type decimal struct{}

const (
	decimalEmpty = iota
	decimalShort
	decimalNegative
	decimalZero
	decimalPositive
)

// MaxDecimal is the maximal length of the integer of an encoded decimal, about 9,800 digits. The time
// to convert an integer to decimal digits grows faster than its length. With this bound, the time to encode a
// value is proportional to its length, however many decimals it contains.
const MaxDecimal = 4 << 10

// plainZeros is the number of trailing zeros of an integer that decode writes as
// digits. It writes more zeros as a negative scale.
const plainZeros = 30

// maxZeros is above the number of digits of a value of MaxLen bytes.
const maxZeros = 3 * MaxLen

// maxPairs is above the number of pairs of digits of a value of MaxLen bytes. Decimals of more than
// MaxDecimal bytes are decoded up to this length, since stores may contain decimals from before MaxDecimal existed.
const maxPairs = MaxLen * 5 / 4

func (d decimal) append(dst, value []byte) ([]byte, bool, error) {
	if len(value) == 0 {
		return append(dst, decimalEmpty), true, nil
	}
	if len(value) < 5 {
		return AppendBytes(append(dst, decimalShort), value), true, nil
	}
	number := significant(value[4:])
	if len(number) > MaxDecimal {
		return dst, false, fmt.Errorf("%w for decimals of more than %d bytes: %d", ErrNoOrder, MaxDecimal, len(number))
	}
	n := len(dst)
	dst = appendDecimal(dst, int64(int32(binary.BigEndian.Uint32(value))), fromTwos(number))
	var buf [64]byte
	back, _, err := d.decode(buf[:0], dst[n:], 0)
	return dst, bytes.Equal(back, value), err
}

func appendDecimal(dst []byte, scale int64, unscaled *big.Int) []byte {
	switch unscaled.Sign() {
	case 0:
		return append(dst, decimalZero)
	case -1:
		dst = append(dst, decimalNegative)
		n := len(dst)
		dst = appendMagnitude(dst, scale, unscaled.Neg(unscaled))
		invert(dst[n:])
		return dst
	}
	return appendMagnitude(append(dst, decimalPositive), scale, unscaled)
}

func appendMagnitude(dst []byte, scale int64, unscaled *big.Int) []byte {
	var buf [64]byte
	digits := unscaled.Append(buf[:0], 10)
	exponent := int64(len(digits)) - scale
	digits = bytes.TrimRight(digits, "0")

	var e [8]byte
	binary.BigEndian.PutUint64(e[:], uint64(exponent))
	dst = appendInteger(dst, significant(e[:]))
	for len(digits) > 1 {
		dst = append(dst, (digits[0]-'0')*10+(digits[1]-'0')+1)
		digits = digits[2:]
	}
	if len(digits) == 1 {
		dst = append(dst, (digits[0]-'0')*10+1)
	}
	return append(dst, 0)
}

func (decimal) decode(dst, enc []byte, flip byte) (value, rest []byte, err error) {
	if len(enc) == 0 {
		return nil, nil, ErrCorrupt
	}
	sign := enc[0] ^ flip
	enc = enc[1:]
	switch sign {
	case decimalEmpty:
		return dst, enc, nil
	case decimalShort:
		return raw{}.decode(dst, enc, flip)
	case decimalZero:
		return append(dst, 0, 0, 0, 0, 0), enc, nil
	case decimalNegative:
		flip = ^flip
	case decimalPositive:
	default:
		return nil, nil, ErrCorrupt
	}

	exponent, enc, err := decodeExponent(enc, flip)
	if err != nil {
		return nil, nil, err
	}
	end := bytes.IndexByte(enc, flip)
	if end <= 0 || end > maxPairs {
		return nil, nil, ErrCorrupt
	}
	digits := make([]byte, 0, 2*end+plainZeros)
	for _, b := range enc[:end] {
		b ^= flip
		if b > 100 {
			return nil, nil, ErrCorrupt
		}
		digits = append(digits, (b-1)/10+'0', (b-1)%10+'0')
	}
	if digits[0] == '0' || enc[end-1]^flip == 1 {
		return nil, nil, ErrCorrupt
	}
	digits = bytes.TrimRight(digits, "0")

	// An integer gets its trailing zeros. A number with the lowest possible scale
	// needs them.
	scale := int64(len(digits)) - exponent
	zeros := int64(0)
	switch {
	case scale > math.MaxInt32 || scale < math.MinInt32-maxZeros:
		return nil, nil, ErrCorrupt
	case scale < math.MinInt32:
		zeros = math.MinInt32 - scale
	case scale < 0 && scale >= -plainZeros:
		zeros = -scale
	}
	digits = append(digits, bytes.Repeat([]byte{'0'}, int(zeros))...)
	unscaled, ok := new(big.Int).SetString(string(digits), 10)
	if !ok {
		return nil, nil, ErrCorrupt
	}
	if sign == decimalNegative {
		unscaled.Neg(unscaled)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(scale+zeros))
	return appendTwos(dst, unscaled), enc[end+1:], nil
}

func (decimal) skip(enc []byte, flip byte) (rest []byte, err error) {
	if len(enc) == 0 {
		return nil, ErrCorrupt
	}
	sign := enc[0] ^ flip
	enc = enc[1:]
	switch sign {
	case decimalEmpty, decimalZero:
		return enc, nil
	case decimalShort:
		return raw{}.skip(enc, flip)
	case decimalNegative:
		flip = ^flip
	case decimalPositive:
	default:
		return nil, ErrCorrupt
	}
	_, enc, err = splitInteger(enc, flip)
	if err != nil {
		return nil, err
	}
	end := bytes.IndexByte(enc, flip)
	if end < 0 {
		return nil, ErrCorrupt
	}
	return enc[end+1:], nil
}

func decodeExponent(enc []byte, flip byte) (e int64, rest []byte, err error) {
	number, rest, err := splitInteger(enc, flip)
	// An exponent is the difference of two much smaller numbers.
	if err != nil || len(number) == 0 || len(number) > 6 {
		return 0, nil, ErrCorrupt
	}
	e = int64(int8(number[0] ^ flip))
	for _, b := range number[1:] {
		e = e<<8 | int64(b^flip)
	}
	return e, rest, nil
}

// fromTwos reads an integer in two's complement, big-endian.
func fromTwos(b []byte) *big.Int {
	x := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		x.Sub(x, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return x
}

// appendTwos appends an integer in two's complement, as short as possible.
func appendTwos(dst []byte, x *big.Int) []byte {
	n := len(dst)
	dst = append(dst, 0)
	if x.Sign() < 0 {
		dst = append(dst, new(big.Int).Not(x).Bytes()...)
		invert(dst[n:])
	} else {
		dst = append(dst, x.Bytes()...)
	}
	return append(dst[:n], significant(dst[n:])...)
}
