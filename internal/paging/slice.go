// Package paging reads a backend page by page: the columns of a row, or the rows of a range
// or of an index clause.
//
// The seam, package backend, has no cursors. Its slices and ranges include both ends. So each page
// begins with the last column or the last row of the previous page. The reader drops it, unless it was
// removed between the two requests. Therefore a page must have at least two columns or rows.
package paging

import (
	"bytes"
	"context"
	"math"

	"github.com/widerow/widerow/backend"
)

// NoLimit is the limit of a request without a limit.
const NoLimit = math.MaxInt32

// Order compares packed names.
type Order interface{ Compare(a, b []byte) int }

// Slice selects columns of a row. The seam's slices include both ends and do not report whether they were
// cut at their limit. So Peek requests one column more than the limit. If the slice begins after a name, the
// request has one more column.
type Slice struct {
	backend.Predicate
	Order         Order  // order of the names; nil is the order of their bytes
	After, Before []byte // names that are left out if the row has them
	Limit         int    // number of columns; NoLimit if they are selected by name
}

// Peek requests one column more than the limit, so that Cut can report whether the row has more columns.
func (s *Slice) Peek() *Slice {
	s.Count = min(s.Limit, NoLimit-2) + 1
	return s
}

// Request returns the predicate for the store.
func (s *Slice) Request() backend.Predicate {
	p := s.Predicate
	if s.After != nil {
		p.Count = min(p.Count, NoLimit-1) + 1
	}
	return p
}

// Exclude drops the columns named After and Before.
func (s *Slice) Exclude(r *backend.Row) {
	if s.After != nil && Len(r) > 0 && s.same(NameAt(r, 0), s.After) {
		keep(r, 1, Len(r))
	}
	if n := Len(r); s.Before != nil && n > 0 && s.same(NameAt(r, n-1), s.Before) {
		keep(r, 0, n-1)
	}
}

func (s *Slice) same(a, b []byte) bool {
	if s.Order == nil {
		return bytes.Equal(a, b)
	}
	return s.Order.Compare(a, b) == 0
}

// Cut drops the columns above the limit. It reports whether it dropped a column.
func (s *Slice) Cut(r *backend.Row) bool {
	if Len(r) <= s.Limit {
		return false
	}
	keep(r, 0, s.Limit)
	return true
}

// Len returns the number of a row's super columns, or of its columns if it has no super columns.
func Len(r *backend.Row) int {
	if len(r.Supers) > 0 {
		return len(r.Supers)
	}
	return len(r.Columns)
}

// NameAt returns the name of a row's super column, or of its column if it has no super columns.
func NameAt(r *backend.Row, i int) []byte {
	if len(r.Supers) > 0 {
		return r.Supers[i].Name
	}
	return r.Columns[i].Name
}

// keep drops all columns or super columns outside a range of indexes.
func keep(r *backend.Row, from, to int) {
	if len(r.Supers) > 0 {
		r.Supers = r.Supers[from:to]
	} else {
		r.Columns = r.Columns[from:to]
	}
}

// Row reads the row of a request with one key. If the row does not exist, the result is empty.
func Row(ctx context.Context, b backend.Backend, r *backend.SliceRequest) (*backend.Row, error) {
	rows, err := b.Slice(ctx, r)
	if err != nil || len(rows) == 0 {
		return new(backend.Row), err
	}
	return &rows[0], nil
}
