package cli

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/jsonlines"
)

// batchBytes bounds the bytes of values in a batch.
const batchBytes = 4 << 20

// loadBatch loads the lines of a chunk in batches.
type loadBatch struct {
	loader *loader
	ctx    context.Context // context of the calls; a loadBatch serves one call of load
	life   context.Context // context of the whole load, ends at an interruption
	result result

	rows    []batchRow
	columns int
	size    int
}

// batchRow is the content of one line.
type batchRow struct {
	record record
	before position
	line   []byte
}

// load loads the lines of a chunk and returns the result.
func (b *loadBatch) load(c *chunk) result {
	family := func(name string) (f *jsonlines.Family, err error) {
		err = b.repeat(true, func() error {
			f, err = b.loader.family(b.ctx, name)
			return err
		})
		return f, err
	}
	begin := 0
	for _, line := range c.lines {
		text := c.text[begin:line.end]
		begin = line.end
		err := line.err
		var rec record
		if err == nil {
			rec, err = b.loader.form.decode(text, family)
		}
		switch {
		case err != nil:
			// The lines before a line that ends the load are loaded.
			b.flush()
			b.bad(line.before, text, err)
		case rec.schema != nil:
			b.flush()
			if err := b.repeat(true, func() error { return b.loader.define(b.ctx, line.before, rec.schema) }); err != nil {
				b.bad(line.before, text, err)
			}
		case len(rec.row.Mutations) > 0:
			b.add(batchRow{record: rec, before: line.before, line: text})
		}
		if b.result.failure != nil {
			return b.result
		}
	}
	b.flush()
	return b.result
}

// bad records a line that cannot be loaded, unless an earlier line has failed.
func (b *loadBatch) bad(before position, line []byte, err error) {
	if b.result.failure != nil {
		return
	}
	if failure := b.loader.reject(&lineError{at: before, err: err}, line); failure != nil {
		b.result.failure = failure
		return
	}
	b.result.rejected++
}

func (b *loadBatch) add(row batchRow) {
	if n := len(b.rows); n > 0 && b.rows[n-1].record.counter != row.record.counter {
		b.flush() // a batch of counters contains no other columns
	}
	b.rows = append(b.rows, row)
	b.columns += len(row.record.row.Mutations)
	b.size += len(row.line)
	if b.columns >= b.loader.batch || b.size >= batchBytes {
		b.flush()
	}
}

// flush writes the gathered rows as one batch. If the store refuses the batch, flush writes
// the rows one by one to find the bad rows.
func (b *loadBatch) flush() {
	rows := b.rows
	b.rows, b.columns, b.size = nil, 0, 0
	if len(rows) == 0 || b.result.failure != nil {
		return
	}
	// // After a timeout it is unknown whether the counters were incremented.
	err := b.repeat(!rows[0].record.counter, func() error { return b.write(rows) })
	if err != nil && len(rows) > 1 && loadable(err) {
		for i := range rows {
			b.rows = rows[i : i+1]
			b.flush()
		}
		return
	}
	if err != nil {
		b.bad(rows[0].before, rows[0].line, err)
		return
	}
	for i := range rows {
		b.result.columns += int64(rows[i].record.columns)
	}
}

// repeat retries f while the store cannot be reached.
func (b *loadBatch) repeat(idempotent bool, f func() error) error {
	return b.loader.patience.do(b.life, idempotent, f)
}

func (b *loadBatch) write(rows []batchRow) error {
	b.loader.mu.Lock()
	r := &backend.MutateRequest{Keyspace: b.loader.keyspace}
	b.loader.mu.Unlock()
	for i := range rows {
		r.Rows = append(r.Rows, rows[i].record.row)
	}
	if !rows[0].record.counter {
		return b.loader.backend.Mutate(b.ctx, r)
	}
	b.loader.counters.Lock()
	defer b.loader.counters.Unlock()
	if err := b.setCounters(r); err != nil {
		return err
	}
	return b.loader.backend.Mutate(b.ctx, r)
}

// mutations returns the inserts of a row. For counters, it returns increments by the value.
func mutations(rec *jsonlines.Record) backend.RowMutation {
	m := backend.RowMutation{Family: rec.Family.Name, Key: rec.Row.Key, Mutations: make([]backend.Mutation, 0, rec.Columns)}
	add := func(super []byte, columns []backend.Column) {
		for _, c := range columns {
			mut := backend.Mutation{Op: backend.Insert, Super: super, Column: c}
			if rec.Family.Counter {
				mut.Op, mut.Delta = backend.Add, int64(binary.BigEndian.Uint64(c.Value))
				mut.Column = backend.Column{Name: c.Name}
			}
			m.Mutations = append(m.Mutations, mut)
		}
	}
	add(nil, rec.Row.Columns)
	for _, s := range rec.Row.Supers {
		add(s.Name, s.Columns)
	}
	return m
}

// setCounters replaces each increment by the wanted count with an increment by the difference
// between the wanted count and the stored count. So a line that is loaded twice does not count
// twice. The caller holds the lock that excludes other batches of this load.
func (b *loadBatch) setCounters(r *backend.MutateRequest) error {
	added := make(map[string]int64) // increments by this batch so far
	for _, row := range r.Rows {
		for i := range row.Mutations {
			m := &row.Mutations[i]
			id := counterID(row, m)
			have, ok := added[id]
			if !ok {
				var err error
				if have, err = b.counter(r.Keyspace, row, m); err != nil {
					return err
				}
			}
			want := m.Delta
			m.Delta = want - have
			added[id] = want
		}
	}
	return nil
}

// counterID returns the map key of a counter.
func counterID(row backend.RowMutation, m *backend.Mutation) string {
	var id []byte
	for _, part := range [][]byte{[]byte(row.Family), row.Key, m.Super, m.Column.Name} {
		id = append(binary.AppendUvarint(id, uint64(len(part))), part...)
	}
	return string(id)
}

// counter reads the stored count of a counter: 0 if the counter does not exist.
func (b *loadBatch) counter(keyspace string, row backend.RowMutation, m *backend.Mutation) (int64, error) {
	got, err := b.loader.backend.Slice(b.ctx, &backend.SliceRequest{
		Parent:    backend.Parent{Keyspace: keyspace, Family: row.Family, Super: m.Super},
		Keys:      [][]byte{row.Key},
		Predicate: backend.Predicate{Names: [][]byte{m.Column.Name}},
	})
	if err != nil {
		return 0, err
	}
	for _, c := range got[0].Columns {
		if bytes.Equal(c.Name, m.Column.Name) {
			if len(c.Value) != 8 {
				return 0, errors.New("a counter's value does not have 8 bytes")
			}
			return int64(binary.BigEndian.Uint64(c.Value)), nil
		}
	}
	return 0, nil
}
