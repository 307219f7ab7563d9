package widerow

import (
	"context"
	"errors"
	"iter"

	"github.com/widerow/widerow/backend"
)

// Range iterates over consecutive rows in the partitioner's order: all of the
// family, or those that [KeyRange], [StartKey], [Tokens] and [RowLimit] leave. Of each row
// it returns what the options select, by default the first 100 columns; rows of
// which nothing is selected are skipped, unless [KeepEmpty] is given. An
// [Expression] among the options keeps only the rows that match (Cassandra 1.1
// and later; at least one must be an [Eq] on an indexed column).
//
// It fetches [Buffer] rows at once. Rows written or removed during the iteration may or
// may not appear; all others appear exactly once. An error ends the iteration.
func (f *Family) Range(ctx context.Context, opts ...ScanOption) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		c, err := begin(ctx, f, opts, forRange)
		if err != nil {
			yield(Row{}, f.fail("range", nil, err))
			return
		}
		t := f.types.Load()
		super, err := t.packSuper(c)
		if err != nil {
			yield(Row{}, f.fail("range", nil, err))
			return
		}
		sel, err := t.selection(c, DefaultLimit)
		if err != nil {
			yield(Row{}, f.fail("range", nil, err))
			return
		}
		for r, err := range f.rangeRows(ctx, t, c, sel.peek()) {
			if !f.yieldRow("range", t, r, super, sel, err, yield) {
				return
			}
		}
	}
}

// yieldRow unpacks a row and reports whether the iteration goes on.
func (f *Family) yieldRow(op string, t *types, r *backend.Row, super []byte, sel *selection, err error, yield func(Row, error) bool) bool {
	var row Row
	if err == nil {
		row, err = t.row(r, super, sel)
	}
	return yield(row, f.fail(op, nil, err)) && err == nil
}

func (f *Family) rangeRows(ctx context.Context, t *types, c *call, sel *selection) iter.Seq2[*backend.Row, error] {
	fetch, err := f.rangeFetcher(t, c, sel)
	if err != nil {
		return func(yield func(*backend.Row, error) bool) { yield(nil, err) }
	}
	rows := rowPager{fetch: fetch, sel: sel, left: c.rowLimitOr(noLimit), buffer: max(2, f.rowBuffer(c)), skipEmpty: !c.keepEmpty}
	return rows.rows(ctx)
}

// rangeFetcher returns the function that reads a page of a range.
func (f *Family) rangeFetcher(t *types, c *call, sel *selection) (fetchRows, error) {
	parent, err := f.parent(t, c)
	if err != nil {
		return nil, err
	}
	filter, err := t.expressions(c.filter)
	if err != nil {
		return nil, err
	}
	kr, err := t.keyRange(c)
	if err != nil {
		return nil, err
	}
	r := &backend.RangeRequest{Parent: parent, Predicate: sel.request(), Filter: filter, Range: kr, Consistency: f.readLevel(c)}
	if c.has(optTokens) {
		return (&tokenRange{db: f.db, request: r, start: c.tokenFrom, end: c.tokenTo}).fetch, nil
	}
	return func(ctx context.Context, after []byte, n int) ([]backend.Row, error) {
		if after != nil {
			r.Range.StartKey = after
		}
		r.Range.Count = n
		return f.db.backend.Range(ctx, r)
	}, nil
}

// tokenRange reads pages of a range of tokens. Only the first is asked for by
// tokens, the others go on from a key to the end token. Where the range wraps
// around the ring, no store takes that before the wrap, for the key is then
// after the end: such a page goes on to the end of the ring, and from there at
// its beginning.
type tokenRange struct {
	db         *DB
	request    *backend.RangeRequest
	start, end string
	wraps      bool // the wrap is still to come
}

func (r *tokenRange) fetch(ctx context.Context, after []byte, n int) ([]backend.Row, error) {
	if after == nil {
		return r.read(ctx, backend.KeyRange{StartToken: r.start, EndToken: r.end, Count: n})
	}
	if !r.wraps {
		rows, err := r.read(ctx, backend.KeyRange{StartKey: after, EndToken: r.end, Count: n})
		if !errors.Is(err, ErrInvalidRequest) {
			return rows, err
		}
		r.wraps = true
	}
	rows, err := r.read(ctx, backend.KeyRange{StartKey: after, Count: n})
	if err != nil || len(rows) == n {
		return rows, err
	}
	r.wraps = false
	rest, err := r.read(ctx, backend.KeyRange{StartKey: []byte{}, EndToken: r.end, Count: n - len(rows)})
	return append(rows, rest...), err
}

func (r *tokenRange) read(ctx context.Context, kr backend.KeyRange) ([]backend.Row, error) {
	r.request.Range = kr
	return r.db.backend.Range(ctx, r.request)
}

func (t *types) keyRange(c *call) (backend.KeyRange, error) {
	if c.has(optTokens) {
		return backend.KeyRange{StartToken: c.tokenFrom, EndToken: c.tokenTo}, nil
	}
	var kr backend.KeyRange
	var err error
	if c.keyFrom != nil {
		if kr.StartKey, err = t.packKey(c.keyFrom); err != nil {
			return kr, err
		}
	}
	if c.keyTo != nil {
		kr.EndKey, err = t.packKey(c.keyTo)
	}
	return kr, err
}
