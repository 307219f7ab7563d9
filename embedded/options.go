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
	// MaxRequest is the most bytes that one Mutate may write, names, keys and
	// what the store adds to them included.
	MaxRequest = 1 << 30
)

// Options configure a store. The zero value of every field is its default.
type Options struct {
	// Partitioner is the class, or its short name, that orders the rows:
	// byteordered, orderpreserving, random or murmur3. It is chosen when a store is
	// created: empty then means byteordered, and later whatever the store has.
	// Opening a store that has another one fails.
	Partitioner string

	// Existing makes Open fail with ErrNotFound where it would create a store.
	Existing bool

	// ReadOnly opens a store that exists for reading: calls that would change it return ErrUnsupported.
	// Nothing is written, so that it works on a read-only medium and a full disk; what only the
	// log has is held in memory. Other readers may have the store open, but no writer. If the lock file
	// is missing, as in a checkpoint, it is created where that is possible; where it
	// is not, a writer is not kept out.
	ReadOnly bool

	// Durability says when a write is on disk. The zero value is Sync.
	Durability Durability

	// Now tells the time for TTLs and gc_grace. Nil means time.Now. It is called by
	// several goroutines at once.
	Now func() time.Time

	// Logger gets what happens in the background. Nil means that nothing is logged.
	Logger *slog.Logger

	// CacheSize is how many bytes of uncompressed blocks are kept in memory. 0 means 128 MiB.
	CacheSize int64
	// MemTableSize is how many bytes of writes are gathered in memory before
	// they become a table on disk, from 64 KiB to 1 GiB. 0 means 32 MiB. Up to four times as much is used, and one request more for
	// each call that runs.
	MemTableSize uint64

	// MaxOpenTables is how many files of tables are open at once, about. 0 means 1000; fewer than 64 are 64.
	MaxOpenTables int

	// PurgeInterval is how often the background removes for good what is deleted
	// or expired. 0 means every hour; negative means only on [Store.Purge].
	PurgeInterval time.Duration
}

// Durability says when an acknowledged write is safe from a crash of the machine.
// A crash of the process alone loses nothing that was acknowledged: each write is handed to the operating system before.
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

// Sync is the default: a write is acknowledged when it is on disk. Writes that
// come at the same time share one sync.
var Sync = Durability{}

// NoSync leaves it to the system when writes reach the disk. After a crash of the machine
// the last writes may be gone, but never one that is older than another that is there.
var NoSync = Durability{mode: modeNone}

// Periodic acknowledges writes at once and syncs them every d, as Cassandra's
// commitlog_sync: periodic does. It is NoSync with a bound on what a crash may cost.
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

// The sizes that a memtable may have. Pebble panics below about 1,200 bytes; a table on disk for every few
// writes is of no use either.
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
