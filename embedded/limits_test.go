package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/widerow/widerow/backend"
)

// TestBigValue stores a value of 300 MiB on disk and reads it after reopening the store.
func TestBigValue(t *testing.T) {
	if testing.Short() {
		t.Skip("a value of 300 MiB in short mode")
	}
	c := newClock()
	dir := t.TempDir()
	s := mustOpen(t, dir, manual(c, ""))
	alter(t, s, testKeyspace())
	value := bytes.Repeat([]byte("0123456789abcdef"), 300<<20/16)
	m := ins("big", "", 1)
	m.Column.Value = value
	mustMutate(t, s, mutate("cf", "k", m, ins("small", "1", 1)))
	check := func() {
		t.Helper()
		rows, err := s.Slice(t.Context(), slice("cf", 10, "k"))
		if err != nil {
			t.Fatal(err)
		}
		if got := rows[0].Columns; len(got) != 2 || !bytes.Equal(got[0].Value, value) || string(got[1].Value) != "1" {
			t.Errorf("the %d columns read differ from the columns written", len(got))
		}
	}
	check()
	mustClose(t, s)
	s = mustOpen(t, dir, manual(c, ""))
	check()
}

func TestLimits(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	// huge is never touched, so it takes no memory.
	huge := make([]byte, MaxValue+1)
	m := ins("a", "", 1)
	m.Column.Value = huge
	if err := s.Mutate(t.Context(), mutate("cf", "k", ins("b", "1", 1), m)); !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("a value of %d bytes: %v, want an invalid request", len(huge), err)
	}
	if got := columns(t, s, "cf", "k"); got != "" {
		t.Errorf("a refused request left %q", got)
	}
}

// TestLongRow reads parts of a row of 200,000 columns.
func TestLongRow(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	const n, batch = 200_000, 10_000
	name := func(i int) string { return fmt.Sprintf("c%08d", i) }
	for i := 0; i < n; i += batch {
		ms := make([]backend.Mutation, batch)
		for j := range ms {
			ms[j] = ins(name(i+j), "v", 1)
		}
		mustMutate(t, s, mutate("cf", "k", ms...))
	}
	for _, reversed := range []bool{false, true} {
		r := slice("cf", 3, "k")
		r.Predicate.Start, r.Predicate.Reversed = []byte(name(n/2)), reversed
		rows, err := s.Slice(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range rows[0].Columns {
			want := name(n/2 + i)
			if reversed {
				want = name(n/2 - i)
			}
			if string(c.Name) != want {
				t.Errorf("reversed=%v: column %d is %s, want %s", reversed, i, c.Name, want)
			}
		}
	}
	counts, err := s.Count(t.Context(), slice("cf", 1<<30, "k"))
	if err != nil || counts[0] != n {
		t.Errorf("Count is %v (%v), want %d", counts, err, n)
	}
	rows, err := s.Slice(t.Context(), slice("cf", 1<<30, "k"))
	if err != nil || len(rows[0].Columns) != n {
		t.Fatalf("Slice of all has %d columns (%v), want %d", len(rows[0].Columns), err, n)
	}
	for i, c := range rows[0].Columns {
		if string(c.Name) != name(i) || string(c.Value) != "v" {
			t.Fatalf("column %d is %s=%s", i, c.Name, c.Value)
		}
	}

	// A scan of the row ends soon after its context.
	ctx, cancel := context.WithCancel(t.Context())
	rd := newReader()
	defer rd.release()
	f := s.tables.Load().sorted()[0]
	rd.prefix = f.appendRow(rd.prefix[:0], s.part, []byte("k"))
	if err := rd.open(ctx, s, f, rd.prefix, prefixEnd(nil, rd.prefix)); err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = rd.run(&plan{count: n}, func(*cell) (bool, error) {
		if seen++; seen == 10 {
			cancel()
		}
		return true, nil
	})
	if !errors.Is(err, context.Canceled) || seen > 3000 {
		t.Errorf("a cancelled scan went on for %d columns: %v", seen, err)
	}
}

// TestRepliesAreTheCallers keeps a reply while the reader's memory is reused.
func TestRepliesAreTheCallers(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	long := string(bytes.Repeat([]byte("x"), 3*ownValue))
	for _, key := range []string{"k", "l"} {
		mustMutate(t, s, mutate("cf", key, ins("a", key, 1), ins("b", key+long, 1), ins("c", "", 1)))
	}
	kept, err := s.Slice(t.Context(), slice("cf", 10, "k", "l"))
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		columns(t, s, "cf", "l")
	}
	for i, key := range []string{"k", "l"} {
		if got, want := string(kept[i].Key)+": "+render(kept[i].Columns), fmt.Sprintf("%s: a=%s b=%s c=", key, key, key+long); got != want {
			t.Errorf("row %s has become %.100q", key, got)
		}
		if kept[i].Columns[2].Value == nil {
			t.Error("an empty value is nil")
		}
	}
}
