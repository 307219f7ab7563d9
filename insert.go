package widerow

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
)

// Values are columns to write: pairs of a column's name and value. In a super family the
// names are names of super columns, and each value is again Values or a map. In a counter
// family the values are integers to add. For [Family.BatchInsert], Values are pairs of a row's
// key and its columns.
//
// Do not repeat a name: all columns of a call share one timestamp, so that the larger
// value wins, not the later one.
//
//	widerow.Values{{"name", "Tyler"}, {"age", 24}}
type Values [][2]any

// Insert writes columns of a row and returns their timestamp. It overwrites existing columns,
// and leaves the other columns of the row unchanged. In a counter family Insert adds the
// values, which must be integers. Without any columns it does nothing. Columns are [Values], a
// map, or the []Column of a result.
func (f *Family) Insert(ctx context.Context, key, columns any, opts ...WriteOption) (timestamp int64, err error) {
	ts, err := f.insert(ctx, Values{{key, columns}}, opts, forInsert)
	return ts, f.failWrite("insert", key, err)
}

// BatchInsert writes columns of several rows in one call, as [Family.Insert]
// does, all with one timestamp. Rows are [Values] of keys and columns, or a map.
func (f *Family) BatchInsert(ctx context.Context, rows any, opts ...WriteOption) (timestamp int64, err error) {
	pairs, err := valuesOf(rows)
	if err != nil {
		return 0, f.fail("insert", nil, invalid("rows: %v", err))
	}
	ts, err := f.insert(ctx, pairs, opts, forInsert|optAtomic)
	return ts, f.failWrite("insert", nil, err)
}

func (f *Family) insert(ctx context.Context, rows Values, opts []WriteOption, allowed optionSet) (int64, error) {
	c, err := begin(ctx, f, opts, allowed)
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
	return &backend.MutateRequest{Keyspace: f.keyspace, Consistency: f.writeLevel(c), Atomic: c.atomic}
}

// mutate makes the call, if there is anything to do.
func (f *Family) mutate(ctx context.Context, r *backend.MutateRequest) error {
	if len(r.Rows) == 0 {
		return ended(ctx)
	}
	return f.db.backend.Mutate(ctx, r)
}

// failWrite is fail for a write. Only a write to a counter is not idempotent.
func (f *Family) failWrite(op string, key any, err error) error {
	err = f.fail(op, key, err)
	if e, ok := err.(*Error); ok && f != nil && f.IsCounter() {
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
	if t.counter && (c.has(optTTL) && c.ttl > 0 || c.has(optAt)) {
		return backend.RowMutation{}, invalid("counters have neither a TTL nor a timestamp")
	}
	cols, err := valuesOf(columns)
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
		subs, err := valuesOf(col[1])
		if err != nil {
			return m, invalid("super column %s: %v", keyText(col[0]), err)
		}
		if m.Mutations, err = t.appendInserts(m.Mutations, &mem, super, subs, c, ts); err != nil {
			return m, err
		}
	}
	return m, nil
}

func (t *types) appendInserts(dst []backend.Mutation, mem *arena, super []byte, cols Values, c *call, ts int64) ([]backend.Mutation, error) {
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
		if col[1] == nil {
			return dst, invalid("column %s has no value", keyText(col[0]))
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

// pack packs v at the end. Earlier results stay valid when the arena grows. pack never
// returns nil, since an empty name or value is not a missing one.
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

// valuesOf converts an argument that has the columns of a row or super column, or rows.
func valuesOf(v any) (Values, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case Values:
		return v, nil
	case [][2]any:
		return v, nil
	case map[string]any:
		return sorted(v), nil
	case map[string]string:
		return sorted(v), nil
	case []Column:
		pairs := make(Values, len(v))
		for i, c := range v {
			pairs[i] = [2]any{c.Name, c.Value}
			if c.IsSuper() {
				pairs[i][1] = c.Columns
			}
		}
		return pairs, nil
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Map {
		return nil, fmt.Errorf("cannot take columns from %T: want widerow.Values or a map", v)
	}
	pairs := make(Values, 0, rv.Len())
	for it := rv.MapRange(); it.Next(); {
		pairs = append(pairs, [2]any{it.Key().Interface(), it.Value().Interface()})
	}
	return pairs, nil
}

// sorted returns the entries of a map in the order of names, so that two calls with equal
// maps send equal bytes.
func sorted[V any](m map[string]V) Values {
	pairs := make(Values, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		pairs = append(pairs, [2]any{name, m[name]})
	}
	return pairs
}

// Add adds delta, which may be negative, to a counter. A counter that does not
// exist counts as 0. If Add fails, delta may or may not have been added. If [SafeToRetry]
// returns true for the error, delta was not added.
func (f *Family) Add(ctx context.Context, key, column any, delta int64, opts ...WriteOption) error {
	err := f.onCounter(ctx, opts, func(t *types, c *call) (backend.RowMutation, error) {
		return t.addition(f.name, key, column, delta, c)
	})
	err = f.fail("add", key, err)
	if e, ok := err.(*Error); ok {
		e.counter = true
	}
	return err
}

// RemoveCounter removes a counter. In a cluster, do not add to the counter again until all
// replicas have received the removal and have compacted it. An increment before that may be
// lost, or the old count may reappear. The embedded engine has no such limit.
func (f *Family) RemoveCounter(ctx context.Context, key, column any, opts ...WriteOption) error {
	err := f.onCounter(ctx, opts, func(t *types, c *call) (backend.RowMutation, error) {
		return t.onCounter(f.name, key, column, c, func(name []byte) backend.Mutation {
			return backend.Mutation{Op: backend.Delete, Timestamp: f.timestamp(c), Columns: &backend.Predicate{Names: [][]byte{name}}}
		})
	})
	return f.fail("remove counter", key, err)
}

func (f *Family) onCounter(ctx context.Context, opts []WriteOption, pack func(*types, *call) (backend.RowMutation, error)) error {
	c, err := begin(ctx, f, opts, forCell)
	if err != nil {
		return err
	}
	row, err := pack(f.types.Load(), c)
	if err != nil {
		return err
	}
	r := f.mutateRequest(c)
	r.Rows = []backend.RowMutation{row}
	return f.db.backend.Mutate(ctx, r)
}

// addition packs an increment of a counter.
func (t *types) addition(family string, key, column any, delta int64, c *call) (backend.RowMutation, error) {
	return t.onCounter(family, key, column, c, func(name []byte) backend.Mutation {
		return backend.Mutation{Op: backend.Add, Column: backend.Column{Name: name}, Delta: delta}
	})
}

// onCounter packs a mutation of one counter.
func (t *types) onCounter(family string, key, column any, c *call, mutation func(name []byte) backend.Mutation) (backend.RowMutation, error) {
	row := backend.RowMutation{Family: family}
	if !t.counter {
		return row, invalid("%s is not a counter family: its default validator is not %s", family, coltype.CounterColumn)
	}
	var err error
	if row.Key, err = t.packKey(key); err != nil {
		return row, err
	}
	super, err := t.packSuper(c)
	if err != nil {
		return row, err
	}
	if t.super && super == nil {
		return row, invalid("%s is a super family: say which super column with Super", family)
	}
	name, err := packName(t.leaf, column)
	if err != nil {
		return row, err
	}
	m := mutation(name)
	m.Super = super
	row.Mutations = []backend.Mutation{m}
	return row, nil
}
