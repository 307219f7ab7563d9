package paging

import (
	"context"

	"github.com/widerow/widerow/backend"
)

// Columns reads the columns that a slice selects from one row, page by page.
type Columns struct {
	backend backend.Backend
	request *backend.SliceRequest
	slice   Slice
	left    int // number of columns that may still be returned
}

// ColumnsOf returns a reader of the columns that s selects from a request's row. After the call, only the reader may use
// the request.
func ColumnsOf(b backend.Backend, r *backend.SliceRequest, s *Slice) Columns {
	return Columns{backend: b, request: r, slice: *s, left: s.Limit}
}

// Next returns the next columns. After the last column it returns no columns. It requests at most
// page columns from the store, or 2 if page is less.
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
