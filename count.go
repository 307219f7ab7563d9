package widerow

import (
	"context"
	"slices"

	"github.com/widerow/widerow/backend"
)

// Count counts the columns of a row, or the columns that the options select. In a super
// family it counts super columns, unless [Super] is given. [Limit] bounds the count; there
// is no bound by default. If the row does not exist, the count is 0.
func (f *Family) Count(ctx context.Context, key any, opts ...ReadOption) (int, error) {
	n, err := f.count(ctx, []any{key}, opts, forCount)
	if err != nil {
		return 0, f.fail("count", key, err)
	}
	return n[0], nil
}

// MultiCount counts the columns of each row as [Family.Count] does, and returns the
// counts in the order of keys. One request counts [Buffer] rows.
func (f *Family) MultiCount(ctx context.Context, keys []any, opts ...ReadOption) ([]int, error) {
	n, err := f.count(ctx, keys, opts, forCounts)
	return n, f.fail("count", nil, err)
}

func (f *Family) count(ctx context.Context, keys []any, opts []ReadOption, allowed optionSet) ([]int, error) {
	c, err := begin(ctx, f, opts, allowed)
	if err != nil {
		return nil, err
	}
	t := f.types.Load()
	packed, err := t.packKeys(keys)
	if err != nil {
		return nil, err
	}
	return f.countKeys(ctx, t, packed, c)
}

func (f *Family) countKeys(ctx context.Context, t *types, keys [][]byte, c *call) ([]int, error) {
	sel, err := t.selection(c, noLimit)
	if err != nil {
		return nil, err
	}
	r, err := f.sliceRequest(t, c, sel)
	if err != nil {
		return nil, err
	}
	counts := make([]int, 0, len(keys))
	for page := range slices.Chunk(keys, f.rowBuffer(c)) {
		r.Keys = page
		n, err := f.db.backend.Count(ctx, r)
		switch {
		case err != nil:
			return nil, err
		case len(n) != len(page):
			return nil, &backend.Error{Kind: backend.KindCorrupt, Why: "the store counted other rows than were asked for"}
		}
		counts = append(counts, n...)
	}
	return counts, nil
}
