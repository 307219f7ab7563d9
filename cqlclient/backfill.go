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

// An index is built in four steps. If a client stops, another one can do the rest: the definition gets the
// index and its shadow (alter.go); every client comes to know that, and writes the shadow from then on; the shadow gets the
// values that are there already, with their timestamps, so that a live write is never undone; Cassandra makes its index. The last
// step is the mark: an index that is in the definition and not in system_schema is not built, and no query uses it.

// build builds the indexes of a family that are not built, or waits until another client has.
func (c *Client) build(ctx context.Context, name familyName) error {
	l, held, err := c.takeLease(ctx, buildLease+name.keyspace+"."+name.family)
	if err != nil {
		return err
	}
	defer l.release()
	return lost(held, c.buildHeld(held, name))
}

// finishBuilds builds what nobody is building. It is what completes the indexes of a client that crashed, or whose call was cancelled.
// Its error is that of a build that failed.
func (c *Client) finishBuilds(ctx context.Context, tables []*table) (failed error) {
	for _, t := range tables {
		name := familyName{t.family.Def.Keyspace, t.family.Def.Name}
		l, held, err := c.tryLease(ctx, buildLease+name.keyspace+"."+name.family)
		if err != nil {
			continue // another client builds, or the cluster cannot be written to now: the next look tries again
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
		return nil // another client built it, or it is dropped
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

// dropped replaces the error of building an index that was dropped while it was built.
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

// makeIndex makes Cassandra's index on a shadow that is filled, if the definition still has it.
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

// fill writes the shadow of every value that is there. It reads from all replicas, so that it also finds what only one of them has.
// Values that the column's type refuses are in no index, as in Cassandra.
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
		// ALLOW FILTERING may be forbidden.
		err = c.getColumn(groupCtx, t, x.Column, each)
	}
	if failed := group.Wait(); failed != nil {
		return failed
	}
	return err
}

// writeShadow writes the shadow of a value that is there, so that it lives as long as the value.
func (c *Client) writeShadow(ctx context.Context, t *table, column, key, value raw, timestamp int64, ttl raw, level gocql.Consistency) error {
	write := "UPDATE " + t.name + " USING TIMESTAMP ? AND TTL ? SET " + t.shadows[string(column)] + " = ? WHERE key = ?"
	a := newArguments(valuesPerStatement)
	a.addInt64(timestamp)
	a.addInt32(ttl.int32())
	a.add(value)
	a.add(key)
	return c.session.Query(write, a.take()...).Consistency(level).Idempotent(true).ExecContext(ctx)
}

// indexable reports whether a value is one that an index has.
func indexable(x *catalog.Index, value raw) bool {
	return value != nil && len(value) <= maxIndexed && x.Type.Validate(value) == nil
}

// maxIndexed is the length of the longest value that an index has.
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

// getColumn is scanColumn with a query for each row.
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

// getValue reads a column of one row. If the row does not have it, the error is gocql.ErrNotFound, or the value is null.
func (c *Client) getValue(ctx context.Context, t *table, key, column raw, level gocql.Consistency, value, timestamp, ttl *raw) error {
	return c.session.Query("SELECT "+columnOf+t.name+" WHERE key = ? AND column1 = ?", &key, &column).
		Consistency(level).Idempotent(true).ScanContext(ctx, value, timestamp, ttl)
}

// awaitIndexes waits until the reachable nodes have built indexes of Cassandra's own. Until then a query fails.
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
