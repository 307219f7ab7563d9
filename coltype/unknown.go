package coltype

import "bytes"

// UnknownType is a class that this package does not know: a cluster's own class, or a
// class of later versions such as ListType. An UnknownType packs and unpacks values as
// [Bytes] does. The order of its values is unknown. [Parse] and [Unknown] make an
// UnknownType; a nil UnknownType must not be used.
type UnknownType struct{ class string }

// Unknown returns the type of a class that this package does not know. The name class
// includes the parameters, and is kept unchanged.
func Unknown(class string) *UnknownType { return &UnknownType{class} }

// Class returns the class name with its parameters.
func (t *UnknownType) Class() string { return t.class }

// String returns the class name with its parameters.
func (t *UnknownType) String() string { return t.class }

// Append takes the same values as [Bytes].
func (t *UnknownType) Append(dst []byte, v any) ([]byte, error) {
	out, err := Bytes.Append(dst, v)
	if err != nil {
		return dst, mismatch(t, v, "bytes, as this type is unknown")
	}
	return out, nil
}

// Unpack returns a []byte.
func (t *UnknownType) Unpack(b []byte) (any, error) { return Bytes.Unpack(b) }

// Validate accepts everything.
func (t *UnknownType) Validate([]byte) error { return nil }

// Compare orders by bytes, since the order of the type is unknown.
func (t *UnknownType) Compare(a, b []byte) int { return bytes.Compare(a, b) }
