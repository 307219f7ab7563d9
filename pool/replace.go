package pool

import "time"

// growLocked opens one more connection in the background if there are fewer than there should be.
func (p *Pool[C]) growLocked() {
	if p.growing || p.closed || p.total >= p.set.Load().Size {
		return
	}
	p.growing = true
	p.total++
	p.dialing++
	p.wg.Go(func() {
		c, err := p.open(p.life, target{})
		p.mu.Lock()
		p.growing = false
		p.mu.Unlock()
		if err == nil {
			p.put(c)
		}
	})
}

// replaceLocked starts the replacement of c, which has just become idle, if c has done
// Settings.Recycle operations, or if its host has more than its share while another host
// has less. There is one replacement at a time, so connections of the same age are not
// all replaced at once.
func (p *Pool[C]) replaceLocked(c *conn[C]) {
	if p.replacing || !p.unbalanced && !p.wornLocked(c) {
		return
	}
	var to *host[C]
	if !p.wornLocked(c) {
		if to = p.shortLocked(); to == nil {
			p.unbalanced = false
			return
		}
		if c.host.open <= p.shareLocked(c.host) {
			return
		}
	}
	p.replacing = true
	p.wg.Go(func() { p.replace(c, to) })
}

func (p *Pool[C]) wornLocked(c *conn[C]) bool {
	n := p.set.Load().Recycle
	return n != Unlimited && c.ops >= n
}

// replace dials a connection, to the host to if it is not nil, and gives the connection the slot of old.
func (p *Pool[C]) replace(old *conn[C], to *host[C]) {
	var c *conn[C]
	var err error
	if to != nil {
		c, err = p.dialHost(p.life, to)
	} else {
		c, err = p.connect(p.life, target{})
	}
	p.mu.Lock()
	p.replacing = false
	if err != nil {
		if to == nil {
			old.ops = 0 // old stays in use, and is replaced after as many operations again
		}
		p.mu.Unlock()
		return
	}
	switch {
	case p.closed || !old.counted:
		p.mu.Unlock()
		p.adopt(c)
	case old.resting:
		p.unrestLocked(old)
		p.swapAndUnlock(old, c)
	default:
		// c is in use: if it were idle now, there would be one connection more than allowed.
		old.heir = c
		p.mu.Unlock()
	}
}

// adopt finds a slot for a new connection: a free slot, or the slot of an idle connection
// to a host that has more than its share. If there is no slot, adopt closes the connection.
func (p *Pool[C]) adopt(c *conn[C]) {
	p.mu.Lock()
	set := p.set.Load()
	if !p.closed {
		if p.total < set.Size || p.line.n > 0 && p.total < set.limit() {
			c.counted = true
			p.total++
			p.mu.Unlock()
			p.put(c)
			return
		}
		if c.host.weight > 0 && c.host.open <= p.shareLocked(c.host) {
			for old := p.idle.head; old != nil; old = p.idle.next(old) {
				if old.host.open > p.shareLocked(old.host) {
					p.unrestLocked(old)
					p.swapAndUnlock(old, c)
					return
				}
			}
		}
	}
	c.host.open--
	p.mu.Unlock()
	p.close(closing[C]{c, "the pool is full"})
}

// swapAndUnlock gives the slot of old, which is not in use, to c, and closes old.
func (p *Pool[C]) swapAndUnlock(old, c *conn[C]) {
	p.uncountLocked(old)
	c.counted = true
	p.total++
	p.mu.Unlock()
	p.onRecycled(old, c)
	p.close(closing[C]{old, "it was replaced"})
	p.put(c)
}

// shareLocked is how many of the pool's connections h should have.
func (p *Pool[C]) shareLocked(h *host[C]) int {
	weight := 0
	for _, o := range p.order {
		if !o.down {
			weight += o.weight
		}
	}
	if h.down || weight == 0 {
		return 0
	}
	return p.set.Load().Size * h.weight / weight
}

// shortLocked returns a host that is up and has less than its share.
func (p *Pool[C]) shortLocked() *host[C] {
	for _, h := range p.order {
		if !h.down && h.open < p.shareLocked(h) {
			return h
		}
	}
	return nil
}

// sweep closes idle connections that are not alive, every Settings.Sweep, so that an unused
// pool does not keep half-closed connections.
func (p *Pool[C]) sweep() {
	for {
		if d := p.set.Load().Sweep; !p.period(d) {
			return
		}
		p.mu.Lock()
		var idle []*conn[C]
		for c := p.idle.head; c != nil; c = p.idle.next(c) {
			idle = append(idle, c)
		}
		p.mu.Unlock()
		for _, c := range idle {
			p.mu.Lock()
			dead := c.resting && !c.alive()
			if dead {
				p.dropLocked(c, "")
			}
			p.mu.Unlock()
			if dead {
				p.close(closing[C]{c, "it was closed by the server"})
			}
		}
	}
}

// period waits for the duration of a setting, and starts again when settings change. It
// returns false if the pool is disposed.
func (p *Pool[C]) period(d time.Duration) bool {
	for {
		var after <-chan time.Time
		if d != Forever {
			after = time.After(d)
		}
		select {
		case <-after:
			return true
		case <-p.life.Done():
			return false
		case <-p.resweep:
			d = p.set.Load().Sweep
		}
	}
}
