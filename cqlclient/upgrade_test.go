package cqlclient

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftclient"
)

// TestUpgrade writes families of every kind over Thrift on a 3.11 node and reads them over CQL:
// from the same node, after upgrades of its data to 4.1 and to 5.0, after DROP COMPACT STORAGE, and
// after adoption. WIDEROW_TEST_CASSANDRA must include 3.11.
func TestUpgrade(t *testing.T) {
	for _, version := range realcass.Versions(t, "3.11") {
		for _, partitioner := range []string{"Murmur3Partitioner", "RandomPartitioner"} {
			t.Run(partitioner, func(t *testing.T) {
				upgrade(t, realcass.Start(t, realcass.Config{
					Version: version, Partitioner: partitioner, YAML: map[string]string{"enable_drop_compact_storage": "true"},
				}))
			})
		}
	}
}

func packed(t *testing.T, typ coltype.Type, v any) []byte {
	t.Helper()
	b, err := coltype.Pack(typ, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// oldFamily is a family and the rows that Thrift reads from it.
type oldFamily struct {
	def  schema.Family
	rows []backend.Row
	// hidden lists the names that compact tables hide from CQL.
	hidden []string
	stamp  int64 // the timestamp of the last write
}

func upgrade(t *testing.T, cluster *realcass.Cluster) {
	thrift, err := thriftclient.Open(t.Context(), cluster.Addrs(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := thrift.Alter(t.Context(), schema.CreateKeyspace{Keyspace: schema.NewKeyspace("up", 1)}); err != nil {
		t.Fatal(err)
	}
	long := func(n int64) []byte { return packed(t, coltype.Long, n) }
	pair := coltype.Composite(coltype.Long, coltype.UTF8)
	dynamic := coltype.DynamicComposite(map[byte]coltype.Type{'a': coltype.ASCII, 'l': coltype.Long})
	keys := coltype.Composite(coltype.UTF8, coltype.Long)
	text := []byte("text")
	families := []*oldFamily{
		familyOf("dyn", "LongType", text, long(-1), long(0), long(7)),
		familyOf("rev", "ReversedType(LongType)", text, long(-1), long(0), long(7)),
		familyOf("comp", pair.String(), text, packed(t, pair, coltype.Tuple{int64(1)}), packed(t, pair, coltype.Tuple{int64(1), "a"}), packed(t, pair, coltype.Tuple{int64(2), ""})),
		familyOf("dc", dynamic.String(), text, packed(t, dynamic, coltype.Tuple{coltype.Alias('a', "x")}), packed(t, dynamic, coltype.Tuple{coltype.Alias('l', int64(5)), coltype.Alias('a', "y")})),
		familyOf("date", "DateType", text, long(1000), long(2000)),
		familyOf("ck", "UTF8Type", packed(t, keys, coltype.Tuple{"k", int64(1)}), []byte("a"), []byte("b")),
		familyOf("stat", "UTF8Type", text, []byte("age"), []byte("name")),
		familyOf("cnt", "UTF8Type", text, []byte("a"), []byte("b")),
	}
	families[5].def.KeyValidator = keys.String()
	families[6].def.Columns = []schema.Column{
		{Name: []byte("name"), Validator: "UTF8Type", Index: schema.KeysIndex}, {Name: []byte("age"), Validator: "UTF8Type"},
	}
	families[7].def.DefaultValidator = "CounterColumnType"
	for _, f := range families {
		writeThrift(t, thrift, f)
	}
	// The static family does not describe this column.
	families[6].hidden = []string{"other"}
	insertThrift(t, thrift, "stat", text, []byte("other"), 5)
	families[6].rows = readAll(t, thrift, "stat")
	super := schema.Family{Keyspace: "up", Name: "sup", Type: schema.Super, Comparator: "UTF8Type", Subcomparator: "UTF8Type"}
	if _, err := thrift.Alter(t.Context(), schema.CreateFamily{Family: super}); err != nil {
		t.Fatal(err)
	}
	thrift.Close()

	check := func(stage string, dropped bool) *Client {
		c := openReal(t, cluster.NativeAddrs())
		for _, f := range families {
			want := f.rows
			if !dropped && len(f.hidden) > 0 {
				want = without(want, f.hidden)
			}
			if diff := cmp.Diff(want, readAll(t, c, f.def.Name)); diff != "" {
				t.Errorf("%s: family %s (-thrift +cql):\n%s", stage, f.def.Name, diff)
			}
		}
		if got := query(t, c, "up", "stat", "name", "value"); len(got) != 1 {
			t.Errorf("%s: the index of the static family finds %q", stage, got)
		}
		_, err := c.Slice(t.Context(), &backend.SliceRequest{Parent: backend.Parent{Keyspace: "up", Family: "sup"}, Keys: [][]byte{text}, Predicate: backend.Predicate{Count: 1}})
		if !errors.Is(err, backend.ErrUnsupported) || !strings.Contains(err.Error(), "super column family") {
			t.Errorf("%s: a super family: %v", stage, err)
		}
		return c
	}
	rewrite := func(stage string, c *Client) {
		for _, f := range families {
			overCQL(t, c, stage, f)
		}
	}
	rewrite("3.11", check("3.11", false))
	for _, version := range []string{"4.1", "5.0"} {
		cluster.Upgrade(t, version)
		rewrite(version, check(version, false))
	}
	c := openReal(t, cluster.NativeAddrs())
	for _, f := range families {
		if err := c.define(t.Context(), `ALTER TABLE up."`+f.def.Name+`" DROP COMPACT STORAGE`); err != nil {
			t.Fatalf("%s: %v", f.def.Name, err)
		}
	}
	c = check("dropped", true)
	rewrite("dropped", c)
	for _, f := range families {
		statements, err := c.Adopt(t.Context(), "up", f.def.Name, true)
		switch f.def.Name {
		case "comp", "ck", "stat":
			if !errors.Is(err, backend.ErrUnsupported) {
				t.Errorf("%s: adopted by %q: %v", f.def.Name, statements, err)
			}
		default:
			if err != nil {
				t.Errorf("%s: %v", f.def.Name, err)
			}
			if form := c.snapshot().table("up", f.def.Name).form; form != formOwn {
				t.Errorf("%s: is of form %d after adoption", f.def.Name, form)
			}
		}
	}
	rewrite("adopted", check("adopted", true))
}

// familyOf returns a family with one row of these columns.
func familyOf(name, comparator string, key []byte, columns ...[]byte) *oldFamily {
	f := &oldFamily{def: schema.Family{Keyspace: "up", Name: name, Comparator: comparator, KeyValidator: "BytesType", DefaultValidator: "BytesType"}}
	row := backend.Row{Key: key}
	for _, c := range columns {
		row.Columns = append(row.Columns, backend.Column{Name: c})
	}
	f.rows = []backend.Row{row}
	return f
}

func writeThrift(t *testing.T, b backend.Backend, f *oldFamily) {
	t.Helper()
	if _, err := b.Alter(t.Context(), schema.CreateFamily{Family: f.def}); err != nil {
		t.Fatal(err)
	}
	for _, c := range f.rows[0].Columns {
		if f.def.IsCounter() {
			if err := b.Mutate(t.Context(), &backend.MutateRequest{Keyspace: "up", Rows: []backend.RowMutation{{Family: f.def.Name, Key: f.rows[0].Key, Mutations: []backend.Mutation{{
				Op: backend.Add, Column: backend.Column{Name: c.Name}, Delta: 4,
			}}}}}); err != nil {
				t.Fatal(err)
			}
			continue
		}
		insertThrift(t, b, f.def.Name, f.rows[0].Key, c.Name, 3)
	}
	f.rows = readAll(t, b, f.def.Name)
}

func insertThrift(t *testing.T, b backend.Backend, cf string, key, name []byte, timestamp int64) {
	t.Helper()
	err := b.Mutate(t.Context(), &backend.MutateRequest{Keyspace: "up", Rows: []backend.RowMutation{{Family: cf, Key: key, Mutations: []backend.Mutation{{
		Op: backend.Insert, Column: backend.Column{Name: name, Value: []byte("value"), Timestamp: timestamp},
	}}}}})
	if err != nil {
		t.Fatalf("%s: %v", cf, err)
	}
}

// readAll returns all rows of a family, and checks that a reversed slice and names select the same columns.
func readAll(t *testing.T, b backend.Backend, cf string) []backend.Row {
	t.Helper()
	parent := backend.Parent{Keyspace: "up", Family: cf}
	rows, err := b.Range(t.Context(), &backend.RangeRequest{Parent: parent, Range: backend.KeyRange{Count: 100}, Predicate: backend.Predicate{Count: 100}})
	if err != nil {
		t.Errorf("%s: %v", cf, err)
		return nil
	}
	for _, row := range rows {
		p := backend.Predicate{Names: [][]byte{}}
		for _, c := range row.Columns {
			p.Names = append(p.Names, c.Name)
		}
		named, err := b.Slice(t.Context(), &backend.SliceRequest{Parent: parent, Keys: [][]byte{row.Key}, Predicate: p})
		if err != nil {
			t.Errorf("%s by names: %v", cf, err)
		} else if diff := cmp.Diff(row.Columns, named[0].Columns); diff != "" {
			t.Errorf("%s by names (-range +names):\n%s", cf, diff)
		}
	}
	return rows
}

// without removes columns from rows.
func without(rows []backend.Row, names []string) []backend.Row {
	var result []backend.Row
	for _, row := range rows {
		kept := backend.Row{Key: row.Key}
		for _, c := range row.Columns {
			if !strings.Contains(strings.Join(names, " "), string(c.Name)) {
				kept.Columns = append(kept.Columns, c)
			}
		}
		result = append(result, kept)
	}
	return result
}

// overCQL writes a new row over CQL with the family's columns, reads it, deletes one of its
// columns, and then deletes the row.
func overCQL(t *testing.T, c *Client, stage string, f *oldFamily) {
	t.Helper()
	if f.def.IsCounter() {
		return // counters cannot be written with a timestamp, nor deleted and written again
	}
	key := []byte("new")
	if f.def.Name == "ck" {
		key = packed(t, coltype.Composite(coltype.UTF8, coltype.Long), coltype.Tuple{"new", int64(2)})
	}
	var want []backend.Column
	names := f.rows[0].Columns
	if strings.HasPrefix(stage, "4") || strings.HasPrefix(stage, "5") || stage == "3.11" {
		names = without(f.rows, f.hidden)[0].Columns
	}
	mutate := func(m backend.Mutation) error {
		return c.Mutate(context.Background(), &backend.MutateRequest{Keyspace: "up", Rows: []backend.RowMutation{{Family: f.def.Name, Key: key, Mutations: []backend.Mutation{m}}}})
	}
	f.stamp += 100
	stamp := f.stamp
	for _, n := range names {
		column := backend.Column{Name: n.Name, Value: fmt.Appendf(nil, "new"), Timestamp: stamp}
		if err := mutate(backend.Mutation{Op: backend.Insert, Column: column}); err != nil {
			if f.def.Name == "comp" && len(n.Name) < 12 && stage >= "a" {
				continue // the name has fewer components than the table has clustering columns, and the table is not compact
			}
			t.Errorf("%s: write to %s: %v", stage, f.def.Name, err)
			continue
		}
		want = append(want, column)
	}
	read := func() []backend.Column {
		rows, err := c.Slice(t.Context(), &backend.SliceRequest{
			Parent: backend.Parent{Keyspace: "up", Family: f.def.Name}, Keys: [][]byte{key}, Predicate: backend.Predicate{Count: 100},
		})
		if err != nil {
			t.Errorf("%s: read of %s: %v", stage, f.def.Name, err)
			return nil
		}
		return rows[0].Columns
	}
	if diff := cmp.Diff(want, read()); diff != "" {
		t.Errorf("%s: columns written to %s (-want +got):\n%s", stage, f.def.Name, diff)
	}
	last := want[len(want)-1].Name
	if err := mutate(backend.Mutation{Op: backend.Delete, Timestamp: stamp + 1, Columns: &backend.Predicate{Names: [][]byte{last}}}); err != nil {
		t.Errorf("%s: delete from %s: %v", stage, f.def.Name, err)
	}
	if diff := cmp.Diff(want[:len(want)-1], read()); diff != "" {
		t.Errorf("%s: %s after the deletion of a column (-want +got):\n%s", stage, f.def.Name, diff)
	}
	if err := mutate(backend.Mutation{Op: backend.Delete, Timestamp: stamp + 2}); err != nil {
		t.Errorf("%s: delete a row of %s: %v", stage, f.def.Name, err)
	}
	if got := read(); len(got) > 0 {
		t.Errorf("%s: %s has %v after the deletion of the row", stage, f.def.Name, got)
	}
}
