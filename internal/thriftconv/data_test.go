package thriftconv

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

func TestConsistency(t *testing.T) {
	for c := backend.One; c <= backend.LocalOne; c++ {
		wire := ConsistencyToThrift(c)
		if wire.String() != c.String() {
			t.Errorf("%v to Thrift is %v", c, wire)
		}
		if got := ConsistencyFromThrift(wire); got != c {
			t.Errorf("%v to Thrift and back is %v", c, got)
		}
	}
	if got := ConsistencyToThrift(0); got != thriftwire.ConsistencyLevelOne {
		t.Errorf("the zero level to Thrift is %v, want ONE", got)
	}
}

func TestPredicateRoundTrip(t *testing.T) {
	for name, want := range map[string]backend.Predicate{
		"names":    {Names: [][]byte{[]byte("a"), {}}},
		"no names": {Names: [][]byte{}},
		"slice":    {Start: []byte("a"), Finish: []byte("b"), Reversed: true, Count: 5},
		"all":      {Count: 100},
	} {
		wire := PredicateToThrift(&want)
		if got := PredicateFromThrift(&wire); !cmp.Equal(want, got) {
			t.Errorf("%s: to Thrift and back is %+v, want %+v", name, got, want)
		}
	}
	if p := PredicateToThrift(&backend.Predicate{Count: math.MaxInt}); p.SliceRange.Count != math.MaxInt32 {
		t.Errorf("a large count became %d", p.SliceRange.Count)
	}
	if p := PredicateFromThrift(&thriftwire.SlicePredicate{}); p.Names != nil || p.Count != 0 {
		t.Errorf("an empty predicate became %+v", p)
	}
}

func TestExpressionsRoundTrip(t *testing.T) {
	for _, want := range [][]backend.Expression{
		nil, {}, {{Name: []byte("a"), Op: backend.EQ, Value: []byte("1")}, {Name: []byte("b"), Op: backend.LT, Value: []byte{}}},
	} {
		if got := ExpressionsFromThrift(ExpressionsToThrift(want)); !cmp.Equal(want, got) {
			t.Errorf("to Thrift and back is %v, want %v", got, want)
		}
	}
}

func TestKeyRanges(t *testing.T) {
	some := thriftwire.Some[string]
	for _, tt := range []struct {
		name string
		in   backend.KeyRange
		wire thriftwire.KeyRange
	}{
		{"all", backend.KeyRange{}, thriftwire.KeyRange{StartKey: []byte{}, EndKey: []byte{}}},
		{"from a key", backend.KeyRange{StartKey: []byte("a")}, thriftwire.KeyRange{StartKey: []byte("a"), EndKey: []byte{}}},
		{"to a key", backend.KeyRange{EndKey: []byte("a")}, thriftwire.KeyRange{StartKey: []byte{}, EndKey: []byte("a")}},
		{"tokens", backend.KeyRange{StartToken: "1", EndToken: "2"}, thriftwire.KeyRange{StartToken: some("1"), EndToken: some("2")}},
		{"key to token", backend.KeyRange{StartKey: []byte{}, EndToken: "2"}, thriftwire.KeyRange{StartKey: []byte{}, EndToken: some("2")}},
		{"from the empty token", backend.KeyRange{EndToken: "2"}, thriftwire.KeyRange{StartToken: some(""), EndToken: some("2")}},
		{"to the empty token", backend.KeyRange{StartToken: "2"}, thriftwire.KeyRange{StartToken: some("2"), EndToken: some("")}},
	} {
		tt.in.Count, tt.wire.Count = 7, 7
		got := KeyRangeToThrift(&tt.in, nil)
		if diff := cmp.Diff(tt.wire, got); diff != "" {
			t.Errorf("%s: to Thrift differs (-want +got):\n%s", tt.name, diff)
		}
		back := KeyRangeFromThrift(&got)
		if again := KeyRangeToThrift(&back, nil); !cmp.Equal(got, again) {
			t.Errorf("%s: and back is %+v", tt.name, back)
		}
	}
	filter := []backend.Expression{{Name: []byte("a")}}
	if got := KeyRangeToThrift(&backend.KeyRange{}, filter); len(got.RowFilter) != 1 {
		t.Errorf("the filter became %v", got.RowFilter)
	}
}

func insert(super, name, value string, timestamp int64, ttl int32) backend.Mutation {
	m := backend.Mutation{Op: backend.Insert, Column: backend.Column{Name: []byte(name), Value: []byte(value), Timestamp: timestamp, TTL: ttl}}
	if super != "" {
		m.Super = []byte(super)
	}
	return m
}

func TestMutationsRoundTrip(t *testing.T) {
	add := func(super []byte, name string, delta int64) backend.Mutation {
		return backend.Mutation{Op: backend.Add, Super: super, Column: backend.Column{Name: []byte(name)}, Delta: delta}
	}
	for _, tt := range []struct {
		name     string
		counters bool
		list     []backend.Mutation
		wire     int // number of mutations in the Thrift interface
	}{
		{"inserts", false, []backend.Mutation{insert("", "a", "1", 5, 0), insert("", "b", "", -5, 7)}, 2},
		{"super columns", false, []backend.Mutation{insert("s", "a", "1", 5, 0), insert("s", "b", "2", 5, 0), insert("t", "a", "3", 5, 0)}, 2},
		{"additions", true, []backend.Mutation{add(nil, "a", 1), add(nil, "b", -1)}, 2},
		{"additions in supers", true, []backend.Mutation{add([]byte("s"), "a", 1), add([]byte("s"), "b", -1), add([]byte("t"), "a", math.MinInt64)}, 2},
		{"deletions", false, []backend.Mutation{
			{Op: backend.Delete, Timestamp: 5},
			{Op: backend.Delete, Super: []byte("s"), Timestamp: 5},
			{Op: backend.Delete, Timestamp: 5, Columns: &backend.Predicate{Names: [][]byte{[]byte("a")}}},
			{Op: backend.Delete, Super: []byte("s"), Timestamp: 5, Columns: &backend.Predicate{Start: []byte("a"), Finish: []byte("b")}},
		}, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wire := MutationsToThrift(nil, tt.list)
			if len(wire) != tt.wire {
				t.Errorf("%d mutations of Thrift, want %d", len(wire), tt.wire)
			}
			got, err := MutationsFromThrift(nil, wire, Family{Name: "F", Counters: tt.counters})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.list, got); diff != "" {
				t.Errorf("to Thrift and back differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDeletionReversed(t *testing.T) {
	got, err := MutationsFromThrift(nil, []thriftwire.Mutation{{Deletion: &thriftwire.Deletion{
		Timestamp: thriftwire.Some[int64](1),
		Predicate: &thriftwire.SlicePredicate{SliceRange: &thriftwire.SliceRange{Start: []byte("b"), Finish: []byte("a"), Reversed: true, Count: 3}},
	}}}, Family{Name: "F"})
	want := []backend.Mutation{{Op: backend.Delete, Timestamp: 1, Columns: &backend.Predicate{Start: []byte("a"), Finish: []byte("b")}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}
}

func TestMutationsRefused(t *testing.T) {
	column := thriftwire.Column{Name: []byte("a"), Value: []byte{}, Timestamp: thriftwire.Some[int64](1)}
	of := func(c thriftwire.Column) *thriftwire.ColumnOrSuperColumn {
		return &thriftwire.ColumnOrSuperColumn{Column: &c}
	}
	with := func(change func(c *thriftwire.Column)) thriftwire.Mutation {
		c := column
		change(&c)
		return thriftwire.Mutation{ColumnOrSupercolumn: of(c)}
	}
	counter := &thriftwire.ColumnOrSuperColumn{CounterColumn: &thriftwire.CounterColumn{}}
	for _, tt := range []struct {
		m        thriftwire.Mutation
		counters bool
		want     string
	}{
		{thriftwire.Mutation{}, false, "mutation must have one and only one of column_or_supercolumn or deletion"},
		{thriftwire.Mutation{ColumnOrSupercolumn: of(column), Deletion: &thriftwire.Deletion{}}, false, "mutation must have one and only one"},
		{thriftwire.Mutation{ColumnOrSupercolumn: &thriftwire.ColumnOrSuperColumn{}}, false, "ColumnOrSuperColumn must have one (and only one)"},
		{thriftwire.Mutation{ColumnOrSupercolumn: of(column)}, true, "invalid operation for commutative columnfamily F"},
		{thriftwire.Mutation{ColumnOrSupercolumn: counter}, false, "invalid operation for non commutative columnfamily F"},
		{with(func(c *thriftwire.Column) { c.TTL = thriftwire.Some[int32](0) }), false, "ttl must be positive"},
		{with(func(c *thriftwire.Column) { c.Value = nil }), false, "Column value is required"},
		{with(func(c *thriftwire.Column) { c.Timestamp.Set = false }), false, "Column timestamp is required"},
		{thriftwire.Mutation{Deletion: &thriftwire.Deletion{}}, false, "Deletion timestamp is not optional for non commutative column family F"},
		{thriftwire.Mutation{Deletion: &thriftwire.Deletion{Predicate: &thriftwire.SlicePredicate{}}}, false, "A SlicePredicate must be given"},
	} {
		_, err := MutationsFromThrift(nil, []thriftwire.Mutation{tt.m}, Family{Name: "F", Counters: tt.counters})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
	if _, err := MutationsFromThrift(nil, []thriftwire.Mutation{{Deletion: &thriftwire.Deletion{}}}, Family{Name: "F", Counters: true}); err != nil {
		t.Errorf("a deletion of counters needs no timestamp, but: %v", err)
	}
}

func counterColumn(name string, n int64) backend.Column {
	return backend.Column{Name: []byte(name), Value: binary.BigEndian.AppendUint64(nil, uint64(n))}
}

// rows returns the rows for replies: plain rows and super rows, each with columns and with counters.
var replies = []struct {
	name     string
	counters bool
	rows     []backend.Row
}{
	{"columns", false, []backend.Row{
		{Key: []byte("k"), Columns: []backend.Column{{Name: []byte("a"), Value: []byte("1"), Timestamp: 5}, {Name: []byte("b"), Value: []byte{}, Timestamp: -5, TTL: 9}}},
		{Key: []byte("empty")},
	}},
	{"supers", false, []backend.Row{{Key: []byte("k"), Supers: []backend.SuperColumn{
		{Name: []byte("s"), Columns: []backend.Column{{Name: []byte("a"), Value: []byte("1"), Timestamp: 5}}}, {Name: []byte("t")},
	}}}},
	{"counters", true, []backend.Row{{Key: []byte("k"), Columns: []backend.Column{counterColumn("a", 1), counterColumn("b", -1)}}}},
	{"counters in supers", true, []backend.Row{{Key: []byte("k"), Supers: []backend.SuperColumn{
		{Name: []byte("s"), Columns: []backend.Column{counterColumn("a", math.MaxInt64)}},
	}}}},
}

func decodeReply[T any, R interface {
	*T
	thriftwire.Result
}](t *testing.T, method string, e thriftwire.Encoder) R {
	t.Helper()
	message := thriftwire.AppendMessage(nil, thriftwire.Header{Method: method, Type: thriftwire.Reply, Seq: 3}, e)
	result := R(new(T))
	if err := thriftwire.DecodeReply(message, method, 3, result); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return result
}

func TestReplies(t *testing.T) {
	for _, tt := range replies {
		t.Run(tt.name, func(t *testing.T) {
			k := Columns{Counters: tt.counters}
			first := &tt.rows[0]

			got := backend.Row{Key: first.Key}
			rowOf(&got, decodeReply[thriftwire.GetSliceResult](t, "get_slice", k.SliceReply(first)).Success)
			if diff := cmp.Diff(*first, got); diff != "" {
				t.Errorf("get_slice differs (-want +got):\n%s", diff)
			}

			one := decodeReply[thriftwire.GetResult](t, "get", k.GetReply(first)).Success
			got = backend.Row{}
			rowOf(&got, []thriftwire.ColumnOrSuperColumn{one})
			want := backend.Row{Columns: first.Columns[:min(1, len(first.Columns))], Supers: first.Supers[:min(1, len(first.Supers))]}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("get differs (-want +got):\n%s", diff)
			}

			var rows []backend.Row
			for _, s := range decodeReply[thriftwire.GetRangeSlicesResult](t, "get_range_slices", k.RangeReply(tt.rows)).Success {
				row := backend.Row{Key: s.Key}
				rowOf(&row, s.Columns)
				rows = append(rows, row)
			}
			if diff := cmp.Diff(tt.rows, rows); diff != "" {
				t.Errorf("get_range_slices differs (-want +got):\n%s", diff)
			}

			rows = nil
			for _, e := range decodeReply[thriftwire.MultigetSliceResult](t, "multiget_slice", k.MultigetReply(tt.rows)).Success {
				row := backend.Row{Key: e.Key}
				rowOf(&row, e.Value)
				rows = append(rows, row)
			}
			if diff := cmp.Diff(tt.rows, rows); diff != "" {
				t.Errorf("multiget_slice differs (-want +got):\n%s", diff)
			}

			for name, e := range map[string]thriftwire.Encoder{"get_range_slices": k.RangeReply(tt.rows), "multiget_slice": k.MultigetReply(tt.rows)} {
				head := len(thriftwire.AppendMessage(nil, thriftwire.Header{}, thriftwire.Encode(0, func(b []byte) []byte { return b })))
				if n := len(thriftwire.AppendMessage(nil, thriftwire.Header{}, e)) - head; n > e.Size() {
					t.Errorf("%s takes %d bytes, its Size is %d", name, n, e.Size())
				}
			}
		})
	}
}

func TestCellsAreWhatTheWireHas(t *testing.T) {
	c := backend.Column{Name: []byte("a"), Timestamp: 1, TTL: 2}
	wire := CellToThrift(&c)
	if wire.Value == nil {
		t.Error("a nil value is absent on the wire")
	}
	c.Value = []byte{}
	if got := CellFromThrift(&wire); !cmp.Equal(c, got) {
		t.Errorf("to Thrift and back is %+v, want %+v", got, c)
	}
}

func BenchmarkSliceReply(b *testing.B) {
	row := backend.Row{Key: []byte("k")}
	for i := range 100 {
		row.Columns = append(row.Columns, backend.Column{Name: binary.BigEndian.AppendUint64(nil, uint64(i)), Value: make([]byte, 32), Timestamp: int64(i)})
	}
	size := Columns{}.SliceReply(&row).Size()
	buf := make([]byte, 0, size)
	b.ReportAllocs()
	b.SetBytes(int64(size))
	for b.Loop() {
		buf = thriftwire.AppendMessage(buf[:0], thriftwire.Header{Method: "get_slice", Type: thriftwire.Reply}, Columns{}.SliceReply(&row))
	}
}
