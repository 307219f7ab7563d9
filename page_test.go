package widerow_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/schema"
)

// TestPage walks forward and back over rows of every length. Turning pages must not lose or repeat
// a column.
func TestPage(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		for n := range 8 {
			key := fmt.Sprint("row", n)
			numbered(t, f, key, n)
			for _, opts := range [][]widerow.ReadOption{
				{}, {widerow.Reversed()}, {widerow.After("c001"), widerow.To("c005")}, {widerow.From("c006"), widerow.Before("c001"), widerow.Reversed()},
			} {
				all := names(collect(t, f.Columns(ctx, key, opts...)))
				for size := 1; size < 5; size++ {
					walk(t, all, size, func(bookmark string) ([]string, string, string) {
						page := must(f.Page(ctx, key, bookmark, append(opts, widerow.Limit(size))...))(t)
						if page.More != (page.Next != "") {
							t.Errorf("More is %v and Next %q", page.More, page.Next)
						}
						return names(page.Columns), page.Next, page.Prev
					})
				}
			}
		}
	})
}

// walk reads all pages forward and then back to the first.
func walk(t *testing.T, all []string, size int, read func(bookmark string) (items []string, next, prev string)) {
	t.Helper()
	items, next, prev := read("")
	if prev != "" {
		t.Errorf("size %d: the first page has a page before it", size)
	}
	got := slices.Clone(items)
	for next != "" {
		items, next, prev = read(next)
		got = append(got, items...)
	}
	if !slices.Equal(got, all) {
		t.Errorf("size %d: forward %v, want %v", size, got, all)
	}
	at := len(all) - len(items)
	for prev != "" {
		items, next, prev = read(prev)
		at -= size
		if want := all[max(at, 0):min(max(at, 0)+size, len(all))]; !slices.Equal(items, want) || next == "" {
			t.Errorf("size %d: back %v with next %q, want %v", size, items, next, want)
		}
	}
	if at > 0 {
		t.Errorf("size %d: the way back ended %d items before the first", size, at)
	}
}

// TestPageOfWhatChanges turns pages of a row while columns are removed.
func TestPageOfWhatChanges(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		numbered(t, f, "k", 9)
		page := func(bookmark string) widerow.Page {
			return must(f.Page(ctx, "k", bookmark, widerow.Limit(3)))(t)
		}
		second := page(page("").Next)
		must(f.Remove(ctx, "k", widerow.Names("c002", "c005", "c003")))(t)
		third := page(second.Next)
		diff(t, "behind a removed column", names(third.Columns), []string{"c006", "c007", "c008"})
		diff(t, "back", names(page(third.Prev).Columns), []string{"c000", "c001", "c004"})
		must(f.RemoveSlice(ctx, "k", "c006", nil))(t)
		end := page(second.Next)
		if len(end.Columns) != 0 || end.Next != "" || end.Prev == "" {
			t.Fatalf("the page of removed columns: %v, Next %q, Prev %q", end, end.Next, end.Prev)
		}
		last := page(end.Prev)
		diff(t, "back from an empty page", names(last.Columns), []string{"c000", "c001", "c004"})
		if last.Next != "" {
			t.Errorf("the last page has Next %q", last.Next)
		}
		if p := must(f.Page(ctx, "nobody", ""))(t); len(p.Columns) != 0 || p.Next != "" || p.Prev != "" {
			t.Errorf("a row that does not exist: %v", p)
		}
		for _, bad := range []string{"x", "!!!", "AQ", "BQE", "AAAA"} {
			if _, err := f.Page(ctx, "k", bad); !errors.Is(err, widerow.ErrInvalidRequest) {
				t.Errorf("bookmark %q: %v", bad, err)
			}
			if _, err := f.RangePage(ctx, bad); bad != "AQ" && !errors.Is(err, widerow.ErrInvalidRequest) {
				t.Errorf("bookmark of rows %q: %v", bad, err)
			}
		}
		sf := s.family(t, superText("S"))
		for _, name := range []string{"a", "b", "c"} {
			insert(t, sf, "k", widerow.Values{{name, widerow.Values{{"x", "1"}}}})
		}
		p := must(sf.Page(ctx, "k", "", widerow.Limit(2)))(t)
		p = must(sf.Page(ctx, "k", p.Next, widerow.Limit(2)))(t)
		if p.String() != "{'c': {'x': '1'}}" {
			t.Errorf("page of super columns: %v", p)
		}
	})
}

func TestRangePage(t *testing.T) {
	ctx := t.Context()
	for _, order := range []string{"byteordered", "murmur3"} {
		each(t, order, func(t *testing.T, s store) {
			f := s.family(t, schema.Family{Name: "F", KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type, DefaultValidator: schema.UTF8Type})
			for i := range 9 {
				insert(t, f, fmt.Sprint("row", i), widerow.Values{{"a", "x"}, {"b", "y"}})
			}
			must(f.Remove(ctx, "row3"))(t)
			all := keys(collect(t, f.Range(ctx)))
			for size := 1; size < 10; size++ {
				walk(t, all, size, func(bookmark string) ([]string, string, string) {
					page := must(f.RangePage(ctx, bookmark, widerow.RowLimit(size), widerow.Limit(1), widerow.Buffer(2)))(t)
					for _, row := range page.Rows {
						if len(row.Columns) != 1 || !row.More {
							t.Errorf("row %v: %v", row.Key, row)
						}
					}
					return keys(page.Rows), page.Next, page.Prev
				})
			}
		})
	}
}
