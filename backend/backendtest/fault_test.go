package backendtest_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/backend/backendtest"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/internal/testkit/model"
)

// faulty is a backend with a fault: each function that is not nil spoils requests or
// results.
type faulty struct {
	backend.Backend
	in     func(p *backend.Predicate)
	counts func(n int) int
	keys   func(r *backend.KeyRange)
	where  func(e []backend.Expression) []backend.Expression
	out    func(rows []backend.Row) []backend.Row
	write  func(b backend.Backend, r *backend.MutateRequest)
	split  bool // applies the rows of a batch one by one
}

// A fault is a mistake that a store might make. It must make the scripts fail, and the
// random histories too, unless the histories cannot contain the mistake.
type fault struct {
	faulty
	target      func(*backendtest.Target) // spoils what is not in a request
	notInRandom bool
}

var faults = map[string]fault{
	"none": {},
	"the first of equal timestamps wins": {faulty: faulty{write: func(b backend.Backend, r *backend.MutateRequest) {
		eachMutation(r, func(row backend.RowMutation, m backend.Mutation) (keep bool) {
			rows, err := b.Slice(context.Background(), &backend.SliceRequest{
				Parent: backend.Parent{Keyspace: r.Keyspace, Family: row.Family, Super: m.Super},
				Keys:   [][]byte{row.Key}, Predicate: backend.Predicate{Names: [][]byte{m.Column.Name}},
			})
			return m.Op != backend.Insert || err != nil || len(rows[0].Columns) == 0 ||
				rows[0].Columns[0].Timestamp != m.Column.Timestamp
		})
	}}},
	"deletes of rows are lost": {faulty: faulty{write: func(_ backend.Backend, r *backend.MutateRequest) {
		eachMutation(r, func(_ backend.RowMutation, m backend.Mutation) (keep bool) {
			return m.Op != backend.Delete || m.Columns != nil || m.Super != nil
		})
	}}},
	"deletes of super columns are lost": {faulty: faulty{write: func(_ backend.Backend, r *backend.MutateRequest) {
		eachMutation(r, func(_ backend.RowMutation, m backend.Mutation) (keep bool) {
			return m.Op != backend.Delete || m.Columns != nil || m.Super == nil
		})
	}}},
	"deletes of slices are lost": {faulty: faulty{write: func(_ backend.Backend, r *backend.MutateRequest) {
		eachMutation(r, func(_ backend.RowMutation, m backend.Mutation) (keep bool) {
			return m.Op != backend.Delete || m.Columns == nil || m.Columns.Names != nil
		})
	}}},
	"inserts win over deletes of the same timestamp": {faulty: faulty{write: func(_ backend.Backend, r *backend.MutateRequest) {
		for i := range r.Rows {
			for k := range r.Rows[i].Mutations {
				if m := &r.Rows[i].Mutations[k]; m.Op == backend.Delete {
					m.Timestamp--
				}
			}
		}
	}}},
	"a limit is one too high":          {faulty: faulty{in: func(p *backend.Predicate) { p.Count++ }}},
	"a count is one too high":          {faulty: faulty{counts: func(n int) int { return n + 1 }}},
	"the finish is ignored":            {faulty: faulty{in: func(p *backend.Predicate) { p.Finish = nil }}},
	"the start is ignored if reversed": {faulty: faulty{in: func(p *backend.Predicate) { p.Start = first(p.Reversed, nil, p.Start) }}},
	"ranges lack their last key":       {faulty: faulty{keys: func(r *backend.KeyRange) { r.EndKey = r.EndKey[:max(len(r.EndKey)-1, 0)] }}},
	"ghosts are not there": {faulty: faulty{out: func(rows []backend.Row) []backend.Row {
		return slices.DeleteFunc(rows, func(r backend.Row) bool { return len(r.Columns)+len(r.Supers) == 0 })
	}}},
	"only the first expression holds": {faulty: faulty{where: func(e []backend.Expression) []backend.Expression { return e[:min(len(e), 1)] }}},
	"nothing expires":                 {target: func(t *backendtest.Target) { t.Advance = func(time.Duration) {} }},
	"nothing is purged":               {target: func(t *backendtest.Target) { t.Purge = func(context.Context) error { return nil } }},
	"batches are applied in part":     {faulty: faulty{split: true}, notInRandom: true},
}

func first[T any](cond bool, a, b T) T {
	if cond {
		return a
	}
	return b
}

// eachMutation removes the mutations that are not to be kept.
func eachMutation(r *backend.MutateRequest, keep func(backend.RowMutation, backend.Mutation) bool) {
	for i, row := range r.Rows {
		r.Rows[i].Mutations = slices.DeleteFunc(row.Mutations, func(m backend.Mutation) bool { return !keep(row, m) })
	}
}

func (f *faulty) spoil(p *backend.Predicate) {
	if f.in != nil && p.Names == nil {
		f.in(p)
	}
}

func (f *faulty) rows(rows []backend.Row, err error) ([]backend.Row, error) {
	if f.out != nil {
		rows = f.out(rows)
	}
	return rows, err
}

func (f *faulty) Slice(ctx context.Context, r *backend.SliceRequest) ([]backend.Row, error) {
	f.spoil(&r.Predicate)
	return f.Backend.Slice(ctx, r)
}

func (f *faulty) Count(ctx context.Context, r *backend.SliceRequest) ([]int, error) {
	counts, err := f.Backend.Count(ctx, r)
	for i, n := range counts {
		if f.counts != nil {
			counts[i] = f.counts(n)
		}
	}
	return counts, err
}

func (f *faulty) Range(ctx context.Context, r *backend.RangeRequest) ([]backend.Row, error) {
	f.spoil(&r.Predicate)
	if f.keys != nil {
		f.keys(&r.Range)
	}
	return f.rows(f.Backend.Range(ctx, r))
}

func (f *faulty) Index(ctx context.Context, r *backend.IndexRequest) ([]backend.Row, error) {
	f.spoil(&r.Predicate)
	if f.where != nil {
		r.Expressions = f.where(r.Expressions)
	}
	return f.Backend.Index(ctx, r)
}

func (f *faulty) Mutate(ctx context.Context, r *backend.MutateRequest) error {
	if f.write != nil {
		f.write(f.Backend, r)
	}
	if !f.split {
		return f.Backend.Mutate(ctx, r)
	}
	for _, row := range r.Rows {
		one := *r
		one.Rows = []backend.RowMutation{row}
		if err := f.Backend.Mutate(ctx, &one); err != nil {
			return err
		}
	}
	return nil
}

// faultFlag names the fault of the store that TestFaulty tests.
var faultFlag = flag.String("fault", "none", "the `fault` of the store under test")

func openFaulty(t testing.TB, o backendtest.Options) backendtest.Target {
	t.Helper()
	p, err := partitioner.ByClass(o.Partitioner)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2012, 2, 29, 12, 0, 0, 0, time.UTC)
	m, err := model.New(model.Options{Partitioner: p, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	fault, known := faults[*faultFlag]
	if !known {
		t.Fatalf("unknown fault %q", *faultFlag)
	}
	fault.Backend = m
	target := backendtest.Target{
		Backend: &fault.faulty,
		Advance: func(d time.Duration) { now = now.Add(d) },
		Purge:   m.Purge,
		Reopen:  func() (backend.Backend, error) { return &fault.faulty, nil },
	}
	if fault.target != nil {
		fault.target(&target)
	}
	return target
}

func TestFaultyScripts(t *testing.T) { backendtest.Run(t, openFaulty) }
func TestFaultyRandom(t *testing.T)  { backendtest.Random(t, openFaulty) }

// TestFaults shows that the suite finds faults: it runs the suite again on stores that
// have a fault. The seed is fixed, so that each fault is always found; with any other seed,
// some tens of histories find it.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	for name, fault := range faults {
		for _, test := range []string{"TestFaultyScripts", "TestFaultyRandom"} {
			if name == "none" || fault.notInRandom && test == "TestFaultyRandom" {
				continue
			}
			t.Run(test+"/"+name, func(t *testing.T) {
				cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$/^byteordered$", "-fault="+name,
					"-rapid.shrinktime=100ms", "-rapid.nofailfile", "-rapid.seed=1", "-rapid.checks=1000")
				out, err := cmd.CombinedOutput()
				if err == nil {
					t.Errorf("the suite passes")
				} else if !bytes.Contains(out, []byte("want:")) {
					t.Errorf("the suite failed, but not by an answer:\n%s", out)
				}
			})
		}
	}
}
