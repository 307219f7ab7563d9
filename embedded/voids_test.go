package embedded

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
)

// mustWatch watches a row, as the background does at a reader's request.
func mustWatch(t testing.TB, s *Store, family, key string) *watchedRow {
	t.Helper()
	prefix := mustFamily(t, s, family).appendRow(nil, s.part, []byte(key))
	if err := s.watch(t.Context(), prefix); err != nil {
		t.Fatal(err)
	}
	return s.voids.find(prefix)
}

func mustFamily(t testing.TB, s *Store, name string) *family {
	t.Helper()
	for _, f := range s.tables.Load().sorted() {
		if f.def.Def.Name == name {
			return f
		}
	}
	t.Fatalf("there is no family %s", name)
	return nil
}

// steps returns how many of Pebble's records a read of a row's first column steps over.
func steps(t testing.TB, s *Store, family, key string, reversed bool) (n int) {
	t.Helper()
	r := slice(family, 1, key)
	r.Predicate.Reversed = reversed
	err := s.eachRow(context.Background(), r, func(_ int, rd *reader, p *plan) error {
		var row backend.Row
		rd.reply.begin(r.Keys[0])
		if err := rd.read(p, &row); err != nil {
			return err
		}
		n = int(rd.it.Stats().InternalStats.PointCount)
		if rd.marksIt != nil {
			n += int(rd.marksIt.Stats().InternalStats.PointCount)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestQueueIsFlat appends to a row and removes its first element, 800 times, in each way of
// removing. The number of records that a read steps over stays small. The row is not watched at
// first and becomes watched.
func TestQueueIsFlat(t *testing.T) {
	s := queueStore(t)
	const ahead, n = 5, 800
	for _, kind := range queueKinds {
		for _, reversed := range []bool{false, true} {
			key := fmt.Sprint("reversed=", reversed)
			at := func(i int) int { // a queue that is read backwards is filled backwards
				if reversed {
					return 10*n - i
				}
				return i
			}
			for i := range ahead {
				mustMutate(t, s, mutate(kind, key, push(kind, at(i))))
			}
			most := 0
			for i := range n {
				m := pop(kind, at(i))
				if reversed && kind == "slice" {
					m.Columns = &backend.Predicate{Start: queueName(at(i))}
				}
				m.Timestamp = int64(20*n + i)
				appended := push(kind, at(i+ahead))
				appended.Column.Timestamp = m.Timestamp + 1
				mustMutate(t, s, mutate(kind, key, m, appended))
				got := steps(t, s, kind, key, reversed)
				for s.voids.find(mustFamily(t, s, kind).appendRow(nil, s.part, []byte(key))) == nil && i > watchAfter {
					steps(t, s, kind, key, reversed)
					runtime.Gosched() // let the background watch the row
				}
				if i > watchAfter {
					most = max(most, got)
				}
			}
			if limit := 6 * watchAfter; most > limit {
				t.Errorf("%s, reversed=%v: a read of one element meets up to %d records, want at most %d", kind, reversed, most, limit)
			}
		}
	}
}

// TestVoidIsLowered inserts into a void: before, inside and after the removed columns.
func TestVoidIsLowered(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	row := mustWatch(t, s, "cf", "k")
	del := func(i int) backend.Mutation {
		return backend.Mutation{Op: backend.Delete, Timestamp: 5, Columns: &backend.Predicate{Names: [][]byte{fmt.Appendf(nil, "c%03d", i)}}}
	}
	for i := range 500 {
		mustMutate(t, s, mutate("cf", "k", ins(fmt.Sprintf("c%03d", i), "v", 1), del(i)))
	}
	mustMutate(t, s, mutate("cf", "k", ins("z", "v", 1)))
	for range 2 {
		if got := columns(t, s, "cf", "k"); got != "z=v" {
			t.Fatalf("the row has %q", got)
		}
	}
	if len(row.voids) != 1 || row.voids[0].steps < 500 {
		t.Fatalf("the voids are %v", row.voids)
	}
	for _, tt := range []struct{ name, want string }{
		{"c250", "c250=w z=v"}, {"a", "a=w c250=w z=v"}, {"c499", "a=w c250=w c499=w z=v"}, {"zz", "a=w c250=w c499=w z=v zz=w"},
	} {
		mustMutate(t, s, mutate("cf", "k", ins(tt.name, "w", 9)))
		for range 2 {
			if got := columns(t, s, "cf", "k"); got != tt.want {
				t.Errorf("after an insert of %s the row has %q, want %q", tt.name, got, tt.want)
			}
		}
	}
}

// TestVoidAndOlderState reads a state that is older than a void.
func TestVoidAndOlderState(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	mustWatch(t, s, "cf", "k")
	for i := range 100 {
		mustMutate(t, s, mutate("cf", "k", ins(fmt.Sprintf("c%03d", i), "v", 1)))
	}
	old := newReader()
	defer old.release()
	old.s, old.oneRow = s, true
	f := mustFamily(t, s, "cf")
	old.prefix = f.appendRow(old.prefix[:0], s.part, []byte("k"))
	old.end = prefixEnd(old.end[:0], old.prefix)
	if err := old.open(t.Context(), s, f, old.prefix, old.end); err != nil {
		t.Fatal(err)
	}
	mustMutate(t, s, mutate("cf", "k", backend.Mutation{Op: backend.Delete, Timestamp: 5}))
	for range 3 {
		if got := columns(t, s, "cf", "k"); got != "" {
			t.Fatalf("the row has %q", got)
		}
	}
	old.look(false)
	n, err := old.count(&plan{count: 1000})
	if err != nil || n != 100 {
		t.Errorf("the older state has %d columns (%v), want 100", n, err)
	}
}

// TestVoidAndClock turns the clock back to before the expiry of columns that left a void.
func TestVoidAndClock(t *testing.T) {
	c := newClock()
	s := mustOpenMemory(t, manual(c, ""))
	alter(t, s, testKeyspace())
	mustWatch(t, s, "cf", "k")
	for i := range 100 {
		m := ins(fmt.Sprintf("c%03d", i), "v", 1)
		m.Column.TTL = 60
		mustMutate(t, s, mutate("cf", "k", m))
	}
	for _, step := range []struct {
		advance time.Duration
		want    int
	}{{0, 100}, {time.Hour, 0}, {0, 0}, {-time.Hour, 100}, {time.Hour, 0}} {
		c.Advance(step.advance)
		if n, err := s.Count(t.Context(), slice("cf", 1000, "k")); err != nil || n[0] != step.want {
			t.Errorf("at %v there are %d columns (%v), want %d", c.Now(), n, err, step.want)
		}
	}
}

// TestVoidsConcurrently runs workers that write, remove and read columns of their own in one shared
// row. Each worker must read what it wrote.
func TestVoidsConcurrently(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	mustWatch(t, s, "cf", "k")
	var workers sync.WaitGroup
	for w := range 4 {
		workers.Go(func() {
			random := rand.New(rand.NewPCG(11, uint64(w)))
			own := map[string]bool{}
			for ts := range int64(400) {
				name := fmt.Sprintf("c%04d-%d", random.IntN(100), w)
				m := ins(name, "v", ts)
				if own[name] = random.IntN(8) == 0; !own[name] {
					delete(own, name)
					m = backend.Mutation{Op: backend.Delete, Timestamp: ts, Columns: &backend.Predicate{Names: [][]byte{[]byte(name)}}}
				}
				if err := s.Mutate(t.Context(), mutate("cf", "k", m)); err != nil {
					t.Error(err)
					return
				}
				r := slice("cf", 2000, "k")
				r.Predicate.Reversed = random.IntN(2) == 0
				rows, err := s.Slice(t.Context(), r)
				if err != nil {
					t.Error(err)
					return
				}
				seen := 0
				for _, c := range rows[0].Columns {
					if string(c.Name[6:]) == fmt.Sprint(w) {
						seen++
						if !own[string(c.Name)] {
							t.Errorf("worker %d reads %s, which it removed", w, c.Name)
							return
						}
					}
				}
				if seen != len(own) {
					t.Errorf("worker %d reads %d of its %d columns", w, seen, len(own))
					return
				}
			}
		})
	}
	workers.Wait()
}

// TestReadOfLargeValuesIsCancelled cancels a read of a few large values. The read ends soon after.
func TestReadOfLargeValuesIsCancelled(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	value := string(make([]byte, 256<<10))
	for i := range 40 {
		mustMutate(t, s, mutate("cf", "k", ins(fmt.Sprintf("c%03d", i), value, 1)))
	}
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	err := s.eachRow(ctx, slice("cf", 100, "k"), func(_ int, rd *reader, p *plan) error {
		return rd.run(p, func(*cell) (bool, error) {
			if seen++; seen == 2 {
				cancel()
			}
			return true, nil
		})
	})
	if !errors.Is(err, context.Canceled) || seen > 8 {
		t.Errorf("a cancelled read went on for %d values: %v", seen, err)
	}
}

// TestVoidsOfRowThatIsNotWatchedAnyMore writes to a row that stopped being watched, after a reader
// found it watched and before that reader takes the state of the store.
func TestVoidsOfRowThatIsNotWatchedAnyMore(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	row := mustWatch(t, s, "cf", "k")
	prefix := mustFamily(t, s, "cf").appendRow(nil, s.part, []byte("k"))
	everything := void{lo: prefix, hi: prefixEnd(nil, prefix), steps: 100}
	row.note(&s.voids.clock, everything)
	rd := newReader()
	defer rd.release()
	rd.s, rd.oneRow = s, true
	rd.prefix, rd.end = append(rd.prefix[:0], prefix...), prefixEnd(rd.end[:0], prefix)
	rd.look(true)
	for i := 0; s.voids.find(prefix) != nil; i++ {
		mustWatch(t, s, "cf", fmt.Sprint(i))
	}
	mustMutate(t, s, mutate("cf", "k", ins("a", "1", 1)))
	row.note(&s.voids.clock, everything) // as a reader of an older state does
	f := mustFamily(t, s, "cf")
	p, err := f.plan(nil, &backend.Predicate{Count: 10})
	if err == nil {
		err = rd.open(t.Context(), s, f, rd.prefix, rd.end)
	}
	if err == nil {
		err = rd.openRow()
	}
	var got backend.Row
	if err == nil {
		rd.reply.begin([]byte("k"))
		err = rd.read(p, &got)
	}
	if err != nil {
		t.Fatal(err)
	}
	if text := render(got.Columns); text != "a=1" {
		t.Errorf("the row is %q, want a=1", text)
	}
}
