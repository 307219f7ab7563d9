package widerow

import (
	"context"
	"iter"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/paging"
)

// View is a family in Go types: keys are K, column names N and values V. A View packs and
// unpacks without boxing or copying: strings and byte slices of results alias the memory
// of the page that was fetched. That memory belongs to the caller. A View is safe for
// concurrent use.
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
	// Timestamp and TTL are as in [Column]. Insert uses them instead of the options At and TTL if they
	// are not zero. A negative TTL means that the column never expires, whatever the family's default is.
	Timestamp int64
	TTL       int32
}

// CellRow is a row of a [View].
type CellRow[K, N, V any] struct {
	Key   K
	Cells []Cell[N, V]
}

// Typed returns a view of f. It fails with ErrInvalidRequest if a type of the family does not
// fit the Go type. K must fit the key validator. N must fit the comparator or, in a super
// family, the subcomparator. In a super family, each call needs the option [Super]. V must fit
// the default validator and the validator of every described column. The view keeps the
// present definition of f: Reload does not change it.
func Typed[K, N, V any](f *Family) (*View[K, N, V], error) {
	if !f.isOpen() {
		return nil, f.fail("typed view", nil, errNoFamily())
	}
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
func (v *View[K, N, V]) Family() *Family {
	if v == nil {
		return nil
	}
	return v.family
}

// Get returns one column. If the column does not exist, Get fails with ErrNotFound.
func (v *View[K, N, V]) Get(ctx context.Context, key K, name N, opts ...ReadOption) (Cell[N, V], error) {
	cell, err := v.get(ctx, key, name, opts)
	if err != nil {
		return cell, v.Family().fail("get", key, err)
	}
	return cell, nil
}

func (v *View[K, N, V]) get(ctx context.Context, key K, name N, opts []ReadOption) (cell Cell[N, V], err error) {
	c, err := v.begin(ctx, opts, forCell)
	if err != nil {
		return cell, err
	}
	var buf [64]byte
	packed, err := v.name.Append(buf[:0], name)
	if err != nil {
		return cell, unfit("column name", err)
	}
	row, err := v.slice(ctx, key, c, backend.Predicate{Names: [][]byte{packed}})
	switch {
	case err != nil:
		return cell, err
	case len(row.Columns) == 0:
		return cell, errNoRow()
	}
	err = v.cell(&cell, &row.Columns[0])
	return cell, err
}

// Slice returns columns of a row as [Family.Get] does. If the row does not exist, Slice
// returns no columns and no error.
func (v *View[K, N, V]) Slice(ctx context.Context, key K, opts ...ReadOption) ([]Cell[N, V], error) {
	return v.AppendSlice(ctx, nil, key, opts...)
}

// AppendSlice appends the result of Slice to dst, so that a loop can reuse the memory of
// dst.
func (v *View[K, N, V]) AppendSlice(ctx context.Context, dst []Cell[N, V], key K, opts ...ReadOption) ([]Cell[N, V], error) {
	out, err := v.appendSlice(ctx, dst, key, opts)
	if err != nil {
		return dst, v.Family().fail("get", key, err)
	}
	return out, nil
}

func (v *View[K, N, V]) appendSlice(ctx context.Context, dst []Cell[N, V], key K, opts []ReadOption) ([]Cell[N, V], error) {
	c, err := v.begin(ctx, opts, forGet)
	if err != nil {
		return dst, err
	}
	sel, err := v.types.selection(c, DefaultLimit)
	if err != nil {
		return dst, err
	}
	row, err := v.slice(ctx, key, c, sel.Request())
	if err != nil {
		return dst, err
	}
	sel.Exclude(row)
	sel.Cut(row)
	return v.appendCells(dst, row.Columns)
}

func (v *View[K, N, V]) slice(ctx context.Context, key K, c *call, p backend.Predicate) (*backend.Row, error) {
	var buf [64]byte
	packed, err := v.key.Append(buf[:0], key)
	if err != nil {
		return nil, unfit("key", err)
	}
	parent, err := v.family.parent(v.types, c)
	if err != nil {
		return nil, err
	}
	return paging.Row(ctx, v.family.db.backend, &backend.SliceRequest{
		Parent: parent, Keys: [][]byte{packed}, Predicate: p, Consistency: v.family.readLevel(c),
	})
}

// begin applies the options of a call. In a super family the call needs Super.
func (v *View[K, N, V]) begin(ctx context.Context, opts []ReadOption, allowed optionSet) (*call, error) {
	c, err := beginView(ctx, v, opts, allowed)
	if err != nil {
		return nil, err
	}
	return c, v.checkSuper(c)
}

// beginView applies the options of a call.
func beginView[K, N, V any, O interface{ apply(*call) }](ctx context.Context, v *View[K, N, V], opts []O, allowed optionSet) (*call, error) {
	if v.Family() == nil {
		return nil, errNoView()
	}
	return begin(ctx, v.family, opts, allowed)
}

func (v *View[K, N, V]) checkSuper(c *call) error {
	if v.types.super && !c.has(optSuper) {
		return invalid("%s is a super family: say which super column with Super", v.family.name)
	}
	return nil
}

// From selects the columns from a name on, inclusive, as the function [From] does.
func (v *View[K, N, V]) From(name N) ReadOption { return From(name) }

// To selects the columns up to a name, inclusive.
func (v *View[K, N, V]) To(name N) ReadOption { return To(name) }

// After selects the columns after a name, without the name itself.
func (v *View[K, N, V]) After(name N) ReadOption { return After(name) }

// Before selects the columns before a name, without the name itself.
func (v *View[K, N, V]) Before(name N) ReadOption { return Before(name) }

// Names selects columns by name.
func (v *View[K, N, V]) Names(names ...N) Option { return Names(Anys(names)...) }

// KeyRange restricts a range to the rows from one key to another, both inclusive.
func (v *View[K, N, V]) KeyRange(from, to K) ScanOption { return KeyRange(from, to) }

// Columns iterates over all columns of a row, as [Family.Columns] does.
func (v *View[K, N, V]) Columns(ctx context.Context, key K, opts ...ReadOption) iter.Seq2[Cell[N, V], error] {
	return iterate(v.Family(), "get columns of", key, func(yield func(Cell[N, V]) bool) error {
		pages, err := v.columnPages(ctx, key, opts)
		if err != nil {
			return err
		}
		var cell Cell[N, V]
		for row, err := range pages.all(ctx) {
			if err != nil {
				return err
			}
			for i := range row.Columns {
				if err := v.cell(&cell, &row.Columns[i]); err != nil {
					return err
				}
				if !yield(cell) {
					return nil
				}
			}
		}
		return nil
	})
}

func (v *View[K, N, V]) columnPages(ctx context.Context, key K, opts []ReadOption) (columnPages, error) {
	c, err := v.begin(ctx, opts, forColumns)
	if err != nil {
		return columnPages{}, err
	}
	packed, err := v.key.Append(nil, key)
	if err != nil {
		return columnPages{}, unfit("key", err)
	}
	return v.family.columnPages(v.types, packed, c)
}

// MultiGet returns several rows in the order of keys, as [Family.MultiGet] does.
func (v *View[K, N, V]) MultiGet(ctx context.Context, keys []K, opts ...ReadOption) ([]CellRow[K, N, V], error) {
	rows, err := v.multiGet(ctx, keys, opts)
	return rows, v.Family().fail("multiget", nil, err)
}

func (v *View[K, N, V]) multiGet(ctx context.Context, keys []K, opts []ReadOption) ([]CellRow[K, N, V], error) {
	c, err := v.begin(ctx, opts, forEach)
	if err != nil {
		return nil, err
	}
	packed, err := v.packKeys(keys)
	if err != nil {
		return nil, err
	}
	sel, err := v.types.selection(c, DefaultLimit)
	if err != nil {
		return nil, err
	}
	rows := make([]CellRow[K, N, V], 0, len(keys))
	for r, err := range v.family.eachOf(ctx, v.types, distinct(packed), c, sel) {
		if err != nil {
			return rows, err
		}
		sel.Cut(r)
		row, err := v.row(r)
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (v *View[K, N, V]) packKeys(keys []K) ([][]byte, error) {
	packed := make([][]byte, len(keys))
	for i, key := range keys {
		var err error
		if packed[i], err = v.key.Append([]byte{}, key); err != nil {
			return nil, unfit("key "+keyText(key), err)
		}
	}
	return packed, nil
}

// Count counts the columns of a row, as [Family.Count] does.
func (v *View[K, N, V]) Count(ctx context.Context, key K, opts ...ReadOption) (int, error) {
	n, err := v.count(ctx, key, opts)
	return n, v.Family().fail("count", key, err)
}

func (v *View[K, N, V]) count(ctx context.Context, key K, opts []ReadOption) (int, error) {
	c, err := v.begin(ctx, opts, forGet)
	if err != nil {
		return 0, err
	}
	packed, err := v.packKeys([]K{key})
	if err != nil {
		return 0, err
	}
	n, err := v.family.countKeys(ctx, v.types, packed, c)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// Range iterates over consecutive rows as [Family.Range] does.
func (v *View[K, N, V]) Range(ctx context.Context, opts ...ScanOption) iter.Seq2[CellRow[K, N, V], error] {
	return v.scan("range", func() (iter.Seq2[*backend.Row, error], *paging.Slice, error) {
		c, err := beginView(ctx, v, opts, forRange)
		if err == nil {
			err = v.checkSuper(c)
		}
		if err != nil {
			return nil, nil, err
		}
		sel, err := v.types.selection(c, DefaultLimit)
		if err != nil {
			return nil, nil, err
		}
		return v.family.rangeRows(ctx, v.types, c, sel), sel, nil
	})
}

// Where iterates over the rows that an index finds as [Family.Where] does.
func (v *View[K, N, V]) Where(ctx context.Context, opts ...ScanOption) iter.Seq2[CellRow[K, N, V], error] {
	return v.scan("where", func() (iter.Seq2[*backend.Row, error], *paging.Slice, error) {
		c, err := beginView(ctx, v, opts, forWhere)
		if err != nil {
			return nil, nil, err
		}
		sel, err := v.types.selection(c, DefaultLimit)
		if err != nil {
			return nil, nil, err
		}
		rows, err := v.family.whereRows(ctx, v.types, c, sel)
		return rows, sel, err
	})
}

func (v *View[K, N, V]) scan(op string, open func() (iter.Seq2[*backend.Row, error], *paging.Slice, error)) iter.Seq2[CellRow[K, N, V], error] {
	return iterate(v.Family(), op, nil, func(yield func(CellRow[K, N, V]) bool) error {
		rows, sel, err := open()
		if err != nil {
			return err
		}
		unpack := func(r *backend.Row) (CellRow[K, N, V], error) {
			sel.Cut(r)
			return v.row(r)
		}
		return eachRow(v.family, op, rows, unpack, yield)
	})
}

func (v *View[K, N, V]) row(r *backend.Row) (row CellRow[K, N, V], err error) {
	if row.Key, err = v.key.Decode(r.Key); err != nil {
		return row, undecodable("key "+keyText(r.Key), err)
	}
	row.Cells, err = v.appendCells(nil, r.Columns)
	return row, err
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
