package model

import (
	"context"
	"sync"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/catalog"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/schema"
)

// Options are the options of New. The zero value is a ByteOrderedPartitioner
// and the system's clock.
type Options struct {
	// Partitioner orders the rows. Nil means ByteOrderedPartitioner.
	Partitioner partitioner.Partitioner
	// Now returns the time, for TTLs and gc_grace. Nil means time.Now.
	Now func() time.Time
	// NoGhosts removes rows without columns from ranges, as a store on CQL does.
	NoGhosts bool
	// Ties4 decides between writes of the same timestamp as Cassandra 4 does: see beats.
	Ties4 bool
}

// Store is a backend in memory. It is safe for concurrent use: a lock serializes
// all calls.
type Store struct {
	part     partitioner.Partitioner
	now      func() time.Time
	noGhosts bool
	ties4    bool

	mu       sync.Mutex
	cat      *catalog.Catalog
	families map[familyName]map[string]*row // rows by key
	writes   int64                          // number of writes, the timestamp of counters
	closed   bool
}

type familyName struct{ keyspace, family string }

var _ backend.Backend = (*Store)(nil)

// New returns an empty store.
func New(o Options) (*Store, error) {
	s := &Store{
		part: o.Partitioner, now: o.Now, noGhosts: o.NoGhosts, ties4: o.Ties4,
		families: map[familyName]map[string]*row{},
	}
	var err error
	if s.part == nil {
		if s.part, err = partitioner.ByClass("ByteOrderedPartitioner"); err != nil {
			return nil, err
		}
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.cat, err = catalog.New(nil)
	return s, err
}

// enter takes the lock. It returns an error if the call cannot continue.
func (s *Store) enter(ctx context.Context) (leave func(), err error) {
	s.mu.Lock()
	switch {
	case s.closed:
		err = backend.ErrClosed
	default:
		err = ctx.Err()
	}
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	return s.mu.Unlock, nil
}

// seconds is the time as TTLs and gc_grace see it.
func (s *Store) seconds() int64 { return s.now().Unix() }

// rows returns the rows of a family, which may be changed.
func (s *Store) rows(keyspace, family string) map[string]*row {
	name := familyName{keyspace, family}
	if s.families[name] == nil {
		s.families[name] = map[string]*row{}
	}
	return s.families[name]
}

// Truncate implements backend.Backend.
func (s *Store) Truncate(ctx context.Context, keyspace, family string) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if _, err := s.cat.CheckTruncate(keyspace, family); err != nil {
		return err
	}
	delete(s.families, familyName{keyspace, family})
	return nil
}

// Keyspaces implements backend.Backend.
func (s *Store) Keyspaces(ctx context.Context, names ...string) ([]schema.Keyspace, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return s.cat.Keyspaces(names...)
}

// Alter implements backend.Backend.
func (s *Store) Alter(ctx context.Context, change schema.Change) (version string, err error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	next, err := s.cat.Apply(change)
	if err != nil {
		return "", err
	}
	s.cat = next
	for name := range s.families {
		if _, err := s.cat.Family(name.keyspace, name.family); err != nil {
			delete(s.families, name)
		}
	}
	return s.cat.Version(), nil
}

// Describe implements backend.Backend: a cluster of one node.
func (s *Store) Describe(ctx context.Context, r *backend.DescribeRequest) (*backend.Cluster, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	const host = "127.0.0.1"
	token := s.part.MinToken()
	c := &backend.Cluster{}
	if r.Facts&backend.FactName != 0 {
		c.Name = "model"
	}
	if r.Facts&backend.FactVersion != 0 {
		c.Version = "19.36.2"
	}
	if r.Facts&backend.FactPartitioner != 0 {
		c.Partitioner = s.part.Class()
	}
	if r.Facts&backend.FactSnitch != 0 {
		c.Snitch = "org.apache.cassandra.locator.SimpleSnitch"
	}
	if r.Facts&backend.FactSchemaVersions != 0 {
		c.SchemaVersions = map[string][]string{s.cat.Version(): {host}}
	}
	if r.Facts&backend.FactRing != 0 {
		if err := s.cat.CheckKeyspace(r.Keyspace); err != nil {
			return nil, err
		}
		c.Ring = []backend.TokenRange{{
			Start: token, End: token, Endpoints: []string{host}, RPCEndpoints: []string{host},
			Details: []backend.Endpoint{{Host: host, Datacenter: "datacenter1", Rack: "rack1"}},
		}}
	}
	if r.Facts&backend.FactTokens != 0 {
		c.Tokens = map[string]string{token: host}
	}
	return c, nil
}

// Purge removes all data that has been deleted or expired for longer than gc_grace, as a
// compaction of all tables does.
func (s *Store) Purge(ctx context.Context) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	for name, rows := range s.families {
		fam, err := s.cat.Family(name.keyspace, name.family)
		if err != nil {
			return err
		}
		for key, row := range rows {
			row.purge(fam, s.seconds())
			if row.empty() {
				delete(rows, key)
			}
		}
	}
	return nil
}

// Close implements backend.Backend.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}
