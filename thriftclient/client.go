package thriftclient

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/pool"
	"github.com/widerow/widerow/internal/thriftwire"
)

var (
	_ backend.Backend  = (*Client)(nil)
	_ backend.Splitter = (*Client)(nil)
)

// Client is a connection pool to a cluster, as a backend. It is safe for
// concurrent use.
type Client struct {
	requests
	opts     *Options
	pool     *pool.Pool[*conn]
	topology *topology
	closed   atomic.Bool
	// seen is the version of the interface that the last connection told.
	seen atomic.Pointer[interfaceVersion]
}

// Open connects to a cluster by some of its servers, "host" or "host:port". Opts
// may be nil. The context bounds the opening alone; [Client.Close] ends the client.
//
// It fails with an error that matches [ErrAllServersUnavailable] if no server
// answers, and with backend.ErrAuthentication if the login is refused.
func Open(ctx context.Context, servers []string, opts *Options) (*Client, error) {
	return OpenList(ctx, pool.Servers(servers...), opts)
}

// OpenList is Open for a list of servers that is made by a function.
func OpenList(ctx context.Context, servers ServerList, opts *Options) (*Client, error) {
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
	k, err := c.opts.dial(ctx, server)
	if err == nil {
		c.seen.Store(&k.version)
	}
	return k, err
}

// Close closes all connections; those in use when they come back. Calling it
// again does nothing.
func (c *Client) Close() error {
	if !c.closed.Swap(true) {
		c.topology.stop()
		c.pool.Dispose()
	}
	return nil
}

// call implements caller: on a connection of the pool, with retries.
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

// version implements caller. It asks if no connection was opened yet.
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

// Conn takes a connection out of the pool for calls that must go over one and
// the same, or that the client does not have. The caller releases it.
func (c *Client) Conn(ctx context.Context) (*Conn, error) {
	lease, err := c.pool.Get(ctx, nil)
	if err != nil {
		return nil, mapError(ctx, err)
	}
	k := &Conn{lease: lease, raw: lease.Conn()}
	k.requests = requests{via: k, opts: c.opts}
	return k, nil
}

// Conn is a connection that was taken out of the pool. It is a backend too, whose
// calls go over this connection, one at a time, and are not retried. It is
// not safe for concurrent use.
type Conn struct {
	requests
	lease pool.Lease[*conn]
	raw   *conn
	// worst is the error that counts most for the pool.
	worst    error
	released bool
}

var _ backend.Backend = (*Conn)(nil)

// Server returns the server that the connection is to, "host:port".
func (c *Conn) Server() string { return c.lease.Server() }

// Close gives the connection back to the pool; a broken one is closed there.
// Calling it again does nothing.
func (c *Conn) Close() error {
	if !c.released {
		c.released = true
		_ = c.lease.Release(c.worst)
	}
	return nil
}

// Raw makes a call of the Thrift interface by its name. Args and the result are structs
// in the binary protocol, field by field with the stop at the end: those of the
// method's arguments and of its result. The keyspace, if it is not empty, is set before.
// An exception of the method is in the result. The caller may keep the result.
func (c *Conn) Raw(ctx context.Context, keyspace, method string, args []byte) (result []byte, err error) {
	if err := thriftwire.CheckStruct(args); err != nil {
		return nil, &backend.Error{Kind: backend.KindInvalidRequest, Why: "the arguments are no struct of the binary protocol", Err: err}
	}
	raw := &thriftwire.RawArgs{Name: method, Struct: args}
	r, err := c.call(ctx, route{keyspace: keyspace}, raw)
	if err != nil {
		return nil, err
	}
	return r.(*thriftwire.RawResult).Struct, nil
}

// call implements caller: on this connection.
func (c *Conn) call(ctx context.Context, r route, args thriftwire.Args) (thriftwire.Result, error) {
	if c.released {
		return nil, &backend.Error{Kind: backend.KindClosed, Err: pool.ErrReleased}
	}
	result, err := c.raw.send(ctx, r, args)
	if classify(err)&pool.ConnDead != 0 {
		c.worst = err
	}
	if cut := ctx.Err(); cut != nil && err != nil && !errors.Is(err, cut) {
		err = errors.Join(cut, err)
	}
	return result, mapError(ctx, err)
}

// split implements caller: there is one connection.
func (c *Conn) split(string, [][]byte) [][]int { return nil }

// version implements caller.
func (c *Conn) version(context.Context) (interfaceVersion, error) { return c.raw.version, nil }

// send makes a call in its keyspace.
func (c *conn) send(ctx context.Context, r route, args thriftwire.Args) (thriftwire.Result, error) {
	timeout := c.opts.Timeout
	if r.slow {
		timeout = max(timeout, c.opts.SchemaTimeout)
		if c.opts.SchemaTimeout == Forever || c.opts.Timeout == Forever {
			timeout = Forever
		}
	}
	if err := c.use(ctx, timeout, r.keyspace); err != nil {
		return nil, err
	}
	return c.call(ctx, timeout, args)
}

// route says where and how a call is made.
type route struct {
	keyspace string // "" for none
	key      []byte // of the row that it is about; nil if there is no such
	once     bool   // it must not be repeated
	slow     bool   // it may take as long as a change of the schema
}

// caller makes calls: over the pool, or over one connection.
type caller interface {
	call(ctx context.Context, r route, args thriftwire.Args) (thriftwire.Result, error)
	// split groups the indexes of keys by the nodes that own them. It returns nil if
	// one call for all will do.
	split(keyspace string, keys [][]byte) [][]int
	version(ctx context.Context) (interfaceVersion, error)
}

// requests translates the requests of the seam into calls.
type requests struct {
	via  caller
	opts *Options
}

// schemaPoll is how often the nodes are asked whether they agree.
const schemaPoll = 50 * time.Millisecond
