package thriftclient

import (
	"context"

	"github.com/widerow/widerow/internal/pool"
)

// The pool's own types, under the client's name.
type (
	// Settings are those of the pool that may change while it is in use. Zero
	// values stand for the defaults.
	Settings = pool.Settings
	// State is a pool at one moment.
	State = pool.State
	// HostState is a server at one moment.
	HostState = pool.HostState
	// Events are functions that the pool calls as things happen; nil ones are
	// skipped. They are called by several goroutines at once, with no locks
	// held, and must be quick.
	Events = pool.Events
	// Stats counts the events of a pool. Give its Events to [Client.Listen].
	Stats = pool.Stats
	// Counts are what a Stats has counted.
	Counts = pool.Counts

	// Info is what all events have.
	Info = pool.Info
	// ConnInfo identifies a connection.
	ConnInfo = pool.ConnInfo
	// ConnEvent tells of one connection.
	ConnEvent = pool.ConnEvent
	// DisposedEvent tells of a closed connection.
	DisposedEvent = pool.DisposedEvent
	// RecycledEvent tells of a replaced connection.
	RecycledEvent = pool.RecycledEvent
	// FailedEvent tells of a failure of one server.
	FailedEvent = pool.FailedEvent
	// ServerListEvent tells of a new list of servers.
	ServerListEvent = pool.ServerListEvent
	// AtMaxEvent tells of a caller that got no connection.
	AtMaxEvent = pool.AtMaxEvent
	// HostEvent tells of a host that was set aside or came back.
	HostEvent = pool.HostEvent

	// AllServersUnavailableError says that no server could be connected to.
	AllServersUnavailableError = pool.AllServersUnavailableError
	// NoConnectionAvailableError says that all connections were in use and stayed so.
	NoConnectionAvailableError = pool.NoConnectionAvailableError
	// MaximumRetryError says that a call failed and could not be retried any more.
	MaximumRetryError = pool.MaximumRetryError
)

// Values of settings for which no number stands.
const (
	// Unlimited as a number sets no limit.
	Unlimited = pool.Unlimited
	// None as a number is zero, where 0 stands for the default.
	None = pool.None
	// Forever as a duration sets no limit.
	Forever = pool.Forever
	// NoWait as a duration is zero, where 0 stands for the default.
	NoWait = pool.NoWait
)

// Errors of the pool, for errors.Is. They are causes: what a call returns
// also matches one of the Err values of package backend.
var (
	// ErrAllServersUnavailable is matched by [*AllServersUnavailableError].
	ErrAllServersUnavailable = pool.ErrAllServersUnavailable
	// ErrNoConnectionAvailable is matched by [*NoConnectionAvailableError].
	ErrNoConnectionAvailable = pool.ErrNoConnectionAvailable
	// ErrMaximumRetry is matched by [*MaximumRetryError].
	ErrMaximumRetry = pool.ErrMaximumRetry
)

// State returns how the pool stands now.
func (c *Client) State() State { return c.pool.State() }

// Settings returns the pool's settings in force, with the defaults filled in.
func (c *Client) Settings() Settings { return c.pool.Settings() }

// Configure changes settings while the pool is in use.
func (c *Client) Configure(change func(*Settings)) error { return c.pool.Configure(change) }

// Fill opens connections until [Settings.Size] are open, idle or in use.
func (c *Client) Fill(ctx context.Context) error { return mapError(ctx, c.pool.Fill(ctx)) }

// Listen adds functions to call at the pool's events. The returned function
// removes them again.
func (c *Client) Listen(events Events) (remove func()) { return c.pool.Listen(events) }

// SetServers gives the client other servers to begin from. The nodes that are
// known from the ring stay in use beside them, until the ring says otherwise.
func (c *Client) SetServers(ctx context.Context, servers ...string) error {
	return c.SetServerList(ctx, pool.Servers(servers...))
}

// SetServerList is SetServers for a list that is made by a function.
func (c *Client) SetServerList(ctx context.Context, servers ServerList) error {
	c.topology.setSeeds(withPort(servers))
	return c.RefreshServers(ctx)
}

// RefreshServers asks the list of servers again.
func (c *Client) RefreshServers(ctx context.Context) error {
	return mapError(ctx, c.pool.SetServers(ctx, c.topology.servers))
}
