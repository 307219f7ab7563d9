package coltype

// Type is a data type of Cassandra, of column names, values or row keys. A Type
// is immutable and safe for concurrent use. Types without parameters are
// comparable values, such as [Long].
//
// Users may implement Type. Such a type packs and unpacks on the client's side. The
// store sees only the packed bytes and the class name.
type Type interface {
	// String returns the class name as Cassandra prints it, in full, such as
	// "org.apache.cassandra.db.marshal.LongType".
	String() string

	// Append packs v and appends it to dst. It fails, and returns dst unchanged, if
	// the type does not take the Go type of v, or if v is out of range.
	Append(dst []byte, v any) ([]byte, error)

	// Unpack returns the Go value of packed bytes. The result does not alias b.
	Unpack(b []byte) (any, error)

	// Validate reports why Cassandra would refuse b, in Cassandra's words.
	Validate(b []byte) error

	// Compare orders packed values as Cassandra does. It must order bytes that
	// Validate refuses too, in any order, and must not panic.
	Compare(a, b []byte) int
}

// Bound says whether a packed value is a name, key or value, or one of the ends of a slice.
type Bound int8

// The uses of a packed value.
const (
	// Exact is a name, key or value.
	Exact Bound = iota
	// Lower is the end of a slice with the lower names, included.
	Lower
	// Upper is the end of a slice with the higher names, included.
	Upper
)

// Bounder is implemented by types that pack the ends of slices differently from names:
// composites, whose ends may lack components or be exclusive, and time UUIDs, for which
// a time stands for all UUIDs of its instant.
type Bounder interface {
	Type
	// AppendBound is Append for the end of a slice.
	AppendBound(dst []byte, v any, b Bound) ([]byte, error)
}
