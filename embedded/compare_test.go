package embedded

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// withFamily returns a store with a keyspace of two families: cf with names of text, num with
// decimals.
func withFamily(t testing.TB, c *clock) *Store {
	t.Helper()
	s := mustOpenMemory(t, manual(c, ""))
	alter(t, s, schema.CreateKeyspace{Keyspace: schema.Keyspace{Name: "ks", Families: []schema.Family{
		{Name: "cf", Comparator: "UTF8Type"}, {Name: "num", Comparator: "DecimalType"},
	}}})
	return s
}

func col(name, value string) backend.Column {
	return backend.Column{Name: []byte(name), Value: []byte(value)}
}

// absent is an expected column without a value: the row must not have a column of the name.
func absent(name string) backend.Column { return backend.Column{Name: []byte(name)} }

func cas(t testing.TB, s *Store, expected, updates []backend.Column) *backend.CompareResult {
	t.Helper()
	result, err := s.CompareAndSet(t.Context(), &backend.CompareRequest{
		Keyspace: "ks", Family: "cf", Key: []byte("k"), Expected: expected, Updates: updates, Serial: backend.Serial, Commit: backend.One,
	})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// rowText returns the row's columns as name=value, each followed by a blank.
func rowText(t testing.TB, s *Store) string {
	t.Helper()
	rows, err := s.Slice(t.Context(), &backend.SliceRequest{
		Parent: backend.Parent{Keyspace: "ks", Family: "cf"}, Keys: [][]byte{[]byte("k")}, Predicate: backend.Predicate{Count: 100},
	})
	if err != nil {
		t.Fatal(err)
	}
	return cellsText(rows[0].Columns)
}

func cellsText(columns []backend.Column) string {
	var text strings.Builder
	for _, c := range columns {
		text.WriteString(string(c.Name) + "=" + string(c.Value) + " ")
	}
	return text.String()
}

func change(t testing.TB, s *Store, m backend.Mutation) {
	t.Helper()
	if err := s.Mutate(t.Context(), &backend.MutateRequest{Keyspace: "ks", Rows: []backend.RowMutation{
		{Family: "cf", Key: []byte("k"), Mutations: []backend.Mutation{m}},
	}}); err != nil {
		t.Fatal(err)
	}
}

func TestCompareAndSet(t *testing.T) {
	type columns = []backend.Column
	c := newClock()
	s := withFamily(t, c)
	for _, step := range []struct {
		name              string
		expected, updates columns
		applied           bool
		current, after    string
	}{
		{"no row", nil, columns{col("a", "1"), col("b", "2")}, true, "", "a=1 b=2 "},
		{"a row already", nil, columns{col("a", "9")}, false, "a=1 ", "a=1 b=2 "},
		{"another value", columns{col("a", "2")}, columns{col("a", "9")}, false, "a=1 ", "a=1 b=2 "},
		{"no such column", columns{col("z", "1")}, columns{col("a", "9")}, false, "", "a=1 b=2 "},
		{"one of two", columns{col("b", "2"), col("a", "2")}, columns{col("a", "9")}, false, "a=1 b=2 ", "a=1 b=2 "},
		{"both", columns{col("b", "2"), col("a", "1")}, columns{col("a", "3")}, true, "", "a=3 b=2 "},
		{"a column that is not to be there", columns{absent("b")}, columns{col("a", "9")}, false, "b=2 ", "a=3 b=2 "},
		{"one that is not there", columns{absent("c"), col("b", "2")}, columns{col("c", "4")}, true, "", "a=3 b=2 c=4 "},
		{"an empty value is a value", columns{col("a", "")}, nil, false, "a=3 ", "a=3 b=2 c=4 "},
		{"nothing to write", columns{col("a", "3")}, nil, true, "", "a=3 b=2 c=4 "},
	} {
		result := cas(t, s, step.expected, step.updates)
		if result.Applied != step.applied || cellsText(result.Current) != step.current {
			t.Errorf("%s: applied %t, current %q, want %t, %q", step.name, result.Applied, cellsText(result.Current), step.applied, step.current)
		}
		if got := rowText(t, s); got != step.after {
			t.Errorf("%s: the row is then %q, want %q", step.name, got, step.after)
		}
	}
}

// A compare-and-set must be visible even if the compared columns were written or deleted with a
// later timestamp.
func TestCompareAndSetIsSeen(t *testing.T) {
	const later = 1 << 60
	for name, before := range map[string]backend.Mutation{
		"column":     {Op: backend.Insert, Column: backend.Column{Name: []byte("a"), Value: []byte("old"), Timestamp: later}},
		"tombstone":  {Op: backend.Delete, Timestamp: later, Columns: &backend.Predicate{Names: [][]byte{[]byte("a")}}},
		"row":        {Op: backend.Delete, Timestamp: later},
		"slice":      {Op: backend.Delete, Timestamp: later, Columns: &backend.Predicate{Start: []byte("a"), Finish: []byte("b")}},
		"expired":    {Op: backend.Insert, Column: backend.Column{Name: []byte("a"), Value: []byte("old"), Timestamp: later, TTL: 5}},
		"unaffected": {Op: backend.Insert, Column: backend.Column{Name: []byte("b"), Timestamp: later}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			s := withFamily(t, c)
			change(t, s, before)
			c.Advance(10 * time.Second)
			expected := []backend.Column{absent("a")}
			if name == "column" {
				expected = []backend.Column{col("a", "old")}
			}
			if result := cas(t, s, expected, []backend.Column{col("a", "new")}); !result.Applied {
				t.Fatalf("not applied: the row has %q", rowText(t, s))
			}
			if got := rowText(t, s); !strings.HasPrefix(got, "a=new ") {
				t.Errorf("the row has %q", got)
			}
		})
	}
}

func TestCompareAndSetExpires(t *testing.T) {
	c := newClock()
	s := withFamily(t, c)
	lock := col("lock", "me")
	lock.TTL = 10
	if !cas(t, s, nil, []backend.Column{lock}).Applied {
		t.Fatal("not applied to no row")
	}
	c.Advance(9 * time.Second)
	if cas(t, s, nil, []backend.Column{lock}).Applied {
		t.Error("applied although the column exists")
	}
	c.Advance(time.Second)
	if !cas(t, s, nil, []backend.Column{lock}).Applied {
		t.Error("not applied although the column has expired")
	}
}

func TestCompareAndSetRefuses(t *testing.T) {
	s := withFamily(t, newClock())
	change(t, s, backend.Mutation{Op: backend.Insert, Column: backend.Column{Name: []byte("top"), Timestamp: math.MaxInt64}})
	for name, r := range map[string]backend.CompareRequest{
		"no key":        {Updates: []backend.Column{col("a", "1")}, Serial: backend.Serial},
		"name":          {Key: []byte("k"), Updates: []backend.Column{col("\xff", "1")}, Serial: backend.Serial},
		"expected name": {Key: []byte("k"), Expected: []backend.Column{col("", "1")}, Serial: backend.Serial},
		"level":         {Key: []byte("k"), Updates: []backend.Column{col("a", "1")}},
		"TTL":           {Key: []byte("k"), Updates: []backend.Column{{Name: []byte("x"), TTL: -1}}, Expected: []backend.Column{absent("x")}, Serial: backend.Serial},
		"highest":       {Key: []byte("k"), Updates: []backend.Column{col("top", "1")}, Expected: []backend.Column{absent("x")}, Serial: backend.Serial},
	} {
		r.Keyspace, r.Family = "ks", "cf"
		if result, err := s.CompareAndSet(t.Context(), &r); !errors.Is(err, backend.ErrInvalidRequest) {
			t.Errorf("%s: %+v, %v, want an invalid request", name, result, err)
		}
	}
}

// The comparator treats 1 and 1.0 as one name.
func TestCompareAndSetEqualNames(t *testing.T) {
	s := withFamily(t, newClock())
	one, oneDotZero := []byte("\x00\x00\x00\x00\x01"), []byte("\x00\x00\x00\x01\x0a")
	r := &backend.CompareRequest{Keyspace: "ks", Family: "num", Key: []byte("k"), Serial: backend.Serial, Commit: backend.One}
	r.Updates = []backend.Column{{Name: one, Value: []byte("v")}}
	if result, err := s.CompareAndSet(t.Context(), r); err != nil || !result.Applied {
		t.Fatalf("%+v, %v", result, err)
	}
	r.Expected = []backend.Column{{Name: oneDotZero, Value: []byte("v")}}
	if result, err := s.CompareAndSet(t.Context(), r); err != nil || !result.Applied {
		t.Errorf("expected 1.0, which is stored as 1: %+v, %v", result, err)
	}
}

func TestCompareAndSetConcurrently(t *testing.T) {
	const workers, each = 8, 100
	s := withFamily(t, newClock())
	cas(t, s, nil, []backend.Column{{Name: []byte("n"), Value: make([]byte, 8)}})
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			value := make([]byte, 8)
			for range each {
				for {
					next := binary.BigEndian.AppendUint64(nil, binary.BigEndian.Uint64(value)+1)
					result, err := s.CompareAndSet(t.Context(), &backend.CompareRequest{
						Keyspace: "ks", Family: "cf", Key: []byte("k"), Serial: backend.Serial, Commit: backend.One,
						Expected: []backend.Column{{Name: []byte("n"), Value: value}},
						Updates:  []backend.Column{{Name: []byte("n"), Value: next}},
					})
					if err != nil {
						t.Error(err)
						return
					}
					if result.Applied {
						break
					}
					value = result.Current[0].Value
				}
			}
		})
	}
	wg.Wait()
	rows, err := s.Slice(t.Context(), &backend.SliceRequest{
		Parent: backend.Parent{Keyspace: "ks", Family: "cf"}, Keys: [][]byte{[]byte("k")}, Predicate: backend.Predicate{Count: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := binary.BigEndian.Uint64(rows[0].Columns[0].Value); n != workers*each {
		t.Errorf("%d increments by compare and set made %d", workers*each, n)
	}
}
