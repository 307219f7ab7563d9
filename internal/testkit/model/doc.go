// Package model is a backend in memory that is written only for clarity. It is
// the oracle: package backendtest plays random histories on the model and on a real
// store and compares every answer.
//
// A row is the list of all writes to it and all deletions from it. Every read
// computes its answer from that list (see row.go, the main file of the package).
// Nothing is cached, indexed or kept sorted, so no second copy of the data must be
// kept consistent.
//
// It answers as Cassandra 1.2 does, with these deviations, which it shares with
// the embedded engine:
//
//   - A deleted counter always starts from zero again. In Cassandra an increment
//     soon after the deletion may revive the old count (CASSANDRA-2101).
//   - If writes have the same timestamp, the larger value wins, even if a write
//     has expired. In Cassandra an expired column counts as a tombstone, which
//     wins, so there the answer depends on the time of the read
//     (org.apache.cassandra.db.Column.reconcile).
//   - Slices of columns can be deleted, which Cassandra refuses through Thrift
//     up to 1.2 (ThriftValidation.validateDeletion).
//   - Expressions of an index clause or filter are compared only with columns that a
//     reader sees. Cassandra also compares expired columns that are not purged yet.
//
// [Options] has two more, for stores on the CQL of later versions: no ghosts, and other ties.
package model
