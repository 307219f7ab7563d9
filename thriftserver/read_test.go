package thriftserver_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftserver"
)

const (
	one   = thriftwire.ConsistencyLevelOne
	utf8  = "UTF8Type"
	count = 100
)

// appStore returns a store with a keyspace that has a family of each sort.
func appStore(t testing.TB) backend.Backend {
	t.Helper()
	return appStoreOf(t, "")
}

// appStoreOf is appStore with a partitioner.
func appStoreOf(t testing.TB, partitioner string) backend.Backend {
	t.Helper()
	s := openMemory(t, newClock(), partitioner)
	_, err := s.Alter(t.Context(), schema.CreateKeyspace{Keyspace: schema.Keyspace{Name: "app", Families: []schema.Family{
		{Name: "Users", Comparator: utf8, DefaultValidator: utf8, Columns: []schema.Column{
			{Name: []byte("state"), Validator: utf8, Index: schema.KeysIndex},
		}},
		{Name: "Log", Comparator: utf8},
		{Name: "Groups", Type: schema.Super, Comparator: utf8, Subcomparator: utf8},
		{Name: "Counts", Comparator: utf8, DefaultValidator: "CounterColumnType"},
		{Name: "GroupCounts", Type: schema.Super, Comparator: utf8, Subcomparator: utf8, DefaultValidator: "CounterColumnType"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// app returns a client of a server of an appStore, in its keyspace.
func app(t testing.TB) *client {
	t.Helper()
	return dialApp(t, servertest.Start(t, appStore(t), nil))
}

func dialApp(t testing.TB, s *thriftserver.Server) *client {
	t.Helper()
	c := dial(t, s)
	must[*thriftwire.SetKeyspaceResult](c, &thriftwire.SetKeyspaceArgs{Keyspace: "app"})
	return c
}

func b(s string) []byte { return []byte(s) }

// parent returns a family, or a super column of it.
func parent(family string, super ...string) thriftwire.ColumnParent {
	p := thriftwire.ColumnParent{ColumnFamily: family}
	if len(super) > 0 {
		p.SuperColumn = b(super[0])
	}
	return p
}

func column(name, value string, timestamp int64) thriftwire.Column {
	return thriftwire.Column{Name: b(name), Value: b(value), Timestamp: thriftwire.Some(timestamp)}
}

func names(list ...string) thriftwire.SlicePredicate {
	p := thriftwire.SlicePredicate{ColumnNames: [][]byte{}}
	for _, name := range list {
		p.ColumnNames = append(p.ColumnNames, b(name))
	}
	return p
}

func from(start, finish string, n int32) thriftwire.SlicePredicate {
	return thriftwire.SlicePredicate{SliceRange: &thriftwire.SliceRange{Start: b(start), Finish: b(finish), Count: n}}
}

func all() thriftwire.SlicePredicate { return from("", "", count) }

func (c *client) insert(family, key string, columns ...thriftwire.Column) {
	c.t.Helper()
	for _, col := range columns {
		must[*thriftwire.InsertResult](c, &thriftwire.InsertArgs{Key: b(key), ColumnParent: parent(family), Column: col, ConsistencyLevel: one})
	}
}

// text renders columns, such as "a=1@5 s(b=2@5) n=7".
func text(columns []thriftwire.ColumnOrSuperColumn) string {
	var parts []string
	plain := func(c *thriftwire.Column) string {
		s := fmt.Sprintf("%s=%s@%d", c.Name, c.Value, c.Timestamp.V)
		if c.TTL.Set {
			s += fmt.Sprintf("+%d", c.TTL.V)
		}
		return s
	}
	for _, c := range columns {
		switch {
		case c.Column != nil:
			parts = append(parts, plain(c.Column))
		case c.CounterColumn != nil:
			parts = append(parts, fmt.Sprintf("%s=%d", c.CounterColumn.Name, c.CounterColumn.Value))
		case c.SuperColumn != nil:
			var sub []string
			for i := range c.SuperColumn.Columns {
				sub = append(sub, plain(&c.SuperColumn.Columns[i]))
			}
			parts = append(parts, fmt.Sprintf("%s(%s)", c.SuperColumn.Name, strings.Join(sub, " ")))
		case c.CounterSuperColumn != nil:
			var sub []string
			for _, n := range c.CounterSuperColumn.Columns {
				sub = append(sub, fmt.Sprintf("%s=%d", n.Name, n.Value))
			}
			parts = append(parts, fmt.Sprintf("%s(%s)", c.CounterSuperColumn.Name, strings.Join(sub, " ")))
		}
	}
	return strings.Join(parts, " ")
}

func rowsText(rows []thriftwire.KeySlice) string {
	var parts []string
	for _, r := range rows {
		parts = append(parts, fmt.Sprintf("%s: %s", r.Key, text(r.Columns)))
	}
	return strings.Join(parts, "; ")
}

func (c *client) slice(family, key string, p thriftwire.SlicePredicate) string {
	c.t.Helper()
	return text(must[*thriftwire.GetSliceResult](c, &thriftwire.GetSliceArgs{
		Key: b(key), ColumnParent: parent(family), Predicate: p, ConsistencyLevel: one,
	}).Success)
}

func want(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %q, want %q", what, got, want)
	}
}

// fill writes rows to all families.
func (c *client) fill() {
	c.t.Helper()
	c.insert("Users", "k1", column("a", "1", 5), column("b", "2", 5), column("c", "3", 5), column("state", "UT", 5))
	c.insert("Users", "k2", column("a", "4", 6), column("state", "TX", 6))
	expiring := column("x", "9", 7)
	expiring.TTL = thriftwire.Some[int32](60)
	c.insert("Users", "k3", expiring)
	for _, super := range []string{"s", "t"} {
		must[*thriftwire.InsertResult](c, &thriftwire.InsertArgs{Key: b("g"), ColumnParent: parent("Groups", super), Column: column("m", super, 1), ConsistencyLevel: one})
		must[*thriftwire.AddResult](c, &thriftwire.AddArgs{
			Key: b("g"), ColumnParent: parent("GroupCounts", super), Column: thriftwire.CounterColumn{Name: b("n"), Value: 2}, ConsistencyLevel: one,
		})
	}
	must[*thriftwire.AddResult](c, &thriftwire.AddArgs{Key: b("k"), ColumnParent: parent("Counts"), Column: thriftwire.CounterColumn{Name: b("n"), Value: -7}, ConsistencyLevel: one})
}

func TestGet(t *testing.T) {
	c := app(t)
	c.fill()
	path := func(family string, super, name string) thriftwire.ColumnPath {
		p := thriftwire.ColumnPath{ColumnFamily: family}
		if super != "" {
			p.SuperColumn = b(super)
		}
		if name != "" {
			p.Column = b(name)
		}
		return p
	}
	for _, tt := range []struct {
		key  string
		path thriftwire.ColumnPath
		want string
	}{
		{"k1", path("Users", "", "b"), "b=2@5"},
		{"k3", path("Users", "", "x"), "x=9@7+60"},
		{"g", path("Groups", "s", ""), "s(m=s@1)"},
		{"g", path("Groups", "t", "m"), "m=t@1"},
		{"k", path("Counts", "", "n"), "n=-7"},
		{"g", path("GroupCounts", "s", "n"), "n=2"},
		{"g", path("GroupCounts", "t", ""), "t(n=2)"},
	} {
		got := must[*thriftwire.GetResult](c, &thriftwire.GetArgs{Key: b(tt.key), ColumnPath: tt.path, ConsistencyLevel: one})
		want(t, fmt.Sprintf("get %s %v", tt.key, tt.path), text([]thriftwire.ColumnOrSuperColumn{got.Success}), tt.want)
	}
	for _, p := range []thriftwire.ColumnPath{path("Users", "", "z"), path("Groups", "z", ""), path("Groups", "s", "z"), path("Counts", "", "z")} {
		_, err := c.call(&thriftwire.GetArgs{Key: b("none"), ColumnPath: p, ConsistencyLevel: one})
		if _, ok := err.(*thriftwire.NotFoundException); !ok {
			t.Errorf("get %v: %v, want NotFoundException", p, err)
		}
	}
	for _, tt := range []struct {
		path thriftwire.ColumnPath
		why  string
	}{
		{path("Users", "s", "a"), "supercolumn parameter is invalid for standard CF Users"},
		{path("Users", "", ""), "column parameter is not optional for standard CF Users"},
		{path("Groups", "", "a"), "supercolumn parameter is not optional for super CF Groups"},
		{path("None", "", "a"), "unconfigured columnfamily None"},
		{path("", "", "a"), "non-empty columnfamily is required"},
	} {
		c.refused(&thriftwire.GetArgs{Key: b("k1"), ColumnPath: tt.path, ConsistencyLevel: one}, tt.why)
	}
	c.refused(&thriftwire.GetArgs{ColumnPath: path("Users", "", "a"), ConsistencyLevel: one}, "Key may not be empty")
	c.refused(&thriftwire.GetArgs{Key: b("k1"), ColumnPath: path("Users", "", "a"), ConsistencyLevel: thriftwire.ConsistencyLevelAny},
		"ANY ConsistencyLevel is only supported for writes")
	c.refused(&thriftwire.GetArgs{Key: b("k1"), ColumnPath: path("Users", "", "a")}, "Unknown code 0 for a consistency level")
}

func TestGetSlice(t *testing.T) {
	c := app(t)
	c.fill()
	want(t, "all", c.slice("Users", "k1", all()), "a=1@5 b=2@5 c=3@5 state=UT@5")
	want(t, "names", c.slice("Users", "k1", names("c", "a", "z")), "a=1@5 c=3@5")
	want(t, "no names", c.slice("Users", "k1", names()), "")
	want(t, "part", c.slice("Users", "k1", from("b", "c", count)), "b=2@5 c=3@5")
	want(t, "two", c.slice("Users", "k1", from("", "", 2)), "a=1@5 b=2@5")
	want(t, "no row", c.slice("Users", "none", all()), "")
	want(t, "counters", c.slice("Counts", "k", all()), "n=-7")
	want(t, "supers", c.slice("Groups", "g", all()), "s(m=s@1) t(m=t@1)")
	want(t, "supers of counters", c.slice("GroupCounts", "g", all()), "s(n=2) t(n=2)")
	sub := must[*thriftwire.GetSliceResult](c, &thriftwire.GetSliceArgs{
		Key: b("g"), ColumnParent: parent("GroupCounts", "s"), Predicate: all(), ConsistencyLevel: one,
	})
	want(t, "counters of a super", text(sub.Success), "n=2")

	slice := func(change func(a *thriftwire.GetSliceArgs)) *thriftwire.GetSliceArgs {
		a := &thriftwire.GetSliceArgs{Key: b("k1"), ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one}
		change(a)
		return a
	}
	for why, change := range map[string]func(a *thriftwire.GetSliceArgs){
		"predicate column_names and slice_range may not both be null":    func(a *thriftwire.GetSliceArgs) { a.Predicate = thriftwire.SlicePredicate{} },
		"predicate column_names and slice_range may not both be present": func(a *thriftwire.GetSliceArgs) { a.Predicate.ColumnNames = [][]byte{b("a")} },
		"columnfamily alone is required for standard CF Users":           func(a *thriftwire.GetSliceArgs) { a.ColumnParent.SuperColumn = b("s") },
		"get_slice requires non-negative count":                          func(a *thriftwire.GetSliceArgs) { a.Predicate.SliceRange.Count = -1 },
		"range finish must come after start in the order of traversal":   func(a *thriftwire.GetSliceArgs) { a.Predicate = from("c", "a", 1) },
		"unconfigured columnfamily users":                                func(a *thriftwire.GetSliceArgs) { a.ColumnParent.ColumnFamily = "users" },
		"Unknown code 99 for a consistency level":                        func(a *thriftwire.GetSliceArgs) { a.ConsistencyLevel = 99 },
		"EACH_QUORUM ConsistencyLevel is only supported for writes":      func(a *thriftwire.GetSliceArgs) { a.ConsistencyLevel = thriftwire.ConsistencyLevelEachQuorum },
	} {
		c.refused(slice(change), why)
	}
}

func TestMultiget(t *testing.T) {
	c := app(t)
	c.fill()
	keys := [][]byte{b("k2"), b("none"), b("k1"), b("k2")}
	got := must[*thriftwire.MultigetSliceResult](c, &thriftwire.MultigetSliceArgs{
		Keys: keys, ColumnParent: parent("Users"), Predicate: names("a", "b"), ConsistencyLevel: one,
	})
	var parts []string
	for _, e := range got.Success {
		parts = append(parts, string(e.Key)+": "+text(e.Value))
	}
	want(t, "multiget_slice", strings.Join(parts, "; "), "k2: a=4@6; none: ; k1: a=1@5 b=2@5")

	counts := must[*thriftwire.MultigetCountResult](c, &thriftwire.MultigetCountArgs{
		Keys: keys, ColumnParent: parent("Users"), Predicate: from("", "", 3), ConsistencyLevel: one,
	})
	want(t, "multiget_count", fmt.Sprintf("%s", entries(counts.Success)), "[k2=2 none=0 k1=3]")

	n := must[*thriftwire.GetCountResult](c, &thriftwire.GetCountArgs{Key: b("g"), ColumnParent: parent("Groups"), Predicate: all(), ConsistencyLevel: one})
	want(t, "get_count", fmt.Sprint(n.Success), "2")
}

func entries(list []thriftwire.Entry[[]byte, int32]) (s []string) {
	for _, e := range list {
		s = append(s, fmt.Sprintf("%s=%d", e.Key, e.Value))
	}
	return s
}

func keyRange(start, end string, n int32) thriftwire.KeyRange {
	return thriftwire.KeyRange{StartKey: b(start), EndKey: b(end), Count: n}
}

func TestGetRangeSlices(t *testing.T) {
	c := app(t)
	c.fill()
	args := func(k thriftwire.KeyRange) *thriftwire.GetRangeSlicesArgs {
		return &thriftwire.GetRangeSlicesArgs{ColumnParent: parent("Users"), Predicate: names("a"), Range: k, ConsistencyLevel: one}
	}
	get := func(k thriftwire.KeyRange) string {
		t.Helper()
		return rowsText(must[*thriftwire.GetRangeSlicesResult](c, args(k)).Success)
	}
	want(t, "all", get(keyRange("", "", 10)), "k1: a=1@5; k2: a=4@6; k3: ")
	want(t, "two", get(keyRange("k2", "", 2)), "k2: a=4@6; k3: ")
	filtered := keyRange("", "", 10)
	filtered.RowFilter = []thriftwire.IndexExpression{{ColumnName: b("a"), Op: thriftwire.IndexOperatorGT, Value: b("1")}}
	want(t, "filtered", get(filtered), "k2: a=4@6")
	token := thriftwire.Some[string]
	want(t, "tokens", get(thriftwire.KeyRange{StartToken: token("6b31"), EndToken: token("6b33"), Count: 10}), "k2: a=4@6; k3: ")
	want(t, "the ring by tokens", get(thriftwire.KeyRange{StartToken: token(""), EndToken: token(""), Count: 10}), "k1: a=1@5; k2: a=4@6; k3: ")
	want(t, "from the empty token", get(thriftwire.KeyRange{StartToken: token(""), EndToken: token("6b31"), Count: 10}), "k1: a=1@5")
	want(t, "to the empty token", get(thriftwire.KeyRange{StartToken: token("6b32"), EndToken: token(""), Count: 10}), "k3: ")

	const exactlyOne = "exactly one each of {start key, start token} and {end key, end token} must be specified"
	c.refused(args(thriftwire.KeyRange{Count: 1}), exactlyOne)
	c.refused(args(thriftwire.KeyRange{StartKey: b("a"), StartToken: token("61"), EndKey: b("b"), Count: 1}), exactlyOne)
	c.refused(args(thriftwire.KeyRange{StartToken: token("61"), EndKey: b("b"), Count: 1}), "start token + end key is not a supported key range")
	c.refused(args(keyRange("", "", 0)), "maxRows must be positive")
	c.refused(args(keyRange("b", "a", 1)), "start key must sort before (or equal to) finish key in your partitioner!")
}

func TestGetPagedSlice(t *testing.T) {
	c := app(t)
	for _, row := range []string{"r1:abc", "r2:", "r3:defgh", "r4:i", "r5:jk"} {
		key, columns, _ := strings.Cut(row, ":")
		for _, name := range columns {
			c.insert("Log", key, column(string(name), "", 1))
		}
	}
	must[*thriftwire.RemoveResult](c, &thriftwire.RemoveArgs{Key: b("r2"), ColumnPath: thriftwire.ColumnPath{ColumnFamily: "Log"}, Timestamp: 1, ConsistencyLevel: one}) // a ghost
	get := func(k thriftwire.KeyRange, start string) string {
		t.Helper()
		rows := must[*thriftwire.GetPagedSliceResult](c, &thriftwire.GetPagedSliceArgs{ColumnFamily: "Log", Range: k, StartColumn: b(start), ConsistencyLevel: one}).Success
		var s strings.Builder
		for _, r := range rows {
			fmt.Fprintf(&s, "%s:", r.Key)
			for _, col := range r.Columns {
				s.Write(col.Column.Name)
			}
			s.WriteByte(' ')
		}
		return s.String()
	}
	token := thriftwire.Some[string]
	for _, tt := range []struct {
		k           thriftwire.KeyRange
		start, want string
	}{
		{keyRange("", "", 100), "", "r1:abc r3:defgh r4:i r5:jk "},
		{keyRange("", "", 2), "", "r1:ab "},
		{keyRange("", "", 4), "", "r1:abc r3:d "},
		{keyRange("r1", "", 4), "b", "r1:bc r3:de "},
		{keyRange("r3", "", 7), "g", "r3:gh r4:i r5:jk "},
		{keyRange("r3", "r4", 7), "g", "r3:gh r4:i "},
		{keyRange("r3", "", 3), "z", "r4:i r5:jk "},
		{keyRange("r35", "", 3), "z", "r4:i r5:jk "}, // such a row does not exist
		{keyRange("r9", "", 3), "", ""},
		{thriftwire.KeyRange{StartToken: token(""), EndToken: token(""), Count: 5}, "", "r1:abc r3:de "},
		{thriftwire.KeyRange{StartKey: b("r3"), EndToken: token(""), Count: 5}, "h", "r3:h r4:i r5:jk "},
		// The range wraps: it covers r3 to the end, and the beginning to r1.
		{thriftwire.KeyRange{StartToken: token("7232"), EndToken: token("7231"), Count: 100}, "", "r3:defgh r4:i r5:jk r1:abc "},
		{thriftwire.KeyRange{StartToken: token("7232"), EndToken: token("7231"), Count: 9}, "g", "r3:gh r4:i r5:jk r1:abc "},
		{thriftwire.KeyRange{StartToken: token("7232"), EndToken: token("7231"), Count: 6}, "", "r3:defgh r4:i "},
		{thriftwire.KeyRange{StartToken: token("7234"), EndToken: token("7234"), Count: 4}, "", "r5:jk r1:ab "},
		{thriftwire.KeyRange{StartToken: token("7235"), EndToken: token("7231"), Count: 4}, "b", "r1:bc "},
	} {
		want(t, fmt.Sprintf("%d from %q %q", tt.k.Count, tt.k.StartKey, tt.start), get(tt.k, tt.start), tt.want)
	}
	c.refused(&thriftwire.GetPagedSliceArgs{ColumnFamily: "Log", Range: keyRange("", "", 0), StartColumn: []byte{}, ConsistencyLevel: one}, "maxRows must be positive")

	// Pages of every size return the same rows.
	for size := int32(2); size < 8; size++ {
		var got strings.Builder
		key, start := "", ""
		for {
			rows := must[*thriftwire.GetPagedSliceResult](c, &thriftwire.GetPagedSliceArgs{
				ColumnFamily: "Log", Range: keyRange(key, "", size), StartColumn: b(start), ConsistencyLevel: one,
			}).Success
			n := int32(0)
			for _, r := range rows {
				for _, col := range r.Columns {
					n++
					if name := string(col.Column.Name); name != start || string(r.Key) != key {
						got.WriteString(name)
						key, start = string(r.Key), name
					}
				}
			}
			if n < size {
				break
			}
		}
		want(t, fmt.Sprintf("all in pages of %d", size), got.String(), "abcdefghijk")
	}
}

// TestGetPagedSliceOfTokens reads ranges whose end is no row's token: the lowest token in different
// spellings, and a token before the whole ring. The range must end at the end of the ring.
func TestGetPagedSliceOfTokens(t *testing.T) {
	c := dialApp(t, servertest.Start(t, appStoreOf(t, "RandomPartitioner"), nil))
	for i := range 5 {
		c.insert("Log", fmt.Sprint("r", i), column("a", "", 1))
	}
	for _, end := range []string{"-1", "-01", "-5", "0"} {
		for _, count := range []int32{3, 100} {
			rows := must[*thriftwire.GetPagedSliceResult](c, &thriftwire.GetPagedSliceArgs{
				ColumnFamily: "Log", StartColumn: []byte{}, ConsistencyLevel: one,
				Range: thriftwire.KeyRange{StartToken: thriftwire.Some("0"), EndToken: thriftwire.Some(end), Count: count},
			}).Success
			seen := map[string]bool{}
			for _, r := range rows {
				seen[string(r.Key)] = true
			}
			if n := min(int(count), 5); len(rows) != n || len(seen) != n {
				t.Errorf("%d to %s: %d rows, %d of them different", count, end, len(rows), len(seen))
			}
		}
	}
}

func TestGetIndexedSlices(t *testing.T) {
	c := app(t)
	c.fill()
	args := func(clause thriftwire.IndexClause) *thriftwire.GetIndexedSlicesArgs {
		return &thriftwire.GetIndexedSlicesArgs{ColumnParent: parent("Users"), IndexClause: clause, ColumnPredicate: names("a"), ConsistencyLevel: one}
	}
	utah := []thriftwire.IndexExpression{{ColumnName: b("state"), Op: thriftwire.IndexOperatorEQ, Value: b("UT")}}
	got := must[*thriftwire.GetIndexedSlicesResult](c, args(thriftwire.IndexClause{Expressions: utah, StartKey: []byte{}, Count: 10}))
	want(t, "rows in Utah", rowsText(got.Success), "k1: a=1@5")
	c.refused(args(thriftwire.IndexClause{Count: 10}), "index clause list may not be empty")
	c.refused(args(thriftwire.IndexClause{Expressions: []thriftwire.IndexExpression{{ColumnName: b("a"), Value: b("1")}}, Count: 10}),
		"No indexed columns present in index clause with operator EQ")
}

func TestGetMultiSlice(t *testing.T) {
	c := app(t)
	for _, name := range "abcdefgh" {
		c.insert("Log", "k", column(string(name), "", 1))
	}
	slices := func(list ...string) (s []thriftwire.ColumnSlice) {
		for _, e := range list {
			low, high, _ := strings.Cut(e, "-")
			cs := thriftwire.ColumnSlice{}
			if low != "" {
				cs.Start = b(low)
			}
			if high != "" {
				cs.Finish = b(high)
			}
			s = append(s, cs)
		}
		return s
	}
	p := parent("Log")
	request := func(reversed bool, n int32, list ...string) *thriftwire.GetMultiSliceArgs {
		return &thriftwire.GetMultiSliceArgs{Request: thriftwire.MultiSliceRequest{
			Key: b("k"), ColumnParent: &p, ColumnSlices: slices(list...),
			Reversed: thriftwire.Some(reversed), Count: thriftwire.Some(n), ConsistencyLevel: thriftwire.Some(one),
		}}
	}
	for _, tt := range []struct {
		reversed bool
		n        int32
		list     []string
		want     string
	}{
		{false, 10, []string{"b-c", "f-g"}, "bcfg"},
		{false, 10, []string{"f-g", "b-c"}, "bcfg"},
		{false, 10, []string{"b-d", "c-e", "d-d"}, "bcde"},
		{false, 10, []string{"g-", "-b"}, "abgh"},
		{false, 10, []string{"-", "b-c"}, "abcdefgh"},
		{false, 3, []string{"b-c", "f-g"}, "bcf"},
		{true, 10, []string{"c-b", "g-f"}, "gfcb"},
		{true, 3, []string{"c-b", "-f"}, "hgf"},
		{false, 0, []string{"b-c"}, ""},
		{false, 10, nil, ""},
	} {
		got := must[*thriftwire.GetMultiSliceResult](c, request(tt.reversed, tt.n, tt.list...))
		var s string
		for _, col := range got.Success {
			s += string(col.Column.Name)
		}
		want(t, fmt.Sprint(tt.list, tt.reversed, tt.n), s, tt.want)
	}
	absent := &thriftwire.GetMultiSliceArgs{Request: thriftwire.MultiSliceRequest{Key: b("k"), ColumnParent: &p, ColumnSlices: slices("-")}}
	if got := must[*thriftwire.GetMultiSliceResult](c, absent); len(got.Success) != 8 {
		t.Errorf("%d columns with the defaults, want 8", len(got.Success))
	}
	c.refused(request(false, 10, "c-b"), "Column slice at index 0 had start greater than finish")
	c.refused(request(true, 10, "c-b", "b-c"), "Reversed column slice at index 1 had start less than finish")
	c.refused(request(false, -1, "b-c"), "get_slice requires non-negative count")
	p = parent("Groups")
	c.refused(request(false, 10, "b-c"), "get_multi_slice does not support super columns")
}

func TestErrorsOfTheStore(t *testing.T) {
	store := &stub{Backend: appStore(t)}
	c := dialApp(t, servertest.Start(t, store, nil))
	args := &thriftwire.GetSliceArgs{Key: b("k"), ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one}
	acknowledged := int32(2)
	for _, tt := range []struct {
		err  error
		want error
	}{
		{&backend.Error{Kind: backend.KindInvalidRequest, Why: "no"}, &thriftwire.InvalidRequestException{Why: "no"}},
		{backend.ErrUnsupported, &thriftwire.InvalidRequestException{Why: "not supported"}},
		{&backend.Error{Kind: backend.KindUnsupported, Why: "that"}, &thriftwire.InvalidRequestException{Why: "not supported by this store: that"}},
		{backend.ErrUnavailable, &thriftwire.UnavailableException{}},
		{backend.ErrClosed, &thriftwire.UnavailableException{}},
		{&backend.Error{Kind: backend.KindTimedOut, AcknowledgedBy: &acknowledged}, &thriftwire.TimedOutException{AcknowledgedBy: thriftwire.Some(acknowledged)}},
		{backend.ErrNotFound, &thriftwire.InvalidRequestException{Why: "not found"}},
		{backend.ErrAuthorization, &thriftwire.InvalidRequestException{Why: "not authorized"}},
		{backend.ErrSchemaDisagreement, &thriftwire.InvalidRequestException{Why: "schema versions disagree"}},
		{&backend.Error{Kind: backend.KindTooMuch, Why: "limit 5"}, &thriftwire.InvalidRequestException{Why: "limit 5"}},
		{
			&backend.Error{Kind: backend.KindReplicaFailure, Why: "2 of 3"},
			&thriftwire.ApplicationException{Type: thriftwire.InternalError, Message: "get_slice: 2 of 3"},
		},
		{backend.ErrCorrupt, &thriftwire.ApplicationException{Type: thriftwire.InternalError, Message: "Internal error processing get_slice"}},
		{errors.New("secret"), &thriftwire.ApplicationException{Type: thriftwire.InternalError, Message: "Internal error processing get_slice"}},
	} {
		store.slice = func(context.Context, *backend.SliceRequest) ([]backend.Row, error) { return nil, tt.err }
		_, err := c.call(args)
		if diff := cmp.Diff(tt.want, err); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.err, diff)
		}
	}
}
