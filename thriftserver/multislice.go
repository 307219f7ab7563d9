package thriftserver

import (
	"context"
	"slices"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/thriftwire"
)

// span is a slice of a row, from its lower end to its higher, both inclusive and open if
// empty.
type span struct{ low, high []byte }

// getMultiSlice handles the call of this name (2.1 and later): several slices of a
// row, in the row's order and each column once. Each slice is read by a call of its own, so
// a write in between may be seen by one slice and not by another.
func (s *session) getMultiSlice(ctx context.Context, a *thriftwire.MultiSliceRequest) (thriftwire.Body, error) {
	const defaultCount = 1000
	if a.ColumnParent == nil || a.Key == nil {
		return nil, backend.InvalidRequest("key and column_parent are required")
	}
	f, err := s.family(ctx, a.ColumnParent.ColumnFamily, Select)
	if err != nil {
		return nil, err
	}
	if f.super {
		return nil, backend.InvalidRequest("get_multi_slice does not support super columns")
	}
	r := &backend.SliceRequest{Keys: [][]byte{a.Key}, Consistency: backend.One}
	if r.Parent, err = f.parent(a.ColumnParent); err != nil {
		return nil, err
	}
	if a.ConsistencyLevel.Set {
		if r.Consistency, err = consistency(a.ConsistencyLevel.V); err != nil {
			return nil, err
		}
	}
	if err := s.reserve(ctx, len(a.ColumnSlices)*perName); err != nil {
		return nil, err
	}
	spans, err := f.spans(a.ColumnSlices, a.Reversed.V)
	if err != nil {
		return nil, err
	}
	left := defaultCount
	if a.Count.Set {
		left = int(a.Count.V)
	}
	if len(spans) == 0 || left == 0 {
		spans, left = []span{{}}, min(left, 0) // still ask the store, so that it validates the request
	}
	row := backend.Row{Key: a.Key}
	for _, part := range spans {
		r.Predicate = backend.Predicate{Start: part.low, Finish: part.high, Reversed: a.Reversed.V, Count: left}
		if a.Reversed.V {
			r.Predicate.Start, r.Predicate.Finish = part.high, part.low
		}
		rows, err := s.store.Slice(ctx, r)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			if err := s.reserve(ctx, len(rows[i].Columns)*backend.ColumnSize); err != nil {
				return nil, err
			}
			row.Columns = append(row.Columns, rows[i].Columns...)
			left -= len(rows[i].Columns)
		}
		if left <= 0 {
			break
		}
	}
	return f.columns().SliceReply(&row), nil
}

// spans returns the slices in reading order. Slices that overlap become one.
func (f *family) spans(list []thriftwire.ColumnSlice, reversed bool) ([]span, error) {
	t, err := coltype.Parse(f.comparator)
	if err != nil {
		return nil, err
	}
	spans := make([]span, len(list))
	for i, c := range list {
		for _, bound := range [...][]byte{c.Start, c.Finish} {
			if len(bound) > 0 {
				if err := t.Validate(bound); err != nil {
					return nil, backend.InvalidRequest("%v", err)
				}
			}
		}
		spans[i] = span{c.Start, c.Finish}
		if reversed {
			spans[i] = span{c.Finish, c.Start}
		}
		if low, high := spans[i].low, spans[i].high; len(low) > 0 && len(high) > 0 && t.Compare(low, high) > 0 {
			if reversed {
				return nil, backend.InvalidRequest("Reversed column slice at index %d had start less than finish", i)
			}
			return nil, backend.InvalidRequest("Column slice at index %d had start greater than finish", i)
		}
	}
	slices.SortStableFunc(spans, func(a, b span) int {
		switch {
		case len(a.low) == 0 && len(b.low) == 0:
			return 0
		case len(a.low) == 0:
			return -1
		case len(b.low) == 0:
			return 1
		}
		return t.Compare(a.low, b.low)
	})
	merged := spans[:0]
	for _, part := range spans {
		if n := len(merged); n > 0 {
			last := &merged[n-1]
			if len(last.high) == 0 || len(part.low) == 0 || t.Compare(part.low, last.high) <= 0 {
				if len(last.high) > 0 && (len(part.high) == 0 || t.Compare(part.high, last.high) > 0) {
					last.high = part.high
				}
				continue
			}
		}
		merged = append(merged, part)
	}
	if reversed {
		slices.Reverse(merged)
	}
	return merged, nil
}
