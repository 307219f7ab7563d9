package backend

import "math"

// Column is a column, as it is stored or written.
type Column struct {
	// Name is packed by the comparator, or by the subcomparator in a super column.
	Name []byte
	// Value is packed by the validator. A counter's value is its count, 8 bytes
	// big-endian.
	Value []byte
	// Timestamp decides between writes: the highest timestamp wins. By convention
	// it is in microseconds since 1970. A counter has no timestamp.
	Timestamp int64
	// TTL is how many seconds after its write the column expires. In a write, 0
	// means the default of the family ([schema.Family.DefaultTTL]), and NoTTL means
	// that the column does not expire, whatever the default. In a result, TTL is the
	// number that was written, and 0 means that the column does not expire.
	TTL int32
}

// NoTTL is the TTL of a write whose column must not expire although the family has a default TTL.
const NoTTL = math.MinInt32

// SuperColumn is a named group of columns. Columns are in the subcomparator's order.
type SuperColumn struct {
	Name    []byte
	Columns []Column
}

// Row is a row or a part of a row. Columns are the columns of a standard family or of
// one super column. Supers are the super columns of a super family. Both are in
// comparator order, or in the opposite order for a reversed slice.
type Row struct {
	Key     []byte
	Columns []Column
	Supers  []SuperColumn
}

// Predicate selects columns of a row: by name if Names is not nil, otherwise a slice.
type Predicate struct {
	// Names selects the columns with these names. Columns that do not exist are left out.
	// The result is in comparator order. If a name is repeated, the result has its column
	// once.
	Names [][]byte

	// Start and Finish are the bounds of a slice, both inclusive. An empty Start is
	// the beginning of the row and an empty Finish its end. If Start is after Finish
	// (or before Finish, if Reversed is set), the request is invalid.
	Start, Finish []byte
	// Reversed reads from Start backwards to Finish. An empty Start is then the end
	// of the row, and an empty Finish its beginning.
	Reversed bool
	// Count is the maximum number of columns of a slice (super columns in a super
	// family). 0 selects no columns. A negative Count is an invalid request.
	Count int
}

// Parent selects the part of a row that a request is about: the row, or a super column of it.
type Parent struct {
	Keyspace string
	Family   string
	// If Super is not nil, the request is about the subcolumns of this super column.
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
// inclusive. If StartToken is not before EndToken, the range wraps around. If StartKey
// is after EndKey, the request is invalid.
type KeyRange struct {
	// An empty StartKey is before the first row, and an empty EndKey after the last row.
	StartKey, EndKey []byte
	// Tokens are in the partitioner's text form. Set both tokens and no key, or set StartKey
	// (not nil) and EndToken. In the second case the range begins at StartKey and ends at
	// EndToken.
	StartToken, EndToken string
	// Count is the maximum number of rows. It must be positive.
	Count int
}

// RangeRequest asks for a page of rows.
type RangeRequest struct {
	Parent
	Range     KeyRange
	Predicate Predicate
	// Filter, if not empty, keeps only the rows for which all expressions hold.
	// No index is needed: rows are read until Range.Count of them match. Cassandra
	// supports filters since 1.1 (CASSANDRA-1600).
	Filter      []Expression
	Consistency Consistency
	// Reserve, if not nil, is asked for the memory of the result.
	Reserve Reserve
}

// Operator compares a column's value with an expression's value. The numbers are
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

// Holds reports whether a value fulfils the operator. Order is negative, zero or positive if the value
// is before, equal to or after the expression's value.
func (o Operator) Holds(order int) bool {
	switch o {
	case EQ:
		return order == 0
	case GTE:
		return order >= 0
	case GT:
		return order > 0
	case LTE:
		return order <= 0
	case LT:
		return order < 0
	}
	return false
}

// Expression matches a row if the column Name exists and its value compares to Value
// by Op, in the order of the column's validator.
type Expression struct {
	Name  []byte
	Op    Operator
	Value []byte
}

// IndexRequest asks for a page of the rows that match an index clause.
type IndexRequest struct {
	Parent
	// A row must match all Expressions. At least one of them must be an EQ on a
	// column that has an index.
	Expressions []Expression
	// StartKey, inclusive, is where the page begins. Empty means the first row.
	StartKey []byte
	// Count is the maximum number of rows. 0 selects no rows. A negative Count is
	// an invalid request.
	Count       int
	Predicate   Predicate
	Consistency Consistency
	// Reserve, if not nil, is asked for the memory of the result.
	Reserve Reserve
}
