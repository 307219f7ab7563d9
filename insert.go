package widerow

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
)

// Columns are columns to write: pairs of a name and a value. In a super family
// the names are those of super columns, and each value is Columns, or a map, in
// turn. In a counter family the values are integers to add.
//
// A name should occur once: columns of one call have one timestamp, and of two
// that do, the larger value wins, not the last one.
//
//	widerow.Columns{{"name", "Tyler"}, {"age", 24}}
type Columns [][2]any

// KeyedColumns are rows to write: pairs of a key and its [Columns], or a map.
//
//	widerow.KeyedColumns{{"row1", widerow.Columns{{"name1", "val1"}}}, {"row2", …}}
type KeyedColumns [][2]any

// ColumnsOf returns the entries of a map as columns, in the order of names.
func ColumnsOf[N cmp.Ordered, V any](m map[N]V) Columns {
	cols := make(Columns, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		cols = append(cols, [2]any{name, m[name]})
	}
	return cols
}

// Insert writes columns of a row, new ones and ones that exist, and returns the
// timestamp that it gave them. In a counter family it adds the values, which
// must be integers. Without any columns it does nothing.
func (f *Family) Insert(ctx context.Context, key any, columns Columns, opts ...InsertOption) (timestamp int64, err error) {
	ts, err := f.insert(ctx, KeyedColumns{{key, columns}}, opts)
	return ts, f.failWrite("insert", key, err)
}

// BatchInsert writes columns of several rows in one call, as [Family.Insert]
// does, all with one timestamp.
func (f *Family) BatchInsert(ctx context.Context, rows KeyedColumns, opts ...InsertOption) (timestamp int64, err error) {
	ts, err := f.insert(ctx, rows, opts)
	return ts, f.failWrite("insert", nil, err)
}

func (f *Family) insert(ctx context.Context, rows KeyedColumns, opts []InsertOption) (int64, error) {
	c, err := options(opts)
	if err != nil {
		return 0, err
	}
	t := f.types.Load()
	r := f.mutateRequest(c)
	ts := f.timestamp(c)
	for _, row := range rows {
		m, err := t.insertion(f.name, row[0], row[1], c, ts)
		if err != nil {
			return 0, err
		}
		if len(m.Mutations) > 0 {
			r.Rows = append(r.Rows, m)
		}
	}
	return ts, f.mutate(ctx, r)
}

func (f *Family) mutateRequest(c *call) *backend.MutateRequest {
	return &backend.MutateRequest{Keyspace: f.keyspace, Consistency: f.writeLevel(c)}
}

// mutate makes the call, if there is anything to do.
func (f *Family) mutate(ctx context.Context, r *backend.MutateRequest) error {
	if len(r.Rows) == 0 {
		return ended(ctx)
	}
	return f.db.backend.Mutate(ctx, r)
}

// failWrite is fail for a write: only one to a counter is not idempotent.
func (f *Family) failWrite(op string, key any, err error) error {
	err = f.fail(op, key, err)
	if e, ok := err.(*Error); ok && f.IsCounter() {
		e.counter = true
	}
	return err
}

// insertion packs the columns of a row.
func (t *types) insertion(family string, key, columns any, c *call, ts int64) (backend.RowMutation, error) {
	packed, err := t.packKey(key)
	if err != nil {
		return backend.RowMutation{}, err
	}
	if t.counter && (c.ttl != 0 || c.hasTimestamp) {
		return backend.RowMutation{}, invalid("counters have neither a TTL nor a timestamp")
	}
	cols, err := columnsOf(columns)
	if err != nil {
		return backend.RowMutation{}, invalid("row %s: %v", keyText(key), err)
	}
	m := backend.RowMutation{Family: family, Key: packed, Mutations: make([]backend.Mutation, 0, len(cols))}
	mem := make(arena, 0, 32*len(cols))
	if !t.super {
		m.Mutations, err = t.appendInserts(m.Mutations, &mem, nil, cols, c, ts)
		return m, err
	}
	for _, col := range cols {
		super, err := mem.pack(t.name, col[0])
		if err != nil {
			return m, unfit("super column name "+keyText(col[0]), err)
		}
		subs, err := columnsOf(col[1])
		if err != nil {
			return m, invalid("super column %s: %v", keyText(col[0]), err)
		}
		if m.Mutations, err = t.appendInserts(m.Mutations, &mem, super, subs, c, ts); err != nil {
			return m, err
		}
	}
	return m, nil
}

func (t *types) appendInserts(dst []backend.Mutation, mem *arena, super []byte, cols Columns, c *call, ts int64) ([]backend.Mutation, error) {
	for _, col := range cols {
		name, err := mem.pack(t.leaf, col[0])
		if err != nil {
			return dst, unfit("column name "+keyText(col[0]), err)
		}
		if t.counter {
			delta, err := packDelta(col[1])
			if err != nil {
				return dst, unfit("counter "+keyText(col[0]), err)
			}
			dst = append(dst, backend.Mutation{Op: backend.Add, Super: super, Column: backend.Column{Name: name}, Delta: delta})
			continue
		}
		value, err := mem.pack(t.validator(name), col[1])
		if err != nil {
			return dst, unfit("value of column "+keyText(col[0]), err)
		}
		dst = append(dst, backend.Mutation{
			Op: backend.Insert, Super: super,
			Column: backend.Column{Name: name, Value: value, Timestamp: ts, TTL: c.ttl},
		})
	}
	return dst, nil
}

// arena is memory that the names and values of one row share.
type arena []byte

// pack packs v at the end. What it returned before stays as it is when the
// arena grows, and it never returns nil, as empty names and values are some too.
func (a *arena) pack(typ coltype.Type, v any) ([]byte, error) {
	start := len(*a)
	grown, err := typ.Append(*a, v)
	if err != nil {
		return nil, err
	}
	*a = grown
	return grown[start:len(grown):len(grown)], nil
}

// packDelta takes any Go integer that fits a counter.
func packDelta(v any) (int64, error) {
	switch rv := reflect.ValueOf(v); {
	case !rv.IsValid():
	case rv.CanInt():
		return rv.Int(), nil
	case rv.CanUint() && rv.Uint() <= 1<<63-1:
		return int64(rv.Uint()), nil
	}
	return 0, fmt.Errorf("cannot add %T %v: want an integer of 64 bits", v, v)
}

// columnsOf takes what can be written as the columns of a row or super column.
func columnsOf(v any) (Columns, error) {
	switch v := v.(type) {
	case Columns:
		return v, nil
	case [][2]any:
		return v, nil
	case map[string]any:
		return ColumnsOf(v), nil
	case map[string]string:
		return ColumnsOf(v), nil
	case []Column:
		cols := make(Columns, len(v))
		for i, c := range v {
			cols[i] = [2]any{c.Name, c.Value}
			if c.IsSuper() {
				cols[i][1] = c.Columns
			}
		}
		return cols, nil
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Map {
		return nil, fmt.Errorf("cannot take columns from %T: want widerow.Columns or a map", v)
	}
	cols := make(Columns, 0, rv.Len())
	for it := rv.MapRange(); it.Next(); {
		cols = append(cols, [2]any{it.Key().Interface(), it.Value().Interface()})
	}
	return cols, nil
}

// Add adds delta, which may be negative, to a counter. A counter that does not
// exist is zero. After a failure it is not known whether it was added, unless
// [SafeToRetry] says that the call may be made again.
func (f *Family) Add(ctx context.Context, key, column any, delta int64, opts ...AddOption) error {
	err := f.onCounter(ctx, key, column, opts, func(name []byte) backend.Mutation {
		return backend.Mutation{Op: backend.Add, Column: backend.Column{Name: name}, Delta: delta}
	})
	err = f.fail("add", key, err)
	if e, ok := err.(*Error); ok {
		e.counter = true
	}
	return err
}

// RemoveCounter removes a counter. In a cluster it must not be added to again
// until the removal has reached all replicas and was compacted there: what is
// counted meanwhile may be lost or come back.
func (f *Family) RemoveCounter(ctx context.Context, key, column any, opts ...AddOption) error {
	ts := f.timestamp(new(call))
	err := f.onCounter(ctx, key, column, opts, func(name []byte) backend.Mutation {
		return backend.Mutation{Op: backend.Delete, Timestamp: ts, Columns: &backend.Predicate{Names: [][]byte{name}}}
	})
	return f.fail("remove counter", key, err)
}

func (f *Family) onCounter(ctx context.Context, key, column any, opts []AddOption, mutation func(name []byte) backend.Mutation) error {
	c, err := options(opts)
	if err != nil {
		return err
	}
	t := f.types.Load()
	if !t.counter {
		return invalid("%s is not a counter family: its default validator is not %s", f.name, coltype.CounterColumn)
	}
	packed, err := t.packKey(key)
	if err != nil {
		return err
	}
	super, err := t.packSuper(c)
	if err != nil {
		return err
	}
	if t.super && super == nil {
		return invalid("%s is a super family: say which super column with Super", f.name)
	}
	name, err := packName(t.leaf, column)
	if err != nil {
		return err
	}
	m := mutation(name)
	m.Super = super
	r := f.mutateRequest(c)
	r.Rows = []backend.RowMutation{{Family: f.name, Key: packed, Mutations: []backend.Mutation{m}}}
	return f.db.backend.Mutate(ctx, r)
}
