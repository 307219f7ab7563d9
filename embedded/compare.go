package embedded

import (
	"bytes"
	"context"
	"math"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
)

// CompareAndSet implements [backend.Comparer]. No other write happens between the comparison and the
// write: other writes wait until CompareAndSet returns.
func (s *Store) CompareAndSet(ctx context.Context, r *backend.CompareRequest) (_ *backend.CompareResult, err error) {
	if err := s.enterWrite(ctx); err != nil {
		return nil, err
	}
	defer s.leave(&err)
	if err := s.admit(ctx); err != nil {
		return nil, err
	}
	size := batchSize(&backend.RowMutation{Key: r.Key, Mutations: updates(r)})
	b, err := s.newBatch(ctx, size, false)
	if err != nil {
		return nil, err
	}
	defer b.afterPanic()
	result, wait, err := s.compareAndApply(ctx, r, b.Batch)
	if err := s.settle(ctx, b, wait, err); err != nil {
		return nil, err
	}
	return result, nil
}

func (s *Store) compareAndApply(ctx context.Context, r *backend.CompareRequest, b *pebble.Batch) (_ *backend.CompareResult, wait bool, err error) {
	if err := s.writers.Lock(ctx); err != nil {
		return nil, false, err
	}
	defer s.writers.Unlock()
	t := s.tables.Load()
	if err := t.cat.CheckCompare(r); err != nil {
		return nil, false, err
	}
	row := backend.RowMutation{Family: r.Family, Key: r.Key, Mutations: updates(r)}
	write := &backend.MutateRequest{Keyspace: r.Keyspace, Rows: []backend.RowMutation{row}, Consistency: r.Commit}
	families, err := t.cat.CheckMutate(nil, write) // an invalid update is refused even if the comparison fails
	if err != nil {
		return nil, false, err
	}
	parent := backend.Parent{Keyspace: r.Keyspace, Family: r.Family}
	current, err := s.current(ctx, t, parent, r)
	if err != nil {
		return nil, false, err
	}
	if !matches(families[0].Comparator, r.Expected, current) {
		return &backend.CompareResult{Current: current}, false, nil
	}
	if len(r.Updates) == 0 {
		return &backend.CompareResult{Applied: true}, false, nil
	}
	timestamp, err := s.timestampFor(ctx, t, parent, r)
	if err != nil {
		return nil, false, err
	}
	for i := range row.Mutations {
		row.Mutations[i].Column.Timestamp = timestamp
	}
	wait, err = s.applyLocked(ctx, write, b)
	return &backend.CompareResult{Applied: true}, wait, err
}

// updates returns the mutations of a request, to be applied if the comparison succeeds.
func updates(r *backend.CompareRequest) []backend.Mutation {
	list := make([]backend.Mutation, len(r.Updates))
	for i, c := range r.Updates {
		list[i] = backend.Mutation{Op: backend.Insert, Column: c}
	}
	return list
}

// current reads the columns that the request compares: the expected columns or, if none is expected, the row's first column.
func (s *Store) current(ctx context.Context, t *tables, parent backend.Parent, r *backend.CompareRequest) ([]backend.Column, error) {
	p := backend.Predicate{Count: 1}
	if len(r.Expected) > 0 {
		p = namesOf(r.Expected)
	}
	var row backend.Row
	err := s.eachRowOf(ctx, t, &backend.SliceRequest{Parent: parent, Keys: [][]byte{r.Key}, Predicate: p, Reserve: r.Reserve}, func(_ int, rd *reader, p *plan) error {
		rd.reply.begin(r.Key)
		return rd.read(p, &row)
	})
	return row.Columns, err
}

func namesOf(columns []backend.Column) backend.Predicate {
	names := make([][]byte, len(columns))
	for i := range columns {
		names[i] = columns[i].Name
	}
	return backend.Predicate{Names: names}
}

// matches reports whether the current columns, which are in comparator order, equal the expected ones.
func matches(names coltype.Type, expected, current []backend.Column) bool {
	if len(expected) == 0 {
		return len(current) == 0
	}
	for i := range expected {
		e := &expected[i]
		at, found := slices.BinarySearchFunc(current, e.Name, func(c backend.Column, name []byte) int {
			return names.Compare(c.Name, name)
		})
		if found != (e.Value != nil) || found && !bytes.Equal(current[at].Value, e.Value) {
			return false
		}
	}
	return true
}

// timestampFor returns now, or one more than the newest cell or tombstone among the columns that
// the request writes.
func (s *Store) timestampFor(ctx context.Context, t *tables, parent backend.Parent, r *backend.CompareRequest) (int64, error) {
	timestamp := s.opts.Now().UnixMicro()
	after := func(other int64) error {
		if other == math.MaxInt64 {
			return backend.InvalidRequest("a column that the request writes has the highest timestamp possible")
		}
		timestamp = max(timestamp, other+1)
		return nil
	}
	request := &backend.SliceRequest{Parent: parent, Keys: [][]byte{r.Key}, Predicate: namesOf(r.Updates)}
	err := s.eachRowOf(ctx, t, request, func(_ int, rd *reader, p *plan) error {
		for _, name := range p.names {
			d, err := rd.row.newest(rd, name)
			if err != nil {
				return err
			}
			if d.exists {
				if err := after(d.timestamp); err != nil {
					return err
				}
			}
			if _, err := rd.column(name); err != nil {
				return err
			}
			if rd.it.Valid() && bytes.Equal(rd.it.Key(), rd.lower) {
				if err := after(rd.cell.timestamp); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return timestamp, err
}
