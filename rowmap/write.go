package rowmap

import (
	"context"
	"reflect"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/internal/frontopt"
)

// Insert writes the columns of v and returns their timestamp. If a field is nil, or zero with
// omitempty, its column stays unchanged in the row; [Map.Replace] removes such columns.
// Columns that the struct does not have stay unchanged too.
func (m *Map[T]) Insert(ctx context.Context, v T, opts ...widerow.WriteOption) (timestamp int64, err error) {
	return m.BatchInsert(ctx, []T{v}, opts...)
}

// BatchInsert writes the columns of several structs in one call, as [Map.Insert] does, and
// returns their timestamp.
func (m *Map[T]) BatchInsert(ctx context.Context, values []T, opts ...widerow.WriteOption) (timestamp int64, err error) {
	if err := m.check(); err != nil {
		return 0, err
	}
	rows := make(widerow.Values, len(values))
	for i := range values {
		r, err := m.row(&values[i])
		if err != nil {
			return 0, err
		}
		rows[i] = [2]any{r.key, r.written()}
	}
	return m.family.BatchInsert(ctx, rows, opts...)
}

// Replace writes v as the state of its row. In one batch, it writes the columns of v and
// removes the columns of fields that are nil, or zero with omitempty. Columns that the struct
// does not have stay. The options are [widerow.TTL], [widerow.At] and [widerow.AtTime].
func (m *Map[T]) Replace(ctx context.Context, v T, opts ...widerow.WriteOption) error {
	var b widerow.Batch
	if err := m.QueueReplace(&b, v, opts...); err != nil {
		return err
	}
	return b.Send(ctx)
}

// QueueInsert queues a write of the columns of v in b. The write is that of [Map.Insert].
func (m *Map[T]) QueueInsert(b *widerow.Batch, v T, opts ...widerow.WriteOption) error {
	r, err := m.row(&v)
	if err != nil {
		return err
	}
	b.Insert(m.family, r.key, r.written(), opts...)
	return nil
}

// QueueReplace queues the writes and removals of [Map.Replace] in b.
func (m *Map[T]) QueueReplace(b *widerow.Batch, v T, opts ...widerow.WriteOption) error {
	r, err := m.row(&v)
	if err != nil {
		return err
	}
	if len(r.columns) > 0 {
		b.Insert(m.family, r.key, r.written(), opts...)
	}
	if len(r.missing) > 0 {
		opts = append(append(opts, r.inSuper()...), widerow.Names(r.missing...), frontopt.IgnoreTTL().(widerow.WriteOption))
		b.Remove(m.family, r.key, opts...)
	}
	return nil
}

// Remove removes the row of v, or its super column in a super family. If [Map.Only] made the
// map, Remove removes only the map's columns. It returns the timestamp of the removal.
func (m *Map[T]) Remove(ctx context.Context, v T, opts ...widerow.WriteOption) (timestamp int64, err error) {
	r, err := m.row(&v)
	if err != nil {
		return 0, err
	}
	return m.RemoveKey(ctx, r.key, append(opts, r.inSuper()...)...)
}

// RemoveKey removes the row with a key or, with [widerow.Super], one super column of it. If
// [Map.Only] made the map, RemoveKey removes only the map's columns. It returns the timestamp
// of the removal.
func (m *Map[T]) RemoveKey(ctx context.Context, key any, opts ...widerow.WriteOption) (timestamp int64, err error) {
	if err := m.check(); err != nil {
		return 0, err
	}
	if m.chosen {
		opts = append(opts, widerow.Names(m.names...))
	}
	return m.family.Remove(ctx, key, opts...)
}

// row has the columns of a struct that is written.
type row struct {
	key, super any // super is nil in a standard family
	columns    widerow.Values
	missing    []any // names of the columns that are not written
}

// row reads a struct.
func (m *Map[T]) row(v *T) (r row, err error) {
	if err := m.check(); err != nil {
		return r, err
	}
	rv := reflect.ValueOf(v).Elem()
	var ok bool
	if r.key, ok = m.plan.key.load(rv); !ok {
		return r, m.noValue(m.plan.key)
	}
	if m.plan.super != nil {
		if r.super, ok = m.plan.super.load(rv); !ok {
			return r, m.noValue(m.plan.super)
		}
	}
	r.columns = make(widerow.Values, 0, len(m.columns))
	for _, f := range m.columns {
		if value, ok := f.load(rv); ok {
			r.columns = append(r.columns, [2]any{f.name, value})
		} else {
			r.missing = append(r.missing, f.name)
		}
	}
	return r, nil
}

// written returns the columns, or the super column that holds them.
func (r *row) written() widerow.Values {
	if r.super == nil {
		return r.columns
	}
	return widerow.Values{{r.super, r.columns}}
}

func (r *row) inSuper() []widerow.WriteOption {
	if r.super == nil {
		return nil
	}
	return []widerow.WriteOption{widerow.Super(r.super)}
}
