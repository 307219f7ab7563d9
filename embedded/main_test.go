package embedded

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/backend/backendtest"
	"github.com/widerow/widerow/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a clock that tests move.
type clock struct{ nanos atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.nanos.Store(time.Date(2013, 5, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(0, c.nanos.Load()) }
func (c *clock) Advance(d time.Duration) { c.nanos.Add(int64(d)) }

// manual returns options for tests. Background work runs only when a test asks for it.
func manual(c *clock, partitioner string) *Options {
	return &Options{Partitioner: partitioner, Now: c.Now, PurgeInterval: -1, CacheSize: 8 << 20, MemTableSize: 1 << 20}
}

func mustOpen(t testing.TB, dir string, o *Options) *Store {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustClose(t, s) })
	return s
}

func mustClose(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func mustOpenMemory(t testing.TB, o *Options) *Store {
	t.Helper()
	s, err := OpenMemory(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustClose(t, s) })
	return s
}

func alter(t testing.TB, s *Store, change schema.Change) {
	t.Helper()
	if _, err := s.Alter(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}

// testKeyspace has a family of each sort.
func testKeyspace() schema.CreateKeyspace {
	return schema.CreateKeyspace{Keyspace: schema.Keyspace{
		Name: "ks", StrategyOptions: map[string]string{"replication_factor": "1"},
		Families: []schema.Family{
			{Keyspace: "ks", Name: "cf"},
			{Keyspace: "ks", Name: "super", Type: schema.Super},
			{Keyspace: "ks", Name: "counter", DefaultValidator: "CounterColumnType"},
			{Keyspace: "ks", Name: "indexed", Columns: []schema.Column{
				{Name: []byte("state"), Validator: "UTF8Type", Index: schema.KeysIndex, IndexName: "by_state"},
			}},
			{Keyspace: "ks", Name: "decimals", Comparator: "DecimalType"},
		},
	}}
}

func ins(name, value string, ts int64) backend.Mutation {
	return backend.Mutation{Op: backend.Insert, Column: backend.Column{Name: []byte(name), Value: []byte(value), Timestamp: ts}}
}

func add(name string, delta int64) backend.Mutation {
	return backend.Mutation{Op: backend.Add, Column: backend.Column{Name: []byte(name)}, Delta: delta}
}

func mutate(family, key string, ms ...backend.Mutation) *backend.MutateRequest {
	return &backend.MutateRequest{Keyspace: "ks", Rows: []backend.RowMutation{{Family: family, Key: []byte(key), Mutations: ms}}}
}

func mustMutate(t testing.TB, b backend.Backend, r *backend.MutateRequest) {
	t.Helper()
	if err := b.Mutate(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

func slice(family string, count int, keys ...string) *backend.SliceRequest {
	r := &backend.SliceRequest{Parent: backend.Parent{Keyspace: "ks", Family: family}, Predicate: backend.Predicate{Count: count}}
	for _, k := range keys {
		r.Keys = append(r.Keys, []byte(k))
	}
	return r
}

// columns renders a row as name=value, space-separated.
func columns(t testing.TB, b backend.Backend, family, key string) string {
	t.Helper()
	rows, err := b.Slice(context.Background(), slice(family, 1000, key))
	if err != nil {
		t.Fatal(err)
	}
	return render(rows[0].Columns)
}

func render(columns []backend.Column) string {
	s := ""
	for i, c := range columns {
		if i > 0 {
			s += " "
		}
		s += fmt.Sprintf("%s=%s", c.Name, c.Value)
	}
	return s
}

func inMemory(t testing.TB, o backendtest.Options) backendtest.Target {
	c := newClock()
	s := mustOpenMemory(t, manual(c, o.Partitioner))
	return backendtest.Target{Backend: s, Advance: c.Advance, Purge: s.Purge}
}

func onDisk(t testing.TB, o backendtest.Options) backendtest.Target {
	c := newClock()
	dir := t.TempDir()
	s := mustOpen(t, dir, manual(c, o.Partitioner))
	return backendtest.Target{
		Backend: s, Advance: c.Advance,
		Purge: func(ctx context.Context) error { return s.Purge(ctx) },
		Reopen: func() (backend.Backend, error) {
			if err := s.Close(); err != nil {
				return nil, err
			}
			var err error
			if s, err = Open(dir, manual(c, "")); err != nil {
				return nil, err
			}
			t.Cleanup(func() { mustClose(t, s) })
			return s, nil
		},
	}
}

func TestBackendInMemory(t *testing.T) { backendtest.Run(t, inMemory) }
func TestBackendOnDisk(t *testing.T)   { backendtest.Run(t, onDisk) }

func TestRandomInMemory(t *testing.T) { backendtest.Random(t, inMemory) }
func TestRandomOnDisk(t *testing.T)   { backendtest.Random(t, onDisk) }
