package backendtest

import (
	"context"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
)

// Options says what store a test wants.
type Options struct {
	// Partitioner is the full class name, such as
	// "org.apache.cassandra.dht.ByteOrderedPartitioner".
	Partitioner string
}

// Target is a store under test, with what the tests can do to it beyond the
// requests of a backend. What is nil the store cannot do, and the tests that
// need it are skipped by name.
type Target struct {
	Backend backend.Backend

	// Advance lets the store's clock run on by d, by moving it or by waiting. One
	// that moves it must stand still otherwise. Feature "clock" needs it.
	Advance func(d time.Duration)
	// Waits says that Advance waits: tests of more than a few seconds are
	// skipped as lacking feature "far-clock".
	Waits bool
	// Purge removes for good, and at once, all that gc_grace lets go.
	// Feature "purge" needs it.
	Purge func(ctx context.Context) error
	// Reopen closes the store, opens it again on the same data and returns its
	// new backend. Feature "reopen" needs it.
	Reopen func() (backend.Backend, error)

	// Histories, if not 0, is the most random histories that [Random] runs, whatever
	// -rapid.checks says: for a store on which they are slow.
	Histories int

	// Lacks names features that the store does not have, each with the reason,
	// which is shown where a test is skipped for it.
	Lacks map[Feature]string
	// Version is the version of Cassandra behind the store, such as "1.2.19",
	// or empty for one that is meant to act as 1.2.19 does.
	Version string
}

// Opener opens an empty store that lives until the test ends. It may call
// t.Skip if there is none with such options. It is called once for each
// partitioner by [Run], and many times by [Random].
type Opener func(t testing.TB, o Options) Target

// Feature names something that not every store can do. A script says which it needs.
type Feature string

// The features that scripts ask for. A Target has them all unless it says
// otherwise.
const (
	// Clock: the clock can be moved by some seconds ([Target.Advance]).
	Clock Feature = "clock"
	// FarClock: the clock can be moved by days.
	FarClock Feature = "far-clock"
	// Purge: tombstones can be purged on demand ([Target.Purge]).
	Purge Feature = "purge"
	// Reopen: the store can be closed and opened again ([Target.Reopen]).
	Reopen Feature = "reopen"
	// SliceDeletion: a Delete may select a slice. Cassandra refuses that through
	// Thrift up to 1.2: "Deletion does not yet support SliceRange predicates."
	SliceDeletion Feature = "slice-deletion"
	// OpenSliceDeletion: such a slice may have no end. Cassandra 2.0 to 2.2 then
	// delete the column at its start, if there is one, and nothing else.
	OpenSliceDeletion Feature = "open-slice-deletion"
	// OverlappingSliceDeletion: of slices that overlap, the newest one counts for
	// each column. In Cassandra 2.0 to 2.2 the older one covers the column at which
	// a newer one begins (RangeTombstoneList).
	OverlappingSliceDeletion Feature = "overlapping-slice-deletion"
	// SubcolumnSliceDeletion: a slice of the columns of a super column can be
	// deleted. Cassandra 3 refuses it: "Cannot delete a range of subcolumns in a super column."
	SubcolumnSliceDeletion Feature = "subcolumn-slice-deletion"
	// ExactCounters: a counter that was deleted starts from zero again, always.
	// Cassandra does not promise it.
	ExactCounters Feature = "exact-counters"
	// LateColumns: an alteration may describe columns that were not described when the
	// family was created, and drop descriptions, and the data does not care. In
	// Cassandra 3 the columns that are described are kept apart from the others, and
	// whether a family has any is settled when it is created: an index does not find what was written before its
	// column was described, and what is written to a column is hidden when its description is dropped.
	LateColumns Feature = "late-columns"
	// ReversedDescribed: a reversed slice of a family that describes columns is
	// reversed. Cassandra 3 merges those columns in their forward order, so
	// that some are in the wrong place, and missing if there is a limit (ThriftResultsMerger).
	ReversedDescribed Feature = "reversed-described"
	// ReversedSupers: a reversed slice of super columns leaves the columns of each in
	// their order. Cassandra 3 turns them around too (CassandraServer.thriftifySuperColumns).
	ReversedSupers Feature = "reversed-supers"
	// ReversedSubcolumns: a subcomparator may be a ReversedType. Cassandra 3 takes it,
	// and keeps the columns in the forward order.
	ReversedSubcolumns Feature = "reversed-subcolumns"
	// NewestNames: of names that differ in bytes and are equal to the comparator, that
	// of the write that won is kept. Cassandra 3 keeps that of the first write.
	NewestNames Feature = "newest-names"
	// CounterTruncation: counter families can be truncated. Cassandra 3 refuses it:
	// "invalid operation for commutative table".
	CounterTruncation Feature = "counter-truncation"
	// AlteredTypes: the comparator and the default validator of a family can be
	// altered. Cassandra 3 takes the alteration and leaves them as they are.
	AlteredTypes Feature = "altered-types"
	// DescribedComposites: a family of composite names may describe columns. Cassandra 3
	// takes it for a table of CQL, which it does not show to Thrift clients.
	DescribedComposites Feature = "described-composites"
	// ExactTies: of two writes with the same timestamp that expire, the larger
	// value wins whether or not one has expired. In Cassandra an expired column
	// is a tombstone and wins (Column.reconcile).
	ExactTies Feature = "exact-ties"
	// SignedTies: of two values of the same timestamp, bytes from 80 on are lower than others, as
	// Java's ByteBuffer.compareTo has them. Cassandra 4 compares them as unsigned.
	SignedTies Feature = "signed-ties"
	// TTLTies: of two writes of the same timestamp the larger value wins, whether or not
	// one expires. In Cassandra 4 the one that expires wins, and of two, the one that does so
	// later (CASSANDRA-14592).
	TTLTies Feature = "ttl-ties"
	// ExactResiduals: the expressions of an index clause or filter see just what
	// a reader sees. In Cassandra they also see columns that have expired or were
	// deleted, with the value that their tombstone has: the time, in 3 none.
	ExactResiduals Feature = "exact-residuals"
	// RebuiltIndexes: an index is complete although one of the same name was
	// dropped before. Cassandra up to 2.0 at times finds nothing in such an index.
	RebuiltIndexes Feature = "rebuilt-indexes"
	// Strict: requests that Cassandra 1.2 answers with nonsense, or by dropping
	// the connection, are invalid requests.
	Strict Feature = "strict"
	// CheckedLimits: a count with a negative limit is an invalid request. Since 1.1
	// Cassandra answers -1 (CassandraServer.get_count).
	CheckedLimits Feature = "checked-limits"
	// CheckedCounts: to count in a family that does not exist is an invalid request.
	// Cassandra 1.0 and 1.1 look it up only later, and fail (CassandraServer.get_count).
	CheckedCounts Feature = "checked-counts"
	// ValidatedCounts: a count of one row is refused where a read would be. Since
	// 2.0 Cassandra pages through the row (CASSANDRA-4415) and does not look at the
	// key, slice and consistency level: it counts nothing, or times out.
	ValidatedCounts Feature = "validated-counts"
	// CheckedAlterations: an alteration that is refused changes nothing. Cassandra 1.1
	// stores it before it looks at it (DefsTable.mergeSchema): it drops the
	// connection, and from then on refuses every change of the keyspace but its drop.
	CheckedAlterations Feature = "checked-alterations"
	// AtomicBatch: MutateRequest.Atomic is supported.
	AtomicBatch Feature = "atomic-batch"
	// DefaultTTL: a family may have a TTL for columns that are written without one. Cassandra has it since 2.0.
	DefaultTTL Feature = "default-ttl"
	// DefaultTTLInBatches: it is for the columns of a batch, too. Cassandra 3 leaves it out in batch_mutate.
	DefaultTTLInBatches Feature = "default-ttl-in-batches"
	// NoTTL: a write may say that a column stays in such a family. Cassandra takes a TTL of 0 through
	// Thrift since 3.0 (CASSANDRA-11207).
	NoTTL Feature = "no-ttl"
	// Ghosts: deleted rows are seen by ranges until they are purged.
	Ghosts Feature = "ghosts"
)

var features = []Feature{
	Clock, FarClock, Purge, Reopen, SliceDeletion, OpenSliceDeletion, OverlappingSliceDeletion, SubcolumnSliceDeletion,
	ExactCounters, LateColumns, ReversedDescribed, ReversedSupers, ReversedSubcolumns, NewestNames,
	CounterTruncation, AlteredTypes, DescribedComposites, ExactTies, SignedTies, TTLTies, ExactResiduals, RebuiltIndexes, Strict, CheckedLimits, CheckedCounts,
	ValidatedCounts, CheckedAlterations, AtomicBatch, DefaultTTL, DefaultTTLInBatches, NoTTL, Ghosts,
}
