package thriftserver

import (
	"context"
	"slices"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
)

// writable returns a family that may be written to by a call for counters, or by
// one for other columns.
func (s *session) writable(ctx context.Context, name string, counters bool) (*family, error) {
	f, err := s.family(ctx, name, Modify)
	switch {
	case err != nil:
		return nil, err
	case counters && !f.counter:
		return nil, refusal.NoCounters(f.name)
	case !counters && f.counter:
		return nil, refusal.Counters(f.name)
	}
	return f, nil
}

// forMutations returns what decides which mutations are valid.
func (f *family) forMutations() thriftconv.Family {
	return thriftconv.Family{Name: f.name, Counters: f.counter, DefaultTTL: f.defaultTTL}
}

// checkParent returns the reason why a column cannot be written to p, or nil.
func (f *family) checkParent(p *thriftwire.ColumnParent) error {
	if _, err := f.parent(p); err != nil {
		return err
	}
	if f.super && p.SuperColumn == nil {
		return backend.InvalidRequest("missing mandatory super column name for super CF %s", f.name)
	}
	return nil
}

// insert handles the call of this name.
func (s *session) insert(ctx context.Context, a *thriftwire.InsertArgs) error {
	f, err := s.writable(ctx, a.ColumnParent.ColumnFamily, false)
	if err != nil {
		return err
	}
	if err := f.checkParent(&a.ColumnParent); err != nil {
		return err
	}
	if err := thriftconv.CheckCell(&a.Column, f.defaultTTL); err != nil {
		return err
	}
	return s.mutate(ctx, f, a.Key, a.ConsistencyLevel, backend.Mutation{
		Op: backend.Insert, Super: a.ColumnParent.SuperColumn, Column: thriftconv.WrittenFromThrift(&a.Column),
	})
}

// add handles the call of this name.
func (s *session) add(ctx context.Context, a *thriftwire.AddArgs) error {
	f, err := s.writable(ctx, a.ColumnParent.ColumnFamily, true)
	if err != nil {
		return err
	}
	if err := f.checkParent(&a.ColumnParent); err != nil {
		return err
	}
	return s.mutate(ctx, f, a.Key, a.ConsistencyLevel, thriftconv.AddFromThrift(a.ColumnParent.SuperColumn, &a.Column))
}

// remove handles the call of this name.
func (s *session) remove(ctx context.Context, a *thriftwire.RemoveArgs) error {
	f, err := s.writable(ctx, a.ColumnPath.ColumnFamily, false)
	if err != nil {
		return err
	}
	return s.delete(ctx, f, a.Key, &a.ColumnPath, a.Timestamp, a.ConsistencyLevel)
}

// removeCounter handles the call of this name.
func (s *session) removeCounter(ctx context.Context, a *thriftwire.RemoveCounterArgs) error {
	f, err := s.writable(ctx, a.Path.ColumnFamily, true)
	if err != nil {
		return err
	}
	return s.delete(ctx, f, a.Key, &a.Path, s.server.opts.Now().UnixMicro(), a.ConsistencyLevel)
}

// delete deletes a row, a super column or a column.
func (s *session) delete(ctx context.Context, f *family, key []byte, path *thriftwire.ColumnPath, timestamp int64, level thriftwire.ConsistencyLevel) error {
	switch {
	case !f.super && path.SuperColumn != nil:
		return backend.InvalidRequest("supercolumn may not be specified for standard CF %s", f.name)
	case f.super && path.SuperColumn == nil && path.Column != nil:
		return backend.InvalidRequest("A column cannot be specified without specifying a super column for removal on super CF %s", f.name)
	}
	m := backend.Mutation{Op: backend.Delete, Super: path.SuperColumn, Timestamp: timestamp}
	if path.Column != nil {
		m.Columns = &backend.Predicate{Names: [][]byte{path.Column}}
	}
	return s.mutate(ctx, f, key, level, m)
}

// mutate makes one change to a row.
func (s *session) mutate(ctx context.Context, f *family, key []byte, level thriftwire.ConsistencyLevel, m backend.Mutation) error {
	c, err := consistency(level)
	if err != nil {
		return err
	}
	s.mutations = append(s.mutations[:0], m)
	s.rows = append(s.rows[:0], backend.RowMutation{Family: f.name, Key: key, Mutations: s.mutations})
	return s.send(ctx, &backend.MutateRequest{Keyspace: f.keyspace, Rows: s.rows, Consistency: c})
}

// send sends a request built from s.rows and s.mutations, and empties both.
func (s *session) send(ctx context.Context, r *backend.MutateRequest) error {
	defer func() {
		const kept = 1024 // mutations, or rows, whose memory is kept for the next request
		if clear(s.mutations); cap(s.mutations) > kept {
			s.mutations = nil
		}
		if clear(s.rows); cap(s.rows) > kept {
			s.rows = nil
		}
	}()
	return s.store.Mutate(ctx, r)
}

// batchMutate handles batch_mutate and atomic_batch_mutate.
func (s *session) batchMutate(ctx context.Context, batch []thriftwire.Entry[[]byte, []thriftwire.Entry[string, []thriftwire.Mutation]], level thriftwire.ConsistencyLevel, atomic bool) error {
	keyspace, err := s.inKeyspace()
	if err != nil {
		return err
	}
	var seen []*family
	s.mutations, s.rows = s.mutations[:0], s.rows[:0]
	for i := range batch {
		row := &batch[i]
		for j := range row.Value {
			name, list := row.Value[j].Key, row.Value[j].Value
			k := slices.IndexFunc(seen, func(f *family) bool { return f.name == name })
			if k < 0 {
				f, err := s.family(ctx, name, Modify)
				if err != nil {
					return err
				}
				k, seen = len(seen), append(seen, f)
			}
			if err := s.reserve(ctx, thriftconv.CountMutations(list)*backend.MutationSize+backend.RowSize); err != nil {
				return err
			}
			f, start := seen[k], len(s.mutations)
			if s.mutations, err = thriftconv.MutationsFromThrift(s.mutations, list, f.forMutations()); err != nil {
				return err
			}
			// The append may have moved s.mutations. Earlier rows still refer to the old array,
			// whose contents are equal.
			end := len(s.mutations)
			s.rows = append(s.rows, backend.RowMutation{Family: f.name, Key: row.Key, Mutations: s.mutations[start:end:end]})
		}
	}
	r := &backend.MutateRequest{Keyspace: keyspace, Rows: s.rows, Atomic: atomic}
	if r.Consistency, err = consistency(level); err != nil {
		return err
	}
	if len(s.rows) == 0 {
		return nil
	}
	return s.send(ctx, r)
}

// truncate handles the call of this name.
func (s *session) truncate(ctx context.Context, a *thriftwire.TruncateArgs) error {
	f, err := s.family(ctx, a.Cfname, Modify)
	if err != nil {
		return err
	}
	return s.store.Truncate(ctx, f.keyspace, f.name)
}
