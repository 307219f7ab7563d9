package catalog

import (
	"testing"

	"github.com/widerow/widerow/backend"
)

func TestMutationReasons(t *testing.T) {
	type mutation = backend.Mutation
	insert := func(name, value string) mutation {
		return mutation{Op: backend.Insert, Column: backend.Column{Name: []byte(name), Value: []byte(value)}}
	}
	expiring := func(name, value string, ttl int32) mutation {
		m := insert(name, value)
		m.Column.TTL = ttl
		return m
	}
	add := func(name string) mutation {
		return mutation{Op: backend.Add, Column: backend.Column{Name: []byte(name)}, Delta: 1}
	}
	remove := func(p *backend.Predicate) mutation {
		return mutation{Op: backend.Delete, Timestamp: 1, Columns: p}
	}
	in := func(super string, m mutation) mutation {
		m.Super = []byte(super)
		return m
	}
	named := func(s ...string) *backend.Predicate { return &backend.Predicate{Names: names(s...)} }
	one := string(long(1))
	c := requests(t)
	for _, test := range []struct {
		name, family string
		m            mutation
		want         string
	}{
		{"insert", "S", insert("a", "v"), ""},
		{"insert empty value", "S", insert("age", ""), ""},
		{"longest name", "S", insert(maxBytes, "v"), ""},
		{"no name", "S", insert("", "v"), "column name must not be empty"},
		{"name too long", "S", insert(tooMany, "v"), "column name length must not be greater than 65535"},
		{"name not text", "S", insert("\xff", "v"), "String didn't validate."},
		{"name not a long", "L", insert("abc", one), "Expected 8 or 0 byte long (3)"},
		{"name not composite", "Comp", insert("abc", one), "Not enough bytes to read value of component 0"},
		{"value not text", "S", insert("a", "\xff"), "(String didn't validate.) [app][S][a] failed validation"},
		{"value not a long", "S", insert("age", "x"), "(Expected 8 or 0 byte long (1)) [app][S][age] failed validation"},
		{"value not an int", "S", insert("n", "x"), "(Expected 4 or 0 byte int (1)) [app][S][n] failed validation"},
		{"value under a number", "L", insert(string(long(7)), "x"), "(Expected 8 or 0 byte long (1)) [app][L][7] failed validation"},
		{"longest indexed value", "S", insert("b", maxBytes[1:]), ""},
		{"indexed value too long", "S", insert("b", maxBytes), "Can't index column value of size 65535 for index S_b_idx in CF S of KS app"},
		{"longer value without index", "S", insert("a", tooMany), ""},
		{"TTL", "S", expiring("a", "v", 630720000), ""},
		{"TTL below 0", "S", expiring("a", "v", -1), "ttl must be positive"},
		{"TTL too large", "S", expiring("a", "v", 630720001), "ttl is too large. requested (630720001) maximum (630720000)"},
		{"TTL before name", "S", expiring("", "\xff", -1), "ttl must be positive"},
		{"super of standard", "S", in("x", insert("a", "v")), "supercolumn parameter is invalid for standard CF S"},

		{"insert in super", "Sup", in("s", insert(one, "v")), ""},
		{"insert without super", "Sup", insert(one, "v"), "supercolumn parameter is not optional for super CF Sup"},
		{"empty super", "Sup", in("", insert(one, "v")), "supercolumn name must not be empty"},
		{"super too long", "Sup", in(tooMany, insert(one, "v")), "supercolumn name length must not be greater than 65535"},
		{"super not text", "Sup", in("\xff", insert(one, "v")), "String didn't validate."},
		{"name in super", "Sup", in("s", insert("abc", "v")), "Expected 8 or 0 byte long (3)"},
		{"name before super", "Sup", in("\xff", insert("abc", "v")), "Expected 8 or 0 byte long (3)"},
		{"name before TTL in super", "Sup", in("s", expiring("abc", "\xff", -1)), "Expected 8 or 0 byte long (3)"},
		{"TTL before value in super", "Sup", in("s", expiring(one, "\xff", -1)), "ttl must be positive"},
		{"no name in super", "Sup", in("s", insert("", "v")), "column name must not be empty"},
		{"value in super", "Sup", in("s", insert(one, "\xff")), "(String didn't validate.) [app][Sup][1] failed validation"},

		{"add", "C", add("a"), ""},
		{"add in super", "SC", in("s", add("a")), ""},
		{"add to standard", "S", add("a"), "invalid operation for non commutative columnfamily S"},
		{"add to super", "Sup", in("s", add(one)), "invalid operation for non commutative columnfamily Sup"},
		{"insert among counters", "C", insert("a", one), "invalid operation for commutative columnfamily C"},
		{"insert among counters of super", "SC", in("s", insert("a", one)), "invalid operation for commutative columnfamily SC"},
		{"add without super", "SC", add("a"), "supercolumn parameter is not optional for super CF SC"},
		{"add with super", "C", in("x", add("a")), "supercolumn parameter is invalid for standard CF C"},
		{"add without name", "C", add(""), "column name must not be empty"},

		{"delete row", "S", remove(nil), ""},
		{"delete columns", "S", remove(named("a", maxBytes)), ""},
		{"delete no columns", "S", remove(named()), ""},
		{"delete column without name", "S", remove(named("")), "column name must not be empty"},
		{"delete name too long", "S", remove(named(tooMany)), "column name length must not be greater than 65535"},
		{"delete name not text", "S", remove(named("\xff")), "String didn't validate."},
		{"delete supers", "Sup", remove(named("abc")), ""},
		{"delete super", "Sup", in("s", remove(nil)), ""},
		{"delete in super", "Sup", in("s", remove(named(one))), ""},
		{"delete name in super", "Sup", in("s", remove(named("abc"))), "Expected 8 or 0 byte long (3)"},
		{"delete super without name", "Sup", in("", remove(nil)), "column name must not be empty"},
		{"delete in super without name", "Sup", in("", remove(named(one))), "column name must not be empty"},
		{"delete super too long", "Sup", in(tooMany, remove(nil)), "column name length must not be greater than 65535"},
		{"delete super not text", "Sup", in("\xff", remove(nil)), "String didn't validate."},
		{"delete counters", "C", remove(named("a")), ""},
		{"delete super of standard", "S", in("x", remove(nil)), "Deletion of super columns is not possible on a standard ColumnFamily (KeySpace=app ColumnFamily=S Deletion=Deletion(timestamp:1, super_column:78))"},
		{"delete empty super of standard", "S", in("", remove(nil)), "column name must not be empty"},
		{"delete in super of standard", "S", in("x", remove(named("a"))), "supercolumn specified to ColumnFamily S containing normal columns"},
		{"1.2: Deletion does not yet support SliceRange predicates.", "S", remove(&backend.Predicate{Start: []byte("a"), Finish: []byte("b")}), ""},
		{"1.2: the same", "Sup", in("s", remove(&backend.Predicate{})), ""},
		{"delete slice of super of standard", "S", in("x", remove(&backend.Predicate{})), "supercolumn specified to ColumnFamily S containing normal columns"},
		{"delete slice out of order", "S", remove(&backend.Predicate{Start: []byte("b"), Finish: []byte("a")}), "range finish must come after start in the order of traversal"},
		{"delete slice of no long", "L", remove(&backend.Predicate{Start: []byte("abc")}), "Expected 8 or 0 byte long (3)"},
		{"1.2: the same again", "S", remove(&backend.Predicate{Reversed: true}), "a deletion of a slice is neither reversed nor limited"},
		{"1.2: and again", "S", remove(&backend.Predicate{Count: 1}), "a deletion of a slice is neither reversed nor limited"},

		{"no operation", "S", mutation{}, "mutation must have one and only one of column_or_supercolumn or deletion"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &backend.MutateRequest{Keyspace: "app", Rows: []backend.RowMutation{
				{Family: test.family, Key: long(1), Mutations: []mutation{test.m}},
			}}
			_, err := c.CheckMutate(nil, r)
			checkReason(t, err, test.want)
		})
	}
}

func TestMutateReasons(t *testing.T) {
	row := func(family, key string, ops ...backend.Op) backend.RowMutation {
		r := backend.RowMutation{Family: family, Key: []byte(key)}
		for _, op := range ops {
			r.Mutations = append(r.Mutations, backend.Mutation{Op: op, Column: backend.Column{Name: []byte("a")}})
		}
		return r
	}
	c := requests(t)
	for _, test := range []struct {
		name   string
		rows   []backend.RowMutation
		level  backend.Consistency
		atomic bool
		want   string
	}{
		{"nothing", nil, 0, false, ""},
		{"rows", []backend.RowMutation{row("S", "k", backend.Insert, backend.Delete), row("C", "k", backend.Add), row("S", "k")}, 0, false, ""},
		{"family", []backend.RowMutation{row("S", "k", backend.Insert), row("Nope", "k")}, 0, false, "unconfigured columnfamily Nope"},
		{"no family", []backend.RowMutation{row("", "k")}, 0, false, "non-empty columnfamily is required"},
		{"empty key", []backend.RowMutation{row("S", "")}, 0, false, "Key may not be empty"},
		{"longest key", []backend.RowMutation{row("S", maxBytes)}, 0, false, ""},
		{"key too long", []backend.RowMutation{row("S", tooMany)}, 0, false, "Key length of 65536 is longer than maximum of 65535"},
		{"key not a long", []backend.RowMutation{row("L", "abc")}, 0, false, "Expected 8 or 0 byte long (3)"},
		{"atomic", []backend.RowMutation{row("S", "k", backend.Insert)}, 0, true, ""},
		{"atomic counter", []backend.RowMutation{row("C", "k", backend.Add)}, 0, true, "Counter mutations are not allowed in atomic batches"},
		{"atomic deletion of a counter", []backend.RowMutation{row("C", "k", backend.Delete)}, 0, true, "Counter mutations are not allowed in atomic batches"},
		{"ANY", []backend.RowMutation{row("S", "k", backend.Insert)}, backend.Any, false, ""},
		{"EACH_QUORUM", []backend.RowMutation{row("S", "k", backend.Insert)}, backend.EachQuorum, false, ""},
		{"ANY for a counter", []backend.RowMutation{row("C", "k", backend.Add)}, backend.Any, false, "Consistency level ANY is not yet supported for counter columnfamily C"},
		{"QUORUM for a counter", []backend.RowMutation{row("C", "k", backend.Add)}, backend.Quorum, false, ""},
		{"counter that is not replicated on write", []backend.RowMutation{row("NR", "k", backend.Add)}, backend.LocalOne, false, ""},
		{"QUORUM for it", []backend.RowMutation{row("NR", "k", backend.Add)}, backend.Quorum, false, "cannot achieve CL > CL.ONE without replicate_on_write on columnfamily NR"},
		{"1.2: unknown", []backend.RowMutation{row("S", "k")}, backend.Serial, false, "You must use conditional updates for serializable writes"},
		{"unknown level", []backend.RowMutation{row("S", "k")}, -1, false, "Unknown code -1 for a consistency level"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := c.CheckMutate(nil, &backend.MutateRequest{Keyspace: "app", Rows: test.rows, Consistency: test.level, Atomic: test.atomic})
			checkReason(t, err, test.want)
			if err != nil {
				return
			}
			if len(got) != len(test.rows) {
				t.Fatalf("%d families for %d rows", len(got), len(test.rows))
			}
			for i, f := range got {
				if f != family(t, c, test.rows[i].Family) {
					t.Errorf("family %d = %s, want %s", i, f.Def.Name, test.rows[i].Family)
				}
			}
		})
	}
	for keyspace, want := range map[string]string{"": "no keyspace has been specified", "nope": "Keyspace 'nope' does not exist"} {
		for _, rows := range [][]backend.RowMutation{nil, {row("S", "k")}} {
			_, err := c.CheckMutate(nil, &backend.MutateRequest{Keyspace: keyspace, Rows: rows})
			checkReason(t, err, want)
		}
	}
}

func TestTruncateReasons(t *testing.T) {
	c := requests(t)
	for _, test := range []struct{ keyspace, family, want string }{
		{"app", "S", ""},
		{"app", "C", ""},
		{"app", "nope", "unconfigured columnfamily nope"},
		{"app", "", "non-empty columnfamily is required"},
		{"nope", "S", "Keyspace 'nope' does not exist"},
		{"", "S", "no keyspace has been specified"},
	} {
		_, err := c.CheckTruncate(test.keyspace, test.family)
		checkReason(t, err, test.want)
	}
}
