package realcass

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// fetchTimeout bounds the download of all files that one version needs.
const fetchTimeout = 20 * time.Minute

// A Cluster is a ring of nodes of one version. Its methods are safe for concurrent use.
type Cluster struct {
	plan    plan
	java    string // program
	jars    string // directory
	network *network
	spawner *spawner

	mu    sync.Mutex
	nodes []*Node
}

// Start starts a cluster and waits until every node answers and sees the others. The cluster ends
// with the test. If the environment names a running node of the version, the cluster is that node.
// Then a test is skipped if its Config needs more than one plain node.
func Start(t testing.TB, config Config) *Cluster {
	t.Helper()
	p, err := newPlan(config)
	if err != nil {
		t.Fatal(err)
	}
	addr, err := elsewhere(p.release)
	if err != nil {
		t.Fatal(err)
	}
	if addr != "" {
		if p.Nodes > 1 || p.Auth || config.Partitioner != "" || len(config.YAML) > 0 {
			t.Skipf("wants a cluster of its own, and %s names a running node of %v", Variable, p.release)
		}
		return running(p, addr)
	}
	c, err := launch(t.Context(), p)
	if c != nil {
		t.Cleanup(func() { c.clean(t) })
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// running is the cluster of a node that was not started here.
func running(p plan, addr string) *Cluster {
	c := &Cluster{plan: p}
	host, _, _ := net.SplitHostPort(addr)
	c.nodes = []*Node{{cluster: c, host: host, addr: addr}}
	return c
}

// launch starts a cluster. After an error it also returns the cluster, if the cluster has logs.
func launch(ctx context.Context, p plan) (*Cluster, error) {
	if err := supported(); err != nil {
		return nil, err
	}
	cache, err := openCache()
	if err != nil {
		return nil, err
	}
	c := &Cluster{plan: p}
	if c.jars, c.java, err = cache.fetch(ctx, p.release); err != nil {
		return nil, fmt.Errorf("%w\nTo use a node that runs elsewhere, set %s=%v=HOST:PORT", err, Variable, p.release)
	}
	if c.network, err = cache.claim(); err != nil {
		return nil, err
	}
	c.spawner = newSpawner()
	for i := range p.Nodes {
		c.nodes = append(c.nodes, c.newNode(i, evenPlace(i, p.Nodes), false))
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(p.Nodes)*p.StartTimeout)
	defer cancel()
	// The first node is the seed of the others.
	if err := c.nodes[0].start(ctx); err != nil {
		return c, err
	}
	var wg sync.WaitGroup
	failed := make([]error, p.Nodes)
	for i, n := range c.nodes[1:] {
		wg.Go(func() { failed[i] = n.start(ctx) })
	}
	wg.Wait()
	if err := errors.Join(failed...); err != nil {
		return c, err
	}
	return c, c.settle(ctx)
}

// fetch downloads the files that a version needs.
func (c cache) fetch(ctx context.Context, r release) (jars, java string, err error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	if jars, err = c.jars(ctx, r); err != nil {
		return "", "", err
	}
	if java, err = c.java(ctx, r.java()); err != nil {
		return "", "", err
	}
	return jars, java, nil
}

func (c *Cluster) newNode(i int, place uint64, joins bool) *Node {
	host := c.network.host(i)
	port := thriftPort
	if !c.plan.thrift() {
		port = nativePort
	}
	return &Node{
		cluster: c, host: host, addr: net.JoinHostPort(host, strconv.Itoa(port)),
		dir: filepath.Join(c.network.dir, fmt.Sprintf("node%d", i+1)), place: place, joins: joins,
	}
}

// Version returns the full version.
func (c *Cluster) Version() string { return c.plan.release.String() }

// Node returns the i-th node. The first node has number 0.
func (c *Cluster) Node(i int) *Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nodes[i]
}

// Nodes returns all nodes, also those that do not run.
func (c *Cluster) Nodes() []*Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*Node(nil), c.nodes...)
}

// Addrs returns the address of each node, as [Node.Addr] does.
func (c *Cluster) Addrs() []string {
	var addrs []string
	for _, n := range c.Nodes() {
		addrs = append(addrs, n.Addr())
	}
	return addrs
}

// NativeAddrs returns the address of each node for the native protocol, as [Node.NativeAddr] does.
func (c *Cluster) NativeAddrs() []string {
	var addrs []string
	for _, n := range c.Nodes() {
		addrs = append(addrs, n.NativeAddr())
	}
	return addrs
}

// Join adds a node to the ring. It waits until the node has its data and answers, and all nodes see it.
// Before 2.0 the new node's token is in the middle of the widest gap of the ring. In 0.7 Join takes a
// minute and a half, because a new node waits for that time for the load of the others, whatever the settings.
func (c *Cluster) Join(t testing.TB) *Node {
	t.Helper()
	c.ownedOrSkip(t)
	c.mu.Lock()
	if len(c.nodes) == maxNodes {
		c.mu.Unlock()
		t.Fatalf("a ring has no more than %d nodes", maxNodes)
	}
	var places []uint64
	for _, n := range c.nodes {
		places = append(places, n.place)
	}
	n := c.newNode(len(c.nodes), widestGap(places), true)
	c.nodes = append(c.nodes, n)
	c.mu.Unlock()
	n.Start(t)
	return n
}

// ownedOrSkip skips the test if the cluster runs elsewhere.
func (c *Cluster) ownedOrSkip(t testing.TB) {
	t.Helper()
	if c.network == nil {
		t.Skipf("wants to control a node, and %s names a running node of %v", Variable, c.plan.release)
	}
}

// up returns the nodes that run and are not paused.
func (c *Cluster) up() []*Node {
	var up []*Node
	for _, n := range c.Nodes() {
		if n.is(serving) {
			up = append(up, n)
		}
	}
	return up
}

// settle waits until all nodes that are up see each other.
func (c *Cluster) settle(ctx context.Context) error {
	nodes := c.up()
	if len(nodes) < 2 {
		return nil
	}
	var hosts []string
	for _, n := range nodes {
		hosts = append(hosts, n.host)
	}
	for _, n := range nodes {
		for {
			err := n.sees(ctx, hosts)
			if err == nil {
				break
			}
			if !pause(ctx) {
				return fmt.Errorf("the nodes do not see each other: %w: %w", ctx.Err(), err)
			}
		}
	}
	return nil
}

// pause waits for a moment before a request is repeated. It reports whether there is time left.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(100 * time.Millisecond):
		return true
	}
}
