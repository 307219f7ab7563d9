package jsonlines

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/widerow/widerow/coltype"
)

// A composite is stored as its components one after the other: two bytes of
// length, the value, and the end-of-component byte, which is 0 in a stored name.
// In a dynamic composite a header precedes each component: 0x80 and the alias, or
// two bytes of length and the class name.
//
// Source: org.apache.cassandra.db.marshal.CompositeType and DynamicCompositeType.

// component splits the value of the next component off b.
func component(b []byte) (value, rest []byte, ok bool) {
	if len(b) < 2 {
		return nil, nil, false
	}
	n := int(binary.BigEndian.Uint16(b))
	if len(b) < 2+n+1 || b[2+n] != 0 {
		return nil, nil, false
	}
	return b[2 : 2+n], b[2+n+1:], true
}

func (f *Format) appendComposite(dst, b []byte) ([]byte, bool) {
	dst = append(dst, '[')
	for i := 0; len(b) > 0; i++ {
		value, rest, ok := component(b)
		if !ok || i == len(f.parts) {
			return nil, false
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = f.parts[i].Append(dst, value)
		b = rest
	}
	return append(dst, ']'), true
}

func (f *Format) readComposite(dst []byte, s *scanner) ([]byte, error) {
	if err := s.expect('['); err != nil {
		return nil, err
	}
	for i := 0; ; i++ {
		more, err := s.element(i == 0)
		switch {
		case err != nil:
			return nil, err
		case !more && i == 0:
			return nil, s.errorf("a composite without components is written null")
		case !more:
			return dst, nil
		case i == len(f.parts):
			return nil, s.errorf("more than the %d components of the type", len(f.parts))
		}
		if dst, err = f.parts[i].readComponent(dst, s); err != nil {
			return nil, err
		}
	}
}

// readComponent reads a value and appends its length, its bytes and its end-of-component byte.
func (f *Format) readComponent(dst []byte, s *scanner) ([]byte, error) {
	at := len(dst)
	dst, err := f.read(append(dst, 0, 0), s)
	if err != nil {
		return nil, err
	}
	n := len(dst) - at - 2
	if n > math.MaxUint16 {
		return nil, s.errorf("a component of %d bytes, at most %d fit", n, math.MaxUint16)
	}
	binary.BigEndian.PutUint16(dst[at:], uint16(n))
	return append(dst, 0), nil
}

func (f *Format) appendDynamic(dst, b []byte) ([]byte, bool) {
	dst = append(dst, '[')
	for first := true; len(b) > 0; first = false {
		name, rest, ok := cutHeader(b)
		if !ok {
			return nil, false
		}
		part, err := f.dynamicPart(name)
		if err != nil {
			return nil, false
		}
		value, rest, ok := component(rest)
		if !ok {
			return nil, false
		}
		if !first {
			dst = append(dst, ',')
		}
		dst = append(appendString(append(dst, '{'), name), ':')
		dst = append(part.Append(dst, value), '}')
		b = rest
	}
	return append(dst, ']'), true
}

func (f *Format) readDynamic(dst []byte, s *scanner) ([]byte, error) {
	if err := s.expect('['); err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		more, err := s.element(first)
		switch {
		case err != nil:
			return nil, err
		case !more && first:
			return nil, s.errorf("a composite without components is written null")
		case !more:
			return dst, nil
		}
		if err := s.expect('{'); err != nil {
			return nil, err
		}
		name, ok, err := s.field(true)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, s.errorf(`want a component as {"alias or class": value}`)
		}
		part, err := f.dynamicPart(name)
		if err != nil {
			return nil, s.errorf("%v", err)
		}
		dst = appendHeader(dst, name)
		if dst, err = part.readComponent(dst, s); err != nil {
			return nil, err
		}
		if err := s.expect('}'); err != nil {
			return nil, err
		}
	}
}

// cutHeader splits the header of a component off b. It returns the alias, which is one
// letter, or the class name.
func cutHeader(b []byte) (name, rest []byte, ok bool) {
	if len(b) < 2 {
		return nil, nil, false
	}
	if b[0]&0x80 != 0 {
		return b[1:2], b[2:], b[0] == 0x80 && b[1] > ' ' && b[1] < 0x7f
	}
	n := int(binary.BigEndian.Uint16(b))
	if n < 2 || n > maxClass || len(b) < 2+n {
		return nil, nil, false
	}
	name = b[2 : 2+n]
	return name, b[2+n:], printable(name)
}

// maxClass bounds the length of a class name in a dynamic composite.
const maxClass = 1 << 12

func appendHeader(dst, name []byte) []byte {
	if len(name) == 1 {
		return append(dst, 0x80, name[0])
	}
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(name))), name...)
}

// dynamicPart returns the format of a component by its alias or class name.
func (f *Format) dynamicPart(name []byte) (Format, error) {
	if len(name) == 1 {
		t, ok := f.dyn.Aliases()[name[0]]
		if !ok {
			return Format{}, fmt.Errorf("the type has no alias %q", name)
		}
		return FormatOf(t), nil
	}
	if len(name) == 0 || len(name) > maxClass {
		return Format{}, fmt.Errorf("a component's class name has %d bytes", len(name))
	}
	t, err := coltype.Parse(string(name))
	if err != nil {
		return Format{}, err
	}
	return FormatOf(t), nil
}
