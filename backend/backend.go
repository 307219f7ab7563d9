// Package backend is the seam between the front and the stores: one small
// interface, [Backend], in raw bytes. Package backend is for package widerow as
// database/sql/driver is for database/sql: applications use the front, and only
// authors of a store or a server need this package.
//
// A backend gets names, keys and values that are already packed. It validates
// them by the schema as Cassandra does, and orders them by the family's
// comparator. The scripts of package backendtest define the meaning of each request,
// and every backend passes them. The semantics are those of Cassandra 1.2's Thrift
// interface.
//
// # Ownership of bytes
//
// Bytes in a request belong to the caller again when the call returns. If a backend
// keeps such bytes, it must copy them. Bytes in a result belong to the caller, and the
// backend never writes to them again. Several values of a result may share one
// allocation, so a caller that keeps a single value for long should copy the value.
// Neither side modifies bytes of the other.
//
// # Errors
//
// Every error that a backend returns for a request matches, by errors.Is, one of the
// Err values of this package or the context's error. See [Error].
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
// goroutines at once. If the context of a call ends, the call returns soon after, with
// an error that matches ctx.Err(). After Close every method returns an error that
// matches [ErrClosed].
type Backend interface {
	// Slice reads columns of one or more rows. The result has one Row for each
	// of the request's keys, in their order. A row that does not exist is returned
	// without columns, and not as an error.
	Slice(ctx context.Context, r *SliceRequest) ([]Row, error)

	// Count counts the columns, or the super columns of a super family, that Slice
	// would return for each key, up to the predicate's Count. The result is in the
	// order of the keys.
	Count(ctx context.Context, r *SliceRequest) ([]int, error)

	// Range reads a page of consecutive rows in the partitioner's order. A row
	// without a matching column is in the result, without columns. So is a deleted
	// row whose tombstones are not purged yet (a "range ghost"), if the store knows
	// the row.
	Range(ctx context.Context, r *RangeRequest) ([]Row, error)

	// Index reads a page of the rows that match an index clause, in the
	// partitioner's order.
	Index(ctx context.Context, r *IndexRequest) ([]Row, error)

	// Mutate applies mutations to rows of one keyspace. The mutations of a row
	// become visible together, up to a size that the store documents. A larger list
	// of mutations may become visible in parts, in its order. If Mutate fails, some
	// of the rows may have been changed, unless the error is an invalid request or
	// the batch is atomic.
	Mutate(ctx context.Context, r *MutateRequest) error

	// Truncate removes all data of a column family.
	Truncate(ctx context.Context, keyspace, family string) error

	// Keyspaces returns the definitions of the named keyspaces, sorted by name. If
	// no name is given, it returns all keyspaces except the store's own. If a name
	// does not exist, the error is ErrNotFound. The result includes every change that
	// ended before the call, by this or any other client. The caller may change the
	// result.
	Keyspaces(ctx context.Context, names ...string) ([]schema.Keyspace, error)

	// Alter changes the schema and returns once every node that is reachable
	// agrees on it. The result is the new schema version.
	Alter(ctx context.Context, change schema.Change) (version string, err error)

	// Describe returns facts about the store and the cluster behind it.
	Describe(ctx context.Context, r *DescribeRequest) (*Cluster, error)

	// Close releases the store. Running calls are finished or fail with ErrClosed.
	// Close may be called more than once.
	Close() error
}

// Checkpointer is implemented by a backend that can copy itself while in use.
type Checkpointer interface {
	// Checkpoint writes a consistent copy of the whole store to the directory dir,
	// which must not exist. The copy can be opened as a store.
	Checkpoint(ctx context.Context, dir string) error
}

// SchemaVersioner is implemented by a backend that knows without I/O whether its schema
// has changed. A caller can then cache definitions, and values made from them.
type SchemaVersioner interface {
	// SchemaVersion returns the version of the schema that the backend knows. Two different schemas have different
	// versions. SchemaVersion does no I/O and does not fail, not even after Close. If the store is remote, other
	// clients change its schema, and the version may be some seconds late. Keyspaces is never late, so a caller that
	// misses a definition must call Keyspaces.
	SchemaVersion() string
}

// Comparer is implemented by a backend that can compare and set: Cassandra's
// lightweight transactions (2.0 and later).
type Comparer interface {
	// CompareAndSet writes to a row if the row is as expected. No other CompareAndSet of the row happens
	// between the comparison and the write. Other writes may happen between the two if the store is Cassandra; in the
	// embedded engine they cannot.
	CompareAndSet(ctx context.Context, r *CompareRequest) (*CompareResult, error)
}

// Healther is implemented by a backend that knows whether it accepts writes.
type Healther interface {
	// Health returns nil if the store accepts writes. Otherwise it returns the error that a write would return, for
	// example an error that matches ErrNoWrites while the disk is full. Health does no I/O.
	Health() error
}

// Adopter is implemented by a backend that serves tables which other programs made, and can turn such a table into a table
// of its own, in place and without a copy of the data.
type Adopter interface {
	// Adopt turns a column family's table into a table of the backend's own. It returns the statements that do so, and
	// executes them only if do is set. If the table cannot be adopted, the error is ErrUnsupported, with the reason and the
	// way out.
	Adopt(ctx context.Context, keyspace, family string, do bool) (statements []string, err error)
}

// Splitter is implemented by a backend that can divide a family for parallel scans.
type Splitter interface {
	// Splits divides a token range into parts of about r.KeysPerSplit rows each.
	Splits(ctx context.Context, r *SplitsRequest) ([]Split, error)
}
