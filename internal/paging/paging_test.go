package paging_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/paging"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/internal/testkit/model"
	"github.com/widerow/widerow/schema"
)

// store is a model of a store that counts requests. A test can change it before a request.
type store struct {
	backend.Backend
	reads, facts int
	before       func(read int)
	refuse       func(r *backend.RangeRequest) error
}

func (s *store) Slice(ctx context.Context, r *backend.SliceRequest) ([]backend.Row, error) {
	s.read()
	return s.Backend.Slice(ctx, r)
}

func (s *store) Range(ctx context.Context, r *backend.RangeRequest) ([]backend.Row, error) {
	s.read()
	if s.refuse != nil {
		if err := s.refuse(r); err != nil {
			return nil, err
		}
	}
	return s.Backend.Range(ctx, r)
}

func (s *store) Describe(ctx context.Context, r *backend.DescribeRequest) (*backend.Cluster, error) {
	s.facts++
	return s.Backend.Describe(ctx, r)
}

func (s *store) read() {
	s.reads++
	if s.before != nil {
		s.before(s.reads)
	}
}

var parent = backend.Parent{Keyspace: "K", Family: "F"}

func newStore(t *testing.T, order string) (*store, partitioner.Partitioner) {
	p, err := partitioner.ByClass(order)
	if err != nil {
		t.Fatal(err)
	}
	b, err := model.New(model.Options{Partitioner: p})
	if err != nil {
		t.Fatal(err)
	}
	keyspace := schema.Keyspace{
		Name: "K", Strategy: schema.SimpleStrategy, StrategyOptions: map[string]string{"replication_factor": "1"},
		Families: []schema.Family{{Keyspace: "K", Name: "F"}},
	}
	if _, err := b.Alter(t.Context(), schema.CreateKeyspace{Keyspace: keyspace}); err != nil {
		t.Fatal(err)
	}
	return &store{Backend: b}, p
}

func (s *store) write(t *testing.T, op backend.Op, key, name string) {
	t.Helper()
	m := backend.Mutation{Op: op, Column: backend.Column{Name: []byte(name), Value: []byte{1}, Timestamp: 1}}
	if op == backend.Delete {
		m = backend.Mutation{Op: op, Columns: &backend.Predicate{Names: [][]byte{[]byte(name)}}, Timestamp: 2}
	}
	rows := []backend.RowMutation{{Family: "F", Key: []byte(key), Mutations: []backend.Mutation{m}}}
	if err := s.Mutate(t.Context(), &backend.MutateRequest{Keyspace: "K", Rows: rows, Consistency: backend.One}); err != nil {
		t.Fatal(err)
	}
}

func columns(t *testing.T, s *store, sel *paging.Slice, page int) (names string) {
	t.Helper()
	r := &backend.SliceRequest{Parent: parent, Keys: [][]byte{[]byte("k")}, Consistency: backend.One}
	pages := paging.ColumnsOf(s, r, sel)
	for {
		row, err := pages.Next(t.Context(), page)
		if err != nil {
			t.Fatal(err)
		}
		if paging.Len(row) == 0 {
			return names
		}
		for _, c := range row.Columns {
			names += string(c.Name)
		}
	}
}

func TestColumns(t *testing.T) {
	s, _ := newStore(t, "byteordered")
	for _, name := range "abcdefg" {
		s.write(t, backend.Insert, "k", string(name))
	}
	b := func(s string) []byte { return []byte(s) }
	for page := 1; page < 10; page++ {
		for _, tt := range []struct {
			sel  paging.Slice
			want string
		}{
			{paging.Slice{Limit: paging.NoLimit}, "abcdefg"},
			{paging.Slice{Limit: 3}, "abc"},
			{paging.Slice{Limit: 0}, ""},
			{paging.Slice{Predicate: backend.Predicate{Start: b("b")}, After: b("b"), Limit: 2}, "cd"},
			{paging.Slice{Predicate: backend.Predicate{Finish: b("e")}, Before: b("e"), Limit: paging.NoLimit}, "abcd"},
			{paging.Slice{Predicate: backend.Predicate{Reversed: true}, Limit: 5}, "gfedc"},
		} {
			if got := columns(t, s, &tt.sel, page); got != tt.want {
				t.Errorf("pages of %d of %+v: %q, want %q", page, tt.sel, got, tt.want)
			}
		}
	}
}

// TestRemovedBetweenPages removes the column that the next page would begin with.
func TestRemovedBetweenPages(t *testing.T) {
	s, _ := newStore(t, "byteordered")
	for _, name := range "abcdef" {
		s.write(t, backend.Insert, "k", string(name))
	}
	s.before = func(read int) {
		if read == 2 {
			s.write(t, backend.Delete, "k", "b")
		}
	}
	if got := columns(t, s, &paging.Slice{Limit: paging.NoLimit}, 2); got != "abcdef" {
		t.Errorf("columns: %q", got)
	}
	if got := columns(t, s, &paging.Slice{Limit: paging.NoLimit}, 2); got != "acdef" {
		t.Errorf("columns after that: %q", got)
	}
}

func rows(ctx context.Context, s *store, k backend.KeyRange, page int) (keys []string, err error) {
	r := &backend.RangeRequest{Parent: parent, Range: k, Predicate: backend.Predicate{Count: 1}, Consistency: backend.One}
	pages := paging.Range(s, r)
	for {
		got, err := pages.Next(ctx, paging.NoLimit, page)
		if err != nil || len(got) == 0 {
			return keys, err
		}
		for i := range got {
			keys = append(keys, string(got[i].Key))
		}
	}
}

// TestTokens reads ranges of tokens, including ranges that wrap around the ring. The reader requests the store's
// partitioner once, and only if there is a second page.
func TestTokens(t *testing.T) {
	for _, order := range []string{"byteordered", "random", "murmur3"} {
		s, p := newStore(t, order)
		for i := range 7 {
			s.write(t, backend.Insert, fmt.Sprint("row", i), "a")
		}
		all, err := rows(t.Context(), s, backend.KeyRange{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		for i := range all {
			for j := range len(all) + 1 {
				k := backend.KeyRange{StartToken: p.Token([]byte(all[i])), EndToken: p.MinToken()}
				want := all[i+1:]
				if j < len(all) {
					k.EndToken = p.Token([]byte(all[j]))
					if want = all[min(i+1, j+1) : j+1]; j <= i {
						want = append(slices.Clone(all[i+1:]), all[:j+1]...)
					}
				}
				for _, page := range []int{1, 3, 100} {
					s.facts = 0
					got, err := rows(t.Context(), s, k, page)
					if err != nil || !slices.Equal(got, want) {
						t.Errorf("%s, %d to %d, pages of %d: %v, %v, want %v", order, i, j, page, got, err, want)
					}
					if s.facts > 1 || page == 100 && s.facts > 0 {
						t.Errorf("%s, %d to %d, pages of %d: the store was asked for its partitioner %d times", order, i, j, page, s.facts)
					}
				}
			}
		}
	}
}

// TestTokensRefused uses a store that refuses a range with a key and a token, as Cassandra before 1.1 does. The reader
// returns an error, and no rows after the end of the range.
func TestTokensRefused(t *testing.T) {
	s, p := newStore(t, "byteordered")
	for i := range 7 {
		s.write(t, backend.Insert, fmt.Sprint("row", i), "a")
	}
	s.refuse = func(r *backend.RangeRequest) error {
		if r.Range.StartKey != nil && r.Range.EndToken != "" {
			return backend.InvalidRequest("exactly one of {start_key, end_key} or {start_token, end_token} must be specified")
		}
		return nil
	}
	k := backend.KeyRange{StartToken: p.Token([]byte("row0")), EndToken: p.Token([]byte("row3"))}
	got, err := rows(t.Context(), s, k, 2)
	if want := []string{"row1", "row2"}; !errors.Is(err, backend.ErrInvalidRequest) || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v and an invalid request", got, err, want)
	}
}
