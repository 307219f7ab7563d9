package backend

import (
	"context"
	"errors"
)

// WhyNotServed returns the reason why a store leaves a family out of its definitions, for example because a CQL table does not
// fit into a column family. It returns nil if the family does not exist.
func WhyNotServed(ctx context.Context, b Backend, keyspace, family string) error {
	_, err := b.Slice(ctx, &SliceRequest{Parent: Parent{Keyspace: keyspace, Family: family}, Predicate: Predicate{Names: [][]byte{}}})
	if errors.Is(err, ErrUnsupported) {
		return err
	}
	return nil
}

// Facts is a set of facts about a cluster.
type Facts uint16

// The facts that Describe can be asked for.
const (
	FactName Facts = 1 << iota
	FactVersion
	FactPartitioner
	FactSnitch
	FactSchemaVersions
	FactRing
	FactTokens
)

// DescribeRequest asks for facts about the cluster.
type DescribeRequest struct {
	Facts Facts
	// Keyspace is the keyspace whose replicas the ring shows. It is required for FactRing.
	Keyspace string
}

// Cluster holds the facts that were asked for.
type Cluster struct {
	Name string
	// Version is the version of the Thrift interface, such as "19.39.0".
	Version     string
	Partitioner string // class name
	Snitch      string // class name
	// SchemaVersions lists the nodes by their schema version. Nodes that do not
	// answer are listed under "UNREACHABLE".
	SchemaVersions map[string][]string
	Ring           []TokenRange
	// Tokens is the node of each token (1.1 and later).
	Tokens map[string]string
}

// TokenRange is a part of the ring, from Start, exclusive, to End, inclusive.
type TokenRange struct {
	Start, End string
	// Endpoints are the addresses of the replicas for other nodes. RPCEndpoints are
	// the addresses for clients, in the same order, if the version reports them.
	Endpoints    []string
	RPCEndpoints []string
	Details      []Endpoint
}

// Endpoint is the location of a replica.
type Endpoint struct {
	Host, Datacenter, Rack string
}

// SplitsRequest asks to divide a token range of a family. Empty tokens mean the
// whole ring.
type SplitsRequest struct {
	Keyspace, Family     string
	StartToken, EndToken string
	KeysPerSplit         int
}

// Split is a token range, from Start, exclusive, to End, inclusive, with an
// estimate of its rows.
type Split struct {
	Start, End string
	Rows       int64
}
