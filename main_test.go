package widerow_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/internal/testkit/model"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/widerowtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// store is a DB under test and its clock.
type store struct {
	*widerow.DB
	advance func(time.Duration)
}

// each runs a test on the model and on the embedded engine.
func each(t *testing.T, order string, test func(t *testing.T, s store)) {
	t.Helper()
	t.Run("model", func(t *testing.T) {
		p, err := partitioner.ByClass(order)
		if err != nil {
			t.Fatal(err)
		}
		var now atomic.Int64
		now.Store(widerowtest.Epoch.UnixNano())
		clock := func() time.Time { return time.Unix(0, now.Load()).UTC() }
		m, err := model.New(model.Options{Partitioner: p, Now: clock})
		if err != nil {
			t.Fatal(err)
		}
		db := widerow.New(m, &widerow.Options{Now: clock})
		t.Cleanup(func() { db.Close() })
		test(t, store{db, func(d time.Duration) { now.Add(int64(d)) }})
	})
	t.Run("embedded", func(t *testing.T) {
		s := widerowtest.New(t, widerowtest.Partitioner(order))
		test(t, store{s.DB, s.Advance})
	})
}

// family creates a family, and the keyspace K if it does not exist.
func (s store) family(t *testing.T, def schema.Family, columns ...widerow.ColumnDef) *widerow.Family {
	t.Helper()
	ctx := context.Background()
	def.Keyspace = "K"
	if _, err := s.System().Keyspace(ctx, "K"); err != nil {
		err := s.System().CreateKeyspace(ctx, schema.Keyspace{
			Name: "K", Strategy: "SimpleStrategy", StrategyOptions: map[string]string{"replication_factor": "1"},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.System().CreateFamily(ctx, def, columns...); err != nil {
		t.Fatal(err)
	}
	f, err := s.Keyspace("K").Family(ctx, def.Name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// text defines a family whose keys, names and values are text.
func text(name string) schema.Family {
	return schema.Family{
		Name: name, Comparator: schema.UTF8Type, KeyValidator: schema.UTF8Type, DefaultValidator: schema.UTF8Type,
	}
}

// superText defines a super family of text.
func superText(name string) schema.Family {
	def := text(name)
	def.Type, def.Subcomparator = schema.Super, schema.UTF8Type
	return def
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// insert writes columns or fails the test.
func insert(t testing.TB, f *widerow.Family, key, cols any, opts ...widerow.WriteOption) int64 {
	t.Helper()
	return must(f.Insert(context.Background(), key, cols, opts...))(t)
}

// numbered writes columns c000 … of one row.
func numbered(t testing.TB, f *widerow.Family, key any, n int) {
	t.Helper()
	cols := make(widerow.Values, n)
	for i := range cols {
		cols[i] = [2]any{fmt.Sprintf("c%03d", i), fmt.Sprint(i)}
	}
	insert(t, f, key, cols)
}

func collect[T any](t testing.TB, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var all []T
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// names returns the column names as text.
func names(cols []widerow.Column) []string {
	out := []string{}
	for _, c := range cols {
		out = append(out, fmt.Sprint(c.Name))
	}
	return out
}

func keys(rows []widerow.Row) []string {
	out := []string{}
	for _, r := range rows {
		out = append(out, fmt.Sprint(r.Key))
	}
	return out
}

func diff(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s: (-want +got)\n%s", what, d)
	}
}

func contains(s, part string) bool { return strings.Contains(s, part) }

func coltypeOf(t testing.TB, class string) coltype.Type {
	t.Helper()
	return must(coltype.Parse(class))(t)
}

// levelOf returns the consistency level of a call.
func levelOf(c widerowtest.Call) widerow.Consistency {
	switch r := c.Request.(type) {
	case *backend.SliceRequest:
		return r.Consistency
	case *backend.RangeRequest:
		return r.Consistency
	case *backend.IndexRequest:
		return r.Consistency
	case *backend.MutateRequest:
		return r.Consistency
	}
	return 0
}

// typedFamily defines a family whose keys, names and values have one type.
func typedFamily(name, class string) schema.Family {
	return schema.Family{Name: name, Comparator: class, KeyValidator: class, DefaultValidator: class}
}
