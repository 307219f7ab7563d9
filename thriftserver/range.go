package thriftserver

import (
	"bytes"
	"context"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/paging"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
)

// getRangeSlices handles the call of this name.
func (s *session) getRangeSlices(ctx context.Context, a *thriftwire.GetRangeSlicesArgs) (thriftwire.Body, error) {
	f, err := s.family(ctx, a.ColumnParent.ColumnFamily, Select)
	if err != nil {
		return nil, err
	}
	r := &backend.RangeRequest{}
	if r.Parent, err = f.parent(&a.ColumnParent); err != nil {
		return nil, err
	}
	if r.Predicate, err = s.predicate(ctx, &a.Predicate); err != nil {
		return nil, err
	}
	if err := setRange(r, &a.Range, a.ConsistencyLevel); err != nil {
		return nil, err
	}
	rows, err := s.store.Range(ctx, r)
	if err != nil {
		return nil, err
	}
	return f.columns().RangeReply(rows), nil
}

// setRange sets the range of rows of a request.
func setRange(r *backend.RangeRequest, k *thriftwire.KeyRange, level thriftwire.ConsistencyLevel) (err error) {
	switch {
	case (k.StartKey != nil) == k.StartToken.Set, (k.EndKey != nil) == k.EndToken.Set:
		return refusal.RangeEnds()
	case k.StartToken.Set && k.EndKey != nil:
		return refusal.TokenToKey()
	}
	r.Range = thriftconv.KeyRangeFromThrift(k)
	r.Filter = thriftconv.ExpressionsFromThrift(k.RowFilter)
	r.Consistency, err = consistency(level)
	return err
}

// maxPageRows is the most rows that getPagedSlice asks the store for at once.
const maxPageRows = 1024

// getPagedSlice handles the call of this name. It returns a page of columns, not of rows: the page
// begins within a row and continues over the following rows. Rows without columns
// are left out.
func (s *session) getPagedSlice(ctx context.Context, a *thriftwire.GetPagedSliceArgs) (thriftwire.Body, error) {
	f, err := s.family(ctx, a.ColumnFamily, Select)
	if err != nil {
		return nil, err
	}
	r := &backend.RangeRequest{Parent: backend.Parent{Keyspace: f.keyspace, Family: f.name}}
	if err := setRange(r, &a.Range, a.ConsistencyLevel); err != nil {
		return nil, err
	}
	left := r.Range.Count
	if left <= 0 {
		return nil, refusal.MaxRows()
	}
	rows, err := s.columnPage(ctx, r, a.StartColumn, left)
	if err != nil {
		return nil, err
	}
	return f.columns().RangeReply(rows), nil
}

// columnPage returns rows of a range, from a column of the first row on, until they have the wanted number of columns.
func (s *session) columnPage(ctx context.Context, r *backend.RangeRequest, start []byte, left int) (page []backend.Row, err error) {
	r.Predicate = backend.Predicate{Start: start, Count: left}
	first := r.Range
	reader := paging.Range(s.store, r)
	rows, err := reader.Next(ctx, 1, 1)
	if len(rows) > 0 && len(start) > 0 && len(first.StartKey) > 0 && !bytes.Equal(rows[0].Key, first.StartKey) {
		// The row of the start column is gone: the next row is read from its beginning.
		r.Range, r.Predicate.Start = first, nil
		reader = paging.Range(s.store, r)
		rows, err = reader.Next(ctx, 1, 1)
	}
	for err == nil && len(rows) > 0 {
		before := left
		for i := range rows {
			row := &rows[i]
			row.Columns = row.Columns[:min(len(row.Columns), left)]
			row.Supers = row.Supers[:min(len(row.Supers), left)]
			if n := paging.Len(row); n > 0 {
				page = append(page, *row)
				left -= n
			}
		}
		if left == 0 {
			break
		}
		r.Predicate = backend.Predicate{Count: left}
		// Read as many rows as should hold the remaining columns, judging by the rows so far.
		rows, err = reader.Next(ctx, max(1, len(rows)*left/max(1, before-left)), maxPageRows)
	}
	return page, err
}

// getIndexedSlices handles the call of this name.
func (s *session) getIndexedSlices(ctx context.Context, a *thriftwire.GetIndexedSlicesArgs) (thriftwire.Body, error) {
	f, err := s.family(ctx, a.ColumnParent.ColumnFamily, Select)
	if err != nil {
		return nil, err
	}
	if f.counter {
		return nil, refusal.Counters(f.name)
	}
	r := &backend.IndexRequest{
		Expressions: thriftconv.ExpressionsFromThrift(a.IndexClause.Expressions),
		StartKey:    a.IndexClause.StartKey,
		Count:       int(a.IndexClause.Count),
	}
	if r.Parent, err = f.parent(&a.ColumnParent); err != nil {
		return nil, err
	}
	if r.Predicate, err = s.predicate(ctx, &a.ColumnPredicate); err != nil {
		return nil, err
	}
	if r.Consistency, err = consistency(a.ConsistencyLevel); err != nil {
		return nil, err
	}
	rows, err := s.store.Index(ctx, r)
	if err != nil {
		return nil, err
	}
	return f.columns().RangeReply(rows), nil
}
