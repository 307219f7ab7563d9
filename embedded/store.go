package embedded

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
)

// Store is an open store. It is safe for concurrent use. [Open] makes one; a nil or zero Store must not be used.
type Store struct {
	opts Options
	part partitioner.Partitioner
	db   *pebble.DB
	dir  *directory

	// calls is held for reading by every call, and for writing from Close on.
	calls   sync.RWMutex
	closing chan struct{} // closed by Close: calls and background work must end
	closed  sync.Once
	// ended is the error that Close returned.
	ended error

	// writers is held for reading while a write is checked against the schema and
	// applied. It is held for writing by everything that reads before it writes:
	// changes of the schema, the purge, the folding of records and the removal
	// of stale index entries. It is not held while a write waits for the disk.
	writers lock
	large   writeBudget // locked before writers
	tables  atomic.Pointer[tables]
	// altering is set before the data of a dropped family is removed and reset
	// after tables is replaced, so that a reader can detect the change; see reader.openWith.
	altering atomic.Bool
	purging  atomic.Pointer[purgedRow] // set under writers

	checkpoints lock // held by a checkpoint of a store in memory
	// purges is held by a pass of the purge. It is locked before writers.
	purges  lock
	marking lock        // held while spans are added to those of a row, see writer.addSpan; after writers
	folding atomic.Bool // set while a fold reads
	voids   voids
	wasted  atomic.Int64 // records that readers stepped over in vain since the last flush for that

	counts     counts
	measuring  measuring
	health     *health
	logs       *logFS
	steady     *steadyFS
	background sync.WaitGroup
	folds      chan []byte // keys with many records
	stale      chan staleEntry
	upgrades   chan marksOfOld
	watches    chan []byte   // prefixes of rows with long runs of nothing
	flushes    chan struct{} // memory has much that readers step over
	levels     chan struct{} // wakes watchLevels
}

var (
	_ backend.Backend      = (*Store)(nil)
	_ backend.Checkpointer = (*Store)(nil)
	_ backend.Splitter     = (*Store)(nil)
	_ backend.Comparer     = (*Store)(nil)

	_ backend.SchemaVersioner = (*Store)(nil)
	_ backend.Healther        = (*Store)(nil)
	_ backend.Statser         = (*Store)(nil)
)

// Open opens the store in the directory dir, and creates it if it does not
// exist. Nil opts mean the defaults. A store can be open once for writing, or any number of times
// read-only. Otherwise Open fails with ErrUnavailable, which says which process has the store open. If the operating system
// refuses access, as to a directory of another user, Open fails with ErrStorage.
func Open(dir string, opts *Options) (*Store, error) {
	path, err := resolve(dir)
	if err != nil {
		return nil, fmt.Errorf("open store %q: %w", dir, opts.refusal(err))
	}
	return open(vfs.Default, path, opts)
}

// OpenMemory opens an empty store in memory. Its content is lost when it is closed.
// Nil opts mean the defaults. [Options.Durability] is ignored.
func OpenMemory(opts *Options) (*Store, error) {
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("open store in memory: %w", err)
	}
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.ReadOnly {
		return nil, fmt.Errorf("open store in memory: %w", backend.InvalidRequest("it would be empty, and read-only"))
	}
	o.Durability, o.Existing = NoSync, false
	return open(vfs.NewMem(), "memory", &o)
}

func open(fs vfs.FS, dir string, opts *Options) (_ *Store, err error) {
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("open store %q: %w", dir, err)
	}
	s := &Store{
		opts: opts.withDefaults(), closing: make(chan struct{}),
		folds: make(chan []byte, 64), stale: make(chan staleEntry, 1024),
		upgrades: make(chan marksOfOld, 64), watches: make(chan []byte, 64),
		flushes: make(chan struct{}, 1), levels: make(chan struct{}, 1),
	}
	s.large = writeBudget{closing: s.closing, from: largeWrite, total: largeWrites}
	s.health = newHealth(&s.opts)
	for _, l := range []*lock{&s.writers, &s.purges, &s.marking, &s.checkpoints} {
		l.closing = s.closing
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("open store %q: %w", dir, s.opts.refusal(err))
			if s.dir != nil {
				err = errors.Join(err, s.dir.unlock())
			}
		}
	}()
	defer recovered(&err)
	if s.dir, err = openDir(fs, dir, &s.opts); err != nil {
		return nil, err
	}
	if err := s.openTree(); err != nil {
		return nil, err
	}
	s.start()
	return s, nil
}

// openTree opens the tree in the directory, or creates it.
func (s *Store) openTree() (err error) {
	defer recovered(&err)
	created, err := s.dir.readFormat()
	if err != nil {
		return err
	}
	if err := s.dir.checkPebbleFormat(); err != nil {
		return err
	}
	format := formatVersion
	switch {
	case created == nil && s.opts.ReadOnly:
		return &backend.Error{Kind: backend.KindNotFound, Why: "the creation of the store was not finished"}
	case created == nil:
		err = s.dir.markCreating()
	default:
		format = created.Format
		if err = s.dir.checkClosed(); err == nil {
			err = s.dir.markOpen()
		}
	}
	if err != nil {
		return err
	}
	cache := pebble.NewCache(s.opts.CacheSize)
	defer cache.Unref()
	o := s.pebbleOptions(cache)
	o.FormatMajorVersion = pebbleFormats[format]
	o.ErrorIfNotExists = created != nil
	if s.db, err = s.openDB(o); err != nil {
		if errors.Is(err, pebble.ErrDBDoesNotExist) {
			return corrupt("the store's files are missing", err)
		}
		if e := (*backend.Error)(nil); created == nil || errors.As(err, &e) {
			return err
		}
		return openError(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.db.Close())
		}
	}()
	t, err := loadTables(s.db)
	if err != nil {
		return translate(err)
	}
	switch {
	case t == nil && created != nil:
		return corrupt("the schema record is missing", nil)
	case t == nil:
		if t, err = s.createSchema(); err != nil {
			return err
		}
	}
	if s.part, err = s.dir.choosePartitioner(s.opts.Partitioner, created, t.record.Partitioner); err != nil {
		return err
	}
	if s.opts.ReadOnly { // an older format is read without conversion
		s.tables.Store(t)
		return nil
	}
	if t.record.Format < formatVersion {
		if err := t.storeAll(s.db); err != nil {
			return err
		}
	}
	if created == nil || created.Format < formatVersion {
		if err := s.logs.sync(); err != nil {
			return err
		}
		// The format is written last, so that an interrupted creation is started again and an interrupted conversion of
		// an older format is continued.
		if err := s.dir.writeFormat(formatVersion, t.record.Partitioner); err != nil {
			return err
		}
	}
	s.tables.Store(t)
	return nil
}

// createSchema stores the schema of a new store.
func (s *Store) createSchema() (*tables, error) {
	name := s.opts.Partitioner
	if name == "" {
		name = defaultPartitioner
	}
	p, err := partitioner.ByClass(name)
	if err != nil {
		return nil, err
	}
	t, err := compile(schemaRecord{Partitioner: p.Class()}, nil, nil)
	if err != nil {
		return nil, err
	}
	return t, t.storeAll(s.db)
}

// The layout of Pebble's files. Pebble's defaults are 64 MiB for the base level, a compaction for every two overlapping
// tables, 2 MiB for the first tables and 4 KiB for blocks. Each figure here takes less processor time: data is rewritten less
// often, a slice reads fewer blocks, and a table needs no two-level index. docs/performance.md shows the measurements.
const (
	baseLevel  = 256 << 20
	firstTable = 16 << 20 // each level's are twice as large, up to lastTable
	lastTable  = 64 << 20
	dataBlock  = 8 << 10
	indexBlock = 256 << 10

	// Half as many overlapping tables of the youngest level as this are merged into the base level.
	youngest = 10
)

func (s *Store) pebbleOptions(cache *pebble.Cache) *pebble.Options {
	s.steady = &steadyFS{FS: &tableFS{s.dir.fs}, health: s.health, giveUp: make(chan struct{})}
	s.logs = &logFS{FS: s.steady, health: s.health, syncs: s.opts.Durability.mode == modeSync}
	o := &pebble.Options{
		FS:                          &placeFS{FS: s.logs, dir: s.dir.path, elsewhere: s.dir.fs},
		Cache:                       cache,
		Merger:                      s.merger(),
		Lock:                        s.dir.lock,
		ReadOnly:                    s.opts.ReadOnly,
		Logger:                      pebbleLogger{s},
		EventListener:               s.events(),
		MemTableSize:                s.opts.MemTableSize,
		MemTableStopWritesThreshold: noLimit,
		L0CompactionThreshold:       youngest,
		L0StopWritesThreshold:       noLimit,
		LBaseMaxBytes:               baseLevel,
		MaxOpenFiles:                s.opts.MaxOpenTables,
	}
	for i := range o.TargetFileSizes {
		o.TargetFileSizes[i] = min(int64(firstTable)<<i, lastTable)
	}
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
		o.Levels[i].BlockSize = dataBlock
		o.Levels[i].IndexBlockSize = indexBlock
	}
	o.EnsureDefaults()
	return o
}

// start starts the background goroutines.
func (s *Store) start() {
	if s.opts.ReadOnly {
		s.tables.Load().failBuilds(errReadOnly)
		return
	}
	s.background.Go(s.tidy)
	s.background.Go(s.mendLog)
	s.background.Go(s.watchLevels)
	if _, memory := s.dir.fs.(*vfs.MemFS); !memory {
		s.background.Go(s.watchIdle)
	}
	if s.opts.PurgeInterval > 0 {
		s.background.Go(s.purgePeriodically)
	}
	if s.opts.Durability.mode == modePeriodic {
		s.background.Go(s.syncPeriodically)
	}
	for _, f := range s.tables.Load().sorted() {
		s.startBuilds(nil, f)
	}
}

// enter begins a call. If it returns nil, the caller must defer leave.
func (s *Store) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// It fails only if Close has the lock or waits for it.
	if !s.calls.TryRLock() {
		return backend.ErrClosed
	}
	return nil
}

// enterWrite is enter for calls that change the store.
func (s *Store) enterWrite(ctx context.Context) error {
	err := s.enter(ctx)
	if err == nil && s.opts.ReadOnly {
		s.calls.RUnlock()
		return errReadOnly
	}
	return err
}

// errReadOnly is the error of calls that would change a store that is open read-only.
var errReadOnly = &backend.Error{Kind: backend.KindUnsupported, Why: "the store was opened read-only"}

// leave ends a call. Every call defers it. It converts the call's error to one of package backend's kinds.
func (s *Store) leave(err *error) {
	if p := recover(); p != nil {
		*err = panicError(p)
	}
	*err = translate(*err)
	s.calls.RUnlock()
}

// interrupted returns why a long call should end, or nil.
func (s *Store) interrupted(ctx context.Context) error {
	select {
	case <-s.closing:
		return backend.ErrClosed
	default:
		return ctx.Err()
	}
}

// Close implements [backend.Backend]. It waits for running calls; long calls
// end with ErrClosed. When Close returns nil, all writes are on disk, whatever the durability. If the disk does not accept
// them within 5 seconds, Close gives up and returns the reason.
func (s *Store) Close() error {
	s.closed.Do(func() {
		close(s.closing)
		s.calls.Lock() // never unlocked: no call can begin any more
		closed := make(chan struct{})
		go s.loseHope(time.NewTicker(patience), closed)
		s.background.Wait()
		err := s.closeTree()
		close(closed)
		if !s.opts.ReadOnly {
			err = errors.Join(err, s.dir.checkHeld())
		}
		if err == nil && s.health.broken.Load() == nil && !s.opts.ReadOnly {
			err = s.dir.markClosed()
		}
		if err = errors.Join(err, s.dir.unlock()); err != nil {
			s.ended = fmt.Errorf("close store %q: %w", s.dir.path, translate(err))
		}
	})
	return s.ended
}

// commit applies a batch and, if o is pebble.Sync, waits until the batch is on disk, whatever the durability.
func (s *Store) commit(b *pebble.Batch, o *pebble.WriteOptions) error {
	_, err := s.commitApplied(b, o)
	return err
}

// commitApplied is commit. It also reports whether readers see the batch, which is possible even after an error.
func (s *Store) commitApplied(b *pebble.Batch, o *pebble.WriteOptions) (bool, error) {
	s.health.room.add(b)
	if err := s.db.Apply(b, o); err != nil {
		return false, err
	}
	if o.GetSync() && !s.logs.syncs {
		return true, s.logs.sync()
	}
	return true, s.health.logError()
}

// syncPeriodically syncs the log in the background if the durability is [Periodic].
func (s *Store) syncPeriodically() {
	tick := time.NewTicker(s.opts.Durability.interval)
	defer tick.Stop()
	for {
		select {
		case <-s.closing:
			return
		case <-tick.C:
			_ = s.logs.sync() // a failure is reported to health
		}
	}
}
