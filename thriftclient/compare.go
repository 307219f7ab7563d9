package thriftclient

import (
	"context"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
)

var _ backend.Comparer = (*Client)(nil)

// CompareAndSet implements [backend.Comparer], on Cassandra 2.0 and later. It is sent at most once: whether one without
// an answer was applied only a read at the level Serial tells.
func (q *requests) CompareAndSet(ctx context.Context, r *backend.CompareRequest) (*backend.CompareResult, error) {
	result, err := q.via.call(ctx, route{keyspace: r.Keyspace, key: r.Key, once: true}, &thriftwire.CasArgs{
		Key:                    r.Key,
		ColumnFamily:           r.Family,
		Expected:               cellsToThrift(r.Expected),
		Updates:                cellsToThrift(r.Updates),
		SerialConsistencyLevel: thriftconv.ConsistencyToThrift(r.Serial),
		CommitConsistencyLevel: thriftconv.ConsistencyToThrift(r.Commit),
	})
	if err != nil {
		return nil, err
	}
	answer := &result.(*thriftwire.CasResult).Success
	current := thriftconv.CellsFromThrift(nil, answer.CurrentValues)
	if err := r.Reserve.Take(ctx, backend.ResultSize([]backend.Row{{Columns: current}})); err != nil {
		return nil, err
	}
	return &backend.CompareResult{Applied: answer.Success, Current: current}, nil
}

// cellsToThrift converts expected columns. A column without a value must not exist in the row.
func cellsToThrift(columns []backend.Column) []thriftwire.Column {
	cells := make([]thriftwire.Column, len(columns))
	for i := range columns {
		cells[i] = thriftconv.CellToThrift(&columns[i])
		if columns[i].Value == nil {
			cells[i].Value = nil
		}
	}
	return cells
}
