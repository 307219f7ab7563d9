package widerow_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// canned is a backend that answers every read with the same row and ignores every write. So the
// benchmarks measure the cost of the front alone.
type canned struct {
	backend.Backend
	rows     []backend.Row
	keyspace schema.Keyspace
}

func (c *canned) Slice(context.Context, *backend.SliceRequest) ([]backend.Row, error) {
	return c.rows, nil
}

func (c *canned) Mutate(context.Context, *backend.MutateRequest) error { return nil }

func (c *canned) Keyspaces(context.Context, ...string) ([]schema.Keyspace, error) {
	return []schema.Keyspace{c.keyspace}, nil
}

const benchColumns = 100

func cannedFamily(b testing.TB) (*canned, *widerow.Family) {
	c := &canned{
		rows: []backend.Row{{Key: []byte("key")}},
		keyspace: schema.Keyspace{Name: "K", Families: []schema.Family{{
			Keyspace: "K", Name: "F", Comparator: schema.LongType, KeyValidator: schema.UTF8Type, DefaultValidator: schema.UTF8Type,
		}}},
	}
	for i := range benchColumns {
		c.rows[0].Columns = append(c.rows[0].Columns, backend.Column{
			Name:  binary.BigEndian.AppendUint64(nil, uint64(1e9+i)),
			Value: fmt.Appendf(nil, "value %d of a column", i), Timestamp: int64(i),
		})
	}
	f, err := widerow.New(c, nil).Keyspace("K").Family(context.Background(), "F")
	if err != nil {
		b.Fatal(err)
	}
	return c, f
}

// BenchmarkSlice reads a row of 100 columns in three ways: as the backend's bytes, by the typed
// view, and as the front's Go values.
func BenchmarkSlice(b *testing.B) {
	ctx := b.Context()
	c, f := cannedFamily(b)
	v := must(widerow.Typed[string, int64, string](f))(b)
	b.Run("bytes", func(b *testing.B) {
		b.ReportAllocs()
		sum := 0
		for b.Loop() {
			rows, err := c.Slice(ctx, &backend.SliceRequest{
				Parent: backend.Parent{Keyspace: "K", Family: "F"}, Keys: [][]byte{[]byte("key")}, Predicate: backend.Predicate{Count: 100},
			})
			if err != nil {
				b.Fatal(err)
			}
			for _, col := range rows[0].Columns {
				sum += len(col.Value) + int(binary.BigEndian.Uint64(col.Name))
			}
		}
		sink = sum
	})
	b.Run("view", func(b *testing.B) {
		b.ReportAllocs()
		sum := 0
		for b.Loop() {
			cells, err := v.Slice(ctx, "key")
			if err != nil {
				b.Fatal(err)
			}
			for i := range cells {
				sum += len(cells[i].Value) + int(cells[i].Name)
			}
		}
		sink = sum
	})
	b.Run("view-append", func(b *testing.B) {
		b.ReportAllocs()
		sum := 0
		var cells []widerow.Cell[int64, string]
		for b.Loop() {
			var err error
			if cells, err = v.AppendSlice(ctx, cells[:0], "key"); err != nil {
				b.Fatal(err)
			}
			for i := range cells {
				sum += len(cells[i].Value) + int(cells[i].Name)
			}
		}
		sink = sum
	})
	b.Run("values", func(b *testing.B) {
		b.ReportAllocs()
		sum := 0
		for b.Loop() {
			row, err := f.Get(ctx, "key")
			if err != nil {
				b.Fatal(err)
			}
			for i := range row.Columns {
				sum += len(row.Columns[i].Value.(string)) + int(row.Columns[i].Name.(int64))
			}
		}
		sink = sum
	})
}

// BenchmarkInsert writes a row of 10 columns.
func BenchmarkInsert(b *testing.B) {
	ctx := b.Context()
	_, f := cannedFamily(b)
	v := must(widerow.Typed[string, int64, string](f))(b)
	var cells []widerow.Cell[int64, string]
	var cols widerow.Values
	for i := range 10 {
		cells = append(cells, widerow.Cell[int64, string]{Name: int64(1000 + i), Value: fmt.Sprint("value ", i)})
		cols = append(cols, [2]any{1000 + i, fmt.Sprint("value ", i)})
	}
	b.Run("view", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := v.Insert(ctx, "key", cells); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("values", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := f.Insert(ctx, "key", cols); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkGet reads one column by name.
func BenchmarkGet(b *testing.B) {
	ctx := b.Context()
	c, f := cannedFamily(b)
	c.rows[0].Columns = c.rows[0].Columns[:1]
	v := must(widerow.Typed[string, int64, string](f))(b)
	b.Run("view", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := v.Get(ctx, "key", 1e9); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("values", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := f.Get(ctx, "key", widerow.Names(1000000000)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

var sink int

// TestViewAllocations checks that the number of allocations of a view's slice does not depend on
// the number of columns.
func TestViewAllocations(t *testing.T) {
	ctx := t.Context()
	_, f := cannedFamily(t)
	v := must(widerow.Typed[string, int64, string](f))(t)
	var cells []widerow.Cell[int64, string]
	read := testing.AllocsPerRun(100, func() { cells, _ = v.AppendSlice(ctx, cells[:0], "key") })
	if len(cells) != benchColumns || read > 8 {
		t.Errorf("a slice of %d columns makes %v allocations", len(cells), read)
	}
	many := must(v.Slice(ctx, "key"))(t)
	few := testing.AllocsPerRun(100, func() { v.Insert(ctx, "key", many[:10]) })
	all := testing.AllocsPerRun(100, func() { v.Insert(ctx, "key", many) })
	if all > few+4 {
		t.Errorf("an insert of %d columns makes %v allocations, one of 10 %v", len(many), all, few)
	}
}
