package coltype

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/big"
)

// Types of integers. They take all kinds of Go integers and big.Int, if the number is
// in range. They pack nil as empty bytes, and unpack empty bytes to nil.
var (
	// Long is a 64-bit integer. It unpacks to int64.
	Long Type = longType{}
	// Int32 is a 32-bit integer. It unpacks to int32.
	Int32 Type = int32Type{}
	// Integer is an integer of any size (varint in CQL). It unpacks to *big.Int.
	Integer Type = integerType{}
	// CounterColumn is the validator of counters: a 64-bit count. It unpacks to int64.
	CounterColumn Type = counterType{}
)

type longType struct{}

func (longType) String() string { return marshal + "LongType" }

func (t longType) Append(dst []byte, v any) ([]byte, error) { return appendLong(t, dst, v) }

func appendLong(t Type, dst []byte, v any) ([]byte, error) {
	n, large, ok := integer(v)
	switch {
	case !ok:
		return dst, refuse(t, v, "an integer")
	case large != nil:
		return dst, outOfRange(t, large)
	}
	return binary.BigEndian.AppendUint64(dst, uint64(n)), nil
}

func (t longType) Unpack(b []byte) (any, error) { return unpackLong(t, b) }

func unpackLong(t Type, b []byte) (any, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if err := t.Validate(b); err != nil {
		return nil, malformed(t, err)
	}
	return int64(binary.BigEndian.Uint64(b)), nil
}

func (longType) Validate(b []byte) error { return validateLong(b) }

func validateLong(b []byte) error {
	if len(b) != 8 && len(b) != 0 {
		return inCassandrasWords("Expected 8 or 0 byte long (%d)", len(b))
	}
	return nil
}

func (longType) Compare(a, b []byte) int {
	if len(a) == 8 && len(b) == 8 {
		return cmp.Compare(int64(binary.BigEndian.Uint64(a)), int64(binary.BigEndian.Uint64(b)))
	}
	return compareSigned(a, b)
}

// compareSigned orders big-endian two's complement numbers of one length. It orders any
// other bytes as Cassandra's LongType does.
func compareSigned(a, b []byte) int {
	if len(a) == 0 || len(b) == 0 {
		return cmp.Compare(len(a), len(b))
	}
	if c := cmp.Compare(int8(a[0]), int8(b[0])); c != 0 {
		return c
	}
	return bytes.Compare(a, b)
}

type counterType struct{}

func (counterType) String() string                             { return marshal + "CounterColumnType" }
func (t counterType) Append(dst []byte, v any) ([]byte, error) { return appendLong(t, dst, v) }
func (t counterType) Unpack(b []byte) (any, error)             { return unpackLong(t, b) }
func (counterType) Validate(b []byte) error                    { return validateLong(b) }

// Compare is unsigned, as in Cassandra. Counters are never names.
func (counterType) Compare(a, b []byte) int { return bytes.Compare(a, b) }

type int32Type struct{}

func (int32Type) String() string { return marshal + "Int32Type" }

func (t int32Type) Append(dst []byte, v any) ([]byte, error) {
	n, large, ok := integer(v)
	switch {
	case !ok:
		return dst, refuse(t, v, "an integer")
	case large != nil:
		return dst, outOfRange(t, large)
	case n != int64(int32(n)):
		return dst, outOfRange(t, n)
	}
	return binary.BigEndian.AppendUint32(dst, uint32(n)), nil
}

func (t int32Type) Unpack(b []byte) (any, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if err := t.Validate(b); err != nil {
		return nil, malformed(t, err)
	}
	return int32(binary.BigEndian.Uint32(b)), nil
}

func (int32Type) Validate(b []byte) error {
	if len(b) != 4 && len(b) != 0 {
		return inCassandrasWords("Expected 4 or 0 byte int (%d)", len(b))
	}
	return nil
}

func (int32Type) Compare(a, b []byte) int { return compareSigned(a, b) }

type integerType struct{}

func (integerType) String() string { return marshal + "IntegerType" }

func (t integerType) Append(dst []byte, v any) ([]byte, error) {
	n, large, ok := integer(v)
	switch {
	case !ok:
		return dst, refuse(t, v, "an integer")
	case large != nil:
		return appendBig(dst, large), nil
	}
	return appendVarint(dst, n), nil
}

func (integerType) Unpack(b []byte) (any, error) {
	if len(b) == 0 {
		return nil, nil
	}
	return bigInt(b), nil
}

func (integerType) Validate([]byte) error { return nil }

// Compare orders by value: leading bytes that only repeat the sign do not count.
func (integerType) Compare(a, b []byte) int {
	if len(a) == 0 || len(b) == 0 {
		return cmp.Compare(len(a), len(b))
	}
	return compareVarints(a, b)
}

// compareVarints orders two's complement numbers by value. Neither is empty.
func compareVarints(a, b []byte) int {
	a, b = trimSign(a), trimSign(b)
	negative := a[0] >= 0x80
	if negative != (b[0] >= 0x80) || len(a) == len(b) {
		return compareSigned(a, b)
	}
	if negative {
		return cmp.Compare(len(b), len(a))
	}
	return cmp.Compare(len(a), len(b))
}

// trimSign cuts leading bytes that only repeat the sign.
func trimSign(b []byte) []byte {
	for len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xff && b[1] >= 0x80) {
		b = b[1:]
	}
	return b
}

// appendVarint appends the shortest two's complement form of n.
func appendVarint(dst []byte, n int64) []byte {
	var buf [8]byte
	binary.BigEndian.PutUint64(buf[:], uint64(n))
	return append(dst, trimSign(buf[:])...)
}

// appendBig appends the shortest two's complement form of x.
func appendBig(dst []byte, x *big.Int) []byte {
	if x.IsInt64() {
		return appendVarint(dst, x.Int64())
	}
	n := len(dst)
	if x.Sign() > 0 {
		size := x.BitLen()/8 + 1 // one bit more than the number, for the sign
		dst = append(dst, make([]byte, size)...)
		x.FillBytes(dst[n:])
		return dst
	}
	// The bytes of x are the complement of those of -x-1.
	not := new(big.Int).Not(x)
	size := not.BitLen()/8 + 1
	dst = append(dst, make([]byte, size)...)
	not.FillBytes(dst[n:])
	for i := n; i < len(dst); i++ {
		dst[i] ^= 0xff
	}
	return dst
}

// bigInt reads a two's complement number, which is not empty.
func bigInt(b []byte) *big.Int {
	if n, ok := smallVarint(b); ok {
		return big.NewInt(n)
	}
	x := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		x.Sub(x, new(big.Int).Lsh(big.NewInt(1), uint(len(b))*8))
	}
	return x
}

// smallVarint reads a two's complement number, which is not empty, if it fits
// into 64 bits.
func smallVarint(b []byte) (int64, bool) {
	b = trimSign(b)
	if len(b) > 8 {
		return 0, false
	}
	n := int64(int8(b[0]))
	for _, c := range b[1:] {
		n = n<<8 | int64(c)
	}
	return n, true
}
