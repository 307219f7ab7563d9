package backendtest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/schema"
)

// contract tests the promises of package backend that scripts cannot express: about
// bytes, contexts and Close. It closes the store.
func (target *Target) contract(t *testing.T, p partitioner.Partitioner) {
	s := newSession(target, p, "contract")
	if err := s.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.must(t, "create column family F with comparator=UTF8Type and default_validation_class=UTF8Type and key_validation_class=UTF8Type and column 'i' UTF8Type indexed")
	s.must(t, "insert F['k']: 'a' = '1', 'i' = '2' @10")

	t.Run("bytes of a request", func(t *testing.T) { s.requestBytes(t) })
	t.Run("bytes of a result", func(t *testing.T) { s.resultBytes(t) })
	t.Run("memory of a result", func(t *testing.T) { s.resultMemory(t) })
	t.Run("context that has ended", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s.everyCall(ctx, func(name string, err error) {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: error %v, want context.Canceled", name, err)
			}
		})
	})
	if err := s.finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Run("closed", func(t *testing.T) {
		for range 2 {
			if err := target.Backend.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
		s.everyCall(t.Context(), func(name string, err error) {
			if !errors.Is(err, backend.ErrClosed) {
				t.Errorf("%s: error %v, want ErrClosed", name, err)
			}
		})
	})
}

// must runs a statement that prints nothing.
func (s *session) must(t *testing.T, statement string) {
	t.Helper()
	if printed, _, err := s.run(t.Context(), []string{statement}); err != nil || len(printed) > 0 {
		t.Fatalf("%s prints %q, %v", statement, printed, err)
	}
}

func (s *session) parent() backend.Parent { return backend.Parent{Keyspace: s.keyspace, Family: "F"} }

func (s *session) printed(t *testing.T, key string) []string {
	t.Helper()
	printed, _, err := s.run(t.Context(), []string{"get F['" + key + "']"})
	if err != nil {
		t.Fatal(err)
	}
	return printed
}

// requestBytes overwrites the bytes of a request after the call.
func (s *session) requestBytes(t *testing.T) {
	key, name, value := []byte("own"), []byte("name"), []byte("value")
	err := s.target.Backend.Mutate(t.Context(), &backend.MutateRequest{
		Keyspace: s.keyspace,
		Rows: []backend.RowMutation{{Family: "F", Key: key, Mutations: []backend.Mutation{
			{Op: backend.Insert, Column: backend.Column{Name: name, Value: value, Timestamp: 10}},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{key, name, value} {
		clear(b)
	}
	if got, want := s.printed(t, "own"), []string{"'name' = 'value' @10"}; !slices.Equal(got, want) {
		t.Errorf("the row is %q, want %q", got, want)
	}
}

// resultBytes tests that later calls do not change a result.
func (s *session) resultBytes(t *testing.T) {
	r := &backend.SliceRequest{Parent: s.parent(), Keys: [][]byte{[]byte("k")}, Predicate: backend.Predicate{Count: 10}}
	rows, err := s.target.Backend.Slice(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	s.must(t, "insert F['k']: 'a' = 'x', 'i' = 'y' @20")
	for range 10 {
		s.printed(t, "k")
		s.printed(t, "own")
	}
	if len(rows) != 1 || len(rows[0].Columns) != 2 || string(rows[0].Columns[0].Value) != "1" ||
		string(rows[0].Columns[0].Name) != "a" || string(rows[0].Columns[1].Value) != "2" {
		t.Errorf("a result has become %v", rows)
	}
}

// everyCall calls every method that may fail.
func (s *session) everyCall(ctx context.Context, call func(name string, err error)) {
	b, parent, predicate := s.target.Backend, s.parent(), backend.Predicate{Count: 10}
	slice := &backend.SliceRequest{Parent: parent, Keys: [][]byte{[]byte("k")}, Predicate: predicate}
	_, err := b.Slice(ctx, slice)
	call("Slice", err)
	_, err = b.Count(ctx, slice)
	call("Count", err)
	_, err = b.Range(ctx, &backend.RangeRequest{Parent: parent, Range: backend.KeyRange{Count: 1}, Predicate: predicate})
	call("Range", err)
	_, err = b.Index(ctx, &backend.IndexRequest{
		Parent: parent, Expressions: []backend.Expression{{Name: []byte("i"), Value: []byte("2")}}, Count: 1, Predicate: predicate,
	})
	call("Index", err)
	call("Mutate", b.Mutate(ctx, &backend.MutateRequest{
		Keyspace: s.keyspace,
		Rows: []backend.RowMutation{{Family: "F", Key: []byte("late"), Mutations: []backend.Mutation{
			{Op: backend.Insert, Column: backend.Column{Name: []byte("a"), Value: []byte("1"), Timestamp: 1}},
		}}},
	}))
	call("Truncate", b.Truncate(ctx, s.keyspace, "F"))
	_, err = b.Keyspaces(ctx)
	call("Keyspaces", err)
	_, err = b.Alter(ctx, schema.CreateFamily{Family: schema.Family{Keyspace: s.keyspace, Name: "Late"}})
	call("Alter", err)
	_, err = b.Describe(ctx, &backend.DescribeRequest{Facts: backend.FactPartitioner})
	call("Describe", err)
}
