package widerowtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/schema"
)

// DefaultKeyspace is the keyspace of families that do not name a keyspace.
const DefaultKeyspace = "Keyspace1"

// Store is a store for a test. It is safe for concurrent use. [New] and [Open] make a Store; a nil or zero Store must not be used.
type Store struct {
	*widerow.DB

	t      testing.TB // nil in a store of Open
	clock  clock
	faults *faults
}

// Option is an option of [New] and [Open].
type Option func(*settings)

type settings struct {
	partitioner string
	start       time.Time
	front       widerow.Options
}

// Partitioner sets the partitioner, which orders the rows: byteordered (the default),
// orderpreserving, random or murmur3.
func Partitioner(name string) Option { return func(s *settings) { s.partitioner = name } }

// StartAt sets the time at which the store's clock begins. The default is [Epoch].
func StartAt(t time.Time) Option { return func(s *settings) { s.start = t } }

// Front sets the options of the DB. Its Now is the store's clock in any case.
func Front(opts widerow.Options) Option { return func(s *settings) { s.front = opts } }

// New returns an empty store that is closed when the test ends.
func New(t testing.TB, opts ...Option) *Store {
	t.Helper()
	s, err := Open(opts...)
	if err != nil {
		t.Fatalf("open a store in memory: %v", err)
	}
	s.t = t
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}

// Open returns an empty store without a test, for example in an Example function. The
// caller must close the store.
func Open(opts ...Option) (*Store, error) {
	set := settings{partitioner: "byteordered", start: Epoch}
	for _, o := range opts {
		if o == nil {
			return nil, refusal.NoOption()
		}
		o(&set)
	}
	s := &Store{clock: clock{now: set.start}}
	engine, err := embedded.OpenMemory(&embedded.Options{
		Partitioner: set.partitioner,
		Now:         s.clock.Now,
		// No background work may happen that the test did not start.
		PurgeInterval: -1,
	})
	if err != nil {
		return nil, err
	}
	s.faults = &faults{Store: engine, calls: map[tally]int{}}
	set.front.Now = s.clock.Now
	s.DB = widerow.New(s.faults, &set.front)
	return s, nil
}

// Now returns the time by the store's clock.
func (s *Store) Now() time.Time { return s.clock.Now() }

// Advance advances the store's clock, so that columns expire and the time for which tombstones are kept (gc_grace) passes.
// The clock stands still otherwise. Writes at the same instant still have increasing timestamps.
func (s *Store) Advance(d time.Duration) { s.clock.advance(d) }

// Family creates a column family, and its keyspace if it does not exist, and returns a handle
// on the family. If def does not name a keyspace, the keyspace is [DefaultKeyspace]. A failure
// ends the test. A store of [Open] has no test: there, a failure panics.
func (s *Store) Family(def schema.Family, columns ...widerow.ColumnDef) *widerow.Family {
	if s.t != nil {
		s.t.Helper()
	}
	f, err := s.CreateFamily(context.Background(), def, columns...)
	if err != nil {
		s.fatal(err)
	}
	return f
}

// CreateFamily does the same as [Store.Family], but returns an error instead of ending
// the test.
func (s *Store) CreateFamily(ctx context.Context, def schema.Family, columns ...widerow.ColumnDef) (*widerow.Family, error) {
	if def.Keyspace == "" {
		def.Keyspace = DefaultKeyspace
	}
	sys := s.System()
	_, err := sys.Keyspace(ctx, def.Keyspace)
	if errors.Is(err, widerow.ErrNotFound) {
		err = sys.CreateKeyspace(ctx, schema.Keyspace{
			Name: def.Keyspace, Strategy: schema.SimpleStrategy, StrategyOptions: map[string]string{"replication_factor": "1"},
		})
	}
	if err != nil {
		return nil, err
	}
	if err := sys.CreateFamily(ctx, def, columns...); err != nil {
		return nil, err
	}
	return s.Keyspace(def.Keyspace).Family(ctx, def.Name)
}

func (s *Store) fatal(err error) {
	if s.t == nil {
		panic(err)
	}
	s.t.Helper()
	s.t.Fatal(err)
}

var (
	_ backend.Backend  = (*faults)(nil)
	_ backend.Comparer = (*faults)(nil)
)
