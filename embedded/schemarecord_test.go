package embedded

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// toFormat1 turns a closed store into a store of format 1, which had the whole schema in one
// record.
func toFormat1(t *testing.T, dir string, o *Options) {
	t.Helper()
	s := mustOpen(t, dir, o)
	tables := s.tables.Load()
	keyspaces, err := tables.cat.Keyspaces()
	if err != nil {
		t.Fatal(err)
	}
	r := tables.record
	r.Format, r.Keyspaces = 1, keyspaces
	for _, f := range tables.sorted() {
		fr := f.record(nil)
		fr.Definition = nil
		r.Families = append(r.Families, fr)
	}
	b := s.db.NewBatch()
	defer b.Close()
	if err := setRecord(b, metaSchema, &r); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []byte{'k', 'f'} {
		if err := b.DeleteRange([]byte{tagMeta, kind}, []byte{tagMeta, kind + 1}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Commit(pebble.Sync); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	format := fmt.Appendf(nil, `{"format":1,"partitioner":%q}`, tables.record.Partitioner)
	if err := os.WriteFile(filepath.Join(dir, formatFile), format, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFormat1 opens a store of format 1 for reading and then for writing. Opening it for writing
// converts it to the newest format.
func TestFormat1(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	s := mustOpen(t, dir, manual(c, ""))
	alter(t, s, testKeyspace())
	alter(t, s, withIndex())
	mustMutate(t, s, mutate("cf", "k", ins("state", "Utah", 1), ins("x", "y", 1)))
	mustMutate(t, s, mutate("cf", "k", backend.Mutation{Op: backend.Delete, Timestamp: 2, Columns: &backend.Predicate{Names: [][]byte{[]byte("x")}}}))
	if _, err := s.Index(t.Context(), byState("Utah")); err != nil { // the query waits until the index is built
		t.Fatal(err)
	}
	want, err := s.Keyspaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	version, lastID := s.SchemaVersion(), s.tables.Load().record.LastID
	mustClose(t, s)
	toFormat1(t, dir, manual(c, ""))

	check := func(s *Store) {
		t.Helper()
		got, err := s.Keyspaces(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("the schema (-want +got):\n%s", d)
		}
		if s.SchemaVersion() != version {
			t.Error("the schema has a different version")
		}
		if got := columns(t, s, "cf", "k"); got != "state=Utah" {
			t.Errorf("the row has %q", got)
		}
		if rows, err := s.Index(t.Context(), byState("Utah")); err != nil || len(rows) != 1 {
			t.Errorf("the index has %d rows (%v), want 1", len(rows), err)
		}
		if id := s.tables.Load().record.LastID; id < lastID {
			t.Errorf("the last number is %d, want at least %d", id, lastID)
		}
	}
	readOnly := manual(c, "")
	readOnly.ReadOnly = true
	for range 2 {
		s = mustOpen(t, dir, readOnly)
		check(s)
		mustClose(t, s)
	}
	for range 2 {
		s = mustOpen(t, dir, manual(c, ""))
		check(s)
		if r := s.tables.Load().record; r.Format != formatVersion {
			t.Errorf("the schema record has format %d, want %d", r.Format, formatVersion)
		}
		mustClose(t, s)
	}
	if r, err := s.dir.readFormat(); err != nil || r.Format != formatVersion {
		t.Errorf("the format record is %v (%v), want format %d", r, err, formatVersion)
	}
	s = mustOpen(t, dir, readOnly)
	check(s)
}

// TestChangesCostTheSame changes small and large schemas. The size of the schema must not affect
// what a change allocates and writes.
func TestChangesCostTheSame(t *testing.T) {
	changes := map[string]func(i int) schema.Change{
		"CreateFamily": func(int) schema.Change {
			return schema.CreateFamily{Family: schema.Family{Keyspace: "ks", Name: "new"}}
		},
		"AlterFamily": func(i int) schema.Change {
			return schema.AlterFamily{Family: schema.Family{Keyspace: "ks", Name: "family0", Comment: fmt.Sprint(i)}}
		},
		"DropFamily": func(int) schema.Change { return schema.DropFamily{Keyspace: "ks", Name: "family0"} },
		"AlterKeyspace": func(int) schema.Change {
			return schema.AlterKeyspace{Keyspace: schema.Keyspace{Name: "ks", DurableWrites: new(false)}}
		},
	}
	type cost struct{ allocations, bytes float64 }
	measure := func(families int) map[string]cost {
		k := testKeyspace()
		for i := range families {
			k.Keyspace.Families = append(k.Keyspace.Families, schema.Family{Keyspace: "ks", Name: fmt.Sprint("family", i), Columns: []schema.Column{
				{Name: []byte("a"), Validator: "UTF8Type", Index: schema.KeysIndex},
			}})
		}
		s := mustOpenMemory(t, manual(newClock(), ""))
		alter(t, s, k)
		costs := map[string]cost{}
		for name, newChange := range changes {
			var size int
			change := func() {
				_, d, err := s.tables.Load().apply(newChange(1))
				if err != nil {
					t.Fatal(err)
				}
				b := s.db.NewBatch()
				defer b.Close()
				if err := d.store(b); err != nil {
					t.Fatal(err)
				}
				size = b.Len()
			}
			// The minimum of several runs counts the change alone. Larger numbers include the
			// background, which builds indexes.
			allocations := math.Inf(1)
			for range 10 {
				allocations = min(allocations, testing.AllocsPerRun(1, change))
			}
			costs[name] = cost{allocations, float64(size)}
		}
		return costs
	}
	few, many := measure(10), measure(2000)
	for name := range changes {
		if f, m := few[name], many[name]; m.allocations > 1.5*f.allocations || m.bytes > 1.5*f.bytes {
			t.Errorf("%s costs %v with a few families, and %v with 2,000", name, f, m)
		}
	}
}
