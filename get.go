package widerow

import (
	"context"
	"iter"
	"slices"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/paging"
)

// Get returns a row with the columns that the options select, by default its first 100
// columns ([DefaultLimit]). Get fails with ErrNotFound if the row does not exist or has no
// selected column.
func (f *Family) Get(ctx context.Context, key any, opts ...ReadOption) (Row, error) {
	row, err := f.get(ctx, key, opts)
	return row, f.fail("get", key, err)
}

func (f *Family) get(ctx context.Context, key any, opts []ReadOption) (Row, error) {
	c, err := begin(ctx, f, opts, forGet)
	if err != nil {
		return Row{}, err
	}
	t := f.types.Load()
	packed, err := t.packKey(key)
	if err != nil {
		return Row{}, err
	}
	sel, err := t.selection(c, DefaultLimit)
	if err != nil {
		return Row{}, err
	}
	r, err := f.sliceRequest(t, c, sel.Peek())
	if err != nil {
		return Row{}, err
	}
	r.Keys = [][]byte{packed}
	row, err := paging.Row(ctx, f.db.backend, r)
	if err != nil {
		return Row{}, err
	}
	sel.Exclude(row)
	if paging.Len(row) == 0 {
		return Row{}, errNoRow()
	}
	return t.row(row, r.Super, sel)
}

// sliceRequest is the request of a call without its keys.
func (f *Family) sliceRequest(t *types, c *call, sel *paging.Slice) (*backend.SliceRequest, error) {
	parent, err := f.parent(t, c)
	if err != nil {
		return nil, err
	}
	return &backend.SliceRequest{Parent: parent, Predicate: sel.Request(), Consistency: f.readLevel(c)}, nil
}

// MultiGet returns several rows, each as [Family.Get] returns it, in the order of keys. Rows
// that do not exist, or have no selected column, are left out; a repeated key counts once.
// MultiGet fetches [Buffer] rows in one request. On an error MultiGet returns the rows read so far.
func (f *Family) MultiGet(ctx context.Context, keys []any, opts ...ReadOption) ([]Row, error) {
	rows, err := f.multiGet(ctx, keys, opts)
	return rows, f.fail("multiget", nil, err)
}

func (f *Family) multiGet(ctx context.Context, keys []any, opts []ReadOption) ([]Row, error) {
	c, err := begin(ctx, f, opts, forEach)
	if err != nil {
		return nil, err
	}
	t := f.types.Load()
	packed, err := t.packKeys(keys)
	if err != nil {
		return nil, err
	}
	packed = distinct(packed)
	super, err := t.packSuper(c)
	if err != nil {
		return nil, err
	}
	sel, err := t.selection(c, DefaultLimit)
	if err != nil {
		return nil, err
	}
	result := make([]Row, 0, len(packed))
	for r, err := range f.eachOf(ctx, t, packed, c, sel.Peek()) {
		if err != nil {
			return result, err
		}
		row, err := t.row(r, super, sel)
		if err != nil {
			return result, err
		}
		result = append(result, row)
	}
	return result, nil
}

// eachOf yields the columns that a call selects from the rows of these keys. It leaves out rows
// without a selected column.
func (f *Family) eachOf(ctx context.Context, t *types, keys [][]byte, c *call, sel *paging.Slice) iter.Seq2[*backend.Row, error] {
	return func(yield func(*backend.Row, error) bool) {
		r, err := f.sliceRequest(t, c, sel)
		if err != nil {
			yield(nil, err)
			return
		}
		for r.Keys = range slices.Chunk(keys, f.rowBuffer(c)) {
			rows, err := f.db.backend.Slice(ctx, r)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range rows {
				sel.Exclude(&rows[i])
				if paging.Len(&rows[i]) > 0 && !yield(&rows[i], nil) {
					return
				}
			}
		}
	}
}

func (t *types) packKeys(keys []any) ([][]byte, error) {
	packed := make([][]byte, len(keys))
	for i, key := range keys {
		var err error
		if packed[i], err = t.packKey(key); err != nil {
			return nil, err
		}
	}
	return packed, nil
}

// distinct drops the keys that occurred before, in place.
func distinct(keys [][]byte) [][]byte {
	seen := make(map[string]bool, len(keys))
	out := keys[:0]
	for _, k := range keys {
		if !seen[string(k)] {
			seen[string(k)] = true
			out = append(out, k)
		}
	}
	return out
}

// Columns iterates over all columns of a row, or of one super column of it. The row may have
// any number of columns: Columns fetches [Buffer] columns in one request. Columns written or removed during the
// iteration may or may not appear; all others appear exactly once. A row that does not
// exist has no columns. An error ends the iteration.
func (f *Family) Columns(ctx context.Context, key any, opts ...ReadOption) iter.Seq2[Column, error] {
	return iterate(f, "get columns of", key, func(yield func(Column) bool) error {
		c, err := begin(ctx, f, opts, forColumns)
		if err != nil {
			return err
		}
		t := f.types.Load()
		packed, err := t.packKey(key)
		if err != nil {
			return err
		}
		p, err := f.columnPages(t, packed, c)
		if err != nil {
			return err
		}
		for row, err := range p.all(ctx) {
			if err != nil {
				return err
			}
			cols, err := t.columnsOf(row)
			for _, col := range cols {
				if !yield(col) {
					return nil
				}
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
