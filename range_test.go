package widerow_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/widerowtest"
)

// TestRange reads all rows with every buffer size and limit, among deleted rows, under each
// partitioner. No row may be lost or repeated.
func TestRange(t *testing.T) {
	ctx := t.Context()
	for _, order := range []string{"byteordered", "orderpreserving", "random", "murmur3"} {
		t.Run(order, func(t *testing.T) {
			each(t, order, func(t *testing.T, s store) {
				f := s.family(t, text("F"))
				for i := range 9 {
					insert(t, f, fmt.Sprint("row", i), widerow.Values{{"a", fmt.Sprint(i)}, {"b", "x"}})
				}
				for _, gone := range []string{"row0", "row3", "row4", "row8"} {
					must(f.Remove(ctx, gone))(t)
				}
				all := keys(collect(t, f.Range(ctx)))
				if len(all) != 5 {
					t.Fatalf("rows %v", all)
				}
				sorted := slices.Sorted(slices.Values(all))
				diff(t, "rows", sorted, []string{"row1", "row2", "row5", "row6", "row7"})
				with := keys(collect(t, f.Range(ctx, widerow.KeepEmpty())))
				for buffer := 1; buffer <= 10; buffer++ {
					for rows := 1; rows < 7; rows++ {
						got := keys(collect(t, f.Range(ctx, widerow.Buffer(buffer), widerow.RowLimit(rows))))
						diff(t, fmt.Sprintf("Buffer(%d), RowLimit(%d)", buffer, rows), got, all[:min(rows, 5)])
						got = keys(collect(t, f.Range(ctx, widerow.Buffer(buffer), widerow.RowLimit(rows), widerow.KeepEmpty())))
						diff(t, fmt.Sprintf("Buffer(%d), RowLimit(%d), KeepEmpty", buffer, rows), got, with[:min(rows, len(with))])
					}
				}
				got := keys(collect(t, f.Range(ctx, widerow.StartKey(all[2]), widerow.Buffer(2))))
				diff(t, "StartKey", got, all[2:])
				none := keys(collect(t, f.Range(ctx, widerow.Names(), widerow.KeepEmpty())))
				diff(t, "keys alone", none, with)
				if got := collect(t, f.Range(ctx, widerow.Names("nope"))); got != nil {
					t.Errorf("rows without selected columns: %v", got)
				}
			})
		})
	}
}

func TestRangeKeys(t *testing.T) {
	ctx := t.Context()
	each(t, "orderpreserving", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		for i := range 10 {
			insert(t, f, fmt.Sprint("row_key", i), widerow.Values{{"name", "val"}, {"more", "x"}})
		}
		for _, tt := range []struct {
			from, to any
			want     []string
		}{
			{"row_key5", "row_key7", []string{"row_key5", "row_key6", "row_key7"}},
			{nil, "row_key1", []string{"row_key0", "row_key1"}},
			{"row_key8", nil, []string{"row_key8", "row_key9"}},
			{"row_key55", "row_key61", []string{"row_key6"}},
		} {
			for buffer := 1; buffer < 5; buffer++ {
				rows := collect(t, f.Range(ctx, widerow.KeyRange(tt.from, tt.to), widerow.Buffer(buffer), widerow.Names("name")))
				diff(t, fmt.Sprintf("KeyRange(%v, %v)", tt.from, tt.to), keys(rows), tt.want)
				for _, r := range rows {
					if r.String() != "{'name': 'val'}" {
						t.Errorf("row %v: %v", r.Key, r)
					}
				}
			}
		}
		for _, err := range f.Range(ctx, widerow.KeyRange("b", "a")) {
			if !errors.Is(err, widerow.ErrInvalidRequest) {
				t.Errorf("start behind the end: %v", err)
			}
		}
	})
}

// TestRangeTokens reads every range of tokens, including ranges that wrap, and compares the rows
// with the tokens of their keys.
func TestRangeTokens(t *testing.T) {
	ctx := t.Context()
	for _, order := range []string{"byteordered", "orderpreserving", "random", "murmur3"} {
		t.Run(order, func(t *testing.T) {
			p, err := partitioner.ByClass(order)
			if err != nil {
				t.Fatal(err)
			}
			each(t, order, func(t *testing.T, s store) {
				f := s.family(t, text("F"))
				for i := range 7 {
					insert(t, f, fmt.Sprint("row", i), widerow.Values{{"a", "x"}})
				}
				all := keys(collect(t, f.Range(ctx)))
				for i := range all {
					for j := range all {
						start, end := p.Token([]byte(all[i])), p.Token([]byte(all[j]))
						var want []string
						if i < j {
							want = all[i+1 : j+1]
						} else {
							want = append(slices.Clone(all[i+1:]), all[:j+1]...)
						}
						for _, buffer := range []int{1, 3, 100} {
							got := keys(collect(t, f.Range(ctx, widerow.Tokens(start, end), widerow.Buffer(buffer))))
							diff(t, fmt.Sprintf("rows %d to %d, Buffer(%d)", i, j, buffer), got, append([]string{}, want...))
						}
					}
				}
			})
		})
	}
}

func TestRangeSuper(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, superText("S"))
		for _, k := range []string{"k1", "k2"} {
			insert(t, f, k, widerow.Values{{"s", widerow.Values{{"a", k}, {"b", "2"}}}, {"t", widerow.Values{{"a", "3"}}}})
		}
		insert(t, f, "k3", widerow.Values{{"t", widerow.Values{{"a", "4"}}}})
		var got []string
		for r, err := range f.Range(ctx, widerow.Super("s"), widerow.Names("a"), widerow.Buffer(2)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%v %v %v", r.Key, r.Super, r))
		}
		diff(t, "one super column", got, []string{"k1 s {'a': 'k1'}", "k2 s {'a': 'k2'}"})
		rows := collect(t, f.Range(ctx, widerow.Names("t")))
		if len(rows) != 3 || rows[2].String() != "{'t': {'a': '4'}}" {
			t.Errorf("super columns by name: %v", rows)
		}
	})
}

func TestRangeLimit(t *testing.T) {
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		numbered(t, f, "k", 120)
		for r, err := range f.Range(t.Context()) {
			if err != nil || len(r.Columns) != widerow.DefaultLimit {
				t.Errorf("%d columns, %v", len(r.Columns), err)
			}
		}
	})
}

// TestRangeCalls checks the sizes of pages. No call may ask for more rows than can be needed.
func TestRangeCalls(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	for i := range 6 {
		insert(t, f, fmt.Sprint("row", i), widerow.Values{{"a", "x"}})
	}
	for _, tt := range []struct{ buffer, rows, calls int }{
		{100, 3, 1}, {3, 3, 1}, {3, 5, 2}, {7, 100, 1}, {6, 6, 1}, {6, 7, 2},
	} {
		before := s.Calls(widerowtest.Range, "F")
		n := len(collect(t, f.Range(ctx, widerow.Buffer(tt.buffer), widerow.RowLimit(tt.rows))))
		if got := s.Calls(widerowtest.Range, "F") - before; got != tt.calls || n != min(tt.rows, 6) {
			t.Errorf("Buffer(%d), RowLimit(%d): %d rows in %d calls, want %d", tt.buffer, tt.rows, n, got, tt.calls)
		}
	}
	s.Fail(widerowtest.Fault{Verb: widerowtest.Range, Skip: 1, Err: widerow.ErrTimedOut})
	n := 0
	for _, err := range f.Range(ctx, widerow.Buffer(4)) {
		if err != nil {
			if err.Error() != "widerow: range F: timed out waiting for replicas" {
				t.Errorf("error %q", err)
			}
			continue
		}
		n++
	}
	if n != 4 {
		t.Errorf("%d rows before the failure", n)
	}
}

func users(t *testing.T, s store) *widerow.Family {
	t.Helper()
	f := s.family(
		t, text("Users"),
		widerow.ColumnDef{Name: "state", Validator: schema.UTF8Type, Index: 1},
		widerow.ColumnDef{Name: "birthdate", Validator: schema.LongType},
	)
	states := []string{"Utah", "Texas", "Utah"}
	for i := range 9 {
		insert(t, f, fmt.Sprint("user", i), widerow.Values{{"birthdate", 1968 + i}, {"state", states[i%3]}})
	}
	return f
}

func TestWhere(t *testing.T) {
	ctx := t.Context()
	for _, order := range []string{"byteordered", "murmur3"} {
		t.Run(order, func(t *testing.T) {
			each(t, order, func(t *testing.T, s store) {
				f := users(t, s)
				sorted := func(opts ...widerow.ScanOption) []string {
					return slices.Sorted(slices.Values(keys(collect(t, f.Where(ctx, opts...)))))
				}
				utah := []string{"user0", "user2", "user3", "user5", "user6", "user8"}
				diff(t, "EQ", sorted(widerow.Eq("state", "Utah")), utah)
				diff(t, "GT", sorted(widerow.Eq("state", "Utah"), widerow.Gt("birthdate", 1970)), utah[2:])
				diff(t, "GTE", sorted(widerow.Eq("state", "Utah"), widerow.Gte("birthdate", 1970)), utah[1:])
				diff(t, "LT", sorted(widerow.Eq("state", "Utah"), widerow.Lt("birthdate", 1970)), utah[:1])
				diff(t, "LTE", sorted(widerow.Lte("birthdate", 1970), widerow.Eq("state", "Utah")), utah[:2])
				all := keys(collect(t, f.Where(ctx, widerow.Eq("state", "Utah"))))
				for buffer := 1; buffer < 8; buffer++ {
					for rows := 1; rows < 8; rows++ {
						got := keys(collect(t, f.Where(ctx, widerow.Eq("state", "Utah"), widerow.Buffer(buffer), widerow.RowLimit(rows))))
						diff(t, fmt.Sprintf("Buffer(%d), RowLimit(%d)", buffer, rows), got, all[:min(rows, 6)])
					}
				}
				got := keys(collect(t, f.Where(ctx, widerow.Eq("state", "Utah"), widerow.StartKey(all[3]))))
				diff(t, "StartKey", got, all[3:])
				rows := collect(t, f.Where(ctx, widerow.Eq("state", "Texas"), widerow.Names("birthdate"), widerow.RowLimit(1)))
				if len(rows) != 1 || len(rows[0].Columns) != 1 || rows[0].Value("birthdate") == nil {
					t.Errorf("names: %v", rows)
				}
				rows = collect(t, f.Where(ctx, widerow.Eq("state", "Texas"), widerow.Names("nope")))
				if len(rows) != 3 || len(rows[0].Columns) != 0 {
					t.Errorf("rows without selected columns: %v", rows)
				}
				filtered := keys(collect(t, f.Range(ctx, widerow.Eq("state", "Utah"), widerow.Gt("birthdate", 1970), widerow.Buffer(2))))
				diff(t, "Range with expressions", slices.Sorted(slices.Values(filtered)), utah[2:])
				diff(t, "Range without an index", keys(collect(t, f.Range(ctx, widerow.Eq("birthdate", 1970)))), []string{"user2"})

				for name, opts := range map[string][]widerow.ScanOption{
					"no expression":    nil,
					"none on an index": {widerow.Eq("birthdate", 1970)},
					"wrong type":       {widerow.Eq("state", "Utah"), widerow.Gt("birthdate", "late")},
				} {
					for _, err := range f.Where(ctx, opts...) {
						if !errors.Is(err, widerow.ErrInvalidRequest) {
							t.Errorf("%s: %v, want ErrInvalidRequest", name, err)
						}
					}
				}
			})
		})
	}
}

// TestWhereDefault checks that Where returns 100 rows by default, as pycassa's index clause does.
func TestWhereDefault(t *testing.T) {
	s := widerowtest.New(t)
	f := s.Family(text("F"), widerow.ColumnDef{Name: "a", Validator: schema.UTF8Type, Index: 1})
	var rows widerow.Values
	for i := range 130 {
		rows = append(rows, [2]any{fmt.Sprint(i), widerow.Values{{"a", "x"}}})
	}
	must(f.BatchInsert(t.Context(), rows))(t)
	if n := len(collect(t, f.Where(t.Context(), widerow.Eq("a", "x")))); n != widerow.DefaultWhereRows {
		t.Errorf("%d rows", n)
	}
	if n := len(collect(t, f.Where(t.Context(), widerow.Eq("a", "x"), widerow.RowLimit(widerow.Unlimited)))); n != 130 {
		t.Errorf("%d rows without a limit", n)
	}
}
