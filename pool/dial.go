package pool

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/widerow/widerow/internal/guard"
)

// dialRounds is how often each server is tried before a caller gets
// ErrAllServersUnavailable, as in pycassa.
const dialRounds = 2

// open dials a connection for a slot that the caller has reserved (in Pool.total and
// Pool.dialing). The connection takes the slot; if the dial fails, the slot is free again.
func (p *Pool[C]) open(ctx context.Context, t target) (*conn[C], error) {
	c, err := p.connect(ctx, t)
	p.mu.Lock()
	p.dialing--
	late := err == nil && p.closed
	switch {
	case late:
		p.total--
		c.host.open--
	case err != nil:
		p.total--
		p.serveLocked()
	default:
		c.counted = true
	}
	p.mu.Unlock()
	if late {
		p.close(closing[C]{c, "the pool is disposed"})
		return nil, ErrClosed
	}
	return c, err
}

// connect dials the servers, in the order of candidatesLocked for t, until one answers.
func (p *Pool[C]) connect(ctx context.Context, t target) (*conn[C], error) {
	var failed AllServersUnavailableError
	for range dialRounds {
		p.mu.Lock()
		hosts := p.candidatesLocked(&t)
		p.mu.Unlock()
		failed.Servers = len(hosts)
		for _, h := range hosts {
			c, err := p.dialHost(ctx, h)
			switch {
			case err == nil:
				return c, nil
			case p.life.Err() != nil:
				return nil, ErrClosed
			case ctx.Err() != nil && errors.Is(err, ctx.Err()):
				return nil, fmt.Errorf("connecting to %s: %w", h.server, err)
			case ctx.Err() != nil:
				return nil, fmt.Errorf("connecting to %s: %w: %w", h.server, ctx.Err(), err)
			case p.fault(err)&Final != 0:
				return nil, fmt.Errorf("connecting to %s: %w", h.server, err)
			}
			failed.Server, failed.Err = h.server, err
		}
	}
	return nil, &failed
}

// candidatesLocked returns all hosts in the order in which t should try them: preferred
// hosts that are up, other hosts that are up, hosts that are up but should be avoided,
// and last the hosts that are set aside. Among equal hosts, the host with the fewest
// connections for its weight is first, then the host whose turn it is.
func (p *Pool[C]) candidatesLocked(t *target) []*host[C] {
	n := len(p.order)
	list := make([]*host[C], 0, n)
	for i := range n {
		list = append(list, p.order[(p.turn+i)%n])
	}
	rank := func(h *host[C]) int {
		i := slices.Index(t.prefer, h.server)
		switch {
		case h.down:
			return len(t.prefer) + 2
		case t.avoids(h.server):
			return len(t.prefer) + 1
		case i >= 0:
			return i
		}
		return len(t.prefer)
	}
	slices.SortStableFunc(list, func(a, b *host[C]) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return a.open*b.weight - b.open*a.weight
	})
	if n > 0 {
		p.turn = (slices.Index(p.order, list[0]) + 1) % n
	}
	return list
}

// dialHost dials one host, within DialTimeout, and marks the host up or down by the result.
// The connection counts as a connection of the host, but not yet of the pool.
func (p *Pool[C]) dialHost(ctx context.Context, h *host[C]) (*conn[C], error) {
	p.mu.Lock()
	h.open++
	p.mu.Unlock()

	raw, err := p.dialTimed(ctx, h.server)

	if err == nil {
		p.mu.Lock()
		p.lastID++
		c := &conn[C]{pool: p, id: p.lastID, raw: raw, host: h}
		back := p.upLocked(h)
		p.mu.Unlock()
		p.onCreated(c)
		if back {
			p.onHostUp(h.server)
		}
		return c, nil
	}

	var gone []closing[C]
	var down, back bool
	p.mu.Lock()
	h.open--
	switch {
	case p.life.Err() != nil:
	case ctx.Err() != nil:
		p.suspectLocked(ctx, h)
	case p.fault(err)&Final != 0:
		back = p.upLocked(h)
	default:
		gone, down = p.downLocked(h)
	}
	p.mu.Unlock()
	if !errors.Is(ctx.Err(), context.Canceled) && p.life.Err() == nil {
		p.onFailed(h.server, ConnInfo{}, err)
	}
	if down {
		p.onHostDown(h.server, err)
	}
	if back {
		p.onHostUp(h.server)
	}
	p.close(gone...)
	return nil, err
}

// dialTimed dials. Ctx, DialTimeout and the life of the pool bound the dial.
func (p *Pool[C]) dialTimed(ctx context.Context, server string) (c C, err error) {
	defer guard.Recover(p.log, "the dialer", &err)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.life, cancel)()
	if d := p.set.Load().DialTimeout; d != Forever {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, d)
		defer stop()
	}
	return p.dial(ctx, server)
}
