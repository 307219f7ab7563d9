package thriftserver

import (
	"bytes"
	"context"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
)

// getRangeSlices handles the call of this name.
func (s *session) getRangeSlices(ctx context.Context, a *thriftwire.GetRangeSlicesArgs) (thriftwire.Body, error) {
	f, err := s.family(ctx, a.ColumnParent.ColumnFamily, Select)
	if err != nil {
		return nil, err
	}
	r := &backend.RangeRequest{Reserve: s.reserve}
	if r.Parent, err = f.parent(&a.ColumnParent); err != nil {
		return nil, err
	}
	if r.Predicate, err = s.predicate(ctx, &a.Predicate); err != nil {
		return nil, err
	}
	if err := setRange(r, &a.Range, a.ConsistencyLevel); err != nil {
		return nil, err
	}
	rows, err := s.server.b.Range(ctx, r)
	if err != nil {
		return nil, err
	}
	return f.columns().RangeReply(rows), nil
}

// setRange sets which rows a request is about.
func setRange(r *backend.RangeRequest, k *thriftwire.KeyRange, level thriftwire.ConsistencyLevel) (err error) {
	switch {
	case (k.StartKey != nil) == k.StartToken.Set, (k.EndKey != nil) == k.EndToken.Set:
		return backend.InvalidRequest("exactly one each of {start key, start token} and {end key, end token} must be specified")
	case k.StartToken.Set && k.EndKey != nil:
		return backend.InvalidRequest("start token + end key is not a supported key range")
	}
	r.Range = thriftconv.KeyRangeFromThrift(k)
	r.Filter = thriftconv.ExpressionsFromThrift(k.RowFilter)
	r.Consistency, err = consistency(level)
	return err
}

// maxPageRows is the most rows that getPagedSlice asks the store for at once.
const maxPageRows = 1024

// getPagedSlice handles the call of this name: a page of columns, and not of rows, that
// begins within a row and goes on over the rows that follow. Rows without columns
// are left out.
func (s *session) getPagedSlice(ctx context.Context, a *thriftwire.GetPagedSliceArgs) (thriftwire.Body, error) {
	f, err := s.family(ctx, a.ColumnFamily, Select)
	if err != nil {
		return nil, err
	}
	r := &backend.RangeRequest{Parent: backend.Parent{Keyspace: f.keyspace, Family: f.name}, Reserve: s.reserve}
	if err := setRange(r, &a.Range, a.ConsistencyLevel); err != nil {
		return nil, err
	}
	left := r.Range.Count
	if left <= 0 {
		return nil, backend.InvalidRequest("maxRows must be positive")
	}
	parts, err := s.unwrapped(ctx, r.Range)
	if err != nil {
		return nil, err
	}
	page := columnPage{start: a.StartColumn, left: left}
	for _, part := range parts {
		r.Range = part
		if err := page.read(ctx, s.server.b, r); err != nil {
			return nil, err
		}
	}
	return f.columns().RangeReply(page.rows), nil
}

// unwrapped returns a range of tokens that wraps around as two that do not, in the order in which they are read: reading
// on from a row, by its key, is possible within one that does not.
func (s *session) unwrapped(ctx context.Context, k backend.KeyRange) ([]backend.KeyRange, error) {
	if k.StartKey != nil || k.EndKey != nil {
		return []backend.KeyRange{k}, nil
	}
	c, err := s.cluster(ctx, backend.FactPartitioner)
	if err != nil {
		return nil, err
	}
	p, err := partitioner.ByClass(c.Partitioner)
	if err != nil {
		return []backend.KeyRange{k}, nil
	}
	order, err := p.CompareTokens(k.StartToken, k.EndToken)
	if err != nil || order < 0 {
		return []backend.KeyRange{k}, nil // the store has to say what is wrong with a token
	}
	toEnd, err := p.CompareTokens(k.EndToken, p.MinToken())
	if err != nil {
		return nil, err
	}
	if toEnd <= 0 { // the lowest token, as an end, is the end of the ring, and so is what is before it
		k.EndToken = p.MinToken()
		return []backend.KeyRange{k}, nil
	}
	first, second := k, k
	first.EndToken, second.StartToken = p.MinToken(), p.MinToken()
	return []backend.KeyRange{first, second}, nil
}

// columnPage is what getPagedSlice reads.
type columnPage struct {
	rows  []backend.Row
	start []byte // where the first row begins, if that is not empty
	left  int    // how many more columns there may be
}

// read adds the rows of r until the page has all columns it may have.
func (p *columnPage) read(ctx context.Context, b backend.Backend, r *backend.RangeRequest) error {
	first := r.Range.StartKey
	r.Range.Count = 1
	for p.left > 0 {
		r.Predicate = backend.Predicate{Start: p.start, Count: p.left}
		rows, err := b.Range(ctx, r)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		if len(p.start) > 0 && len(first) > 0 && !bytes.Equal(rows[0].Key, first) {
			p.start = nil // was a column of a row that is gone: the next one is read whole
			continue
		}
		more := len(rows) == r.Range.Count
		if r.Range.Count > 1 && bytes.Equal(rows[0].Key, r.Range.StartKey) {
			rows = rows[1:] // it is in the page
		}
		p.start = nil
		before := p.left
		for i := range rows {
			row := &rows[i]
			row.Columns = row.Columns[:min(len(row.Columns), p.left)]
			row.Supers = row.Supers[:min(len(row.Supers), p.left)]
			if n := len(row.Columns) + len(row.Supers); n > 0 {
				p.rows = append(p.rows, *row)
				p.left -= n
			}
		}
		if !more || len(rows) == 0 {
			break
		}
		r.Range.StartKey, r.Range.StartToken = rows[len(rows)-1].Key, ""
		// As many rows as hold what is left, if they are like those that were read.
		r.Range.Count = 1 + min(max(1, len(rows)*p.left/max(1, before-p.left)), maxPageRows)
	}
	return nil
}

// getIndexedSlices handles the call of this name.
func (s *session) getIndexedSlices(ctx context.Context, a *thriftwire.GetIndexedSlicesArgs) (thriftwire.Body, error) {
	f, err := s.family(ctx, a.ColumnParent.ColumnFamily, Select)
	if err != nil {
		return nil, err
	}
	if f.counter {
		return nil, backend.InvalidRequest("invalid operation for commutative columnfamily %s", f.name)
	}
	r := &backend.IndexRequest{
		Expressions: thriftconv.ExpressionsFromThrift(a.IndexClause.Expressions),
		StartKey:    a.IndexClause.StartKey,
		Count:       int(a.IndexClause.Count),
		Reserve:     s.reserve,
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
	rows, err := s.server.b.Index(ctx, r)
	if err != nil {
		return nil, err
	}
	return f.columns().RangeReply(rows), nil
}
