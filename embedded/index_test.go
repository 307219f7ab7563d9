package embedded

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

func byState(state string) *backend.IndexRequest {
	return &backend.IndexRequest{
		Parent:      backend.Parent{Keyspace: "ks", Family: "cf"},
		Expressions: []backend.Expression{{Name: []byte("state"), Value: []byte(state)}},
		Count:       10_000, Predicate: backend.Predicate{Count: 10},
	}
}

// withIndex returns the definition of the family cf with an index on column state.
func withIndex() schema.AlterFamily {
	return schema.AlterFamily{Family: schema.Family{Keyspace: "ks", Name: "cf", Columns: []schema.Column{
		{Name: []byte("state"), Validator: "UTF8Type", Index: schema.KeysIndex, IndexName: "cf_by_state"},
	}}}
}

// TestIndexOverData builds an index over existing rows while others are written.
func TestIndexOverData(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	s := mustOpen(t, dir, manual(c, ""))
	alter(t, s, testKeyspace())
	const rows = 3000
	state := func(i int) string { return fmt.Sprint("s", i%3) }
	write := func(i int) {
		mustMutateAsync(t, s, &backend.MutateRequest{Keyspace: "ks", Rows: []backend.RowMutation{
			{Family: "cf", Key: fmt.Appendf(nil, "k%05d", i), Mutations: []backend.Mutation{ins("state", state(i), 1), ins("x", "y", 1)}},
		}})
	}
	s.opts.Durability = NoSync
	for i := range rows {
		write(i)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := rows; i < 2*rows; i++ {
			write(i)
		}
	}()
	defer func() { <-done }()
	alter(t, s, withIndex())
	got, err := s.Index(t.Context(), byState("s1"))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) < rows/3 {
		t.Errorf("after the index was built, it finds %d rows, want at least %d", len(got), rows/3)
	}
	<-done
	check := func() {
		t.Helper()
		got, err := s.Index(t.Context(), byState("s1"))
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2*rows/3 {
			t.Errorf("%d rows are found, want %d", len(got), 2*rows/3)
		}
	}
	check()
	mustClose(t, s)
	s = mustOpen(t, dir, manual(c, ""))
	check()

	alter(t, s, schema.AlterFamily{Family: schema.Family{Keyspace: "ks", Name: "cf"}})
	if n := count(t, s, tagIndex); n != 0 {
		t.Errorf("the index is dropped and has %d entries", n)
	}
	if _, err := s.Index(t.Context(), byState("s1")); !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("a query of a dropped index: %v, want an invalid request", err)
	}
}

// TestIndexResumes closes the store before the index is built. A query waits until its context
// ends, and the next opening builds the index.
func TestIndexResumes(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	s := mustOpen(t, dir, manual(c, ""))
	alter(t, s, testKeyspace())
	mustMutate(t, s, mutate("cf", "k", ins("state", "Utah", 1)))
	// Do what Alter does, without the build.
	func() {
		if err := s.writers.Lock(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer s.writers.Unlock()
		next, d, err := s.tables.Load().apply(withIndex())
		if err != nil {
			t.Fatal(err)
		}
		b := s.db.NewBatch()
		defer b.Close()
		if err := errors.Join(d.store(b), b.Commit(nil)); err != nil {
			t.Fatal(err)
		}
		s.tables.Store(next)
	}()
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() { _, err := s.Index(ctx, byState("Utah")); waiting <- err }()
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("a query that waited: %v, want context.Canceled", err)
	}
	go func() { _, err := s.Index(context.Background(), byState("Utah")); waiting <- err }()
	mustClose(t, s)
	if err := <-waiting; !errors.Is(err, backend.ErrClosed) {
		t.Errorf("a query of a store that was closed: %v, want ErrClosed", err)
	}

	s = mustOpen(t, dir, manual(c, ""))
	rows, err := s.Index(t.Context(), byState("Utah"))
	if err != nil || len(rows) != 1 {
		t.Errorf("after reopening the query finds %d rows (%v), want 1", len(rows), err)
	}
}

// TestStaleEntries overwrites indexed values. A purge removes the stale entries.
func TestStaleEntries(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	alter(t, s, withIndex())
	for i := range 100 {
		key := fmt.Sprint("k", i)
		mustMutate(t, s, mutate("cf", key, ins("state", "Utah", 1)))
		mustMutate(t, s, mutate("cf", key, ins("state", "Iowa", 2)))
	}
	if n := count(t, s, tagIndex); n != 200 {
		t.Fatalf("there are %d entries, want 200", n)
	}
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s, tagIndex); n != 100 {
		t.Errorf("after a purge there are %d entries, want 100", n)
	}
	rows, err := s.Index(t.Context(), byState("Iowa"))
	if err != nil || len(rows) != 100 {
		t.Errorf("the query finds %d rows (%v), want 100", len(rows), err)
	}
}

// TestIndexOutlivesTheClock sets the clock ahead, beyond the end of a column's TTL, and back. An
// index must return what a slice returns, whoever read its entries in between.
func TestIndexOutlivesTheClock(t *testing.T) {
	lookAtEntries := map[string]func(*testing.T, *Store){
		"a query": func(t *testing.T, s *Store) {
			if rows, err := s.Index(t.Context(), byState("Utah")); err != nil || len(rows) != 0 {
				t.Errorf("an expired column is found: %v (%v)", rows, err)
			}
		},
		"the removal of stale entries": func(t *testing.T, s *Store) {
			tables := s.tables.Load()
			cf, err := tables.cat.Family("ks", "cf")
			if err != nil {
				t.Fatal(err)
			}
			f := tables.family(cf)
			x := f.indexes[0]
			key, err := x.appendEntries(nil, f.id, []byte("Utah"))
			if err != nil {
				t.Fatal(err)
			}
			key = append(key, f.appendRow(nil, s.part, []byte("k"))[familyPrefixLen:]...)
			if err := s.removeStale(t.Context(), []staleEntry{{f, x, key}}); err != nil {
				t.Fatal(err)
			}
		},
		"a purge": func(t *testing.T, s *Store) {
			if err := s.Purge(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
		"the building of the index": func(t *testing.T, s *Store) {
			alter(t, s, schema.AlterFamily{Family: schema.Family{Keyspace: "ks", Name: "cf"}})
			alter(t, s, withIndex())
			if _, err := s.Index(t.Context(), byState("Utah")); err != nil { // the query waits until the index is built
				t.Fatal(err)
			}
		},
	}
	for name, look := range lookAtEntries {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			s := mustOpenMemory(t, manual(c, ""))
			alter(t, s, testKeyspace())
			alter(t, s, withIndex())
			if _, err := s.Index(t.Context(), byState("Utah")); err != nil { // the query waits until the index is built
				t.Fatal(err)
			}
			m := ins("state", "Utah", 1)
			m.Column.TTL = 100
			mustMutate(t, s, mutate("cf", "k", m))
			c.Advance(200 * time.Second)
			look(t, s)
			c.Advance(-200 * time.Second)
			if got := columns(t, s, "cf", "k"); got != "state=Utah" {
				t.Fatalf("the slice shows %q", got)
			}
			if rows, err := s.Index(t.Context(), byState("Utah")); err != nil || len(rows) != 1 {
				t.Errorf("the index shows %d rows (%v), want 1", len(rows), err)
			}

			// When the column is purged, its entry is purged too.
			c.Advance(12 * 24 * time.Hour)
			if err := s.Purge(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := count(t, s, tagIndex); n != 0 {
				t.Errorf("after the purge of the column the index has %d entries", n)
			}
		})
	}
}
