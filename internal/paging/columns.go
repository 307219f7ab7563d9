package paging

import (
	"context"

	"github.com/widerow/widerow/backend"
)

// Columns reads what a slice selects of one row, page by page.
type Columns struct {
	backend backend.Backend
	request *backend.SliceRequest
	slice   Slice
	left    int // columns
}

// ColumnsOf returns a reader of what s selects of a request's row. The request is the reader's from then on.
func ColumnsOf(b backend.Backend, r *backend.SliceRequest, s *Slice) Columns {
	return Columns{backend: b, request: r, slice: *s, left: s.Limit}
}

// Next returns the next columns, none behind the last one. It asks the store for no more than a
// page, which is of 2 at least.
func (c *Columns) Next(ctx context.Context, page int) (*backend.Row, error) {
	page = max(page, 2)
	for c.left > 0 {
		want := min(page, c.left)
		if c.slice.After != nil {
			want = min(page-1, c.left) + 1
		}
		c.request.Predicate = c.slice.Predicate
		c.request.Predicate.Count = want
		row, err := Row(ctx, c.backend, c.request)
		if err != nil {
			return nil, err
		}
		got := Len(row)
		if got > 0 {
			last := NameAt(row, got-1)
			c.slice.Exclude(row)
			c.slice.Start, c.slice.After = last, last
		}
		if c.left -= Len(row); got < want {
			c.left = 0
		}
		if Len(row) > 0 {
			return row, nil
		}
	}
	return new(backend.Row), nil
}
