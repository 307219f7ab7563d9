package thriftclient

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"sync/atomic"

	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/internal/thriftwire"
)

// ring maps the rows of a keyspace to the servers that own them. It is immutable.
type ring struct {
	part partitioner.Partitioner
	// ends are the end positions of the parts of the ring, in order. sets has, for
	// each part, the index of its replicas in the field replicas.
	ends [][]byte
	sets []int
	// replicas are the distinct sets of servers, and of each set all its rotations.
	replicas [][][]string
	turn     atomic.Uint32
	used     atomic.Bool // used since it was read
}

// newRing builds a ring from the answer of describe_ring. The function server returns the
// server of a node's address; a node is left out if server returns "". If the tokens cannot
// be parsed, the result is a ring without owners.
func newRing(part partitioner.Partitioner, ranges []thriftwire.TokenRange, server func(host string) string) *ring {
	r := &ring{part: part}
	type segment struct {
		end []byte
		set int
	}
	var segments []segment
	known := map[string]int{}
	for i := range ranges {
		end, err := part.AppendToken(nil, ranges[i].EndToken, true)
		if err != nil {
			return &ring{part: part}
		}
		servers := serversOf(&ranges[i], server)
		// The first replica is no better than the others, so sets have no order.
		slices.Sort(servers)
		name := strings.Join(servers, " ")
		set, ok := known[name]
		if !ok {
			set = len(r.replicas)
			known[name] = set
			r.replicas = append(r.replicas, rotations(servers))
		}
		segments = append(segments, segment{end, set})
	}
	slices.SortFunc(segments, func(a, b segment) int { return bytes.Compare(a.end, b.end) })
	for _, s := range segments {
		r.ends = append(r.ends, s.end)
		r.sets = append(r.sets, s.set)
	}
	return r
}

// serversOf returns the replicas of a part of the ring as servers.
func serversOf(part *thriftwire.TokenRange, server func(string) string) []string {
	var servers []string
	for i, host := range part.Endpoints {
		// The address for clients, if the version reports one and it is specified.
		if i < len(part.RPCEndpoints) && !unspecified(part.RPCEndpoints[i]) {
			host = part.RPCEndpoints[i]
		}
		if s := server(host); s != "" {
			servers = append(servers, s)
		}
	}
	return servers
}

func unspecified(host string) bool { return host == "" || host == "0.0.0.0" || host == "::" }

// rotations returns all rotations of a list: one that begins at each element.
func rotations(list []string) [][]string {
	all := make([][]string, len(list))
	for i := range list {
		all[i] = slices.Concat(list[i:], list[:i])
	}
	return all
}

// set returns the index of the replicas of a key, or -1.
func (r *ring) set(key []byte) int {
	if len(r.ends) == 0 {
		return -1
	}
	if len(r.replicas) == 1 {
		return 0 // whatever the position
	}
	var room [64]byte
	position := r.part.AppendKey(room[:0], key)
	i := sort.Search(len(r.ends), func(i int) bool { return bytes.Compare(position, r.ends[i]) < 0 })
	if i == len(r.ends) {
		i = 0 // the part that wraps around
	}
	return r.sets[i]
}

// owners returns the servers that have a row. Each call begins with another server.
func (r *ring) owners(key []byte) []string {
	set := r.set(key)
	if set < 0 || len(r.replicas[set]) == 0 {
		return nil
	}
	all := r.replicas[set]
	return all[int(r.turn.Add(1)%uint32(len(all)))]
}

// split groups the indexes of keys by the servers that have them. It returns nil if
// the same servers have all keys.
func (r *ring) split(keys [][]byte) [][]int {
	if len(r.replicas) < 2 {
		return nil
	}
	groups := make([][]int, len(r.replicas))
	for i, key := range keys {
		if set := r.set(key); set >= 0 {
			groups[set] = append(groups[set], i)
		}
	}
	groups = slices.DeleteFunc(groups, func(g []int) bool { return len(g) == 0 })
	if len(groups) < 2 {
		return nil
	}
	return groups
}

// servers returns all servers of the ring.
func (r *ring) servers() []string {
	var all []string
	for _, set := range r.replicas {
		if len(set) > 0 {
			all = append(all, set[0]...)
		}
	}
	return all
}
