package embedded

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

func TestReopen(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	s := mustOpen(t, dir, manual(c, "murmur3"))
	alter(t, s, testKeyspace())
	mustMutate(t, s, mutate("cf", "k", ins("a", "1", 1), ins("b", "2", 1)))
	mustMutate(t, s, mutate("counter", "k", add("n", 3)))
	mustMutate(t, s, &backend.MutateRequest{Keyspace: "ks", Rows: []backend.RowMutation{
		{Family: "cf", Key: []byte("gone"), Mutations: []backend.Mutation{ins("a", "1", 1), {Op: backend.Delete, Timestamp: 2}}},
	}})
	before, err := s.Keyspaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)

	if _, err := Open(dir, manual(c, "random")); !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("Open with a different partitioner: %v, want an invalid request", err)
	}
	s = mustOpen(t, dir, manual(c, ""))
	if got := columns(t, s, "cf", "k"); got != "a=1 b=2" {
		t.Errorf("after reopening, row k is %q", got)
	}
	if got := columns(t, s, "cf", "gone"); got != "" {
		t.Errorf("after reopening, a deleted row is %q", got)
	}
	if got := columns(t, s, "counter", "k"); got != "n=\x00\x00\x00\x00\x00\x00\x00\x03" {
		t.Errorf("after reopening, the counter is %q", got)
	}
	after, err := s.Keyspaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(len(before[0].Families)) != fmt.Sprint(len(after[0].Families)) {
		t.Errorf("after reopening there are %d families, before %d", len(after[0].Families), len(before[0].Families))
	}
}

func TestUseAfterClose(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	mustClose(t, s)
	mustClose(t, s)
	ctx := context.Background()
	calls := map[string]func() error{
		"Slice":      func() error { _, err := s.Slice(ctx, slice("cf", 1, "k")); return err },
		"Count":      func() error { _, err := s.Count(ctx, slice("cf", 1, "k")); return err },
		"Range":      func() error { _, err := s.Range(ctx, &backend.RangeRequest{}); return err },
		"Index":      func() error { _, err := s.Index(ctx, &backend.IndexRequest{}); return err },
		"Mutate":     func() error { return s.Mutate(ctx, mutate("cf", "k", ins("a", "1", 1))) },
		"Truncate":   func() error { return s.Truncate(ctx, "ks", "cf") },
		"Keyspaces":  func() error { _, err := s.Keyspaces(ctx); return err },
		"Alter":      func() error { _, err := s.Alter(ctx, schema.DropKeyspace{Name: "ks"}); return err },
		"Describe":   func() error { _, err := s.Describe(ctx, &backend.DescribeRequest{}); return err },
		"Splits":     func() error { _, err := s.Splits(ctx, &backend.SplitsRequest{}); return err },
		"Purge":      func() error { return s.Purge(ctx) },
		"Checkpoint": func() error { return s.Checkpoint(ctx, t.TempDir()) },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, backend.ErrClosed) {
			t.Errorf("%s after Close: %v, want ErrClosed", name, err)
		}
	}
}

// TestCloseWhileBusy closes a store under load. Every call either succeeds or returns ErrClosed.
func TestCloseWhileBusy(t *testing.T) {
	s := mustOpen(t, t.TempDir(), manual(newClock(), ""))
	alter(t, s, testKeyspace())
	var wg sync.WaitGroup
	started := make(chan struct{}, 8)
	for g := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				err := s.Mutate(context.Background(), mutate("cf", fmt.Sprint(g, i%10), ins(fmt.Sprint(i), "v", int64(i))))
				if err == nil {
					_, err = s.Range(context.Background(), &backend.RangeRequest{
						Parent: backend.Parent{Keyspace: "ks", Family: "cf"}, Range: backend.KeyRange{Count: 100}, Predicate: backend.Predicate{Count: 100},
					})
				}
				if i == 5 {
					started <- struct{}{}
				}
				if err != nil {
					if !errors.Is(err, backend.ErrClosed) {
						t.Errorf("while closing: %v", err)
					}
					return
				}
			}
		})
	}
	for range 8 {
		<-started
	}
	mustClose(t, s)
	wg.Wait()
}

func TestCancelledContext(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Slice(ctx, slice("cf", 1, "k")); !errors.Is(err, context.Canceled) {
		t.Errorf("Slice: %v, want context.Canceled", err)
	}
	if err := s.Mutate(ctx, mutate("cf", "k", ins("a", "1", 1))); !errors.Is(err, context.Canceled) {
		t.Errorf("Mutate: %v, want context.Canceled", err)
	}
}

// TestLock opens a store twice.
func TestLock(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	mustOpen(t, dir, manual(c, ""))
	_, err := Open(dir, manual(c, ""))
	if !errors.Is(err, backend.ErrUnavailable) {
		t.Fatalf("second Open: %v, want ErrUnavailable", err)
	}
	for _, want := range []string{"in use by process ", " since 2013-05-01T12:00:00Z"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("second Open: %v, which lacks %q", err, want)
		}
	}
}

// TestConcurrentCounters increments counters from many goroutines while folds run. No increment is
// lost.
func TestConcurrentCounters(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	const goroutines, adds = 8, 300
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for i := range adds {
				mustMutateAsync(t, s, mutate("counter", "k", add("n", 1), add("m", int64(i))))
				if i%10 == 0 {
					columns(t, s, "counter", "k")
				}
			}
		})
	}
	wg.Wait()
	rows, err := s.Slice(t.Context(), slice("counter", 10, "k"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]uint64{"n": goroutines * adds, "m": goroutines * adds * (adds - 1) / 2}
	for _, c := range rows[0].Columns {
		var got uint64
		for _, b := range c.Value {
			got = got<<8 | uint64(b)
		}
		if got != want[string(c.Name)] {
			t.Errorf("counter %s is %d, want %d", c.Name, got, want[string(c.Name)])
		}
	}
	if len(rows[0].Columns) != 2 {
		t.Errorf("there are %d counters, want 2", len(rows[0].Columns))
	}
}

func mustMutateAsync(t testing.TB, s *Store, r *backend.MutateRequest) {
	if err := s.Mutate(context.Background(), r); err != nil {
		t.Errorf("Mutate: %v", err)
	}
}

// TestAtomicBatches writes one value to two columns of two families in one request while others
// read. A reader must never see one column without the other.
func TestAtomicBatches(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	write := func(i int) {
		v := fmt.Sprint(i)
		mustMutateAsync(t, s, &backend.MutateRequest{Keyspace: "ks", Rows: []backend.RowMutation{
			{Family: "cf", Key: []byte("k"), Mutations: []backend.Mutation{ins("a", v, int64(i)), ins("b", v, int64(i))}},
			{Family: "cf", Key: []byte("l"), Mutations: []backend.Mutation{ins("a", v, int64(i))}},
		}})
	}
	write(0)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				rows, err := s.Slice(context.Background(), slice("cf", 10, "k", "l"))
				if err != nil {
					t.Error(err)
					return
				}
				k, l := render(rows[0].Columns), render(rows[1].Columns)
				v := strings.TrimPrefix(l, "a=")
				if want := fmt.Sprintf("a=%s b=%s", v, v); k != want {
					t.Errorf("row k is %q where row l is %q", k, l)
					return
				}
			}
		})
	}
	for i := range 2000 {
		write(i)
	}
	close(done)
	wg.Wait()
}

// TestIndexAgrees changes and deletes an indexed column from several goroutines while others query
// the index. A row may be in a result only if it has the value.
func TestIndexAgrees(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	states := []string{"Utah", "Texas", "Iowa"}
	done := make(chan struct{})
	var writers, others sync.WaitGroup
	for g := range 4 {
		writers.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(g)))
			for range 500 {
				key, ts := fmt.Sprint("k", rnd.IntN(20)), rnd.Int64N(1000)
				m := ins("state", states[rnd.IntN(3)], ts)
				if rnd.IntN(4) == 0 {
					m = backend.Mutation{Op: backend.Delete, Timestamp: ts, Columns: &backend.Predicate{Names: [][]byte{[]byte("state")}}}
				}
				mustMutateAsync(t, s, mutate("indexed", key, m))
			}
		})
	}
	query := func(state string) []backend.Row {
		rows, err := s.Index(context.Background(), &backend.IndexRequest{
			Parent:      backend.Parent{Keyspace: "ks", Family: "indexed"},
			Expressions: []backend.Expression{{Name: []byte("state"), Value: []byte(state)}},
			Count:       100, Predicate: backend.Predicate{Count: 10},
		})
		if err != nil {
			t.Error(err)
		}
		return rows
	}
	others.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			state := states[i%3]
			for _, row := range query(state) {
				if got := render(row.Columns); got != "state="+state {
					t.Errorf("query for %s returned row %s with %s", state, row.Key, got)
				}
			}
		}
	})
	others.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			if err := s.Purge(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	writers.Wait()
	close(done)
	others.Wait()
	found := map[string]string{}
	for _, state := range states {
		for _, row := range query(state) {
			found[string(row.Key)] = render(row.Columns)
		}
	}
	for i := range 20 {
		key := fmt.Sprint("k", i)
		if got := columns(t, s, "indexed", key); got != found[key] {
			t.Errorf("row %s has %q and is found by index with %q", key, got, found[key])
		}
	}
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s, tagIndex); n != len(found) {
		t.Errorf("after a purge the index has %d entries for %d rows", n, len(found))
	}
}

// count counts the keys with a tag.
func count(t testing.TB, s *Store, tag byte) (n int) {
	t.Helper()
	it, err := s.db.NewIter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	for ok := it.SeekGE([]byte{tag}); ok && it.Key()[0] == tag; ok = it.Next() {
		n++
	}
	return n
}

// TestFold reads a counter with many increments. A fold must merge them into one record.
func TestFold(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	for range 1000 {
		mustMutate(t, s, mutate("counter", "k", add("n", 1)))
	}
	for start := time.Now(); ; runtime.Gosched() { // the background folds
		columns(t, s, "counter", "k")
		if records(t, s) < foldAfter {
			break
		}
		if time.Since(start) > time.Minute {
			t.Fatalf("the counter has still %d records", records(t, s))
		}
	}
	mustMutate(t, s, mutate("counter", "k", add("n", 1)))
	if got := columns(t, s, "counter", "k"); got != "n=\x00\x00\x00\x00\x00\x00\x03\xe9" {
		t.Errorf("the counter is %q, want 1001", got)
	}
}

// records returns how many records of the first key a reader merges.
func records(t testing.TB, s *Store) int {
	t.Helper()
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{tagData}, UpperBound: []byte{tagIndex}})
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	it.First()
	return it.Stats().ForwardStepCount[pebble.InternalIterCall]
}
