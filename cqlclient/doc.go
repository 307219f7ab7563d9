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
// A super family has a second clustering column, column2. Column ttl holds the TTL that a column was written with. An
// indexed column has in addition a static column, its shadow, which has Cassandra's own secondary index. The
// client writes and deletes a column and its shadow in one mutation.
//
// # Batches
//
// A call of Mutate becomes one batch for each row key, so that each key's mutations become visible together. A
// batch of more than [Options.BatchBytes] or [Options.BatchStatements] is cut: its parts become visible one after the
// other. An atomic call is one logged batch and is never cut; if it is larger than the server accepts, it is ErrTooMuch.
//
// # Errors
//
// Every error matches one of the Err values of package backend or the error of the context.
// ErrUnavailable means that nothing was tried, because too few replicas were alive or no node could be connected to.
// ErrTimedOut means that a write may or may not have been made: too few replicas answered in time, or the
// connection broke. ErrTooMuch names a limit of the server and the way out. ErrReplicaFailure means that replicas failed; their
// log says why. Neither is sent again. Other failures are repeated on another node, [Options.Retries] times, except writes to counters.
package cqlclient
