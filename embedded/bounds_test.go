package embedded

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
)

// These tests bound the work of reads and purges by counting records, not time.

func removeSlice(start, finish []byte, ts int64) backend.Mutation {
	return backend.Mutation{Op: backend.Delete, Timestamp: ts, Columns: &backend.Predicate{Start: start, Finish: finish}}
}

// TestSliceTombstonesDoNotPileUp removes longer and longer slices, after which only the last
// tombstone is left. Then it removes many short slices, after which a read looks up only the
// tombstones that it needs.
func TestSliceTombstonesDoNotPileUp(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	const n = 2000
	for i := range n {
		mustMutate(t, s, mutate("cf", "long", ins(string(queueName(i)), "v", int64(2*i)), removeSlice(nil, queueName(i), int64(2*i+1))))
	}
	p := s.newPurging(t.Context(), mustFamily(t, s, "cf"))
	marksOf := func(key string) (count int) {
		r, err := s.rowReader(p.ctx, p.f, p.f.appendRow(nil, s.part, []byte(key)))
		if err != nil {
			t.Fatal(err)
		}
		defer r.release()
		for ok := r.it.First(); ok && r.it.Key()[len(r.prefix)] == secMarks; ok = r.it.Next() {
			count++
		}
		return count
	}
	if got := marksOf("long"); got != 1 {
		t.Errorf("a row has %d tombstones of slices, want the one that covers all others", got)
	}
	for i := range n {
		mustMutate(t, s, mutate("cf", "short", ins(string(queueName(3*i)), "v", 1), removeSlice(queueName(3*i+1), queueName(3*i+2), int64(i))))
	}
	if got := marksOf("short"); got != n {
		t.Errorf("a row has %d tombstones of slices, want %d", got, n)
	}
	for _, reversed := range []bool{false, true} {
		if got, limit := steps(t, s, "cf", "short", reversed), 2*readAhead+10; got > limit {
			t.Errorf("reversed=%v: a read of one column meets %d records, want at most %d", reversed, got, limit)
		}
	}
}

// TestTombstonesAreReadUntilTheContextEnds opens a row with many tombstones of format 1.
func TestTombstonesAreReadUntilTheContextEnds(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	f := mustFamily(t, s, "cf")
	prefix := append(f.appendRow(nil, s.part, []byte("k")), secMarks, markSlice)
	rec := record{kind: kindMark, timestamp: 1}
	b := s.db.NewBatch()
	defer b.Close()
	for i := range 4 * stepsPerCheck {
		key, err := appendSliceMark(prefix, f.names, nil, queueName(i))
		if err == nil {
			err = b.Merge(key, rec.appendHead(nil), nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Commit(pebble.NoSync); err != nil {
		t.Fatal(err)
	}
	mustMutate(t, s, mutate("cf", "other", removeSlice(nil, nil, 1))) // the family now has marks
	ctx, cancel := context.WithCancel(t.Context())
	rd := newReader()
	defer rd.release()
	rd.prefix = append(rd.prefix[:0], prefix[:len(prefix)-2]...)
	rd.end = prefixEnd(rd.end[:0], rd.prefix)
	if err := rd.open(ctx, s, f, rd.prefix, rd.end); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := rd.openRow(); !errors.Is(err, context.Canceled) {
		t.Errorf("reading tombstones after the context ended: %v", err)
	}
}

// TestHotColumnsAreFlushed overwrites a few columns many times. Reads step over every overwritten
// record until the background flushes them.
func TestHotColumnsAreFlushed(t *testing.T) {
	s := mustOpenMemory(t, &Options{PurgeInterval: -1})
	alter(t, s, testKeyspace())
	for i := range 400 {
		r := mutate("cf", "k")
		for j := range 50 {
			r.Rows[0].Mutations = append(r.Rows[0].Mutations, ins(fmt.Sprint("c", j), "v", int64(i)))
		}
		mustMutate(t, s, r)
	}
	all := func() (n int) {
		err := s.eachRow(t.Context(), slice("cf", 100, "k"), func(_ int, rd *reader, p *plan) error {
			_, err := rd.count(p)
			n = int(rd.it.Stats().InternalStats.PointCount)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := all(); n < 1000 {
		t.Fatalf("the first read meets %d records only", n)
	}
	for start := time.Now(); all() > 100; runtime.Gosched() { // wait for the background to flush
		if time.Since(start) > time.Minute {
			t.Fatalf("a read of 50 columns meets %d records", all())
		}
	}
}

// TestPurgeLeavesNothingBehind reads a row just after most of it was purged.
func TestPurgeLeavesNothingBehind(t *testing.T) {
	s := mustOpenMemory(t, &Options{PurgeInterval: -1})
	alter(t, s, testKeyspace())
	const n = 20_000
	for i := 0; i < n; i += 1000 {
		r := mutate("cf", "k")
		for j := range 1000 {
			r.Rows[0].Mutations = append(r.Rows[0].Mutations, ins(string(queueName(i+j)), "v", 1))
		}
		mustMutate(t, s, r)
	}
	mustMutate(t, s, mutate("cf", "k", removeSlice(nil, queueName(n-2), 2)))
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, limit := steps(t, s, "cf", "k", false), 256; got > limit {
		t.Errorf("a read of one column meets %d records after the purge, want at most %d", got, limit)
	}
	if got := columns(t, s, "cf", "k"); got != string(queueName(n-1))+"=v" {
		t.Errorf("the row has %q", got)
	}
}

// TestPurgeTakesNewStates purges a long row. An iterator that stayed open for the whole row would
// keep the files that compactions replace, so the purge must open a new state several times.
func TestPurgeTakesNewStates(t *testing.T) {
	c := newClock()
	var calls atomic.Int64
	o := manual(c, "")
	o.Now = func() time.Time { calls.Add(1); return c.Now() }
	s := mustOpenMemory(t, o)
	alter(t, s, testKeyspace())
	const n = 2*purgeView + 1
	for i := 0; i < n; i += 1000 {
		r := mutate("cf", "k")
		for j := range 1000 {
			r.Rows[0].Mutations = append(r.Rows[0].Mutations, ins(string(queueName(i+j)), "v", 1))
		}
		mustMutate(t, s, r)
	}
	mustMutate(t, s, mutate("cf", "k", backend.Mutation{Op: backend.Delete, Timestamp: 2, Columns: &backend.Predicate{Names: [][]byte{queueName(n)}}}))
	calls.Store(0)
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := calls.Load(); got < 4 {
		t.Errorf("a purge of %d records took %d states, want at least 3", n, got-1)
	}
}
