// Package cqlclient is the backend for real Cassandra clusters from 3.11 to 5.0, over CQL's native protocol.
//
//	client, err := cqlclient.Open(ctx, []string{"cass1", "cass2"}, nil)
//	db := widerow.New(client, nil)
//
// # How a column family is kept
//
// A column family is a table with one CQL row for each column:
//
//	CREATE TABLE ks."Users" (key text, column1 text, value blob, ttl int, PRIMARY KEY (key, column1))
//
// The table of a super family has a second clustering column, column2. The CQL column ttl stores the TTL with which a
// column was written. For each indexed column the table has a static column, the shadow of the indexed column. Cassandra's
// own secondary index is on the shadow. The client writes and deletes a column and its shadow in one mutation.
//
// # Batches
//
// Mutate sends one batch for each row key, so that the mutations of a key become visible together. If a batch exceeds
// [Options.BatchBytes] or [Options.BatchStatements], Mutate divides the batch, and its parts become visible one after the
// other. An atomic call is one logged batch, which is never divided. If the server refuses the logged batch as too large,
// Mutate returns ErrTooMuch.
//
// # Errors
//
// Every error matches one of the Err values of package backend or the error of the context:
//
//   - ErrUnavailable means that nothing was tried: too few replicas were alive, or the client could not connect to a node.
//   - ErrTimedOut means that a write may or may not have been applied: too few replicas answered in time, or the connection
//     broke.
//   - ErrTooMuch means that the call exceeded a limit. The message names the limit and the way out.
//   - ErrReplicaFailure means that replicas failed. The replicas' logs say why.
//
// If a read or a write fails with ErrUnavailable or ErrTimedOut, the client has retried it on other nodes, up to [Options.Retries]
// times. Increments of counters, CompareAndSet, Truncate and changes of the schema are never retried. Calls that fail with
// other errors are not retried either.
package cqlclient
