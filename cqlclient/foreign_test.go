package cqlclient_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/internal/testkit/realcass"
)

// TestTablesOfOthers reads and writes tables created in CQL, with every kind of bound.
func TestTablesOfOthers(t *testing.T) {
	for _, version := range realcass.Versions(t, lines...) {
		t.Run(version, func(t *testing.T) {
			cluster := realcass.Start(t, realcass.Config{Version: version})
			config := gocql.NewCluster(cluster.NativeAddrs()...)
			config.Timeout = 30 * time.Second
			session, err := config.CreateSession()
			if err != nil {
				t.Fatal(err)
			}
			defer session.Close()
			keyspace := fmt.Sprintf("others%d", time.Now().UnixNano())
			execute := func(statement string, args ...any) {
				t.Helper()
				if err := session.Query(statement, args...).Exec(); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			execute("CREATE KEYSPACE " + keyspace + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
			defer session.Query("DROP KEYSPACE " + keyspace).Exec()
			for _, table := range otherTables {
				execute(fmt.Sprintf(table.create, keyspace))
			}
			execute("CREATE TABLE " + keyspace + ".marked (key text, name text, value blob, PRIMARY KEY (key, name))")
			execute("INSERT INTO " + keyspace + ".static (key, age, name, zip) VALUES ('k', 0x01, 0x02, 0x03)")
			execute("INSERT INTO " + keyspace + ".rows (key, time, x, y) VALUES ('k', 1, 'one', 1)")
			execute("INSERT INTO " + keyspace + ".rows (key, time, y) VALUES ('k', 2, 2)")
			execute("INSERT INTO " + keyspace + ".rows (key, time, x) VALUES ('k', 3, 'three')")
			execute("INSERT INTO " + keyspace + ".marked (key, name, value) VALUES ('marker', 'a', 0x01)")
			execute("DELETE value FROM " + keyspace + ".marked WHERE key = 'marker' AND name = 'a'")
			execute("INSERT INTO " + keyspace + ".marked (key, name, value) VALUES ('marker', 'b', 0x02)")
			withClient(t, cluster, func(client *cqlclient.Client) {
				for _, table := range otherTables {
					t.Run(table.name, func(t *testing.T) { table.check(t, client, keyspace) })
				}
				t.Run("values that were deleted", func(t *testing.T) {
					n := &node{client, keyspace, version}
					if got, want := n.row(t, "marked", "marker"), "b=\x02 "; got != want {
						t.Errorf("the row is %q, want %q", got, want)
					}
					counts, err := n.Count(t.Context(), &backend.SliceRequest{
						Parent: n.parent("marked"), Keys: [][]byte{[]byte("marker")}, Predicate: backend.Predicate{Count: 10},
					})
					if err != nil || counts[0] != 1 {
						t.Errorf("the count is %v, %v, want 1", counts, err)
					}
				})
			})
		})
	}
}

// otherTable is a table created in CQL.
type otherTable struct {
	name, create string
	key          []any // the parts of a composite key; nil for a single text
	names        []any
	readOnly     bool
}

var otherTables = []otherTable{
	{
		name: "plain", create: "CREATE TABLE %s.plain (key text, name text, value blob, PRIMARY KEY (key, name))",
		names: []any{"a", "b", "c"},
	},
	{
		name: "composite", create: "CREATE TABLE %s.composite (key text, a text, b bigint, c int, value blob, PRIMARY KEY (key, a, b, c))",
		names: []any{
			coltype.Tuple{"a", 1, 1}, coltype.Tuple{"a", 1, 2}, coltype.Tuple{"a", 2, 1}, coltype.Tuple{"b", -1, 1}, coltype.Tuple{"b", 1, -1},
		},
	},
	{
		name: "descending", create: "CREATE TABLE %s.descending (key text, a text, b bigint, value blob, PRIMARY KEY (key, a, b))" +
			" WITH CLUSTERING ORDER BY (a DESC, b DESC)",
		names: []any{coltype.Tuple{"a", 1}, coltype.Tuple{"a", 2}, coltype.Tuple{"b", 1}, coltype.Tuple{"c", 1}},
	},
	{
		name: "directions", create: "CREATE TABLE %s.directions (key text, a text, b bigint, value blob, PRIMARY KEY (key, a, b))" +
			" WITH CLUSTERING ORDER BY (a ASC, b DESC)",
		names: []any{coltype.Tuple{"a", 1}, coltype.Tuple{"a", 2}, coltype.Tuple{"b", 1}, coltype.Tuple{"b", 3}, coltype.Tuple{"c", 1}},
	},
	{
		name: "keys", create: "CREATE TABLE %s.keys (k1 text, k2 bigint, name text, value blob, PRIMARY KEY ((k1, k2), name))",
		key: []any{"k", 5}, names: []any{"a", "b", "c"},
	},
	{
		name: "static", create: "CREATE TABLE %s.static (key text PRIMARY KEY, age blob, name blob, zip blob)",
		names: []any{"age", "name", "zip"}, readOnly: true,
	},
	{
		name: "rows", create: "CREATE TABLE %s.rows (key text, time bigint, x text, y int, PRIMARY KEY (key, time))",
		names:    []any{coltype.Tuple{1, "x"}, coltype.Tuple{1, "y"}, coltype.Tuple{2, "y"}, coltype.Tuple{3, "x"}},
		readOnly: true,
	},
}

func (o *otherTable) check(t *testing.T, client *cqlclient.Client, keyspace string) {
	keyspaces, err := client.Keyspaces(t.Context(), keyspace)
	if err != nil {
		t.Fatal(err)
	}
	def := keyspaces[0].Family(o.name)
	if def == nil {
		t.Fatal("the table is not served")
	}
	k := &compared{parent: backend.Parent{Keyspace: keyspace, Family: o.name}, key: []byte("k"), class: o.name}
	if k.order, err = coltype.Parse(def.Comparator); err != nil {
		t.Fatal(err)
	}
	if o.key != nil {
		keys, err := coltype.Parse(def.KeyValidator)
		if err != nil {
			t.Fatal(err)
		}
		if k.key, err = coltype.Pack(keys, coltype.Tuple(o.key)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range o.names {
		b, err := coltype.Pack(k.order, name)
		if err != nil {
			t.Fatal(err)
		}
		k.names = append(k.names, b)
	}
	k.sort()
	if tuple, ok := o.names[0].(coltype.Tuple); ok {
		for _, edge := range []coltype.Bound{coltype.Lower, coltype.Upper} {
			for i := 1; i < len(tuple); i++ {
				for _, end := range []coltype.Tuple{tuple[:i], append(slices.Clone(tuple[:i-1]), coltype.Exclusive(tuple[i-1]))} {
					b, err := coltype.PackBound(k.order, end, edge)
					if err != nil {
						t.Fatal(err)
					}
					k.bounds = append(k.bounds, b)
				}
			}
		}
	}
	if o.readOnly {
		k.check(t, client)
		if o.name == "static" {
			return
		}
		err := client.Mutate(t.Context(), &backend.MutateRequest{Keyspace: keyspace, Rows: []backend.RowMutation{
			{Family: o.name, Key: k.key, Mutations: []backend.Mutation{{Op: backend.Delete, Timestamp: 1}}},
		}})
		if !errors.Is(err, backend.ErrUnsupported) {
			t.Errorf("a deletion in a table that is read only: %v", err)
		}
		return
	}
	k.write(t, client)
	k.check(t, client)
	o.checkDeletions(t, client, k)
}

// checkDeletions deletes with every pair of bounds and checks which columns are left.
func (o *otherTable) checkDeletions(t *testing.T, client *cqlclient.Client, k *compared) {
	t.Helper()
	names, now := k.names, int64(10)
	apply := func(m backend.Mutation) error {
		return client.Mutate(t.Context(), &backend.MutateRequest{Keyspace: k.parent.Keyspace, Rows: []backend.RowMutation{
			{Family: o.name, Key: k.key, Mutations: []backend.Mutation{m}},
		}})
	}
	whole := &backend.Predicate{Count: 100}
	for _, from := range k.bounds {
		for _, to := range k.bounds {
			if from != nil && to != nil && k.order.Compare(from, to) > 0 {
				continue
			}
			now++
			err := apply(backend.Mutation{Op: backend.Delete, Timestamp: now, Columns: &backend.Predicate{Start: from, Finish: to}})
			if errors.Is(err, backend.ErrUnsupported) {
				continue
			}
			if err != nil {
				t.Fatalf("%s %x to %x: %v", o.name, from, to, err)
			}
			var left [][]byte
			for _, name := range names {
				if from != nil && k.order.Compare(name, from) < 0 || to != nil && k.order.Compare(name, to) > 0 {
					left = append(left, name)
				}
			}
			if len(left) > 0 { // otherwise the row does not exist
				k.compare(t, client, whole, left)
			}
			now++
			for _, name := range names {
				m := backend.Mutation{Op: backend.Insert, Column: backend.Column{Name: name, Value: []byte("v"), Timestamp: now}}
				if err := apply(m); err != nil {
					t.Fatalf("%s %s: %v", o.name, hex.EncodeToString(name), err)
				}
			}
		}
	}
	now++
	if err := apply(backend.Mutation{Op: backend.Delete, Timestamp: now, Columns: &backend.Predicate{Names: names[:1]}}); err != nil {
		t.Fatal(err)
	}
	k.compare(t, client, whole, names[1:])
}
