package pool_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/widerow/widerow/pool"
)

// A cluster is a set of servers that exist only in the test. It uses the time of synctest.
type cluster struct {
	mu    sync.Mutex
	nodes map[string]*node
	conns []*conn
}

type node struct {
	down  bool          // refuses connections
	hung  bool          // never answers
	delay time.Duration // the time that a dial takes
	dials int
}

var errRefused = errors.New("refused")

func newCluster(servers ...string) *cluster {
	c := &cluster{nodes: map[string]*node{}}
	for _, s := range servers {
		c.nodes[s] = &node{}
	}
	return c
}

func (c *cluster) dial(ctx context.Context, server string) (*conn, error) {
	c.mu.Lock()
	n := c.nodes[server]
	n.dials++
	down, hung, delay := n.down, n.hung, n.delay
	c.mu.Unlock()
	if hung {
		<-ctx.Done()
		return nil, fmt.Errorf("dialing %s: %w", server, ctx.Err())
	}
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if down {
		return nil, errRefused
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	k := &conn{cluster: c, server: server}
	c.conns = append(c.conns, k)
	return k, nil
}

// set changes a node.
func (c *cluster) set(server string, change func(*node)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c.nodes[server])
}

// stop refuses new connections to a server and ends its open connections.
func (c *cluster) stop(server string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes[server].down = true
	for _, k := range c.conns {
		if k.server == server {
			k.stale = true
		}
	}
}

func (c *cluster) start(server string) { c.set(server, func(n *node) { n.down = false }) }

func (c *cluster) dials(server string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nodes[server].dials
}

// open counts the open connections by server.
func (c *cluster) open() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := map[string]int{}
	for _, k := range c.conns {
		if !k.closed {
			m[k.server]++
		}
	}
	return m
}

func (c *cluster) total() int {
	n := 0
	for _, k := range c.open() {
		n += k
	}
	return n
}

type conn struct {
	cluster *cluster
	server  string
	closed  bool
	stale   bool
}

func (k *conn) Close() error {
	k.cluster.mu.Lock()
	defer k.cluster.mu.Unlock()
	if k.closed {
		panic("closed twice")
	}
	k.closed = true
	return nil
}

func (k *conn) Alive() bool {
	k.cluster.mu.Lock()
	defer k.cluster.mu.Unlock()
	return !k.stale && !k.closed
}

// The errors of calls, by their kind.
var (
	errRequest = errors.New("invalid request")
	errBusy    = errors.New("unavailable")     // retry on another server
	errBroken  = errors.New("connection lost") // the connection is dead; retry
	errHung    = errors.New("i/o timeout")     // the host is dead; retry
	errLogin   = errors.New("wrong password")
)

func classify(err error) pool.Fault {
	switch {
	case errors.Is(err, errBusy):
		return pool.Retry
	case errors.Is(err, errBroken):
		return pool.Retry | pool.ConnDead
	case errors.Is(err, errHung):
		return pool.Retry | pool.HostDown
	case errors.Is(err, errLogin):
		return pool.Final
	}
	return pool.NetworkFault(err)
}

// run runs a test in a bubble with its own time, with a pool of servers named "a", "b" and so on,
// listed in this order.
func run(t *testing.T, servers int, opts pool.Options, f func(t *testing.T, c *cluster, p *pool.Pool[*conn])) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(names(servers)...)
		p := c.pool(t, opts)
		f(t, c, p)
		p.Dispose()
		if n := c.total(); n != 0 {
			t.Errorf("%d connections are open after Dispose", n)
		}
	})
}

func names(n int) []string {
	var s []string
	for i := range n {
		s = append(s, string(rune('a'+i)))
	}
	return s
}

func (c *cluster) pool(t testing.TB, opts pool.Options) *pool.Pool[*conn] {
	t.Helper()
	opts.Shuffle = func([]string) {}
	opts.Classify = classify
	p, err := pool.New(t.Context(), pool.Servers(names(len(c.nodes))...), c.dial, &opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Dispose)
	return p
}

func get(t testing.TB, p *pool.Pool[*conn], prefer ...string) pool.Lease[*conn] {
	t.Helper()
	l, err := p.Get(t.Context(), prefer)
	if err != nil {
		t.Fatalf("Get: %v", err)
	}
	return l
}

func release(t testing.TB, l pool.Lease[*conn], err error) {
	t.Helper()
	if err := l.Release(err); err != nil {
		t.Fatalf("Release: %v", err)
	}
}

// check checks how many connections are idle, in use and beyond the size.
func check(t testing.TB, p *pool.Pool[*conn], in, out, overflow int) {
	t.Helper()
	synctest.Wait()
	if p.CheckedIn() != in || p.CheckedOut() != out || p.Overflow() != overflow {
		t.Fatalf("%d idle, %d in use, %d over; want %d, %d, %d",
			p.CheckedIn(), p.CheckedOut(), p.Overflow(), in, out, overflow)
	}
}

func down(p *pool.Pool[*conn]) []string {
	var s []string
	for _, h := range p.State().Hosts {
		if !h.Up {
			s = append(s, h.Server)
		}
	}
	slices.Sort(s)
	return s
}
