package coltype

import (
	"math"
	"math/big"
	"reflect"
	"strconv"
	"time"
)

// A Go value may be of any type of a kind: an int, a uint16, a named int64. The
// functions of this file read values by their kind. A switch reads the common types
// without an allocation, and reflection reads the other types.

// integer reads an integer. If the integer does not fit into 64 bits, it is returned as
// large, which the caller must not change.
func integer(v any) (n int64, large *big.Int, ok bool) {
	switch v := v.(type) {
	case int:
		return int64(v), nil, true
	case int64:
		return v, nil, true
	case int32:
		return int64(v), nil, true
	case uint64:
		return unsigned(v)
	case *big.Int:
		if v == nil {
			return 0, nil, false
		}
		return fromBig(v)
	case big.Int:
		return fromBig(&v)
	}
	switch rv := reflect.ValueOf(v); {
	case !rv.IsValid():
	case rv.CanInt():
		return rv.Int(), nil, true
	case rv.CanUint():
		return unsigned(rv.Uint())
	}
	return 0, nil, false
}

func unsigned(u uint64) (int64, *big.Int, bool) {
	if u > math.MaxInt64 {
		return 0, new(big.Int).SetUint64(u), true
	}
	return int64(u), nil, true
}

func fromBig(x *big.Int) (int64, *big.Int, bool) {
	if x.IsInt64() {
		return x.Int64(), nil, true
	}
	return 0, x, true
}

// float reads a floating-point number, or an integer that a float64 holds exactly.
func float(v any) (f float64, ok bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case float32:
		return float64(v), true
	}
	if rv := reflect.ValueOf(v); rv.IsValid() && rv.CanFloat() {
		return rv.Float(), true
	}
	n, large, ok := integer(v)
	if !ok || large != nil {
		return 0, false
	}
	// -1<<63 is exact; 1<<63-1 is rounded up to 1<<63, which int64 cannot hold.
	f = float64(n)
	return f, f != 1<<63 && int64(f) == n
}

// boolean reads a truth value.
func boolean(v any) (truth, ok bool) {
	if b, ok := v.(bool); ok {
		return b, true
	}
	rv := reflect.ValueOf(v)
	if !rv.IsValid() || rv.Kind() != reflect.Bool {
		return false, false
	}
	return rv.Bool(), true
}

// instant reads a time, or seconds since 1970 as Python's time.time() returns
// them: fractions are rounded to microseconds.
func instant(v any) (t time.Time, ok bool) {
	if t, ok := v.(time.Time); ok {
		return t, true
	}
	if n, large, ok := integer(v); ok {
		return time.Unix(n, 0), large == nil && inYears(float64(n))
	}
	f, ok := float(v)
	if !ok || !inYears(f) {
		return time.Time{}, false
	}
	sec, frac := math.Modf(f)
	return time.Unix(int64(sec), int64(math.Round(frac*1e6))*1e3), true
}

// inYears reports whether both a time.Time and milliseconds in 64 bits can hold sec,
// seconds since 1970.
func inYears(sec float64) bool {
	return math.Abs(sec) <= math.MaxInt64/1000
}

// text reads a string or bytes. It sets s or b.
func text(v any) (s string, b []byte, ok bool) {
	switch v := v.(type) {
	case string:
		return v, nil, true
	case []byte:
		return "", v, true
	}
	switch rv := reflect.ValueOf(v); {
	case !rv.IsValid():
	case rv.Kind() == reflect.String:
		return rv.String(), nil, true
	case rv.Kind() == reflect.Slice && rv.Type().Elem().Kind() == reflect.Uint8:
		return "", rv.Bytes(), true
	}
	return "", nil, false
}

// list reads the elements of a tuple.
func list(v any) (items []any, ok bool) {
	switch v := v.(type) {
	case Tuple:
		return v, true
	case []any:
		return v, true
	}
	rv := reflect.ValueOf(v)
	if !rv.IsValid() || rv.Kind() != reflect.Slice && rv.Kind() != reflect.Array || rv.Type().Elem().Kind() == reflect.Uint8 {
		return nil, false
	}
	items = make([]any, rv.Len())
	for i := range items {
		items[i] = rv.Index(i).Interface()
	}
	return items, true
}

// isNil reports whether v is nil or a nil pointer. For types without an empty value,
// unpacking empty bytes returns such a v.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	rv := reflect.ValueOf(v)
	return rv.Kind() == reflect.Pointer && rv.IsNil()
}

// shortest returns the shortest decimal that reads back as f.
func shortest(f float64, bits int) string {
	return strconv.FormatFloat(f, 'g', -1, bits)
}
