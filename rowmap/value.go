package rowmap

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"net/netip"
	"reflect"
	"strconv"
	"time"

	"github.com/gofrs/uuid/v5"
	"gopkg.in/inf.v0"

	"github.com/widerow/widerow/coltype"
)

// goType returns the type of the values of a Go type if neither the tag nor the definition
// sets one. It returns nil if there is no such type.
func goType(t reflect.Type) coltype.Type {
	if t.Kind() == reflect.Pointer {
		switch t {
		case reflect.TypeFor[*big.Int]():
			return coltype.Integer
		case reflect.TypeFor[*inf.Dec]():
			return coltype.Decimal
		}
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return coltype.Date
	case reflect.TypeFor[uuid.UUID]():
		return coltype.UUID
	case reflect.TypeFor[netip.Addr]():
		return coltype.InetAddress
	}
	switch t.Kind() {
	case reflect.String:
		return coltype.UTF8
	case reflect.Bool:
		return coltype.Boolean
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Uint8, reflect.Uint16:
		return coltype.Int32
	case reflect.Int, reflect.Int64, reflect.Uint32:
		return coltype.Long
	case reflect.Uint, reflect.Uint64:
		// Half of their values do not fit a long.
		return coltype.Integer
	case reflect.Float32:
		return coltype.Float
	case reflect.Float64:
		return coltype.Double
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return coltype.Bytes
		}
	}
	return nil
}

// load returns the value of a field, ready to be packed. If the field must not be written,
// ok is false.
func (f *field) load(v reflect.Value) (value any, ok bool) {
	v, err := v.FieldByIndexErr(f.index)
	if err != nil { // in a nil embedded pointer
		return nil, false
	}
	if f.omitEmpty && v.IsZero() {
		return nil, false
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, false
		}
		if goType(v.Type()) == nil || v.Elem().Kind() != reflect.Struct || v.Elem().Type() == reflect.TypeFor[time.Time]() {
			v = v.Elem()
		}
	}
	return plain(v), true
}

// plain converts a value of a named type to a type that package coltype packs.
func plain(v reflect.Value) any {
	switch v.Interface().(type) {
	case uuid.UUID, time.Time, netip.Addr, *big.Int, *inf.Dec, coltype.Tuple:
		return v.Interface()
	}
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return new(big.Int).SetUint64(v.Uint())
	case v.Kind() == reflect.Float32:
		return float32(v.Float())
	case v.CanFloat():
		return v.Float()
	case v.Kind() == reflect.String:
		return v.String()
	case v.Kind() == reflect.Bool:
		return v.Bool()
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		return v.Bytes()
	}
	return v.Interface()
}

// store sets the field to an unpacked value.
func (f *field) store(dst reflect.Value, value any) error {
	if err := assign(alloc(dst, f.index), value); err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	return nil
}

// alloc is FieldByIndex, but allocates embedded structs that are nil.
func alloc(v reflect.Value, index []int) reflect.Value {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}

// assign sets dst to an unpacked value, converting between integers, between
// floats and between text and bytes.
func assign(dst reflect.Value, value any) error {
	if value == nil {
		dst.SetZero()
		return nil
	}
	src := reflect.ValueOf(value)
	if src.Type().AssignableTo(dst.Type()) {
		dst.Set(src)
		return nil
	}
	if dst.Kind() == reflect.Pointer && dst.Type() != reflect.TypeFor[*big.Int]() && dst.Type() != reflect.TypeFor[*inf.Dec]() {
		p := reflect.New(dst.Type().Elem())
		if err := assign(p.Elem(), value); err != nil {
			return err
		}
		dst.Set(p)
		return nil
	}
	if i, ok := toInteger(src); ok {
		return assignInteger(dst, i)
	}
	switch {
	case src.CanFloat() && dst.CanFloat():
		if dst.OverflowFloat(src.Float()) {
			return fmt.Errorf("%v does not fit a %s", value, dst.Type())
		}
		dst.SetFloat(src.Float())
		return nil
	case isText(src) && isText(dst), src.Type().ConvertibleTo(dst.Type()) && src.Kind() == dst.Kind():
		dst.Set(src.Convert(dst.Type()))
		return nil
	}
	return fmt.Errorf("cannot store a %T in a %s", value, dst.Type())
}

func isText(v reflect.Value) bool {
	return v.Kind() == reflect.String || v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8
}

func toInteger(v reflect.Value) (*big.Int, bool) {
	switch {
	case v.CanInt():
		return big.NewInt(v.Int()), true
	case v.CanUint():
		return new(big.Int).SetUint64(v.Uint()), true
	}
	i, ok := v.Interface().(*big.Int)
	return i, ok && i != nil
}

func assignInteger(dst reflect.Value, i *big.Int) error {
	switch {
	case dst.Type() == reflect.TypeFor[*big.Int]():
		dst.Set(reflect.ValueOf(new(big.Int).Set(i)))
		return nil
	case dst.CanInt() && i.IsInt64() && !dst.OverflowInt(i.Int64()):
		dst.SetInt(i.Int64())
		return nil
	case dst.CanUint() && i.IsUint64() && !dst.OverflowUint(i.Uint64()):
		dst.SetUint(i.Uint64())
		return nil
	case dst.CanInt(), dst.CanUint():
		return fmt.Errorf("%v does not fit a %s", i, dst.Type())
	}
	return fmt.Errorf("cannot store the integer %v in a %s", i, dst.Type())
}

// parseValue reads the default of a field.
func parseValue(t reflect.Type, s string) (reflect.Value, error) {
	v := reflect.New(t).Elem()
	var value any
	var err error
	switch t {
	case reflect.TypeFor[time.Time](), reflect.TypeFor[*time.Time]():
		value, err = time.Parse(time.RFC3339Nano, s)
	case reflect.TypeFor[uuid.UUID](), reflect.TypeFor[*uuid.UUID]():
		value, err = uuid.FromString(s)
	case reflect.TypeFor[netip.Addr](), reflect.TypeFor[*netip.Addr]():
		value, err = netip.ParseAddr(s)
	case reflect.TypeFor[*inf.Dec]():
		d, ok := new(inf.Dec).SetString(s)
		if !ok {
			return v, fmt.Errorf("%q is not a decimal number", s)
		}
		value = d
	default:
		value, err = parseBasic(t, s)
	}
	if err != nil {
		return v, err
	}
	return v, assign(v, value)
}

func parseBasic(t reflect.Type, s string) (any, error) {
	if t == reflect.TypeFor[*big.Int]() {
		return parseInteger(s)
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch k := t.Kind(); {
	case k == reflect.String:
		return s, nil
	case k == reflect.Bool:
		return strconv.ParseBool(s)
	case k >= reflect.Int && k <= reflect.Uint64:
		return parseInteger(s)
	case k == reflect.Float32, k == reflect.Float64:
		return strconv.ParseFloat(s, t.Bits())
	case k == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		if h, ok := cutHex(s); ok {
			return hex.DecodeString(h)
		}
		return []byte(s), nil
	}
	return nil, fmt.Errorf("a %s has no default", t)
}

func parseInteger(s string) (*big.Int, error) {
	i, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return nil, fmt.Errorf("%q is not an integer", s)
	}
	return i, nil
}

func cutHex(s string) (string, bool) {
	if len(s) > 2 && s[:2] == "0x" {
		return s[2:], true
	}
	return s, false
}
