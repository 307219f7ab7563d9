package cqlclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

// schemaOf makes the rows of system_schema of tables that are written as text:
//
//	NAME FLAGS|COLUMN KIND TYPE [desc]|…
//
// Kinds are by their first letters: p, c, s, r; a line "index NAME on COLUMN [KIND]" is an index of the table, and a line "comment …" its comment.
func schemaOf(t *testing.T, release string, tables ...string) *schemaRows {
	t.Helper()
	text := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	r := &schemaRows{version: fmt.Sprint(len(tables)), release: release}
	r.keyspaces = []string{`{"keyspace_name": "ks", "durable_writes": true, "replication": {"class": "org.apache.cassandra.locator.SimpleStrategy", "replication_factor": "1"}}`}
	for _, table := range tables {
		lines := strings.Split(table, "|")
		name, flags, _ := strings.Cut(lines[0], " ")
		row := map[string]any{"keyspace_name": "ks", "table_name": name, "flags": strings.Fields(flags), "gc_grace_seconds": 77, "comment": ""}
		kinds := map[string]string{"p": partitionKind, "c": clusteringKind, "s": staticKind, "r": regularKind}
		position := map[string]int{}
		for _, line := range lines[1:] {
			words := strings.Fields(line)
			switch words[0] {
			case "comment":
				row["comment"] = strings.TrimPrefix(line, "comment ")
				continue
			case "index":
				kind := "COMPOSITES"
				if len(words) > 4 {
					kind = words[4]
				}
				r.indexes = append(r.indexes, text(map[string]any{
					"keyspace_name": "ks", "table_name": name, "index_name": words[1], "kind": kind, "options": map[string]string{"target": words[3]},
				}))
				continue
			case "dropped":
				r.dropped = append(r.dropped, text(map[string]any{"keyspace_name": "ks", "table_name": name, "column_name": words[1]}))
				continue
			}
			order := "none"
			if kinds[words[1]] == clusteringKind {
				order = "asc"
			}
			typ := strings.Join(words[2:], " ")
			if strings.HasSuffix(typ, " desc") {
				typ, order = strings.TrimSuffix(typ, " desc"), "desc"
			}
			column := strings.ReplaceAll(words[0], "~", "")
			r.columns = append(r.columns, text(map[string]any{
				"keyspace_name": "ks", "table_name": name, "column_name": column, "column_name_bytes": fmt.Sprintf("0x%x", column),
				"kind": kinds[words[1]], "position": position[words[1]], "clustering_order": order, "type": typ,
			}))
			position[words[1]]++
		}
		r.tables = append(r.tables, text(row))
	}
	return r
}

// shown writes a snapshot's family as text.
func shown(t *table) string {
	f := t.family
	short := func(class string) string { return strings.ReplaceAll(class, "org.apache.cassandra.db.marshal.", "") }
	form := map[form]string{formOwn: "own", formDense: "dense", formStatic: "static", formMixed: "mixed", formRows: "rows"}[t.form]
	parts := []string{form, "key " + short(f.Def.KeyValidator), "names " + short(f.Def.Comparator)}
	if f.Super {
		parts = append(parts, "super "+short(f.Def.Subcomparator))
	}
	parts = append(parts, "values "+short(f.Def.DefaultValidator))
	for _, c := range f.Def.Columns {
		text := string(c.Name) + " " + short(c.Validator)
		if c.Index != schema.NoIndex {
			text += " by " + c.IndexName
		}
		parts = append(parts, text)
	}
	var keys, names []string
	for _, k := range t.key {
		keys = append(keys, k.name)
	}
	for _, n := range t.names {
		text := n.name
		if n.desc {
			text += "↓"
		}
		names = append(names, text)
	}
	parts = append(parts, fmt.Sprintf("(%s)(%s)=%s", strings.Join(keys, " "), strings.Join(names, " "), t.value))
	for _, m := range []map[string]string{t.statics, t.shadows} {
		if len(m) > 0 {
			var list []string
			for _, name := range slices.Sorted(maps.Keys(m)) {
				list = append(list, name+"="+m[name])
			}
			parts = append(parts, "["+strings.Join(list, " ")+"]")
		}
	}
	for _, flag := range []struct {
		on   bool
		text string
	}{{t.ttl != "", "ttl"}, {t.short, "short"}, {t.readOnly != "", "read-only"}, {len(t.unbuilt) > 0, "unbuilt"}} {
		if flag.on {
			parts = append(parts, flag.text)
		}
	}
	return strings.Join(parts, ", ")
}

// The tables are written as in system_schema. Most were recorded from families created over Thrift
// on 3.11.19.
func TestShapes(t *testing.T) {
	const composite = "'org.apache.cassandra.db.marshal.CompositeType(org.apache.cassandra.db.marshal.LongType,org.apache.cassandra.db.marshal.UTF8Type)'"
	const eight = "\x00\x00\x00\x00\x00\x00\x00\x00"
	for _, test := range []struct{ name, table, want string }{
		{"dense compact", "t dense|key p text|column1 c bigint|value r blob", `dense, key UTF8Type, names LongType, values BytesType, ("key")("column1")="value"`},
		{"with another name of the key", "t dense|user p text|column1 c bigint|value r blob", `dense, key UTF8Type, names LongType, values BytesType, ("user")("column1")="value"`},
		{"reversed", "t dense|key p text|column1 c bigint desc|value r blob", `dense, key UTF8Type, names ReversedType(LongType), values BytesType, ("key")("column1"↓)="value"`},
		{
			"composite compact", "t compound dense|key p text|column1 c bigint|column2 c text desc|value r int",
			`dense, key UTF8Type, names CompositeType(LongType,ReversedType(UTF8Type)), values Int32Type, ("key")("column1" "column2"↓)="value", short`,
		},
		{
			"composite dropped", "t compound|key p text|column1 c bigint|column2 c text|value r int",
			`dense, key UTF8Type, names CompositeType(LongType,UTF8Type), values Int32Type, ("key")("column1" "column2")="value"`,
		},
		{
			"composite class", "t compound|key p text|column1 c " + composite + "|value r blob",
			`dense, key UTF8Type, names CompositeType(LongType,UTF8Type), values BytesType, ("key")("column1")="value"`,
		},
		{
			"composite key", "t dense|key p text|key2 p bigint|column1 c text|value r blob",
			`dense, key CompositeType(UTF8Type,LongType), names UTF8Type, values BytesType, ("key" "key2")("column1")="value"`,
		},
		{"counter", "t dense counter|key p text|column1 c text|value r counter", `dense, key UTF8Type, names UTF8Type, values CounterColumnType, ("key")("column1")="value"`},
		{
			"time series", "t compound|sensor p uuid|at c timestamp desc|reading r double",
			`dense, key UUIDType, names ReversedType(TimestampType), values DoubleType, ("sensor")("at"↓)="reading"`,
		},
		{
			"time series of a day", "t compound|sensor p uuid|day p date|at c time|reading r frozen<list<int>>",
			`dense, key CompositeType(UUIDType,BytesType), names BytesType, values BytesType, ("sensor" "day")("at")="reading"`,
		},
		{
			"with statics", "t compound|sensor p uuid|at c timestamp|reading r double|place s text",
			`dense, key UUIDType, names TimestampType, values DoubleType, ("sensor")("at")="reading", read-only`,
		},
		{
			"static compact", "t |key p text|name s text|age s bigint|column1 c text|value r blob|index by_age on age KEYS",
			`static, key UTF8Type, names UTF8Type, values BytesType, age LongType by by_age, name UTF8Type, ("key")()=, [age="age" name="name"]`,
		},
		{
			"static counter compact", "t counter|key p text|hits s counter|column1 c text|value r counter",
			`static, key UTF8Type, names UTF8Type, values CounterColumnType, hits CounterColumnType, ("key")()=, [hits="hits"]`,
		},
		{
			"static dropped", "t compound|key p text|name s text|column1 c text|value r blob|index by_name on name",
			`mixed, key UTF8Type, names UTF8Type, values BytesType, name UTF8Type by by_name, ("key")("column1")="value", [name="name"]`,
		},
		{
			"plain", "t compound|id p uuid|name r text|age r int|index by_name on name|index sai on age CUSTOM",
			`static, key UUIDType, names UTF8Type, values BytesType, age Int32Type, name UTF8Type by by_name, ("id")()=, [age="age" name="name"]`,
		},
		{
			"several values", "t compound|id p uuid|at c timeuuid desc|name r text|age r int",
			`rows, key UUIDType, names CompositeType(ReversedType(TimeUUIDType),UTF8Type), values BytesType, ("id")("at"↓)=, [age="age" name="name"], read-only`,
		},
		{
			"ours without its comment", "t compound|key p text|column1 c bigint desc|ttl r int|value r blob|ix_x00000000000000000_1 s bigint|ix_old_2 s text|index i on ix_x00000000000000000_1",
			"own, key UTF8Type, names ReversedType(LongType), values BytesType, " + eight + " LongType by i, (key)(column1↓)=value, [" + eight + "=\"ix_x00000000000000000_1\"], ttl",
		},
		{
			"our super family without its comment", "t compound|key p blob|column1 c text|column2 c bigint desc|ttl r int|value r blob",
			`own, key BytesType, names UTF8Type, super ReversedType(LongType), values BytesType, (key)(column1 column2↓)=value, ttl`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := emptySnapshot().next(schemaOf(t, "5.0.5", test.table))
			if err != nil {
				t.Fatal(err)
			}
			tb := s.table("ks", "t")
			if tb == nil {
				t.Fatal(s.refused)
			}
			if got := shown(tb); got != test.want {
				t.Errorf("%s\n%s, want\n%s", test.table, got, test.want)
			}
			if *tb.family.Def.GCGraceSeconds != 77 {
				t.Errorf("gc_grace_seconds is %d, want the table's", *tb.family.Def.GCGraceSeconds)
			}
		})
	}
}

func TestRefusedTables(t *testing.T) {
	for _, test := range []struct{ name, release, table, want string }{
		{"super on 3.11", "3.11.19", "t super|key p text|column1 c text|~ r map<text, blob>", "over Thrift it is served"},
		{"super on 4", "4.1.9", "t super|key p text|column1 c text|~ r map<text, blob>", "while the cluster is at 3.11"},
		{"super dropped", "5.0.5", "t compound|key p text|column1 c text|~ r map<text, blob>", "it was a super column family"},
		{"map", "5.0.5", "t compound|key p text|at c text|m r map<text, blob>", "several cells"},
		{"type of users", "5.0.5", "t compound|key p text|at c text|m r address", "several cells"},
		{"names of users", "5.0.5", "t compound|key p text|at c frozen<address>|m r int", "clustering column"},
		{"smallint names", "5.0.5", "t compound|key p text|at c smallint|m r int", "smallint"},
		{"keys of users", "5.0.5", "t compound|key p frozen<address>|at c text|m r int", "partition column"},
		{"no value", "5.0.5", "t compound|key p text|at c text", "no value"},
		{"compact without value", "3.11.19", "t dense|key p text|at c text|value r empty", "no value"},
		{"no columns", "5.0.5", "t compound|key p text", "no columns"},
		{"composite key class before 5", "4.1.9", "t dense|key p 'org.apache.cassandra.db.marshal.CompositeType(org.apache.cassandra.db.marshal.LongType)'|at c text|v r int", "cut short"},
		{"damaged comment", "5.0.5", "t compound|key p text|column1 c text|ttl r int|value r blob|comment x\n--widerow:{", "remove it from the line"},
		{
			"contradiction", "5.0.5", "t compound|key p text|column1 c text|ttl r int|value r blob|comment x\n--widerow:" + `{"v":1,"family":{"Comparator":"LongType","KeyValidator":"UTF8Type"}}`,
			"column column1 is org.apache.cassandra.db.marshal.LongType (clustering), and in the table it is text (clustering)",
		},
		{
			"lost shadow", "5.0.5", "t compound|key p text|column1 c text|ttl r int|value r blob|comment x\n--widerow:" +
				`{"v":1,"family":{"Comparator":"UTF8Type","KeyValidator":"UTF8Type","Columns":[{"Name":"YQ==","Index":1,"IndexName":"i"}]},"shadows":{"61":"ix_a_1"}}`,
			"has the column ix_a_1, which the table has not",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := emptySnapshot().next(schemaOf(t, test.release, test.table))
			if err != nil {
				t.Fatal(err)
			}
			why := s.refused[familyName{"ks", "t"}]
			if s.table("ks", "t") != nil || why == nil || !strings.Contains(why.Error(), test.want) {
				t.Errorf("refused: %v, want %q", why, test.want)
			}
			if !errors.Is(why, backend.ErrUnsupported) {
				t.Errorf("the kind of %v is not unsupported", why)
			}
		})
	}
}

// TestSnapshotsShare reads one schema after another. Unchanged families must keep their *catalog.Family and *table.
func TestSnapshotsShare(t *testing.T) {
	const a, b = "a dense|key p text|column1 c bigint|value r blob", "b dense|key p text|column1 c text|value r blob"
	const refused = "r compound|key p text|at c text"
	next := func(s *snapshot, tables ...string) *snapshot {
		t.Helper()
		n, err := s.next(schemaOf(t, "5.0.5", tables...))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := next(emptySnapshot(), a, b, refused)
	same := next(first, a, b, refused)
	if same.table("ks", "a") != first.table("ks", "a") || same.refused[familyName{"ks", "r"}] == nil {
		t.Error("an unchanged schema is not kept")
	}
	changed := next(same, a, "b dense|key p text|column1 c text desc|value r blob", "r compound|key p text|at c text|v r int")
	if changed.table("ks", "a") != first.table("ks", "a") {
		t.Error("a table that did not change is not kept")
	}
	if got := changed.table("ks", "b"); got == first.table("ks", "b") || !got.names[0].desc {
		t.Error("a table that changed is kept")
	}
	if len(changed.refused) > 0 || changed.table("ks", "r") == nil {
		t.Errorf("a table that can be served now is refused: %v", changed.refused)
	}
	gone := next(changed, a)
	if gone.table("ks", "b") != nil || gone.table("ks", "a") != first.table("ks", "a") {
		t.Error("a dropped table is kept, or another table is not")
	}
	rows := schemaOf(t, "5.0.5", a)
	rows.keyspaces = nil
	if none, err := gone.next(rows); err != nil || none.cat.HasKeyspace("ks") || none.table("ks", "a") != nil {
		t.Errorf("a dropped keyspace is kept (%v)", err)
	}
}

func TestKeyspacesThatAreRefused(t *testing.T) {
	rows := schemaOf(t, "5.0.5", "a dense|key p text|column1 c bigint|value r blob")
	good := rows.keyspaces
	rows.keyspaces = []string{`{"keyspace_name": "ks", "durable_writes": true, "replication": {"class": "org.example.Everywhere"}}`}
	s, err := emptySnapshot().next(rows)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if why := s.refused[familyName{"ks", "a"}]; why == nil || !strings.Contains(why.Error(), "org.example.Everywhere") {
			t.Errorf("refused: %v", why)
		}
		if s, err = s.next(rows); err != nil {
			t.Fatal(err)
		}
	}
	rows.keyspaces = good
	if s, err = s.next(rows); err != nil || s.table("ks", "a") == nil {
		t.Errorf("the keyspace is refused still: %v, %v", s.refused, err)
	}
}

func TestViewsAreRefused(t *testing.T) {
	rows := schemaOf(t, "5.0.5", "a dense|key p text|column1 c bigint|value r blob")
	rows.views = []string{`{"keyspace_name": "ks", "view_name": "v", "base_table_name": "a"}`}
	s, err := emptySnapshot().next(rows)
	if why := s.refused[familyName{"ks", "v"}]; err != nil || why == nil || !strings.Contains(why.Error(), "use the table a") {
		t.Errorf("refused: %v (%v)", why, err)
	}
}

func TestColumnTypes(t *testing.T) {
	for _, class := range comparators {
		want, err := coltype.Parse(class)
		if err != nil {
			t.Fatal(err)
		}
		base := want
		for {
			r, ok := base.(*coltype.ReversedType)
			if !ok {
				break
			}
			base = r.Base()
		}
		got, err := parseColumnType(declared(want))
		if err != nil || got.class == nil || !coltype.Equal(got.class, signedDates(base)) {
			t.Errorf("%s is declared as %s, which is %v (%v)", class, declared(want), got.class, err)
		}
	}
	if diff := cmp.Diff("blob", declaredBlob(coltype.Reversed(coltype.Composite(coltype.Long)))); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"'CompositeType('", "'Long)'"} {
		if c, err := parseColumnType(text); err == nil && c.class != nil {
			t.Errorf("parseColumnType(%q) = %v", text, c.class)
		}
	}
}
