// Package embedded is the engine: a store of column families in a folder of the
// own disk, or in memory, without a server. It is a [backend.Backend] with the
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
// nothing, and so does a crash. When Mutate returns, the change is on disk and
// synced, unless [Options.Durability] asks for less. Counters are exact under
// concurrency and after a crash. A query by index never returns a stale row. A
// call reads one consistent state of the store, whatever is written meanwhile.
//
// Writes are blind: whether a column wins over an older or a newer one is
// resolved when records meet, not by reading before writing. Timestamps decide; at
// the same timestamp a deletion wins over an insert and otherwise the larger value.
//
// # Time
//
// [Options.Now] tells when columns with a TTL expire and when tombstones are older
// than the family's gc_grace. Expired columns are never returned. They and
// tombstones are removed for good, in the background, once gc_grace has passed;
// until then deleted rows appear in ranges without columns, as in Cassandra.
//
// # Limits
//
// A value may have up to [MaxValue] bytes and a request up to [MaxRequest] in
// all; what is longer is an invalid request. Rows may have any number of columns:
// nothing is held in memory but what a call asks for, and the slice tombstones of
// the rows that it reads.
//
// # A full disk
//
// While the disk is full or fails, the store reads on but takes no writes: they get [backend.ErrNoWrites], and nothing
// was changed. A write that ran when it began gets [backend.ErrStorage]: it may be there. When the disk has room again,
// writes are taken by themselves. [Store.Health] tells, and the log has a line when it begins and when it ends.
//
// # Damage
//
// Every block of a table and every record of the log carries a checksum, and a
// store that is closed notes all its files. Damaged data is reported as
// [backend.ErrCorrupt]; it is never returned. What cannot be detected is damage
// that looks like a crash, in a store that was not closed: a log or manifest whose end
// is cut off or overwritten. Such a store opens without the writes that were there.
package embedded
