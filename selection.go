package widerow

import (
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/paging"
)

// selection packs the selection of a call, into c.slice. A call packs one selection. limit is the default of Limit.
func (t *types) selection(c *call, limit int) (*paging.Slice, error) {
	typ := t.selected(c)
	sel := &c.slice
	*sel = paging.Slice{Order: typ, Limit: noLimit}
	names, byName := c.names, c.has(optNames)
	if c.defaultNames != nil && !c.selects() && (!t.super || c.has(optSuper)) {
		names, byName = c.defaultNames, true
	}
	var err error
	if byName {
		sel.Names, err = packNames(typ, names)
		return sel, err
	}
	start, finish := coltype.Lower, coltype.Upper
	if c.reversed {
		start, finish = finish, start
	}
	sel.Reversed, sel.Limit = c.reversed, c.limitOr(limit)
	// An excluded end is packed as the opposite end of a slice, so that it is after
	// all names that it stands for.
	if c.has(optAfter) {
		start = opposite(start)
	}
	if c.has(optBefore) {
		finish = opposite(finish)
	}
	if sel.Start, err = packBound(typ, c.from, start); err != nil {
		return sel, err
	}
	if sel.Finish, err = packBound(typ, c.to, finish); err != nil {
		return sel, err
	}
	if c.has(optAfter) {
		sel.After = sel.Start
	}
	if c.has(optBefore) {
		sel.Before = sel.Finish
	}
	sel.Count = sel.Limit
	return sel, nil
}

func opposite(b coltype.Bound) coltype.Bound {
	if b == coltype.Lower {
		return coltype.Upper
	}
	return coltype.Lower
}
