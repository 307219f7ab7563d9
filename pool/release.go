package pool

import "github.com/widerow/widerow/internal/guard"

// closing is a connection that must be closed without Pool.mu held, and the reason.
type closing[C Conn] struct {
	c   *conn[C]
	why string
}

// close closes connections that have left the pool. It is called without Pool.mu held.
func (p *Pool[C]) close(gone ...closing[C]) {
	for _, g := range gone {
		err := p.closeRaw(g.c)
		p.onDisposed(g.c, g.why, err)
		p.mu.Lock()
		heir := g.c.heir
		g.c.heir = nil
		p.mu.Unlock()
		if heir != nil {
			p.adopt(heir)
		}
	}
}

func (p *Pool[C]) closeRaw(c *conn[C]) (err error) {
	defer guard.Recover(p.log, "closing a connection", &err)
	return c.raw.Close()
}

// fault classifies err.
func (p *Pool[C]) fault(err error) Fault {
	if err == nil {
		return 0
	}
	f := p.classify(err)
	if f&HostDown != 0 {
		f |= ConnDead
	}
	return f
}

// release takes back the connection of l. Fault is the class of err, the error of the last use.
func (p *Pool[C]) release(l Lease[C], fault Fault, err error) error {
	c := l.c
	if !c.lease.CompareAndSwap(l.n, 0) {
		return ErrReleased
	}
	if fault&(Retry|ConnDead) != 0 {
		p.onFailed(c.host.server, c.info(), err)
	}
	if fault&ConnDead == 0 {
		// Call this before another caller can get the connection, to keep the order of events.
		p.onCheckedIn(c)
		p.mu.Lock()
		c.ops++
		back := p.upLocked(c.host) // it answered
		p.mu.Unlock()
		if back {
			p.onHostUp(c.host.server)
		}
		p.put(c)
		return nil
	}
	p.mu.Lock()
	p.uncountLocked(c)
	var gone []closing[C]
	var down bool
	if fault&HostDown != 0 {
		gone, down = p.downLocked(c.host)
	}
	p.serveLocked()
	p.mu.Unlock()
	if down {
		p.onHostDown(c.host.server, err)
	}
	p.close(closing[C]{c, "it failed"})
	p.close(gone...)
	return nil
}

// put makes c, or the connection that replaces it, idle. If c is not needed, put closes it.
func (p *Pool[C]) put(c *conn[C]) {
	p.mu.Lock()
	if heir := c.heir; heir != nil && !p.closed {
		c.heir = nil
		p.swapAndUnlock(c, heir)
		return
	}
	why := p.putLocked(c)
	p.mu.Unlock()
	if why != "" {
		p.close(closing[C]{c, why})
	}
}

// putLocked makes c idle. If c must be closed, putLocked forgets c and returns the
// reason.
func (p *Pool[C]) putLocked(c *conn[C]) (why string) {
	set := p.set.Load()
	switch {
	case p.closed:
		why = "the pool is disposed"
	case c.host.weight == 0:
		why = "its server left the list"
	case c.host.down:
		why = "its host is set aside"
	case p.total > set.limit(), p.idle.n >= set.Size:
		why = "the pool is full"
	default:
		p.idle.push(c)
		c.host.idle.push(c)
		c.resting = true
		p.serveLocked()
		p.replaceLocked(c)
		return ""
	}
	p.uncountLocked(c)
	p.serveLocked()
	return why
}

// dropLocked forgets c, which is idle.
func (p *Pool[C]) dropLocked(c *conn[C], why string) closing[C] {
	p.unrestLocked(c)
	p.uncountLocked(c)
	return closing[C]{c, why}
}

// uncountLocked frees the slot of c.
func (p *Pool[C]) uncountLocked(c *conn[C]) {
	if c.counted {
		c.counted = false
		c.host.open--
		p.total--
	}
}
