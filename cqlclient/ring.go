package cqlclient

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/schema"
)

// position is a token of a node.
type position struct {
	token string
	node  *node
}

// positions returns the tokens of all nodes in the order of the ring.
func positions(part partitioner.Partitioner, nodes []node) ([]position, error) {
	var all []position
	for i := range nodes {
		for _, token := range nodes[i].Tokens {
			if _, err := part.CompareTokens(token, token); err != nil {
				return nil, &backend.Error{Kind: backend.KindInternal, Why: fmt.Sprintf("node %s has the token %q", nodes[i].Host, token), Err: err}
			}
			all = append(all, position{token, &nodes[i]})
		}
	}
	slices.SortFunc(all, func(a, b position) int {
		n, _ := part.CompareTokens(a.token, b.token)
		return cmp.Or(n, cmp.Compare(a.node.Host, b.node.Host))
	})
	return all, nil
}

// ringOf returns the ranges of the ring, as describe_ring does. The replicas of each range follow from the keyspace's strategy.
func ringOf(part partitioner.Partitioner, nodes []node, k *schema.Keyspace) ([]backend.TokenRange, error) {
	all, err := positions(part, nodes)
	if err != nil {
		return nil, err
	}
	place, err := placement(k, nodes)
	if err != nil {
		return nil, err
	}
	ring := make([]backend.TokenRange, len(all))
	for i := range all {
		r := &ring[i]
		r.Start, r.End = all[(i+len(all)-1)%len(all)].token, all[i].token
		for _, n := range place(slices.Concat(all[i:], all[:i])) {
			r.Endpoints = append(r.Endpoints, n.Host)
			r.RPCEndpoints = append(r.RPCEndpoints, n.RPC)
			r.Details = append(r.Details, backend.Endpoint{Host: n.Host, Datacenter: n.Datacenter, Rack: n.Rack})
		}
	}
	return ring, nil
}

// placement returns a function that chooses the replicas of a range from the nodes that follow the range on the ring.
func placement(k *schema.Keyspace, nodes []node) (func([]position) []*node, error) {
	switch k.Strategy {
	case schema.SimpleStrategy:
		n, err := strconv.Atoi(k.StrategyOptions["replication_factor"])
		if err != nil {
			return nil, &backend.Error{Kind: backend.KindUnsupported, Why: "the replication factor of " + k.Name + " is not a number", Err: err}
		}
		return func(walk []position) []*node { return simpleReplicas(walk, n) }, nil
	case schema.NetworkTopologyStrategy:
		perDC := map[string]int{}
		for dc, value := range k.StrategyOptions {
			n, err := strconv.Atoi(value)
			if err != nil {
				return nil, &backend.Error{Kind: backend.KindUnsupported, Why: fmt.Sprintf("keyspace %s has %q replicas in %s", k.Name, value, dc), Err: err}
			}
			perDC[dc] = n
		}
		return func(walk []position) []*node { return networkReplicas(walk, perDC, nodes) }, nil
	}
	return nil, &backend.Error{Kind: backend.KindUnsupported, Why: "how " + k.Strategy + " places replicas is not known"}
}

// simpleReplicas takes the next n nodes.
func simpleReplicas(walk []position, n int) (replicas []*node) {
	for _, p := range walk {
		if len(replicas) >= n {
			break
		}
		if !slices.Contains(replicas, p.node) {
			replicas = append(replicas, p.node)
		}
	}
	return replicas
}

// networkReplicas takes the next nodes of each data centre, as NetworkTopologyStrategy of 3.0 and later does. It prefers nodes of unused
// racks. If a data centre has more replicas than racks, networkReplicas uses racks again as often as the difference requires.
func networkReplicas(walk []position, perDC map[string]int, nodes []node) (replicas []*node) {
	type datacenter struct {
		left, repeats int
		racks         map[string]bool // racks that are used
	}
	centers := map[string]*datacenter{}
	for dc, n := range perDC {
		racks, size := map[string]bool{}, 0
		for i := range nodes {
			if nodes[i].Datacenter == dc {
				racks[nodes[i].Rack] = true
				size++
			}
		}
		centers[dc] = &datacenter{left: min(n, size), repeats: n - len(racks), racks: map[string]bool{}}
	}
	for _, p := range walk {
		dc := centers[p.node.Datacenter]
		if dc == nil || dc.left == 0 || slices.Contains(replicas, p.node) {
			continue
		}
		if dc.racks[p.node.Rack] {
			if dc.repeats <= 0 {
				continue
			}
			dc.repeats--
		}
		dc.racks[p.node.Rack] = true
		dc.left--
		replicas = append(replicas, p.node)
	}
	return replicas
}
