package backend

// CompareRequest asks to write columns of a row of a standard family, without
// counters, if the row is as expected.
type CompareRequest struct {
	Keyspace, Family string
	Key              []byte
	// Expected are columns that the row must have with just these values; one whose
	// Value is nil it must not have. Timestamps and TTLs are ignored. If there are none,
	// the row must not have any column.
	Expected []Column
	// Updates are written. Their timestamps are the store's to choose, later than
	// those of what they replace.
	Updates []Column
	// Serial is Serial or LocalSerial: who must agree. Commit is at which level the
	// outcome is written.
	Serial, Commit Consistency
	// Reserve, if not nil, is asked for the memory of the result. It must not wait: other
	// writes do.
	Reserve Reserve
}

// CompareResult is what came of a comparison.
type CompareResult struct {
	// Applied says that the row was as expected and that the updates are written.
	Applied bool
	// Current are, otherwise, the columns of the row that Expected names or, if it
	// names none, the first column of the row.
	Current []Column
}
