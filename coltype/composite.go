package coltype

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"
)

// CompositeType is the type of names that have several components, each of its
// own type. It packs a [Tuple] and unpacks to a [Tuple]. The values of the Tuple are
// values of the components' types.
//
// A name may have fewer components than the type. As the end of a slice, a Tuple
// stands for all names that begin with it; see [Exclusive]. [Composite] makes a
// CompositeType; a nil CompositeType must not be used.
type CompositeType struct{ components []Type }

var (
	_ tupleType = (*CompositeType)(nil)
	_ Bounder   = (*CompositeType)(nil)
)

// Composite returns the type of composite names with these components.
func Composite(components ...Type) *CompositeType {
	return &CompositeType{slices.Clone(components)}
}

// Components returns the types of the components. The caller must not change the result.
func (t *CompositeType) Components() []Type { return t.components }

// String returns the class name with the components in parentheses.
func (t *CompositeType) String() string {
	var s strings.Builder
	s.WriteString(marshal + "CompositeType(")
	for i, c := range t.components {
		if i > 0 {
			s.WriteByte(',')
		}
		s.WriteString(c.String())
	}
	s.WriteByte(')')
	return s.String()
}

// Append packs a name.
func (t *CompositeType) Append(dst []byte, v any) ([]byte, error) {
	return appendTuple(t, dst, v, Exact)
}

// AppendBound packs the end of a slice.
func (t *CompositeType) AppendBound(dst []byte, v any, b Bound) ([]byte, error) {
	return appendTuple(t, dst, v, b)
}

var errTooMany = errors.New("the type has no more components")

func (t *CompositeType) component(dst []byte, i int, item any) ([]byte, Type, any, error) {
	if i >= len(t.components) {
		return dst, nil, nil, errTooMany
	}
	return dst, t.components[i], item, nil
}

// Unpack returns a Tuple.
func (t *CompositeType) Unpack(b []byte) (any, error) { return unpackTuple(t, b, nil) }

// Next reads component i, which b starts with, and returns the bytes after it.
// Errors are in Cassandra's words. The value is not validated.
func (t *CompositeType) Next(i int, b []byte) (c Component, rest []byte, err error) {
	return component(t, i, b)
}

var errTooLong = inCassandrasWords("Too many bytes for comparator")

func (t *CompositeType) next(i int, b []byte) (c Component, rest []byte, err error) {
	if i >= len(t.components) {
		return c, nil, errTooLong
	}
	c.Type = t.components[i]
	c.Value, rest, err = cutValue(i, b)
	return c, rest, err
}

// Validate checks the form of the name and each component by its type.
func (t *CompositeType) Validate(b []byte) error { return validateTuple(t, b) }

// Compare compares the components in turn. If one name is a prefix of the other, the
// shorter name is first, unless an end-of-component byte says otherwise. A malformed name is
// compared by its bytes from the fault on, and is ordered after well-formed names.
func (t *CompositeType) Compare(a, b []byte) int {
	for _, typ := range t.components {
		if len(a) == 0 || len(b) == 0 {
			break
		}
		valueA, endA, restA, okA := cut(a)
		valueB, endB, restB, okB := cut(b)
		if !okA || !okB {
			return compareMalformed(a, b, okA, okB)
		}
		if c := typ.Compare(valueA, valueB); c != 0 {
			return c
		}
		if c := compareEnds(endA, endB); c != 0 {
			return c
		}
		a, b = restA, restB
	}
	return bytes.Compare(a, b)
}

// cut cuts a component off b. It returns ok instead of an error, whose text would allocate.
func cut(b []byte) (value []byte, end int8, rest []byte, ok bool) {
	if len(b) < 3 {
		return nil, 0, nil, false
	}
	n := 2 + (int(b[0])<<8 | int(b[1]))
	if len(b) <= n {
		return nil, 0, nil, false
	}
	return b[2:n], int8(b[n]), b[n+1:], true
}

// compareMalformed compares the rests of two names, if at least one rest is malformed.
func compareMalformed(a, b []byte, okA, okB bool) int {
	if c := cmp.Compare(btoi(okB), btoi(okA)); c != 0 {
		return c
	}
	return bytes.Compare(a, b)
}
