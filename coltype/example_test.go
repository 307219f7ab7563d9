package coltype_test

import (
	"fmt"
	"strconv"
	"time"

	"github.com/widerow/widerow/coltype"
)

func Example() {
	t, err := coltype.Parse("CompositeType(LongType(reversed=true), AsciiType)")
	if err != nil {
		fmt.Println(err)
		return
	}
	name, err := coltype.Pack(t, coltype.Tuple{1234, "abc"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%x\n", name)
	values, err := t.Unpack(name)
	fmt.Println(values, err)
	// Output:
	// 000800000000000004d200000361626300
	// [1234 abc] <nil>
}

func ExampleParse() {
	for _, class := range []string{"LongType", "LongType(reversed=true)", "DynamicCompositeType(a=>AsciiType)", "com.example.PointType(srid=4326)"} {
		t, err := coltype.Parse(class)
		fmt.Println(t, err)
	}
	// Output:
	// org.apache.cassandra.db.marshal.LongType <nil>
	// org.apache.cassandra.db.marshal.ReversedType(org.apache.cassandra.db.marshal.LongType) <nil>
	// org.apache.cassandra.db.marshal.DynamicCompositeType(a=>org.apache.cassandra.db.marshal.AsciiType) <nil>
	// com.example.PointType(srid=4326) <nil>
}

func ExamplePack() {
	for _, v := range []any{128, "12.50", 1.5} {
		b, err := coltype.Pack(coltype.Decimal, v)
		fmt.Printf("%x %v\n", b, err)
	}
	_, err := coltype.Pack(coltype.Int32, 1<<31)
	fmt.Println(err)
	// Output:
	// 000000000080 <nil>
	// 0000000204e2 <nil>
	// 000000010f <nil>
	// 2147483648 is out of range for Int32Type
}

// Pack the ends of a slice of all names that begin with (1, "b"), and the start of a
// slice right after them.
func ExamplePackBound() {
	t := coltype.Composite(coltype.Int32, coltype.ASCII, coltype.Long)
	from, _ := coltype.PackBound(t, coltype.Tuple{1, "b"}, coltype.Lower)
	to, _ := coltype.PackBound(t, coltype.Tuple{1, "b"}, coltype.Upper)
	after, _ := coltype.PackBound(t, coltype.Tuple{1, coltype.Exclusive("b")}, coltype.Lower)
	fmt.Printf("%x\n%x\n%x\n", from, to, after)
	// Output:
	// 00040000000100000162ff
	// 0004000000010000016201
	// 0004000000010000016201
}

// Pack a time as the end of a slice of time UUIDs.
func ExamplePackBound_time() {
	day := time.Date(2012, 5, 6, 0, 0, 0, 0, time.UTC)
	from, _ := coltype.PackBound(coltype.TimeUUID, day, coltype.Lower)
	to, _ := coltype.PackBound(coltype.TimeUUID, day.Add(24*time.Hour), coltype.Upper)
	fmt.Printf("%x\n%x\n", from, to)
	// Output:
	// 6c4ac000970e11e18080808080808080
	// 96b4800997d711e1bf7f7f7f7f7f7f7f
}

func ExampleCodecOf() {
	codec, err := coltype.CodecOf[int64](coltype.Long)
	if err != nil {
		fmt.Println(err)
		return
	}
	var buf [8]byte
	b, _ := codec.Append(buf[:0], 5)
	n, err := codec.Decode(b)
	fmt.Println(n, err)

	_, err = coltype.CodecOf[string](coltype.Long)
	fmt.Println(err)
	// Output:
	// 5 <nil>
	// values of LongType do not fit string: want int64, int, int32 or any
}

func ExampleDynamicComposite() {
	t := coltype.DynamicComposite(map[byte]coltype.Type{'l': coltype.Long})
	name, err := coltype.Pack(t, coltype.Tuple{coltype.Alias('l', 5), coltype.As(coltype.ASCII, "x")})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := t.Unpack(name)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, part := range v.(coltype.Tuple) {
		fmt.Println(part.(coltype.Part).Type, part.(coltype.Part).Value)
	}
	// Output:
	// org.apache.cassandra.db.marshal.LongType 5
	// org.apache.cassandra.db.marshal.AsciiType x
}

// intString stores an integer as text. For Cassandra such values are ASCII, so class name,
// validation and order are those of ASCII.
type intString struct{}

func (intString) String() string          { return coltype.ASCII.String() }
func (intString) Validate(b []byte) error { return coltype.ASCII.Validate(b) }
func (intString) Compare(a, b []byte) int { return coltype.ASCII.Compare(a, b) }

func (intString) Append(dst []byte, v any) ([]byte, error) {
	n, ok := v.(int)
	if !ok {
		return dst, fmt.Errorf("intString takes an int, not %T", v)
	}
	return strconv.AppendInt(dst, int64(n), 10), nil
}

func (intString) Unpack(b []byte) (any, error) { return strconv.Atoi(string(b)) }

// A type of your own implements Type.
func ExampleType() {
	b, err := coltype.Pack(intString{}, 42)
	fmt.Printf("%q %v\n", b, err)
	v, err := intString{}.Unpack(b)
	fmt.Printf("%T %v %v\n", v, v, err)
	// It can be a component like any other.
	b, err = coltype.Pack(coltype.Composite(intString{}, coltype.Boolean), coltype.Tuple{42, true})
	fmt.Printf("%q %v\n", b, err)
	// Output:
	// "42" <nil>
	// int 42 <nil>
	// "\x00\x0242\x00\x00\x01\x01\x00" <nil>
}
