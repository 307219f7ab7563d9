package widerowtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/schema"
)

// DefaultKeyspace is the keyspace of families that name none.
const DefaultKeyspace = "Keyspace1"

// Store is a store for a test. It is safe for concurrent use. [New] and [Open] make one; a nil or zero Store must not be used.
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

// Partitioner orders the rows: byteordered (the default), orderpreserving,
// random or murmur3.
func Partitioner(name string) Option { return func(s *settings) { s.partitioner = name } }

// StartAt is the time at which the store's clock begins. The default is [Epoch].
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

// Open returns an empty store where there is no test to close it, such as in an
// example. The caller closes it.
func Open(opts ...Option) (*Store, error) {
	set := settings{partitioner: "byteordered", start: Epoch}
	for _, o := range opts {
		o(&set)
	}
	s := &Store{clock: clock{now: set.start}}
	engine, err := embedded.OpenMemory(&embedded.Options{
		Partitioner: set.partitioner,
		Now:         s.clock.Now,
		// Nothing may happen behind a test's back.
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

// Advance moves the store's clock on, so that TTLs end, and the time for which tombstones are kept (gc_grace). It
// stands still otherwise; writes at one instant still have timestamps in order.
func (s *Store) Advance(d time.Duration) { s.clock.advance(d) }

// Family creates a column family, and its keyspace if there is none of that name,
// and returns a handle on it. The keyspace is [DefaultKeyspace] if def names
// none. A failure ends the test; in a store of [Open], which has none, it panics.
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

// CreateFamily is [Store.Family] for callers that want the error.
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
