package coltype

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"time"
	"unsafe"

	"github.com/gofrs/uuid/v5"
	"gopkg.in/inf.v0"
)

// Codec packs and unpacks values of one Go type as one column type. A Codec does not box
// the values, and allocates only for Go types that point to memory. It is safe for
// concurrent use. [CodecOf] makes codecs; a zero Codec must not be used.
type Codec[T any] struct {
	pack   func(dst []byte, v T) ([]byte, error)
	unpack func(b []byte) (T, error)
	bounds Bounder // packs ends of slices; nil if ends are packed like names
}

// Append packs v and appends it to dst. On an error dst is returned unchanged.
func (c Codec[T]) Append(dst []byte, v T) ([]byte, error) { return c.pack(dst, v) }

// AppendBound is Append for the end of a slice.
func (c Codec[T]) AppendBound(dst []byte, v T, b Bound) ([]byte, error) {
	if c.bounds != nil {
		return c.bounds.AppendBound(dst, v, b)
	}
	return c.pack(dst, v)
}

// Decode unpacks b. If Decode returns a string or []byte, it aliases b, and b must not
// be changed. Decode returns empty bytes as "", an empty []byte, a nil pointer or a nil
// any; for other Go types empty bytes are an error.
func (c Codec[T]) Decode(b []byte) (T, error) { return c.unpack(b) }

// CodecOf returns the codec for Go values of type T as column type t. The pairs are:
//
//	string, []byte         Bytes, ASCII, UTF8, UnknownType
//	int64, int, int32      Long, CounterColumn, Int32, Integer; out of range is an error
//	*big.Int               Integer
//	float64                Double, Float, which rounds
//	float32                Float
//	*inf.Dec               Decimal
//	bool                   Boolean
//	time.Time              Date, Timestamp, OldPycassaDate, IntermediateDate
//	uuid.UUID              UUID, TimeUUID, LexicalUUID
//	netip.Addr             InetAddress
//	Tuple                  CompositeType, DynamicCompositeType
//	any                    all types, by their Append and Unpack
//
// T may also be a type that is defined by one of these Go types, such as type ID string,
// and [16]byte for a UUID. A [ReversedType] takes the Go types of its base. A user's type
// takes every T that its Append takes and its Unpack returns.
func CodecOf[T any](t Type) (Codec[T], error) {
	base := t
	for {
		reversed, ok := base.(*ReversedType)
		if !ok {
			break
		}
		base = reversed.base
	}
	var c Codec[T]
	switch c := any(&c).(type) {
	case *Codec[string]:
		textCodec(c, base, func(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) })
	case *Codec[[]byte]:
		textCodec(c, base, func(b []byte) []byte { return b[:len(b):len(b)] })
	case *Codec[int64]:
		integerCodec(c, base)
	case *Codec[int]:
		integerCodec(c, base)
	case *Codec[int32]:
		integerCodec(c, base)
	case *Codec[*big.Int]:
		if base == Integer {
			c.pack, c.unpack = packBig, unpackBig
		}
	case *Codec[float64]:
		floatCodec(c, base)
	case *Codec[float32]:
		if base == Float {
			c.pack, c.unpack = packFloat32, unpackFloat32
		}
	case *Codec[*inf.Dec]:
		if base == Decimal {
			c.pack, c.unpack = packDec, unpackDec
		}
	case *Codec[bool]:
		if base == Boolean {
			c.pack, c.unpack = packBool, unpackBool
		}
	case *Codec[time.Time]:
		if base, ok := base.(dateType); ok {
			c.pack, c.unpack = base.appendTime, base.decode
		}
	case *Codec[uuid.UUID]:
		uuidCodec(c, base)
	case *Codec[netip.Addr]:
		if base, ok := base.(inetAddressType); ok {
			c.pack, c.unpack = base.appendAddr, base.decode
		}
	case *Codec[Tuple]:
		if base, ok := base.(tupleType); ok {
			boxed(c, base)
		}
	case *Codec[any]:
		c.pack, c.unpack = t.Append, t.Unpack
		c.bounds, _ = t.(Bounder)
	}
	if c.pack == nil && !isOurs(base) {
		boxed(&c, base)
	}
	if c.pack == nil {
		c, _ = underlying[T](t)
	}
	if c.pack == nil {
		return c, fmt.Errorf("values of %s do not fit %v: want %s", shortName(base), reflect.TypeFor[T](), goTypes(base))
	}
	if bounder, ok := t.(Bounder); ok && (isComposite(t) || !isOurs(base)) {
		c.bounds = bounder
	}
	return c, nil
}

// underlying returns the codec of the type that T is defined by, such as string for
// type ID string.
func underlying[T any](t Type) (c Codec[T], err error) {
	switch typ := reflect.TypeFor[T](); typ {
	case reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[int64](), reflect.TypeFor[int](), reflect.TypeFor[int32](),
		reflect.TypeFor[float64](), reflect.TypeFor[float32](), reflect.TypeFor[bool](), reflect.TypeFor[uuid.UUID]():
		return c, nil // CodecOf has tried it
	default:
		switch kind := typ.Kind(); {
		case kind == reflect.String:
			return redefined[T, string](t)
		case kind == reflect.Slice && typ.Elem() == reflect.TypeFor[byte]():
			return redefined[T, []byte](t)
		case kind == reflect.Int64:
			return redefined[T, int64](t)
		case kind == reflect.Int:
			return redefined[T, int](t)
		case kind == reflect.Int32:
			return redefined[T, int32](t)
		case kind == reflect.Float64:
			return redefined[T, float64](t)
		case kind == reflect.Float32:
			return redefined[T, float32](t)
		case kind == reflect.Bool:
			return redefined[T, bool](t)
		case kind == reflect.Array && typ.Len() == 16 && typ.Elem() == reflect.TypeFor[byte]():
			return redefined[T, uuid.UUID](t)
		}
	}
	return c, nil
}

// redefined makes a codec of T from a codec of U, which has the same memory layout.
func redefined[T, U any](t Type) (c Codec[T], err error) {
	u, err := CodecOf[U](t)
	if err != nil {
		return c, err
	}
	c.pack = func(dst []byte, v T) ([]byte, error) { return u.pack(dst, *(*U)(unsafe.Pointer(&v))) }
	c.unpack = func(b []byte) (T, error) {
		v, err := u.unpack(b)
		return *(*T)(unsafe.Pointer(&v)), err
	}
	return c, nil
}

// goTypes names the Go types that CodecOf takes for a type of this package.
func goTypes(t Type) string {
	switch t.(type) {
	case bytesType, *UnknownType, asciiType, utf8Type:
		return "string, []byte or any"
	case integerType:
		return "int64, int, int32, *big.Int or any"
	case longType, counterType, int32Type:
		return "int64, int, int32 or any"
	case floatType:
		return "float32, float64 or any"
	case doubleType:
		return "float64 or any"
	case decimalType:
		return "*inf.Dec or any"
	case booleanType:
		return "bool or any"
	case dateType:
		return "time.Time or any"
	case uuidType, timeUUIDType, lexicalUUIDType:
		return "uuid.UUID, [16]byte or any"
	case inetAddressType:
		return "netip.Addr or any"
	case tupleType:
		return "coltype.Tuple or any"
	}
	return "any"
}

// isOurs reports whether t is a type of this package.
func isOurs(t Type) bool {
	switch t.(type) {
	case *CompositeType, *DynamicCompositeType, *ReversedType, *UnknownType, dateType:
		return true
	}
	_, ok := simpleTypes[t.String()]
	return ok && Equal(t, simpleTypes[t.String()])
}

// boxed makes a codec from the methods of t.
func boxed[T any](c *Codec[T], t Type) {
	c.pack = func(dst []byte, v T) ([]byte, error) { return t.Append(dst, v) }
	c.unpack = func(b []byte) (v T, err error) {
		boxed, err := t.Unpack(b)
		if err != nil || boxed == nil {
			return v, err
		}
		v, ok := boxed.(T)
		if !ok {
			return v, fmt.Errorf("values of %s are %T, no %v", shortName(t), boxed, reflect.TypeFor[T]())
		}
		return v, nil
	}
}

// valid checks bytes before they are decoded as a Go type that has no value for empty
// bytes.
func valid(t Type, b []byte) error {
	if len(b) == 0 {
		return malformed(t, errEmpty)
	}
	if err := t.Validate(b); err != nil {
		return malformed(t, err)
	}
	return nil
}

func textCodec[T string | []byte](c *Codec[T], t Type, alias func([]byte) T) {
	switch t.(type) {
	case bytesType, *UnknownType:
		c.pack = func(dst []byte, v T) ([]byte, error) { return append(dst, v...), nil }
		c.unpack = func(b []byte) (T, error) { return alias(b), nil }
	case asciiType, utf8Type:
		c.pack = func(dst []byte, v T) ([]byte, error) {
			out := append(dst, v...)
			if err := t.Validate(out[len(dst):]); err != nil {
				return dst, fmt.Errorf("pack %s: %w", shortName(t), err)
			}
			return out, nil
		}
		c.unpack = func(b []byte) (v T, err error) {
			if err := t.Validate(b); err != nil {
				return v, malformed(t, err)
			}
			return alias(b), nil
		}
	}
}

func integerCodec[T int64 | int | int32](c *Codec[T], t Type) {
	switch t.(type) {
	case longType, counterType:
		c.pack = func(dst []byte, v T) ([]byte, error) {
			return binary.BigEndian.AppendUint64(dst, uint64(v)), nil
		}
		c.unpack = func(b []byte) (T, error) {
			if len(b) != 8 {
				return 0, valid(t, b)
			}
			return narrow[T](t, int64(binary.BigEndian.Uint64(b)))
		}
	case int32Type:
		c.pack = func(dst []byte, v T) ([]byte, error) {
			if int64(v) != int64(int32(v)) {
				return dst, outOfRange(t, v)
			}
			return binary.BigEndian.AppendUint32(dst, uint32(v)), nil
		}
		c.unpack = func(b []byte) (T, error) {
			if len(b) != 4 {
				return 0, valid(t, b)
			}
			return T(int32(binary.BigEndian.Uint32(b))), nil
		}
	case integerType:
		c.pack = func(dst []byte, v T) ([]byte, error) { return appendVarint(dst, int64(v)), nil }
		c.unpack = func(b []byte) (T, error) {
			if len(b) == 0 {
				return 0, valid(t, b)
			}
			n, ok := smallVarint(b)
			if !ok {
				return 0, tooWide[T](t, bigInt(b))
			}
			return narrow[T](t, n)
		}
	}
}

// narrow converts n to T if it is in T's range.
func narrow[T int64 | int | int32](t Type, n int64) (T, error) {
	if int64(T(n)) != n {
		return 0, tooWide[T](t, n)
	}
	return T(n), nil
}

func tooWide[T any](t Type, n any) error {
	return malformed(t, fmt.Errorf("%v is out of range for %v", legible(n), reflect.TypeFor[T]()))
}

func packBig(dst []byte, v *big.Int) ([]byte, error) {
	if v == nil {
		return dst, nil
	}
	return appendBig(dst, v), nil
}

func unpackBig(b []byte) (*big.Int, error) {
	if len(b) == 0 {
		return nil, nil
	}
	return bigInt(b), nil
}

func floatCodec(c *Codec[float64], t Type) {
	switch t.(type) {
	case doubleType:
		c.pack = func(dst []byte, v float64) ([]byte, error) {
			return binary.BigEndian.AppendUint64(dst, math.Float64bits(v)), nil
		}
		c.unpack = func(b []byte) (float64, error) {
			if len(b) != 8 {
				return 0, valid(t, b)
			}
			return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
		}
	case floatType:
		c.pack = func(dst []byte, v float64) ([]byte, error) {
			if tooLarge(v) {
				return dst, outOfRange(t, v)
			}
			return packFloat32(dst, float32(v))
		}
		c.unpack = func(b []byte) (float64, error) {
			f, err := unpackFloat32(b)
			return float64(f), err
		}
	}
}

func packFloat32(dst []byte, v float32) ([]byte, error) {
	return binary.BigEndian.AppendUint32(dst, math.Float32bits(v)), nil
}

func unpackFloat32(b []byte) (float32, error) {
	if len(b) != 4 {
		return 0, valid(Float, b)
	}
	return math.Float32frombits(binary.BigEndian.Uint32(b)), nil
}

func packDec(dst []byte, v *inf.Dec) ([]byte, error) {
	if v == nil {
		return dst, nil
	}
	return appendDecimal(dst, v), nil
}

func unpackDec(b []byte) (*inf.Dec, error) {
	if len(b) == 0 {
		return nil, nil
	}
	d, err := decodeDecimal(b)
	if err != nil {
		return nil, malformed(Decimal, err)
	}
	return d, nil
}

func packBool(dst []byte, v bool) ([]byte, error) { return append(dst, byte(btoi(v))), nil }

func unpackBool(b []byte) (bool, error) {
	if len(b) != 1 {
		return false, valid(Boolean, b)
	}
	return b[0] != 0, nil
}

func (t dateType) decode(b []byte) (time.Time, error) {
	if len(b) != 8 {
		return time.Time{}, valid(t, b)
	}
	return t.time(b), nil
}

func uuidCodec(c *Codec[uuid.UUID], t Type) {
	switch t.(type) {
	case uuidType, timeUUIDType, lexicalUUIDType:
	default:
		return
	}
	c.pack = func(dst []byte, v uuid.UUID) ([]byte, error) {
		out := append(dst, v[:]...)
		if err := t.Validate(out[len(dst):]); err != nil {
			return dst, fmt.Errorf("pack %s: %w", shortName(t), err)
		}
		return out, nil
	}
	c.unpack = func(b []byte) (u uuid.UUID, err error) {
		if err := valid(t, b); err != nil {
			return u, err
		}
		return uuid.UUID(b), nil
	}
}

func (t inetAddressType) decode(b []byte) (netip.Addr, error) {
	addr, ok := netip.AddrFromSlice(b)
	if !ok {
		return addr, malformed(t, t.Validate(b))
	}
	return addr, nil
}
