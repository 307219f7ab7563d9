package thriftclient

import (
	"context"

	"github.com/widerow/widerow/pool"
)

// State returns how the pool stands now.
func (c *Client) State() pool.State { return c.pool.State() }

// Settings returns the pool's settings in force, with the defaults filled in.
func (c *Client) Settings() pool.Settings { return c.pool.Settings() }

// Configure changes settings while the pool is in use.
func (c *Client) Configure(change func(*pool.Settings)) error { return c.pool.Configure(change) }

// Fill opens connections until [pool.Settings.Size] are open, idle or in use.
func (c *Client) Fill(ctx context.Context) error { return mapError(ctx, c.pool.Fill(ctx)) }

// Listen adds functions to call at the pool's events. The returned function
// removes them again.
func (c *Client) Listen(events pool.Events) (remove func()) { return c.pool.Listen(events) }

// SetServers gives the client other servers to begin from. The nodes that are
// known from the ring stay in use beside them, until the ring says otherwise.
func (c *Client) SetServers(ctx context.Context, servers ...string) error {
	return c.SetServerList(ctx, pool.Servers(servers...))
}

// SetServerList is SetServers for a list that is made by a function.
func (c *Client) SetServerList(ctx context.Context, servers pool.ServerList) error {
	c.topology.setSeeds(withPort(servers))
	return c.RefreshServers(ctx)
}

// RefreshServers asks the list of servers again.
func (c *Client) RefreshServers(ctx context.Context) error {
	return mapError(ctx, c.pool.SetServers(ctx, c.topology.servers))
}
