package backend

// Op is what a mutation does.
type Op uint8

// The kinds of mutation.
const (
	// Insert writes Column.
	Insert Op = iota + 1
	// Add adds Delta to the counter Column.Name.
	Add
	// Delete deletes the columns that Columns selects, at Timestamp.
	Delete
)

// Mutation is one change to a row.
type Mutation struct {
	Op Op
	// Super, if not nil, is the super column that the mutation changes. Insert and
	// Add in a super family need it.
	Super []byte
	// Column is the column that Insert writes. Add uses only its Name.
	Column Column
	// Delta is the number that Add adds. It may be negative.
	Delta int64
	// Timestamp is the timestamp of a Delete, which deletes columns with the same or
	// a lower timestamp. In a counter family it is ignored, and all counters that
	// Columns selects are deleted.
	Timestamp int64
	// Columns selects the columns that Delete deletes. If Columns is nil, Delete
	// deletes the whole row, or the whole super column if Super is set. If
	// Columns.Names is set, Delete deletes these columns (super columns of a super
	// family, if Super is nil). Otherwise it deletes the columns from Columns.Start
	// to Columns.Finish, both inclusive. Reversed and Count must be zero.
	Columns *Predicate
}

// RowMutation is a list of changes to one row of one family. The order of the changes
// matters only for counters.
type RowMutation struct {
	Family    string
	Key       []byte
	Mutations []Mutation
}

// MutateRequest asks for changes to rows of one keyspace. The same row of the same family
// may occur more than once. If a request is too large for the store, the store may cut it
// (see [Backend.Mutate]). If the request is atomic, the store must not cut it and returns
// ErrTooMuch.
type MutateRequest struct {
	Keyspace string
	Rows     []RowMutation
	// Atomic makes the request all-or-nothing: if one row's mutations are applied, all are, eventually (a logged
	// batch, Cassandra 1.2 and later). A backend without atomic requests returns ErrUnsupported.
	Atomic      bool
	Consistency Consistency
}
