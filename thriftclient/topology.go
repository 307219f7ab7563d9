package thriftclient

import (
	"cmp"
	"context"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/widerow/widerow/internal/guard"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/pool"
)

// topology finds the nodes of the cluster and the owners of rows. It reads the rings
// of the keyspaces in use, in the background.
type topology struct {
	client *Client
	rings  atomic.Pointer[map[string]*ring]
	wake   chan struct{}
	life   context.Context
	end    context.CancelFunc
	wg     sync.WaitGroup
	names  seedNames // belongs to the goroutine that reads the rings

	mu     sync.Mutex
	seeds  pool.ServerList
	listed []string        // the servers that seeds returned last
	port   string          // of the first seed
	nodes  []string        // servers known from the rings
	wanted map[string]bool // keyspaces whose ring must be read
}

func newTopology(c *Client, seeds pool.ServerList) *topology {
	t := &topology{client: c, seeds: seeds, port: DefaultPort, wake: make(chan struct{}, 1), wanted: map[string]bool{}}
	t.life, t.end = context.WithCancel(context.Background())
	t.rings.Store(&map[string]*ring{})
	return t
}

// start begins the background work. stop ends it and waits until it has ended.
func (t *topology) start() {
	if !t.client.opts.NoDiscovery {
		t.wg.Go(t.run)
	}
}

func (t *topology) stop() {
	t.end()
	t.wg.Wait()
}

func (t *topology) setSeeds(seeds pool.ServerList) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seeds = seeds
}

// servers returns the list that the pool uses: the listed servers and the nodes of the rings.
func (t *topology) servers(ctx context.Context) ([]string, error) {
	t.mu.Lock()
	seeds, nodes := t.seeds, t.nodes
	t.mu.Unlock()
	list, err := seeds(ctx)
	if err != nil || len(list) == 0 {
		return list, err
	}
	_, port, _ := net.SplitHostPort(list[0])
	t.mu.Lock()
	t.port, t.listed = port, list
	t.mu.Unlock()
	servers := slices.Clone(list)
	for _, n := range nodes {
		if !slices.Contains(list, n) {
			servers = append(servers, n)
		}
	}
	return servers, nil
}

// isListed reports whether a server was listed, and not only found in a ring.
func (t *topology) isListed(server string) bool {
	return slices.Contains(t.list(), server)
}

func (t *topology) list() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.listed
}

// server returns the server of a node by its address in the ring.
func (t *topology) server(host string) string {
	if t.client.opts.Translate != nil {
		return t.translate(host)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return net.JoinHostPort(canonical(host), t.port)
}

// translate calls the user's function. If the function panics for a node, the node is not used.
func (t *topology) translate(host string) (server string) {
	defer guard.Recover(guard.Logger(t.client.opts.Logger), "Translate", nil)
	return t.client.opts.Translate(host)
}

// owners returns the servers that have a row, if they are known.
func (t *topology) owners(keyspace string, key []byte) []string {
	if key == nil {
		return nil
	}
	if r := t.ring(keyspace); r != nil {
		return r.owners(key)
	}
	return nil
}

// split groups the indexes of keys by the servers that have them, or returns nil.
func (t *topology) split(keyspace string, keys [][]byte) [][]int {
	if r := t.ring(keyspace); r != nil {
		return r.split(keys)
	}
	return nil
}

// ring returns the ring of a keyspace. If the ring is unknown, it returns nil, and the
// ring is read in the background.
func (t *topology) ring(keyspace string) *ring {
	if t.client.opts.NoDiscovery || keyspace == "" {
		return nil
	}
	if r := (*t.rings.Load())[keyspace]; r != nil {
		r.used.Store(true)
		return r
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.wanted[keyspace] {
		t.wanted[keyspace] = true
		select {
		case t.wake <- struct{}{}:
		default:
		}
	}
	return nil
}

func (t *topology) run() {
	ticker := time.NewTicker(t.client.opts.RingRefresh)
	defer ticker.Stop()
	for {
		select {
		case <-t.life.Done():
			return
		case <-t.wake:
			t.update(false)
		case <-ticker.C:
			t.update(true)
		}
	}
}

// update reads the rings that are wanted. If all is set, it also reads again the rings
// that were used since they were last read, and forgets the other rings.
func (t *topology) update(all bool) {
	t.mu.Lock()
	keyspaces := slices.Collect(maps.Keys(t.wanted))
	t.mu.Unlock()
	t.names.lookUp(t.life, t.list())
	next := map[string]*ring{}
	for keyspace, r := range *t.rings.Load() {
		switch {
		case !all:
			next[keyspace] = r
		case r.used.Load():
			next[keyspace] = r // the old ring, until there is a newer one
			keyspaces = append(keyspaces, keyspace)
		}
	}
	for _, keyspace := range keyspaces {
		r, err := t.read(keyspace)
		if t.life.Err() != nil {
			return
		}
		if err == nil {
			next[keyspace] = r
		} else if next[keyspace] == nil {
			next[keyspace] = new(ring) // the next refresh reads it again
			next[keyspace].used.Store(true)
		}
	}
	t.rings.Store(&next)
	t.mu.Lock()
	for _, keyspace := range keyspaces {
		delete(t.wanted, keyspace)
	}
	t.mu.Unlock()
	t.adopt(next)
}

// read reads the ring of a keyspace from a server.
func (t *topology) read(keyspace string) (*ring, error) {
	ctx, c := t.life, t.client
	result, err := c.call(ctx, route{}, &thriftwire.DescribeRingArgs{Keyspace: keyspace})
	if err != nil {
		return nil, err
	}
	ranges := result.(*thriftwire.DescribeRingResult).Success
	if result, err = c.call(ctx, route{}, &thriftwire.DescribePartitionerArgs{}); err != nil {
		return nil, err
	}
	part, err := partitioner.ByClass(result.(*thriftwire.DescribePartitionerResult).Success)
	if err != nil {
		return nil, err // a partitioner of the user's own: calls go to any node
	}
	var nodes []string
	for i := range ranges {
		nodes = append(nodes, serversOf(&ranges[i], t.server)...)
	}
	names := t.names.of(nodes, t.list())
	return newRing(part, ranges, func(host string) string {
		server := t.server(host)
		return cmp.Or(names[server], server)
	}), nil
}

// adopt makes the nodes of the rings servers of the pool.
func (t *topology) adopt(rings map[string]*ring) {
	var nodes []string
	for _, r := range rings {
		nodes = append(nodes, r.servers()...)
	}
	slices.Sort(nodes)
	nodes = slices.Compact(nodes)
	t.mu.Lock()
	same := len(nodes) == 0 || slices.Equal(nodes, t.nodes)
	if !same {
		t.nodes = nodes
	}
	t.mu.Unlock()
	if !same {
		// On an error the servers stay unchanged.
		_ = t.client.pool.SetServers(t.life, t.servers)
	}
}
