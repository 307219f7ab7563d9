package catalog

import (
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
)

// good lists checks of valid requests.
func good(c *Catalog) map[string]func() error {
	comp := []byte("\x00\x08\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00\x03abc\x00")
	dst := make([]*Family, 0, 4)
	keys := names("k1", "k2")
	sliced := &backend.SliceRequest{Parent: parent("Comp"), Keys: keys, Predicate: backend.Predicate{Start: comp, Finish: comp, Count: 100}}
	named := &backend.SliceRequest{Parent: parent("S"), Keys: keys, Predicate: backend.Predicate{Names: names("a", "b", "c")}}
	ranged := &backend.RangeRequest{Parent: parent("S"), Predicate: all, Range: backend.KeyRange{StartKey: keys[0], Count: 100}}
	index := &backend.IndexRequest{Parent: parent("S"), Predicate: all, Expressions: []backend.Expression{{Name: []byte("age"), Value: long(1)}}, Count: 1}
	columns := make([]backend.Mutation, 10)
	for i := range columns {
		columns[i] = backend.Mutation{Op: backend.Insert, Column: backend.Column{Name: comp, Value: comp, TTL: 60}}
	}
	batch := &backend.MutateRequest{Keyspace: "app", Rows: []backend.RowMutation{
		{Family: "Comp", Key: keys[0], Mutations: columns},
		{Family: "S", Key: keys[0], Mutations: []backend.Mutation{{Op: backend.Insert, Column: backend.Column{Name: []byte("age"), Value: long(1)}}}},
		{Family: "C", Key: keys[0], Mutations: []backend.Mutation{{Op: backend.Add, Column: backend.Column{Name: []byte("a")}, Delta: 1}}},
	}}
	return map[string]func() error{
		"slice": func() error { _, err := c.CheckSlice(sliced); return err },
		"names": func() error { _, err := c.CheckSlice(named); return err },
		"range": func() error { _, err := c.CheckRange(ranged, partitioner.ByteOrdered); return err },
		"index": func() error { _, err := c.CheckIndex(index); return err },
		"batch": func() error { _, err := c.CheckMutate(dst[:0], batch); return err },
	}
}

func TestChecksDoNotAllocate(t *testing.T) {
	for name, check := range good(requests(t)) {
		if err := check(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := testing.AllocsPerRun(100, func() { check() }); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func BenchmarkChecks(b *testing.B) {
	for name, check := range good(requests(b)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := check(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
