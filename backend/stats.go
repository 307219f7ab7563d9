package backend

import "time"

// Statser is implemented by a backend that measures its engine.
type Statser interface {
	// Stats returns the state of the engine and what it did since it was opened. It is cheap enough to be called
	// every second. After Close it returns the zero value.
	Stats() Stats
}

// Stats are figures of an engine. Sizes are in bytes. Counts and sums begin with 0 when the store is opened.
type Stats struct {
	// TakesWrites reports whether Health returns nil: false while the disk is full or fails.
	TakesWrites bool

	// DiskSize is the size of all files of the store. It includes TableSize and LogSize.
	DiskSize int64
	// DiskFree is how many bytes the file system of the store has left for the store, or -1 if that is unknown, as it
	// is for a store in memory.
	DiskFree int64

	// Tables and TableSize are the number and the size of the tables in use.
	Tables, TableSize int64
	// YoungTables is how many tables of the youngest level overlap, so that a read may have to look into each of
	// them. It grows if compactions do not keep up with writes.
	YoungTables int64
	// LogSize is the size of the log that a crash would make the next opening read.
	LogSize int64
	// LogWritten is how many bytes were written to the log.
	LogWritten int64

	// MemTables and MemTableSize are the number and the size of the tables in memory, which are not on disk as tables
	// yet.
	MemTables, MemTableSize int64

	// CacheSize is the size of the blocks in the cache. CacheHits and CacheMisses count the blocks that reads found
	// there and did not find.
	CacheSize, CacheHits, CacheMisses int64

	// Flushes and Flushed are the number of tables in memory that were written to disk, and the bytes of that.
	Flushes, Flushed int64

	// Compactions counts finished merges of tables. CompactionsFailed counts those among them that had an error.
	// CompactionsRunning is how many run now, Compacted how many bytes they wrote, and CompactionTime how long they took, together.
	Compactions, CompactionsFailed, CompactionsRunning, Compacted int64
	CompactionTime                                                time.Duration
	// CompactionDebt estimates how many bytes wait to be merged.
	CompactionDebt int64

	// WritesDelayed counts writes that waited because memory was full or had too many tables to merge, and WriteDelay is
	// how long they waited, together. WritesRefused counts those that got ErrNoWrites before they began.
	WritesDelayed, WritesRefused int64
	WriteDelay                   time.Duration

	// Purges counts passes of the purge that came to their end, and PurgesFailed those that did not. Purged counts the
	// records that were removed. PurgeTime is how long the last pass took, and LastPurge when it ended; they are zero before the first.
	Purges, PurgesFailed, Purged int64
	PurgeTime                    time.Duration
	LastPurge                    time.Time

	// IndexBuilds is how many indexes are being built, and IndexesFailed how many could not be built: queries of those fail.
	IndexBuilds, IndexesFailed int64

	// Age is how old the figures are that the disk has a part in: all above WritesDelayed but TakesWrites. It is above a second only
	// while the disk does not answer.
	Age time.Duration
}
