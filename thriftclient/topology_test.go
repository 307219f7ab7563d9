package thriftclient_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/thriftclient"
)

// A fakeRing is a cluster of nodes that describe its ring.
type fakeRing struct {
	mu     sync.Mutex
	hosts  map[string]*node // the nodes, by their addresses in the ring
	tokens []thriftwire.TokenRange
}

// newRing starts nodes that own equal parts of the RandomPartitioner's ring. Each part has copies
// on the given number of nodes. The addresses in the ring are names.
func newRing(t *testing.T, nodes, replicas int) *fakeRing {
	r := &fakeRing{hosts: map[string]*node{}}
	tokens := []string{"0", "56713727820156410577229101238628035242", "113427455640312821154458202477256070484"}[:nodes]
	for i := range nodes {
		r.hosts[fmt.Sprintf("node%d", i)] = startNode(t, nodeOptions{}, r.answer)
		part := thriftwire.TokenRange{StartToken: tokens[(i+nodes-1)%nodes], EndToken: tokens[i]}
		for j := range replicas {
			part.Endpoints = append(part.Endpoints, fmt.Sprintf("node%d", (i+j)%nodes))
			part.RPCEndpoints = append(part.RPCEndpoints, "0.0.0.0")
		}
		r.tokens = append(r.tokens, part)
	}
	return r
}

func (r *fakeRing) answer(args thriftwire.Args) (thriftwire.Result, error) {
	switch args := args.(type) {
	case *thriftwire.DescribeRingArgs:
		if args.Keyspace != "ks" {
			return nil, &thriftwire.InvalidRequestException{Why: "no replicas"}
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		return &thriftwire.DescribeRingResult{Success: r.tokens}, nil
	case *thriftwire.DescribePartitionerArgs:
		return &thriftwire.DescribePartitionerResult{Success: partitioner.Random.Class()}, nil
	case *thriftwire.MultigetCountArgs:
		result := new(thriftwire.MultigetCountResult)
		for _, k := range args.Keys {
			result.Success = append(result.Success, thriftwire.Entry[[]byte, int32]{Key: k, Value: int32(len(k))})
		}
		return result, nil
	}
	return nil, nil
}

func (r *fakeRing) options() *thriftclient.Options {
	opts := fast()
	opts.NoDiscovery = false
	opts.Size = 6
	opts.Translate = func(host string) string {
		if n := r.hosts[host]; n != nil {
			return n.addr
		}
		return ""
	}
	return opts
}

// owner returns the node that owns a key.
func (r *fakeRing) owner(key string) *node {
	token := partitioner.Random.Token([]byte(key))
	for _, part := range r.tokens {
		if c, err := partitioner.Random.CompareTokens(token, part.EndToken); err == nil && c <= 0 {
			return r.hosts[part.Endpoints[0]]
		}
	}
	return r.hosts[r.tokens[0].Endpoints[0]]
}

// know waits until a client knows all nodes and each node has its share of the connections, so that
// no connection moves any more.
func (r *fakeRing) know(t *testing.T, c *thriftclient.Client) {
	t.Helper()
	if err := get(t.Context(), c, "k"); err != nil {
		t.Fatal(err)
	}
	wait(t, "the client knows the nodes of the ring", func() bool { return len(c.State().Hosts) == len(r.hosts) })
	wait(t, "there are as many connections to each", func() bool {
		if err := get(t.Context(), c, "k"); err != nil {
			t.Fatal(err)
		}
		state := c.State()
		share := state.Size / len(r.hosts)
		return state.Dialing == 0 && state.CheckedIn == state.Size &&
			!slices.ContainsFunc(state.Hosts, func(h pool.HostState) bool { return h.Open != share })
	})
	for _, n := range r.hosts {
		n.called()
	}
}

func TestCallsGoToTheOwner(t *testing.T) {
	r := newRing(t, 3, 1)
	c := connect(t, r.options(), r.hosts["node0"])
	r.know(t, c)
	for i := range 60 {
		key := fmt.Sprint("key", i)
		if err := c.Mutate(t.Context(), insert(key)); err != nil {
			t.Fatal(err)
		}
		if err := get(t.Context(), c, key); err != nil {
			t.Fatal(err)
		}
		for name, n := range r.hosts {
			calls := without(n.called(), "set_keyspace")
			var want []string
			if n == r.owner(key) {
				want = []string{"insert", "get_slice"}
			}
			if diff := cmp.Diff(want, calls); diff != "" {
				t.Errorf("%s, %s: %s", key, name, diff)
			}
		}
	}
}

func TestMultigetIsSplitByOwner(t *testing.T) {
	r := newRing(t, 3, 1)
	c := connect(t, r.options(), r.hosts["node0"])
	r.know(t, c)
	var keys []string
	for i := range 30 {
		keys = append(keys, fmt.Sprintf("%0*d", i+1, i))
	}
	counts, err := c.Count(t.Context(), slice(keys...))
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range counts {
		if n != i+1 {
			t.Errorf("count %d is %d, want %d", i, n, i+1)
		}
	}
	for name, n := range r.hosts {
		if diff := cmp.Diff([]string{"multiget_count"}, without(n.called(), "set_keyspace")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestFullReplicasShareTheLoad(t *testing.T) {
	r := newRing(t, 3, 3)
	c := connect(t, r.options(), r.hosts["node0"])
	r.know(t, c)
	for range 30 {
		if err := get(t.Context(), c, "k"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Count(t.Context(), slice("a", "b", "c", "d", "e")); err != nil {
		t.Fatal(err)
	}
	counts := 0
	for name, n := range r.hosts {
		calls := without(n.called(), "set_keyspace")
		gets := len(without(slices.Clone(calls), "multiget_count"))
		counts += len(calls) - gets
		if gets < 5 {
			t.Errorf("%s had %d of 30 reads", name, gets)
		}
	}
	if counts != 1 {
		t.Errorf("a read of keys that all nodes have was made in %d calls", counts)
	}
}

func TestOwnerIsDown(t *testing.T) {
	r := newRing(t, 3, 1)
	c := connect(t, r.options(), r.hosts["node0"])
	r.know(t, c)
	down := r.owner("key1")
	down.stop()
	for range 20 {
		if err := get(t.Context(), c, "key1"); err != nil {
			t.Fatal(err)
		}
	}
	down.start()
	wait(t, "calls go to the owner again", func() bool {
		if err := get(t.Context(), c, "key1"); err != nil {
			t.Fatal(err)
		}
		return slices.Contains(down.called(), "get_slice")
	})
}

func TestNodesComeAndGo(t *testing.T) {
	r := newRing(t, 3, 1)
	all := r.tokens
	r.tokens = all[:1]
	opts := r.options()
	opts.RingRefresh = 10 * time.Millisecond
	c := connect(t, opts, r.hosts["node0"])
	servers := func(n int) func() bool {
		return func() bool {
			if err := get(t.Context(), c, "k"); err != nil {
				t.Fatal(err)
			}
			return len(c.State().Hosts) == n
		}
	}
	for _, n := range []int{1, 3, 2} {
		r.mu.Lock()
		r.tokens = all[:n]
		r.mu.Unlock()
		wait(t, fmt.Sprintf("the client has %d servers", n), servers(n))
	}
}

// The user's functions panic: a node for which Translate panics is not used, and a dial that panics
// fails.
func TestFunctionsThatPanic(t *testing.T) {
	r := newRing(t, 3, 1)
	opts := r.options()
	opts.Logger = slog.New(slog.DiscardHandler)
	translate := opts.Translate
	opts.Translate = func(host string) string {
		if host == "node2" {
			panic("in Translate")
		}
		return translate(host)
	}
	var dials atomic.Int32
	opts.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == r.hosts["node1"].addr && dials.Add(1) == 1 {
			panic("in Dial")
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	opts.Events.CheckedOut = func(pool.ConnEvent) { panic("in a listener") }
	c := connect(t, opts, r.hosts["node0"])
	keys := 0
	wait(t, "the other nodes are used", func() bool {
		keys++
		if err := get(t.Context(), c, fmt.Sprint("k", keys)); err != nil {
			t.Fatal(err)
		}
		return len(c.State().Hosts) == 2 && len(without(r.hosts["node1"].called(), "set_keyspace")) > 0
	})
}

func TestNoDiscovery(t *testing.T) {
	r := newRing(t, 3, 1)
	opts := r.options()
	opts.NoDiscovery = true
	c := connect(t, opts, r.hosts["node0"])
	for range 20 {
		if err := get(t.Context(), c, "k"); err != nil {
			t.Fatal(err)
		}
	}
	if got := without(r.hosts["node0"].called(), "set_keyspace", "get_slice"); len(got) != 0 {
		t.Errorf("the calls were %v", got)
	}
	if got := len(c.State().Hosts); got != 1 {
		t.Errorf("there are %d servers", got)
	}
}

// A keyspace without a ring works, and the client asks for its ring once.
func TestKeyspaceWithoutRing(t *testing.T) {
	r := newRing(t, 3, 1)
	c := connect(t, r.options(), r.hosts["node0"])
	request := slice("k")
	request.Keyspace = "local"
	for range 20 {
		if _, err := c.Slice(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	wait(t, "the ring is asked for", func() bool { return slices.Contains(r.hosts["node0"].called(), "describe_ring") })
	for range 20 {
		if _, err := c.Slice(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	if calls := r.hosts["node0"].called(); slices.Contains(calls, "describe_ring") {
		t.Errorf("the ring is asked for again: %v", calls)
	}
}

func TestServerList(t *testing.T) {
	first, second := startNode(t, nodeOptions{}, nil), startNode(t, nodeOptions{}, nil)
	c := connect(t, fast(), first)
	if err := c.SetServers(t.Context(), second.addr); err != nil {
		t.Fatal(err)
	}
	if err := get(t.Context(), c, "k"); err != nil {
		t.Fatal(err)
	}
	wait(t, "the old server is left", func() bool { return first.open() == 0 })
	if got := without(second.called(), "set_keyspace"); len(got) != 1 {
		t.Errorf("the calls of the new server were %v", got)
	}
}
