package thriftserver

import (
	"context"
	"math"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/paging"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
)

// columns returns the form of the family's columns in a reply.
func (f *family) columns() thriftconv.Columns { return thriftconv.Columns{Counters: f.counter} }

// get handles the call of this name: one column, or one super column.
func (s *session) get(ctx context.Context, a *thriftwire.GetArgs) (thriftwire.Body, error) {
	f, err := s.family(ctx, a.ColumnPath.ColumnFamily, Select)
	if err != nil {
		return nil, err
	}
	path := &a.ColumnPath
	switch {
	case !f.super && path.SuperColumn != nil:
		return nil, refusal.NoSuper(f.name)
	case !f.super && path.Column == nil:
		return nil, backend.InvalidRequest("column parameter is not optional for standard CF %s", f.name)
	case f.super && path.SuperColumn == nil:
		return nil, refusal.SuperNeeded(f.name)
	}
	r := &backend.SliceRequest{
		Parent: backend.Parent{Keyspace: f.keyspace, Family: f.name, Super: path.SuperColumn},
		Keys:   [][]byte{a.Key},
	}
	r.Predicate.Names = [][]byte{path.Column}
	if path.Column == nil {
		r.Super, r.Predicate.Names = nil, [][]byte{path.SuperColumn}
	}
	row, err := s.slice(ctx, r, a.ConsistencyLevel)
	if err != nil {
		return nil, err
	}
	if len(row.Columns) == 0 && len(row.Supers) == 0 {
		return nil, backend.ErrNotFound
	}
	return f.columns().GetReply(row), nil
}

// slice reads columns of one row.
func (s *session) slice(ctx context.Context, r *backend.SliceRequest, level thriftwire.ConsistencyLevel) (*backend.Row, error) {
	var err error
	if r.Consistency, err = consistency(level); err != nil {
		return nil, err
	}
	return paging.Row(ctx, s.store, r)
}

// getSlice handles the call of this name.
func (s *session) getSlice(ctx context.Context, a *thriftwire.GetSliceArgs) (thriftwire.Body, error) {
	f, r, err := s.sliceRequest(ctx, [][]byte{a.Key}, &a.ColumnParent, &a.Predicate)
	if err != nil {
		return nil, err
	}
	row, err := s.slice(ctx, r, a.ConsistencyLevel)
	if err != nil {
		return nil, err
	}
	return f.columns().SliceReply(row), nil
}

func (s *session) sliceRequest(ctx context.Context, keys [][]byte, parent *thriftwire.ColumnParent, p *thriftwire.SlicePredicate) (*family, *backend.SliceRequest, error) {
	f, err := s.family(ctx, parent.ColumnFamily, Select)
	if err != nil {
		return nil, nil, err
	}
	r := &backend.SliceRequest{Keys: keys}
	if r.Parent, err = f.parent(parent); err != nil {
		return nil, nil, err
	}
	r.Predicate, err = s.predicate(ctx, p)
	return f, r, err
}

// multigetSlice handles the call of this name. The reply has a key once.
func (s *session) multigetSlice(ctx context.Context, a *thriftwire.MultigetSliceArgs) (thriftwire.Body, error) {
	keys, err := s.distinct(ctx, a.Keys)
	if err != nil {
		return nil, err
	}
	f, r, err := s.sliceRequest(ctx, keys, &a.ColumnParent, &a.Predicate)
	if err != nil {
		return nil, err
	}
	if r.Consistency, err = consistency(a.ConsistencyLevel); err != nil {
		return nil, err
	}
	rows, err := s.store.Slice(ctx, r)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i].Key = r.Keys[i]
	}
	return f.columns().MultigetReply(rows), nil
}

// distinct returns the keys in their order, without repetitions.
func (s *session) distinct(ctx context.Context, keys [][]byte) ([][]byte, error) {
	if err := s.reserve(ctx, len(keys)*perName); err != nil {
		return nil, err
	}
	seen := make(map[string]struct{}, len(keys))
	list := make([][]byte, 0, len(keys))
	for _, key := range keys {
		if _, ok := seen[string(key)]; !ok {
			seen[string(key)] = struct{}{}
			list = append(list, key)
		}
	}
	return list, nil
}

// getCount handles the call of this name. As in Cassandra, a predicate without a slice range and
// names counts all columns.
func (s *session) getCount(ctx context.Context, a *thriftwire.GetCountArgs) (thriftwire.Body, error) {
	if a.Predicate.ColumnNames == nil && a.Predicate.SliceRange == nil {
		a.Predicate.SliceRange = &thriftwire.SliceRange{Count: math.MaxInt32}
	}
	counts, err := s.counts(ctx, [][]byte{a.Key}, &a.ColumnParent, &a.Predicate, a.ConsistencyLevel)
	if err != nil {
		return nil, err
	}
	result := &thriftwire.GetCountResult{}
	if len(counts) > 0 {
		result.Success = thriftconv.CountToThrift(counts[0])
	}
	return result, nil
}

func (s *session) counts(ctx context.Context, keys [][]byte, parent *thriftwire.ColumnParent, p *thriftwire.SlicePredicate, level thriftwire.ConsistencyLevel) ([]int, error) {
	_, r, err := s.sliceRequest(ctx, keys, parent, p)
	if err != nil {
		return nil, err
	}
	if r.Consistency, err = consistency(level); err != nil {
		return nil, err
	}
	return s.store.Count(ctx, r)
}

// multigetCount handles the call of this name. The reply has a key once.
func (s *session) multigetCount(ctx context.Context, a *thriftwire.MultigetCountArgs) (thriftwire.Body, error) {
	keys, err := s.distinct(ctx, a.Keys)
	if err != nil {
		return nil, err
	}
	counts, err := s.counts(ctx, keys, &a.ColumnParent, &a.Predicate, a.ConsistencyLevel)
	if err != nil {
		return nil, err
	}
	result := &thriftwire.MultigetCountResult{Success: make([]thriftwire.Entry[[]byte, int32], len(counts))}
	for i, n := range counts {
		result.Success[i] = thriftwire.Entry[[]byte, int32]{Key: keys[i], Value: thriftconv.CountToThrift(n)}
	}
	return result, nil
}
