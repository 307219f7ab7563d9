// Package model is a backend in memory that is written for clarity alone. It is
// the oracle: package backendtest plays random histories on it and on a real
// store and compares every answer.
//
// A row is the list of everything that was ever written to it and deleted from
// it. What a reader sees is computed from that list, from scratch, on every
// read; see row.go, which is the heart of the package. Nothing is cached,
// indexed or kept sorted, so that there is nothing to keep in step.
//
// It answers as Cassandra 1.2 does, with these deviations, which it shares with
// the embedded engine:
//
//   - A counter that was deleted starts from zero again, always. In Cassandra an
//     addition that comes soon after may revive the old count (CASSANDRA-2101).
//   - Among writes with the same timestamp the larger value wins whether or not
//     one of them has expired. Cassandra takes an expired column for a tombstone,
//     which wins, so there the answer depends on when it is asked
//     (org.apache.cassandra.db.Column.reconcile).
//   - Slices of columns can be deleted, which Cassandra refuses through Thrift
//     up to 1.2 (ThriftValidation.validateDeletion).
//   - Expressions of an index clause or filter see what a reader sees. Cassandra
//     also compares columns that have expired and are not purged yet.
//
// [Options] has two more, for stores on the CQL of later versions: no ghosts, and other ties.
package model
