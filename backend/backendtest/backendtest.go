package backendtest

import (
	"context"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
)

// Options describes the store that a test needs.
type Options struct {
	// Partitioner is the full class name, such as
	// "org.apache.cassandra.dht.ByteOrderedPartitioner".
	Partitioner string
}

// Target is a store under test, with functions that do more than the requests of a
// backend. If a function is nil, the store does not support it, and the tests that need
// it are skipped by name.
type Target struct {
	Backend backend.Backend

	// Advance advances the store's clock by d, by moving the clock or by waiting. If
	// Advance moves the clock, the clock must stand still otherwise. Feature "clock"
	// needs Advance.
	Advance func(d time.Duration)
	// Waits reports whether Advance waits. Then tests of more than a few seconds
	// are skipped, because the store lacks feature "far-clock".
	Waits bool
	// Purge removes at once all tombstones that are older than gc_grace. Feature
	// "purge" needs Purge.
	Purge func(ctx context.Context) error
	// Reopen closes the store, opens it again on the same data and returns its
	// new backend. Feature "reopen" needs it.
	Reopen func() (backend.Backend, error)

	// Histories, if not 0, bounds the number of random histories that [Random] runs, whatever
	// -rapid.checks says. It is for slow stores.
	Histories int

	// Lacks names features that the store does not have, each with the reason. A
	// skipped test prints the reason.
	Lacks map[Feature]string
	// Version is the version of Cassandra behind the store, such as "1.2.19",
	// or empty for a store that acts as 1.2.19 does.
	Version string
}

// Opener opens an empty store that stays open until the test ends. It may call
// t.Skip if no store has these options. [Run] calls it once for each partitioner,
// and [Random] many times.
type Opener func(t testing.TB, o Options) Target

// Feature names an ability that not every store has. A script lists the features that it needs.
type Feature string

// The features that scripts need. A Target has all features except those in
// Target.Lacks.
const (
	// Clock: the clock can be moved by some seconds ([Target.Advance]).
	Clock Feature = "clock"
	// FarClock: the clock can be moved by days.
	FarClock Feature = "far-clock"
	// Purge: tombstones can be purged on demand ([Target.Purge]).
	Purge Feature = "purge"
	// Reopen: the store can be closed and opened again ([Target.Reopen]).
	Reopen Feature = "reopen"
	// SliceDeletion: a Delete may select a slice. Cassandra refuses such a Delete through
	// Thrift up to 1.2: "Deletion does not yet support SliceRange predicates."
	SliceDeletion Feature = "slice-deletion"
	// OpenSliceDeletion: the slice of a Delete may have no end. Cassandra 2.0 to 2.2 then
	// deletes only the column at the start of the slice.
	OpenSliceDeletion Feature = "open-slice-deletion"
	// OverlappingSliceDeletion: if deleted slices overlap, the newest one counts for
	// each column. In Cassandra 2.0 to 2.2 the older slice covers the column at which
	// the newer slice begins (RangeTombstoneList).
	OverlappingSliceDeletion Feature = "overlapping-slice-deletion"
	// SubcolumnSliceDeletion: a slice of the columns of a super column can be
	// deleted. Cassandra 3 refuses it: "Cannot delete a range of subcolumns in a super column."
	SubcolumnSliceDeletion Feature = "subcolumn-slice-deletion"
	// ExactCounters: a counter that was deleted always starts from zero again.
	// Cassandra does not promise this.
	ExactCounters Feature = "exact-counters"
	// LateColumns: an alteration may describe columns that were not described when the
	// family was created, and drop descriptions, without an effect on the data.
	// Cassandra 3 stores described columns apart from the others, and the creation of a
	// family settles whether it has described columns. So an index does not find values that
	// were written before its column was described, and dropping the description of a column
	// hides its values.
	LateColumns Feature = "late-columns"
	// ReversedDescribed: a reversed slice of a family that describes columns is
	// reversed. Cassandra 3 merges described columns in their forward order, so that some are
	// in the wrong place, or missing if there is a limit (ThriftResultsMerger).
	ReversedDescribed Feature = "reversed-described"
	// ReversedSupers: a reversed slice of super columns returns the columns of each super
	// column in forward order. Cassandra 3 reverses these columns too
	// (CassandraServer.thriftifySuperColumns).
	ReversedSupers Feature = "reversed-supers"
	// ReversedSubcolumns: a subcomparator may be a ReversedType. Cassandra 3 accepts such a
	// type, but stores the columns in forward order.
	ReversedSubcolumns Feature = "reversed-subcolumns"
	// NewestNames: if two names differ in bytes and are equal for the comparator, the name
	// of the winning write is kept. Cassandra 3 keeps the name of the first write.
	NewestNames Feature = "newest-names"
	// CounterTruncation: counter families can be truncated. Cassandra 3 refuses it:
	// "invalid operation for commutative table".
	CounterTruncation Feature = "counter-truncation"
	// AlteredTypes: the comparator and the default validator of a family can be
	// altered. Cassandra 3 accepts such an alteration, but does not change them.
	AlteredTypes Feature = "altered-types"
	// DescribedComposites: a family of composite names may describe columns. Cassandra 3
	// treats such a family as a CQL table, and does not show it to Thrift clients.
	DescribedComposites Feature = "described-composites"
	// ExactTies: if two expiring writes have the same timestamp, the larger value wins,
	// even if one of them has expired. In Cassandra an expired column is a tombstone
	// and wins (Column.reconcile).
	ExactTies Feature = "exact-ties"
	// SignedTies: values of the same timestamp are compared as signed bytes, as Java's
	// ByteBuffer.compareTo does. Cassandra 4 compares them as unsigned bytes.
	SignedTies Feature = "signed-ties"
	// TTLTies: if two writes have the same timestamp, the larger value wins, even if one of
	// them expires. In Cassandra 4 the expiring write wins, and if both expire, the write
	// that expires later (CASSANDRA-14592).
	TTLTies Feature = "ttl-ties"
	// ExactResiduals: the expressions of an index clause or filter see the same columns as
	// a reader. In Cassandra they also see columns that have expired or were deleted, with
	// the value of the tombstone. That value is the time, and in Cassandra 3 it is empty.
	ExactResiduals Feature = "exact-residuals"
	// RebuiltIndexes: an index is complete even if an index of the same name was
	// dropped before. Cassandra up to 2.0 sometimes finds nothing in such an index.
	RebuiltIndexes Feature = "rebuilt-indexes"
	// Strict: if Cassandra 1.2 answers a request with nonsense, or by dropping the
	// connection, the request is an invalid request.
	Strict Feature = "strict"
	// CheckedLimits: a count with a negative limit is an invalid request. Since 1.1,
	// Cassandra returns -1 (CassandraServer.get_count).
	CheckedLimits Feature = "checked-limits"
	// CheckedCounts: a count in a family that does not exist is an invalid request.
	// Cassandra 1.0 and 1.1 check the family too late, and fail (CassandraServer.get_count).
	CheckedCounts Feature = "checked-counts"
	// ValidatedCounts: a count of one row is refused if a read of the row would be refused.
	// Since 2.0, Cassandra pages through the row (CASSANDRA-4415) and does not validate the
	// key, slice and consistency level: it counts nothing, or times out.
	ValidatedCounts Feature = "validated-counts"
	// CheckedAlterations: an alteration that is refused changes nothing. Cassandra 1.1
	// stores the alteration before it validates it (DefsTable.mergeSchema). It drops the
	// connection, and from then on refuses every change of the keyspace except a drop.
	CheckedAlterations Feature = "checked-alterations"
	// AtomicBatch: MutateRequest.Atomic is supported.
	AtomicBatch Feature = "atomic-batch"
	// DefaultTTL: a family may have a default TTL, for columns that are written without a TTL. Cassandra supports it since 2.0.
	DefaultTTL Feature = "default-ttl"
	// DefaultTTLInBatches: the default TTL also applies to the columns of a batch. Cassandra 3 ignores it in batch_mutate.
	DefaultTTLInBatches Feature = "default-ttl-in-batches"
	// NoTTL: a write may say that a column does not expire in such a family. Cassandra accepts a TTL of 0 through
	// Thrift since 3.0 (CASSANDRA-11207).
	NoTTL Feature = "no-ttl"
	// Ghosts: ranges return deleted rows until they are purged.
	Ghosts Feature = "ghosts"
)

var features = []Feature{
	Clock, FarClock, Purge, Reopen, SliceDeletion, OpenSliceDeletion, OverlappingSliceDeletion, SubcolumnSliceDeletion,
	ExactCounters, LateColumns, ReversedDescribed, ReversedSupers, ReversedSubcolumns, NewestNames,
	CounterTruncation, AlteredTypes, DescribedComposites, ExactTies, SignedTies, TTLTies, ExactResiduals, RebuiltIndexes, Strict, CheckedLimits, CheckedCounts,
	ValidatedCounts, CheckedAlterations, AtomicBatch, DefaultTTL, DefaultTTLInBatches, NoTTL, Ghosts,
}
