package coltype

import "cmp"

// ReversedType is a type in reversed order. It packs, unpacks and validates as its base
// does. A ReversedType may be a component of a composite, and its base may be a
// composite. [Reversed] makes a ReversedType; a nil or zero ReversedType must not be used.
type ReversedType struct{ base Type }

var _ Bounder = (*ReversedType)(nil)

// Reversed returns t in reversed order. A type that is reversed twice has the order of t,
// but is not Equal to t.
func Reversed(t Type) *ReversedType { return &ReversedType{t} }

// Base returns the type that is reversed.
func (t *ReversedType) Base() Type { return t.base }

// String returns the class name with the base in parentheses.
func (t *ReversedType) String() string { return marshal + "ReversedType(" + t.base.String() + ")" }

// Append packs as the base does.
func (t *ReversedType) Append(dst []byte, v any) ([]byte, error) { return t.base.Append(dst, v) }

// AppendBound packs as the base packs the opposite end: the lower names of t are the
// higher names of the base.
func (t *ReversedType) AppendBound(dst []byte, v any, b Bound) ([]byte, error) {
	return appendBound(dst, t.base, v, b.opposite())
}

// Unpack unpacks as the base does.
func (t *ReversedType) Unpack(b []byte) (any, error) { return t.base.Unpack(b) }

// Validate validates as the base does.
func (t *ReversedType) Validate(b []byte) error { return t.base.Validate(b) }

// Compare orders in the opposite order of the base, except that empty bytes are first
// too: in a slice they stand for its open ends.
func (t *ReversedType) Compare(a, b []byte) int {
	if len(a) == 0 || len(b) == 0 {
		return cmp.Compare(btoi(len(a) > 0), btoi(len(b) > 0))
	}
	return t.base.Compare(b, a)
}
