package cqlclient

import (
	"bytes"
	"encoding/binary"
	"fmt"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// raw is the bytes of a cell or of a bound value of any CQL type. Nil is null; an empty value is not nil.
//
// A cell that is read aliases the frame in which it arrived. The driver (v2.1.2) reads each frame into a new buffer and never writes to
// that buffer again, so the bytes belong to the caller that reads them. TestCellsAliasFrames tests this.
type raw []byte

func (r *raw) UnmarshalCQL(_ gocql.TypeInfo, data []byte) error {
	*r = data
	return nil
}

// MarshalCQL returns the bytes themselves, not a copy. The driver copies them into the frame that it sends.
func (r *raw) MarshalCQL(gocql.TypeInfo) ([]byte, error) { return *r, nil }

// equals reports whether two cells are the same. Null equals only null.
func (r raw) equals(other raw) bool { return (r == nil) == (other == nil) && bytes.Equal(r, other) }

// int64 returns the cell of a bigint or counter column. Null is 0.
func (r raw) int64() int64 {
	if len(r) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(r))
}

// int32 returns the cell of an int column. Null is 0.
func (r raw) int32() int32 {
	if len(r) != 4 {
		return 0
	}
	return int32(binary.BigEndian.Uint32(r))
}

// notNull returns b as a value to bind. If b is nil, it returns an empty value, since the driver sends nil as null, and null deletes.
func notNull(b []byte) raw {
	if b == nil {
		return raw{}
	}
	return raw(b)
}

// customClasses are the Java classes that can be column types but are unknown to the driver.
var customClasses = []string{
	"CompositeType", "DynamicCompositeType", "FrozenType", "EmptyType", "PartitionerDefinedOrder",
}

// registerTypes returns the driver's types together with the custom classes. Without the custom classes, the driver refuses each
// statement on a table that has a column of such a class.
func registerTypes() (*gocql.RegisteredTypes, error) {
	types := gocql.GlobalTypes.Copy()
	for _, class := range customClasses {
		if err := types.RegisterCustom(class, customType{}); err != nil {
			return nil, err
		}
	}
	return types, nil
}

// customType is a column type that is a Java class. Its values are bytes.
type customType struct{}

func (customType) Params(int) []any { return nil }

func (customType) TypeInfoFromParams(int, []any) (gocql.TypeInfo, error) { return customInfo{}, nil }

func (customType) TypeInfoFromString(int, string) (gocql.TypeInfo, error) { return customInfo{}, nil }

type customInfo struct{}

func (customInfo) Type() gocql.Type { return gocql.TypeCustom }

func (customInfo) Zero() any { return []byte(nil) }

func (customInfo) Marshal(v any) ([]byte, error) {
	switch v := v.(type) {
	case raw:
		return v, nil
	case []byte:
		return v, nil
	}
	return nil, fmt.Errorf("cannot write a %T to a column of a custom type", v)
}

func (customInfo) Unmarshal(data []byte, v any) error {
	if v, ok := v.(*[]byte); ok {
		*v = data
		return nil
	}
	return fmt.Errorf("cannot read a column of a custom type into a %T", v)
}
