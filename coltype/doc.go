// Package coltype has Cassandra's data types of column names, values and row keys. A
// [Type] packs Go values into bytes and unpacks them. It validates and orders bytes as
// Cassandra does, and reports invalid bytes with Cassandra's error texts.
//
// # Finding a type
//
// The types without parameters are variables: [Bytes], [ASCII], [UTF8], [Long],
// [Int32], [Integer], [Double], [Float], [Decimal], [Boolean], [Date],
// [Timestamp], [UUID], [TimeUUID], [LexicalUUID], [InetAddress],
// [CounterColumn] and [Empty]. [Composite], [DynamicComposite] and [Reversed]
// make the others. [Parse] reads the class names of a schema and Type.String
// prints them; [Equal] compares types.
//
// # Packing and unpacking
//
// [Pack] takes any Go value that the type can store without loss. For example, an
// integer type takes all kinds of Go integers that are in range, of named and of basic
// types. Any other value is an error. For each type, unpacking always returns the same Go
// type:
//
//	Bytes, UnknownType                          []byte
//	ASCII, UTF8                                 string
//	Long, CounterColumn                         int64
//	Int32                                       int32
//	Integer                                     *big.Int
//	Double, Float                               float64, float32
//	Decimal                                     *inf.Dec
//	Boolean                                     bool
//	Date, Timestamp                             time.Time in UTC
//	UUID, TimeUUID, LexicalUUID                 uuid.UUID
//	InetAddress                                 netip.Addr
//	CompositeType                               Tuple
//	DynamicCompositeType                        Tuple of Part
//
// uuid is github.com/gofrs/uuid/v5, inf is gopkg.in/inf.v0.
//
// In Cassandra empty bytes are legal for nearly every type. If a Go type has no value
// for empty bytes, nil is packed as empty bytes, and empty bytes unpack to nil.
//
// [CodecOf] returns a [Codec], which packs and unpacks one Go type that is known when
// the program is compiled, and does not allocate.
//
// # Ends of slices
//
// [PackBound] packs the end of a slice. For two kinds of types, the end of a slice is
// packed differently from a name. A time as an end includes all time UUIDs of its
// microsecond. A [Tuple] as an end includes all composite names that begin with it, or
// excludes them if its last component is [Exclusive].
//
// # Types of your own
//
// A type that implements [Type], and perhaps [Bounder], can be used wherever a
// type of this package can; see the example of Type.
//
// # Which Cassandra
//
// Error texts and order are those of version 1.2; testdata has its answers. In two
// cases Cassandra's order contradicts itself, and this package has an order of its own:
// bytes that are not valid names, and two types of one class with different parameters in
// a dynamic composite. The doc comments say so.
package coltype
