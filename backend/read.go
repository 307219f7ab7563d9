package backend

import "math"

// Column is a column as stored or to be stored.
type Column struct {
	// Name is packed by the comparator, or by the subcomparator in a super column.
	Name []byte
	// Value is packed by the validator. A counter's value is its count, 8 bytes
	// big-endian.
	Value []byte
	// Timestamp decides between writes: the highest wins. By convention it is
	// in microseconds since 1970. A counter has none.
	Timestamp int64
	// TTL is the number of seconds that the column lives from its write on, as
	// it was given. In a write, 0 means the default of the family
	// ([schema.Family.DefaultTTL]), and NoTTL none whatever the default. In what is read, 0
	// means that the column does not expire.
	TTL int32
}

// NoTTL is the TTL of a column that is written to stay in a family whose columns expire by default.
const NoTTL = math.MinInt32

// SuperColumn is a named group of columns. Columns are in the subcomparator's order.
type SuperColumn struct {
	Name    []byte
	Columns []Column
}

// Row is (a part of) a row: Columns for a standard family or one super column,
// Supers for the super columns of a super family. Both are in comparator order,
// backwards for a reversed slice.
type Row struct {
	Key     []byte
	Columns []Column
	Supers  []SuperColumn
}

// Predicate selects columns of a row: by name if Names is not nil, otherwise a slice.
type Predicate struct {
	// Names selects these columns; those that do not exist are left out.
	// The result is in comparator order and holds a repeated name once.
	Names [][]byte

	// Start and Finish bound a slice, both inclusive. Empty means from the
	// beginning and to the end. Start after Finish (before it, if Reversed)
	// is an invalid request.
	Start, Finish []byte
	// Reversed reads from Start backwards to Finish. An empty Start is then
	// the end of the row.
	Reversed bool
	// Count is the most columns that a slice holds (super columns in a super
	// family). 0 selects none, less is an invalid request.
	Count int
}

// Parent says which columns of a row a request is about.
type Parent struct {
	Keyspace string
	Family   string
	// Super, if not nil, is the super column whose subcolumns are meant.
	Super []byte
}

// SliceRequest asks for columns of one or more rows.
type SliceRequest struct {
	Parent
	Keys        [][]byte
	Predicate   Predicate
	Consistency Consistency
	// Reserve, if not nil, is asked for the memory of the result.
	Reserve Reserve
}

// KeyRange selects consecutive rows in the partitioner's order: from StartKey to
// EndKey, both inclusive, or from the token StartToken, exclusive, to EndToken,
// inclusive. A range by tokens whose start is not before its end wraps around;
// one by keys that does is an invalid request.
type KeyRange struct {
	// Empty keys mean from the first and to the last row.
	StartKey, EndKey []byte
	// Tokens are in the partitioner's text form. Either both are set and no
	// key is, or EndToken bounds a range that StartKey (not nil) begins.
	StartToken, EndToken string
	// Count is the most rows that are returned. It must be positive.
	Count int
}

// RangeRequest asks for a page of rows.
type RangeRequest struct {
	Parent
	Range     KeyRange
	Predicate Predicate
	// Filter, if not empty, keeps only the rows for which all expressions hold.
	// No index is needed; rows are read until Range.Count of them match. Cassandra
	// has it since 1.1 (CASSANDRA-1600).
	Filter      []Expression
	Consistency Consistency
	// Reserve, if not nil, is asked for the memory of the result.
	Reserve Reserve
}

// Operator compares a column's value with an expression's. The numbers are
// those of the Thrift interface.
type Operator int32

// The operators of an index clause.
const (
	EQ Operator = iota
	GTE
	GT
	LTE
	LT
)

// String returns the operator's name, such as "EQ".
func (o Operator) String() string {
	switch o {
	case EQ:
		return "EQ"
	case GTE:
		return "GTE"
	case GT:
		return "GT"
	case LTE:
		return "LTE"
	case LT:
		return "LT"
	}
	return "UNKNOWN"
}

// Expression holds for a row if the named column exists and its value stands to
// Value as Op says, by the order of the column's validator.
type Expression struct {
	Name  []byte
	Op    Operator
	Value []byte
}

// IndexRequest asks for a page of the rows that match an index clause.
type IndexRequest struct {
	Parent
	// Expressions must all hold. At least one must be an EQ on a column that
	// has an index.
	Expressions []Expression
	// StartKey, inclusive, is where the page begins. Empty means the first row.
	StartKey []byte
	// Count is the most rows that are returned. 0 selects none, less is an
	// invalid request.
	Count       int
	Predicate   Predicate
	Consistency Consistency
	// Reserve, if not nil, is asked for the memory of the result.
	Reserve Reserve
}
