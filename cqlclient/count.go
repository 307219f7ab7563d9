package cqlclient

import (
	"context"
	"time"

	"github.com/widerow/widerow/backend"
)

// Count implements backend.Backend. If the limit of the count is at most Options.PageSize, Count reads the names of the columns
// and counts them. Otherwise the server counts the columns.
func (c *Client) Count(ctx context.Context, r *backend.SliceRequest) (_ []int, err error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer func(start time.Time) { c.done(MethodCount, start, err) }(time.Now())
	return again(ctx, c, r.Keyspace, func() []string { return []string{r.Family} }, func(s *snapshot) ([]int, error) {
		f, err := s.cat.CheckSlice(r)
		if err != nil {
			return nil, err
		}
		read := c.newRead(f, &r.Parent, r.Consistency, r.Reserve)
		result := make([]int, len(r.Keys))
		err = c.each(ctx, len(r.Keys), func(ctx context.Context, i int) (err error) {
			result[i], err = read.count(ctx, r.Keys[i], &r.Predicate)
			return c.fail(ctx, err)
		})
		if err != nil {
			return nil, err
		}
		return result, nil
	})
}

// count counts the columns that a predicate selects in one row.
func (r *read) count(ctx context.Context, key []byte, p *backend.Predicate) (int, error) {
	if !r.t.direct() {
		row, err := r.row(ctx, key, p)
		return len(row.Columns), err
	}
	if p.Names == nil {
		if p.Count == 0 {
			return 0, nil
		}
		return r.countPart(ctx, key, p, nil, p.Count)
	}
	n := 0
	for part := range r.chunks(p.Names) {
		of, err := r.countPart(ctx, key, p, part, len(part))
		if err != nil {
			return 0, err
		}
		n += of
	}
	return n, nil
}

// countPart counts the columns whose names are in part, up to a limit. If part is nil, it counts the slice of the predicate.
func (r *read) countPart(ctx context.Context, key []byte, p *backend.Predicate, part [][]byte, limit int) (int, error) {
	s, a := r.selectRow(names, key, p, part)
	s.reversed = false // the number of columns up to the limit is the same in both directions
	supers := r.t.family.Super && r.super == nil
	switch {
	case supers:
		s.what = groups
	case limit > r.c.opts.PageSize:
		s.what = counts
	}
	page := limit
	if part != nil && !supers {
		page = 0
	}
	iter := r.query(s, a.take(), page).IterContext(ctx)
	defer iter.Close()
	var name, time, values raw
	n := 0
	switch s.what {
	case counts:
		iter.Scan(&values)
		n = int(min(int64(limit), values.int64()))
	case groups:
		for n < limit && iter.Scan(&name, &values) {
			if values.int64() > 0 {
				n++
			}
		}
	default:
		for n < limit && iter.Scan(&name, &time) {
			if time != nil {
				n++
			}
		}
	}
	return n, iter.Close()
}
