package widerow

import (
	"context"
	"iter"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
)

// View is a family in Go types: keys are K, column names N and values V. It packs
// and unpacks without boxing or copying: strings and byte slices of results
// share the memory of the page that they came with, which is the caller's. It is
// safe for concurrent use.
type View[K, N, V any] struct {
	family *Family
	types  *types
	key    coltype.Codec[K]
	name   coltype.Codec[N]
	value  coltype.Codec[V]
	// columns has the codecs of columns whose type is not the family's default.
	columns map[string]coltype.Codec[V]
}

// Cell is a column of a [View].
type Cell[N, V any] struct {
	Name  N
	Value V
	// Timestamp and TTL are as in [Column]. For Insert, those that are not zero
	// go before the options At and TTL.
	Timestamp int64
	TTL       int32
}

// CellRow is a row of a [View].
type CellRow[K, N, V any] struct {
	Key   K
	Cells []Cell[N, V]
}

// Typed returns a view of f. It fails with ErrInvalidRequest if a type of the
// family cannot be had as the Go type: K by the key validator, N by the
// comparator (the subcomparator of a super family, whose calls need [Super]), V
// by the default validator and that of every single column. The view keeps the
// definition that f had: Reload does not change it.
func Typed[K, N, V any](f *Family) (*View[K, N, V], error) {
	t := f.types.Load()
	v := &View[K, N, V]{family: f, types: t}
	var err error
	if v.key, err = coltype.CodecOf[K](t.key); err != nil {
		return nil, f.fail("typed view of", nil, unfit("keys", err))
	}
	if v.name, err = coltype.CodecOf[N](t.leaf); err != nil {
		return nil, f.fail("typed view of", nil, unfit("column names", err))
	}
	if v.value, err = coltype.CodecOf[V](t.value); err != nil {
		return nil, f.fail("typed view of", nil, unfit("values", err))
	}
	for name, typ := range t.columns {
		if coltype.Equal(typ, t.value) {
			continue
		}
		codec, err := coltype.CodecOf[V](typ)
		if err != nil {
			return nil, f.fail("typed view of", nil, unfit("values of column "+keyText(name), err))
		}
		if v.columns == nil {
			v.columns = make(map[string]coltype.Codec[V])
		}
		v.columns[name] = codec
	}
	return v, nil
}

// Family returns the family that v is a view of.
func (v *View[K, N, V]) Family() *Family { return v.family }

// Get returns one column. It fails with ErrNotFound if it does not exist.
func (v *View[K, N, V]) Get(ctx context.Context, key K, name N, opts ...ViewGetOption) (Cell[N, V], error) {
	cell, err := v.get(ctx, key, name, opts)
	if err != nil {
		return cell, v.family.fail("get", key, err)
	}
	return cell, nil
}

func (v *View[K, N, V]) get(ctx context.Context, key K, name N, opts []ViewGetOption) (cell Cell[N, V], err error) {
	var c call
	for _, o := range opts {
		o.apply(&c)
	}
	if c.err != nil {
		return cell, c.err
	}
	var buf [64]byte
	packed, err := v.name.Append(buf[:0], name)
	if err != nil {
		return cell, unfit("column name", err)
	}
	row, err := v.slice(ctx, key, &c, backend.Predicate{Names: [][]byte{packed}})
	switch {
	case err != nil:
		return cell, err
	case len(row.Columns) == 0:
		return cell, errNoRow()
	}
	err = v.cell(&cell, &row.Columns[0])
	return cell, err
}

// ViewGetOption is an option of [View.Get]: [Super] or [With].
type ViewGetOption interface {
	GetOption
	AddOption
}

// Slice returns columns of a row as [Family.Get] does, but a row that does not
// exist has none, without an error.
func (v *View[K, N, V]) Slice(ctx context.Context, key K, opts ...GetOption) ([]Cell[N, V], error) {
	return v.AppendSlice(ctx, nil, key, opts...)
}

// AppendSlice appends to dst what Slice returns, so that a loop can use its
// memory again.
func (v *View[K, N, V]) AppendSlice(ctx context.Context, dst []Cell[N, V], key K, opts ...GetOption) ([]Cell[N, V], error) {
	out, err := v.appendSlice(ctx, dst, key, opts)
	if err != nil {
		return dst, v.family.fail("get", key, err)
	}
	return out, nil
}

func (v *View[K, N, V]) appendSlice(ctx context.Context, dst []Cell[N, V], key K, opts []GetOption) ([]Cell[N, V], error) {
	c, err := options(opts)
	if err != nil {
		return dst, err
	}
	p, err := v.types.predicate(c, DefaultLimit)
	if err != nil {
		return dst, err
	}
	row, err := v.slice(ctx, key, c, p)
	if err != nil {
		return dst, err
	}
	return v.appendCells(dst, row.Columns)
}

func (v *View[K, N, V]) slice(ctx context.Context, key K, c *call, p backend.Predicate) (backend.Row, error) {
	var buf [64]byte
	packed, err := v.key.Append(buf[:0], key)
	if err != nil {
		return backend.Row{}, unfit("key", err)
	}
	parent, err := v.parent(c)
	if err != nil {
		return backend.Row{}, err
	}
	rows, err := v.family.db.backend.Slice(ctx, &backend.SliceRequest{
		Parent: parent, Keys: [][]byte{packed}, Predicate: p, Consistency: v.family.readLevel(c),
	})
	if err != nil || len(rows) == 0 {
		return backend.Row{}, err
	}
	return rows[0], nil
}

func (v *View[K, N, V]) parent(c *call) (backend.Parent, error) {
	if v.types.super && !c.hasSuper {
		return backend.Parent{}, invalid("%s is a super family: say which super column with Super", v.family.name)
	}
	return v.family.parent(v.types, c)
}

// Columns iterates over the columns of a row, however many, as [Family.Columns] does.
func (v *View[K, N, V]) Columns(ctx context.Context, key K, opts ...ColumnsOption) iter.Seq2[Cell[N, V], error] {
	return func(yield func(Cell[N, V], error) bool) {
		var cell Cell[N, V]
		pages, err := v.columnPages(key, opts)
		if err != nil {
			yield(cell, v.family.fail("get columns of", key, err))
			return
		}
		for row, err := range pages.pages(ctx) {
			if err != nil {
				yield(Cell[N, V]{}, v.family.fail("get columns of", key, err))
				return
			}
			for i := range row.Columns {
				if err := v.cell(&cell, &row.Columns[i]); err != nil {
					yield(Cell[N, V]{}, v.family.fail("get columns of", key, err))
					return
				}
				if !yield(cell, nil) {
					return
				}
			}
		}
	}
}

func (v *View[K, N, V]) columnPages(key K, opts []ColumnsOption) (*columnPager, error) {
	c, err := options(opts)
	if err != nil {
		return nil, err
	}
	if _, err := v.parent(c); err != nil {
		return nil, err
	}
	packed, err := v.key.Append(nil, key)
	if err != nil {
		return nil, unfit("key", err)
	}
	return v.family.columnPages(v.types, packed, c)
}

// Rows iterates over rows as [Family.Range] does.
func (v *View[K, N, V]) Rows(ctx context.Context, opts ...RangeOption) iter.Seq2[CellRow[K, N, V], error] {
	return func(yield func(CellRow[K, N, V], error) bool) {
		var none CellRow[K, N, V]
		c, err := options(opts)
		if err == nil {
			_, err = v.parent(c)
		}
		if err != nil {
			yield(none, v.family.fail("range", nil, err))
			return
		}
		for r, err := range v.family.rangeRows(ctx, v.types, c) {
			if err != nil {
				yield(none, v.family.fail("range", nil, err))
				return
			}
			row, err := v.row(r)
			if err != nil {
				yield(none, v.family.fail("range", nil, err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (v *View[K, N, V]) row(r *backend.Row) (row CellRow[K, N, V], err error) {
	if row.Key, err = v.key.Decode(r.Key); err != nil {
		return row, undecodable("key "+keyText(r.Key), err)
	}
	row.Cells, err = v.appendCells(nil, r.Columns)
	return row, err
}

// Insert writes columns of a row and returns the timestamp that it gave to those
// cells that have none. In a counter family it adds the values.
func (v *View[K, N, V]) Insert(ctx context.Context, key K, cells []Cell[N, V], opts ...InsertOption) (timestamp int64, err error) {
	ts, err := v.insert(ctx, key, cells, opts)
	if err != nil {
		return ts, v.family.failWrite("insert", key, err)
	}
	return ts, nil
}

func (v *View[K, N, V]) insert(ctx context.Context, key K, cells []Cell[N, V], opts []InsertOption) (int64, error) {
	c, err := options(opts)
	if err != nil {
		return 0, err
	}
	if v.types.super {
		return 0, invalid("%s is a super family: a view cannot insert into it", v.family.name)
	}
	// One piece of memory for all keys, names and values: what append left behind
	// when it grew stays as it was.
	buf, err := v.key.Append(make([]byte, 0, 64+32*len(cells)), key)
	if err != nil {
		return 0, unfit("key", err)
	}
	row := backend.RowMutation{Family: v.family.name, Key: buf, Mutations: make([]backend.Mutation, len(cells))}
	ts := v.family.timestamp(c)
	for i := range cells {
		cell, m := &cells[i], &row.Mutations[i]
		if buf, m.Column.Name, err = carve(buf, cell.Name, v.name); err != nil {
			return 0, unfit("column name", err)
		}
		if buf, m.Column.Value, err = carve(buf, cell.Value, v.codec(m.Column.Name)); err != nil {
			return 0, unfit("value of column "+keyText(m.Column.Name), err)
		}
		if v.types.counter {
			unpacked, err := coltype.CounterColumn.Unpack(m.Column.Value)
			delta, ok := unpacked.(int64)
			if err != nil || !ok {
				return 0, unfit("counter "+keyText(m.Column.Name), err)
			}
			m.Op, m.Delta, m.Column.Value = backend.Add, delta, nil
			continue
		}
		m.Op, m.Column.Timestamp, m.Column.TTL = backend.Insert, ts, c.ttl
		if cell.Timestamp != 0 {
			m.Column.Timestamp = cell.Timestamp
		}
		if cell.TTL != 0 {
			m.Column.TTL = cell.TTL
		}
	}
	r := v.family.mutateRequest(c)
	if len(cells) > 0 {
		r.Rows = []backend.RowMutation{row}
	}
	return ts, v.family.mutate(ctx, r)
}

// carve packs v at the end of buf and returns the grown buffer and the new part.
func carve[T any](buf []byte, v T, codec coltype.Codec[T]) (grown, part []byte, err error) {
	start := len(buf)
	grown, err = codec.Append(buf, v)
	if err != nil {
		return buf, nil, err
	}
	return grown, grown[start:len(grown):len(grown)], nil
}

func (v *View[K, N, V]) codec(name []byte) coltype.Codec[V] {
	if v.columns != nil {
		if codec, ok := v.columns[string(name)]; ok {
			return codec
		}
	}
	return v.value
}

func (v *View[K, N, V]) appendCells(dst []Cell[N, V], cols []backend.Column) ([]Cell[N, V], error) {
	start := len(dst)
	dst = append(dst, make([]Cell[N, V], len(cols))...)
	for i := range cols {
		if err := v.cell(&dst[start+i], &cols[i]); err != nil {
			return dst[:start], err
		}
	}
	return dst, nil
}

func (v *View[K, N, V]) cell(dst *Cell[N, V], c *backend.Column) (err error) {
	if dst.Name, err = v.name.Decode(c.Name); err != nil {
		return undecodable("column name "+keyText(c.Name), err)
	}
	if dst.Value, err = v.codec(c.Name).Decode(c.Value); err != nil {
		return undecodable("value of column "+keyText(dst.Name), err)
	}
	dst.Timestamp, dst.TTL = c.Timestamp, c.TTL
	return nil
}
