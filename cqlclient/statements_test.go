package cqlclient

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/catalog"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/schema"
)

// offline returns a client without a cluster, for tests of the statements that it builds.
func offline(t testing.TB, opts *Options) *Client {
	t.Helper()
	o, err := opts.normal()
	if err != nil {
		t.Fatal(err)
	}
	return &Client{opts: o, watcher: newWatcher(o), ring: partitioner.Murmur3}
}

// family compiles a definition and gives it a table of our own, with a shadow for each index.
func family(t testing.TB, def schema.Family) *catalog.Family {
	t.Helper()
	f, err := catalogOf(t, def).Family("ks", def.Name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var (
	standard = schema.Family{Name: "Std", Comparator: "UTF8Type", Columns: []schema.Column{
		{Name: []byte("i"), Validator: "UTF8Type", Index: schema.KeysIndex},
	}}
	reversed = schema.Family{Name: "Rev", Comparator: "ReversedType(LongType)"}
	super    = schema.Family{Name: "Sup", Type: schema.Super, Comparator: "UTF8Type", Subcomparator: "UTF8Type"}
	// integers has an index on the number 97, whose shortest bytes are the letter a.
	integers = schema.Family{Name: "Int", Comparator: "ReversedType(IntegerType)", Columns: []schema.Column{
		{Name: []byte("a"), Validator: "UTF8Type", Index: schema.KeysIndex},
	}}
	counter = schema.Family{Name: "Cnt", Comparator: "UTF8Type", DefaultValidator: "CounterColumnType"}
)

// values prints bound values: text unchanged, and other bytes in hex.
func values(list []any) string {
	var b strings.Builder
	for _, v := range list {
		cell := *v.(*raw)
		switch {
		case cell == nil:
			b.WriteString(" null")
		case strings.ContainsFunc(string(cell), func(r rune) bool { return r < ' ' || r > '~' }):
			b.WriteString(" " + hex.EncodeToString(cell))
		default:
			fmt.Fprintf(&b, " '%s'", cell)
		}
	}
	return b.String()
}

func bytesOf(list ...string) [][]byte {
	b := make([][]byte, len(list))
	for i, s := range list {
		b[i] = []byte(s)
	}
	return b
}

func TestStatementsOfReads(t *testing.T) {
	c := offline(t, nil)
	one, k := []byte("\x00\x00\x00\x00\x00\x00\x00\x01"), []byte("k")
	full := "column1, value, WRITETIME(value), TTL(value) FROM "
	for _, test := range []struct {
		what   string
		family schema.Family
		super  []byte
		make   func(r *read) (selection, *arguments)
		want   string
	}{
		{"a whole row", standard, nil, func(r *read) (selection, *arguments) {
			return r.selectRow(cells, k, &backend.Predicate{Count: 100}, nil)
		}, `SELECT ` + full + `"ks"."Std" WHERE key = ? | 'k'`},
		{"a slice", standard, nil, func(r *read) (selection, *arguments) {
			return r.selectRow(cells, k, &backend.Predicate{Start: []byte("a"), Finish: []byte("b"), Count: 100}, nil)
		}, `SELECT ` + full + `"ks"."Std" WHERE key = ? AND column1 >= ? AND column1 <= ? | 'k' 'a' 'b'`},
		{"a reversed slice", standard, nil, func(r *read) (selection, *arguments) {
			return r.selectRow(cells, k, &backend.Predicate{Start: []byte("b"), Reversed: true, Count: 100}, nil)
		}, `SELECT ` + full + `"ks"."Std" WHERE key = ? AND column1 <= ? ORDER BY column1 DESC | 'k' 'b'`},
		{"a slice of a reversed comparator", reversed, nil, func(r *read) (selection, *arguments) {
			return r.selectRow(cells, k, &backend.Predicate{Start: one, Count: 100}, nil)
		}, `SELECT ` + full + `"ks"."Rev" WHERE key = ? AND column1 <= ? | 'k' 0000000000000001`},
		{"a reversed slice of a reversed comparator", reversed, nil, func(r *read) (selection, *arguments) {
			return r.selectRow(cells, k, &backend.Predicate{Finish: one, Reversed: true, Count: 100}, nil)
		}, `SELECT ` + full + `"ks"."Rev" WHERE key = ? AND column1 <= ? ORDER BY column1 ASC | 'k' 0000000000000001`},
		{"one name", standard, nil, func(r *read) (selection, *arguments) {
			return r.selectRow(cells, k, &backend.Predicate{}, bytesOf("a"))
		}, `SELECT ` + full + `"ks"."Std" WHERE key = ? AND column1 = ? | 'k' 'a'`},
		{"names", standard, nil, func(r *read) (selection, *arguments) {
			return r.selectRow(cells, k, &backend.Predicate{}, bytesOf("a", "b"))
		}, `SELECT ` + full + `"ks"."Std" WHERE key = ? AND column1 IN ? | 'k' 0000000200000001610000000162`},
		{"names where columns expire", standard, nil, func(r *read) (selection, *arguments) {
			r.t.expires.Store(true)
			return r.selectRow(cells, k, &backend.Predicate{}, bytesOf("a"))
		}, `SELECT column1, value, WRITETIME(value), TTL(value), ttl FROM "ks"."Std" WHERE key = ? AND column1 = ? | 'k' 'a'`},
		{"super columns", super, nil, func(r *read) (selection, *arguments) {
			return r.selectRow(cells, k, &backend.Predicate{Start: []byte("a"), Reversed: true, Count: 1}, nil)
		}, `SELECT column1, column2, value, WRITETIME(value), TTL(value) FROM "ks"."Sup" WHERE key = ? AND column1 <= ?` +
			` ORDER BY column1 DESC, column2 DESC | 'k' 'a'`},
		{"subcolumns", super, []byte("s"), func(r *read) (selection, *arguments) {
			return r.selectRow(cells, k, &backend.Predicate{Start: []byte("a"), Count: 1}, nil)
		}, `SELECT column2, value, WRITETIME(value), TTL(value) FROM "ks"."Sup" WHERE key = ? AND column1 = ? AND column2 >= ? | 'k' 's' 'a'`},
		{"counters", counter, nil, func(r *read) (selection, *arguments) {
			return r.selectRow(cells, k, &backend.Predicate{Count: 1}, nil)
		}, `SELECT column1, value FROM "ks"."Cnt" WHERE key = ? | 'k'`},
		{"a count of few", standard, nil, func(r *read) (selection, *arguments) {
			return r.selectRow(names, k, &backend.Predicate{Count: 1}, nil)
		}, `SELECT column1, WRITETIME(value) FROM "ks"."Std" WHERE key = ? | 'k'`},
		{"a count of many", standard, nil, func(r *read) (selection, *arguments) {
			return r.selectRow(counts, k, &backend.Predicate{Start: []byte("a"), Count: 1}, nil)
		}, `SELECT COUNT(value) FROM "ks"."Std" WHERE key = ? AND column1 >= ? | 'k' 'a'`},
		{"a count of super columns", super, nil, func(r *read) (selection, *arguments) {
			return r.selectRow(groups, k, &backend.Predicate{Count: 1}, nil)
		}, `SELECT column1, COUNT(value) FROM "ks"."Sup" WHERE key = ? GROUP BY key, column1 | 'k'`},
		{"whole rows", standard, nil, func(r *read) (selection, *arguments) {
			return r.selectSpan(cells, &span{}, &backend.Predicate{Count: 10})
		}, `SELECT key, ` + full + `"ks"."Std" PER PARTITION LIMIT ? | 0000000a`},
		{"whole rows of tokens", standard, nil, func(r *read) (selection, *arguments) {
			return r.selectSpan(cells, &span{after: "1", upTo: "-1"}, &backend.Predicate{Count: 10})
		}, `SELECT key, ` + full + `"ks"."Std" WHERE token(key) > ? AND token(key) <= ? PER PARTITION LIMIT ? | 0000000000000001 ffffffffffffffff 0000000a`},
		{"a slice of rows", standard, nil, func(r *read) (selection, *arguments) {
			return r.selectSpan(cells, &span{firstKey: k}, &backend.Predicate{Start: []byte("a"), Count: 10})
		}, `SELECT key, ` + full + `"ks"."Std" WHERE token(key) >= ? AND column1 >= ? PER PARTITION LIMIT ? ALLOW FILTERING` +
			` | 499adfba2b1435b2 'a' 0000000a`},
		{"names of rows", super, []byte("s"), func(r *read) (selection, *arguments) {
			return r.selectSpan(cells, &span{}, &backend.Predicate{Names: bytesOf("a")})
		}, `SELECT key, column2, value, WRITETIME(value), TTL(value) FROM "ks"."Sup" WHERE column1 = ? AND column2 = ? ALLOW FILTERING | 's' 'a'`},
		{"keys", standard, nil, func(r *read) (selection, *arguments) {
			return r.selectKeys(&span{upTo: "5"}, nil)
		}, `SELECT DISTINCT key FROM "ks"."Std" WHERE token(key) <= ? | 0000000000000005`},
		{"keys by an index", standard, nil, func(r *read) (selection, *arguments) {
			return r.selectKeys(&span{firstKey: k}, &shadowed{`"ix_i"`, []byte("v")})
		}, `SELECT DISTINCT key FROM "ks"."Std" WHERE "ix_i" = ? AND token(key) >= ? | 'v' 499adfba2b1435b2`},
	} {
		r := c.newRead(family(t, test.family), &backend.Parent{Super: test.super}, backend.One, nil)
		s, a := test.make(r)
		if got := text(r.t, s) + " |" + values(a.take()); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.what, got, test.want)
		}
	}
}

// written returns the batches for a group of mutations of row k: one statement a line, and an empty
// line between batches.
func written(t *testing.T, c *Client, def schema.Family, atomic bool, mutations ...backend.Mutation) string {
	t.Helper()
	f := family(t, def)
	r := &backend.MutateRequest{Rows: []backend.RowMutation{{Family: def.Name, Key: []byte("k"), Mutations: mutations}}, Atomic: atomic}
	var lines []string
	for i, g := range groupsOf([]*catalog.Family{f}, r) {
		for entries := range g.batches(c.opts) {
			if i > 0 || len(lines) > 0 {
				lines = append(lines, "")
			}
			for _, e := range entries {
				lines = append(lines, e.Stmt+" |"+values(e.Args))
			}
		}
	}
	return strings.Join(lines, "\n")
}

func insertion(name, value string, timestamp int64, ttl int32) backend.Mutation {
	return backend.Mutation{Op: backend.Insert, Column: backend.Column{Name: []byte(name), Value: []byte(value), Timestamp: timestamp, TTL: ttl}}
}

func deletion(timestamp int64, p *backend.Predicate) backend.Mutation {
	return backend.Mutation{Op: backend.Delete, Timestamp: timestamp, Columns: p}
}

func TestStatementsOfWrites(t *testing.T) {
	c := offline(t, nil)
	ttl := int32(60)
	expiring := schema.Family{Name: "Exp", Comparator: "UTF8Type", DefaultTTL: &ttl}
	in := func(m backend.Mutation, super string) backend.Mutation {
		m.Super = []byte(super)
		return m
	}
	for _, test := range []struct {
		what      string
		family    schema.Family
		mutations []backend.Mutation
		want      string
	}{
		{
			"an insert", standard,
			[]backend.Mutation{insertion("a", "v", 1, 0)},
			`UPDATE "ks"."Std" USING TIMESTAMP ? SET value = ? WHERE key = ? AND column1 = ? | 0000000000000001 'v' 'k' 'a'`,
		},
		{
			"an insert of an empty value", standard,
			[]backend.Mutation{insertion("a", "", 1, 0)},
			`UPDATE "ks"."Std" USING TIMESTAMP ? SET value = ? WHERE key = ? AND column1 = ? | 0000000000000001 '' 'k' 'a'`,
		},
		{
			"an insert that expires", standard,
			[]backend.Mutation{insertion("a", "v", 1, 9)},
			`UPDATE "ks"."Std" USING TIMESTAMP ? AND TTL ? SET value = ?, ttl = ? WHERE key = ? AND column1 = ?` +
				` | 0000000000000001 00000009 'v' 00000009 'k' 'a'`,
		},
		{
			"an insert of an indexed column", standard,
			[]backend.Mutation{insertion("i", "v", 1, 9)},
			`UPDATE "ks"."Std" USING TIMESTAMP ? AND TTL ? SET value = ?, ttl = ?, "ix_i" = ? WHERE key = ? AND column1 = ?` +
				` | 0000000000000001 00000009 'v' 00000009 'v' 'k' 'i'`,
		},
		{
			"an insert of an indexed column by other bytes", integers,
			[]backend.Mutation{insertion("\x00a", "v", 1, 0)},
			`UPDATE "ks"."Int" USING TIMESTAMP ? SET value = ?, "ix_a" = ? WHERE key = ? AND column1 = ? | 0000000000000001 'v' 'v' 'k' 0061`,
		},
		{
			"the default TTL", expiring,
			[]backend.Mutation{insertion("a", "v", 1, 0)},
			`UPDATE "ks"."Exp" USING TIMESTAMP ? AND TTL ? SET value = ?, ttl = ? WHERE key = ? AND column1 = ?` +
				` | 0000000000000001 0000003c 'v' 0000003c 'k' 'a'`,
		},
		{
			"no TTL in spite of the default", expiring,
			[]backend.Mutation{insertion("a", "v", 1, backend.NoTTL)},
			`UPDATE "ks"."Exp" USING TIMESTAMP ? AND TTL ? SET value = ? WHERE key = ? AND column1 = ? | 0000000000000001 00000000 'v' 'k' 'a'`,
		},
		{
			"an insert into a super column", super,
			[]backend.Mutation{in(insertion("a", "v", 1, 0), "s")},
			`UPDATE "ks"."Sup" USING TIMESTAMP ? SET value = ? WHERE key = ? AND column1 = ? AND column2 = ? | 0000000000000001 'v' 'k' 's' 'a'`,
		},
		{
			"the deletion of a row", standard,
			[]backend.Mutation{deletion(2, nil)},
			`DELETE FROM "ks"."Std" USING TIMESTAMP ? WHERE key = ? | 0000000000000002 'k'`,
		},
		{
			"the deletion of an indexed column", standard,
			[]backend.Mutation{deletion(2, &backend.Predicate{Names: bytesOf("i")})},
			`DELETE FROM "ks"."Std" USING TIMESTAMP ? WHERE key = ? AND column1 = ? | 0000000000000002 'k' 'i'` + "\n" +
				`DELETE "ix_i" FROM "ks"."Std" USING TIMESTAMP ? WHERE key = ? | 0000000000000002 'k'`,
		},
		{
			"the deletion of an indexed column by other bytes", integers,
			[]backend.Mutation{deletion(2, &backend.Predicate{Names: bytesOf("\x00a")})},
			`DELETE FROM "ks"."Int" USING TIMESTAMP ? WHERE key = ? AND column1 = ? | 0000000000000002 'k' 0061` + "\n" +
				`DELETE "ix_a" FROM "ks"."Int" USING TIMESTAMP ? WHERE key = ? | 0000000000000002 'k'`,
		},
		{
			"the deletion of names", standard,
			[]backend.Mutation{deletion(2, &backend.Predicate{Names: bytesOf("a", "b")})},
			`DELETE FROM "ks"."Std" USING TIMESTAMP ? WHERE key = ? AND column1 IN ? | 0000000000000002 'k' 0000000200000001610000000162`,
		},
		{
			"the deletion of no name", standard,
			[]backend.Mutation{deletion(2, &backend.Predicate{Names: [][]byte{}}), insertion("a", "v", 1, 0)},
			`UPDATE "ks"."Std" USING TIMESTAMP ? SET value = ? WHERE key = ? AND column1 = ? | 0000000000000001 'v' 'k' 'a'`,
		},
		{
			"the deletion of a slice with the indexed column", standard,
			[]backend.Mutation{deletion(2, &backend.Predicate{Start: []byte("b")})},
			`DELETE FROM "ks"."Std" USING TIMESTAMP ? WHERE key = ? AND column1 >= ? | 0000000000000002 'k' 'b'` + "\n" +
				`DELETE "ix_i" FROM "ks"."Std" USING TIMESTAMP ? WHERE key = ? | 0000000000000002 'k'`,
		},
		{
			"the deletion of a slice without it", standard,
			[]backend.Mutation{deletion(2, &backend.Predicate{Start: []byte("b"), Finish: []byte("h")})},
			`DELETE FROM "ks"."Std" USING TIMESTAMP ? WHERE key = ? AND column1 >= ? AND column1 <= ? | 0000000000000002 'k' 'b' 'h'`,
		},
		{
			"the deletion of a slice of a reversed comparator", reversed,
			[]backend.Mutation{deletion(2, &backend.Predicate{Start: []byte("b")})},
			`DELETE FROM "ks"."Rev" USING TIMESTAMP ? WHERE key = ? AND column1 <= ? | 0000000000000002 'k' 'b'`,
		},
		{
			"the deletion of a super column", super,
			[]backend.Mutation{in(deletion(2, nil), "s")},
			`DELETE FROM "ks"."Sup" USING TIMESTAMP ? WHERE key = ? AND column1 = ? | 0000000000000002 'k' 's'`,
		},
		{"increments around a deletion", counter, []backend.Mutation{
			{Op: backend.Add, Column: backend.Column{Name: []byte("a")}, Delta: 1},
			{Op: backend.Add, Column: backend.Column{Name: []byte("b")}, Delta: -1},
			deletion(2, &backend.Predicate{Names: bytesOf("a")}),
			{Op: backend.Add, Column: backend.Column{Name: []byte("a")}, Delta: 1},
		}, `UPDATE "ks"."Cnt" SET value = value + ? WHERE key = ? AND column1 = ? | 0000000000000001 'k' 'a'` + "\n" +
			`UPDATE "ks"."Cnt" SET value = value + ? WHERE key = ? AND column1 = ? | ffffffffffffffff 'k' 'b'` + "\n\n" +
			`DELETE FROM "ks"."Cnt" WHERE key = ? AND column1 = ? | 'k' 'a'` + "\n\n" +
			`UPDATE "ks"."Cnt" SET value = value + ? WHERE key = ? AND column1 = ? | 0000000000000001 'k' 'a'`},
	} {
		got := written(t, c, test.family, false, test.mutations...)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.what, diff)
		}
	}
}

func TestConditions(t *testing.T) {
	f := family(t, standard)
	entries, err := conditions(tableOf(f), &backend.CompareRequest{
		Key: []byte("k"),
		Expected: []backend.Column{
			{Name: []byte("i"), Value: []byte("1")}, {Name: []byte("a")}, {Name: []byte("b"), Value: []byte("2")},
		},
		Updates: []backend.Column{{Name: []byte("i"), Value: []byte("3")}, {Name: []byte("c"), Value: []byte("4")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Stmt+" |"+values(e.Args))
	}
	want := []string{
		`UPDATE "ks"."Std" SET value = ?, "ix_i" = ? WHERE key = ? AND column1 = ? IF value = ? | '3' '3' 'k' 'i' '1'`,
		`UPDATE "ks"."Std" SET value = ? WHERE key = ? AND column1 = ? | '4' 'k' 'c'`,
		`UPDATE "ks"."Std" SET ttl = null WHERE key = ? AND column1 = ? IF value = ? | 'k' 'a' null`,
		`UPDATE "ks"."Std" SET ttl = null WHERE key = ? AND column1 = ? IF value = ? | 'k' 'b' '2'`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
}

// TestConditionsByOtherBytes updates an indexed column by a name that equals the definition's and differs in bytes.
func TestConditionsByOtherBytes(t *testing.T) {
	entries, err := conditions(tableOf(family(t, integers)), &backend.CompareRequest{
		Key: []byte("k"), Expected: []backend.Column{{Name: []byte("\x00\x00a")}}, Updates: []backend.Column{{Name: []byte("\x00a"), Value: []byte("v")}},
	})
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d statements, error %v", len(entries), err)
	}
	want := `UPDATE "ks"."Int" SET value = ?, "ix_a" = ? WHERE key = ? AND column1 = ? IF value = ? | 'v' 'v' 'k' 0061 null`
	if got := entries[0].Stmt + " |" + values(entries[0].Args); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestRepeatedConditions expects a column many times. The number of conditions is part of the statement and must stay small, since each
// statement is cached.
func TestRepeatedConditions(t *testing.T) {
	r := &backend.CompareRequest{Key: []byte("k"), Updates: []backend.Column{{Name: []byte("a"), Value: []byte("v")}}}
	for _, value := range []string{"1", "1", "2", "3", "1"} {
		r.Expected = append(r.Expected, backend.Column{Name: []byte("a"), Value: []byte(value)})
	}
	entries, err := conditions(tableOf(family(t, standard)), r)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d statements, error %v", len(entries), err)
	}
	want := `UPDATE "ks"."Std" SET value = ? WHERE key = ? AND column1 = ? IF value = ? AND value = ? | 'v' 'k' 'a' '1' '2'`
	if got := entries[0].Stmt + " |" + values(entries[0].Args); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCuts(t *testing.T) {
	var list []backend.Mutation
	for i := range 10 {
		list = append(list, insertion("c", strings.Repeat("v", 100), int64(i), 0))
	}
	for _, test := range []struct {
		what   string
		opts   Options
		atomic bool
		want   int // batches
	}{
		{"all fit", Options{}, false, 1},
		{"statements", Options{BatchStatements: 3}, false, 4},
		{"bytes", Options{BatchBytes: 400}, false, 5},
		{"less bytes than one mutation has", Options{BatchBytes: 1}, false, 10},
		{"atomic", Options{BatchStatements: 3, BatchBytes: 1}, true, 1},
	} {
		got := written(t, offline(t, &test.opts), standard, test.atomic, list...)
		if n := len(strings.Split(got, "\n\n")); n != test.want {
			t.Errorf("%s: %d batches, want %d", test.what, n, test.want)
		}
		if n := strings.Count(got, "UPDATE"); n != len(list) {
			t.Errorf("%s: %d statements, want %d", test.what, n, len(list))
		}
	}
}

func TestGroups(t *testing.T) {
	std, cnt := family(t, standard), family(t, counter)
	row := func(f *catalog.Family, key string) backend.RowMutation {
		return backend.RowMutation{Family: f.Def.Name, Key: []byte(key), Mutations: make([]backend.Mutation, 1)}
	}
	families := []*catalog.Family{std, std, cnt, std, cnt, std}
	r := &backend.MutateRequest{Rows: []backend.RowMutation{
		row(std, "a"), row(std, "b"), row(cnt, "a"), row(std, "a"), row(cnt, "a"), {Family: "Std", Key: []byte("c")},
	}}
	sizes := func() (list []int) {
		for _, g := range groupsOf(families, r) {
			list = append(list, len(g.rows))
		}
		return list
	}
	if got, want := sizes(), []int{2, 1, 2}; !cmp.Equal(got, want) {
		t.Errorf("groups of %v rows, want %v", got, want)
	}
	r.Atomic = true
	if got, want := sizes(), []int{3, 2}; !cmp.Equal(got, want) {
		t.Errorf("atomic: groups of %v rows, want %v", got, want)
	}
}
