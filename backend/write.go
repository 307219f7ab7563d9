package backend

// Op is what a mutation does.
type Op uint8

// The kinds of mutation.
const (
	// Insert writes Column.
	Insert Op = iota + 1
	// Add adds Delta to the counter Column.Name.
	Add
	// Delete deletes what Columns selects, at Timestamp.
	Delete
)

// Mutation is one change to a row.
type Mutation struct {
	Op Op
	// Super, if not nil, is the super column that the mutation is within.
	// A super family's Insert and Add need it.
	Super []byte
	// Column is what Insert writes. Add uses its Name only.
	Column Column
	// Delta is what Add adds. It may be negative.
	Delta int64
	// Timestamp is the Delete's: it covers what was written with the same or a
	// lower one. A counter family ignores it and deletes what is there.
	Timestamp int64
	// Columns selects what Delete deletes: nil the whole row, or the whole super
	// column if Super is set; Names these columns (super columns of a super
	// family if Super is nil); otherwise the columns from Start to Finish, both
	// inclusive. Reversed and Count must be zero.
	Columns *Predicate
}

// RowMutation is a list of changes to one row of one family. Their order matters
// only for counters.
type RowMutation struct {
	Family    string
	Key       []byte
	Mutations []Mutation
}

// MutateRequest asks for changes to rows of one keyspace. A row and family may
// occur more than once. A store may cut what is too large for it at once (see [Backend.Mutate]), unless the request
// is atomic: then what cannot be done as one is ErrTooMuch.
type MutateRequest struct {
	Keyspace string
	Rows     []RowMutation
	// Atomic makes the request all-or-nothing: if one row's mutations are applied, all are, eventually (a logged
	// batch, Cassandra 1.2 and later). A backend that cannot do it returns ErrUnsupported.
	Atomic      bool
	Consistency Consistency
}
