package thriftserver

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/widerow/widerow/backend"
)

const (
	// freeFailures is the number of failed logins of a client after which answers to further failures are delayed.
	freeFailures = 3
	// firstDelay and maxDelay bound the delay of the answer, which doubles with each failure.
	firstDelay, maxDelay = 100 * time.Millisecond, 5 * time.Second
	// forgetFailures is the time after which the failures of a client are forgotten, counted from the last one.
	forgetFailures = 10 * time.Minute
	// maxFailing is the number of clients with failures that are remembered.
	maxFailing = 4096
	// failureLines is the most failed logins that are logged in a second.
	failureLines = 10
)

// clientOf returns the client of a connection: an IPv4 address, or the /64 network of an IPv6 address, since one
// machine may have all addresses of such a network. Connections without an IP address have the zero Prefix.
func clientOf(a net.Addr) netip.Prefix {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	ip := t.AddrPort().Addr().Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() && !ip.IsLoopback() {
		bits = 64
	}
	p, _ := ip.Prefix(bits)
	return p
}

// clientName returns a client as "192.0.2.1", "2001:db8::/64" or "local".
func clientName(who netip.Prefix) string {
	switch {
	case !who.IsValid():
		return "local"
	case who.IsSingleIP():
		return who.Addr().String()
	}
	return who.String()
}

// logins decides whose password is checked next, and limits how many are checked at once. Clients take turns,
// so that no client blocks others. Among the connections of one client, those with fewer attempts are first, and newer
// ones before older ones: a connection that guesses passwords waits behind a new one.
type logins struct {
	mu      sync.Mutex
	free    int
	clients map[netip.Prefix]*loginClient
	turns   []*loginClient // clients with waiters

	lines       int // logged in the second of lineSecond
	linesSecond int64
}

// loginClient is a client that waits for a check, or from which logins have failed.
type loginClient struct {
	who      netip.Prefix
	waiting  []*loginWaiter // in the order of their arrival
	failures int
	last     time.Time // of the failures
}

type loginWaiter struct {
	attempts int // earlier attempts of its connection
	admitted chan struct{}
}

func newLogins(n int) *logins { return &logins{free: n, clients: map[netip.Prefix]*loginClient{}} }

// client returns the state of a client. The caller holds l.mu.
func (l *logins) client(who netip.Prefix) *loginClient {
	c := l.clients[who]
	if c == nil {
		for other, o := range l.clients {
			if len(l.clients) < maxFailing {
				break
			}
			if len(o.waiting) == 0 {
				delete(l.clients, other)
			}
		}
		c = &loginClient{who: who}
		l.clients[who] = c
	}
	return c
}

// acquire waits until a password may be checked. attempts is the number of earlier attempts of the connection. acquire gives
// up when the context ends or gone is closed.
func (l *logins) acquire(ctx context.Context, gone <-chan struct{}, who netip.Prefix, attempts int) error {
	l.mu.Lock()
	if l.free > 0 {
		l.free--
		l.mu.Unlock()
		return nil
	}
	c := l.client(who)
	w := &loginWaiter{attempts: attempts, admitted: make(chan struct{})}
	if c.waiting = append(c.waiting, w); len(c.waiting) == 1 {
		l.turns = append(l.turns, c)
	}
	l.mu.Unlock()
	select {
	case <-w.admitted:
		return nil
	case <-ctx.Done():
	case <-gone:
	}
	l.leave(c, w)
	return &backend.Error{Kind: backend.KindUnavailable, Why: "too many logins wait to be checked: try again later", Err: ctx.Err()}
}

// leave removes a waiter that has given up.
func (l *logins) leave(c *loginClient, w *loginWaiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-w.admitted: // in the same moment
		l.next()
		return
	default:
	}
	c.waiting = slices.DeleteFunc(c.waiting, func(x *loginWaiter) bool { return x == w })
	if len(c.waiting) == 0 {
		l.turns = slices.DeleteFunc(l.turns, func(x *loginClient) bool { return x == c })
		l.drop(c)
	}
}

// drop removes a client that has no failures to remember. The caller holds l.mu.
func (l *logins) drop(c *loginClient) {
	if len(c.waiting) == 0 && c.failures == 0 && l.clients[c.who] == c {
		delete(l.clients, c.who)
	}
}

// release ends a check.
func (l *logins) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next()
}

// next admits a waiter. The caller holds l.mu.
func (l *logins) next() {
	if len(l.turns) == 0 {
		l.free++
		return
	}
	c := l.turns[0]
	l.turns = append(l.turns[:0], l.turns[1:]...)
	best := 0
	for i, w := range c.waiting {
		if w.attempts <= c.waiting[best].attempts {
			best = i
		}
	}
	close(c.waiting[best].admitted)
	c.waiting = slices.Delete(c.waiting, best, best+1)
	if len(c.waiting) > 0 {
		l.turns = append(l.turns, c)
	}
	l.drop(c)
}

// failed counts a failed login of a client. It returns how many have failed, how long the answer must
// wait, and whether to log the failure: the more failures a client has, the fewer are logged, and failureLines bounds all.
func (l *logins) failed(who netip.Prefix, now time.Time) (n int, delay time.Duration, log bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.client(who)
	if now.Sub(c.last) > forgetFailures {
		c.failures = 0
	}
	c.failures, c.last = c.failures+1, now
	if n = c.failures; n > freeFailures {
		delay = min(firstDelay<<min(n-freeFailures-1, 10), maxDelay)
	}
	if n&(n-1) != 0 {
		return n, delay, false
	}
	if second := now.Unix(); second != l.linesSecond {
		l.linesSecond, l.lines = second, 0
	}
	l.lines++
	return n, delay, l.lines <= failureLines
}
