package embedded

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
)

const afterGrace = 11 * 24 * time.Hour // longer than the default gc_grace

// TestPurge removes each sort of record once it is old enough, and not earlier.
func TestPurge(t *testing.T) {
	del := func(ts int64, p *backend.Predicate) backend.Mutation {
		return backend.Mutation{Op: backend.Delete, Timestamp: ts, Columns: p}
	}
	names := func(n ...string) *backend.Predicate {
		p := &backend.Predicate{}
		for _, n := range n {
			p.Names = append(p.Names, []byte(n))
		}
		return p
	}
	super := func(m backend.Mutation, super string) backend.Mutation {
		m.Super = []byte(super)
		return m
	}
	ttl := ins("a", "1", 1)
	ttl.Column.TTL = 60
	tests := []struct {
		name, family string
		ms           []backend.Mutation
		early, late  int // the number of records after a purge, before and after gc_grace
	}{
		{"columns stay", "cf", []backend.Mutation{ins("a", "1", 1), ins("b", "1", 1)}, 2, 2},
		{"a column's tombstone", "cf", []backend.Mutation{ins("a", "1", 1), del(2, names("a"))}, 1, 0},
		{"a row's tombstone and what it covers", "cf", []backend.Mutation{ins("a", "1", 1), ins("b", "1", 3), del(2, nil)}, 2, 1},
		{"a slice's tombstone", "cf", []backend.Mutation{
			ins("a", "1", 1), ins("b", "1", 1), ins("c", "1", 1), del(2, &backend.Predicate{Start: []byte("b"), Finish: []byte("c")}),
		}, 2, 1},
		{"an expired column", "cf", []backend.Mutation{ttl}, 1, 0},
		{"a super column's tombstone", "super", []backend.Mutation{
			super(ins("a", "1", 1), "s"), super(ins("a", "1", 1), "t"), super(del(2, nil), "s"),
		}, 2, 1},
		{"the tombstone of a slice of super columns", "super", []backend.Mutation{
			super(ins("a", "1", 1), "s"), super(ins("a", "1", 1), "t"), super(ins("a", "1", 1), "u"),
			del(2, &backend.Predicate{Start: []byte("s"), Finish: []byte("t")}),
		}, 2, 1},
		{"a slice within a super column", "super", []backend.Mutation{
			super(ins("a", "1", 1), "s"), super(ins("b", "1", 1), "s"), super(del(2, &backend.Predicate{Start: []byte("b")}), "s"),
		}, 2, 1},
		{"a counter's tombstone", "counter", []backend.Mutation{add("a", 1), del(0, names("a"))}, 1, 0},
		{"a counter row", "counter", []backend.Mutation{add("a", 1), del(0, nil), add("b", 1)}, 2, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClock()
			s := mustOpenMemory(t, manual(c, ""))
			alter(t, s, testKeyspace())
			mustMutate(t, s, mutate(tt.family, "k", tt.ms...))
			for _, step := range []struct {
				advance time.Duration
				want    int
			}{{time.Hour, tt.early}, {afterGrace, tt.late}} {
				before := columns(t, s, "cf", "k")
				c.Advance(step.advance)
				if err := s.Purge(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := count(t, s, tagData); got != step.want {
					t.Errorf("after a purge %v later there are %d records, want %d", step.advance, got, step.want)
				}
				if tt.name != "an expired column" && before != columns(t, s, "cf", "k") {
					t.Errorf("the purge changed %q to %q", before, columns(t, s, "cf", "k"))
				}
			}
		})
	}
}

// TestPurgeTouchedRow purges a row and, during the purge, writes a column that the row's old
// tombstone covers. The column must stay deleted.
func TestPurgeTouchedRow(t *testing.T) {
	c := newClock()
	s := mustOpenMemory(t, manual(c, ""))
	alter(t, s, testKeyspace())
	mustMutate(t, s, mutate("cf", "k", ins("a", "1", 1), backend.Mutation{Op: backend.Delete, Timestamp: 5}))
	c.Advance(afterGrace)

	f := s.tables.Load().sorted()[0]
	row := &purgedRow{prefix: f.appendRow(nil, s.part, []byte("k")), newest: 5}
	if err := s.setPurging(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	defer s.purging.Store(nil)
	remove := func() {
		t.Helper()
		p := s.newPurging(t.Context(), f)
		if err := p.remove(row.prefix, row.prefix, append(bytes.Clone(row.prefix), secCells), row); err != nil {
			t.Fatal(err)
		}
	}
	mustMutate(t, s, mutate("cf", "l", ins("a", "1", 1)))
	if row.touched.Load() {
		t.Error("a write to another row touched this row")
	}
	mustMutate(t, s, mutate("cf", "k", ins("c", "1", 6), backend.Mutation{Op: backend.Delete, Timestamp: 6}))
	if row.touched.Load() {
		t.Error("a write that the old tombstone does not cover touched the row")
	}
	mustMutate(t, s, mutate("cf", "k", ins("b", "1", 2)))
	remove()
	if got := columns(t, s, "cf", "k"); got != "" {
		t.Errorf("a column that was deleted is back: %q", got)
	}
	s.purging.Store(nil)
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s, tagData); n != 2 { // row l and the new tombstone
		t.Errorf("after the next purge there are %d records, want 2", n)
	}
}

// TestPurgeBusyRow removes an old tombstone while newer columns are written to its row.
func TestPurgeBusyRow(t *testing.T) {
	c := newClock()
	s := mustOpenMemory(t, manual(c, ""))
	alter(t, s, testKeyspace())
	for i := range int64(20) {
		mustMutate(t, s, mutate("cf", "k", ins(fmt.Sprint("c", i), "1", i), backend.Mutation{
			Op: backend.Delete, Timestamp: i, Columns: &backend.Predicate{Start: fmt.Append(nil, "c", i), Finish: fmt.Append(nil, "c", i)},
		}))
	}
	c.Advance(afterGrace)
	p := s.newPurging(t.Context(), mustFamily(t, s, "cf"))
	prefix := p.f.appendRow(nil, s.part, []byte("k"))
	cells := append(bytes.Clone(prefix), secCells)
	_, newest, err := p.doomedMarks(prefix, cells)
	if err != nil {
		t.Fatal(err)
	}
	row := &purgedRow{prefix: prefix, newest: newest}
	if err := s.setPurging(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	defer s.purging.Store(nil)
	if err := p.remove(prefix, cells, prefixEnd(nil, prefix), nil); err != nil {
		t.Fatal(err)
	}
	mustMutate(t, s, mutate("cf", "k", ins("d", "1", 100)))
	if err := p.remove(prefix, prefix, cells, row); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s, tagData); n != 1 || columns(t, s, "cf", "k") != "d=1" {
		t.Errorf("after the purge there are %d records, want 1, of column d", n)
	}
}

// TestPurgeLongRow purges more records than one chunk holds while others write and read.
func TestPurgeLongRow(t *testing.T) {
	c := newClock()
	s := mustOpenMemory(t, manual(c, ""))
	alter(t, s, testKeyspace())
	const columnsOfRow = 5*purgeChunk + 7
	var ms []backend.Mutation
	for i := range columnsOfRow {
		ms = append(ms, ins(fmt.Sprintf("c%05d", i), "v", int64(i%2)))
	}
	mustMutate(t, s, mutate("cf", "k", append(ms, backend.Mutation{Op: backend.Delete, Timestamp: 0})...))
	done := make(chan error)
	go func() { done <- s.Purge(context.Background()) }()
	for i := range 100 {
		mustMutate(t, s, mutate("cf", "k", ins(fmt.Sprint("x", i%3), "v", 2)))
		n, err := s.Count(t.Context(), slice("cf", 1<<20, "k"))
		if want := columnsOfRow/2 + min(i+1, 3); err != nil || n[0] != want {
			t.Fatalf("there are %d columns (%v), want %d", n[0], err, want)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	c.Advance(afterGrace)
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s, tagData); n != columnsOfRow/2+3 {
		t.Errorf("there are %d records, want %d", n, columnsOfRow/2+3)
	}
}
