package bench

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/widerow/widerow/backend"
)

// call is the unit of work of a worker, whose latency is measured.
type call uint8

const (
	callWrite call = iota
	callRead
	callSlice
	callAdd
	callKinds
)

var callNames = [callKinds]string{"write", "read", "slice", "add"}

// worker makes one call after the other. It reuses its requests, so that the
// measurement contains the store and not the allocation of requests.
type worker struct {
	run    *runner
	random *rand.Rand
	histos [callKinds]*hdrhistogram.Histogram // one for each kind of call that was made
	errors map[string]*ErrorCount
	last   int64 // number of the row that was written last, or -1

	done, failed atomic.Int64 // stage.watch reads them too

	key     [keySize]byte
	keys    [1][]byte
	names   [1][]byte
	mutate  backend.MutateRequest
	read    backend.SliceRequest
	changes []backend.Mutation
}

func newWorker(r *runner, stage, number int) *worker {
	w := &worker{
		run: r, last: -1, errors: make(map[string]*ErrorCount),
		random: rand.New(rand.NewPCG(r.Params.Seed, uint64(stage)<<32|uint64(number))),
	}
	w.keys[0] = w.key[:]
	w.mutate = backend.MutateRequest{Keyspace: r.Keyspace, Rows: make([]backend.RowMutation, 1), Consistency: r.level}
	w.read = backend.SliceRequest{Parent: backend.Parent{Keyspace: r.Keyspace}, Keys: w.keys[:], Consistency: r.level}
	return w
}

// took counts a call that was answered.
func (w *worker) took(c call, d time.Duration) {
	if w.histos[c] == nil {
		w.histos[c] = newHistogram()
	}
	record(w.histos[c], d)
	w.done.Add(1)
}

// failure counts a call that failed.
func (w *worker) failure(err error) {
	kind := kindOf(err)
	if w.errors[kind] == nil {
		w.errors[kind] = &ErrorCount{Kind: kind, First: err.Error()}
	}
	w.errors[kind].Count++
	w.failed.Add(1)
}

// insert writes columns from up to to of a row.
func (w *worker) insert(ctx context.Context, family string, row int64, from, to int) error {
	d := w.run.data
	d.key(&w.key, row)
	now := time.Now().UnixMicro()
	w.changes = w.changes[:0]
	for i := from; i < to; i++ {
		w.changes = append(w.changes, backend.Mutation{
			Op:     backend.Insert,
			Column: backend.Column{Name: d.names[i], Value: d.value(row, i), Timestamp: now},
		})
	}
	w.mutate.Rows[0] = backend.RowMutation{Family: family, Key: w.key[:], Mutations: w.changes}
	return w.run.b.Mutate(ctx, &w.mutate)
}

// writeNew writes a row that does not exist yet.
func (w *worker) writeNew(ctx context.Context) (call, error) {
	row := w.run.nextRow.Add(1) - 1
	err := w.insert(ctx, rowsFamily, row, 0, w.run.Params.Columns)
	if err == nil {
		w.last = row
	}
	return callWrite, err
}

// readOne reads one column of a row, by name.
func (w *worker) readOne(ctx context.Context) (call, error) {
	d := w.run.data
	row, column := w.random.Int64N(w.run.Params.Rows), w.random.IntN(w.run.Params.Columns)
	d.key(&w.key, row)
	w.names[0] = d.names[column]
	w.read.Family, w.read.Predicate = rowsFamily, backend.Predicate{Names: w.names[:]}
	return callRead, w.expect(ctx, row, column, 1)
}

// readSlice reads a slice of a row.
func (w *worker) readSlice(ctx context.Context) (call, error) {
	p := &w.run.Params
	row, from := w.random.Int64N(p.Rows), 0
	predicate := backend.Predicate{Count: p.Slice}
	if p.Wide > p.Slice {
		from = w.random.IntN(p.Wide - p.Slice + 1)
		predicate.Start = w.run.data.names[from]
	}
	w.run.data.key(&w.key, row)
	w.read.Family, w.read.Predicate = wideFamily, predicate
	return callSlice, w.expect(ctx, row, from, p.Slice)
}

// readOrWrite reads a column or rewrites an existing row.
func (w *worker) readOrWrite(ctx context.Context) (call, error) {
	if w.random.Float64() < w.run.Params.ReadShare {
		return w.readOne(ctx)
	}
	row := w.random.Int64N(w.run.Params.Rows)
	return callWrite, w.insert(ctx, rowsFamily, row, 0, w.run.Params.Columns)
}

// count adds 1 to a counter.
func (w *worker) count(ctx context.Context) (call, error) {
	row := w.random.Int64N(int64(len(w.run.tallies)))
	w.run.data.key(&w.key, row)
	w.changes = append(w.changes[:0], backend.Mutation{
		Op: backend.Add, Delta: 1, Column: backend.Column{Name: w.run.data.names[0]},
	})
	w.mutate.Rows[0] = backend.RowMutation{Family: countersFamily, Key: w.key[:], Mutations: w.changes}
	err := w.run.b.Mutate(ctx, &w.mutate)
	if err == nil {
		w.run.tallies[row].done.Add(1)
	} else {
		w.run.tallies[row].unknown.Add(1)
	}
	return callAdd, err
}

// expect reads n columns of the row, from the given column on, and compares the answer.
func (w *worker) expect(ctx context.Context, row int64, from, n int) error {
	rows, err := w.run.b.Slice(ctx, &w.read)
	if err != nil {
		return err
	}
	mismatch := func(column []byte, want, got string) error {
		return &MismatchError{Family: w.read.Family, Key: bytes.Clone(w.key[:]), Column: column, Want: want, Got: got}
	}
	if len(rows) != 1 || !bytes.Equal(rows[0].Key, w.key[:]) {
		return mismatch(nil, "this row", fmt.Sprintf("%d rows", len(rows)))
	}
	columns := rows[0].Columns
	if len(columns) != n {
		return mismatch(nil, fmt.Sprintf("%d columns", n), fmt.Sprint(len(columns)))
	}
	d := w.run.data
	for i := range columns {
		c := &columns[i]
		name, value := d.names[from+i], d.value(row, from+i)
		if !bytes.Equal(c.Name, name) {
			return mismatch(name, "a column of this name", show(c.Name))
		}
		if !bytes.Equal(c.Value, value) {
			return mismatch(name, show(value), show(c.Value))
		}
	}
	return nil
}

// verifyLast reads the whole row that the worker has written last.
func (w *worker) verifyLast(ctx context.Context) error {
	if w.last < 0 {
		return nil
	}
	n := w.run.Params.Columns
	w.run.data.key(&w.key, w.last)
	w.read.Family, w.read.Predicate = rowsFamily, backend.Predicate{Count: n}
	return w.expect(ctx, w.last, 0, n)
}

// tally is the expected count of a counter: from done to done + unknown.
type tally struct{ done, unknown atomic.Int64 }

// check compares a counter with the sum of its increments.
func (t *tally) check(columns []backend.Column) (want, got string, ok bool) {
	least := t.done.Load()
	most := least + t.unknown.Load()
	n := int64(0)
	switch {
	case len(columns) > 1 || len(columns) == 1 && len(columns[0].Value) != 8:
		return "one counter", fmt.Sprintf("%d columns", len(columns)), false
	case len(columns) == 1:
		n = int64(binary.BigEndian.Uint64(columns[0].Value))
	}
	want = fmt.Sprint(least)
	if most > least {
		want += fmt.Sprintf(" to %d", most)
	}
	return want, fmt.Sprint(n), least <= n && n <= most
}
