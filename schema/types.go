package schema

import "strings"

// Class names of data types. Types with parameters, such as composites, are named by
// their String method: coltype.Composite(coltype.Long, coltype.ASCII).String().
const (
	ASCIIType         = "AsciiType"
	BooleanType       = "BooleanType"
	BytesType         = "BytesType"
	CounterColumnType = "CounterColumnType"
	DateType          = "DateType" // milliseconds since 1970
	DecimalType       = "DecimalType"
	DoubleType        = "DoubleType"
	FloatType         = "FloatType"
	InetAddressType   = "InetAddressType"
	Int32Type         = "Int32Type"
	IntegerType       = "IntegerType" // of any size
	LexicalUUIDType   = "LexicalUUIDType"
	LongType          = "LongType"
	TimeUUIDType      = "TimeUUIDType"
	TimestampType     = "TimestampType"
	UTF8Type          = "UTF8Type"
	UUIDType          = "UUIDType"
)

// ShortClass returns a class name without its package: "LongType" of
// "org.apache.cassandra.db.marshal.LongType". Parameters in parentheses stay as they are.
func ShortClass(class string) string {
	name, _, _ := strings.Cut(class, "(")
	return class[strings.LastIndexByte(name, '.')+1:]
}
