package widerow

import (
	"context"
	"iter"

	"github.com/widerow/widerow/backend"
)

// Get returns a row, or what the options select of it: by default its first 100
// columns ([DefaultLimit]). It fails with ErrNotFound if the row does not exist
// or nothing in it was selected.
func (f *Family) Get(ctx context.Context, key any, opts ...GetOption) (Row, error) {
	row, err := f.get(ctx, key, opts)
	return row, f.fail("get", key, err)
}

func (f *Family) get(ctx context.Context, key any, opts []GetOption) (Row, error) {
	c, err := options(opts)
	if err != nil {
		return Row{}, err
	}
	t := f.types.Load()
	packed, err := t.packKey(key)
	if err != nil {
		return Row{}, err
	}
	r, err := f.sliceRequest(t, c, DefaultLimit)
	if err != nil {
		return Row{}, err
	}
	r.Keys = [][]byte{packed}
	rows, err := f.db.backend.Slice(ctx, r)
	switch {
	case err != nil:
		return Row{}, err
	case len(rows) == 0 || empty(&rows[0]):
		return Row{}, errNoRow()
	}
	return t.row(&rows[0], r.Super)
}

// sliceRequest is what a call asks for, but for the keys.
func (f *Family) sliceRequest(t *types, c *call, limit int) (*backend.SliceRequest, error) {
	parent, err := f.parent(t, c)
	if err != nil {
		return nil, err
	}
	p, err := t.predicate(c, limit)
	return &backend.SliceRequest{Parent: parent, Predicate: p, Consistency: f.readLevel(c)}, err
}

func empty(r *backend.Row) bool { return len(r.Columns) == 0 && len(r.Supers) == 0 }

// MultiGet returns several rows as [Family.Get] would each, in the order of
// keys. Those that do not exist, or of which nothing was selected, are left out,
// and a key that occurs again is. It fetches [Buffer] rows at once, so that a
// failure leaves the rows that were read before it: they are returned with the
// error.
func (f *Family) MultiGet(ctx context.Context, keys []any, opts ...MultiGetOption) ([]Row, error) {
	rows, err := f.multiGet(ctx, keys, opts)
	return rows, f.fail("multiget", nil, err)
}

func (f *Family) multiGet(ctx context.Context, keys []any, opts []MultiGetOption) ([]Row, error) {
	c, err := options(opts)
	if err != nil {
		return nil, err
	}
	t := f.types.Load()
	packed, err := t.packKeys(keys)
	if err != nil {
		return nil, err
	}
	packed = distinct(packed)
	r, err := f.sliceRequest(t, c, DefaultLimit)
	if err != nil {
		return nil, err
	}
	result := make([]Row, 0, len(packed))
	for page := range chunks(packed, f.rowBuffer(c)) {
		r.Keys = page
		rows, err := f.db.backend.Slice(ctx, r)
		if err != nil {
			return result, err
		}
		for i := range rows {
			if empty(&rows[i]) {
				continue
			}
			row, err := t.row(&rows[i], r.Super)
			if err != nil {
				return result, err
			}
			result = append(result, row)
		}
	}
	return result, nil
}

// KeysOf turns a slice of keys into the argument of [Family.MultiGet].
func KeysOf[K any](keys []K) []any { return anys(keys) }

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

func chunks(keys [][]byte, size int) iter.Seq[[][]byte] {
	return func(yield func([][]byte) bool) {
		for len(keys) > 0 {
			n := min(size, len(keys))
			if !yield(keys[:n]) {
				return
			}
			keys = keys[n:]
		}
	}
}

// Columns iterates over the columns of a row, or of one super column of it,
// however many: it fetches [Buffer] at once. Columns that are written or removed
// meanwhile may be met or not; others are met once each. A row that does not
// exist has none. An error ends the iteration.
func (f *Family) Columns(ctx context.Context, key any, opts ...ColumnsOption) iter.Seq2[Column, error] {
	return func(yield func(Column, error) bool) {
		for col, err := range f.columns(ctx, key, opts) {
			if !yield(col, f.fail("get columns of", key, err)) {
				return
			}
		}
	}
}

func (f *Family) columns(ctx context.Context, key any, opts []ColumnsOption) iter.Seq2[Column, error] {
	return func(yield func(Column, error) bool) {
		t := f.types.Load()
		c, err := options(opts)
		if err != nil {
			yield(Column{}, err)
			return
		}
		packed, err := t.packKey(key)
		if err != nil {
			yield(Column{}, err)
			return
		}
		p, err := f.columnPages(t, packed, c)
		if err != nil {
			yield(Column{}, err)
			return
		}
		for row, err := range p.pages(ctx) {
			if err != nil {
				yield(Column{}, err)
				return
			}
			for i := range row.Columns {
				col, err := t.column(&row.Columns[i])
				if !yield(col, err) || err != nil {
					return
				}
			}
			for i := range row.Supers {
				col, err := t.superColumn(&row.Supers[i])
				if !yield(col, err) || err != nil {
					return
				}
			}
		}
	}
}

// columnPager reads a row in pages of columns.
type columnPager struct {
	backend backend.Backend
	request *backend.SliceRequest
	left    int
	buffer  int
}

func (f *Family) columnPages(t *types, key []byte, c *call) (*columnPager, error) {
	r, err := f.sliceRequest(t, c, Unlimited)
	if err != nil {
		return nil, err
	}
	r.Keys = [][]byte{key}
	// Each page begins with the last column of the one before, so that two are
	// the least that makes progress.
	return &columnPager{f.db.backend, r, r.Predicate.Count, max(2, f.columnBuffer(c))}, nil
}

// pages yields parts of the row, none of them empty.
func (p *columnPager) pages(ctx context.Context) iter.Seq2[*backend.Row, error] {
	return func(yield func(*backend.Row, error) bool) {
		var last []byte
		for p.left > 0 {
			want := min(p.buffer, p.left)
			if last != nil {
				want = min(p.buffer, p.left+1)
				p.request.Predicate.Start = last
			}
			p.request.Predicate.Count = want
			rows, err := p.backend.Slice(ctx, p.request)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(rows) == 0 {
				return
			}
			row := &rows[0]
			got := len(row.Columns) + len(row.Supers)
			if got == 0 {
				return
			}
			next := lastName(row)
			// The last column may have been removed since the page before.
			if last != nil && string(firstName(row)) == string(last) {
				dropFirst(row)
			}
			last = next
			p.left -= len(row.Columns) + len(row.Supers)
			if !empty(row) && !yield(row, nil) {
				return
			}
			if got < want {
				return
			}
		}
	}
}

func firstName(r *backend.Row) []byte {
	if len(r.Supers) > 0 {
		return r.Supers[0].Name
	}
	return r.Columns[0].Name
}

func lastName(r *backend.Row) []byte {
	if n := len(r.Supers); n > 0 {
		return r.Supers[n-1].Name
	}
	return r.Columns[len(r.Columns)-1].Name
}

func dropFirst(r *backend.Row) {
	if len(r.Supers) > 0 {
		r.Supers = r.Supers[1:]
	} else {
		r.Columns = r.Columns[1:]
	}
}
