package widerow

import (
	"context"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/refusal"
)

// Remove removes a row. With [Names] it removes only the named columns, with [Super] only that
// super column, and with both only the named columns of that super column. Remove returns the
// timestamp of the removal: columns with the same or a lower timestamp are removed. If Names
// has no name, Remove removes nothing.
func (f *Family) Remove(ctx context.Context, key any, opts ...WriteOption) (timestamp int64, err error) {
	ts, err := f.remove(ctx, key, opts)
	return ts, f.fail("remove", key, err)
}

func (f *Family) remove(ctx context.Context, key any, opts []WriteOption) (int64, error) {
	c, err := begin(ctx, f, opts, forRemove)
	if err != nil {
		return 0, err
	}
	ts := f.timestamp(c)
	m, err := f.types.Load().removal(f.name, key, c, ts)
	if err != nil {
		return 0, err
	}
	r := f.mutateRequest(c)
	if len(m.Mutations) > 0 {
		r.Rows = []backend.RowMutation{m}
	}
	return ts, f.mutate(ctx, r)
}

// RemoveSlice removes all columns of a row from one name to another, both inclusive, without
// reading them. In a super family it removes super columns or, with [Super], columns of one
// super column. If from or to is nil, that end is open. Over Thrift, Cassandra before 2.0
// refuses RemoveSlice as an invalid request.
func (f *Family) RemoveSlice(ctx context.Context, key, from, to any, opts ...WriteOption) (timestamp int64, err error) {
	ts, err := f.removeSlice(ctx, key, from, to, opts)
	return ts, f.fail("remove slice of", key, err)
}

func (f *Family) removeSlice(ctx context.Context, key, from, to any, opts []WriteOption) (int64, error) {
	c, err := begin(ctx, f, opts, forRemove&^optNames)
	if err != nil {
		return 0, err
	}
	ts := f.timestamp(c)
	m, err := f.types.Load().sliceRemoval(f.name, key, from, to, c, ts)
	if err != nil {
		return 0, err
	}
	r := f.mutateRequest(c)
	r.Rows = []backend.RowMutation{m}
	return ts, f.mutate(ctx, r)
}

// Truncate removes all data of the family. In a cluster all nodes must be up;
// it fails with ErrUnavailable otherwise.
func (f *Family) Truncate(ctx context.Context) error {
	const op = "truncate"
	switch {
	case !f.isOpen():
		return f.fail(op, nil, errNoFamily())
	case ctx == nil:
		return f.fail(op, nil, refusal.NoContext())
	}
	return f.fail(op, nil, f.db.backend.Truncate(ctx, f.keyspace, f.name))
}

func (t *types) removal(family string, key any, c *call, ts int64) (backend.RowMutation, error) {
	packed, err := t.packKey(key)
	if err != nil {
		return backend.RowMutation{}, err
	}
	row := backend.RowMutation{Family: family, Key: packed}
	super, err := t.packSuper(c)
	if err != nil {
		return row, err
	}
	m := backend.Mutation{Op: backend.Delete, Super: super, Timestamp: ts}
	if c.has(optNames) {
		names, err := packNames(t.selected(c), c.names)
		if err != nil || len(names) == 0 {
			return row, err
		}
		m.Columns = &backend.Predicate{Names: names}
	}
	row.Mutations = []backend.Mutation{m}
	return row, nil
}

func (t *types) sliceRemoval(family string, key, from, to any, c *call, ts int64) (backend.RowMutation, error) {
	packed, err := t.packKey(key)
	if err != nil {
		return backend.RowMutation{}, err
	}
	row := backend.RowMutation{Family: family, Key: packed}
	super, err := t.packSuper(c)
	if err != nil {
		return row, err
	}
	p := new(backend.Predicate)
	typ := t.selected(c)
	if p.Start, err = packBound(typ, from, coltype.Lower); err != nil {
		return row, err
	}
	if p.Finish, err = packBound(typ, to, coltype.Upper); err != nil {
		return row, err
	}
	row.Mutations = []backend.Mutation{{Op: backend.Delete, Super: super, Timestamp: ts, Columns: p}}
	return row, nil
}
