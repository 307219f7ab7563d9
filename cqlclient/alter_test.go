package cqlclient

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

func textFamily(ks, name string, columns ...schema.Column) schema.Family {
	return schema.Family{
		Keyspace: ks, Name: name, Comparator: "UTF8Type", KeyValidator: "UTF8Type", DefaultValidator: "UTF8Type", Columns: columns,
	}
}

func indexed(name string) schema.Column {
	return schema.Column{Name: []byte(name), Validator: "UTF8Type", Index: schema.KeysIndex}
}

// together runs steps at the same time, as several processes would.
func together(steps ...func()) {
	var wg sync.WaitGroup
	for _, step := range steps {
		wg.Go(step)
	}
	wg.Wait()
}

// TestTwoAlter lets two clients change the schema at the same time.
func TestTwoAlter(t *testing.T) {
	onReal(t, func(t *testing.T, nodes []string) {
		a, b := openReal(t, nodes), openReal(t, nodes)
		ks := newKeyspace(t, a)

		// If two clients create the same family, one client is refused.
		var errA, errB error
		together(
			func() { _, errA = a.Alter(t.Context(), schema.CreateFamily{Family: textFamily(ks, "F")}) },
			func() { _, errB = b.Alter(t.Context(), schema.CreateFamily{Family: textFamily(ks, "F")}) },
		)
		if (errA == nil) == (errB == nil) {
			t.Fatalf("both create the family: %v, %v", errA, errB)
		}
		if err := errors.Join(errA, errB); !errors.Is(err, backend.ErrInvalidRequest) || !strings.Contains(err.Error(), "already existing") {
			t.Errorf("the second is refused with %v", err)
		}

		// Both clients read the family and add columns to it at the same time.
		add := func(c *Client, who string) func() {
			return func() {
				for i := range 5 {
					base := definitionOf(t, c, ks, "F")
					next := base.Clone()
					next.Columns = append(next.Columns, schema.Column{Name: fmt.Appendf(nil, "%s%d", who, i), Validator: "LongType"})
					if _, err := c.Alter(t.Context(), schema.AlterFamily{Family: *next, Base: base}); err != nil {
						t.Error(err)
					}
				}
			}
		}
		together(add(a, "a"), add(b, "b"))
		// An attribute that one client sets stays if the other client sets another attribute, or drops or creates a family.
		set := func(c *Client, change func(f *schema.Family)) func() {
			base := definitionOf(t, c, ks, "F")
			next := base.Clone()
			change(next)
			return func() {
				if _, err := c.Alter(t.Context(), schema.AlterFamily{Family: *next, Base: base}); err != nil {
					t.Error(err)
				}
			}
		}
		together(
			set(a, func(f *schema.Family) { f.Comment = "of a" }),
			set(b, func(f *schema.Family) { f.GCGraceSeconds = new(int32(99)) }),
			set(a, func(f *schema.Family) { f.DefaultValidator = "LongType" }),
			set(b, func(f *schema.Family) { f.Columns = append(f.Columns, indexed("i")) }),
			func() { mustAlter(t, a, schema.CreateFamily{Family: textFamily(ks, "G")}) },
			func() { mustAlter(t, b, schema.CreateFamily{Family: textFamily(ks, "H")}) },
		)
		c := openReal(t, nodes)
		f := definitionOf(t, c, ks, "F")
		if len(f.Columns) != 11 || f.Comment != "of a" || *f.GCGraceSeconds != 99 || schema.ShortClass(f.DefaultValidator) != "LongType" ||
			f.Column([]byte("i")).Index != schema.KeysIndex {
			t.Errorf("a change of one client is lost: %d columns, comment %q, gc_grace %d, values %s, i %v",
				len(f.Columns), f.Comment, *f.GCGraceSeconds, f.DefaultValidator, f.Column([]byte("i")))
		}
		if definitionOf(t, c, ks, "G") == nil || definitionOf(t, c, ks, "H") == nil {
			t.Error("a family that was created is missing")
		}
	})
}

// put writes a text column.
func put(ctx context.Context, c *Client, ks, cf, key, name, value string, timestamp int64) error {
	return c.Mutate(ctx, &backend.MutateRequest{Keyspace: ks, Rows: []backend.RowMutation{{Family: cf, Key: []byte(key), Mutations: []backend.Mutation{{
		Op: backend.Insert, Column: backend.Column{Name: []byte(name), Value: []byte(value), Timestamp: timestamp},
	}}}}})
}

// query returns the keys of the rows in which a column has a value, by its index.
func query(t *testing.T, c *Client, ks, cf, name, value string) []string {
	t.Helper()
	rows, err := c.Index(t.Context(), &backend.IndexRequest{
		Parent: backend.Parent{Keyspace: ks, Family: cf}, Count: 100000, Predicate: backend.Predicate{Count: 1},
		Expressions: []backend.Expression{{Name: []byte(name), Op: backend.EQ, Value: []byte(value)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for i := range rows {
		keys = append(keys, string(rows[i].Key))
	}
	slices.Sort(keys)
	return keys
}

// TestIndexMissesNothing adds an index while two clients write, delete and overwrite the indexed
// column. At the end the index must contain exactly the rows that have the value.
func TestIndexMissesNothing(t *testing.T) {
	onReal(t, func(t *testing.T, nodes []string) {
		a, b := openReal(t, nodes), openReal(t, nodes)
		ks := newKeyspace(t, a)
		mustAlter(t, a, schema.CreateFamily{Family: textFamily(ks, "F")})
		const old = 2000
		for i := range old {
			if err := put(t.Context(), a, ks, "F", fmt.Sprintf("old%d", i), "state", "TX", 1); err != nil {
				t.Fatal(err)
			}
		}
		var stop atomic.Bool
		var mu sync.Mutex
		want := map[string]bool{}
		for i := range old {
			want[fmt.Sprintf("old%d", i)] = true
		}
		write := func(c *Client, who string) func() {
			return func() {
				for i := 0; !stop.Load(); i++ {
					key, value := fmt.Sprintf("%s%d", who, i), "TX"
					switch i % 4 {
					case 1: // change the indexed value of an old row
						key, value = fmt.Sprintf("old%d", (i*7+len(who))%old), "CA"
					case 2:
						value = "NY"
					}
					if err := put(t.Context(), c, ks, "F", key, "state", value, int64(10+i)); err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					if value == "TX" {
						want[key] = true
					} else {
						delete(want, key)
					}
					mu.Unlock()
				}
			}
		}
		together(write(a, "a"), write(b, "bb"), func() {
			defer stop.Store(true)
			base := definitionOf(t, a, ks, "F")
			next := base.Clone()
			next.Columns = append(next.Columns, indexed("state"))
			if _, err := a.Alter(t.Context(), schema.AlterFamily{Family: *next, Base: base}); err != nil {
				t.Error(err)
			}
		})
		list := slices.Sorted(maps.Keys(want))
		for _, c := range []*Client{a, b, openReal(t, nodes)} {
			if diff := cmp.Diff(list, query(t, c, ks, "F", "state", "TX")); diff != "" {
				t.Errorf("of %d rows (-want +got):\n%s", len(list), diff)
			}
		}
	})
}

// TestCrashedBuilder stops clients while they add or drop an index. Another client completes the change.
func TestCrashedBuilder(t *testing.T) {
	onReal(t, func(t *testing.T, nodes []string) {
		a, b := openReal(t, nodes), openReal(t, nodes)
		ks := newKeyspace(t, a)
		mustAlter(t, a, schema.CreateFamily{Family: textFamily(ks, "F")})
		if err := put(t.Context(), a, ks, "F", "k", "state", "TX", 1); err != nil {
			t.Fatal(err)
		}
		// The call is cancelled while it waits for the other clients, before it fills the index.
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for a.snapshot().table(ks, "F").shadows["state"] == "" {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		_, err := a.Alter(ctx, schema.AlterFamily{Family: textFamily(ks, "F", indexed("state"))})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("a cancelled alteration: %v", err)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		// The other client finds the unbuilt index and builds it.
		for {
			if now := b.snapshot().table(ks, "F"); now != nil && len(now.unbuilt) == 0 && now.shadows["state"] != "" {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if got := query(t, b, ks, "F", "state", "TX"); len(got) != 1 {
			t.Errorf("the index finds %v", got)
		}

		// If a client adds a shadow and then stops, it leaves a column that no definition contains. The next alteration drops the column.
		c := openReal(t, nodes)
		if err := c.define(t.Context(), "ALTER TABLE "+quoteName(ks)+`."F" ADD "ix_lost_9" text static`); err != nil {
			t.Fatal(err)
		}
		mustAlter(t, b, schema.AlterFamily{Family: textFamily(ks, "F", indexed("state"), indexed("other"))})
		m := b.snapshot().tables[familyName{ks, "F"}]
		if m.column("ix_lost_9") != nil {
			t.Error("the column left by the stopped client still exists")
		}
		if m.column("ix_other_10") == nil {
			t.Errorf("the new shadow does not have the next number: %v", m.columns)
		}
		// If an index is dropped and added again, it finds earlier writes.
		mustAlter(t, b, schema.AlterFamily{Family: textFamily(ks, "F")})
		mustAlter(t, c, schema.AlterFamily{Family: textFamily(ks, "F", indexed("state"))})
		if got := query(t, c, ks, "F", "state", "TX"); len(got) != 1 {
			t.Errorf("the index that was added again finds %v", got)
		}
	})
}

// TestLeaseOfCrashedClient takes an expired lease, whose holder did not renew it.
func TestLeaseOfCrashedClient(t *testing.T) {
	onReal(t, func(t *testing.T, nodes []string) {
		c := openReal(t, nodes)
		if err := c.ensureLeases(t.Context()); err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprint("test ", time.Now())
		if err := c.session.Query("INSERT INTO "+leaseTable+" (name, holder) VALUES (?, now()) USING TTL 2", name).ExecContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.tryLease(t.Context(), name); !errors.Is(err, errLeaseHeld) {
			t.Fatalf("a lease that another holds: %v", err)
		}
		l, _, err := c.takeLease(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.tryLease(t.Context(), name); !errors.Is(err, errLeaseHeld) {
			t.Fatalf("a lease that is held: %v", err)
		}
		l.release()
		again, held, err := c.tryLease(t.Context(), name)
		if err != nil {
			t.Fatalf("a lease that was released: %v", err)
		}
		// A holder whose row is gone notices it.
		if err := c.session.Query("DELETE FROM "+leaseTable+" WHERE name = ?", name).ExecContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-held.Done()
		if err := lost(held, held.Err()); !errors.Is(err, backend.ErrUnavailable) {
			t.Errorf("the error of a lost lease: %v", err)
		}
		again.release()
	})
}

// TestOthersChanges uses families through one client immediately after another client, or a shell, has changed them.
func TestOthersChanges(t *testing.T) {
	onReal(t, func(t *testing.T, nodes []string) {
		a, b := openReal(t, nodes), openReal(t, nodes)
		ks := newKeyspace(t, a)
		mustAlter(t, a, schema.CreateFamily{Family: textFamily(ks, "F")})
		// If a family is unknown, the client reads the schema at once.
		if err := put(t.Context(), b, ks, "F", "k", "c", "v", 1); err != nil {
			t.Errorf("a family that another client created: %v", err)
		}
		mustAlter(t, a, schema.DropFamily{Keyspace: ks, Name: "F"})
		if err := put(t.Context(), b, ks, "F", "k", "c", "v", 1); !errors.Is(err, backend.ErrInvalidRequest) {
			t.Errorf("a family that another client dropped: %v", err)
		}
		// Create the same family again with other types.
		other := textFamily(ks, "F")
		other.Comparator = "LongType"
		mustAlter(t, a, schema.CreateFamily{Family: other})
		if err := put(t.Context(), b, ks, "F", "k", "12345678", "v", 1); err != nil {
			t.Errorf("a family that another client created again: %v", err)
		}
		// The next refresh notices changes that made no call fail.
		other.Columns = []schema.Column{{Name: []byte("12345678"), Validator: "LongType"}}
		mustAlter(t, a, schema.AlterFamily{Family: other})
		changed := time.Now()
		for len(b.snapshot().table(ks, "F").family.Def.Columns) == 0 {
			time.Sleep(time.Millisecond)
		}
		if took := time.Since(changed); took > 5*pollEvery {
			t.Errorf("noticed after %v", took)
		} else {
			t.Logf("noticed after %v", took)
		}
		// Many misses at the same time cause at most one read of the schema at a time.
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				if err := put(t.Context(), b, ks, "Nowhere", "k", "c", "v", 1); !errors.Is(err, backend.ErrInvalidRequest) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}
