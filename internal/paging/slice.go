// Package paging reads through the seam page by page: the columns of a row, the rows of a range
// or of an index clause.
//
// The seam knows no cursor. Its slices and ranges include both ends, so that each page begins with
// the last column, or the last row, of the page before, and drops it, unless it was removed in between.
// Two are the least that makes progress.
package paging

import (
	"bytes"
	"context"
	"math"

	"github.com/widerow/widerow/backend"
)

// NoLimit is the limit that a request carries if there is none.
const NoLimit = math.MaxInt32

// Order compares packed names.
type Order interface{ Compare(a, b []byte) int }

// Slice selects columns of a row. The seam's slices include both ends and do not say whether they were
// cut. So a slice is asked for with one column more than its limit, and with one more still if it
// begins behind a name.
type Slice struct {
	backend.Predicate
	Order         Order  // of the names; nil is that of their bytes
	After, Before []byte // names that are left out, if they are there
	Limit         int    // of columns; NoLimit if they are selected by name
}

// Peek asks for one column more than the limit, so that Cut knows whether there is more.
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

// Exclude drops the columns that After and Before leave out.
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

// Cut drops the columns above the limit and reports whether there were any.
func (s *Slice) Cut(r *backend.Row) bool {
	if Len(r) <= s.Limit {
		return false
	}
	keep(r, 0, s.Limit)
	return true
}

// Len is the number of super columns, or of columns, of a row.
func Len(r *backend.Row) int {
	if len(r.Supers) > 0 {
		return len(r.Supers)
	}
	return len(r.Columns)
}

// NameAt returns the name of a row's super column, or of its column.
func NameAt(r *backend.Row, i int) []byte {
	if len(r.Supers) > 0 {
		return r.Supers[i].Name
	}
	return r.Columns[i].Name
}

// keep drops all but the columns, or super columns, from one index to another.
func keep(r *backend.Row, from, to int) {
	if len(r.Supers) > 0 {
		r.Supers = r.Supers[from:to]
	} else {
		r.Columns = r.Columns[from:to]
	}
}

// Row reads the row of a request that has one key. A row that does not exist is empty.
func Row(ctx context.Context, b backend.Backend, r *backend.SliceRequest) (*backend.Row, error) {
	rows, err := b.Slice(ctx, r)
	if err != nil || len(rows) == 0 {
		return new(backend.Row), err
	}
	return &rows[0], nil
}
