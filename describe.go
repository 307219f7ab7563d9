package widerow

import (
	"context"

	"github.com/widerow/widerow/backend"
)

// TokenRange is a part of the ring, from one token to another, with the nodes that have replicas of its rows.
type TokenRange = backend.TokenRange

// Ring returns the parts of the ring. Each part has the nodes that hold its replicas
// under the keyspace's replication strategy.
func (s *SystemManager) Ring(ctx context.Context, keyspace string) ([]TokenRange, error) {
	c, err := s.describe(ctx, backend.FactRing, keyspace)
	return c.Ring, err
}

// ClusterName returns the cluster's name.
func (s *SystemManager) ClusterName(ctx context.Context) (string, error) {
	c, err := s.describe(ctx, backend.FactName, "")
	return c.Name, err
}

// Version returns the version of the Thrift interface that the store has or imitates,
// such as "19.36.2".
func (s *SystemManager) Version(ctx context.Context) (string, error) {
	c, err := s.describe(ctx, backend.FactVersion, "")
	return c.Version, err
}

// SchemaVersions returns the addresses of the nodes by their schema version.
// Nodes that did not answer are listed under "UNREACHABLE".
func (s *SystemManager) SchemaVersions(ctx context.Context) (map[string][]string, error) {
	c, err := s.describe(ctx, backend.FactSchemaVersions, "")
	return c.SchemaVersions, err
}

// Partitioner returns the class name of the partitioner, which decides the order of rows.
func (s *SystemManager) Partitioner(ctx context.Context) (string, error) {
	c, err := s.describe(ctx, backend.FactPartitioner, "")
	return c.Partitioner, err
}

// Snitch returns the class name of the snitch, which Cassandra asks for the data centre and rack of a node.
func (s *SystemManager) Snitch(ctx context.Context) (string, error) {
	c, err := s.describe(ctx, backend.FactSnitch, "")
	return c.Snitch, err
}

// TokenMap returns, for each token on the ring, the address of the node that has the token (Cassandra 1.2
// and later).
func (s *SystemManager) TokenMap(ctx context.Context) (map[string]string, error) {
	c, err := s.describe(ctx, backend.FactTokens, "")
	return c.Tokens, err
}

// describe never returns nil.
func (s *SystemManager) describe(ctx context.Context, facts backend.Facts, keyspace string) (*backend.Cluster, error) {
	b, err := s.database().store(ctx)
	if err != nil {
		return new(backend.Cluster), opError("describe cluster", keyspace, err)
	}
	c, err := b.Describe(ctx, &backend.DescribeRequest{Facts: facts, Keyspace: keyspace})
	if err != nil || c == nil {
		return new(backend.Cluster), opError("describe cluster", keyspace, err)
	}
	return c, nil
}
