package widerow_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/schema"
)

// TestTypedVerbs uses every verb of a view with user-defined types.
func TestTypedVerbs(t *testing.T) {
	type ID string
	type Day int64
	type cells = []widerow.Cell[Day, string]
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		def := text("F")
		def.Comparator = schema.LongType
		v := must(widerow.Typed[ID, Day, string](s.family(t, def)))(t)
		for _, key := range []ID{"a", "b", "c"} {
			must(v.Insert(ctx, key, cells{{Name: 1, Value: "one"}, {Name: 2, Value: "two"}, {Name: 3, Value: "three"}}, widerow.At(1)))(t)
		}
		rows := must(v.MultiGet(ctx, []ID{"b", "x", "a"}, v.After(1), v.Before(3)))(t)
		two := cells{{Name: 2, Value: "two", Timestamp: 1}}
		diff(t, "MultiGet", rows, []widerow.CellRow[ID, Day, string]{{Key: "b", Cells: two}, {Key: "a", Cells: two}})
		if n := must(v.Count(ctx, "a", v.From(2), v.To(9)))(t); n != 2 {
			t.Errorf("Count = %d, want 2", n)
		}
		diff(t, "Slice", must(v.Slice(ctx, "a", v.Names(2)))(t), two)
		var b widerow.Batch
		v.QueueInsert(&b, "d", cells{{Name: 2, Value: "two"}}, widerow.At(1))
		if err := b.Send(ctx); err != nil {
			t.Fatal(err)
		}
		must(v.Remove(ctx, "a", v.Names(1), widerow.At(2)))(t)
		must(v.RemoveSlice(ctx, "a", 3, 5, widerow.At(2)))(t)
		diff(t, "after the removals", must(v.Slice(ctx, "a"))(t), two)
		n := 0
		for row, err := range v.Range(ctx, v.KeyRange("b", "d"), v.Names(2)) {
			if n++; err != nil || row.Cells[0] != two[0] {
				t.Errorf("Range: %v, %v", row, err)
			}
		}
		if n != 3 {
			t.Errorf("Range found %d rows, want 3", n)
		}

		def = text("C")
		def.DefaultValidator = schema.CounterColumnType
		c := must(widerow.Typed[ID, string, int64](s.family(t, def)))(t)
		if err := c.Add(ctx, "k", "n", 5); err != nil {
			t.Fatal(err)
		}
		if cell := must(c.Get(ctx, "k", "n"))(t); cell.Value != 5 {
			t.Errorf("counter %d, want 5", cell.Value)
		}

		sv := must(widerow.Typed[ID, string, string](s.family(t, superText("S"))))(t)
		must(sv.Insert(ctx, "k", []widerow.Cell[string, string]{{Name: "a", Value: "1"}}, widerow.Super("s")))(t)
		if cell := must(sv.Get(ctx, "k", "a", widerow.Super("s")))(t); cell.Value != "1" {
			t.Errorf("in a super column: %v", cell)
		}

		u := users(t, s)
		uv := must(widerow.Typed[ID, string, any](u))(t)
		var found []string
		for row, err := range uv.Where(ctx, widerow.Eq("state", "Utah"), widerow.Lt("birthdate", 1970)) {
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, string(row.Key))
		}
		diff(t, "Where", found, []string{"user0"})

		_, err := widerow.Typed[ID, float64, string](s.family(t, def2("G", schema.LongType)))
		if !errors.Is(err, widerow.ErrInvalidRequest) || !contains(err.Error(), "want int64, int, int32 or any") {
			t.Errorf("a type that does not fit: %v", err)
		}
	})
}

func def2(name, comparator string) schema.Family {
	def := text(name)
	def.Comparator = comparator
	return def
}

// TestMore reads rows around the limit. Only a row that was cut reports more columns.
func TestMore(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		numbered(t, f, "k", 5)
		numbered(t, f, "l", 2)
		for limit := 1; limit < 8; limit++ {
			row := must(f.Get(ctx, "k", widerow.Limit(limit)))(t)
			if row.More != (limit < 5) || len(row.Columns) != min(limit, 5) {
				t.Errorf("Limit(%d): %d columns, More %v", limit, len(row.Columns), row.More)
			}
			row = must(f.Get(ctx, "k", widerow.After("c001"), widerow.Limit(limit)))(t)
			if row.More != (limit < 3) || len(row.Columns) != min(limit, 3) {
				t.Errorf("After, Limit(%d): %d columns, More %v", limit, len(row.Columns), row.More)
			}
			for what, rows := range map[string][]widerow.Row{
				"MultiGet": must(f.MultiGet(ctx, []any{"k", "l"}, widerow.Limit(limit)))(t),
				"Range":    collect(t, f.Range(ctx, widerow.Limit(limit))),
			} {
				if len(rows) != 2 || rows[0].More != (limit < 5) || rows[1].More != (limit < 2) {
					t.Errorf("%s, Limit(%d): %v, More %v, %v", what, limit, rows, rows[0].More, rows[1].More)
				}
			}
		}
		row := must(f.Get(ctx, "k", widerow.Names("c000")))(t)
		if row.More {
			t.Error("a row of names has More")
		}
	})
}

// TestExclusiveEnds compares a slice with After and Before to the same slice without the end names
// themselves, for comparators whose names have several forms or parts.
func TestExclusiveEnds(t *testing.T) {
	ctx := t.Context()
	for comparator, names := range map[string][]any{
		schema.DecimalType:                  {1, 2, 3, 4},
		"ReversedType(LongType)":            {4, 3, 2, 1},
		"CompositeType(LongType, UTF8Type)": {[]any{1, "a"}, []any{2, "a"}, []any{2, "b"}, []any{3, "a"}},
	} {
		t.Run(comparator, func(t *testing.T) {
			each(t, "byteordered", func(t *testing.T, s store) {
				f := s.family(t, def2("F", comparator))
				for i, name := range names {
					insert(t, f, "k", widerow.Values{{name, fmt.Sprint(i)}})
				}
				values := func(opts ...widerow.ReadOption) (got string) {
					for _, col := range collect(t, f.Columns(ctx, "k", opts...)) {
						got += col.Value.(string)
					}
					return got
				}
				for i := range names {
					all := "0123"
					if got := values(widerow.After(names[i]), widerow.Buffer(2)); got != all[i+1:] {
						t.Errorf("After(%v) = %s, want %s", names[i], got, all[i+1:])
					}
					if got := values(widerow.Before(names[i]), widerow.Buffer(2)); got != all[:i] {
						t.Errorf("Before(%v) = %s, want %s", names[i], got, all[:i])
					}
				}
			})
		})
	}
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, def2("G", "CompositeType(LongType, UTF8Type)"))
		insert(t, f, "k", widerow.Values{{[]any{1, "a"}, "0"}, {[]any{2, "a"}, "1"}, {[]any{2, "b"}, "2"}, {[]any{3, "a"}, "3"}})
		row := must(f.Get(ctx, "k", widerow.After([]any{2})))(t)
		if len(row.Columns) != 1 || row.Columns[0].Value != "3" {
			t.Errorf("After the first component: %v", row)
		}
	})
}

func TestEnsure(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		sys := s.System()
		for range 2 {
			if err := sys.EnsureKeyspace(ctx, schema.Keyspace{Name: "E"}); err != nil {
				t.Fatal(err)
			}
			def := text("F")
			def.Keyspace = "E"
			if err := sys.EnsureFamily(ctx, def, widerow.ColumnDef{Name: "n", Validator: schema.LongType}); err != nil {
				t.Fatal(err)
			}
		}
		if ks := must(sys.Keyspace(ctx, "E"))(t); ks.StrategyOptions["replication_factor"] != "1" {
			t.Errorf("replication: %v", ks.StrategyOptions)
		}
		other := text("F")
		other.Keyspace, other.Comparator = "E", schema.LongType
		for want, err := range map[string]error{
			"exists already: Comparator is":      sys.EnsureFamily(ctx, other),
			"exists already: StrategyOptions is": sys.EnsureKeyspace(ctx, schema.NewKeyspace("E", 3)),
			"create keyspace E: exists already":  sys.CreateKeyspace(ctx, schema.Keyspace{Name: "E"}),
			"E.F: exists already":                sys.CreateFamily(ctx, other),
		} {
			if !errors.Is(err, widerow.ErrExists) || !contains(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		}
		for _, err := range []error{
			sys.DropFamily(ctx, "E", "nope"), sys.DropFamily(ctx, "Nope", "F"), sys.DropKeyspace(ctx, "Nope"),
		} {
			if !errors.Is(err, widerow.ErrNotFound) {
				t.Errorf("drop of a missing definition: %v", err)
			}
		}
	})
}
