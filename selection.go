package widerow

import (
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
)

// selection is what a call selects of a row. The seam's slices include both ends and do
// not say whether they were cut. So a slice is asked for with one column more than
// its limit, and with one more still if it begins behind a name.
type selection struct {
	backend.Predicate
	names         coltype.Type // of the names that are selected by
	after, before []byte       // names that are left out, if they are there
	limit         int          // of columns; noLimit if they are selected by name
}

// selection packs what a call selects. limit is the default of Limit.
func (t *types) selection(c *call, limit int) (*selection, error) {
	sel := &selection{names: t.selected(c), limit: noLimit}
	names, byName := c.names, c.has(optNames)
	if c.defaultNames != nil && !c.selects() && (!t.super || c.has(optSuper)) {
		names, byName = c.defaultNames, true
	}
	var err error
	if byName {
		sel.Names, err = packNames(sel.names, names)
		return sel, err
	}
	start, finish := coltype.Lower, coltype.Upper
	if c.reversed {
		start, finish = finish, start
	}
	sel.Reversed, sel.limit = c.reversed, c.limitOr(limit)
	// An end that is left out is packed as the other end of a slice would be: behind
	// all names that it stands for.
	if c.has(optAfter) {
		start = opposite(start)
	}
	if c.has(optBefore) {
		finish = opposite(finish)
	}
	if sel.Start, err = packBound(sel.names, c.from, start); err != nil {
		return sel, err
	}
	if sel.Finish, err = packBound(sel.names, c.to, finish); err != nil {
		return sel, err
	}
	if c.has(optAfter) {
		sel.after = sel.Start
	}
	if c.has(optBefore) {
		sel.before = sel.Finish
	}
	sel.Count = sel.limit
	return sel, nil
}

func opposite(b coltype.Bound) coltype.Bound {
	if b == coltype.Lower {
		return coltype.Upper
	}
	return coltype.Lower
}

// peek asks for one column more than the limit, so that cut knows whether there is more.
func (s *selection) peek() *selection {
	s.Count = min(s.limit, noLimit-2) + 1
	return s
}

// request returns the predicate for the store.
func (s *selection) request() backend.Predicate {
	p := s.Predicate
	if s.after != nil {
		p.Count = min(p.Count, noLimit-1) + 1
	}
	return p
}

// exclude drops the columns that After and Before leave out.
func (s *selection) exclude(r *backend.Row) {
	if s.after != nil && columnCount(r) > 0 && s.names.Compare(nameAt(r, 0), s.after) == 0 {
		dropColumns(r, 1, columnCount(r))
	}
	if n := columnCount(r); s.before != nil && n > 0 && s.names.Compare(nameAt(r, n-1), s.before) == 0 {
		dropColumns(r, 0, n-1)
	}
}

// cut drops the columns above the limit and reports whether there were any.
func (s *selection) cut(r *backend.Row) bool {
	if columnCount(r) <= s.limit {
		return false
	}
	dropColumns(r, 0, s.limit)
	return true
}

// columnCount is the number of super columns, or of columns, of a row.
func columnCount(r *backend.Row) int {
	if len(r.Supers) > 0 {
		return len(r.Supers)
	}
	return len(r.Columns)
}

func nameAt(r *backend.Row, i int) []byte {
	if len(r.Supers) > 0 {
		return r.Supers[i].Name
	}
	return r.Columns[i].Name
}

// dropColumns keeps the columns, or super columns, from one index to another.
func dropColumns(r *backend.Row, from, to int) {
	if len(r.Supers) > 0 {
		r.Supers = r.Supers[from:to]
	} else {
		r.Columns = r.Columns[from:to]
	}
}

func empty(r *backend.Row) bool { return columnCount(r) == 0 }
