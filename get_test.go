package widerow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/internal/frontopt"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/widerowtest"
)

func TestGet(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		numbered(t, f, "k", 150)
		want := func(from, to int) []string {
			out := []string{}
			for i := from; i <= to; i++ {
				out = append(out, fmt.Sprintf("c%03d", i))
			}
			return out
		}
		back := func(from, to int) []string {
			out := want(to, from)
			slices.Reverse(out)
			return out
		}
		for _, tt := range []struct {
			name string
			opts []widerow.ReadOption
			want []string
		}{
			{"the first 100", nil, want(0, 99)},
			{"all", []widerow.ReadOption{widerow.Limit(widerow.Unlimited)}, want(0, 149)},
			{"a slice", []widerow.ReadOption{widerow.Slice("c005", "c007")}, want(5, 7)},
			{"a start", []widerow.ReadOption{widerow.From("c147")}, want(147, 149)},
			{"an end", []widerow.ReadOption{widerow.To("c002")}, want(0, 2)},
			{"behind a name", []widerow.ReadOption{widerow.After("c147")}, want(148, 149)},
			{"before a name", []widerow.ReadOption{widerow.Before("c002")}, want(0, 1)},
			{"between two names", []widerow.ReadOption{widerow.After("c002"), widerow.Before("c005"), widerow.Limit(2)}, want(3, 4)},
			{"behind a name that is not there", []widerow.ReadOption{widerow.After("c1475")}, want(148, 149)},
			{"behind a name, limited", []widerow.ReadOption{widerow.After("c002"), widerow.Limit(1)}, want(3, 3)},
			{"behind a name backwards", []widerow.ReadOption{widerow.After("c147"), widerow.Before("c145"), widerow.Reversed()}, back(146, 146)},
			{"an open slice", []widerow.ReadOption{widerow.Slice(nil, nil), widerow.Limit(2)}, want(0, 1)},
			{"the last three", []widerow.ReadOption{widerow.Reversed(), widerow.Limit(3)}, back(149, 147)},
			{"a slice backwards", []widerow.ReadOption{widerow.Slice("c007", "c005"), widerow.Reversed()}, back(7, 5)},
			{"an end backwards", []widerow.ReadOption{widerow.To("c147"), widerow.Reversed()}, back(149, 147)},
			{"names", []widerow.ReadOption{widerow.Names("c009", "c003", "nope", "c003")}, []string{"c003", "c009"}},
			{"names of a slice", []widerow.ReadOption{widerow.Names(widerow.Anys([]string{"c001"})...)}, want(1, 1)},
			{"default names", []widerow.ReadOption{defaultNames("c001")}, want(1, 1)},
			{"default names behind a slice", []widerow.ReadOption{defaultNames("c001"), widerow.To("c000")}, want(0, 0)},
			{"a level", []widerow.ReadOption{widerow.Limit(1), widerow.Level(widerow.Quorum)}, want(0, 0)},
		} {
			row, err := f.Get(ctx, "k", tt.opts...)
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			if row.Key != "k" {
				t.Errorf("%s: key %v", tt.name, row.Key)
			}
			diff(t, tt.name, names(row.Columns), tt.want)
		}
		for name, opts := range map[string][]widerow.ReadOption{
			"no such name": {widerow.Names("nope")},
			"no name":      {widerow.Names()},
			"empty slice":  {widerow.Slice("d", "e")},
		} {
			if _, err := f.Get(ctx, "k", opts...); !errors.Is(err, widerow.ErrNotFound) {
				t.Errorf("%s: %v, want ErrNotFound", name, err)
			}
		}
		_, err := f.Get(ctx, "gone")
		if !errors.Is(err, widerow.ErrNotFound) || err.Error() != `widerow: get F["gone"]: not found` {
			t.Errorf("a row that does not exist: %v", err)
		}
	})
}

func TestGetColumn(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		before := s.Timestamp()
		ts := insert(t, f, "k", widerow.Values{{"a", "1"}}, widerow.TTL(time.Minute))
		if ts <= before || ts > s.Timestamp() {
			t.Errorf("the timestamp %d is not between the times before and after the call", ts)
		}
		insert(t, f, "k", widerow.Values{{"b", "2"}}, widerow.At(77))
		row := must(f.Get(ctx, "k"))(t)
		diff(t, "columns", row.Columns, []widerow.Column{
			{Name: "a", Value: "1", Timestamp: ts, TTL: 60}, {Name: "b", Value: "2", Timestamp: 77},
		})
		if got := row.Columns[0].Time(); got.UnixMicro() != ts {
			t.Errorf("Time() = %v", got)
		}
		s.advance(time.Minute)
		row = must(f.Get(ctx, "k"))(t)
		diff(t, "after the TTL", names(row.Columns), []string{"b"})
	})
}

func TestGetSuper(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, superText("S"))
		if !f.IsSuper() {
			t.Error("IsSuper() = false")
		}
		insert(t, f, "k", widerow.Values{
			{"lower", widerow.Values{{"a", "1"}, {"b", "2"}, {"c", "3"}}},
			{"upper", map[string]any{"A": "1", "B": "2"}},
		})
		for _, tt := range []struct {
			name string
			opts []widerow.ReadOption
			want string
		}{
			{"all", nil, "{'lower': {'a': '1', 'b': '2', 'c': '3'}, 'upper': {'A': '1', 'B': '2'}}"},
			{"super columns by name", []widerow.ReadOption{widerow.Names("upper")}, "{'upper': {'A': '1', 'B': '2'}}"},
			{"a slice of super columns", []widerow.ReadOption{widerow.To("m")}, "{'lower': {'a': '1', 'b': '2', 'c': '3'}}"},
			{"the limit counts super columns", []widerow.ReadOption{widerow.Limit(1)}, "{'lower': {'a': '1', 'b': '2', 'c': '3'}}"},
			{"backwards", []widerow.ReadOption{widerow.Reversed(), widerow.Limit(1)}, "{'upper': {'A': '1', 'B': '2'}}"},
			{"default names are not of super columns", []widerow.ReadOption{defaultNames("a"), widerow.Super("lower")}, "{'a': '1'}"},
			{"one", []widerow.ReadOption{widerow.Super("lower")}, "{'a': '1', 'b': '2', 'c': '3'}"},
			{"names in one", []widerow.ReadOption{widerow.Super("lower"), widerow.Names("a", "b")}, "{'a': '1', 'b': '2'}"},
			{"a slice of one", []widerow.ReadOption{widerow.Super("lower"), widerow.From("b")}, "{'b': '2', 'c': '3'}"},
			{"one backwards", []widerow.ReadOption{widerow.Super("lower"), widerow.To("b"), widerow.Reversed()}, "{'c': '3', 'b': '2'}"},
		} {
			row := must(f.Get(ctx, "k", tt.opts...))(t)
			if got := row.String(); got != tt.want {
				t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
			}
		}
		row := must(f.Get(ctx, "k", widerow.Super("lower")))(t)
		if row.Super != "lower" {
			t.Errorf("Super = %v", row.Super)
		}
		if _, err := f.Get(ctx, "k", widerow.Super("nope")); !errors.Is(err, widerow.ErrNotFound) {
			t.Errorf("no such super column: %v", err)
		}
		var subs []string
		for c, err := range f.Columns(ctx, "k", widerow.Super("lower"), widerow.Buffer(2)) {
			if err != nil {
				t.Fatal(err)
			}
			subs = append(subs, c.String())
		}
		diff(t, "Columns of one", subs, []string{"'a': '1'", "'b': '2'", "'c': '3'"})
		var supers []string
		for c, err := range f.Columns(ctx, "k", widerow.Buffer(1)) {
			if err != nil {
				t.Fatal(err)
			}
			supers = append(supers, c.String())
		}
		diff(t, "Columns", supers, []string{"'lower': {'a': '1', 'b': '2', 'c': '3'}", "'upper': {'A': '1', 'B': '2'}"})
	})
}

func TestMultiGet(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	for _, k := range []string{"a", "b", "c", "d"} {
		insert(t, f, k, widerow.Values{{"x", k}, {"y", k}})
	}
	ask := []string{"d", "gone", "a", "c", "gone", "a"}
	for _, buffer := range []int{1, 2, 3, 100} {
		before := s.Calls(widerowtest.Slice, "F")
		rows := must(f.MultiGet(ctx, widerow.Anys(ask), widerow.Buffer(buffer), widerow.Names("x")))(t)
		diff(t, "keys", keys(rows), []string{"d", "a", "c"})
		for _, r := range rows {
			if got, want := r.String(), fmt.Sprintf("{'x': '%s'}", r.Key); got != want {
				t.Errorf("row %v: %s", r.Key, got)
			}
		}
		// Four of the keys are different.
		if got, want := s.Calls(widerowtest.Slice, "F")-before, (4+buffer-1)/buffer; got != want {
			t.Errorf("Buffer(%d): %d calls, want %d", buffer, got, want)
		}
	}
	s.Fail(widerowtest.Fault{Verb: widerowtest.Slice, Skip: 1, Err: widerow.ErrTimedOut})
	rows, err := f.MultiGet(ctx, widerow.Anys(ask), widerow.Buffer(2))
	if !errors.Is(err, widerow.ErrTimedOut) {
		t.Errorf("the second page fails: %v", err)
	}
	diff(t, "rows before the failure", keys(rows), []string{"d"})
}

// TestColumns reads rows whose lengths are around the page size, in both directions. No column may
// be lost, repeated or beyond the limit.
func TestColumns(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		for n := range 8 {
			key := fmt.Sprint("row", n)
			numbered(t, f, key, n)
			all := names(collect(t, f.Columns(ctx, key)))
			if len(all) != n {
				t.Errorf("%d columns of %d", len(all), n)
			}
			for buffer := 1; buffer <= n+2; buffer++ {
				for limit := 1; limit <= n+1; limit++ {
					what := fmt.Sprintf("%d columns, Buffer(%d), Limit(%d)", n, buffer, limit)
					got := names(collect(t, f.Columns(ctx, key, widerow.Buffer(buffer), widerow.Limit(limit))))
					diff(t, what, got, all[:min(n, limit)])
					back := names(collect(t, f.Columns(ctx, key, widerow.Buffer(buffer), widerow.Limit(limit), widerow.Reversed())))
					want := slices.Clone(all)
					slices.Reverse(want)
					diff(t, what+" backwards", back, want[:min(n, limit)])
				}
				got := names(collect(t, f.Columns(ctx, key, widerow.Buffer(buffer), widerow.Slice("c001", "c004"))))
				diff(t, "a slice", got, all[min(1, n):max(min(1, n), min(5, n))])
			}
		}
		if got := collect(t, f.Columns(ctx, "gone")); got != nil {
			t.Errorf("columns of a row that does not exist: %v", got)
		}
	})
}

// TestColumnsRemoved removes the column at the edge of a page between two pages.
func TestColumnsRemoved(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		numbered(t, f, "k", 9)
		var got []string
		for c, err := range f.Columns(ctx, "k", widerow.Buffer(3)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, c.Name.(string))
			must(f.Remove(ctx, "k", widerow.Names(c.Name)))(t)
		}
		if len(got) != 9 || !slices.IsSorted(got) {
			t.Errorf("got %v", got)
		}
	})
}

func TestColumnsStops(t *testing.T) {
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	numbered(t, f, "k", 10)
	before := s.Calls(widerowtest.Slice, "F")
	for range f.Columns(t.Context(), "k", widerow.Buffer(2)) {
		break
	}
	if got := s.Calls(widerowtest.Slice, "F") - before; got != 1 {
		t.Errorf("%d calls after the loop broke out", got)
	}
	s.Fail(widerowtest.Fault{Verb: widerowtest.Slice, Skip: 1, Err: widerow.ErrUnavailable})
	n, failed := 0, 0
	for _, err := range f.Columns(t.Context(), "k", widerow.Buffer(4)) {
		if err != nil {
			failed++
			if want := `widerow: get columns of F["k"]: unavailable`; err.Error() != want {
				t.Errorf("error %q, want %q", err, want)
			}
			continue
		}
		n++
	}
	if n != 4 || failed != 1 {
		t.Errorf("%d columns and %d errors, want 4 and 1", n, failed)
	}
}

func TestCount(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		numbered(t, f, "k", 250)
		numbered(t, f, "few", 3)
		for _, tt := range []struct {
			name string
			opts []widerow.ReadOption
			want int
		}{
			{"all", nil, 250},
			{"a bound", []widerow.ReadOption{widerow.Limit(7)}, 7},
			{"names", []widerow.ReadOption{widerow.Names("c001", "c003", "nope")}, 2},
			{"a slice", []widerow.ReadOption{widerow.Slice("c010", "c019")}, 10},
			{"backwards", []widerow.ReadOption{widerow.Slice("c019", "c010"), widerow.Reversed()}, 10},
		} {
			if got := must(f.Count(ctx, "k", tt.opts...))(t); got != tt.want {
				t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
			}
		}
		if got := must(f.Count(ctx, "gone"))(t); got != 0 {
			t.Errorf("a row that does not exist: %d", got)
		}
		got := must(f.MultiCount(ctx, []any{"few", "gone", "k", "few"}, widerow.Buffer(2)))(t)
		diff(t, "MultiCount", got, []int{3, 0, 250, 3})
		got = must(f.MultiCount(ctx, []any{"few", "k"}, widerow.Limit(2)))(t)
		diff(t, "MultiCount with a bound", got, []int{2, 2})

		sf := s.family(t, superText("S"))
		insert(t, sf, "k", widerow.Values{{"a", widerow.Values{{"x", "1"}, {"y", "2"}, {"z", "3"}}}, {"b", widerow.Values{{"x", "1"}}}})
		if n := must(sf.Count(ctx, "k"))(t); n != 2 {
			t.Errorf("super columns: %d", n)
		}
		if n := must(sf.Count(ctx, "k", widerow.Super("a")))(t); n != 3 {
			t.Errorf("columns of a super column: %d", n)
		}
		if n := must(sf.Count(ctx, "k", widerow.Super("a"), widerow.From("y")))(t); n != 2 {
			t.Errorf("a slice of a super column: %d", n)
		}
	})
}

func TestCounterFamily(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		def := text("C")
		def.DefaultValidator = schema.CounterColumnType
		f := s.family(t, def)
		if !f.IsCounter() {
			t.Error("IsCounter() = false")
		}
		for _, err := range []error{
			f.Add(ctx, "k", "a", 5), f.Add(ctx, "k", "a", -2), f.Add(ctx, "k", "b", 1, widerow.Level(widerow.Quorum)),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		insert(t, f, "k", widerow.Values{{"a", 10}, {"c", uint8(7)}})
		must(f.BatchInsert(ctx, widerow.Values{{"k", widerow.Values{{"c", -1}}}, {"l", map[string]int{"x": 3}}}))(t)
		var b widerow.Batch
		if err := b.Insert(f, "k", widerow.Values{{"c", 100}}).Send(ctx); err != nil {
			t.Fatal(err)
		}
		if got, want := must(f.Get(ctx, "k"))(t).String(), "{'a': 13, 'b': 1, 'c': 106}"; got != want {
			t.Errorf("counters %s, want %s", got, want)
		}
		if got := must(f.Get(ctx, "l"))(t).Value("x"); got != int64(3) {
			t.Errorf("value %v of type %T", got, got)
		}
		if err := f.RemoveCounter(ctx, "k", "b"); err != nil {
			t.Fatal(err)
		}
		must(f.Remove(ctx, "k", widerow.Names("c")))(t)
		if got := must(f.Get(ctx, "k"))(t).String(); got != "{'a': 13}" {
			t.Errorf("after removals %s", got)
		}
		if n := len(collect(t, f.Columns(ctx, "k"))); n != 1 {
			t.Errorf("Columns of counters: %d", n)
		}
		_, err := f.Insert(ctx, "k", widerow.Values{{"a", "text"}})
		if !errors.Is(err, widerow.ErrInvalidRequest) {
			t.Errorf("text in a counter: %v", err)
		}

		plain := s.family(t, text("F"))
		if err := plain.Add(ctx, "k", "a", 1); !errors.Is(err, widerow.ErrInvalidRequest) {
			t.Errorf("Add in a family without counters: %v", err)
		}

		sdef := superText("SC")
		sdef.DefaultValidator = schema.CounterColumnType
		sf := s.family(t, sdef)
		if err := sf.Add(ctx, "k", "a", 1); !errors.Is(err, widerow.ErrInvalidRequest) {
			t.Errorf("Add without a super column: %v", err)
		}
		if err := sf.Add(ctx, "k", "a", 4, widerow.Super("s")); err != nil {
			t.Fatal(err)
		}
		insert(t, sf, "k", widerow.Values{{"s", widerow.Values{{"b", 2}}}})
		if got := must(sf.Get(ctx, "k"))(t).String(); got != "{'s': {'a': 4, 'b': 2}}" {
			t.Errorf("super counters %s", got)
		}
		if err := sf.RemoveCounter(ctx, "k", "a", widerow.Super("s")); err != nil {
			t.Fatal(err)
		}
		if got := must(sf.Get(ctx, "k"))(t).String(); got != "{'s': {'b': 2}}" {
			t.Errorf("super counters after a removal %s", got)
		}
	})
}

func TestCancelled(t *testing.T) {
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		numbered(t, f, "k", 3)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		check := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v, want context.Canceled", what, err)
			}
			if widerow.SafeToRetry(err) {
				t.Errorf("%s: safe to retry", what)
			}
		}
		_, err := f.Get(ctx, "k")
		check("Get", err)
		_, err = f.Insert(ctx, "k", widerow.Values{{"a", "b"}})
		check("Insert", err)
		_, err = f.Insert(ctx, "k", nil)
		check("Insert of nothing", err)
		for _, err = range f.Range(ctx) {
			check("Range", err)
		}
		check("Send", new(widerow.Batch).Remove(f, "k").Send(ctx))
		check("Reload", f.Reload(ctx))
		check("CreateFamily", s.System().CreateFamily(ctx, schema.Family{Keyspace: "K", Name: "G"}))
	})
}

func TestClosed(t *testing.T) {
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
	_, err := f.Get(t.Context(), "k")
	if !errors.Is(err, widerow.ErrClosed) {
		t.Errorf("Get after Close: %v", err)
	}
	if err := new(widerow.Batch).Remove(f, "k").Send(t.Context()); !errors.Is(err, widerow.ErrClosed) {
		t.Errorf("Send after Close: %v", err)
	}
}

// defaultNames reads the names as package rowmap does.
func defaultNames(names ...any) widerow.ReadOption {
	return frontopt.Defaults(names, 0).(widerow.ReadOption)
}
