package cqlclient

import (
	"context"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// interfaceVersion is the version of the Thrift interface of Cassandra 3.11, the last release with that interface.
const interfaceVersion = "20.1.0"

// unreachable is the key under which nodes that do not answer are listed.
const unreachable = "UNREACHABLE"

// Describe implements [backend.Backend]. One node reports the facts, except the unreachable nodes: these are the nodes that do not
// answer this client.
func (c *Client) Describe(ctx context.Context, r *backend.DescribeRequest) (_ *backend.Cluster, err error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer func(start time.Time) { c.done(MethodDescribe, start, err) }(time.Now())
	d := &backend.Cluster{}
	if r.Facts&backend.FactVersion != 0 {
		d.Version = interfaceVersion
	}
	if r.Facts&backend.FactPartitioner != 0 {
		d.Partitioner = c.ring.Class()
	}
	if r.Facts&backend.FactName != 0 {
		if err := c.session.Query("SELECT cluster_name FROM system.local").Idempotent(true).ScanContext(ctx, &d.Name); err != nil {
			return nil, c.fail(ctx, err)
		}
	}
	if r.Facts&backend.FactSnitch != 0 && !before(c.snapshot().release, 4) {
		var err error
		if d.Snitch, err = c.snitch(ctx); err != nil {
			return nil, err
		}
	}
	var keyspace *schema.Keyspace
	if r.Facts&backend.FactRing != 0 {
		var err error
		if keyspace, err = c.keyspace(ctx, r.Keyspace); err != nil {
			return nil, err
		}
	}
	if r.Facts&(backend.FactSchemaVersions|backend.FactRing|backend.FactTokens) == 0 {
		return d, ctx.Err()
	}
	nodes, err := c.nodes(ctx)
	if err != nil {
		return nil, err
	}
	if r.Facts&backend.FactSchemaVersions != 0 {
		d.SchemaVersions = schemaVersions(nodes)
	}
	if r.Facts&backend.FactTokens != 0 {
		d.Tokens = map[string]string{}
		for i := range nodes {
			for _, token := range nodes[i].Tokens {
				d.Tokens[token] = nodes[i].Host
			}
		}
	}
	if keyspace != nil {
		if d.Ring, err = ringOf(c.ring, nodes, keyspace); err != nil {
			return nil, err
		}
	}
	return d, ctx.Err()
}

// keyspace returns the definition of a keyspace. Another client may have created the keyspace a moment ago.
func (c *Client) keyspace(ctx context.Context, name string) (*schema.Keyspace, error) {
	if !c.snapshot().cat.HasKeyspace(name) {
		if _, err := c.refresh(ctx); err != nil {
			return nil, err
		}
	}
	cat := c.snapshot().cat
	if err := cat.CheckKeyspace(name); err != nil {
		return nil, err
	}
	return cat.Keyspace(name), nil
}

func schemaVersions(nodes []node) map[string][]string {
	versions := map[string][]string{}
	for i := range nodes {
		n := &nodes[i]
		version := n.Version
		if !n.up {
			version = unreachable
		}
		versions[version] = append(versions[version], n.Host)
	}
	return versions
}
