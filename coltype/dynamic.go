package coltype

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// DynamicCompositeType is the type of composite names in which each component names
// its own type, by an alias of one byte or by class name. It packs a [Tuple] of [Part]
// and unpacks to a [Tuple] of [Part]. [DynamicComposite] makes a DynamicCompositeType; a
// nil DynamicCompositeType must not be used.
type DynamicCompositeType struct{ aliases map[byte]Type }

var (
	_ tupleType = (*DynamicCompositeType)(nil)
	_ Bounder   = (*DynamicCompositeType)(nil)
)

// DynamicComposite returns the type of dynamic composite names with these aliases. In
// Cassandra's class names, an alias must be a letter, a digit or one of the characters
// -+._&.
func DynamicComposite(aliases map[byte]Type) *DynamicCompositeType {
	return &DynamicCompositeType{maps.Clone(aliases)}
}

// Aliases returns the types by alias. The caller must not change the result.
func (t *DynamicCompositeType) Aliases() map[byte]Type { return t.aliases }

// Part is a component of a dynamic composite name: a value with its type.
type Part struct {
	// Alias is the comparator's alias of the type, or 0 if the component names its
	// type by class name.
	Alias byte
	// Type is the type of the value. It may be nil if Alias is set.
	Type  Type
	Value any
}

// Alias returns a component with the value v, of the comparator's type for alias.
func Alias(alias byte, v any) Part { return Part{Alias: alias, Value: v} }

// As returns a component with the value v, of type t, which is packed with its full class
// name.
func As(t Type, v any) Part { return Part{Type: t, Value: v} }

// String returns the class name with the aliases in parentheses, in the order
// of their bytes.
func (t *DynamicCompositeType) String() string {
	var s strings.Builder
	s.WriteString(marshal + "DynamicCompositeType(")
	for i, alias := range slices.Sorted(maps.Keys(t.aliases)) {
		if i > 0 {
			s.WriteByte(',')
		}
		s.WriteByte(alias)
		s.WriteString("=>")
		s.WriteString(t.aliases[alias].String())
	}
	s.WriteByte(')')
	return s.String()
}

// Append packs a name.
func (t *DynamicCompositeType) Append(dst []byte, v any) ([]byte, error) {
	return appendTuple(t, dst, v, Exact)
}

// AppendBound packs the end of a slice.
func (t *DynamicCompositeType) AppendBound(dst []byte, v any, b Bound) ([]byte, error) {
	return appendTuple(t, dst, v, b)
}

// A component begins with two bytes: an alias with the highest bit set, or the length
// of the class name that follows.
const (
	aliasBit     = 0x8000
	maxClassName = aliasBit - 1
)

var (
	errNoPart       = errors.New("neither alias nor type is given")
	errLongName     = fmt.Errorf("the class name is too long: the most is %d bytes", maxClassName)
	errNoComparator = errors.New("no type has this alias")
)

func (t *DynamicCompositeType) component(dst []byte, i int, item any) ([]byte, Type, any, error) {
	part, ok := item.(Part)
	switch {
	case !ok:
		return dst, nil, nil, fmt.Errorf("%T is not a coltype.Part, which Alias and As make", item)
	case part.Alias != 0:
		typ, ok := t.aliases[part.Alias]
		if !ok {
			return dst, nil, nil, fmt.Errorf("%q: %w", part.Alias, errNoComparator)
		}
		if part.Type != nil && !Equal(part.Type, typ) {
			return dst, nil, nil, fmt.Errorf("the alias %q is of type %s, not %s", part.Alias, shortName(typ), shortName(part.Type))
		}
		return binary.BigEndian.AppendUint16(dst, aliasBit|uint16(part.Alias)), typ, part.Value, nil
	case part.Type == nil:
		return dst, nil, nil, errNoPart
	}
	name := part.Type.String()
	if len(name) > maxClassName {
		return dst, nil, nil, errLongName
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(name)))
	return append(dst, name...), part.Type, part.Value, nil
}

// Unpack returns a Tuple of Part. Each Part has its Type, and its Alias if it was written
// with an alias.
func (t *DynamicCompositeType) Unpack(b []byte) (any, error) {
	return unpackTuple(t, b, func(c Component, v any) any {
		part := Part{Type: c.Type, Value: v}
		if c.Header[0]&(aliasBit>>8) != 0 {
			part.Alias = c.Header[1]
		}
		return part
	})
}

// Next reads component i, which b starts with, resolves its type, and returns the
// bytes after it. Errors name i and are in Cassandra's words. The value is not
// validated, and the type may be an [UnknownType].
func (t *DynamicCompositeType) Next(i int, b []byte) (c Component, rest []byte, err error) {
	return component(t, i, b)
}

func (t *DynamicCompositeType) next(i int, b []byte) (c Component, rest []byte, err error) {
	if c.Type, c.Header, rest, err = t.resolve(i, b); err != nil {
		return c, nil, err
	}
	c.Value, rest, err = cutValue(i, rest)
	return c, rest, err
}

// resolve reads the header that b starts with.
func (t *DynamicCompositeType) resolve(i int, b []byte) (typ Type, header, rest []byte, err error) {
	if len(b) < 2 {
		return nil, nil, nil, inCassandrasWords("Not enough bytes to header of the comparator part of component %d", i)
	}
	size := 2
	if n := binary.BigEndian.Uint16(b); n&aliasBit == 0 {
		if size += int(n); len(b) < size {
			return nil, nil, nil, inCassandrasWords("Not enough bytes to read comparator name of component %d", i)
		}
		typ = parseHeader(b[2:size])
	} else {
		typ = t.aliases[byte(n)]
	}
	if typ == nil {
		return nil, nil, nil, noComparator(i)
	}
	return typ, b[:size:size], b[size:], nil
}

func noComparator(i int) error {
	return inCassandrasWords("Cannot find comparator for component %d", i)
}

// parseHeader returns the type of a class name, or nil. It does not allocate for simple
// types, which are by far the most common.
//
// If a name does not begin with a class, Cassandra reads it as BytesType; text after a
// class is ignored. Unlike Parse, parseHeader does the same, because such names may be
// stored.
func parseHeader(name []byte) Type {
	if typ, ok := simpleTypes[string(name)]; ok {
		return typ
	}
	if !utf8.Valid(name) {
		return nil
	}
	p := parser{s: string(name)}
	if p.blanks(); p.i == len(p.s) || !isIdentifier(p.s[p.i]) {
		return Bytes
	}
	typ, err := p.parse(0)
	if err != nil {
		return nil
	}
	return typ
}

// Validate checks the form of the name, that the types of its components are
// known, and each component by its type.
func (t *DynamicCompositeType) Validate(b []byte) error { return validateTuple(t, b) }

// Compare compares the components in turn, as composites do. Components of different
// types are ordered by the simple class name of their types, then by the full class
// name, whatever their values. A malformed name is compared by its bytes from the fault
// on, and is ordered after well-formed names.
//
// For two types with one class and different parameters, Cassandra uses the type on the
// left, which is not an order. Compare orders such components by the types' parameters.
func (t *DynamicCompositeType) Compare(a, b []byte) int {
	for len(a) > 0 && len(b) > 0 {
		typA, headerA, bodyA, errA := t.resolve(0, a)
		typB, headerB, bodyB, errB := t.resolve(0, b)
		valueA, endA, restA, okA := cut(bodyA)
		valueB, endB, restB, okB := cut(bodyB)
		okA, okB = okA && errA == nil, okB && errB == nil
		if !okA || !okB {
			return compareMalformed(a, b, okA, okB)
		}
		if !bytes.Equal(headerA, headerB) {
			if c := compareTypes(typA, typB); c != 0 {
				return c
			}
		}
		if c := typA.Compare(valueA, valueB); c != 0 {
			return c
		}
		if c := compareEnds(endA, endB); c != 0 {
			return c
		}
		a, b = restA, restB
	}
	return btoi(len(a) > 0) - btoi(len(b) > 0)
}

// compareTypes orders types by their class names.
func compareTypes(a, b Type) int {
	if c := strings.Compare(shortName(a), shortName(b)); c != 0 {
		return c
	}
	if c := strings.Compare(fullName(a), fullName(b)); c != 0 {
		return c
	}
	return strings.Compare(a.String(), b.String())
}
