package ordered

import (
	"encoding/binary"
	"fmt"
	"math"
)

// fixed is the order of values that have a fixed width or are empty. The encoding has the
// width of the type. The encoding of all zeros is followed by a byte that distinguishes the
// lowest value from the empty value, which Cassandra sorts before all others.
type fixed struct {
	width int
	// forth converts a value to its encoding, in place. back does the reverse.
	// forth reports whether back restores the same bytes.
	forth func(b []byte) (exact bool)
	back  func(b []byte)
}

const (
	fixedEmpty  = 0
	fixedLowest = 1
)

var (
	signed64    = fixed{8, flipSign, unflipSign}
	signed32    = fixed{4, flipSign, unflipSign}
	boolean     = fixed{1, flipSign, unflipSign}
	unsigned64  = fixed{8, same, unsame}
	empty       = fixed{0, same, unsame}
	double      = fixed{8, forthDouble, backDouble}
	float       = fixed{4, forthFloat, backFloat}
	anyUUID     = fixed{16, forthUUID, backUUID}
	timeUUID    = fixed{16, forthTimeUUID, backTimeUUID}
	lexicalUUID = fixed{16, forthLexicalUUID, backLexicalUUID}
)

func (f *fixed) append(dst, value []byte) ([]byte, bool, error) {
	n := len(dst)
	switch len(value) {
	default:
		return dst, false, fmt.Errorf("%d bytes instead of %d or none", len(value), f.width)
	case 0:
		dst = append(dst, make([]byte, f.width)...)
		return append(dst, fixedEmpty), true, nil
	case f.width:
		dst = append(dst, value...)
		exact := f.forth(dst[n:])
		if isZero(dst[n:]) {
			dst = append(dst, fixedLowest)
		}
		return dst, exact, nil
	}
}

func (f *fixed) decode(dst, enc []byte, flip byte) (value, rest []byte, err error) {
	rest, err = f.skip(enc, flip)
	if err != nil {
		return nil, nil, err
	}
	if len(enc)-len(rest) > f.width && enc[f.width]^flip == fixedEmpty {
		return dst, rest, nil
	}
	n := len(dst)
	dst = append(dst, enc[:f.width]...)
	if flip != 0 {
		invert(dst[n:])
	}
	f.back(dst[n:])
	return dst, rest, nil
}

func (f *fixed) skip(enc []byte, flip byte) (rest []byte, err error) {
	if len(enc) < f.width {
		return nil, ErrCorrupt
	}
	for _, b := range enc[:f.width] {
		if b != flip {
			return enc[f.width:], nil
		}
	}
	rest = enc[f.width:]
	if len(rest) == 0 || rest[0]^flip > fixedLowest || f.width == 0 && rest[0]^flip != fixedEmpty {
		return nil, ErrCorrupt
	}
	return rest[1:], nil
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

func same([]byte) bool { return true }
func unsame([]byte)    {}

func flipSign(b []byte) bool { b[0] ^= 0x80; return true }
func unflipSign(b []byte)    { b[0] ^= 0x80 }

// Floating-point numbers are in the order of Java's Double.compareTo: -0 is before 0,
// and NaNs are equal to each other and after all numbers. So the bits of a negative
// number are inverted, the sign bit of any other number is set, and every NaN becomes
// Java's NaN.

func forthDouble(b []byte) bool {
	u, exact := binary.BigEndian.Uint64(b), true
	if f := math.Float64frombits(u); f != f {
		const canonical = 0x7ff8 << 48
		u, exact = canonical, u == canonical
	}
	if u>>63 != 0 {
		u = ^u
	} else {
		u |= 1 << 63
	}
	binary.BigEndian.PutUint64(b, u)
	return exact
}

func backDouble(b []byte) {
	u := binary.BigEndian.Uint64(b)
	if u>>63 != 0 {
		u &^= 1 << 63
	} else {
		u = ^u
	}
	binary.BigEndian.PutUint64(b, u)
}

func forthFloat(b []byte) bool {
	u, exact := binary.BigEndian.Uint32(b), true
	if f := math.Float32frombits(u); f != f {
		const canonical = 0x7fc0 << 16
		u, exact = canonical, u == canonical
	}
	if u>>31 != 0 {
		u = ^u
	} else {
		u |= 1 << 31
	}
	binary.BigEndian.PutUint32(b, u)
	return exact
}

func backFloat(b []byte) {
	u := binary.BigEndian.Uint32(b)
	if u>>31 != 0 {
		u &^= 1 << 31
	} else {
		u = ^u
	}
	binary.BigEndian.PutUint32(b, u)
}
