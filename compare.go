package widerow

import (
	"cmp"
	"context"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/paging"
)

// CompareAndSet writes columns of a row if the row is as expected. No other CompareAndSet of
// the row happens between the comparison and the write. In the embedded engine, no other write
// of any kind happens between them either. Expected and values are [Values] or maps. If a
// column is expected with the value nil, it must not exist. If expected is empty, the row must
// not have any column.
//
// If the row is not as expected, applied is false and current has the columns that were
// expected by name or, if expected is empty, the first column of the row. The store chooses
// the timestamp of the written columns. The embedded engine chooses a timestamp higher than
// those of the columns that it replaces. Cassandra takes the timestamp from a server's
// clock: if a replaced column has a timestamp ahead of that clock, applied is true but
// readers still see the replaced column. The options are [TTL] and [Level]. Level is the
// level of the write. Replicas agree on the comparison at [Serial] or, if the level is
// local, at [LocalSerial].
//
// The embedded engine supports CompareAndSet. Cassandra supports it from 2.0 on. Over Thrift, Cassandra cannot expect that
// a named column does not exist. Over CQL, expected must name at least one column. If the store does not support a call,
// the error is ErrUnsupported. In super and counter families the error is ErrInvalidRequest.
func (f *Family) CompareAndSet(ctx context.Context, key, expected, values any, opts ...WriteOption) (applied bool, current Row, err error) {
	applied, current, err = f.compareAndSet(ctx, key, expected, values, opts)
	return applied, current, f.fail("compare and set", key, err)
}

func (f *Family) compareAndSet(ctx context.Context, key, expected, values any, opts []WriteOption) (bool, Row, error) {
	c, err := begin(ctx, f, opts, optLevel|optTTL)
	if err != nil {
		return false, Row{}, err
	}
	comparer, ok := f.db.backend.(backend.Comparer)
	if !ok {
		return false, Row{}, &backend.Error{
			Kind: backend.KindUnsupported, Why: "this store cannot compare and set: the embedded engine and Cassandra from 2.0 on can",
		}
	}
	t := f.types.Load()
	if t.super || t.counter {
		return false, Row{}, invalid("%s is not a standard family without counters", f.name)
	}
	r := &backend.CompareRequest{
		Keyspace: f.keyspace, Family: f.name, Serial: Serial, Commit: cmp.Or(c.level, f.set.write, f.db.opts.Write, Quorum),
	}
	if r.Commit == LocalQuorum || r.Commit == LocalOne {
		r.Serial = LocalSerial
	}
	if r.Key, err = t.packKey(key); err != nil {
		return false, Row{}, err
	}
	if r.Expected, err = t.expected(expected); err != nil {
		return false, Row{}, err
	}
	write, err := t.insertion(f.name, key, values, c, 0)
	if err != nil {
		return false, Row{}, err
	}
	for _, m := range write.Mutations {
		r.Updates = append(r.Updates, m.Column)
	}
	result, err := comparer.CompareAndSet(ctx, r)
	if err != nil || result.Applied {
		return err == nil, Row{}, err
	}
	current, err := t.row(&backend.Row{Key: r.Key, Columns: result.Current}, nil, &paging.Slice{Limit: noLimit})
	return false, current, err
}

// expected packs the expected columns of a row.
func (t *types) expected(v any) ([]backend.Column, error) {
	pairs, err := valuesOf(v)
	if err != nil {
		return nil, invalid("expected: %v", err)
	}
	columns := make([]backend.Column, len(pairs))
	for i, pair := range pairs {
		if columns[i].Name, err = packName(t.leaf, pair[0]); err != nil {
			return nil, err
		}
		if pair[1] == nil {
			continue
		}
		if columns[i].Value, err = t.validator(columns[i].Name).Append([]byte{}, pair[1]); err != nil {
			return nil, unfit("expected value of column "+keyText(pair[0]), err)
		}
	}
	return columns, nil
}

// Checkpoint writes a consistent copy of the whole store to the directory dir, which must not
// exist. Calls continue during the copy. The copy can be opened as a store of its own. The
// embedded engine supports Checkpoint; with a cluster it fails with ErrUnsupported.
func (db *DB) Checkpoint(ctx context.Context, dir string) error {
	b, err := db.store(ctx)
	if err != nil {
		return opError("checkpoint", "", err)
	}
	cp, ok := b.(backend.Checkpointer)
	if !ok {
		return opError("checkpoint", "", &backend.Error{
			Kind: backend.KindUnsupported, Why: "this store cannot copy itself: the embedded engine can; a cluster has nodetool snapshot",
		})
	}
	return opError("checkpoint", "", cp.Checkpoint(ctx, dir))
}
