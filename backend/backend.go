// Package backend is the seam between the front and the stores: one small
// interface, [Backend], in raw bytes. It stands to package widerow as
// database/sql/driver stands to database/sql: applications use the front, and
// only authors of a store or a server need this package.
//
// A backend gets names, keys and values that are already packed. It validates
// them by the schema as Cassandra does, and orders them by the family's
// comparator. What each request means is written down as scripts in package
// backendtest, which every backend passes; the semantics are those of
// Cassandra 1.2's Thrift interface.
//
// # Ownership of bytes
//
// Bytes in a request belong to the caller again when the call returns: a backend
// that keeps them copies them. Bytes in a result belong to the caller and are
// never written again by the backend, but several may share one allocation: a
// caller that keeps a single value for long should copy it. Neither side modifies bytes of
// the other.
//
// # Errors
//
// Every error that a backend returns for a request matches one of the Err values
// of this package by errors.Is, or the context's error. See [Error].
//
// # Stability
//
// This package may change until version 1 of the module.
package backend

import (
	"context"

	"github.com/widerow/widerow/schema"
)

// Backend is a store of column families. All methods may be called by several
// goroutines at once. A call ends, with an error that matches ctx.Err(), soon
// after its context ends. After Close every method returns an error that
// matches [ErrClosed].
type Backend interface {
	// Slice reads columns of one or more rows. The result has one Row for each
	// of the request's keys, in their order; a row that does not exist has no
	// columns, which is no error.
	Slice(ctx context.Context, r *SliceRequest) ([]Row, error)

	// Count counts what Slice would return, up to the predicate's Count, for
	// each key in their order: columns, or super columns of a super family.
	Count(ctx context.Context, r *SliceRequest) ([]int, error)

	// Range reads a page of consecutive rows in the partitioner's order. Rows
	// that exist but have no column that matches are there, without columns;
	// so are deleted rows whose tombstones are not purged ("range ghosts"),
	// where the store knows them.
	Range(ctx context.Context, r *RangeRequest) ([]Row, error)

	// Index reads a page of the rows that match an index clause, in the
	// partitioner's order.
	Index(ctx context.Context, r *IndexRequest) ([]Row, error)

	// Mutate applies mutations to rows of one keyspace. Each row's mutations
	// become visible together, up to a size that the store documents: a larger list may become visible
	// in parts, in its order. On an error some of the rows may be applied,
	// unless the error is an invalid request or the batch is atomic.
	Mutate(ctx context.Context, r *MutateRequest) error

	// Truncate removes all data of a column family.
	Truncate(ctx context.Context, keyspace, family string) error

	// Keyspaces returns the definitions of the named keyspaces, or of all that
	// are not the store's own, sorted by name, if no name is given. A name that
	// does not exist is ErrNotFound. Changes that ended before the call are in the result, whoever made
	// them. The caller may change the result.
	Keyspaces(ctx context.Context, names ...string) ([]schema.Keyspace, error)

	// Alter changes the schema and returns once every node that is reachable
	// agrees on it. The result is the new schema version.
	Alter(ctx context.Context, change schema.Change) (version string, err error)

	// Describe returns facts about the store and the cluster behind it.
	Describe(ctx context.Context, r *DescribeRequest) (*Cluster, error)

	// Close releases the store. Calls that run are finished or fail with
	// ErrClosed. It may be called more than once.
	Close() error
}

// Checkpointer is implemented by a backend that can copy itself while in use.
type Checkpointer interface {
	// Checkpoint writes a consistent copy of the whole store to the directory dir,
	// which must not exist. The copy can be opened as a store.
	Checkpoint(ctx context.Context, dir string) error
}

// SchemaVersioner is implemented by a backend that knows without I/O whether its schema
// has changed, so that a caller can keep what it has made of the definitions.
type SchemaVersioner interface {
	// SchemaVersion returns the version of the schema that the backend knows. Another schema has
	// another version. It does no I/O and does not fail, not even after Close. If the store is remote, others
	// change its schema, and the version may be some seconds late: a caller that misses a definition asks
	// Keyspaces, which is never late.
	SchemaVersion() string
}

// Comparer is implemented by a backend that can compare and set: Cassandra's
// lightweight transactions (2.0 and later).
type Comparer interface {
	// CompareAndSet writes to a row if the row is as expected. No other CompareAndSet of the row happens
	// between the comparison and the write. Whether other writes can is up to the store: in the embedded engine
	// they cannot, in Cassandra they can.
	CompareAndSet(ctx context.Context, r *CompareRequest) (*CompareResult, error)
}

// Healther is implemented by a backend that knows whether it takes writes.
type Healther interface {
	// Health returns nil if the store takes writes. Otherwise it returns the error that a write would get, such as
	// one that matches ErrNoWrites while the disk is full. It does no I/O.
	Health() error
}

// Adopter is implemented by a backend that serves tables which other programs made, and can turn one of them into a table of
// its own, in place and without a copy of the data.
type Adopter interface {
	// Adopt makes a column family's table one of the backend's own. The result is the statements that it takes. Unless do is
	// set, it changes nothing. If the table must stay as it is, the error is ErrUnsupported, with the reason and the way out.
	Adopt(ctx context.Context, keyspace, family string, do bool) (statements []string, err error)
}

// Splitter is implemented by a backend that can divide a family for parallel scans.
type Splitter interface {
	// Splits divides a token range into parts of about keysPerSplit rows each.
	Splits(ctx context.Context, r *SplitsRequest) ([]Split, error)
}
