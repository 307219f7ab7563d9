package jsonlines

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/big"
	"strconv"
)

// A decimal is stored as its scale, in four bytes, and a varint. Its value is the varint
// divided by ten to the power of the scale. It is written in the form of Java's
// BigDecimal.toString, which has one text for each pair of scale and varint: 1.10 differs from
// 1.1, and a negative scale is written as 1E+3. The text is a JSON string, since JSON readers
// round numbers.

// maxDigits bounds the digits of integers and decimals, because the time of parsing
// grows faster than the number of digits.
const maxDigits = 100_000

// varint reads an integer in two's complement. ok is false if it has more bytes than needed.
func varint(b []byte) (n *big.Int, ok bool) {
	if len(b) == 0 || len(b) > maxDigits/3 {
		return nil, false
	}
	if len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xff && b[1] >= 0x80) {
		return nil, false
	}
	n = new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n, true
}

// appendVarint appends n in two's complement, with as few bytes as possible.
func appendVarint(dst []byte, n *big.Int) []byte {
	if n.Sign() >= 0 {
		size := n.BitLen()/8 + 1
		return append(dst, n.FillBytes(make([]byte, size))...)
	}
	// The bits of -n-1 are the inverted bits of n.
	m := new(big.Int).Not(n)
	out := m.FillBytes(make([]byte, m.BitLen()/8+1))
	for i := range out {
		out[i] = ^out[i]
	}
	return append(dst, out...)
}

func appendDecimal(dst, b []byte) ([]byte, bool) {
	if len(b) < 5 {
		return nil, false
	}
	scale := int64(int32(binary.BigEndian.Uint32(b)))
	n, ok := varint(b[4:])
	if !ok {
		return nil, false
	}
	dst = append(dst, '"')
	if n.Sign() < 0 {
		dst = append(dst, '-')
	}
	digits := new(big.Int).Abs(n).Append(nil, 10)
	exponent := int64(len(digits)) - 1 - scale
	switch {
	case scale == 0:
		dst = append(dst, digits...)
	case scale > 0 && exponent >= -6:
		if zeros := int(scale) - len(digits) + 1; zeros > 0 {
			digits = append(bytes.Repeat([]byte("0"), zeros), digits...)
		}
		point := len(digits) - int(scale)
		dst = append(append(append(dst, digits[:point]...), '.'), digits[point:]...)
	default:
		dst = append(dst, digits[0])
		if len(digits) > 1 {
			dst = append(append(dst, '.'), digits[1:]...)
		}
		if exponent != 0 {
			dst = append(dst, 'E')
			if exponent > 0 {
				dst = append(dst, '+')
			}
			dst = strconv.AppendInt(dst, exponent, 10)
		}
	}
	return append(dst, '"'), true
}

// readDecimal reads a decimal from a string or from the text of a number.
func readDecimal(dst []byte, s *scanner) ([]byte, error) {
	var text []byte
	var err error
	if s.peek() == '"' {
		if text, err = s.str(); err == nil {
			inner := scanner{text: text}
			if _, bad := inner.number(); bad != nil || inner.pos != len(text) {
				return nil, s.errorf("%q is not a decimal number", text)
			}
		}
	} else {
		text, err = s.number()
	}
	if err != nil {
		return nil, err
	}
	mantissa, exponent := text, int64(0)
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		if exponent, err = strconv.ParseInt(string(text[i+1:]), 10, 64); err != nil {
			return nil, s.errorf("the exponent of %s is out of range", text)
		}
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	if len(mantissa) > maxDigits {
		return nil, s.errorf("a number of %d digits, at most %d are read", len(mantissa), maxDigits)
	}
	if exponent < -math.MaxUint32 || exponent > math.MaxUint32 {
		return nil, s.errorf("the exponent of %s is out of range", text)
	}
	scale := int64(len(fraction)) - exponent
	if scale < math.MinInt32 || scale > math.MaxInt32 {
		return nil, s.errorf("the exponent of %s is out of range", text)
	}
	n, ok := new(big.Int).SetString(string(whole)+string(fraction), 10)
	if !ok {
		return nil, s.errorf("%s is not a decimal number", text)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(int32(scale)))
	return appendVarint(dst, n), nil
}
