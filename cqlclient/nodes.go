package cqlclient

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
)

// node describes a node of the cluster, as reported by one node.
type node struct {
	ID         string   `json:"host_id"`
	Host       string   `json:"host"` // the address for other nodes
	RPC        string   `json:"rpc"`  // the address for clients
	Datacenter string   `json:"data_center"`
	Rack       string   `json:"rack"`
	Tokens     []string `json:"tokens"`
	Version    string   `json:"schema_version"`
	// up means that the node answers, or that the client's driver does not know the node.
	up bool
}

// nodes returns the nodes that one node reports. The reporting node is first.
func (c *Client) nodes(ctx context.Context) ([]node, error) {
	h, err := c.head(ctx, "")
	if err != nil {
		return nil, err
	}
	const common = "host_id, data_center, rack, tokens, schema_version, "
	var local, peers []string
	if err := c.readJSON(ctx, h.host, "SELECT JSON "+common+"broadcast_address AS host, rpc_address AS rpc FROM system.local", &local); err != nil {
		return nil, err
	}
	if before(h.release, 4) {
		err = c.readJSON(ctx, h.host, "SELECT JSON "+common+"peer AS host, rpc_address AS rpc FROM system.peers", &peers)
	} else {
		err = c.readJSON(ctx, h.host, "SELECT JSON "+common+"peer AS host, native_address AS rpc FROM system.peers_v2", &peers)
	}
	if err != nil {
		return nil, err
	}
	versions := c.versions(ctx)
	var nodes []node
	for _, text := range append(local, peers...) {
		var n node
		if err := json.Unmarshal([]byte(text), &n); err != nil {
			return nil, &backend.Error{Kind: backend.KindInternal, Why: "a row of system.peers cannot be read", Err: err}
		}
		if n.ID == "" || len(n.Tokens) == 0 {
			continue // this node is joining or has left
		}
		version, known := versions[n.ID]
		if n.up = !known || version != ""; version != "" {
			n.Version = version
		}
		nodes = append(nodes, n)
	}
	slices.SortFunc(nodes[1:], func(a, b node) int { return strings.Compare(a.Host, b.Host) })
	return nodes, nil
}

// versions asks each node that the driver knows for its schema version, and returns the versions by the nodes' ids. It asks each node,
// since a node learns the versions of other nodes late. If a node does not answer, its version is "".
func (c *Client) versions(ctx context.Context) map[string]string {
	versions := map[string]string{}
	var mu sync.Mutex
	var group sync.WaitGroup
	for _, host := range c.session.GetHosts() {
		group.Go(func() {
			var version gocql.UUID
			answer := ""
			if host.IsUp() {
				err := c.session.Query("SELECT schema_version FROM system.local").Idempotent(true).SetHostID(host.HostID()).ScanContext(ctx, &version)
				if err == nil {
					answer = version.String()
				}
			}
			mu.Lock()
			defer mu.Unlock()
			versions[host.HostID()] = answer
		})
	}
	group.Wait()
	return versions
}

// snitch returns the class of the snitch. If the version is before 4.0, snitch returns "", since such versions do not report it.
func (c *Client) snitch(ctx context.Context) (string, error) {
	var class string
	err := c.session.Query("SELECT value FROM system_views.settings WHERE name = 'endpoint_snitch'").Idempotent(true).ScanContext(ctx, &class)
	if errors.Is(err, gocql.ErrNotFound) {
		return "", nil
	}
	return class, c.fail(ctx, err)
}
