package thriftclient

import (
	"bytes"
	"context"
	"slices"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
)

var _ backend.Comparer = (*Client)(nil)

// CompareAndSet implements [backend.Comparer], on Cassandra 2.0 and later. The request is sent at most once. If no
// answer arrives, only a read at the level Serial shows whether the request was applied.
//
// Cassandra reads an expected column without a value as a column with an empty value. So it never applies a request that
// expects a column to be missing, whatever the row contains. CompareAndSet then returns [backend.ErrUnsupported]. A
// server of widerow serve understands the request.
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
	if !answer.Success && len(r.Expected) > 0 && isAsExpected(current, r.Expected) {
		return nil, &backend.Error{
			Kind: backend.KindUnsupported, Why: "this server cannot expect that a column is missing: expect a row without columns",
		}
	}
	return &backend.CompareResult{Applied: answer.Success, Current: current}, nil
}

// isAsExpected reports whether a row with the columns current has all expected columns that have a value, and lacks all
// expected columns without a value. It returns false if every expected column has a value.
func isAsExpected(current, expected []backend.Column) bool {
	lacks := false
	for _, want := range expected {
		i := slices.IndexFunc(current, func(c backend.Column) bool { return bytes.Equal(c.Name, want.Name) })
		if want.Value == nil {
			lacks = true
		}
		if (i < 0) != (want.Value == nil) || i >= 0 && !bytes.Equal(current[i].Value, want.Value) {
			return false
		}
	}
	return lacks
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
