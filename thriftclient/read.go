package thriftclient

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
)

// Slice implements [backend.Backend]. It reads several keys from the nodes that own
// them, in parallel.
func (q *requests) Slice(ctx context.Context, r *backend.SliceRequest) ([]backend.Row, error) {
	predicate := thriftconv.PredicateToThrift(&r.Predicate)
	if len(r.Keys) == 1 {
		rows, err := q.read(ctx, route{keyspace: r.Keyspace, key: r.Keys[0]}, &thriftwire.GetSliceArgs{
			Key: r.Keys[0], ColumnParent: parentToThrift(&r.Parent), Predicate: predicate, ConsistencyLevel: thriftconv.ConsistencyToThrift(r.Consistency),
		})
		if err != nil {
			return nil, err
		}
		rows[0].Key = bytes.Clone(r.Keys[0])
		return reserved(ctx, r.Reserve, rows)
	}
	rows := make([]backend.Row, len(r.Keys))
	err := q.multi(ctx, r, func(ctx context.Context, part *keyPart) error {
		found, err := q.read(ctx, part.route, &thriftwire.MultigetSliceArgs{
			Keys: part.keys, ColumnParent: parentToThrift(&r.Parent), Predicate: predicate, ConsistencyLevel: thriftconv.ConsistencyToThrift(r.Consistency),
		})
		if err != nil {
			return err
		}
		for i := range found {
			for n, at := range part.places(found[i].Key) {
				rows[at] = found[i]
				if n > 0 { // no two rows share memory that a caller may change
					rows[at] = cloneRow(&found[i])
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i].Key = bytes.Clone(r.Keys[i])
	}
	return reserved(ctx, r.Reserve, rows)
}

// reserved returns rows once their memory is reserved. Before that, Options.ReplyLimit bounds the memory.
func reserved(ctx context.Context, reserve backend.Reserve, rows []backend.Row) ([]backend.Row, error) {
	if err := reserve.Take(ctx, backend.ResultSize(rows)); err != nil {
		return nil, err
	}
	return rows, nil
}

// Count implements [backend.Backend]. It counts the columns of a super column by
// multiget_count, because get_count of Cassandra 3 never ends if the super column has
// more columns than the limit.
func (q *requests) Count(ctx context.Context, r *backend.SliceRequest) ([]int, error) {
	predicate := thriftconv.PredicateToThrift(&r.Predicate)
	if len(r.Keys) == 1 && r.Super == nil {
		result, err := q.via.call(ctx, route{keyspace: r.Keyspace, key: r.Keys[0]}, &thriftwire.GetCountArgs{
			Key: r.Keys[0], ColumnParent: parentToThrift(&r.Parent), Predicate: predicate, ConsistencyLevel: thriftconv.ConsistencyToThrift(r.Consistency),
		})
		if err != nil {
			return nil, err
		}
		return []int{int(result.(*thriftwire.GetCountResult).Success)}, nil
	}
	counts := make([]int, len(r.Keys))
	err := q.multi(ctx, r, func(ctx context.Context, part *keyPart) error {
		result, err := q.via.call(ctx, part.route, &thriftwire.MultigetCountArgs{
			Keys: part.keys, ColumnParent: parentToThrift(&r.Parent), Predicate: predicate, ConsistencyLevel: thriftconv.ConsistencyToThrift(r.Consistency),
		})
		if err != nil {
			return err
		}
		for _, e := range result.(*thriftwire.MultigetCountResult).Success {
			for _, at := range part.places(e.Key) {
				counts[at] = int(e.Value)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// keyPart is the keys of a request that go to one node.
type keyPart struct {
	route route
	keys  [][]byte
	at    map[string][]int // the indexes of each key in the request
}

func (p *keyPart) places(key []byte) []int { return p.at[string(key)] }

// multi splits the keys of r by their nodes and calls f for each part, in parallel
// if there are several parts. The first error ends all calls.
func (q *requests) multi(ctx context.Context, r *backend.SliceRequest, f func(context.Context, *keyPart) error) error {
	groups := q.via.split(r.Keyspace, r.Keys)
	if groups == nil {
		all := make([]int, len(r.Keys))
		for i := range all {
			all[i] = i
		}
		return f(ctx, newKeyPart(r, all))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, group := range groups {
		wg.Go(func() {
			if err := f(ctx, newKeyPart(r, group)); err != nil {
				cancel(err) // the first one stays
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

func newKeyPart(r *backend.SliceRequest, group []int) *keyPart {
	p := &keyPart{route: route{keyspace: r.Keyspace}, at: make(map[string][]int, len(group))}
	for _, i := range group {
		key := r.Keys[i]
		if p.at[string(key)] == nil {
			p.keys = append(p.keys, key)
		}
		p.at[string(key)] = append(p.at[string(key)], i)
	}
	if len(p.keys) > 0 {
		p.route.key = p.keys[0]
	}
	return p
}

// Range implements [backend.Backend].
func (q *requests) Range(ctx context.Context, r *backend.RangeRequest) ([]backend.Row, error) {
	find := func(p *backend.Predicate) ([]backend.Row, error) {
		rows, err := q.read(ctx, route{keyspace: r.Keyspace}, &thriftwire.GetRangeSlicesArgs{
			ColumnParent: parentToThrift(&r.Parent), Predicate: thriftconv.PredicateToThrift(p),
			Range: thriftconv.KeyRangeToThrift(&r.Range, r.Filter), ConsistencyLevel: thriftconv.ConsistencyToThrift(r.Consistency),
		})
		if err != nil {
			return nil, err
		}
		return reserved(ctx, r.Reserve, rows)
	}
	if len(r.Filter) == 0 {
		return find(&r.Predicate)
	}
	version, err := q.via.version(ctx)
	if err != nil {
		return nil, err
	}
	if version.before(v11) {
		// The server would answer as if there were no filter.
		return nil, unsupported("filters of ranges need Cassandra 1.1 (CASSANDRA-1600)", version)
	}
	if hidesFiltered(&r.Predicate) {
		return q.match(ctx, &backend.SliceRequest{Parent: r.Parent, Predicate: r.Predicate, Consistency: r.Consistency, Reserve: r.Reserve}, r.Filter, find)
	}
	return find(&r.Predicate)
}

// Index implements [backend.Backend].
func (q *requests) Index(ctx context.Context, r *backend.IndexRequest) ([]backend.Row, error) {
	find := func(p *backend.Predicate) ([]backend.Row, error) {
		rows, err := q.read(ctx, route{keyspace: r.Keyspace}, &thriftwire.GetIndexedSlicesArgs{
			ColumnParent: parentToThrift(&r.Parent),
			IndexClause: thriftwire.IndexClause{
				Expressions: thriftconv.ExpressionsToThrift(r.Expressions), StartKey: r.StartKey, Count: thriftconv.CountToThrift(r.Count),
			},
			ColumnPredicate: thriftconv.PredicateToThrift(p), ConsistencyLevel: thriftconv.ConsistencyToThrift(r.Consistency),
		})
		if err != nil {
			return nil, err
		}
		return reserved(ctx, r.Reserve, rows)
	}
	version, err := q.via.version(ctx)
	if err != nil {
		return nil, err
	}
	if hidesIndexed(&r.Predicate, version) {
		return q.match(ctx, &backend.SliceRequest{Parent: r.Parent, Predicate: r.Predicate, Consistency: r.Consistency, Reserve: r.Reserve}, r.Expressions, find)
	}
	return find(&r.Predicate)
}

func parentToThrift(p *backend.Parent) thriftwire.ColumnParent {
	return thriftwire.ColumnParent{ColumnFamily: p.Family, SuperColumn: p.Super}
}

func unsupported(why string, v interfaceVersion) error {
	return &backend.Error{Kind: backend.KindUnsupported, Why: why + "; this server has the interface version " + v.String()}
}

// read makes a call whose result is rows. The bytes of the rows alias the reply.
func (q *requests) read(ctx context.Context, to route, args thriftwire.Args) ([]backend.Row, error) {
	r := thriftconv.NewRead(args)
	if _, err := q.via.call(ctx, to, r); err != nil {
		return nil, err
	}
	return r.Rows(), nil
}

// cloneRow copies a row, except the bytes of its columns.
func cloneRow(row *backend.Row) backend.Row {
	c := backend.Row{Columns: slices.Clone(row.Columns), Supers: slices.Clone(row.Supers)}
	for i := range c.Supers {
		c.Supers[i].Columns = slices.Clone(c.Supers[i].Columns)
	}
	return c
}
