package cqlclient

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
)

// TestPlainTables serves tables created in CQL.
func TestPlainTables(t *testing.T) {
	onReal(t, func(t *testing.T, nodes []string) {
		c := openReal(t, nodes)
		ks := newKeyspace(t, c)
		for _, statement := range []string{
			"CREATE TABLE KS.people (id text PRIMARY KEY, name text, age int)",
			"CREATE INDEX people_name ON KS.people (name)",
			"INSERT INTO KS.people (id, name, age) VALUES ('a', 'Ann', 7) USING TIMESTAMP 5",
			"INSERT INTO KS.people (id, name) VALUES ('b', 'Bob') USING TIMESTAMP 5",
			"CREATE TABLE KS.series (sensor text, at bigint, reading text, PRIMARY KEY (sensor, at)) WITH CLUSTERING ORDER BY (at DESC)",
			"INSERT INTO KS.series (sensor, at, reading) VALUES ('s', 1, 'low') USING TIMESTAMP 5",
			"INSERT INTO KS.series (sensor, at, reading) VALUES ('s', 2, 'high') USING TIMESTAMP 5",
			"CREATE TABLE KS.events (id text, at bigint, kind text, size int, PRIMARY KEY (id, at))",
			"INSERT INTO KS.events (id, at, kind, size) VALUES ('e', 1, 'open', 9) USING TIMESTAMP 5",
			"CREATE TABLE KS.placed (id text, at bigint, v text, place text static, PRIMARY KEY (id, at))",
			"CREATE TABLE KS.tags (id text PRIMARY KEY, tags set<text>)",
		} {
			if err := c.define(t.Context(), strings.ReplaceAll(statement, "KS", quoteName(ks))); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
		all := func(cf, key string) []backend.Column {
			t.Helper()
			rows, err := c.Slice(t.Context(), &backend.SliceRequest{
				Parent: backend.Parent{Keyspace: ks, Family: cf}, Keys: [][]byte{[]byte(key)}, Predicate: backend.Predicate{Count: 100},
			})
			if err != nil {
				t.Fatalf("%s: %v", cf, err)
			}
			return rows[0].Columns
		}
		same := func(what string, want, got []backend.Column) {
			t.Helper()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		column := func(name []byte, value string, timestamp int64) backend.Column {
			return backend.Column{Name: name, Value: []byte(value), Timestamp: timestamp}
		}
		seven, one, two := "\x00\x00\x00\x07", packed(t, coltype.Long, int64(1)), packed(t, coltype.Long, int64(2))

		same("people", []backend.Column{column([]byte("age"), seven, 5), column([]byte("name"), "Ann", 5)}, all("people", "a"))
		if got := query(t, c, ks, "people", "name", "Bob"); len(got) != 1 || got[0] != "b" {
			t.Errorf("the index of people finds %q", got)
		}
		if err := put(t.Context(), c, ks, "people", "b", "name", "Ben", 6); err != nil {
			t.Error(err)
		}
		same("people that were written", []backend.Column{column([]byte("name"), "Ben", 6)}, all("people", "b"))
		if err := put(t.Context(), c, ks, "people", "b", "size", "9", 6); !errors.Is(err, backend.ErrInvalidRequest) {
			t.Errorf("a column that the table does not have: %v", err)
		}
		rows, err := c.Range(t.Context(), &backend.RangeRequest{Parent: backend.Parent{Keyspace: ks, Family: "people"}, Range: backend.KeyRange{Count: 10}, Predicate: backend.Predicate{Count: 1}})
		if err != nil || len(rows) != 2 {
			t.Errorf("a range of people: %v, %v", rows, err)
		}

		same("series", []backend.Column{column(two, "high", 5), column(one, "low", 5)}, all("series", "s"))
		if err := put(t.Context(), c, ks, "series", "s", string(one), "lower", 6); err != nil {
			t.Error(err)
		}
		same("series that was written", []backend.Column{column(two, "high", 5), column(one, "lower", 6)}, all("series", "s"))

		name := coltype.Composite(coltype.Long, coltype.UTF8)
		kind, size := packed(t, name, coltype.Tuple{int64(1), "kind"}), packed(t, name, coltype.Tuple{int64(1), "size"})
		same("events", []backend.Column{column(kind, "open", 5), column(size, "\x00\x00\x00\x09", 5)}, all("events", "e"))
		for cf, n := range map[string][]byte{"events": kind, "placed": one} {
			if err := put(t.Context(), c, ks, cf, "e", string(n), "v", 6); !errors.Is(err, backend.ErrUnsupported) {
				t.Errorf("a write to %s, which is read only: %v", cf, err)
			}
		}
		if err := put(t.Context(), c, ks, "tags", "e", "tags", "v", 6); !errors.Is(err, backend.ErrUnsupported) || !strings.Contains(err.Error(), "several cells") {
			t.Errorf("a table with a set: %v", err)
		}
	})
}
