package cqlclient_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
)

// node is a client of a real node, with a keyspace of its own.
type node struct {
	*cqlclient.Client
	keyspace string
	version  string
}

// onNodes runs a test on a node of each version, with the families in a keyspace.
func onNodes(t *testing.T, opts *cqlclient.Options, families []schema.Family, test func(t *testing.T, n *node)) {
	for _, version := range realcass.Versions(t, lines...) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			cluster := realcass.Start(t, realcass.Config{Version: version})
			client, err := cqlclient.Open(t.Context(), cluster.NativeAddrs(), opts)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = client.Close() })
			n := &node{client, fmt.Sprintf("n%d", time.Now().UnixNano()), version}
			keyspace := schema.NewKeyspace(n.keyspace, 1)
			keyspace.Families = families
			if _, err := n.Alter(t.Context(), schema.CreateKeyspace{Keyspace: keyspace}); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _, _ = n.Alter(context.Background(), schema.DropKeyspace{Name: n.keyspace}) })
			test(t, n)
		})
	}
}

// texts returns the definition of a family of texts.
func texts(name string, columns ...schema.Column) schema.Family {
	return schema.Family{Name: name, Comparator: "UTF8Type", KeyValidator: "UTF8Type", Columns: columns}
}

func (n *node) parent(family string) backend.Parent {
	return backend.Parent{Keyspace: n.keyspace, Family: family}
}

// insert writes columns of a row, given as name=value.
func (n *node) insert(family, key string, timestamp int64, columns ...string) error {
	row := backend.RowMutation{Family: family, Key: []byte(key)}
	for _, c := range columns {
		name, value, _ := strings.Cut(c, "=")
		row.Mutations = append(row.Mutations, backend.Mutation{
			Op: backend.Insert, Column: backend.Column{Name: []byte(name), Value: []byte(value), Timestamp: timestamp},
		})
	}
	return n.Mutate(context.Background(), &backend.MutateRequest{Keyspace: n.keyspace, Rows: []backend.RowMutation{row}})
}

func (n *node) mustInsert(t testing.TB, family, key string, timestamp int64, columns ...string) {
	t.Helper()
	if err := n.insert(family, key, timestamp, columns...); err != nil {
		t.Fatal(err)
	}
}

// row returns the columns of a row as name=value, each followed by a blank.
func (n *node) row(t testing.TB, family, key string) string {
	t.Helper()
	rows, err := n.Slice(t.Context(), &backend.SliceRequest{
		Parent: n.parent(family), Keys: [][]byte{[]byte(key)}, Predicate: backend.Predicate{Count: 1 << 20},
	})
	if err != nil {
		t.Fatal(err)
	}
	return columnsText(rows[0].Columns)
}

func columnsText(columns []backend.Column) string {
	var text strings.Builder
	for _, c := range columns {
		text.WriteString(string(c.Name) + "=" + string(c.Value) + " ")
	}
	return text.String()
}

// wantTooMuch checks that an error names the server's limit. Cassandra 3.11 does not report that it enforced a limit.
func (n *node) wantTooMuch(t *testing.T, what string, err error, limit, limit3 string) {
	t.Helper()
	kind := backend.ErrTooMuch
	if strings.HasPrefix(n.version, "3.") {
		kind, limit = backend.ErrReplicaFailure, limit3
	}
	if !errors.Is(err, kind) || !strings.Contains(err.Error(), limit) {
		t.Errorf("%s: %v, want %v with %s", what, err, kind, limit)
	}
}

func column(name, value string) backend.Column {
	return backend.Column{Name: []byte(name), Value: []byte(value)}
}

func absent(name string) backend.Column { return backend.Column{Name: []byte(name)} }

func TestCompareAndSet(t *testing.T) {
	families := []schema.Family{texts("cf", schema.Column{Name: []byte("ix"), Validator: "UTF8Type", Index: schema.KeysIndex})}
	onNodes(t, nil, families, func(t *testing.T, n *node) {
		cas := func(expected, updates []backend.Column) *backend.CompareResult {
			t.Helper()
			result, err := n.CompareAndSet(t.Context(), &backend.CompareRequest{
				Keyspace: n.keyspace, Family: "cf", Key: []byte("k"), Expected: expected, Updates: updates, Serial: backend.Serial, Commit: backend.One,
			})
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
		list := func(c ...backend.Column) []backend.Column { return c }
		for i, step := range []struct {
			expected, updates []backend.Column
			applied           bool
			current, row      string
		}{
			{list(absent("a")), list(column("a", "1")), true, "", "a=1 "},
			{list(absent("a")), list(column("a", "2")), false, "a=1 ", "a=1 "},
			{list(column("a", "1")), list(column("a", "2"), column("b", "1")), true, "", "a=2 b=1 "},
			{list(column("a", "2"), column("b", "0")), list(column("c", "1")), false, "a=2 b=1 ", "a=2 b=1 "},
			{list(column("a", "2"), column("b", "1")), list(column("c", "1")), true, "", "a=2 b=1 c=1 "},
			{list(column("a", "2"), absent("d")), list(column("ix", "v")), true, "", "a=2 b=1 c=1 ix=v "},
			{list(column("ix", "v")), list(column("ix", "")), true, "", "a=2 b=1 c=1 ix= "},
			{list(column("ix", "")), list(column("ix", "w")), true, "", "a=2 b=1 c=1 ix=w "},
			{list(column("a", "2")), nil, true, "", "a=2 b=1 c=1 ix=w "},
			{list(column("a", "3")), nil, false, "a=2 ", "a=2 b=1 c=1 ix=w "},
		} {
			result := cas(step.expected, step.updates)
			if got := columnsText(result.Current); result.Applied != step.applied || got != step.current {
				t.Errorf("step %d: applied is %t and the current columns %q, want %t and %q", i, result.Applied, got, step.applied, step.current)
			}
			if got := n.row(t, "cf", "k"); got != step.row {
				t.Errorf("step %d: the row is %q, want %q", i, got, step.row)
			}
		}
		rows, err := n.Index(t.Context(), &backend.IndexRequest{
			Parent: n.parent("cf"), Expressions: []backend.Expression{{Name: []byte("ix"), Value: []byte("w")}}, Count: 10, Predicate: backend.Predicate{Count: 1},
		})
		if err != nil || len(rows) != 1 {
			t.Errorf("the index finds %d rows, %v, want the row", len(rows), err)
		}
		_, err = n.CompareAndSet(t.Context(), &backend.CompareRequest{
			Keyspace: n.keyspace, Family: "cf", Key: []byte("k"), Updates: list(column("a", "1")), Serial: backend.LocalSerial,
		})
		if !errors.Is(err, backend.ErrUnsupported) {
			t.Errorf("a row without columns is expected: %v, want ErrUnsupported", err)
		}
	})
}

// TestCompareAndSetInTurns lets several goroutines increment a column.
func TestCompareAndSetInTurns(t *testing.T) {
	const goroutines, increments = 4, 5
	onNodes(t, nil, []schema.Family{texts("cf")}, func(t *testing.T, n *node) {
		n.mustInsert(t, "cf", "k", 1, "n=0")
		errs := make(chan error, goroutines)
		increment := func() error {
			for done := 0; done < increments; {
				rows, err := n.Slice(t.Context(), &backend.SliceRequest{
					Parent: n.parent("cf"), Keys: [][]byte{[]byte("k")}, Predicate: backend.Predicate{Names: [][]byte{[]byte("n")}},
				})
				if err != nil {
					return err
				}
				var count int
				_, _ = fmt.Sscan(string(rows[0].Columns[0].Value), &count)
				result, err := n.CompareAndSet(t.Context(), &backend.CompareRequest{
					Keyspace: n.keyspace, Family: "cf", Key: []byte("k"), Expected: rows[0].Columns,
					Updates: []backend.Column{column("n", fmt.Sprint(count+1))}, Serial: backend.Serial, Commit: backend.Quorum,
				})
				if err != nil {
					return err
				}
				if result.Applied {
					done++
				}
			}
			return nil
		}
		for range goroutines {
			go func() { errs <- increment() }()
		}
		for range goroutines {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if got, want := n.row(t, "cf", "k"), fmt.Sprintf("n=%d ", goroutines*increments); got != want {
			t.Errorf("the row is %q, want %q", got, want)
		}
	})
}

// TestLargeBatches writes batches that must be divided, and batches that cannot be divided.
func TestLargeBatches(t *testing.T) {
	onNodes(t, nil, []schema.Family{texts("cf")}, func(t *testing.T, n *node) {
		var columns []string
		for i := range 2000 {
			columns = append(columns, fmt.Sprintf("c%04d=%s", i, strings.Repeat("v", 1000)))
		}
		n.mustInsert(t, "cf", "k", 1, columns...)
		if got, want := n.row(t, "cf", "k"), strings.Join(columns, " ")+" "; got != want {
			t.Errorf("the row has %d bytes, want %d", len(got), len(want))
		}
		request := func(key string) backend.RowMutation {
			return backend.RowMutation{Family: "cf", Key: []byte(key), Mutations: []backend.Mutation{
				{Op: backend.Insert, Column: backend.Column{Name: []byte("a"), Value: bytes.Repeat([]byte("v"), 40<<10), Timestamp: 1}},
			}}
		}
		err := n.Mutate(t.Context(), &backend.MutateRequest{
			Keyspace: n.keyspace, Rows: []backend.RowMutation{request("x"), request("y")}, Atomic: true,
		})
		if !errors.Is(err, backend.ErrTooMuch) || !strings.Contains(err.Error(), "batch_size_fail_threshold") {
			t.Errorf("an atomic batch of 80 KiB: %v, want ErrTooMuch with the name of the limit", err)
		}
		err = n.Mutate(t.Context(), &backend.MutateRequest{Keyspace: n.keyspace, Rows: []backend.RowMutation{request("x"), request("y")}})
		if err != nil {
			t.Errorf("a batch of 80 KiB that is not atomic: %v", err)
		}
		err = n.insert("cf", "k", 1, "large="+strings.Repeat("v", 17<<20))
		n.wantTooMuch(t, "a value of 17 MiB", err, "native_transport_max_message_size", "max_mutation_size")
	})
}

// TestManyNames reads more names than one statement asks for.
func TestManyNames(t *testing.T) {
	onNodes(t, nil, []schema.Family{texts("cf")}, func(t *testing.T, n *node) {
		var columns []string
		var names [][]byte
		for i := range 2500 {
			columns = append(columns, fmt.Sprintf("c%04d=%d", i, i))
			names = append(names, fmt.Appendf(nil, "c%04d", (i*7)%2600)) // some of these names do not exist
		}
		names = append(names, names[:100]...)
		n.mustInsert(t, "cf", "k", 1, columns...)
		request := &backend.SliceRequest{Parent: n.parent("cf"), Keys: [][]byte{[]byte("k")}, Predicate: backend.Predicate{Names: names}}
		rows, err := n.Slice(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{}
		for _, name := range names {
			if string(name) < "c2500" {
				want[string(name)] = true
			}
		}
		for i, c := range rows[0].Columns {
			if i > 0 && bytes.Compare(rows[0].Columns[i-1].Name, c.Name) >= 0 {
				t.Fatalf("column %s follows %s", c.Name, rows[0].Columns[i-1].Name)
			}
		}
		if len(rows[0].Columns) != len(want) {
			t.Errorf("there are %d columns, want %d", len(rows[0].Columns), len(want))
		}
		counts, err := n.Count(t.Context(), request)
		if err != nil || counts[0] != len(want) {
			t.Errorf("the count is %v, %v, want %d", counts, err, len(want))
		}
		err = n.Mutate(t.Context(), &backend.MutateRequest{Keyspace: n.keyspace, Rows: []backend.RowMutation{
			{Family: "cf", Key: []byte("k"), Mutations: []backend.Mutation{
				{Op: backend.Delete, Timestamp: 2, Columns: &backend.Predicate{Names: names}},
			}},
		}})
		if got, left := strings.Count(n.row(t, "cf", "k"), "="), 2500-len(want); err != nil || got != left {
			t.Errorf("after the deletion there are %d columns, %v, want %d", got, err, left)
		}
	})
}

// TestPages reads with pages that are smaller than the result.
func TestPages(t *testing.T) {
	families := []schema.Family{texts("cf"), {Name: "super", Type: schema.Super, Comparator: "UTF8Type", Subcomparator: "UTF8Type"}}
	onNodes(t, &cqlclient.Options{PageSize: 7}, families, func(t *testing.T, n *node) {
		var columns []string
		request := &backend.MutateRequest{Keyspace: n.keyspace}
		for i := range 100 {
			columns = append(columns, fmt.Sprintf("c%03d=%d", i, i))
			row := backend.RowMutation{Family: "super", Key: []byte("k")}
			for j := range i%9 + 1 {
				row.Mutations = append(row.Mutations, backend.Mutation{
					Op: backend.Insert, Super: fmt.Appendf(nil, "s%03d", i),
					Column: backend.Column{Name: fmt.Appendf(nil, "c%d", j), Value: []byte("v"), Timestamp: 1},
				})
			}
			request.Rows = append(request.Rows, row)
		}
		n.mustInsert(t, "cf", "k", 1, columns...)
		if err := n.Mutate(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		if got, want := n.row(t, "cf", "k"), strings.Join(columns, " ")+" "; got != want {
			t.Errorf("the row is %q, want %q", got, want)
		}
		for _, reversed := range []bool{false, true} {
			slice := &backend.SliceRequest{
				Parent: n.parent("super"), Keys: [][]byte{[]byte("k")}, Predicate: backend.Predicate{Count: 50, Reversed: reversed},
			}
			rows, err := n.Slice(t.Context(), slice)
			if err != nil {
				t.Fatal(err)
			}
			if len(rows[0].Supers) != 50 {
				t.Fatalf("reversed %t: there are %d super columns, want 50", reversed, len(rows[0].Supers))
			}
			for i, s := range rows[0].Supers {
				at := i
				if reversed {
					at = 99 - i
				}
				if got, want := string(s.Name), fmt.Sprintf("s%03d", at); got != want || len(s.Columns) != at%9+1 || string(s.Columns[0].Name) != "c0" {
					t.Errorf("reversed %t: super column %d is %s with %d columns, want %s", reversed, i, got, len(s.Columns), want)
				}
			}
			for _, limit := range []int{50, 3, 1000} {
				slice.Predicate.Count = limit
				if counts, err := n.Count(t.Context(), slice); err != nil || counts[0] != min(limit, 100) {
					t.Errorf("reversed %t: the count up to %d is %v, %v", reversed, limit, counts, err)
				}
			}
		}
	})
}

// TestEndOfContext checks that calls end with their context and leave no goroutine.
func TestEndOfContext(t *testing.T) {
	onNodes(t, nil, []schema.Family{texts("cf")}, func(t *testing.T, n *node) {
		keys := make([][]byte, 2000)
		for i := range keys {
			keys[i] = fmt.Appendf(nil, "k%d", i)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			for {
				_, err := n.Slice(ctx, &backend.SliceRequest{Parent: n.parent("cf"), Keys: keys, Predicate: backend.Predicate{Count: 10}})
				if err != nil {
					done <- err
					return
				}
			}
		}()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the call ends with %v, want context.Canceled", err)
		}
	})
}

// TestTombstones reads over more tombstones than the server allows.
func TestTombstones(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 100,001 tombstones")
	}
	onNodes(t, nil, []schema.Family{texts("cf")}, func(t *testing.T, n *node) {
		for from := 0; from < 100_100; from += 10_000 {
			row := backend.RowMutation{Family: "cf", Key: []byte("k")}
			for i := from; i < min(from+10_000, 100_100); i++ {
				row.Mutations = append(row.Mutations, backend.Mutation{
					Op: backend.Delete, Timestamp: 1, Columns: &backend.Predicate{Names: [][]byte{fmt.Appendf(nil, "c%06d", i)}},
				})
			}
			if err := n.Mutate(t.Context(), &backend.MutateRequest{Keyspace: n.keyspace, Rows: []backend.RowMutation{row}}); err != nil {
				t.Fatal(err)
			}
		}
		_, err := n.Slice(t.Context(), &backend.SliceRequest{Parent: n.parent("cf"), Keys: [][]byte{[]byte("k")}, Predicate: backend.Predicate{Count: 10}})
		n.wantTooMuch(t, "a read over 100,100 tombstones", err, "tombstone_failure_threshold", "tombstone_failure_threshold")
	})
}

// TestWritesIntoDeletedSlices reads ranges of rows on disk in which a slice was deleted and then written again. If a statement stops in
// such a row, Cassandra 5.0.5 fails.
func TestWritesIntoDeletedSlices(t *testing.T) {
	for _, version := range realcass.Versions(t, lines...) {
		t.Run(version, func(t *testing.T) {
			cluster := realcass.Start(t, realcass.Config{Version: version})
			var columns []string
			for i := range 150 {
				columns = append(columns, fmt.Sprintf("c%03d=v", i))
			}
			const rows = 30
			withClient(t, cluster, func(client *cqlclient.Client) {
				keyspace := schema.NewKeyspace("slices", 1)
				keyspace.Families = []schema.Family{texts("cf")}
				if _, err := client.Alter(t.Context(), schema.CreateKeyspace{Keyspace: keyspace}); err != nil {
					t.Fatal(err)
				}
				n := &node{client, keyspace.Name, version}
				for i := range rows {
					key := fmt.Sprintf("k%d", i)
					for _, finish := range []string{"c050", "c100"} {
						err := n.Mutate(t.Context(), &backend.MutateRequest{Keyspace: n.keyspace, Rows: []backend.RowMutation{
							{Family: "cf", Key: []byte(key), Mutations: []backend.Mutation{
								{Op: backend.Delete, Timestamp: 5, Columns: &backend.Predicate{Start: []byte("c000"), Finish: []byte(finish)}},
							}},
						}})
						if err != nil {
							t.Fatal(err)
						}
					}
					n.mustInsert(t, "cf", key, 10, columns...)
				}
			})
			cluster.Node(0).Stop(t)
			cluster.Node(0).Start(t)
			withClient(t, cluster, func(client *cqlclient.Client) {
				for _, p := range []struct {
					backend.Predicate
					want int
				}{
					{backend.Predicate{Count: 10}, 10},
					{backend.Predicate{Count: 1000}, 150},
					{backend.Predicate{Start: []byte("c020"), Count: 10}, 10},
					{backend.Predicate{Start: []byte("c020"), Reversed: true, Count: 10}, 10},
					{backend.Predicate{Names: [][]byte{[]byte("c020")}}, 1},
					{backend.Predicate{}, 0},
				} {
					got, err := client.Range(t.Context(), &backend.RangeRequest{
						Parent: backend.Parent{Keyspace: "slices", Family: "cf"}, Range: backend.KeyRange{Count: 2 * rows}, Predicate: p.Predicate,
					})
					if err != nil || len(got) != rows {
						t.Errorf("%+v: %d rows, %v, want %d", p.Predicate, len(got), err, rows)
						continue
					}
					for i := range got {
						if len(got[i].Columns) != p.want {
							t.Errorf("%+v: row %s has %d columns, want %d", p.Predicate, got[i].Key, len(got[i].Columns), p.want)
						}
					}
				}
			})
		})
	}
}
