package backend

import "time"

// Statser is implemented by a backend that measures its engine.
type Statser interface {
	// Stats returns the state of the engine and counts of its work since it was opened. Stats is cheap enough to be
	// called every second. After Close it returns the zero value.
	Stats() Stats
}

// Stats are figures of an engine. Sizes are in bytes. Counts and sums begin with 0 when the store is opened.
type Stats struct {
	// TakesWrites reports whether Health returns nil: false while the disk is full or fails.
	TakesWrites bool

	// DiskSize is the size of all files of the store. It includes TableSize and LogSize.
	DiskSize int64
	// DiskFree is how many bytes the file system has left for the store, or -1 if the number is unknown. It is unknown
	// for a store in memory.
	DiskFree int64

	// Tables and TableSize are the number and the size of the tables in use.
	Tables, TableSize int64
	// YoungTables is how many tables of the youngest level overlap. A read may have to search each of them. The number
	// grows if compactions do not keep up with writes.
	YoungTables int64
	// LogSize is the size of the log that the next opening would read after a crash.
	LogSize int64
	// LogWritten is how many bytes were written to the log.
	LogWritten int64

	// MemTables and MemTableSize are the number and the size of the tables in memory that are not yet written to disk
	// as tables.
	MemTables, MemTableSize int64

	// CacheSize is the size of the blocks in the cache. CacheHits counts the blocks that reads found in the cache, and
	// CacheMisses the blocks that they did not find.
	CacheSize, CacheHits, CacheMisses int64

	// Flushes is the number of tables in memory that were written to disk, and Flushed the number of bytes written.
	Flushes, Flushed int64

	// Compactions counts finished merges of tables. CompactionsFailed counts the merges among them that failed.
	// CompactionsRunning is how many merges run now. Compacted is how many bytes all merges wrote, and CompactionTime how
	// long all of them took.
	Compactions, CompactionsFailed, CompactionsRunning, Compacted int64
	CompactionTime                                                time.Duration
	// CompactionDebt estimates how many bytes wait to be merged.
	CompactionDebt int64

	// WritesDelayed counts writes that waited because memory was full or too many tables had to be merged, and WriteDelay
	// is how long all of them waited. WritesRefused counts writes that were refused with ErrNoWrites before they began.
	WritesDelayed, WritesRefused int64
	WriteDelay                   time.Duration

	// Purges counts passes of the purge that were completed, and PurgesFailed passes that failed. Purged counts the
	// removed records. PurgeTime is how long the last pass took, and LastPurge when it ended; both are zero before the
	// first pass.
	Purges, PurgesFailed, Purged int64
	PurgeTime                    time.Duration
	LastPurge                    time.Time

	// IndexBuilds is how many indexes are being built. IndexesFailed is how many indexes could not be built; their queries
	// fail.
	IndexBuilds, IndexesFailed int64

	// Age is the age of the figures that need the disk: all fields before WritesDelayed except TakesWrites. It exceeds a
	// second only while the disk does not answer.
	Age time.Duration
}
