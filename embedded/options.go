package embedded

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
)

// The limits of one request.
const (
	// MaxValue is the length of the longest value of a column.
	MaxValue = 512 << 20
	// MaxRequest is the maximum number of bytes that one Mutate may write. It counts keys, names,
	// values, and the bytes that the store adds to each column.
	MaxRequest = 1 << 30
)

// Options configure a store. The zero value of every field is its default.
type Options struct {
	// Partitioner orders the rows: byteordered, orderpreserving, random, murmur3 or the class name of
	// one of these. It is fixed when the store is created; empty then means byteordered. Opening an
	// existing store with another partitioner fails, and empty means the store's.
	Partitioner string

	// Existing makes Open fail with ErrNotFound where it would create a store.
	Existing bool

	// ReadOnly opens an existing store for reading. Calls that would change the store return ErrUnsupported.
	// It works on a read-only medium and on a full disk, since nothing is written; the writes in the
	// log are held in memory. Other readers may have the store open at the same time; a writer may not. If the lock file
	// is missing, as in a checkpoint, Open creates it. If it cannot be created, Open does not exclude a writer.
	ReadOnly bool

	// Durability says when a write is on disk. The zero value is Sync.
	Durability Durability

	// Now is the clock for TTLs and gc_grace. Nil means time.Now. It must be safe for concurrent use.
	Now func() time.Time

	// Logger receives what happens in the background, such as failures of the disk. Nil means that nothing is logged.
	Logger *slog.Logger

	// CacheSize is the size, in bytes, of the cache of uncompressed blocks in memory. 0 means 128 MiB.
	CacheSize int64
	// MemTableSize is the number of bytes of writes that are collected in memory before
	// they become a table on disk, from 64 KiB to 1 GiB. 0 means 32 MiB. While tables are written, memory may hold
	// four times as much, and in addition one request for each running call.
	MemTableSize uint64

	// MaxOpenTables is the approximate number of table files that are open at once. 0 means 1000. A number below 64 means 64.
	MaxOpenTables int

	// PurgeInterval is how often [Store.Purge] runs in the background. 0 means every hour. Negative means never: the
	// program calls Purge itself.
	PurgeInterval time.Duration
}

// Durability says when an acknowledged write survives a crash of the machine. With every durability, an acknowledged
// write survives a crash of the process: the operating system has it before the acknowledgement.
type Durability struct {
	mode     durabilityMode
	interval time.Duration
}

type durabilityMode uint8

const (
	modeSync durabilityMode = iota
	modePeriodic
	modeNone
)

// Sync is the default: a write is acknowledged when it is on disk. Concurrent writes share one
// sync.
var Sync = Durability{}

// NoSync lets the operating system decide when writes reach the disk. After a crash of the machine
// the last writes may be lost. A write is never lost while a later one survives.
var NoSync = Durability{mode: modeNone}

// Periodic acknowledges writes at once and syncs them every d, as Cassandra's
// commitlog_sync: periodic does. A crash of the machine may lose the writes of about the last d.
func Periodic(d time.Duration) Durability { return Durability{mode: modePeriodic, interval: d} }

// String returns "sync", "none" or an interval such as "10s": what ParseDurability reads.
func (d Durability) String() string {
	switch d.mode {
	case modePeriodic:
		return d.interval.String()
	case modeNone:
		return "none"
	}
	return "sync"
}

// ParseDurability reads what [Durability.String] returns. Empty means Sync.
func ParseDurability(s string) (Durability, error) {
	switch s {
	case "", "sync":
		return Sync, nil
	case "none":
		return NoSync, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return Sync, fmt.Errorf("durability %q is neither \"sync\" nor \"none\" nor an interval such as \"10s\"", s)
	}
	return Periodic(d), nil
}

// withDefaults returns a complete copy of o, which may be nil.
func (o *Options) withDefaults() Options {
	var c Options
	if o != nil {
		c = *o
	}
	if c.Now == nil {
		c.Now = time.Now
	} else {
		c.Now = guardClock(c.Now)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.CacheSize == 0 {
		c.CacheSize = 128 << 20
	}
	if c.MemTableSize == 0 {
		c.MemTableSize = 32 << 20
	}
	if c.MaxOpenTables <= 0 {
		c.MaxOpenTables = 1000
	}
	if c.PurgeInterval == 0 {
		c.PurgeInterval = time.Hour
	}
	return c
}

// The smallest and the largest size of a memtable. Pebble panics below about 1,200 bytes, and small
// memtables make too many small tables on disk.
const (
	minMemTable = 64 << 10
	maxMemTable = 1 << 30
)

// Validate reports what is wrong with the options, as an invalid request.
func (o *Options) Validate() error {
	if o == nil {
		return nil
	}
	if o.Partitioner != "" {
		if _, err := partitioner.ByClass(o.Partitioner); err != nil {
			return backend.InvalidRequest("%v", err)
		}
	}
	switch m := o.MemTableSize; {
	case o.Durability.mode == modePeriodic && o.Durability.interval <= 0:
		return backend.InvalidRequest("the interval of a periodic sync must be positive, not %v", o.Durability.interval)
	case o.CacheSize < 0:
		return backend.InvalidRequest("CacheSize must not be negative, as %d is", o.CacheSize)
	case m != 0 && (m < minMemTable || m > maxMemTable):
		return backend.InvalidRequest("MemTableSize must be from %d to %d, which %d is not", minMemTable, maxMemTable, m)
	}
	return nil
}
