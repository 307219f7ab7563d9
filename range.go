package widerow

import (
	"context"
	"iter"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/paging"
)

// Range iterates over consecutive rows in the partitioner's order: all rows of the family, or
// the rows that [KeyRange], [StartKey], [Tokens] and [RowLimit] select. Each row has the
// columns that the options select, by default the first 100. Rows without a selected column
// are skipped, unless [KeepEmpty] is given. If [Expression] options are given, Range returns
// only the rows that match all of them (Cassandra 1.1 and later). No index is needed: the store
// reads rows until enough of them match. [Family.Where] reads an index.
//
// Range fetches [Buffer] rows in one request. Rows written or removed during the iteration may or
// may not appear; all others appear exactly once. An error ends the iteration.
func (f *Family) Range(ctx context.Context, opts ...ScanOption) iter.Seq2[Row, error] {
	return iterate(f, "range", nil, func(yield func(Row) bool) error {
		c, err := begin(ctx, f, opts, forRange)
		if err != nil {
			return err
		}
		t := f.types.Load()
		super, err := t.packSuper(c)
		if err != nil {
			return err
		}
		sel, err := t.selection(c, DefaultLimit)
		if err != nil {
			return err
		}
		unpack := func(r *backend.Row) (Row, error) { return t.row(r, super, sel) }
		return eachRow(f, "range", f.rangeRows(ctx, t, c, sel.Peek()), unpack, yield)
	})
}

func (f *Family) rangeRows(ctx context.Context, t *types, c *call, sel *paging.Slice) iter.Seq2[*backend.Row, error] {
	rows, err := f.rangePages(t, c, sel, c.rowLimitOr(noLimit))
	if err != nil {
		return func(yield func(*backend.Row, error) bool) { yield(nil, err) }
	}
	return rows.all(ctx)
}

// rangePages returns a reader of a range.
func (f *Family) rangePages(t *types, c *call, sel *paging.Slice, limit int) (rowPages, error) {
	none := rowPages{}
	parent, err := f.parent(t, c)
	if err != nil {
		return none, err
	}
	filter, err := t.expressions(c.scanning().filter)
	if err != nil {
		return none, err
	}
	kr, err := t.keyRange(c)
	if err != nil {
		return none, err
	}
	r := &backend.RangeRequest{Parent: parent, Predicate: sel.Request(), Filter: filter, Range: kr, Consistency: f.readLevel(c)}
	return rowPages{Rows: paging.Range(f.db.backend, r), sel: sel, left: limit, buffer: f.rowBuffer(c), skipEmpty: !c.scanning().keepEmpty}, nil
}

func (t *types) keyRange(c *call) (backend.KeyRange, error) {
	s := c.scanning()
	if c.has(optTokens) {
		return backend.KeyRange{StartToken: s.tokenFrom, EndToken: s.tokenTo}, nil
	}
	var kr backend.KeyRange
	var err error
	if s.keyFrom != nil {
		if kr.StartKey, err = t.packKey(s.keyFrom); err != nil {
			return kr, err
		}
	}
	if s.keyTo != nil {
		kr.EndKey, err = t.packKey(s.keyTo)
	}
	return kr, err
}
