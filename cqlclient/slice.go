package cqlclient

import (
	"context"
	"time"

	"github.com/widerow/widerow/backend"
)

// Slice implements backend.Backend. It reads each key by separate statements, and several keys at once.
func (c *Client) Slice(ctx context.Context, r *backend.SliceRequest) (_ []backend.Row, err error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer func(start time.Time) { c.done(MethodSlice, start, err) }(time.Now())
	return again(ctx, c, r.Keyspace, func() []string { return []string{r.Family} }, func(s *snapshot) ([]backend.Row, error) {
		f, err := s.cat.CheckSlice(r)
		if err != nil {
			return nil, err
		}
		read := c.newRead(f, &r.Parent, r.Consistency, r.Reserve)
		rows, err := read.rows(ctx, r.Keys, &r.Predicate)
		if err != nil {
			return nil, err
		}
		return rows, c.fail(ctx, read.reserve.settle(ctx, rows))
	})
}

// rows reads the columns that a predicate selects in the row of each key.
func (r *read) rows(ctx context.Context, keys [][]byte, p *backend.Predicate) ([]backend.Row, error) {
	rows := make([]backend.Row, len(keys))
	if len(keys) == 0 {
		return rows, nil
	}
	err := r.c.each(ctx, len(keys), func(ctx context.Context, i int) (err error) {
		rows[i], err = r.row(ctx, keys[i], p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}
