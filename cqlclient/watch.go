package cqlclient

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// These constants are the times of the schema watch.
const (
	// pollEvery is how often the client asks for the schema version.
	pollEvery = time.Second
	// staleAfter is how old the last confirmation of the schema may be when a write begins.
	staleAfter = 3 * time.Second
	// settleTime is how long a client waits after a change of the columns that writes must write. The wait begins when the nodes agree on
	// the change. After the wait, every write that begins knows the change.
	settleTime = staleAfter + time.Second
	// retryBuilds is how often a client checks whether another client builds an unbuilt index.
	retryBuilds = 5 * time.Second
	// slowestBuilds is the longest time that a client waits after failed builds.
	slowestBuilds = time.Minute
)

// schemaWatch keeps the snapshot of the schema current.
type schemaWatch struct {
	snapshot atomic.Pointer[snapshot]
	// started is the zero of the times in confirmed, by the monotonic clock.
	started time.Time
	// confirmed is the start of the last refresh that found the snapshot current or made it current.
	confirmed atomic.Int64
	// failure is the error of the last look of watch, if it failed.
	failure atomic.Pointer[error]
	// looking is the lock of refresh. It is a channel, so that a wait for it ends with the context.
	looking chan struct{}

	closing    <-chan struct{} // closed by stop
	stop       context.CancelFunc
	background sync.WaitGroup // the goroutines of watch, watchHealth and watchBuilds; Close waits for them

	settle time.Duration // settleTime, except in tests with one client
}

// startWatching reads the schema and starts the goroutines that watch it.
func (c *Client) startWatching(ctx context.Context) error {
	c.schema.started = time.Now()
	c.schema.looking = make(chan struct{}, 1)
	c.schema.settle = settleTime
	c.schema.snapshot.Store(emptySnapshot())
	if _, err := c.refresh(ctx); err != nil {
		return err
	}
	background, stop := context.WithCancel(context.Background())
	c.schema.closing, c.schema.stop = background.Done(), stop
	c.schema.background.Go(func() { c.watch(background) })
	c.schema.background.Go(func() { c.watchHealth(background) })
	c.schema.background.Go(func() { c.watchBuilds(background) })
	return nil
}

// snapshot returns the current snapshot of the schema.
func (c *Client) snapshot() *snapshot { return c.schema.snapshot.Load() }

// watch calls refresh every pollEvery until ctx ends. If refresh fails, calls continue with the snapshot that the client has, and each
// write calls refresh itself (see current).
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
		_, err := c.refresh(look)
		cancel()
		c.schema.looked(err)
	}
}

// watchBuilds builds unbuilt indexes until ctx ends. It runs in a separate goroutine, since filling an index takes long. It waits longer
// after each failure, since each try reads the whole family.
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

// refresh makes the snapshot current. It asks the cluster for the schema version. If the version has changed, refresh reads the schema from
// a node whose version most of the reachable nodes have. If no new version has a majority, refresh keeps the snapshot that the client has.
// If several calls arrive at the same time, one of them asks; calls that arrived before it began to ask share its result.
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
	h, err := c.head(ctx, "")
	if err != nil {
		return nil, err
	}
	old := c.snapshot()
	changed := h.version.String() != old.version
	if changed {
		if h, changed, err = c.newest(ctx, h, old.version); err != nil {
			return nil, err
		}
	}
	if changed {
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

// logRefused logs the tables that the client does not serve. It logs each table once for each reason.
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

// current returns a snapshot for a write. The snapshot was current within the last staleAfter, so that a client that adds an index knows
// when all writes that begin write its shadow.
func (c *Client) current(ctx context.Context) (*snapshot, error) {
	if c.schema.confirmed.Load() < int64(time.Since(c.schema.started)-staleAfter) {
		return c.refresh(ctx)
	}
	return c.snapshot(), nil
}

// gained returns the current snapshot if a family has a shadow in it that the family does not have in s. Otherwise it returns nil. If
// gained returns a snapshot, a write that began with s must be sent again, so that it writes the new shadow.
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

// unbuilt returns the tables with an unbuilt index.
func (s *snapshot) unbuilt() []*table {
	var tables []*table
	for name := range s.tables {
		if t := s.table(name.keyspace, name.family); t != nil && len(t.unbuilt) > 0 {
			tables = append(tables, t)
		}
	}
	return tables
}
