package cqlclient

import (
	"context"
	"errors"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"golang.org/x/sync/errgroup"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/catalog"
)

// An index is built in four steps:
//
//  1. The definition gets the index and its shadow (alter.go).
//  2. Every client reads that definition, and writes the shadow from then on.
//  3. One client copies the existing values into the shadow, with their timestamps, so that the copy never replaces a newer write.
//  4. Cassandra creates its own index on the shadow.
//
// If a client stops between two steps, another client does the remaining steps. The last step marks the index as built: an index
// that is in the definition and not in system_schema is not built, and no query uses it.

// build builds the unbuilt indexes of a family, or waits until another client has built them.
func (c *Client) build(ctx context.Context, name familyName) error {
	l, held, err := c.takeLease(ctx, buildLease+name.keyspace+"."+name.family)
	if err != nil {
		return err
	}
	defer l.release()
	return lost(held, c.buildHeld(held, name))
}

// finishBuilds builds the unbuilt indexes that no client is building. It completes the indexes of clients that crashed and of calls
// that were cancelled. It returns the error of a build that failed.
func (c *Client) finishBuilds(ctx context.Context, tables []*table) (failed error) {
	for _, t := range tables {
		name := familyName{t.family.Def.Keyspace, t.family.Def.Name}
		l, held, err := c.tryLease(ctx, buildLease+name.keyspace+"."+name.family)
		if err != nil {
			continue // another client builds, or the cluster accepts no writes now: the next call of finishBuilds retries
		}
		err = c.buildHeld(held, name)
		l.release()
		if err != nil && ctx.Err() == nil {
			failed = err
			if c.opts.Logger != nil {
				c.opts.Logger.Warn("an index is not built", "keyspace", name.keyspace, "table", name.family, "reason", err)
			}
		}
	}
	return failed
}

func (c *Client) buildHeld(ctx context.Context, name familyName) error {
	if err := c.agree(ctx); err != nil {
		return err
	}
	if _, err := c.refresh(ctx); err != nil {
		return err
	}
	s := c.snapshot()
	t := s.table(name.keyspace, name.family)
	if t == nil || len(t.unbuilt) == 0 {
		return nil // another client built or dropped the index
	}
	if err := c.settle(ctx); err != nil {
		return err
	}
	for i := range t.family.Indexes {
		x := &t.family.Indexes[i]
		if !t.unbuilt[string(x.Column)] {
			continue
		}
		if err := c.fill(ctx, t, x); err != nil {
			return c.dropped(ctx, t, x, err)
		}
		if err := c.makeIndex(ctx, t, x); err != nil {
			return c.dropped(ctx, t, x, err)
		}
	}
	return nil
}

// dropped replaces the error of a build whose index was dropped during the build.
func (c *Client) dropped(ctx context.Context, t *table, x *catalog.Index, err error) error {
	s, failed := c.refresh(ctx)
	if failed != nil {
		return err
	}
	now := s.table(t.family.Def.Keyspace, t.family.Def.Name)
	if now == nil || now.shadows[string(x.Column)] != t.shadows[string(x.Column)] {
		return droppedMeanwhile(x)
	}
	return err
}

func droppedMeanwhile(x *catalog.Index) error {
	return backend.InvalidRequest("the index %s was dropped while it was built", x.Name)
}

// makeIndex creates Cassandra's index on a filled shadow, if the definition still has that shadow.
func (c *Client) makeIndex(ctx context.Context, t *table, x *catalog.Index) error {
	l, held, err := c.takeLease(ctx, schemaLease)
	if err != nil {
		return err
	}
	defer l.release()
	err = func() error {
		if _, err := c.refresh(held); err != nil {
			return err
		}
		s := c.snapshot()
		now := s.table(t.family.Def.Keyspace, t.family.Def.Name)
		if now == nil || now.shadows[string(x.Column)] != t.shadows[string(x.Column)] {
			return droppedMeanwhile(x)
		}
		shadow := tableShadows(s.tables[familyName{t.family.Def.Keyspace, t.family.Def.Name}], now.family)[string(x.Column)]
		if err := c.define(held, createIndex(t.family.Def, x.Name, shadow, s.release)); err != nil {
			return err
		}
		if err := c.awaitIndexes(held, t.family.Def.Keyspace, []string{x.Name}); err != nil {
			return err
		}
		_, err := c.refresh(held)
		return err
	}()
	return lost(held, err)
}

// fill writes the shadow of every existing value. It reads from all replicas, so that it also finds values that only one replica
// has. As in Cassandra, an index does not contain values that the column's type refuses.
func (c *Client) fill(ctx context.Context, t *table, x *catalog.Index) error {
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(c.opts.Parallel)
	each := func(key, value raw, timestamp int64, ttl raw) {
		if !indexable(x, value) {
			return
		}
		group.Go(func() error {
			return c.fail(ctx, c.writeShadow(groupCtx, t, x.Column, key, value, timestamp, ttl, gocql.All))
		})
	}
	err := c.scanColumn(groupCtx, t, x.Column, each)
	if errors.Is(err, backend.ErrInvalidRequest) {
		// The server may forbid ALLOW FILTERING.
		err = c.getColumn(groupCtx, t, x.Column, each)
	}
	if failed := group.Wait(); failed != nil {
		return failed
	}
	return err
}

// writeShadow writes the shadow of an existing value. The shadow expires when the value does.
func (c *Client) writeShadow(ctx context.Context, t *table, column, key, value raw, timestamp int64, ttl raw, level gocql.Consistency) error {
	write := "UPDATE " + t.name + " USING TIMESTAMP ? AND TTL ? SET " + t.shadows[string(column)] + " = ? WHERE key = ?"
	a := newArguments(valuesPerStatement)
	a.addInt64(timestamp)
	a.addInt32(ttl.int32())
	a.add(value)
	a.add(key)
	return c.session.Query(write, a.take()...).Consistency(level).Idempotent(true).ExecContext(ctx)
}

// indexable reports whether an index contains a value.
func indexable(x *catalog.Index, value raw) bool {
	return value != nil && len(value) <= maxIndexed && x.Type.Validate(value) == nil
}

// maxIndexed is the length of the longest value that an index contains.
const maxIndexed = 65535

const columnOf = "value, WRITETIME(value), TTL(value) FROM "

// scanColumn calls each with the value of a column in all rows.
func (c *Client) scanColumn(ctx context.Context, t *table, column raw, each func(key, value raw, timestamp int64, ttl raw)) error {
	iter := c.session.Query("SELECT key, "+columnOf+t.name+" WHERE column1 = ? ALLOW FILTERING", &column).
		Consistency(gocql.All).Idempotent(true).IterContext(ctx)
	var key, value, timestamp, ttl raw
	for iter.Scan(&key, &value, &timestamp, &ttl) {
		each(key, value, timestamp.int64(), ttl)
	}
	return c.fail(ctx, iter.Close())
}

// getColumn is like scanColumn, but it sends one query for each row.
func (c *Client) getColumn(ctx context.Context, t *table, column raw, each func(key, value raw, timestamp int64, ttl raw)) error {
	keys := c.session.Query("SELECT DISTINCT key FROM " + t.name).Consistency(gocql.All).Idempotent(true).IterContext(ctx)
	var key raw
	for keys.Scan(&key) {
		var value, timestamp, ttl raw
		err := c.getValue(ctx, t, key, column, gocql.All, &value, &timestamp, &ttl)
		if errors.Is(err, gocql.ErrNotFound) {
			continue
		}
		if err != nil {
			keys.Close()
			return c.fail(ctx, err)
		}
		each(key, value, timestamp.int64(), ttl)
	}
	return c.fail(ctx, keys.Close())
}

// getValue reads a column of one row. If the row does not have the column, getValue returns gocql.ErrNotFound, or a null value.
func (c *Client) getValue(ctx context.Context, t *table, key, column raw, level gocql.Consistency, value, timestamp, ttl *raw) error {
	return c.session.Query("SELECT "+columnOf+t.name+" WHERE key = ? AND column1 = ?", &key, &column).
		Consistency(level).Idempotent(true).ScanContext(ctx, value, timestamp, ttl)
}

// awaitIndexes waits until the reachable nodes have built Cassandra's own indexes. Until then queries of these indexes fail.
func (c *Client) awaitIndexes(ctx context.Context, keyspace string, names []string) error {
	for _, host := range c.session.GetHosts() {
		for _, name := range names {
			for host.IsUp() {
				var found string
				err := c.session.Query(`SELECT index_name FROM system."IndexInfo" WHERE table_name = ? AND index_name = ?`, keyspace, name).
					Idempotent(true).SetHostID(host.HostID()).ScanContext(ctx, &found)
				if err == nil {
					break
				}
				if !errors.Is(err, gocql.ErrNotFound) && (ctx.Err() != nil || host.IsUp()) {
					return c.fail(ctx, err)
				}
				select {
				case <-time.After(10 * time.Millisecond):
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
	}
	return nil
}
