package coltype

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
)

// Tuple is a composite name: the values of its components in order. A Tuple may have
// fewer components than its type, both as a name and as the end of a slice. As the end of
// a slice it stands for all names that begin with its components.
//
// Functions that take a Tuple take any other slice or array too.
type Tuple []any

// ExclusiveEnd is the last component of the end of a slice, if the slice leaves out
// the names that begin with the components of that end. [Exclusive] makes an ExclusiveEnd.
type ExclusiveEnd struct{ Value any }

// Exclusive marks the last component of a [Tuple] that ends a slice. The slice then
// leaves out all names that begin with the tuple. For example, if the upper end is
// Tuple{1, Exclusive("b")}, then (1, "a", 9) is in the slice, and (1, "b") and
// (1, "b", 0) are not. An end without the mark is inclusive. In a dynamic composite, v
// is the [Part].
func Exclusive(v any) ExclusiveEnd { return ExclusiveEnd{v} }

// Edge is what Unpack returns as the last component of a [Tuple] if the packed name is not a plain name but a
// position: before all names that begin with the tuple's components (EOC below 0) or after all of them (EOC
// above 0). EOC is the end-of-component byte of the packed name, which is 0 in plain names. Programs seldom meet an
// Edge: the packed ends of slices are such names, and Cassandra also accepts them as names of columns.
// Packing takes an Edge, so that such a name is written as it was read.
type Edge struct {
	Value any
	EOC   int8
}

// Component is a component of a packed composite name. Its bytes alias the packed
// name.
type Component struct {
	Type Type
	// Header is the part before the value that names the type in a dynamic composite.
	// Two different headers may name the same type: an alias or a class name, short or full.
	Header []byte
	Value  []byte
	// End is the end-of-component byte: 0 for names; below and above 0 the name
	// is before, or after, all names that begin with these components.
	End int8
}

// tupleType has the methods that differ between the two kinds of composites.
type tupleType interface {
	Bounder
	// component returns type and value of item i of a Tuple. It appends to dst the
	// header of the component.
	component(dst []byte, i int, item any) ([]byte, Type, any, error)
	// next reads the header of component i, and returns the bytes after the header.
	next(i int, b []byte) (c Component, rest []byte, err error)
}

// maxComponent is the largest length that fits into two bytes.
const maxComponent = 1<<16 - 1

// appendTuple packs a name or the end of a slice. Each component is packed as two
// bytes of length, the value, and the end-of-component byte.
func appendTuple(t tupleType, dst []byte, v any, b Bound) ([]byte, error) {
	items, ok := list(v)
	if !ok {
		return dst, mismatch(t, v, "a Tuple")
	}
	out := dst
	for i, item := range items {
		var err error
		if out, err = appendComponent(t, out, i, item, b, i == len(items)-1); err != nil {
			return dst, fmt.Errorf("component %d of %s: %w", i, shortName(t), err)
		}
	}
	return out, nil
}

var (
	errExclusiveName = errors.New("only the end of a slice is exclusive, not a name")
	errExclusiveLast = errors.New("only the last component may be exclusive")
	errEdgeLast      = errors.New("only the last component may be an Edge")
)

func appendComponent(t tupleType, dst []byte, i int, item any, b Bound, last bool) ([]byte, error) {
	var end int8
	literal := !last // nested composites are names, not ends of slices
	switch wrapped := item.(type) {
	case ExclusiveEnd:
		switch {
		case b == Exact:
			return dst, errExclusiveName
		case !last:
			return dst, errExclusiveLast
		}
		// A lower end that excludes the names that begin with v is the same position
		// as an upper end that includes them.
		item, b = wrapped.Value, b.opposite()
		end = endOf(b)
	case Edge:
		if !last && wrapped.EOC != 0 {
			return dst, errEdgeLast
		}
		item, end, b, literal = wrapped.Value, wrapped.EOC, boundOf(wrapped.EOC), true
	default:
		if last {
			end = endOf(b)
		}
	}
	dst, typ, value, err := t.component(dst, i, item)
	if err != nil {
		return dst, err
	}
	if literal && isComposite(typ) {
		b = Exact
	}
	n := len(dst)
	if dst, err = appendBound(append(dst, 0, 0), typ, value, b); err != nil {
		return dst, err
	}
	size := len(dst) - n - 2
	if size > maxComponent {
		return dst, fmt.Errorf("%d bytes are too long: the most is %d", size, maxComponent)
	}
	binary.BigEndian.PutUint16(dst[n:], uint16(size))
	return append(dst, byte(end)), nil
}

func endOf(b Bound) int8 {
	switch b {
	case Lower:
		return -1
	case Upper:
		return 1
	}
	return 0
}

func boundOf(end int8) Bound {
	switch {
	case end < 0:
		return Lower
	case end > 0:
		return Upper
	}
	return Exact
}

func isComposite(t Type) bool {
	if r, ok := t.(*ReversedType); ok {
		return isComposite(r.base)
	}
	_, ok := t.(tupleType)
	return ok
}

func unpackTuple(t tupleType, b []byte, wrap func(Component, any) any) (any, error) {
	tuple := Tuple{}
	for i := 0; len(b) > 0; i++ {
		c, rest, err := component(t, i, b)
		if err != nil {
			return nil, malformed(t, err)
		}
		v, err := c.Type.Unpack(c.Value)
		if err != nil {
			return nil, fmt.Errorf("component %d of %s: %w", i, shortName(t), err)
		}
		if wrap != nil {
			v = wrap(c, v)
		}
		if c.End != 0 {
			if len(rest) > 0 {
				return nil, malformed(t, bytesAfterEnd(i))
			}
			v = Edge{v, c.End}
		}
		tuple = append(tuple, v)
		b = rest
	}
	return tuple, nil
}

// component reads component i, which b starts with.
func component(t tupleType, i int, b []byte) (c Component, rest []byte, err error) {
	if c, rest, err = t.next(i, b); err != nil {
		return c, nil, err
	}
	c.End, rest, err = cutEnd(i, rest)
	return c, rest, err
}

// cutValue cuts the length and the value off b.
func cutValue(i int, b []byte) (value, rest []byte, err error) {
	if len(b) < 2 {
		return nil, nil, inCassandrasWords("Not enough bytes to read value size of component %d", i)
	}
	n := int(binary.BigEndian.Uint16(b))
	if b = b[2:]; len(b) < n {
		return nil, nil, inCassandrasWords("Not enough bytes to read value of component %d", i)
	}
	return b[:n:n], b[n:], nil
}

// cutEnd cuts the end-of-component byte off b.
func cutEnd(i int, b []byte) (end int8, rest []byte, err error) {
	if len(b) == 0 {
		return 0, nil, inCassandrasWords("Not enough bytes to read the end-of-component byte of component%d", i)
	}
	return int8(b[0]), b[1:], nil
}

func bytesAfterEnd(i int) error {
	return inCassandrasWords("Invalid bytes remaining after an end-of-component at component%d", i)
}

// validateTuple checks in the order of Cassandra's AbstractCompositeType.
func validateTuple(t tupleType, b []byte) error {
	for i := 0; len(b) > 0; i++ {
		c, rest, err := t.next(i, b)
		if _, unknown := c.Type.(*UnknownType); unknown && len(c.Header) > 2 {
			return noComparator(i) // the name holds a class that no node has
		}
		if err != nil {
			return err
		}
		if err := c.Type.Validate(c.Value); err != nil {
			return err
		}
		end, rest, err := cutEnd(i, rest)
		if err != nil {
			return err
		}
		if end != 0 && len(rest) > 0 {
			return bytesAfterEnd(i)
		}
		b = rest
	}
	return nil
}

// compareEnds compares end-of-component bytes by their signs.
func compareEnds(a, b int8) int {
	return cmp.Compare(cmp.Compare(a, 0), cmp.Compare(b, 0))
}
