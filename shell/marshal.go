package shell

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"strings"

	"go.starlark.net/starlark"
)

// sliceEnd is the purpose of a packed name: the name of a column, or the start or the finish of a slice.
type sliceEnd int

const (
	notSlice sliceEnd = iota
	sliceStart
	sliceFinish
)

func (e sliceEnd) value() Value {
	switch e {
	case sliceStart:
		return boolean(true)
	case sliceFinish:
		return boolean(false)
	}
	return none
}

// errStruct is Python's struct.error: a value that does not fit the bytes of a number. Callers add the name of the type.
var errStruct = errors.New("struct.error")

// A codec packs a value to the value that is sent, and unpacks it. The packed value is a str. A type that does not
// convert values returns the value unchanged.
type (
	packFunc   func(v Value, end sliceEnd) (Value, error)
	unpackFunc func(b string) (Value, error)
)

// typeCodec is a type by which a column family packs. shown is the value of the family's attribute.
type typeCodec struct {
	shown  Value
	pack   packFunc
	unpack unpackFunc
}

var basicTypes = map[string]bool{
	"BytesType": true, "LongType": true, "IntegerType": true, "UTF8Type": true, "AsciiType": true, "LexicalUUIDType": true,
	"TimeUUIDType": true, "CounterColumnType": true, "FloatType": true, "DoubleType": true, "DateType": true, "BooleanType": true,
	"UUIDType": true, "Int32Type": true, "DecimalType": true, "TimestampType": true,
}

// typeName is the short name of a type as Cassandra writes it.
func typeName(t string) string {
	switch {
	case strings.Contains(t, "CompositeType"):
		var names []string
		for _, inner := range innerTypes(t) {
			names = append(names, typeName(inner))
		}
		return "CompositeType(" + strings.Join(names, ", ") + ")"
	case strings.Contains(t, "ReversedType"):
		return innerType(t)
	}
	if i := strings.LastIndexByte(t, '.'); i >= 0 {
		t = t[i+1:]
	}
	if !basicTypes[t] {
		return "BytesType"
	}
	return t
}

func innerType(t string) string {
	i := strings.IndexByte(t, '(')
	if i < 0 || len(t) < i+2 {
		return ""
	}
	return t[i+1 : len(t)-1]
}

func innerTypes(t string) []string {
	parts := strings.Split(innerType(t), ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// codecOf returns the codec of a type. The type is given by name, by an instance, or as None.
func (s *Session) codecOf(t Value) (*typeCodec, error) {
	switch t := t.(type) {
	case starlark.NoneType:
		return &typeCodec{str("BytesType"), func(v Value, end sliceEnd) (Value, error) {
			return nil, s.raise(s.exc.TypeError, "<lambda>() takes exactly 1 argument (2 given)")
		}, func(b string) (Value, error) { return str(b), nil }}, nil
	case str, unicodeStr:
		name, _ := textOf(t)
		pack, unpack := s.codecs(name)
		return &typeCodec{str(typeName(name)), pack, unpack}, nil
	case *object:
		if t.class.derives(s.py.cassandraType) {
			pack, err := s.getattr(t, "pack")
			if err != nil {
				return nil, err
			}
			unpack, err := s.getattr(t, "unpack")
			if err != nil {
				return nil, err
			}
			return &typeCodec{t, func(v Value, end sliceEnd) (Value, error) {
				if end == forValue {
					return s.call(pack, v)
				}
				return s.call(pack, v, end.value())
			}, func(b string) (Value, error) { return s.call(unpack, str(b)) }}, nil
		}
	}
	return nil, s.raise(s.exc.TypeError, "argument of type '%s' is not iterable", s.typeName(t))
}

// forValue is the sliceEnd of a key or a value. pycassa packs keys and values without the argument slice_start.
const forValue sliceEnd = -1

// codecs returns the codec of a type by Cassandra's name.
func (s *Session) codecs(t string) (packFunc, unpackFunc) {
	switch {
	case strings.Contains(t, "DynamicCompositeType"):
		return s.dynamicCodec(t)
	case strings.Contains(t, "CompositeType"):
		var packs []packFunc
		var unpacks []unpackFunc
		for _, inner := range innerTypes(t) {
			p, u := s.codecs(inner)
			packs, unpacks = append(packs, p), append(unpacks, u)
		}
		return s.compositeCodec(packs, unpacks)
	case strings.Contains(t, "ReversedType"):
		return s.codecs(innerType(t))
	}
	raw := func(b string) (Value, error) { return str(b), nil }
	name := typeName(t)
	switch name {
	case "DateType", "TimestampType":
		return s.packDate(1e3, 1e3), s.unpackDate(1e3)
	case "BooleanType":
		return func(v Value, _ sliceEnd) (Value, error) {
				b, err := s.truth(v)
				if b {
					return str("\x01"), err
				}
				return str("\x00"), err
			}, func(b string) (Value, error) {
				if len(b) != 1 {
					return nil, s.unsized(1)
				}
				return boolean(b != "\x00"), nil
			}
	case "DoubleType":
		return s.packFloat(8), s.unpackFloat(8)
	case "FloatType":
		return s.packFloat(4), s.unpackFloat(4)
	case "LongType":
		return s.packFixed(8), s.unpackFixed(8)
	case "Int32Type":
		return s.packFixed(4), s.unpackFixed(4)
	case "IntegerType":
		return s.packInteger, unpackInteger
	case "DecimalType":
		return s.packDecimal, s.unpackDecimal
	case "UTF8Type":
		return s.packUTF8, s.decodeUTF8
	case "LexicalUUIDType", "TimeUUIDType", "UUIDType":
		return func(v Value, end sliceEnd) (Value, error) {
				u, err := s.timeUUID(v, end == sliceStart, end == notSlice || end == forValue)
				if err != nil {
					return nil, err
				}
				d, _ := uuidOf(u)
				return str(d.id[:]), nil
			}, func(b string) (Value, error) {
				if len(b) != 16 {
					return nil, s.raise(s.exc.ValueError, "bytes is not a 16-char string")
				}
				return s.newUUID([16]byte([]byte(b))), nil
			}
	case "CounterColumnType":
		return func(v Value, _ sliceEnd) (Value, error) { return v, nil }, raw
	}
	return func(v Value, _ sliceEnd) (Value, error) {
		if _, ok := textOf(v); !ok {
			text, err := s.str(v)
			if err != nil {
				return nil, err
			}
			return nil, s.raise(s.exc.TypeError, "A str or unicode value was expected, but %s was received instead (%s)", s.className(v), text)
		}
		return v, nil
	}, raw
}

// packDate packs a datetime or a number of seconds as a number of units of 1/scale seconds.
func (s *Session) packDate(scale, micros float64) packFunc {
	return func(v Value, _ sliceEnd) (Value, error) {
		var f float64
		if m, ok := momentOf(v); ok && !m.onlyDate {
			f = float64(m.t.Unix())*scale + float64(m.t.Nanosecond()/1000)/micros
		} else {
			_, isBool := v.(starlark.Bool)
			x, ok := floatOf(v)
			if !ok || isBool {
				return nil, s.raise(s.exc.TypeError, "DateType arguments must be a datetime or timestamp")
			}
			f = x * scale
		}
		if math.Abs(f) >= 1<<63 || f != f {
			return nil, errStruct
		}
		return str(binary.BigEndian.AppendUint64(nil, uint64(int64(f)))), nil
	}
}

func (s *Session) unpackDate(scale float64) unpackFunc {
	return func(b string) (Value, error) {
		if len(b) != 8 {
			return nil, s.unsized(8)
		}
		return s.utcTime(float64(int64(binary.BigEndian.Uint64([]byte(b)))) / scale)
	}
}

func (s *Session) packFloat(size int) packFunc {
	return func(v Value, _ sliceEnd) (Value, error) {
		f, ok := floatOf(v)
		if !ok {
			if o, isObj := v.(*object); isObj {
				if d, hasFloat := o.data.(interface{ toFloat() float64 }); hasFloat {
					f, ok = d.toFloat(), true
				}
			}
		}
		if !ok {
			return nil, &structError{s.raise(s.exc.StructError, "required argument is not a float")}
		}
		if size == 4 {
			g := float32(f)
			if math.IsInf(float64(g), 0) && !math.IsInf(f, 0) {
				return nil, s.raise(s.exc.OverflowError, "float too large to pack with f format")
			}
			return str(binary.BigEndian.AppendUint32(nil, math.Float32bits(g))), nil
		}
		return str(binary.BigEndian.AppendUint64(nil, math.Float64bits(f))), nil
	}
}

func (s *Session) unpackFloat(size int) unpackFunc {
	return func(b string) (Value, error) {
		if len(b) != size {
			return nil, s.unsized(size)
		}
		if size == 4 {
			return starlark.Float(math.Float32frombits(binary.BigEndian.Uint32([]byte(b)))), nil
		}
		return starlark.Float(math.Float64frombits(binary.BigEndian.Uint64([]byte(b)))), nil
	}
}

// packFixed packs a big-endian signed integer.
func (s *Session) packFixed(size int) packFunc {
	return func(v Value, _ sliceEnd) (Value, error) {
		n, ok := wholeOf(v)
		if !ok || !n.IsInt64() || n.BitLen() >= size*8 && n.Int64() != -1<<(size*8-1) {
			return nil, errStruct
		}
		b := binary.BigEndian.AppendUint64(nil, uint64(n.Int64()))
		return str(b[8-size:]), nil
	}
}

func (s *Session) unpackFixed(size int) unpackFunc {
	return func(b string) (Value, error) {
		if len(b) != size {
			return nil, s.unsized(size)
		}
		if size == 4 {
			return intValue(int32(binary.BigEndian.Uint32([]byte(b)))), nil
		}
		return intValue(int64(binary.BigEndian.Uint64([]byte(b)))), nil
	}
}

// bigBytes encodes a number in two's complement, in as few bytes as possible.
func bigBytes(n *big.Int) string {
	if n.Sign() >= 0 {
		b := n.Bytes()
		if len(b) == 0 || b[0] >= 0x80 {
			b = append([]byte{0}, b...)
		}
		return string(b)
	}
	size := new(big.Int).Not(n).BitLen()/8 + 1
	mod := new(big.Int).Lsh(big.NewInt(1), uint(size*8))
	return string(mod.Add(mod, n).FillBytes(make([]byte, size)))
}

func bigFromBytes(b string) *big.Int {
	n := new(big.Int).SetBytes([]byte(b))
	if b != "" && b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(b)*8)))
	}
	return n
}

func (s *Session) packInteger(v Value, _ sliceEnd) (Value, error) {
	n, ok := bigOf(v)
	if !ok {
		// pycassa's arithmetic raises the error.
		positive, err := s.compare(">=", v, intValue(0))
		if err != nil {
			return nil, err
		}
		if positive == vtrue {
			return s.binary("&", intValue(0xff), v)
		}
		return s.binary("-", intValue(-1), v)
	}
	return str(bigBytes(n)), nil
}

func unpackInteger(b string) (Value, error) {
	if b == "" {
		return none, nil
	}
	n := bigFromBytes(b)
	if n.Sign() < 0 && len(b) >= 8 {
		return long{n}, nil
	}
	return intFromBig(n), nil
}

func (s *Session) packDecimal(v Value, _ sliceEnd) (Value, error) {
	o, ok := v.(*object)
	d, isDecimal := (*decimalData)(nil), false
	if ok {
		d, isDecimal = o.data.(*decimalData)
	}
	if !isDecimal {
		return nil, s.raise(s.exc.AttributeError, "'%s' object has no attribute 'as_tuple'", s.typeName(v))
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(int32(-d.exp)))
	return str(string(b) + bigBytes(d.signed())), nil
}

func (s *Session) unpackDecimal(b string) (Value, error) {
	if len(b) < 4 {
		return nil, errStruct
	}
	scale := int32(binary.BigEndian.Uint32([]byte(b)))
	n := bigFromBytes(b[4:])
	return s.newDecimal(&decimalData{n.Sign() < 0, new(big.Int).Abs(n), -int64(scale)}), nil
}

func (s *Session) packUTF8(v Value, _ sliceEnd) (Value, error) {
	text, ok := textOf(v)
	if !ok {
		return nil, s.raise(s.exc.AttributeError, "'%s' object has no attribute 'encode'", s.typeName(v))
	}
	return str(text), nil
}

// endOfComponent returns the byte after a component of a composite. The byte decides whether a slice begins or ends
// before or after the names that begin with the component.
func endOfComponent(end sliceEnd, inclusive bool) byte {
	switch {
	case end == sliceStart && inclusive, end == sliceFinish && !inclusive:
		return 0xff
	case end == sliceStart || end == sliceFinish:
		return 1
	}
	return 0
}

// appendComponent appends a packed component of a composite: its length, its bytes, and the end-of-component byte.
func (s *Session) appendComponent(dst []byte, packed Value, eoc byte) ([]byte, error) {
	b, err := s.wire(packed)
	if err != nil {
		return nil, err
	}
	if len(b) > 0xffff {
		return nil, errStruct
	}
	return append(append(binary.BigEndian.AppendUint16(dst, uint16(len(b))), b...), eoc), nil
}

func (s *Session) compositeCodec(packs []packFunc, unpacks []unpackFunc) (packFunc, unpackFunc) {
	pack := func(v Value, end sliceEnd) (Value, error) {
		n, err := s.length(v)
		if err != nil {
			return nil, err
		}
		items, err := s.collect(v)
		if err != nil {
			return nil, err
		}
		var out []byte
		for i, item := range items[:min(len(items), len(packs))] {
			eoc := byte(0)
			if pair, ok := item.(starlark.Tuple); ok {
				parts, err := s.unpackN(pair, 2)
				if err != nil {
					return nil, err
				}
				inclusive, err := s.truth(parts[1])
				if err != nil {
					return nil, err
				}
				item, eoc = parts[0], endOfComponent(end, inclusive)
			} else if i == n-1 {
				eoc = endOfComponent(end, true)
			}
			packed, err := packs[i](item, forValue)
			if err != nil {
				return nil, err
			}
			if out, err = s.appendComponent(out, packed, eoc); err != nil {
				return nil, err
			}
		}
		return str(out), nil
	}
	unpack := func(b string) (Value, error) {
		t := starlark.Tuple{}
		for i := 0; b != ""; i++ {
			if i == len(unpacks) {
				return nil, s.raiseValue(s.exc.StopIteration)
			}
			if len(b) < 2 {
				return nil, errStruct
			}
			n := int(binary.BigEndian.Uint16([]byte(b)))
			end := min(2+n, len(b))
			v, err := unpacks[i](b[2:end])
			if err != nil {
				return nil, err
			}
			t = append(t, v)
			b = b[min(3+n, len(b)):]
		}
		return t, nil
	}
	return pack, unpack
}

func (s *Session) dynamicCodec(t string) (packFunc, unpackFunc) {
	aliases := map[string]string{}
	for _, inner := range innerTypes(t) {
		alias, name, _ := strings.Cut(inner, "=>")
		aliases[alias] = name
	}
	pack := func(v Value, end sliceEnd) (Value, error) {
		n, err := s.length(v)
		if err != nil {
			return nil, err
		}
		items, err := s.collect(v)
		if err != nil {
			return nil, err
		}
		var out []byte
		for i, item := range items {
			parts, err := s.unpackN(item, 2)
			if err != nil {
				return nil, err
			}
			alias, x := parts[0], parts[1]
			eoc := byte(0)
			if pair, ok := alias.(starlark.Tuple); ok {
				inclusive, err := s.truth(x)
				if err != nil {
					return nil, err
				}
				if parts, err = s.unpackN(pair, 2); err != nil {
					return nil, err
				}
				alias, x = parts[0], parts[1]
				eoc = endOfComponent(end, inclusive)
			} else if i == n-1 {
				eoc = endOfComponent(end, true)
			}
			name, err := s.str(alias)
			if err != nil {
				return nil, err
			}
			if _, isStr := alias.(str); isStr && len(name) == 1 {
				typ, ok := aliases[name]
				if !ok {
					return nil, s.raiseValue(s.exc.KeyError, alias)
				}
				out = append(out, 0x80, name[0])
				name = typ
			} else {
				name, _, _ = strings.Cut(name, "(")
				out = append(binary.BigEndian.AppendUint16(out, uint16(len(name))), name...)
			}
			component, _ := s.codecs(name)
			packed, err := component(x, forValue)
			if err != nil {
				return nil, err
			}
			if out, err = s.appendComponent(out, packed, eoc); err != nil {
				return nil, err
			}
		}
		return str(out), nil
	}
	unpack := func(b string) (Value, error) {
		t := starlark.Tuple{}
		for b != "" {
			if len(b) < 2 {
				return nil, errStruct
			}
			header := int(binary.BigEndian.Uint16([]byte(b)))
			var shown, name string
			if header&0x8000 != 0 {
				shown = b[1:2]
				name = aliases[shown]
				b = b[2:]
			} else {
				shown = b[2:min(2+header, len(b))]
				name = shown
				b = b[min(2+header, len(b)):]
			}
			if len(b) < 2 {
				return nil, errStruct
			}
			n := int(binary.BigEndian.Uint16([]byte(b)))
			_, component := s.codecs(name)
			v, err := component(b[2:min(2+n, len(b))])
			if err != nil {
				return nil, err
			}
			t = append(t, starlark.Tuple{str(shown), v})
			b = b[min(3+n, len(b)):]
		}
		return t, nil
	}
	return pack, unpack
}

// wire returns the bytes in which a packed value is sent. A unicode is sent as ASCII, as in Python 2.
func (s *Session) wire(v Value) ([]byte, error) {
	switch v := v.(type) {
	case str:
		return []byte(v), nil
	case unicodeStr:
		text, err := s.encodeASCII(v)
		return []byte(text), err
	}
	return nil, s.raise(s.exc.TypeError, "expected string or Unicode object, %s found", s.typeName(v))
}
