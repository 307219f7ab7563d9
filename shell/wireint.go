package shell

import (
	"math"
	"math/big"

	"go.starlark.net/starlark"
)

// wholeOf converts a number to an integer as Python's struct.pack does: a float loses its fraction.
func wholeOf(v Value) (*big.Int, bool) {
	if f, ok := v.(starlark.Float); ok && !math.IsNaN(float64(f)) && !math.IsInf(float64(f), 0) {
		n, _ := big.NewFloat(float64(f)).Int(nil)
		return n, true
	}
	return bigOf(v)
}

// wireInt converts a number to an integer of 32 or 64 bits in a request. Its errors are those of Thrift's library.
func (s *Session) wireInt(v Value, bits int) (int64, error) {
	if v == none {
		return 0, s.raise(s.exc.TypeError, "an integer is required")
	}
	n, ok := wholeOf(v)
	switch {
	case !ok:
		return 0, s.raise(s.exc.StructError, "cannot convert argument to integer")
	case n.IsInt64() && (bits == 64 || n.Int64() == int64(int32(n.Int64()))):
		return n.Int64(), nil
	case bits == 64:
		return 0, s.raise(s.exc.StructError, "integer out of range for 'q' format code")
	}
	return 0, s.raise(s.exc.StructError, "'i' format requires -2147483648 <= number <= 2147483647")
}
