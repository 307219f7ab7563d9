package thriftclient

import (
	"context"

	"github.com/widerow/widerow/pool"
)

// State returns the state of the pool.
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

// SetServers replaces the listed servers. The nodes that are known from the ring stay
// in use too, until a newer ring lacks them.
func (c *Client) SetServers(ctx context.Context, servers ...string) error {
	return c.SetServerList(ctx, pool.Servers(servers...))
}

// SetServerList is SetServers with a function that returns the list.
func (c *Client) SetServerList(ctx context.Context, servers pool.ServerList) error {
	c.topology.setSeeds(withPort(servers))
	return c.RefreshServers(ctx)
}

// RefreshServers calls the function of the list of servers again.
func (c *Client) RefreshServers(ctx context.Context) error {
	return mapError(ctx, c.pool.SetServers(ctx, c.topology.servers))
}
