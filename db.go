package widerow

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
)

// Options are the settings of a [DB]. The zero value has the defaults.
type Options struct {
	// Read and Write are the consistency levels of calls for which neither the call nor its
	// family sets a level. Zero means One.
	Read, Write Consistency

	// Timestamps returns the timestamp of a write without [At]. It must be safe for
	// concurrent use. Nil means microseconds since 1970 by Now, each timestamp higher
	// than the previous one.
	Timestamps func() int64

	// Now is the clock for timestamps. Nil means time.Now.
	Now func() time.Time
}

// DB is an opened store: New and package connect's Open return one. It is safe for concurrent use.
//
// The handles of this package (DB, [SystemManager], [Keyspace], [Family], [View]) and [Batch] are pointers. A call on one that is nil
// or zero, except the zero Batch, fails with ErrInvalidRequest; a method that returns no error
// returns the zero value.
type DB struct {
	backend    backend.Backend
	opts       Options
	timestamps func() int64
	unsent     unsent

	closeOnce sync.Once
	closed    error // the result of Close
}

// New returns a DB on the store b. [DB.Close] closes b.
// Nil options mean the defaults. Most programs call package connect's Open,
// which knows all backends by URL.
func New(b backend.Backend, opts *Options) *DB {
	db := &DB{backend: b}
	if opts != nil {
		db.opts = *opts
	}
	if db.opts.Now == nil {
		db.opts.Now = time.Now
	}
	db.timestamps = db.opts.Timestamps
	if db.timestamps == nil {
		db.timestamps = (&clock{now: db.opts.Now}).next
	}
	return db
}

// Backend returns the store that New was given, for calls that this package does not
// have, such as those of [backend.Splitter] and [backend.Statser].
func (db *DB) Backend() backend.Backend {
	if db == nil {
		return nil
	}
	return db.backend
}

// store returns the backend for a call.
func (db *DB) store(ctx context.Context) (backend.Backend, error) {
	switch {
	case ctx == nil:
		return nil, refusal.NoContext()
	case db.Backend() == nil:
		return nil, errNoDB()
	}
	return db.backend, nil
}

// Keyspace returns a handle on the named keyspace. It makes no call and does not check that
// the keyspace exists; calls through the handle fail with ErrNotFound if it does not.
func (db *DB) Keyspace(name string) *Keyspace { return &Keyspace{db: db, name: name} }

// System returns the manager of the store's schema.
func (db *DB) System() *SystemManager { return &SystemManager{db: db} }

// Timestamp returns the next timestamp of the DB: microseconds since 1970, higher than all timestamps
// that the DB has given before, unless [Options.Timestamps] is set.
func (db *DB) Timestamp() int64 {
	if db.Backend() == nil {
		return 0
	}
	return db.timestamps()
}

// Close closes the store. A running call finishes or fails with ErrClosed; a later call
// fails with ErrClosed. If writes are queued in batches and were never sent, Close closes the
// store and returns an error with their number. Close may be called more than once, and
// returns the same error each time.
func (db *DB) Close() error {
	if db.Backend() == nil {
		return opError("close", "", errNoDB())
	}
	db.closeOnce.Do(func() {
		err := db.backend.Close()
		if err == nil {
			err = db.unsent.check()
		}
		db.closed = opError("close", "", err)
	})
	return db.closed
}

// Keyspace is a keyspace of a DB. It is safe for concurrent use.
type Keyspace struct {
	db   *DB
	name string
}

// Name returns the keyspace's name.
func (ks *Keyspace) Name() string {
	if ks == nil {
		return ""
	}
	return ks.name
}

// DB returns the DB of the keyspace.
func (ks *Keyspace) DB() *DB {
	if ks == nil {
		return nil
	}
	return ks.db
}

// Family reads the definition of the named column family and returns a handle
// that packs and unpacks keys, names and values by it. It fails with
// ErrNotFound if the keyspace or the family does not exist. The definition is
// not read again until [Family.Reload].
func (ks *Keyspace) Family(ctx context.Context, name string, opts ...FamilyOption) (*Family, error) {
	f := &Family{db: ks.DB(), keyspace: ks.Name(), name: name}
	if err := f.set.apply(opts); err != nil {
		return nil, opError("read schema of", ks.Name()+"."+name, err)
	}
	if err := f.load(ctx); err != nil {
		return nil, err
	}
	return f, nil
}

// Families reads the keyspace's definition and returns a handle on each of its
// column families, sorted by name.
func (ks *Keyspace) Families(ctx context.Context, opts ...FamilyOption) ([]*Family, error) {
	var set familySettings
	if err := set.apply(opts); err != nil {
		return nil, opError("read schema of", ks.Name(), err)
	}
	def, err := ks.DB().keyspace(ctx, ks.Name())
	if err != nil {
		return nil, opError("read schema of", ks.Name(), err)
	}
	families := make([]*Family, 0, len(def.Families))
	for i := range def.Families {
		f := &Family{db: ks.db, keyspace: ks.name, name: def.Families[i].Name, set: set}
		if err := f.compile(&def.Families[i]); err != nil {
			return nil, err
		}
		families = append(families, f)
	}
	sortFamilies(families)
	return families, nil
}

// clock makes microsecond timestamps. Each timestamp is higher than the previous one.
// Otherwise the later write would not always win: if two writes happened in one microsecond,
// the larger value would win, and if the machine's clock was set back, the earlier write.
type clock struct {
	now  func() time.Time
	last atomic.Int64
}

func (c *clock) next() int64 {
	ts := c.now().UnixMicro()
	for {
		last := c.last.Load()
		ts = max(ts, last+1)
		if c.last.CompareAndSwap(last, ts) {
			return ts
		}
	}
}
