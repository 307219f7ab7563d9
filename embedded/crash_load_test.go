package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/model"
	"github.com/widerow/widerow/schema"
)

// The load of the crash tests: each worker writes rows of its own, one batch after another, and
// adds to counters that all workers share. The seed determines every batch. So the number of
// batches of each worker determines the contents of the store.

const (
	crashWorkers = 8
	crashRows    = 6  // rows of a worker in each family
	crashNames   = 12 // column names in a row
	crashStates  = 5  // number of values of the indexed column
)

// crashMarker is the column of a worker's row in which each batch writes its number.
var crashMarker = []byte("batches")

func crashKeyspace() schema.CreateKeyspace {
	change := testKeyspace()
	for i := range change.Keyspace.Families {
		// A deleted column may be purged at once, because batches write only later timestamps.
		change.Keyspace.Families[i].GCGraceSeconds = new(int32(0))
	}
	return change
}

// crashLoad is the load of one seed.
type crashLoad struct{ seed uint64 }

func crashKey(worker, row int) []byte { return fmt.Appendf(nil, "worker%d-row%d", worker, row) }

// batch returns a worker's batch n, counted from 0.
func (l crashLoad) batch(worker, n int) *backend.MutateRequest {
	random := rand.New(rand.NewPCG(l.seed, uint64(worker)<<40|uint64(n)))
	ts := int64(n + 1)
	r := &backend.MutateRequest{Keyspace: "ks"}
	to := func(family string, key []byte, ms ...backend.Mutation) {
		r.Rows = append(r.Rows, backend.RowMutation{Family: family, Key: key, Mutations: ms})
	}
	name := func() []byte { return fmt.Appendf(nil, "name%02d", random.IntN(crashNames)) }
	insert := func(super, name []byte, size int) backend.Mutation {
		value := bytes.Repeat(fmt.Appendf(nil, "%d,", n), 1+random.IntN(size))
		return backend.Mutation{Op: backend.Insert, Super: super, Column: backend.Column{Name: name, Value: value, Timestamp: ts}}
	}
	marker := insert(nil, crashMarker, 1)
	marker.Column.Value = binary.BigEndian.AppendUint64(nil, uint64(ts))
	to("cf", crashKey(worker, 0), marker)

	for range 1 + random.IntN(3) {
		key := crashKey(worker, 1+random.IntN(crashRows))
		switch random.IntN(10) {
		case 0:
			to("cf", key, backend.Mutation{Op: backend.Delete, Timestamp: ts})
		case 1:
			to("cf", key, backend.Mutation{Op: backend.Delete, Timestamp: ts, Columns: &backend.Predicate{Names: [][]byte{name(), name()}}})
		case 2:
			a, b := name(), name()
			if bytes.Compare(a, b) > 0 {
				a, b = b, a
			}
			to("cf", key, backend.Mutation{Op: backend.Delete, Timestamp: ts, Columns: &backend.Predicate{Start: a, Finish: b}})
		default:
			to("cf", key, insert(nil, name(), 20), insert(nil, name(), 200), insert(nil, name(), 20))
		}
	}

	key := crashKey(worker, random.IntN(crashRows))
	switch random.IntN(8) {
	case 0:
		to("super", key, backend.Mutation{Op: backend.Delete, Timestamp: ts, Super: name()})
	case 1:
		to("super", key, backend.Mutation{Op: backend.Delete, Timestamp: ts, Super: name(), Columns: &backend.Predicate{Names: [][]byte{name()}}})
	default:
		to("super", key, insert(name(), name(), 20), insert(name(), name(), 20))
	}

	key = crashKey(worker, random.IntN(crashRows))
	if random.IntN(5) == 0 {
		to("indexed", key, backend.Mutation{Op: backend.Delete, Timestamp: ts})
	} else {
		state := insert(nil, []byte("state"), 1)
		state.Column.Value = crashState(random.IntN(crashStates))
		to("indexed", key, state, insert(nil, name(), 20))
	}

	// All workers share this counter. It is exact only if each batch counts once.
	to("counter", []byte("shared"), backend.Mutation{Op: backend.Add, Column: backend.Column{Name: name()}, Delta: random.Int64N(1 << 40)},
		backend.Mutation{Op: backend.Add, Column: backend.Column{Name: []byte("batches")}, Delta: 1})
	own := backend.Mutation{Op: backend.Add, Column: backend.Column{Name: name()}, Delta: int64(random.IntN(100) - 50)}
	if random.IntN(20) == 0 {
		own = backend.Mutation{Op: backend.Delete, Columns: &backend.Predicate{Names: [][]byte{name()}}}
	}
	to("counter", crashKey(worker, 0), own)
	return r
}

func crashState(i int) []byte { return fmt.Appendf(nil, "state%d", i) }

// run writes a worker's batches, beginning with number next, until the store is closed. It calls
// acknowledged after each.
func (l crashLoad) run(s *Store, worker, next int, acknowledged func()) error {
	for n := next; ; n++ {
		if err := s.Mutate(context.Background(), l.batch(worker, n)); err != nil {
			return err
		}
		acknowledged()
	}
}

// crashOracle knows what a store must contain.
type crashOracle struct {
	load  crashLoad
	want  *model.Store
	clock *clock            // the clock of want
	done  [crashWorkers]int // number of batches of each worker that want has applied
}

func newCrashOracle(t *testing.T, l crashLoad) *crashOracle {
	t.Helper()
	c := newClock()
	m, err := model.New(model.Options{Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	if _, err := m.Alter(t.Context(), crashKeyspace()); err != nil {
		t.Fatal(err)
	}
	return &crashOracle{load: l, want: m, clock: c}
}

// check checks a store that was opened after a crash. Of each worker, the store must contain all
// acknowledged batches, may contain further batches up to the number that were begun, and contains
// each batch entirely.
func (o *crashOracle) check(t *testing.T, s *Store, acknowledged, begun [crashWorkers]int) {
	t.Helper()
	for w := range crashWorkers {
		n := batchesOf(t, s, w)
		if n < acknowledged[w] || n > begun[w] {
			t.Fatalf("worker %d: the store has %d batches; %d were acknowledged and %d begun", w, n, acknowledged[w], begun[w])
		}
		for ; o.done[w] < n; o.done[w]++ {
			if err := o.want.Mutate(t.Context(), o.load.batch(w, o.done[w])); err != nil {
				t.Fatal(err)
			}
		}
	}
	// The model keeps everything that was written until it is purged.
	o.clock.Advance(2 * time.Second)
	if err := o.want.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, family := range []string{"cf", "super", "indexed", "counter"} {
		mustBeSame(t, "family "+family, allRows(t, o.want, family), allRows(t, s, family))
	}
	for i := range crashStates {
		mustBeSame(t, fmt.Sprintf("rows by index in state %d", i), rowsInState(t, o.want, i), rowsInState(t, s, i))
	}
}

func mustBeSame(t *testing.T, what string, want, got []backend.Row) {
	t.Helper()
	if !reflect.DeepEqual(want, got) { // much faster than cmp.Diff
		t.Fatalf("%s, -want +got:\n%s", what, cmp.Diff(want, got, cmpopts.EquateEmpty()))
	}
}

// batchesOf returns how many batches of a worker a store contains, read from the worker's marker.
func batchesOf(t *testing.T, s *Store, worker int) int {
	t.Helper()
	r := slice("cf", 0, string(crashKey(worker, 0)))
	r.Predicate = backend.Predicate{Names: [][]byte{crashMarker}}
	rows, err := s.Slice(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows[0].Columns) == 0 {
		return 0
	}
	return int(binary.BigEndian.Uint64(rows[0].Columns[0].Value))
}

// allRows returns the non-empty rows of a family.
func allRows(t *testing.T, b backend.Backend, family string) []backend.Row {
	t.Helper()
	const all = 1 << 20
	rows, err := b.Range(t.Context(), &backend.RangeRequest{
		Parent: backend.Parent{Keyspace: "ks", Family: family},
		Range:  backend.KeyRange{Count: all}, Predicate: backend.Predicate{Count: all},
	})
	if err != nil {
		t.Fatal(err)
	}
	return withColumns(rows)
}

func withColumns(rows []backend.Row) []backend.Row {
	full := []backend.Row{}
	for _, r := range rows {
		if len(r.Columns)+len(r.Supers) > 0 {
			full = append(full, r)
		}
	}
	return full
}

func rowsInState(t *testing.T, b backend.Backend, state int) []backend.Row {
	t.Helper()
	rows, err := b.Index(t.Context(), &backend.IndexRequest{
		Parent:      backend.Parent{Keyspace: "ks", Family: "indexed"},
		Expressions: []backend.Expression{{Name: []byte("state"), Op: backend.EQ, Value: crashState(state)}},
		Count:       1 << 20, Predicate: backend.Predicate{Count: 1 << 20},
	})
	if err != nil {
		t.Fatal(err)
	}
	return withColumns(rows)
}

// crashCounts counts the batches of each worker while they run.
type crashCounts [crashWorkers]atomic.Int64

func (c *crashCounts) load() (n [crashWorkers]int) {
	for i := range c {
		n[i] = int(c[i].Load())
	}
	return n
}
