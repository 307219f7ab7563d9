// Package coltype has Cassandra's data types: of column names, of values and of
// row keys. A [Type] packs Go values into bytes and unpacks them, validates bytes
// as Cassandra does and in its words, and orders them as Cassandra does.
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
// [Pack] takes any Go value that stands for one of the type without loss: all
// kinds of integers where an integer is wanted, if they are in range, named types
// as well as basic ones. What it does not take is an error. Unpacking always
// returns the same Go type for a type:
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
// In Cassandra empty bytes are legal for nearly every type. Where no Go value
// stands for them they are nil, both ways.
//
// [CodecOf] gives a [Codec], which does the same for one Go type that is known
// when the program is compiled, and does not allocate.
//
// # Ends of slices
//
// [PackBound] packs the end of a slice, which differs for two kinds of types. A
// time stands for all time UUIDs of its microsecond. A [Tuple] stands for all
// composite names that begin with it, or, if its last component is [Exclusive],
// for none of them.
//
// # Types of your own
//
// A type that implements [Type], and perhaps [Bounder], can be used wherever a
// type of this package can; see the example of Type.
//
// # Which Cassandra
//
// Messages and order are those of version 1.2, which testdata has answers of. The
// doc comments name the few places where Cassandra's order contradicts itself
// and is not followed: bytes that are no valid names, and two types of one class
// with different parameters in a dynamic composite.
package coltype
