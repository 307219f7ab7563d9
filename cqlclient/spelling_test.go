package cqlclient_test

import (
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// TestIndexedNamesOfOtherBytes writes indexed columns by names that equal the definition's and differ in bytes.
func TestIndexedNamesOfOtherBytes(t *testing.T) {
	spellings := []struct{ family, comparator, name, other string }{
		{"dec", "DecimalType", "\x00\x00\x00\x01\x0f", "\x00\x00\x00\x02\x00\x96"},
		{"rev", "ReversedType(IntegerType)", "\x01", "\x00\x00\x01"},
		{"comp", "CompositeType(IntegerType,UTF8Type)", "\x00\x01\x01\x00\x00\x01a\x00", "\x00\x02\x00\x01\x00\x00\x01a\x00"},
	}
	described := func(i int, index schema.IndexType) schema.Family {
		return schema.Family{
			Name: spellings[i].family, Comparator: spellings[i].comparator, KeyValidator: "UTF8Type",
			Columns: []schema.Column{{Name: []byte(spellings[i].name), Validator: "UTF8Type", Index: index}},
		}
	}
	var families []schema.Family
	for i := range spellings {
		families = append(families, described(i, schema.NoIndex))
	}
	onNodes(t, nil, families, func(t *testing.T, n *node) {
		for i, s := range spellings {
			finds := func(what, value, want string) {
				t.Helper()
				rows, err := n.Index(t.Context(), &backend.IndexRequest{
					Parent: n.parent(s.family), Expressions: []backend.Expression{{Name: []byte(s.name), Value: []byte(value)}},
					Count: 10, Predicate: backend.Predicate{Count: 10},
				})
				got := ""
				for _, row := range rows {
					got += string(row.Key)
				}
				if err != nil || got != want {
					t.Errorf("%s, %s: the index finds rows %q, error %v, want %q", s.comparator, what, got, err, want)
				}
			}
			remove := func(timestamp int64, p *backend.Predicate) {
				t.Helper()
				err := n.Mutate(t.Context(), &backend.MutateRequest{Keyspace: n.keyspace, Rows: []backend.RowMutation{
					{Family: s.family, Key: []byte("k"), Mutations: []backend.Mutation{{Op: backend.Delete, Timestamp: timestamp, Columns: p}}},
				}})
				if err != nil {
					t.Fatal(err)
				}
			}
			n.mustInsert(t, s.family, "k", 1, s.other+"=0")
			f := described(i, schema.KeysIndex)
			f.Keyspace = n.keyspace
			if _, err := n.Alter(t.Context(), schema.AlterFamily{Family: f}); err != nil {
				t.Fatal(err)
			}
			finds("an index on written columns", "0", "k")
			n.mustInsert(t, s.family, "k", 2, s.name+"=1")
			n.mustInsert(t, s.family, "k", 3, s.other+"=2")
			finds("the value before", "1", "")
			finds("the value", "2", "k")
			remove(4, &backend.Predicate{Names: [][]byte{[]byte(s.other)}})
			finds("a deleted name", "2", "")
			n.mustInsert(t, s.family, "k", 5, s.name+"=3")
			remove(6, &backend.Predicate{Start: []byte(s.other), Finish: []byte(s.other)})
			finds("a deleted slice", "3", "")
			result, err := n.CompareAndSet(t.Context(), &backend.CompareRequest{
				Keyspace: n.keyspace, Family: s.family, Key: []byte("k"), Expected: []backend.Column{{Name: []byte(s.name)}},
				Updates: []backend.Column{{Name: []byte(s.other), Value: []byte("4")}}, Serial: backend.Serial, Commit: backend.One,
			})
			if err != nil || !result.Applied {
				t.Errorf("%s: compare and set: %+v, error %v", s.comparator, result, err)
			}
			finds("a compare and set", "4", "k")
		}
	})
}
