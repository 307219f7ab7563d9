package coltype

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
)

// Types of floating-point numbers and truth values. They pack nil as empty
// bytes, and unpack empty bytes to nil.
var (
	// Double is a 64-bit floating-point number. It takes floats, and integers
	// that a float64 holds exactly. It unpacks to float64.
	Double Type = doubleType{}
	// Float is a 32-bit floating-point number. It takes the same values as Double,
	// rounds them to the nearest float32, and refuses finite numbers that are too
	// large for a float32. It unpacks to float32.
	Float Type = floatType{}
	// Boolean is true or false. It unpacks to bool: zero is false, any other byte true.
	Boolean Type = booleanType{}
)

type doubleType struct{}

func (doubleType) String() string { return marshal + "DoubleType" }

func (t doubleType) Append(dst []byte, v any) ([]byte, error) {
	f, ok := float(v)
	if !ok {
		return dst, notFloat(t, v)
	}
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(f)), nil
}

// notFloat returns the error for v, which is not a float, or nil if v stands for empty bytes.
func notFloat(t Type, v any) error {
	if _, _, ok := integer(v); ok {
		return fmt.Errorf("%s cannot hold %v exactly", shortName(t), v)
	}
	return refuse(t, v, "a float or an integer")
}

func (t doubleType) Unpack(b []byte) (any, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if err := t.Validate(b); err != nil {
		return nil, malformed(t, err)
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
}

func (doubleType) Validate(b []byte) error {
	if len(b) != 8 && len(b) != 0 {
		return inCassandrasWords("Expected 8 or 0 byte value for a double (%d)", len(b))
	}
	return nil
}

// Compare orders as Java's Double.compareTo: -0.0 before 0.0, all NaNs equal
// and above +Inf.
func (doubleType) Compare(a, b []byte) int {
	if c, done := compareSizes(a, b, 8); done {
		return c
	}
	x, y := binary.BigEndian.Uint64(a), binary.BigEndian.Uint64(b)
	if math.IsNaN(math.Float64frombits(x)) {
		x = math.Float64bits(math.NaN())
	}
	if math.IsNaN(math.Float64frombits(y)) {
		y = math.Float64bits(math.NaN())
	}
	return cmp.Compare(sortable64(x), sortable64(y))
}

// sortable64 converts the bits of a float, which are sign and magnitude, to an
// integer with the same order.
func sortable64(bits uint64) int64 {
	n := int64(bits)
	return n ^ int64(uint64(n>>63)>>1)
}

// compareSizes compares two byte strings if at least one does not have the size of the
// type's values. Empty bytes are first, then bytes that Validate refuses, in byte order,
// then values. If both have the size, done is false.
func compareSizes(a, b []byte, size int) (c int, done bool) {
	if len(a) == size && len(b) == size {
		return 0, false
	}
	rank := func(b []byte) int {
		switch len(b) {
		case 0:
			return 0
		case size:
			return 2
		}
		return 1
	}
	if c := cmp.Compare(rank(a), rank(b)); c != 0 {
		return c, true
	}
	return bytes.Compare(a, b), true
}

type floatType struct{}

func (floatType) String() string { return marshal + "FloatType" }

func (t floatType) Append(dst []byte, v any) ([]byte, error) {
	f, ok := float(v)
	if !ok {
		return dst, notFloat(t, v)
	}
	if tooLarge(f) {
		return dst, outOfRange(t, v)
	}
	return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(f))), nil
}

// tooLarge reports whether a finite f would become infinite as a float32.
func tooLarge(f float64) bool {
	return math.IsInf(float64(float32(f)), 0) && !math.IsInf(f, 0)
}

func (t floatType) Unpack(b []byte) (any, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if err := t.Validate(b); err != nil {
		return nil, malformed(t, err)
	}
	return math.Float32frombits(binary.BigEndian.Uint32(b)), nil
}

func (floatType) Validate(b []byte) error {
	if len(b) != 4 && len(b) != 0 {
		return inCassandrasWords("Expected 4 or 0 byte value for a float (%d)", len(b))
	}
	return nil
}

// Compare orders as Java's Float.compareTo, see Double.
func (floatType) Compare(a, b []byte) int {
	if c, done := compareSizes(a, b, 4); done {
		return c
	}
	return cmp.Compare(sortable32(a), sortable32(b))
}

func sortable32(b []byte) int32 {
	bits := binary.BigEndian.Uint32(b)
	if f := math.Float32frombits(bits); f != f {
		bits = math.Float32bits(float32(math.NaN()))
	}
	n := int32(bits)
	return n ^ int32(uint32(n>>31)>>1)
}

type booleanType struct{}

func (booleanType) String() string { return marshal + "BooleanType" }

func (t booleanType) Append(dst []byte, v any) ([]byte, error) {
	truth, ok := boolean(v)
	switch {
	case ok && truth:
		return append(dst, 1), nil
	case ok:
		return append(dst, 0), nil
	}
	return dst, refuse(t, v, "a bool")
}

func (t booleanType) Unpack(b []byte) (any, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if err := t.Validate(b); err != nil {
		return nil, malformed(t, err)
	}
	return b[0] != 0, nil
}

func (booleanType) Validate(b []byte) error {
	if len(b) != 1 && len(b) != 0 {
		return inCassandrasWords("Expected 1 or 0 byte value (%d)", len(b))
	}
	return nil
}

// Compare orders by the byte as a signed number, as Java does. Values that are not one
// byte long are equal to each other and before all others.
func (booleanType) Compare(a, b []byte) int {
	if len(a) != 1 || len(b) != 1 {
		return cmp.Compare(btoi(len(a) == 1), btoi(len(b) == 1))
	}
	return cmp.Compare(int8(a[0]), int8(b[0]))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
