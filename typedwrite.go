package widerow

import (
	"context"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
)

// Insert writes columns of a row and returns the timestamp of the cells that have no
// timestamp of their own. In a counter family it adds the values. In a super family it needs
// [Super].
func (v *View[K, N, V]) Insert(ctx context.Context, key K, cells []Cell[N, V], opts ...WriteOption) (timestamp int64, err error) {
	ts, err := v.insert(ctx, key, cells, opts)
	if err != nil {
		return ts, v.Family().failWrite("insert", key, err)
	}
	return ts, nil
}

func (v *View[K, N, V]) insert(ctx context.Context, key K, cells []Cell[N, V], opts []WriteOption) (int64, error) {
	c, err := beginView(ctx, v, opts, forInsert|optSuper)
	if err != nil {
		return 0, err
	}
	ts := v.family.timestamp(c)
	row, err := v.insertion(key, cells, c, ts)
	if err != nil {
		return 0, err
	}
	r := v.family.mutateRequest(c)
	if len(cells) > 0 {
		r.Rows = []backend.RowMutation{row}
	}
	return ts, v.family.mutate(ctx, r)
}

// QueueInsert queues a write of columns of a row in b. The write is that of
// [View.Insert].
func (v *View[K, N, V]) QueueInsert(b *Batch, key K, cells []Cell[N, V], opts ...WriteOption) {
	b.enqueue("batch insert", v.Family(), key, opts, forInsert|optSuper, func(_ *types, c *call) (backend.RowMutation, error) {
		return v.insertion(key, cells, c, v.family.timestamp(c))
	})
}

// insertion packs the columns of a row.
func (v *View[K, N, V]) insertion(key K, cells []Cell[N, V], c *call, ts int64) (row backend.RowMutation, err error) {
	if err := v.checkSuper(c); err != nil {
		return row, err
	}
	super, err := v.types.packSuper(c)
	if err != nil {
		return row, err
	}
	// All keys, names and values are packed into one buffer. If append moves the
	// buffer, earlier parts stay valid.
	buf, err := v.key.Append(make([]byte, 0, 64+32*len(cells)), key)
	if err != nil {
		return row, unfit("key", err)
	}
	row = backend.RowMutation{Family: v.family.name, Key: buf, Mutations: make([]backend.Mutation, len(cells))}
	for i := range cells {
		cell, m := &cells[i], &row.Mutations[i]
		m.Super = super
		if buf, m.Column.Name, err = carve(buf, cell.Name, v.name); err != nil {
			return row, unfit("column name", err)
		}
		if buf, m.Column.Value, err = carve(buf, cell.Value, v.codec(m.Column.Name)); err != nil {
			return row, unfit("value of column "+keyText(m.Column.Name), err)
		}
		if v.types.counter {
			unpacked, err := coltype.CounterColumn.Unpack(m.Column.Value)
			delta, ok := unpacked.(int64)
			if err != nil || !ok {
				return row, unfit("counter "+keyText(m.Column.Name), err)
			}
			m.Op, m.Delta, m.Column.Value = backend.Add, delta, nil
			continue
		}
		m.Op, m.Column.Timestamp, m.Column.TTL = backend.Insert, ts, c.ttl
		if cell.Timestamp != 0 {
			m.Column.Timestamp = cell.Timestamp
		}
		if cell.TTL < 0 {
			m.Column.TTL = backend.NoTTL
		} else if cell.TTL > 0 {
			m.Column.TTL = cell.TTL
		}
	}
	return row, nil
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

// Add adds delta to a counter, as [Family.Add] does.
func (v *View[K, N, V]) Add(ctx context.Context, key K, name N, delta int64, opts ...WriteOption) error {
	return v.Family().Add(ctx, key, name, delta, opts...)
}

// Remove removes a row or, with [View.Names], columns of it, as [Family.Remove] does.
func (v *View[K, N, V]) Remove(ctx context.Context, key K, opts ...WriteOption) (timestamp int64, err error) {
	return v.Family().Remove(ctx, key, opts...)
}

// RemoveSlice removes the columns of a row from one name to another, both inclusive, as
// [Family.RemoveSlice] does.
func (v *View[K, N, V]) RemoveSlice(ctx context.Context, key K, from, to N, opts ...WriteOption) (timestamp int64, err error) {
	return v.Family().RemoveSlice(ctx, key, from, to, opts...)
}
