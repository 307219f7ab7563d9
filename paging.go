package widerow

import (
	"bytes"
	"context"
	"iter"

	"github.com/widerow/widerow/backend"
)

// columnPager reads a row in pages of columns.
type columnPager struct {
	backend backend.Backend
	request *backend.SliceRequest
	sel     *selection
	buffer  int
}

func (f *Family) columnPages(t *types, key []byte, c *call) (*columnPager, error) {
	sel, err := t.selection(c, noLimit)
	if err != nil {
		return nil, err
	}
	r, err := f.sliceRequest(t, c, sel)
	if err != nil {
		return nil, err
	}
	r.Keys = [][]byte{key}
	// Each page begins with the last column of the page before, so that a page of two
	// columns is the smallest that makes progress.
	return &columnPager{f.db.backend, r, sel, max(2, f.columnBuffer(c))}, nil
}

// pages yields parts of the row, none of them empty.
func (p *columnPager) pages(ctx context.Context) iter.Seq2[*backend.Row, error] {
	return func(yield func(*backend.Row, error) bool) {
		left := p.sel.limit
		sel := *p.sel
		for left > 0 {
			want := min(p.buffer, left)
			if sel.after != nil {
				want = min(p.buffer, left+1)
			}
			p.request.Predicate.Start, p.request.Predicate.Count = sel.Start, want
			rows, err := p.backend.Slice(ctx, p.request)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(rows) == 0 || empty(&rows[0]) {
				return
			}
			row := &rows[0]
			got := columnCount(row)
			last := nameAt(row, got-1)
			// The column that the page begins behind may have been removed.
			sel.exclude(row)
			left -= columnCount(row)
			if !empty(row) && !yield(row, nil) || got < want {
				return
			}
			sel.Start, sel.after = last, last
		}
	}
}

// fetchRows reads up to n rows: the first of a scan, or those from the key after
// on, inclusive.
type fetchRows func(ctx context.Context, after []byte, n int) ([]backend.Row, error)

// rowPager turns pages of rows into one sequence. Each page begins with the
// last row of the one before, so that two rows are the least that makes progress.
type rowPager struct {
	fetch     fetchRows
	sel       *selection
	left      int
	buffer    int
	skipEmpty bool
	after     []byte // the key that the first page begins behind, or nil
}

func (p rowPager) rows(ctx context.Context) iter.Seq2[*backend.Row, error] {
	return func(yield func(*backend.Row, error) bool) {
		left, last := p.left, p.after
		for left > 0 {
			want := min(p.buffer, left)
			if last != nil {
				want = max(2, min(p.buffer, left+1))
			}
			rows, err := p.fetch(ctx, last, want)
			if err != nil {
				yield(nil, err)
				return
			}
			got := len(rows)
			// The last row may have been removed since the page before.
			if got > 0 && last != nil && bytes.Equal(rows[0].Key, last) {
				rows = rows[1:]
			}
			if len(rows) == 0 {
				return
			}
			last = rows[len(rows)-1].Key
			for i := range rows {
				p.sel.exclude(&rows[i])
				if p.skipEmpty && empty(&rows[i]) {
					continue
				}
				if !yield(&rows[i], nil) {
					return
				}
				if left--; left == 0 {
					return
				}
			}
			if got < want {
				return
			}
		}
	}
}
