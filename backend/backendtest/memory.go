package backendtest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/widerow/widerow/backend"
)

// resultMemory tests that all memory of a result is reserved, whatever the read, and that a read ends
// with the error of a reservation that fails.
func (s *session) resultMemory(t *testing.T) {
	s.must(t, "create column family Grouped with column_type=Super and comparator=UTF8Type and subcomparator=UTF8Type and default_validation_class=UTF8Type and key_validation_class=UTF8Type")
	long := strings.Repeat("v", 20<<10)
	for _, key := range []string{"m1", "m2"} {
		s.must(t, "insert F['"+key+"']: 'a' = '"+long+"', 'b' = '2', 'i' = 'memory' @10")
		s.must(t, "insert Grouped['"+key+"']['s']: 'a' = '"+long+"', 'b' = '2' @10")
		s.must(t, "insert Grouped['"+key+"']['t']: 'c' = '3' @10")
	}
	b, f, grouped := s.target.Backend, s.parent(), backend.Parent{Keyspace: s.keyspace, Family: "Grouped"}
	column := grouped
	column.Super = []byte("s")
	all, keys := backend.Predicate{Count: 10}, [][]byte{[]byte("m1"), []byte("m2")}
	slice := func(p backend.Parent, predicate backend.Predicate) func(context.Context, backend.Reserve) ([]backend.Row, error) {
		return func(ctx context.Context, reserve backend.Reserve) ([]backend.Row, error) {
			return b.Slice(ctx, &backend.SliceRequest{Parent: p, Keys: keys, Predicate: predicate, Reserve: reserve})
		}
	}
	filter := []backend.Expression{{Name: []byte("i"), Value: []byte("memory")}}
	reads := map[string]func(context.Context, backend.Reserve) ([]backend.Row, error){
		"Slice":                     slice(f, all),
		"Slice of names":            slice(f, backend.Predicate{Names: [][]byte{[]byte("a")}}),
		"Slice of super columns":    slice(grouped, all),
		"Slice within super column": slice(column, all),
		"Range": func(ctx context.Context, reserve backend.Reserve) ([]backend.Row, error) {
			return b.Range(ctx, &backend.RangeRequest{Parent: f, Range: backend.KeyRange{Count: 10}, Predicate: all, Reserve: reserve})
		},
		"Range of super columns": func(ctx context.Context, reserve backend.Reserve) ([]backend.Row, error) {
			return b.Range(ctx, &backend.RangeRequest{Parent: grouped, Range: backend.KeyRange{Count: 10}, Predicate: all, Reserve: reserve})
		},
		"Index": func(ctx context.Context, reserve backend.Reserve) ([]backend.Row, error) {
			return b.Index(ctx, &backend.IndexRequest{Parent: f, Expressions: filter, Count: 10, Predicate: all, Reserve: reserve})
		},
	}
	if comparer, ok := b.(backend.Comparer); ok {
		reads["CompareAndSet"] = func(ctx context.Context, reserve backend.Reserve) ([]backend.Row, error) {
			result, err := comparer.CompareAndSet(ctx, &backend.CompareRequest{
				Keyspace: s.keyspace, Family: "F", Key: []byte("m1"), Reserve: reserve,
				Expected: []backend.Column{{Name: []byte("a"), Value: []byte("other")}}, Serial: backend.Serial, Commit: backend.One,
			})
			if err != nil {
				return nil, err
			}
			return []backend.Row{{Columns: result.Current}}, nil
		}
	}
	errFull := errors.New("no room")
	for name, read := range reads {
		reserved := 0
		rows, err := read(t.Context(), func(_ context.Context, n int) error {
			reserved += n
			return nil
		})
		size := backend.ResultSize(rows)
		switch {
		case errors.Is(err, backend.ErrUnsupported):
			continue
		case err != nil:
			t.Errorf("%s: %v", name, err)
			continue
		case size < 20<<10:
			t.Errorf("%s: a result of %d bytes", name, size)
		case reserved < size-backend.RowSize || reserved > 3*size:
			t.Errorf("%s: %d bytes reserved for a result of %d", name, reserved, size)
		}
		const limit = 10 << 10
		reserved = 0
		rows, err = read(t.Context(), func(_ context.Context, n int) error {
			if reserved += n; reserved > limit {
				return errFull
			}
			return nil
		})
		if !errors.Is(err, errFull) || rows != nil {
			t.Errorf("%s without room: %d rows, %v", name, len(rows), err)
		}
	}
}
