package thriftclient

import (
	"context"
	"errors"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/pool"
)

// Conn takes a connection out of the pool, for several calls that must go over the same connection and for calls of the
// Thrift interface that the client does not have ([Conn.Raw]). The caller must close it.
func (c *Client) Conn(ctx context.Context) (*Conn, error) {
	lease, err := c.pool.Get(ctx, nil)
	if err != nil {
		return nil, mapError(ctx, err)
	}
	k := &Conn{lease: lease, raw: lease.Conn()}
	k.requests = requests{via: k, opts: c.opts}
	return k, nil
}

// Conn is a connection that was taken out of the pool. Conn is a backend too: its
// calls go over this connection, one at a time, and are not retried. A Conn is not
// safe for concurrent use. [Client.Conn] makes a Conn; a nil or zero Conn must not be used.
type Conn struct {
	requests
	lease pool.Lease[*conn]
	raw   *conn
	// worst is the error with the gravest meaning for the pool.
	worst    error
	released bool
}

var _ backend.Backend = (*Conn)(nil)

// Server returns the server of the connection, "host:port".
func (c *Conn) Server() string { return c.lease.Server() }

// Close returns the connection to the pool, which closes it if it is broken.
// Calling Close again does nothing.
func (c *Conn) Close() error {
	if !c.released {
		c.released = true
		_ = c.lease.Release(c.worst)
	}
	return nil
}

// Raw makes a call of the Thrift interface by its name. Args is the struct of the
// method's arguments and the result is the struct of its result, both in the binary
// protocol, field by field with the stop at the end. If keyspace is not empty, Raw sets
// it first. An exception of the method is in the result. The caller may keep the result.
func (c *Conn) Raw(ctx context.Context, keyspace, method string, args []byte) (result []byte, err error) {
	if err := thriftwire.CheckStruct(args); err != nil {
		return nil, &backend.Error{Kind: backend.KindInvalidRequest, Why: "the arguments are not a struct of the binary protocol", Err: err}
	}
	raw := &thriftwire.RawArgs{Name: method, Struct: args}
	r, err := c.call(ctx, route{keyspace: keyspace}, raw)
	if err != nil {
		return nil, err
	}
	return r.(*thriftwire.RawResult).Struct, nil
}

// call implements caller. It makes the call on this connection.
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

// split implements caller. All keys go over the one connection.
func (c *Conn) split(string, [][]byte) [][]int { return nil }

// version implements caller.
func (c *Conn) version(context.Context) (interfaceVersion, error) { return c.raw.version, nil }
