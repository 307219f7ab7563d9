package backend

// CompareRequest asks to write columns of a row of a standard family, without
// counters, if the row is as expected.
type CompareRequest struct {
	Keyspace, Family string
	Key              []byte
	// Expected are columns that the row must have, with equal values. If a Value is nil, the row must
	// not have that column. Timestamps and TTLs are ignored. If Expected is empty, the row must not have any column.
	Expected []Column
	// Updates are the columns to write. The store chooses their timestamps. The embedded
	// engine chooses timestamps higher than those of the columns that the updates replace.
	// Cassandra takes the timestamps from a server's clock.
	Updates []Column
	// Serial is the level at which replicas agree on the comparison: Serial or LocalSerial. Commit is the level
	// at which the updates are written.
	Serial, Commit Consistency
	// Reserve, if not nil, is called for the memory of the result. Reserve must not wait, since
	// other writes wait for this call.
	Reserve Reserve
}

// CompareResult is the outcome of a CompareAndSet.
type CompareResult struct {
	// Applied reports whether the row was as expected and the updates were written.
	Applied bool
	// Current is set if Applied is false. It has the columns of the row that Expected names or, if Expected is
	// empty, the first column of the row.
	Current []Column
}
