// Package embedded is the engine: a store of column families in a local directory,
// or in memory, without a server. It is a [backend.Backend] with the
// semantics of Cassandra 1.2 on a log-structured merge tree (Pebble).
//
//	store, err := embedded.Open("data", nil)
//	defer store.Close()
//
// Most programs do not import it but open a URL such as "embedded:data" with
// package connect.
//
// # What it promises
//
// A batch is atomic across rows and column families: readers see all of it or
// nothing, and after a crash the store has all of it or nothing. When Mutate returns, the change is on disk and
// synced, unless [Options.Durability] asks for less. Counters are exact under
// concurrency and after a crash. A query by index never returns a stale row. A
// call reads one consistent state of the store, whatever other calls write at the same time.
//
// Writes are blind: whether a column wins over an older or a newer one is
// resolved when records meet, not by reading before writing. Timestamps decide; at
// the same timestamp a deletion wins over an insert and otherwise the larger value.
//
// # Time
//
// [Options.Now] is the clock by which columns with a TTL expire and tombstones become older
// than the family's gc_grace. Expired columns are never returned. They and
// tombstones are removed for good, in the background, once gc_grace has passed;
// until then deleted rows appear in ranges without columns, as in Cassandra.
//
// # Limits
//
// A value may have up to [MaxValue] bytes, and a request up to [MaxRequest] bytes in
// all; a longer one is an invalid request. Rows may have any number of columns: a call
// holds in memory only the columns that it returns, and the slice tombstones of
// the rows that it reads.
//
// # A full disk
//
// While the disk is full or fails, the store answers reads but takes no writes. A write then fails with
// [backend.ErrNoWrites] and has changed nothing. A write that was running when the disk failed gets [backend.ErrStorage]: it may or
// may not have been made. Once the disk has room, the store takes writes again without being reopened. [Store.Health] reports
// whether it does, and [Options.Logger] gets a line when writes stop and a line when they are taken again.
//
// # Damage
//
// Every block of a table and every record of the log carries a checksum, and a
// store that is closed notes all its files. Damaged data is reported as
// [backend.ErrCorrupt]; it is never returned. One kind of damage cannot be detected: a log or
// manifest whose end is cut off or overwritten, in a store that was not closed, looks like the
// result of a crash. Such a store opens without the writes that were there.
package embedded
