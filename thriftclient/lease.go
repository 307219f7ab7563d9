package thriftclient

import (
	"context"
	"errors"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/pool"
)

// Conn takes a connection out of the pool, for several calls that must go over the same connection and for calls of the
// Thrift interface that the client does not have ([Conn.Raw]). The caller closes it.
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
// not safe for concurrent use. [Client.Conn] makes one; a nil or zero Conn must not be used.
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
		return nil, &backend.Error{Kind: backend.KindInvalidRequest, Why: "the arguments are not a struct of the binary protocol", Err: err}
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
