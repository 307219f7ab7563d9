package cqlclient

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/widerow/widerow/backend"
)

// Range implements backend.Backend. It reads whole rows by one statement. If the predicate selects names or bounds a slice, Range first
// reads the keys, since rows without such a column are part of the result. Then it reads the columns of all these rows by one statement.
// No statement can select reversed slices, or super columns up to a count, in several rows: Range reads them row by row, several rows at
// once.
func (c *Client) Range(ctx context.Context, r *backend.RangeRequest) (_ []backend.Row, err error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer func(start time.Time) { c.done(MethodRange, start, err) }(time.Now())
	return again(ctx, c, r.Keyspace, func() []string { return []string{r.Family} }, func(s *snapshot) ([]backend.Row, error) {
		f, err := s.cat.CheckRange(r, c.ring)
		if err != nil {
			return nil, err
		}
		read := c.newRead(f, &r.Parent, r.Consistency, r.Reserve)
		var rows []backend.Row
		for _, span := range spansOf(c.ring, &r.Range) {
			if err == nil && len(rows) < r.Range.Count {
				rows, err = read.span(ctx, rows, span, r)
			}
		}
		if err != nil {
			return nil, c.fail(ctx, err)
		}
		return rows, c.fail(ctx, read.reserve.settle(ctx, rows))
	})
}

// span appends the rows of a span, up to the count of the request's range.
func (r *read) span(ctx context.Context, rows []backend.Row, sp span, req *backend.RangeRequest) ([]backend.Row, error) {
	limit := req.Range.Count - len(rows)
	switch {
	case len(req.Filter) > 0:
		return r.filtered(ctx, rows, sp, req)
	case r.t.form == formStatic:
		return r.foreignSpan(ctx, rows, sp, &req.Predicate, limit)
	case r.wholeRows(&req.Predicate):
		whole, err := r.whole(ctx, rows, sp, &req.Predicate, limit)
		if err != errMarked && !stoppedInTombstone(r.c.fail(ctx, err)) {
			return whole, err
		}
	}
	found, err := r.keys(ctx, sp, nil, limit)
	if err != nil {
		return nil, err
	}
	found, err = r.fill(ctx, found, &req.Predicate)
	return append(rows, found...), err
}

// wholeRows reports whether a predicate selects the first columns of each row, in order.
func (r *read) wholeRows(p *backend.Predicate) bool {
	return p.Names == nil && p.Count > 0 && len(p.Start) == 0 && len(p.Finish) == 0 && !p.Reversed && len(r.t.names) == 1 && r.t.direct()
}

// whole appends up to limit rows of a span, each with its first columns. Every row that exists has a column.
func (r *read) whole(ctx context.Context, rows []backend.Row, sp span, p *backend.Predicate, limit int) ([]backend.Row, error) {
	first := len(rows)
	for {
		s, a := r.selectSpan(cells, &sp, p)
		var err error
		rows, err = r.scan(ctx, s, a, rows[:first], sp, p, limit)
		if err != errGiven {
			return rows, err
		}
	}
}

// pageOf returns how many CQL rows a page should have for rows with up to count columns each. Most rows may have fewer columns.
func pageOf(rows, count int) int {
	if count > math.MaxInt/max(1, rows) {
		return math.MaxInt
	}
	return rows*count + 1
}

// scan appends up to limit rows of a selection of whole rows.
func (r *read) scan(ctx context.Context, s selection, a *arguments, rows []backend.Row, sp span, p *backend.Predicate, limit int) ([]backend.Row, error) {
	first := len(rows)
	cur := r.open(ctx, s, a, func(read int) int {
		if read == 0 {
			return pageOf(limit, p.Count)
		}
		n := max(1, len(rows)-first)
		return pageOf(limit-n+1, read/n+1) // the last row may continue on the next page
	})
	defer cur.close()
	for {
		column, _, ok, err := cur.next()
		if !ok {
			return rows, err
		}
		key := cur.keys[0]
		if len(rows) == first || !bytes.Equal(rows[len(rows)-1].Key, key) {
			if !sp.has(r.c.ring, key) {
				continue
			}
			if len(rows)-first == limit {
				return rows, nil
			}
			rows = append(rows, backend.Row{Key: key})
		}
		if err := r.reserve.add(ctx, &column); err != nil {
			return rows, err
		}
		row := &rows[len(rows)-1]
		row.Columns = append(row.Columns, column)
	}
}

// keys returns the keys of up to limit rows of a span, as rows without columns. If by is not nil, it returns only the keys that the index
// finds.
func (r *read) keys(ctx context.Context, sp span, by *shadowed, limit int) ([]backend.Row, error) {
	s, a := r.selectKeys(&sp, by)
	iter := r.query(s, a.take(), pageOf(limit, 1)).IterContext(ctx)
	defer iter.Close()
	parts, dest := r.keyDest()
	var rows []backend.Row
	for len(rows) < limit && iter.Scan(dest...) {
		key := r.t.joinKey(parts)
		if !sp.has(r.c.ring, key) {
			continue
		}
		if rows == nil {
			rows = make([]backend.Row, 0, min(limit, iter.NumRows()))
		}
		rows = append(rows, backend.Row{Key: key})
		if limit > r.c.opts.PageSize { // up to a page is little, and may be dropped again
			if err := r.reserve.addKey(ctx, key); err != nil {
				return nil, r.c.fail(ctx, err)
			}
		}
	}
	err := r.c.fail(ctx, iter.Close())
	if by == nil && stoppedInTombstone(err) {
		return r.keysBySkipping(ctx, sp, limit)
	}
	return rows, err
}

// fill reads the columns that a predicate selects in consecutive rows.
func (r *read) fill(ctx context.Context, rows []backend.Row, p *backend.Predicate) ([]backend.Row, error) {
	if len(rows) == 0 || p.Names != nil && len(p.Names) == 0 || p.Names == nil && p.Count == 0 {
		return rows, nil
	}
	if len(rows) > 1 && r.together(p) && !r.c.noFiltering.Load() {
		filled, err := r.fillTogether(ctx, rows, p)
		switch {
		case filteringForbidden(err):
			r.c.noFiltering.Store(true)
		case err != errMarked && !stoppedInTombstone(err):
			return filled, err
		}
	}
	list := make([][]byte, len(rows))
	for i := range rows {
		list[i] = rows[i].Key
	}
	return r.rows(ctx, list, p)
}

// together reports whether one statement can select the columns of a predicate in several rows.
func (r *read) together(p *backend.Predicate) bool {
	supers := r.t.family.Super && r.super == nil
	if !r.t.direct() {
		return false
	}
	if p.Names != nil {
		return len(p.Names) <= maxNames
	}
	return !p.Reversed && !supers
}

// fillTogether reads the columns that a predicate selects in consecutive rows. It sends one statement, for the tokens from the first to
// the last row.
func (r *read) fillTogether(ctx context.Context, rows []backend.Row, p *backend.Predicate) ([]backend.Row, error) {
	place := make(map[string]int, len(rows))
	for i := range rows {
		place[string(rows[i].Key)] = i
	}
	for {
		switch err := r.fillOnce(ctx, rows, place, p); err {
		case errGiven:
		case errMarked:
			return rows, err
		default:
			return rows, r.c.fail(ctx, err)
		}
	}
}

func (r *read) fillOnce(ctx context.Context, rows []backend.Row, place map[string]int, p *backend.Predicate) error {
	for i := range rows {
		rows[i].Columns, rows[i].Supers = nil, nil
	}
	sp := span{firstKey: rows[0].Key, lastKey: rows[len(rows)-1].Key}
	s, a := r.selectSpan(cells, &sp, p)
	page := math.MaxInt
	if s.limited {
		page = pageOf(len(rows), p.Count)
	}
	cur := r.open(ctx, s, a, func(int) int { return page })
	defer cur.close()
	for {
		column, super, ok, err := cur.next()
		if !ok {
			return err
		}
		i, wanted := place[string(cur.keys[0])]
		if !wanted {
			continue // this row was written after the keys were read
		}
		if err := r.reserve.add(ctx, &column); err != nil {
			return err
		}
		appendColumn(&rows[i], super, column)
	}
}

// filteringForbidden reports whether the server refuses ALLOW FILTERING, which selects columns without a row key.
func filteringForbidden(err error) bool {
	e, ok := errors.AsType[*backend.Error](err)
	return ok && e.Kind == backend.KindInvalidRequest && strings.Contains(e.Why, "ALLOW FILTERING")
}
