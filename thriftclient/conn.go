package thriftclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/pool"
)

// maxKept is the largest buffer that a connection keeps for its next call.
const maxKept = 64 << 10

// conn is a connection to one server, for one call at a time.
type conn struct {
	net      net.Conn
	server   string
	opts     *Options
	framing  thriftwire.Framing
	reader   *thriftwire.Reader
	seq      int32
	keyspace string // of the session
	version  interfaceVersion
	out, in  []byte // kept from call to call
	// broken: if another message arrives, it is not the reply to the next call.
	broken bool
	probe  *probe
	// deadline is the deadline that is set on the socket. cut moves it into the past.
	deadline time.Time
	cut      func()
}

// Close implements pool.Conn.
func (c *conn) Close() error { return c.net.Close() }

// Alive implements pool.Conn.
func (c *conn) Alive() bool {
	return !c.broken && !c.reader.Buffered() && c.probe.alive()
}

// send makes a call in the keyspace of r.
func (c *conn) send(ctx context.Context, r route, args thriftwire.Args) (thriftwire.Result, error) {
	timeout := c.opts.Timeout
	if args.Traits().Has(thriftwire.Schema | thriftwire.Slow) {
		timeout = max(timeout, c.opts.SchemaTimeout)
		if c.opts.SchemaTimeout == pool.Forever || c.opts.Timeout == pool.Forever {
			timeout = pool.Forever
		}
	}
	if err := c.use(ctx, timeout, r.keyspace); err != nil {
		return nil, err
	}
	return c.call(ctx, timeout, args)
}

// call makes one call and returns its result, which aliases the reply. An exception
// of the method is returned as an error of package backend. Both timeout and ctx
// bound the call.
func (c *conn) call(ctx context.Context, timeout time.Duration, args thriftwire.Args) (thriftwire.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.seq++
	message, err := c.framing.Append(c.out[:0], thriftwire.Header{Method: args.Method(), Type: thriftwire.Call, Seq: c.seq}, args, c.opts.FrameLimit)
	if err != nil {
		return nil, &backend.Error{Kind: backend.KindInvalidRequest, Why: "the request does not fit into one message", Err: err}
	}
	if cap(message) <= maxKept {
		c.out = message
	}
	result := args.NewResult()
	if err := c.exchange(ctx, timeout, message, args, result); err != nil {
		return nil, err
	}
	return result, exception(result.Err())
}

// exchange sends a message and reads the reply. If exchange fails after the message was
// sent and before the reply was read, the connection is broken.
func (c *conn) exchange(ctx context.Context, timeout time.Duration, message []byte, args thriftwire.Args, result thriftwire.Result) error {
	end := c.limit(ctx, timeout)
	reply, err := c.roundTrip(message, args.Traits().Has(thriftwire.Detached))
	if !end() {
		c.broken = true // its deadline was moved, or will be
	}
	if err != nil {
		c.broken = true
		return c.failure(ctx, err, len(message))
	}
	err = (&thriftwire.Memory{Limit: c.opts.ReplyLimit}).DecodeReply(reply, args.Method(), c.seq, result)
	if app, ok := errors.AsType[*thriftwire.ApplicationException](err); ok {
		// A server that could not read a request may read the rest of it as the next request.
		c.broken = c.broken || app.Type == thriftwire.ProtocolError
		return applicationError(app)
	}
	if err != nil {
		c.broken = true
		if errors.Is(err, thriftwire.ErrMemory) {
			return replyTooLarge(err)
		}
		return &connError{server: c.server, err: err}
	}
	return nil
}

// replyTooLarge is the error for a reply that is longer, or takes more memory, than ReplyLimit allows.
func replyTooLarge(err error) error {
	return &backend.Error{Kind: backend.KindInvalidRequest, Why: "the reply is too long: ask for less, or raise ReplyLimit", Err: err}
}

func (c *conn) roundTrip(message []byte, reuse bool) ([]byte, error) {
	if _, err := c.net.Write(message); err != nil {
		return nil, err
	}
	if !reuse {
		return c.reader.Next(nil)
	}
	reply, err := c.reader.Next(c.in)
	if cap(reply) <= maxKept {
		c.in = reply
	}
	return reply, err
}

// limit sets the deadline of a call from its timeout and its context, and watches the context. The returned
// function stops the watch. It returns false if the context ended before that.
func (c *conn) limit(ctx context.Context, timeout time.Duration) (end func() bool) {
	var deadline time.Time
	var early time.Duration // how much earlier a deadline may be and still do
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
		early = timeout / 128
	}
	if d, ok := ctx.Deadline(); ok && (deadline.IsZero() || d.Before(deadline)) {
		deadline, early = d, 0
	}
	// Setting a deadline costs timers of the runtime, so the deadline of the last call stays if it is close enough.
	if d := deadline.Sub(c.deadline); d < 0 || d > early {
		c.deadline = deadline
		_ = c.net.SetDeadline(deadline) // on a closed connection the write fails too
	}
	if ctx.Done() == nil {
		return func() bool { return true }
	}
	return context.AfterFunc(ctx, c.cut)
}

// failure returns the error of a call that was interrupted.
func (c *conn) failure(ctx context.Context, err error, sent int) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		// The socket's clock may be a little ahead of the context's.
		if d, ok := ctx.Deadline(); ok && !time.Now().Before(d) {
			<-ctx.Done()
		}
	}
	if errors.Is(err, thriftwire.ErrTooLarge) {
		return replyTooLarge(err)
	}
	return &connError{server: c.server, sent: sent, err: err}
}

// use sets the keyspace of the session.
func (c *conn) use(ctx context.Context, timeout time.Duration, keyspace string) error {
	if keyspace == "" || keyspace == c.keyspace {
		return nil
	}
	if _, err := c.call(ctx, timeout, &thriftwire.SetKeyspaceArgs{Keyspace: keyspace}); err != nil {
		return err
	}
	c.keyspace = keyspace
	return nil
}

// dial opens a connection: TCP, TLS, login, and the version of the server's interface. Listed
// reports whether the server was listed, and not only found in a ring.
func (o *Options) dial(ctx context.Context, server string, listed bool) (k *conn, err error) {
	open := o.Dial
	if open == nil {
		open = new(net.Dialer).DialContext
	}
	raw, err := open(ctx, "tcp", server)
	if err != nil {
		return nil, dialError(ctx, err)
	}
	defer func() {
		if k == nil { // it failed, or a function of the user's TLS panics
			_ = raw.Close()
		}
	}()
	secure := raw
	if o.TLS != nil {
		if secure, err = o.encrypt(ctx, raw, server, listed); err != nil {
			return nil, err
		}
	}
	framing := thriftwire.Framed
	if o.Unframed {
		framing = thriftwire.Unframed
	}
	c := &conn{net: secure, server: server, opts: o, framing: framing, reader: thriftwire.NewReader(secure, framing, o.ReplyLimit)}
	c.probe = newProbe(secure)
	c.cut = func() { _ = secure.SetDeadline(time.Unix(1, 0)) }
	if err := c.greet(ctx); err != nil {
		if cut, ok := errors.AsType[*connError](err); ok {
			err = fmt.Errorf("greeting: %w", cut.err) // no call was sent
		}
		return nil, err
	}
	return c, nil
}

// greet logs in and asks for the version. The context of a dial has a deadline.
func (c *conn) greet(ctx context.Context) error {
	if credentials := c.opts.credentials(); credentials != nil {
		args := &thriftwire.LoginArgs{AuthRequest: thriftwire.AuthenticationRequest{Credentials: credentials}}
		if _, err := c.call(ctx, 0, args); err != nil {
			return err
		}
	}
	result, err := c.call(ctx, 0, &thriftwire.DescribeVersionArgs{})
	if err != nil {
		return err
	}
	c.version = parseVersion(result.(*thriftwire.DescribeVersionResult).Success)
	return nil
}

// dialError returns err. If err is a timeout of package net, which also matches
// context.DeadlineExceeded, dialError hides that match: here, context.DeadlineExceeded
// means the caller's deadline only.
func dialError(ctx context.Context, err error) error {
	if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() && !errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("no answer in time: %w", os.ErrDeadlineExceeded)
	}
	return err
}
