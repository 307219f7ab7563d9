package thriftclient

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// lookupTimeout bounds the lookup of the listed servers' names before a ring is read.
const lookupTimeout = 2 * time.Second

// seedNames stores the addresses of the listed servers' names. The ring has addresses
// only. A node that was listed by a name keeps that name: TLS verifies the name, and the
// name stays right when the address changes.
type seedNames struct {
	// addresses maps each listed server with a name to the same server by address, as the
	// last lookup returned it.
	addresses map[string][]string
}

// lookUp looks the names up again. A name that cannot be looked up keeps its addresses.
func (n *seedNames) lookUp(ctx context.Context, listed []string) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	next := map[string][]string{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, server := range listed {
		host, port, err := net.SplitHostPort(server)
		if err != nil || net.ParseIP(host) != nil {
			continue
		}
		wg.Go(func() {
			found, err := net.DefaultResolver.LookupHost(ctx, host)
			addresses := make([]string, len(found))
			for i, a := range found {
				addresses[i] = net.JoinHostPort(canonical(a), port)
			}
			if err != nil {
				addresses = n.addresses[server]
			}
			mu.Lock()
			defer mu.Unlock()
			next[server] = addresses
		})
	}
	wg.Wait()
	n.addresses = next
}

// of returns the listed names of nodes by their addresses. A name is left out if it
// resolves to several of the nodes, or if its node is also listed by its address.
func (n *seedNames) of(nodes, listed []string) map[string]string {
	names := map[string]string{}
	for _, server := range listed {
		var node string
		count := 0
		for _, a := range n.addresses[server] {
			if slices.Contains(nodes, a) && a != node {
				node = a
				count++
			}
		}
		if count == 1 && names[node] == "" && !slices.Contains(listed, node) {
			names[node] = server
		}
	}
	return names
}

// canonical returns an address in the form of package net. Java writes IPv6 addresses in full.
func canonical(host string) string {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	return a.Unmap().String()
}
