package cqlclient

import (
	"fmt"
	"strings"

	"github.com/widerow/widerow/coltype"
)

// nativeTypes are the CQL types that have a Java class in the Thrift interface, by their names in CQL.
var nativeTypes = map[string]coltype.Type{
	"ascii": coltype.ASCII, "bigint": coltype.Long, "blob": coltype.Bytes, "boolean": coltype.Boolean,
	"counter": coltype.CounterColumn, "decimal": coltype.Decimal, "double": coltype.Double, "empty": coltype.Empty,
	"float": coltype.Float, "inet": coltype.InetAddress, "int": coltype.Int32, "text": coltype.UTF8,
	"timestamp": coltype.Timestamp, "timeuuid": coltype.TimeUUID, "uuid": coltype.UUID, "varchar": coltype.UTF8,
	"varint": coltype.Integer,
}

// bytewiseTypes are the CQL types without such a class whose values sort by their bytes.
var bytewiseTypes = map[string]bool{"date": true, "time": true}

// scalarTypes are the other CQL types whose values are stored in one cell.
var scalarTypes = map[string]bool{"smallint": true, "tinyint": true, "duration": true}

// declared returns the declaration of a type in CQL. A reversed type is declared as its base type.
//
// A date is declared as a timestamp. Cassandra 5.0 orders a clustering column that is declared as 'DateType' as unsigned numbers
// until the node restarts. After the restart it orders the column as signed numbers and does not find the rows any more.
func declared(t coltype.Type) string {
	if r, ok := t.(*coltype.ReversedType); ok {
		return declared(r.Base())
	}
	if t == coltype.Date {
		t = coltype.Timestamp
	}
	return quoteText(t.String())
}

// declaredBlob returns the declaration of a key or a shadow, whose order does not matter. Cassandra treats composites and the empty
// type specially there, so declaredBlob declares these types as blobs.
func declaredBlob(t coltype.Type) string {
	switch t := t.(type) {
	case *coltype.ReversedType:
		return declaredBlob(t.Base())
	case *coltype.CompositeType, *coltype.DynamicCompositeType:
		return "blob"
	}
	if t == coltype.Empty {
		return "blob"
	}
	return declared(t)
}

// signedDates replaces a date by a timestamp, as Cassandra 3 and later do, unless the date is a component of a composite.
func signedDates(t coltype.Type) coltype.Type {
	if r, ok := t.(*coltype.ReversedType); ok {
		if base := signedDates(r.Base()); base != r.Base() {
			return coltype.Reversed(base)
		}
	}
	if t == coltype.Date {
		return coltype.Timestamp
	}
	return t
}

// columnType is the type of a CQL column in system_schema.
type columnType struct {
	// class is the type's class in the Thrift interface. It is nil if the type has no class.
	class coltype.Type
	text  string // the type in CQL
}

// parseColumnType parses the type of a column in system_schema.
func parseColumnType(text string) (columnType, error) {
	c := columnType{text: text}
	if quoted, ok := strings.CutPrefix(text, "'"); ok {
		class, err := coltype.Parse(strings.ReplaceAll(strings.TrimSuffix(quoted, "'"), "''", "'"))
		if err != nil {
			return c, err
		}
		if _, unknown := class.(*coltype.UnknownType); !unknown {
			c.class = class
		}
		return c, nil
	}
	if t, ok := nativeTypes[text]; ok {
		c.class = t
	}
	return c, nil
}

// value returns the type of the column's values. If the type has no class, value returns bytes. It refuses types whose values are
// not stored in one cell.
func (c columnType) value() (coltype.Type, error) {
	name, _, _ := strings.Cut(c.text, "<")
	switch {
	case c.class != nil:
		return c.class, nil
	case name == "list", name == "set", name == "map":
		return nil, fmt.Errorf("a %s has several cells", c.text)
	case bytewiseTypes[c.text], scalarTypes[c.text], name != c.text, strings.HasPrefix(c.text, "'"):
		return coltype.Bytes, nil // frozen<…>, tuple<…>, vector<…>, or a custom class
	}
	return nil, fmt.Errorf("a value of the user-defined type %s has several cells", c.text)
}

// name returns the type of the names or keys that the column stores.
func (c columnType) name() (coltype.Type, error) {
	switch {
	case bytewiseTypes[c.text]:
		return coltype.Bytes, nil
	case c.class == nil, c.class == coltype.Empty, c.class == coltype.CounterColumn:
		return nil, fmt.Errorf("names and keys of type %s have no class in the Thrift interface", c.text)
	}
	return c.class, nil
}
