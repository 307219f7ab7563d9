package cqlclient

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Times of watching the schema.
const (
	// pollEvery is how often the schema version is asked for.
	pollEvery = time.Second
	// staleAfter is how old the newest confirmation of the schema may be when a write begins.
	staleAfter = 3 * time.Second
	// settleTime is how long whoever changes the columns that writes must keep waits, after the nodes agree on the change: by then no
	// write begins that does not know it.
	settleTime = staleAfter + time.Second
	// retryBuilds is how often a client looks whether an index that is not built is being built by another one.
	retryBuilds = 5 * time.Second
	// slowestBuilds is how long it waits at most after builds that failed.
	slowestBuilds = time.Minute
)

// schemaWatch keeps the snapshot of the schema current.
type schemaWatch struct {
	snapshot atomic.Pointer[snapshot]
	// started is where the times of confirmed count from, by the monotonic clock.
	started time.Time
	// confirmed is when the newest look at the version began that found the snapshot current.
	confirmed atomic.Int64
	// looking is held by who looks. It is a channel, so that a wait for it ends with the context.
	looking chan struct{}

	stop       context.CancelFunc
	background sync.WaitGroup // the goroutine of watch; Close waits for it

	settle time.Duration // settleTime, but in tests with one client
}

// startWatching reads the schema and begins to watch it.
func (c *Client) startWatching(ctx context.Context) error {
	c.schema.started = time.Now()
	c.schema.looking = make(chan struct{}, 1)
	c.schema.settle = settleTime
	c.schema.snapshot.Store(emptySnapshot())
	if _, err := c.refresh(ctx); err != nil {
		return err
	}
	background, stop := context.WithCancel(context.Background())
	c.schema.stop = stop
	c.schema.background.Go(func() { c.watch(background) })
	c.schema.background.Go(func() { c.watchBuilds(background) })
	return nil
}

// snapshot returns the schema in force.
func (c *Client) snapshot() *snapshot { return c.schema.snapshot.Load() }

// watch looks at the schema version until ctx ends. A look that fails is repeated by the next one: until then calls go on
// with the snapshot that is there, and writes look themselves (current).
func (c *Client) watch(ctx context.Context) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
		}
		look, cancel := context.WithTimeout(ctx, c.opts.Timeout)
		c.refresh(look)
		cancel()
	}
}

// watchBuilds looks after indexes that are not built until ctx ends. It has a goroutine of its own, since to fill an index takes long, and
// waits longer after each failure, since each try reads the whole family.
func (c *Client) watchBuilds(ctx context.Context) {
	failed := retryBuilds
	for wait := pollEvery; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = retryBuilds
		if err := c.finishBuilds(ctx, c.snapshot().unbuilt()); err != nil {
			failed = min(2*failed, slowestBuilds)
			wait = failed
		} else {
			failed = retryBuilds
		}
	}
}

// refresh makes the snapshot what the cluster has now: it asks for the version and, if that is another one, reads the
// schema. Of calls that come at the same time one asks, and those that came before it began share what it finds.
func (c *Client) refresh(ctx context.Context) (*snapshot, error) {
	w := &c.schema
	arrived := int64(time.Since(w.started))
	select {
	case w.looking <- struct{}{}:
		defer func() { <-w.looking }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if w.confirmed.Load() >= arrived && arrived > 0 {
		return c.snapshot(), nil
	}
	began := int64(time.Since(w.started))
	h, err := c.head(ctx)
	if err != nil {
		return nil, err
	}
	old := c.snapshot()
	if h.version.String() != old.version {
		next, err := c.load(ctx, h, old)
		if err != nil {
			return nil, err
		}
		w.snapshot.Store(next)
		c.logRefused(old, next)
	}
	w.confirmed.Store(began)
	return c.snapshot(), nil
}

// logRefused logs the tables that are not served, each once.
func (c *Client) logRefused(old, next *snapshot) {
	if c.opts.Logger == nil {
		return
	}
	for name, why := range next.refused {
		if was := old.refused[name]; was == nil || was.Error() != why.Error() {
			c.opts.Logger.Warn("a table is not served", "keyspace", name.keyspace, "table", name.family, "reason", why)
		}
	}
}

// current returns the schema for a write: one that was current within staleAfter, so that whoever adds an index knows from when
// on every write keeps its shadow.
func (c *Client) current(ctx context.Context) (*snapshot, error) {
	if c.schema.confirmed.Load() < int64(time.Since(c.schema.started)-staleAfter) {
		return c.refresh(ctx)
	}
	return c.snapshot(), nil
}

// gained returns the schema in force if one of the families has a shadow there that it does not have in s, else nil. A write that
// began with s and lasted until the index was added must then be sent again, to write the shadow.
func (c *Client) gained(ctx context.Context, s *snapshot, keyspace string, families []string) (*snapshot, error) {
	now, err := c.current(ctx)
	if err != nil || now == s {
		return nil, err
	}
	for _, family := range families {
		was, is := s.table(keyspace, family), now.table(keyspace, family)
		if was == nil || is == nil || was == is {
			continue
		}
		for column, shadow := range is.shadows {
			if was.shadows[column] != shadow {
				return now, nil
			}
		}
	}
	return nil, nil
}

// unbuilt returns the tables that have an index that is not built.
func (s *snapshot) unbuilt() []*table {
	var tables []*table
	for name := range s.tables {
		if t := s.table(name.keyspace, name.family); t != nil && len(t.unbuilt) > 0 {
			tables = append(tables, t)
		}
	}
	return tables
}
