package pool

import (
	"context"
	"errors"
	"time"

	"github.com/widerow/widerow/internal/guard"
)

// A host is a server of the list. It belongs to Pool.mu.
type host[C Conn] struct {
	server string
	weight int // how often it is listed; 0 when it has left the list
	open   int // connections that count for the pool, and running dials
	idle   queue[conn[C]]
	down   bool // set aside
	// probing: a goroutine dials the host until it answers.
	probing bool
	probed  time.Time // when the last such dial ended
}

// SetServers replaces the list of servers. Connections to servers that are not listed any
// more are closed; if they are in use, they are closed when they are given back. If the
// list returns an error or is empty, nothing changes.
func (p *Pool[C]) SetServers(ctx context.Context, servers ServerList) error {
	list, err := p.list(ctx, servers)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return &AllServersUnavailableError{}
	}
	list = append([]string(nil), list...)
	p.shuffle(list)

	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return ErrClosed
	}
	p.source = servers
	old := p.hosts
	for _, h := range old {
		h.weight = 0
	}
	p.hosts, p.order, p.turn = make(map[string]*host[C], len(list)), nil, 0
	for _, server := range list {
		h := p.hosts[server]
		if h == nil {
			if h = old[server]; h == nil {
				h = &host[C]{server: server}
				h.idle.at = func(c *conn[C]) *links[conn[C]] { return &c.inHost }
			}
			p.hosts[server] = h
			p.order = append(p.order, h)
		}
		h.weight++
	}
	var gone []closing[C]
	for _, h := range old {
		for h.weight == 0 && h.idle.n > 0 {
			gone = append(gone, p.dropLocked(h.idle.head, "its server left the list"))
		}
	}
	p.unbalanced = true
	p.serveLocked()
	p.mu.Unlock()
	p.onServerList(list)
	p.close(gone...)
	return nil
}

func (p *Pool[C]) list(ctx context.Context, servers ServerList) (list []string, err error) {
	defer guard.Recover(p.log, "the list of servers", &err)
	return servers(ctx)
}

// RefreshServers calls the current [ServerList] again, and replaces the list of servers
// by its result as SetServers does.
func (p *Pool[C]) RefreshServers(ctx context.Context) error {
	return p.SetServers(ctx, p.serverList())
}

func (p *Pool[C]) serverList() ServerList {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.source
}

// downLocked sets h aside and starts its probe. It returns the connections to close, and
// whether h was up before. The caller must serve the line.
func (p *Pool[C]) downLocked(h *host[C]) (gone []closing[C], news bool) {
	if h.weight == 0 || p.closed {
		return nil, false
	}
	news = !h.down
	h.down = true
	for h.idle.n > 0 {
		gone = append(gone, p.dropLocked(h.idle.head, "its host failed"))
	}
	p.probeLocked(h, p.set.Load().MinAside, false)
	p.serveLocked()
	return gone, news
}

// upLocked puts h back in use. It returns whether h was aside before.
func (p *Pool[C]) upLocked(h *host[C]) (news bool) {
	news = h.down
	h.down = false
	p.unbalanced = p.unbalanced || news
	return news
}

// suspectLocked starts a probe of h, because a call to h did not end within the deadline of
// ctx. The deadline may have been too short, so h stays in use until the probe fails.
func (p *Pool[C]) suspectLocked(ctx context.Context, h *host[C]) {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && !h.down && h.weight > 0 && !p.closed &&
		time.Since(h.probed) >= p.set.Load().MinAside {
		p.probeLocked(h, 0, true)
	}
}

func (p *Pool[C]) probeLocked(h *host[C], delay time.Duration, suspect bool) {
	if !h.probing {
		h.probing = true
		p.wg.Go(func() { p.probe(h, delay, suspect) })
	}
}

// probe dials h until h answers, or is back in use for another reason. A suspect, which
// is not aside, is dialed once in any case.
func (p *Pool[C]) probe(h *host[C], delay time.Duration, suspect bool) {
	for ; ; suspect = false {
		if !sleep(p.life, delay) {
			return
		}
		p.mu.Lock()
		if h.weight == 0 || !h.down && !suspect {
			h.probing = false
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
		c, err := p.dialHost(p.life, h)
		if err == nil {
			p.adopt(c)
		}
		p.mu.Lock()
		h.probed = time.Now()
		p.mu.Unlock()
		set := p.set.Load()
		delay = min(max(2*delay, set.MinAside), set.MaxAside)
	}
}

// sleep waits for d. It returns false if ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}
