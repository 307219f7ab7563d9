package coltype

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
)

// marshal is the package of the classes that Cassandra ships.
const marshal = "org.apache.cassandra.db.marshal."

// Pack returns the packed bytes of v, as a name, key or value. The result does not
// alias v. It is nil only if Pack returns an error.
func Pack(t Type, v any) ([]byte, error) {
	return t.Append([]byte{}, v)
}

// PackBound returns the packed bytes of v as the end of a slice. A type that is
// not a [Bounder] packs ends like names.
func PackBound(t Type, v any, b Bound) ([]byte, error) {
	return appendBound([]byte{}, t, v, b)
}

func appendBound(dst []byte, t Type, v any, b Bound) ([]byte, error) {
	if t, ok := t.(Bounder); ok {
		return t.AppendBound(dst, v, b)
	}
	return t.Append(dst, v)
}

// opposite returns the bound at the other side of a slice.
func (b Bound) opposite() Bound {
	switch b {
	case Lower:
		return Upper
	case Upper:
		return Lower
	}
	return b
}

// Equal reports whether two types are the same type with the same parameters.
// Types of users are compared by == or, if they are not comparable, by
// reflect.DeepEqual.
func Equal(a, b Type) bool {
	switch a := a.(type) {
	case *CompositeType:
		b, ok := b.(*CompositeType)
		return ok && slices.EqualFunc(a.components, b.components, Equal)
	case *DynamicCompositeType:
		b, ok := b.(*DynamicCompositeType)
		return ok && maps.EqualFunc(a.aliases, b.aliases, Equal)
	case *ReversedType:
		b, ok := b.(*ReversedType)
		return ok && Equal(a.base, b.base)
	case *UnknownType:
		b, ok := b.(*UnknownType)
		return ok && a.class == b.class
	}
	if a == nil || b == nil || !reflect.TypeOf(a).Comparable() || !reflect.TypeOf(b).Comparable() {
		return reflect.DeepEqual(a, b)
	}
	return a == b
}

// errEmpty is the cause if empty bytes are decoded as a Go type that has no value for
// empty bytes.
var errEmpty = errors.New("the value is empty")

// mismatch is the error for a Go value that t does not take.
func mismatch(t Type, v any, takes string) error {
	switch v.(type) {
	case nil:
		return fmt.Errorf("%s takes %s, not nil", shortName(t), takes)
	case ExclusiveEnd, Edge:
		return fmt.Errorf("%s takes %s, not a %T: only components of composites have one", shortName(t), takes, v)
	}
	return fmt.Errorf("%s takes %s, not %T", shortName(t), takes, v)
}

// refuse is mismatch for types that take nil as empty bytes.
func refuse(t Type, v any, takes string) error {
	if isNil(v) {
		return nil
	}
	return mismatch(t, v, takes)
}

// outOfRange is the error for a Go value of the right kind that t cannot hold.
func outOfRange(t Type, v any) error {
	return fmt.Errorf("%v is out of range for %s", legible(v), shortName(t))
}

// legible returns v, or the size of v if v is a number that is too long for an error text.
func legible(v any) any {
	if x, ok := v.(*big.Int); ok && x.BitLen() > 256 {
		return fmt.Sprintf("a number of %d bits", x.BitLen())
	}
	return v
}

// inCassandrasWords returns an error of Validate. Clients may compare its text with
// Cassandra's.
func inCassandrasWords(format string, args ...any) error {
	return fmt.Errorf(format, args...)
}

// malformed is the error for bytes that t cannot unpack.
func malformed(t Type, cause error) error {
	return fmt.Errorf("unpack %s: %w", shortName(t), cause)
}

// shortName returns the class name of t without its package and parameters.
func shortName(t Type) string {
	name, _, _ := strings.Cut(t.String(), "(")
	return name[strings.LastIndexByte(name, '.')+1:]
}

// fullName returns the class name of t without its parameters.
func fullName(t Type) string {
	name, _, _ := strings.Cut(t.String(), "(")
	return name
}
