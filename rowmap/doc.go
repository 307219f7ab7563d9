// Package rowmap stores structs as rows of a column family, one struct per row,
// or per super column in a super family.
//
//	type User struct {
//		Key    uuid.UUID `widerow:",key"`
//		Name   string    `widerow:"name"`
//		Age    int       `widerow:"age"`
//		Score  float64   `widerow:"score,default=0.5"`
//		Joined time.Time `widerow:"joined,type=DateType"`
//	}
//
//	users, err := rowmap.New[User](family)
//	_, err = users.Insert(ctx, User{Key: id, Name: "John", Age: 18})
//	user, err := users.Get(ctx, id)
//
// # Fields
//
// Every exported field is a column, unless its tag `widerow` gives it another role. The tag holds
// the column's name, by default the field's name, and options after commas:
//
//   - key: the field is the row key. Exactly one field must be.
//   - super: the field is the name of the super column. A super family needs such a field.
//   - raw: the field, a []widerow.Column, gets all columns that were fetched, and
//     nothing is written from it.
//   - type=T: T is the type of the key, name or value, a class name such as
//     DateType or CompositeType(LongType,UTF8Type), whatever the schema says.
//   - omitempty: a zero value is not written.
//   - default=V: V is the value of the field when the row has no such column. It
//     must be the last option, since its commas belong to V.
//
// A tag of "-" leaves a field out. The fields of embedded structs count as the
// struct's own. A pointer field is nil if the row has no such column, and is not
// written if it is nil. Columns without a field are not read, unless the struct has a raw
// field, which then has them.
//
// # Types
//
// Without type= a value has the type of the column in the family's definition. If the
// definition leaves the type open (BytesType), the Go type decides:
//
//	string              UTF8Type        time.Time       DateType
//	bool                BooleanType     uuid.UUID       UUIDType
//	int32, uint16 …     Int32Type       *big.Int        IntegerType
//	int, int64, uint32  LongType        *inf.Dec        DecimalType
//	float32             FloatType       netip.Addr      InetAddressType
//	float64             DoubleType      []byte          BytesType
//
// Any integer field takes any integer type. A value that does not fit is an error.
package rowmap
