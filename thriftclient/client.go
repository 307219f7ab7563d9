package thriftclient

import (
	"context"
	"sync/atomic"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/pool"
)

var (
	_ backend.Backend  = (*Client)(nil)
	_ backend.Splitter = (*Client)(nil)
)

// Client is a connection pool to a cluster, as a backend. It is safe for
// concurrent use. [Open] makes a Client; a nil or zero Client must not be used.
type Client struct {
	requests
	opts     *Options
	pool     *pool.Pool[*conn]
	topology *topology
	closed   atomic.Bool
	// seen is the version of the interface that the last opened connection reported.
	seen atomic.Pointer[interfaceVersion]
}

// Open connects to a cluster. The servers are some of its nodes, "host" or "host:port". Nil
// opts mean the defaults. The context bounds Open only; [Client.Close] ends the client.
//
// It fails with an error that matches [pool.ErrAllServersUnavailable] if no server
// answers, and with backend.ErrAuthentication if the login is refused.
func Open(ctx context.Context, servers []string, opts *Options) (*Client, error) {
	return OpenList(ctx, pool.Servers(servers...), opts)
}

// OpenList is Open with a function that returns the list of servers.
func OpenList(ctx context.Context, servers pool.ServerList, opts *Options) (*Client, error) {
	if ctx == nil {
		return nil, refusal.NoContext()
	}
	o, err := opts.normal()
	if err != nil {
		return nil, err
	}
	c := &Client{opts: o}
	c.requests = requests{via: c, opts: o}
	c.topology = newTopology(c, withPort(servers))
	c.pool, err = pool.New(ctx, c.topology.servers, c.dial, &pool.Options{
		Settings:  o.Settings,
		NoPrefill: o.NoPrefill,
		Classify:  classify,
		Events:    o.Events,
		Logger:    o.Logger,
	})
	if err != nil {
		return nil, mapError(ctx, err)
	}
	c.topology.start()
	return c, nil
}

func (c *Client) dial(ctx context.Context, server string) (*conn, error) {
	k, err := c.opts.dial(ctx, server, c.topology.isListed(server))
	if err == nil {
		c.seen.Store(&k.version)
	}
	return k, err
}

// Close closes idle connections now and busy connections when they are returned to the
// pool. Calling Close again does nothing.
func (c *Client) Close() error {
	if !c.closed.Swap(true) {
		c.topology.stop()
		c.pool.Dispose()
	}
	return nil
}

// call implements caller. It makes the call on a connection of the pool, with retries.
func (c *Client) call(ctx context.Context, r route, args thriftwire.Args) (thriftwire.Result, error) {
	var result thriftwire.Result
	err := c.pool.Do(ctx, pool.Call{Prefer: c.topology.owners(r.keyspace, r.key), NoRetry: r.once}, func(ctx context.Context, k *conn) (err error) {
		result, err = k.send(ctx, r, args)
		return err
	})
	if err != nil {
		return nil, mapError(ctx, err)
	}
	return result, nil
}

// split implements caller.
func (c *Client) split(keyspace string, keys [][]byte) [][]int {
	return c.topology.split(keyspace, keys)
}

// version implements caller. If no connection was opened yet, it asks a server.
func (c *Client) version(ctx context.Context) (interfaceVersion, error) {
	if v := c.seen.Load(); v != nil {
		return *v, nil
	}
	result, err := c.call(ctx, route{}, &thriftwire.DescribeVersionArgs{})
	if err != nil {
		return interfaceVersion{}, err
	}
	return parseVersion(result.(*thriftwire.DescribeVersionResult).Success), nil
}
