package widerow_test

import (
	"errors"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/widerowtest"
)

func TestInsert(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		for _, cols := range []any{
			widerow.Values{{"b", "2"}, {"a", "1"}},
			map[string]string{"b": "2", "a": "1"},
			map[string]any{"b": "2", "a": "1"},
		} {
			ts := insert(t, f, "k", cols)
			row := must(f.Get(ctx, "k"))(t)
			diff(t, "row", row.Columns, []widerow.Column{{Name: "a", Value: "1", Timestamp: ts}, {Name: "b", Value: "2", Timestamp: ts}})
			must(f.Remove(ctx, "k"))(t)
		}
		insert(t, f, "none", nil)
		if n := must(f.Count(ctx, "none"))(t); n != 0 {
			t.Errorf("an insert of nothing made %d columns", n)
		}
		ts := must(f.BatchInsert(ctx, widerow.Values{
			{"row1", widerow.Values{{"name1", "val1"}, {"name2", "val2"}}},
			{"row2", map[string]string{"foo": "bar"}},
			{"row3", [][2]any{{"x", "y"}}},
		}))(t)
		for k, want := range map[string]string{"row1": "{'name1': 'val1', 'name2': 'val2'}", "row2": "{'foo': 'bar'}", "row3": "{'x': 'y'}"} {
			row := must(f.Get(ctx, k))(t)
			if row.String() != want || row.Columns[0].Timestamp != ts {
				t.Errorf("%s: %v at %d, want %s at %d", k, row, row.Columns[0].Timestamp, want, ts)
			}
		}
		// A row that was read can be written unchanged.
		row := must(f.Get(ctx, "row1"))(t)
		must(f.BatchInsert(ctx, widerow.Values{{"copy", row.Columns}}))(t)
		if got := must(f.Get(ctx, "copy"))(t); got.String() != row.String() {
			t.Errorf("copy %v of %v", got, row)
		}

		sf := s.family(t, superText("S"))
		insert(t, sf, "k", widerow.Values{{"s", widerow.Values{{"a", "1"}}}, {"t", map[string]string{"b": "2"}}})
		srow := must(sf.Get(ctx, "k"))(t)
		must(sf.BatchInsert(ctx, widerow.Values{{"copy", srow.Columns}}))(t)
		if got := must(sf.Get(ctx, "copy"))(t); got.String() != srow.String() {
			t.Errorf("copy %v of %v", got, srow)
		}
	})
}

func TestInsertRefused(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		def := text("F")
		def.KeyValidator, def.Comparator = schema.LongType, schema.LongType
		f := s.family(t, def, widerow.ColumnDef{Name: 7, Validator: schema.LongType})
		sf := s.family(t, superText("S"))
		counts := text("C")
		counts.DefaultValidator = schema.CounterColumnType
		cf := s.family(t, counts)
		for name, tt := range map[string]struct {
			f    *widerow.Family
			key  any
			cols widerow.Values
			opts []widerow.WriteOption
			want string
		}{
			"key":            {f: f, key: "k", cols: widerow.Values{{1, "x"}}, want: `key "k"`},
			"name":           {f: f, key: 1, cols: widerow.Values{{"n", "x"}}, want: `column name "n"`},
			"value":          {f: f, key: 1, cols: widerow.Values{{7, "x"}}, want: `value of column 7`},
			"value of type":  {f: f, key: 1, cols: widerow.Values{{1, struct{}{}}}, want: `value of column 1`},
			"no value":       {f: f, key: 1, cols: widerow.Values{{7}}, want: "column 7 has no value"},
			"TTL of half":    {f: f, key: 1, cols: widerow.Values{{1, "x"}}, opts: []widerow.WriteOption{widerow.TTL(time.Second / 2)}, want: "TTL(500ms)"},
			"TTL too long":   {f: f, key: 1, cols: widerow.Values{{1, "x"}}, opts: []widerow.WriteOption{widerow.TTL(math.MaxInt64)}, want: "TTL("},
			"TTL of counter": {f: cf, key: "k", cols: widerow.Values{{"n", 1}}, opts: []widerow.WriteOption{widerow.TTL(time.Minute)}, want: "counters have neither"},
			"counter at":     {f: cf, key: "k", cols: widerow.Values{{"n", 1}}, opts: []widerow.WriteOption{widerow.At(5)}, want: "counters have neither"},
			"super as plain": {f: sf, key: "k", cols: widerow.Values{{"s", "x"}}, want: `super column "s": cannot take columns from string`},
		} {
			_, err := tt.f.Insert(ctx, tt.key, tt.cols, tt.opts...)
			if !errors.Is(err, widerow.ErrInvalidRequest) || !contains(err.Error(), tt.want) {
				t.Errorf("%s: %v, want an invalid request about %s", name, err, tt.want)
			}
			if n := len(collect(t, tt.f.Range(ctx))); n != 0 {
				t.Errorf("%s: something was written", name)
			}
		}
	})
}

func TestRemove(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		sf := s.family(t, superText("S"))
		for _, tt := range []struct {
			name   string
			f      *widerow.Family
			remove func(f *widerow.Family) (int64, error)
			want   string
		}{
			{"names", f, func(f *widerow.Family) (int64, error) { return f.Remove(ctx, "k", widerow.Names("a", "c", "nope")) }, "{'b': '2', 'd': '4'}"},
			{"no names", f, func(f *widerow.Family) (int64, error) { return f.Remove(ctx, "k", widerow.Names()) }, "{'a': '1', 'b': '2', 'c': '3', 'd': '4'}"},
			{"row", f, func(f *widerow.Family) (int64, error) { return f.Remove(ctx, "k") }, "{}"},
			{"older", f, func(f *widerow.Family) (int64, error) { return f.Remove(ctx, "k", widerow.At(1)) }, "{'a': '1', 'b': '2', 'c': '3', 'd': '4'}"},
			{"slice", f, func(f *widerow.Family) (int64, error) { return f.RemoveSlice(ctx, "k", "b", "c") }, "{'a': '1', 'd': '4'}"},
			{"open slice", f, func(f *widerow.Family) (int64, error) { return f.RemoveSlice(ctx, "k", "c", nil) }, "{'a': '1', 'b': '2'}"},
			{"older slice", f, func(f *widerow.Family) (int64, error) {
				return f.RemoveSlice(ctx, "k", nil, nil, widerow.At(1), widerow.Level(widerow.All))
			}, "{'a': '1', 'b': '2', 'c': '3', 'd': '4'}"},
			{"super column", sf, func(f *widerow.Family) (int64, error) { return f.Remove(ctx, "k", widerow.Super("s")) }, "{'t': {'c': '3'}}"},
			{"super columns by name", sf, func(f *widerow.Family) (int64, error) { return f.Remove(ctx, "k", widerow.Names("t")) }, "{'s': {'a': '1', 'b': '2'}}"},
			{"in a super column", sf, func(f *widerow.Family) (int64, error) {
				return f.Remove(ctx, "k", widerow.Super("s"), widerow.Names("a"))
			}, "{'s': {'b': '2'}, 't': {'c': '3'}}"},
			{"slice of a super column", sf, func(f *widerow.Family) (int64, error) {
				return f.RemoveSlice(ctx, "k", "b", nil, widerow.Super("s"))
			}, "{'s': {'a': '1'}, 't': {'c': '3'}}"},
			{"slice of super columns", sf, func(f *widerow.Family) (int64, error) { return f.RemoveSlice(ctx, "k", "a", "sz") }, "{'t': {'c': '3'}}"},
		} {
			if err := tt.f.Truncate(ctx); err != nil {
				t.Fatal(err)
			}
			before := insert(t, f, "k", widerow.Values{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}})
			insert(t, sf, "k", widerow.Values{{"s", widerow.Values{{"a", "1"}, {"b", "2"}}}, {"t", widerow.Values{{"c", "3"}}}})
			ts, err := tt.remove(tt.f)
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			if ts != 1 && ts <= before {
				t.Errorf("%s: timestamp %d, after an insert at %d", tt.name, ts, before)
			}
			row, err := tt.f.Get(ctx, "k")
			if err != nil && !errors.Is(err, widerow.ErrNotFound) {
				t.Errorf("%s: %v", tt.name, err)
			}
			if row.String() != tt.want {
				t.Errorf("%s leaves %v, want %s", tt.name, row, tt.want)
			}
		}
		if err := f.Truncate(ctx); err != nil {
			t.Fatal(err)
		}
		if rows := collect(t, f.Range(ctx, widerow.KeepEmpty())); rows != nil {
			t.Errorf("after Truncate: %v", rows)
		}
		if _, err := f.Remove(ctx, "k", widerow.Super("s")); !errors.Is(err, widerow.ErrInvalidRequest) {
			t.Errorf("Super in a standard family: %v", err)
		}
	})
}

func TestTimestamps(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	// The clock stands still, but the last write must win.
	var mu sync.Mutex
	seen := map[int64]bool{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				ts, err := f.Insert(ctx, "k", widerow.Values{{"a", "x"}})
				mu.Lock()
				if err != nil || seen[ts] {
					t.Errorf("timestamp %d again, or %v", ts, err)
				}
				seen[ts] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if ts := s.Timestamp(); ts != widerowtest.Epoch.UnixMicro()+200 {
		t.Errorf("the timestamp after 200 is %d above the clock", ts-widerowtest.Epoch.UnixMicro())
	}
	s.Advance(time.Hour)
	if ts := s.Timestamp(); ts != widerowtest.Epoch.Add(time.Hour).UnixMicro() {
		t.Errorf("the timestamp does not follow the clock: %d", ts)
	}

	own := must(f.Using(widerow.TimestampSource(func() int64 { return 42 })))(t)
	if ts := insert(t, own, "own", widerow.Values{{"a", "x"}}); ts != 42 {
		t.Errorf("a source of the family's own: %d", ts)
	}
	if ts := must(own.Remove(ctx, "own"))(t); ts != 42 {
		t.Errorf("Remove by a source of the family's own: %d", ts)
	}
	db := widerow.New(s.Backend(), &widerow.Options{Timestamps: func() int64 { return 7 }})
	g := must(db.Keyspace(widerowtest.DefaultKeyspace).Family(ctx, "F"))(t)
	if ts := insert(t, g, "db", widerow.Values{{"a", "x"}}); ts != 7 {
		t.Errorf("a source of the DB's own: %d", ts)
	}
}

func TestLevels(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t, widerowtest.Front(widerow.Options{Read: widerow.Two, Write: widerow.Three}))
	f := s.Family(text("F"))
	own := must(f.Using(widerow.ReadLevel(widerow.Quorum), widerow.WriteLevel(widerow.All)))(t)
	insert(t, f, "k", widerow.Values{{"a", "x"}})
	var got []widerow.Consistency
	s.Fail(widerowtest.Fault{Times: -1, Match: func(c widerowtest.Call) bool {
		got = append(got, levelOf(c))
		return false
	}})
	for _, call := range []func() error{
		func() error { _, err := f.Get(ctx, "k"); return err },
		func() error { _, err := own.Get(ctx, "k"); return err },
		func() error { _, err := own.Get(ctx, "k", widerow.Level(widerow.One)); return err },
		func() error { _, err := f.Insert(ctx, "k", widerow.Values{{"a", "x"}}); return err },
		func() error { _, err := own.Insert(ctx, "k", widerow.Values{{"a", "x"}}); return err },
		func() error { _, err := own.Remove(ctx, "k", widerow.Level(widerow.Any)); return err },
		func() error { return new(widerow.Batch).Remove(f, "k").Send(ctx) },
		func() error { return new(widerow.Batch).Remove(own, "k").Send(ctx) },
		func() error { return new(widerow.Batch).Remove(own, "k").Send(ctx, widerow.Level(widerow.Two)) },
		func() error { return new(widerow.Batch).Remove(own, "k").Send(ctx, widerow.Level(widerow.LocalQuorum)) },
		func() error {
			return widerow.InBatch(ctx, 0, func(b *widerow.Batch) error { b.Remove(own, "k"); return nil })
		},
		func() error { _, err := own.Count(ctx, "k"); return err },
	} {
		if err := call(); err != nil {
			t.Fatal(err)
		}
	}
	diff(t, "levels", got, []widerow.Consistency{
		widerow.Two, widerow.Quorum, widerow.One, widerow.Three, widerow.All, widerow.Any,
		widerow.Three, widerow.All, widerow.Two, widerow.LocalQuorum, widerow.All, widerow.Quorum,
	})
}

func TestOptionConflicts(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	calls := s.Calls(widerowtest.AnyVerb, "")
	get := func(opts ...widerow.ReadOption) error { _, err := f.Get(ctx, "k", opts...); return err }
	put := func(opts ...widerow.WriteOption) error {
		_, err := f.Insert(ctx, "k", widerow.Values{{"a", "b"}}, opts...)
		return err
	}
	scan := func(opts ...widerow.ScanOption) error {
		for _, err := range f.Range(ctx, opts...) {
			return err
		}
		return nil
	}
	for want, err := range map[string]error{
		"Names and From contradict each other":     get(widerow.Names("a"), widerow.From("b")),
		"Names and Reversed contradict each other": get(widerow.Names("a"), widerow.Reversed()),
		"Names and Limit contradict each other":    get(widerow.Names("a"), widerow.Limit(1)),
		"Slice and From contradict each other":     get(widerow.Slice("a", "b"), widerow.From("b")),
		"From and After contradict each other":     get(widerow.From("a"), widerow.After("b")),
		"Limit is given twice":                     get(widerow.Limit(1), widerow.Limit(2)),
		"TTL is given twice":                       put(widerow.TTL(time.Second), widerow.TTL(time.Minute)),
		"Names: this call has no use for it":       put(widerow.Names("a")),
		"Buffer: this call has no use for it":      get(widerow.Buffer(2)),
		"Super(nil)":                               get(widerow.Super(nil)),
		`Super("s"): F is not a super family`:      get(widerow.Super("s")),
		"an option is nil":                         get(nil),
		"looks like seconds or milliseconds":       put(widerow.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Unix())),
		"KeyRange and Tokens contradict":           scan(widerow.KeyRange("a", "b"), widerow.Tokens("0", "1")),
		"KeyRange and StartKey contradict":         scan(widerow.KeyRange("a", "b"), widerow.StartKey("a")),
		"StartKey and Tokens contradict":           scan(widerow.Tokens("0", "1"), widerow.StartKey("a")),
		"Buffer(-1)":                               scan(widerow.Buffer(-1)),
	} {
		if !errors.Is(err, widerow.ErrInvalidRequest) || !contains(err.Error(), want) {
			t.Errorf("%v, want an invalid request: %s", err, want)
		}
	}
	if n := s.Calls(widerowtest.AnyVerb, "") - calls; n != 0 {
		t.Errorf("%d calls reached the store", n)
	}
}

func TestOverrides(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		// The family has no types, so everything is bytes.
		f := s.family(t, schema.Family{Name: "F"})
		insert(t, f, "k", widerow.Values{{[]byte{0, 0, 0, 0, 0, 0, 0, 7}, "v"}})
		row := must(f.Get(ctx, []byte("k")))(t)
		diff(t, "raw row", row.Columns[0].Value, any([]byte("v")))
		typed := must(f.Using(
			widerow.KeyType(coltypeOf(t, schema.UTF8Type)), widerow.NameType(coltypeOf(t, schema.LongType)),
			widerow.ValueType(coltypeOf(t, schema.UTF8Type)), widerow.ColumnType(8, coltypeOf(t, schema.DoubleType)),
		))(t)
		insert(t, typed, "k", widerow.Values{{8, 2.5}, {9, "nine"}})
		row = must(typed.Get(ctx, "k", widerow.From(7)))(t)
		if got := row.String(); got != "{7: 'v', 8: 2.5, 9: 'nine'}" || row.Key != "k" {
			t.Errorf("typed row %v of key %v", got, row.Key)
		}
		raw := must(typed.Using(widerow.Raw()))(t)
		row = must(raw.Get(ctx, "k", widerow.Limit(1)))(t)
		diff(t, "name", row.Columns[0].Name, any([]byte{0, 0, 0, 0, 0, 0, 0, 7}))
		half := must(typed.Using(widerow.RawValues(), widerow.RawKeys()))(t)
		row = must(half.Get(ctx, "k", widerow.Names(8)))(t)
		diff(t, "value", row.Value(8), any([]byte{0x40, 0x04, 0, 0, 0, 0, 0, 0}))
		diff(t, "key", row.Key, any([]byte("k")))
		names := must(typed.Using(widerow.RawNames()))(t)
		if _, err := names.Get(ctx, "k", widerow.Names("\x00\x00\x00\x00\x00\x00\x00\x09")); err != nil {
			t.Error(err)
		}
		// Reload keeps the types that options set.
		if err := typed.Reload(ctx); err != nil {
			t.Fatal(err)
		}
		if got := must(typed.Get(ctx, "k"))(t).String(); got != "{7: 'v', 8: 2.5, 9: 'nine'}" {
			t.Errorf("after Reload %v", got)
		}
		// Use a type that does not fit the stored value.
		wrong := must(typed.Using(widerow.ValueType(coltypeOf(t, schema.LongType))))(t)
		_, err := wrong.Get(ctx, "k")
		if !errors.Is(err, widerow.ErrCorrupt) || !contains(err.Error(), `value of column 7`) {
			t.Errorf("a type that does not fit: %v", err)
		}
		if _, err := f.Using(widerow.NameType(coltypeOf(t, schema.LongType)), widerow.ColumnType("x", coltypeOf(t, schema.LongType))); !errors.Is(err, widerow.ErrInvalidRequest) {
			t.Errorf("ColumnType of an invalid name: %v", err)
		}

		sf := s.family(t, schema.Family{Name: "S", Type: schema.Super})
		st := must(sf.Using(
			widerow.SuperNameType(coltypeOf(t, schema.LongType)), widerow.NameType(coltypeOf(t, schema.UTF8Type)),
			widerow.ValueType(coltypeOf(t, schema.UTF8Type)), widerow.ColumnType("n", coltypeOf(t, schema.LongType)),
		))(t)
		insert(t, st, "k", widerow.Values{{5, widerow.Values{{"a", "x"}, {"n", 6}}}})
		if got := must(st.Get(ctx, "k"))(t).String(); got != "{5: {'a': 'x', 'n': 6}}" {
			t.Errorf("typed super row %v", got)
		}
	})
}

func TestReload(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, schema.Family{Name: "F", Comparator: schema.UTF8Type})
		insert(t, f, "k", widerow.Values{{"n", "\x00\x00\x00\x00\x00\x00\x00\x05"}})
		if err := s.System().AlterColumn(ctx, "K", "F", "n", schema.LongType); err != nil {
			t.Fatal(err)
		}
		if _, ok := must(f.Get(ctx, "k"))(t).Value("n").([]byte); !ok {
			t.Error("the type changed without Reload")
		}
		if err := f.Reload(ctx); err != nil {
			t.Fatal(err)
		}
		if got := must(f.Get(ctx, "k"))(t).Value("n"); got != int64(5) {
			t.Errorf("after Reload the value is %v", got)
		}
		if err := s.System().DropFamily(ctx, "K", "F"); err != nil {
			t.Fatal(err)
		}
		if err := f.Reload(ctx); !errors.Is(err, widerow.ErrNotFound) {
			t.Errorf("Reload of a family that is gone: %v", err)
		}
		if f.Schema().Name != "F" {
			t.Error("a Reload that fails loses the definition")
		}
		if _, err := s.Keyspace("nope").Family(ctx, "F"); !errors.Is(err, widerow.ErrNotFound) {
			t.Errorf("a keyspace that does not exist: %v", err)
		}
	})
}

// TestDefaultTTL writes to a family whose columns expire by default.
func TestDefaultTTL(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, schema.Family{Name: "F", Comparator: "UTF8Type", DefaultValidator: "UTF8Type", KeyValidator: "UTF8Type", DefaultTTL: new(int32(60))})
		write := func(name string, opts ...widerow.WriteOption) {
			t.Helper()
			if _, err := f.Insert(ctx, "k", widerow.Values{{name, "v"}}, opts...); err != nil {
				t.Fatal(err)
			}
		}
		write("default")
		write("zero", widerow.TTL(0))
		write("longer", widerow.TTL(time.Hour))
		write("stays", widerow.TTL(-1))
		view := must(widerow.Typed[string, string, string](f))(t)
		if _, err := view.Insert(ctx, "k", []widerow.Cell[string, string]{{Name: "typed", Value: "v"}, {Name: "typed stays", Value: "v", TTL: -1}}); err != nil {
			t.Fatal(err)
		}
		got := map[any]int32{}
		for _, c := range must(f.Get(ctx, "k"))(t).Columns {
			got[c.Name] = c.TTL
		}
		diff(t, "TTLs", got, map[any]int32{"default": 60, "zero": 60, "longer": 3600, "stays": 0, "typed": 60, "typed stays": 0})
	})
}
