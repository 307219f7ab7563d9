package pool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Lease is the right to use a connection until the lease is released. A Lease is a small
// value and may be copied, but only one goroutine at a time may use the connection.
// [Pool.Get] makes a Lease; of a zero Lease only Release may be called.
type Lease[C Conn] struct {
	c *conn[C]
	n uint64 // which of the leases of c
}

// Conn returns the connection. It must not be used, nor closed, after Release.
func (l Lease[C]) Conn() C { return l.c.raw }

// Server returns the server of the connection.
func (l Lease[C]) Server() string { return l.c.host.server }

// Count adds n operations to the connection's count for [Settings.Recycle]. Each lease
// counts as one operation without a call of Count.
func (l Lease[C]) Count(n int) {
	l.c.pool.mu.Lock()
	defer l.c.pool.mu.Unlock()
	l.c.ops += n
}

// Release gives the connection back. Err is the error of the last use, or nil if it
// succeeded. [Options.Classify] decides by err whether the connection and the host can
// still be used. A second Release returns [ErrReleased] and does nothing.
func (l Lease[C]) Release(err error) error {
	if l.c == nil {
		return ErrReleased
	}
	return l.c.pool.release(l, l.c.pool.fault(err), err)
}

// Get takes a connection for raw use. If a server in prefer is up and has an idle
// connection, Get takes a connection to the first such server. The caller must call
// [Lease.Release].
//
// If all connections stay in use, Get returns [ErrNoConnectionAvailable]. If Get had to
// open a connection and could not connect to any server, it returns
// [ErrAllServersUnavailable]. If the pool was disposed, it returns [ErrClosed]. If ctx
// ends, it returns the error of ctx.
func (p *Pool[C]) Get(ctx context.Context, prefer []string) (Lease[C], error) {
	return p.acquire(ctx, target{prefer: prefer})
}

// A target says which servers a caller prefers and avoids.
type target struct {
	prefer []string // in this order, if they are up
	avoid  []string // servers that have just failed: used only if there is no other
}

func (t *target) avoids(server string) bool { return slices.Contains(t.avoid, server) }

// A grant is given to a caller in the line: a connection or, if c is nil, the right to
// dial a connection, or an error.
type grant[C Conn] struct {
	c       *conn[C]
	evicted *conn[C] // must be closed, because its slot was taken
	err     error
}

func (p *Pool[C]) acquire(ctx context.Context, t target) (Lease[C], error) {
	var dead *conn[C]
	for {
		g, err := p.next(ctx, &t, dead)
		if dead != nil {
			p.close(closing[C]{dead, "it was closed by the server"})
		}
		if err != nil {
			return Lease[C]{}, err
		}
		if g.evicted != nil {
			p.close(closing[C]{g.evicted, "another server is wanted"})
		}
		c := g.c
		if c == nil {
			if c, err = p.open(ctx, t); err != nil {
				return Lease[C]{}, err
			}
			p.mu.Lock()
			c.leaseLocked()
			p.mu.Unlock()
		} else if !c.alive() {
			// The connection is dead, for example because the server was restarted. The
			// caller keeps the slot, so that it does not wait again.
			dead = c
			continue
		}
		p.onCheckedOut(c)
		return Lease[C]{c, c.lease.Load()}, nil
	}
}

// next takes a connection or a slot, or waits for one in the line. If there is a dead
// connection, next reuses its slot.
func (p *Pool[C]) next(ctx context.Context, t *target, dead *conn[C]) (grant[C], error) {
	p.mu.Lock()
	if dead != nil {
		dead.lease.Store(0)
		p.uncountLocked(dead)
	}
	err := ctx.Err()
	switch {
	case err != nil:
		err = fmt.Errorf("taking a connection: %w", err)
	case p.closed:
		err = ErrClosed
	}
	if err != nil {
		p.serveLocked()
		p.mu.Unlock()
		return grant[C]{}, err
	}
	if dead != nil || p.line.n == 0 {
		if g, ok := p.takeLocked(t); ok {
			p.mu.Unlock()
			return g, nil
		}
	}
	set := p.set.Load()
	waiting := p.line.n
	if set.WaitTimeout == NoWait || waiting >= set.maxWaiters() {
		p.mu.Unlock()
		return grant[C]{}, p.atMax(set, 0, waiting)
	}
	w := p.line.enter()
	p.mu.Unlock()

	g, err := p.await(ctx, w, set)
	if err == nil && g.c != nil && t.avoids(g.c.host.server) {
		p.mu.Lock()
		if p.alternativeLocked(t.avoid) {
			g = p.evictLocked(g.c)
		}
		p.mu.Unlock()
	}
	return g, err
}

// await waits for the turn of w.
func (p *Pool[C]) await(ctx context.Context, w *waiter[C], set *Settings) (grant[C], error) {
	start := time.Now()
	var g grant[C]
	var why error
	granted := false
	select {
	case g = <-w.granted:
		granted = true
	case <-ctx.Done():
		why = ctx.Err()
	case <-w.after(set.WaitTimeout):
		why = ErrNoConnectionAvailable
	}
	w.stop()
	p.mu.Lock()
	if why != nil && !p.line.has(w) {
		// The grant arrived at the same moment. If the caller's context ended,
		// the caller passes the grant on; if only WaitTimeout is over, it takes
		// the grant.
		g, granted = <-w.granted, true
		if why == ErrNoConnectionAvailable {
			why = nil
		}
	} else if why != nil {
		p.line.remove(w)
	}
	waiting := p.line.n
	p.line.leave(w)
	p.mu.Unlock()
	switch {
	case why == nil:
		return g, g.err
	case errors.Is(why, ErrNoConnectionAvailable):
		return grant[C]{}, p.atMax(set, time.Since(start), waiting)
	case !granted:
	case g.c != nil:
		g.c.lease.Store(0)
		p.put(g.c)
	case g.err == nil:
		p.unreserve()
	}
	return grant[C]{}, fmt.Errorf("waiting for a connection: %w", why)
}

func (p *Pool[C]) atMax(set *Settings, waited time.Duration, waiting int) error {
	p.onPoolAtMax()
	return &NoConnectionAvailableError{Size: set.Size, MaxOverflow: set.MaxOverflow, Waited: waited, Waiting: waiting}
}

// takeLocked takes an idle connection, or a slot for a new connection, if there is one.
func (p *Pool[C]) takeLocked(t *target) (grant[C], bool) {
	if c := p.pickLocked(t); c != nil {
		p.wakeLocked(c)
		p.growLocked()
		return grant[C]{c: c}, true
	}
	if p.total < p.set.Load().limit() {
		p.total++
		p.dialing++
		return grant[C]{}, true
	}
	if c := p.idle.head; c != nil {
		p.wakeLocked(c)
		return p.evictLocked(c), true
	}
	return grant[C]{}, false
}

// pickLocked chooses an idle connection for t. All hosts of idle connections are up.
func (p *Pool[C]) pickLocked(t *target) *conn[C] {
	for _, server := range t.prefer {
		if h := p.hosts[server]; h != nil && h.idle.head != nil && !t.avoids(server) {
			return h.idle.head
		}
	}
	if len(t.avoid) == 0 {
		return p.idle.head
	}
	for c := p.idle.head; c != nil; c = p.idle.next(c) {
		if !t.avoids(c.host.server) {
			return c
		}
	}
	if p.alternativeLocked(t.avoid) {
		return nil
	}
	return p.idle.head
}

// alternativeLocked reports whether a host is up that t does not avoid.
func (p *Pool[C]) alternativeLocked(avoid []string) bool {
	return slices.ContainsFunc(p.order, func(h *host[C]) bool {
		return !h.down && !slices.Contains(avoid, h.server)
	})
}

// wakeLocked takes c from the idle connections, for a caller.
func (p *Pool[C]) wakeLocked(c *conn[C]) {
	p.unrestLocked(c)
	c.leaseLocked()
}

// unrestLocked takes c from the idle connections.
func (p *Pool[C]) unrestLocked(c *conn[C]) {
	p.idle.remove(c)
	c.host.idle.remove(c)
	c.resting = false
}

func (c *conn[C]) leaseLocked() {
	c.leases++
	c.lease.Store(c.leases)
}

// evictLocked gives the slot of c, which a caller holds, to a dial.
func (p *Pool[C]) evictLocked(c *conn[C]) grant[C] {
	c.lease.Store(0)
	p.uncountLocked(c)
	p.total++
	p.dialing++
	return grant[C]{evicted: c}
}

// serveLocked gives free connections and slots to the waiting callers, in their order. It
// must be called after every change that may free a connection or a slot.
func (p *Pool[C]) serveLocked() {
	for p.line.n > 0 {
		var g grant[C]
		if c := p.idle.head; c != nil {
			p.wakeLocked(c)
			g.c = c
		} else if p.total < p.set.Load().limit() {
			p.total++
			p.dialing++
		} else {
			return
		}
		p.line.pop().granted <- g
	}
}

// unreserve gives back the right to dial.
func (p *Pool[C]) unreserve() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dialing--
	p.total--
	p.serveLocked()
}
