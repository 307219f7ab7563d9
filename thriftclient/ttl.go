package thriftclient

import (
	"context"
	"slices"

	"github.com/widerow/widerow/backend"
)

// withTTLs returns the request with TTLs that the server understands. A TTL of 0, for a column that must not expire, is
// sent only for families with a default TTL. In other families it changes nothing, and every server before Cassandra 3.0
// except widerow's refuses it.
func (q *requests) withTTLs(ctx context.Context, r *backend.MutateRequest) (*backend.MutateRequest, error) {
	stays := func(m backend.Mutation) bool { return m.Op == backend.Insert && m.Column.TTL == backend.NoTTL }
	if !slices.ContainsFunc(r.Rows, func(row backend.RowMutation) bool { return slices.ContainsFunc(row.Mutations, stays) }) {
		return r, nil
	}
	keyspace, err := q.keyspace(ctx, r.Keyspace)
	if err != nil {
		return nil, err
	}
	plain := *r
	plain.Rows = slices.Clone(r.Rows)
	for i := range plain.Rows {
		row := &plain.Rows[i]
		if f := keyspace.Family(row.Family); f != nil && f.DefaultTTL != nil && *f.DefaultTTL > 0 {
			continue
		}
		row.Mutations = slices.Clone(row.Mutations)
		for j := range row.Mutations {
			if stays(row.Mutations[j]) {
				row.Mutations[j].Column.TTL = 0
			}
		}
	}
	return &plain, nil
}
