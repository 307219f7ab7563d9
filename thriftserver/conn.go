package thriftserver

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/widerow/widerow/internal/guard"
	"github.com/widerow/widerow/internal/thriftwire"
)

const (
	// smallMessage is the largest length of messages and replies that do not count as held.
	smallMessage = 64 << 10
	// drainTime is the most time in which a message must arrive after the server began to shut down.
	drainTime = time.Second
)

// The states of a connection, for Shutdown.
const (
	idle      = iota // between messages
	receiving        // a message has arrived in part
	busy             // a message is being answered
	drained          // the connection must end
)

// conn is a connection, served by a goroutine of its own.
type conn struct {
	server  *Server
	nc      net.Conn
	r       *thriftwire.Reader
	state   atomic.Int32
	session session

	stranger stranger

	// frameEnd is the time by which the current message must be complete; it is zero between
	// messages. The time during which the server waits for memory, at most until waitEnd, does not
	// count against the client.
	frameEnd, waitEnd time.Time
	came              int // bytes of it
	held              holding
	pace              pace
}

func newConn(s *Server, nc net.Conn) *conn {
	remote := nc.RemoteAddr()
	c := &conn{server: s, nc: nc, held: holding{of: s.messages}}
	c.session = session{server: s, conn: c, remote: remote, local: nc.LocalAddr(), memory: callMemory{held: holding{of: s.held}}}
	c.session.reserve = c.session.memory.take
	c.session.store = &countedStore{Backend: s.b, reserve: c.session.reserve}
	if s.opts.Authenticator != nil {
		c.stranger.gone = make(chan struct{})
		c.session.client, c.session.loginBy = clientOf(remote), time.Now().Add(s.opts.LoginTimeout)
	}
	c.r = thriftwire.NewReader(c, thriftwire.Detected, s.opts.MaxFrame)
	return c
}

// serve answers requests until the client disconnects or is disconnected.
func (c *conn) serve() {
	s := c.server
	defer func() {
		_ = c.nc.Close()
		s.strangers.remove(c)
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
		guard.Call(s.opts.Logger, listener, s.opts.Events.Disconnected, c.session.remote)
	}()
	guard.Call(s.opts.Logger, listener, s.opts.Events.Connected, c.session.remote)
	err := c.handshake()
	for err == nil {
		err = c.next()
	}
	if !errors.Is(err, io.EOF) && c.state.Load() != drained {
		s.opts.Logger.Debug("connection ends", "remote", c.session.remote, "error", err)
	}
}

func (c *conn) handshake() error {
	t, ok := c.nc.(*tls.Conn)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithDeadline(c.server.base, c.loginBound(time.Now().Add(c.server.opts.FrameTimeout)))
	defer cancel()
	return t.HandshakeContext(ctx)
}

// loginBound returns a deadline, or the earlier time until when the connection must have logged in.
func (c *conn) loginBound(deadline time.Time) time.Time {
	if by := c.session.loginBy; !by.IsZero() && !c.session.loggedIn && by.Before(deadline) {
		return by
	}
	return deadline
}

var errDrained = errors.New("the server shuts down")

// next answers a request. An error ends the connection.
func (c *conn) next() error {
	defer c.forget()
	if err := c.r.Wait(); err != nil {
		return err
	}
	if !c.state.CompareAndSwap(idle, receiving) {
		return errDrained
	}
	c.frameEnd = time.Now().Add(c.server.opts.FrameTimeout)
	c.waitEnd = c.frameEnd.Add(c.server.opts.FrameTimeout)

	buffers := &c.server.buffers
	in := buffers.get()
	frame, err := c.r.Next(*in)
	if err != nil {
		return err
	}
	*in = frame[:0]
	c.state.Store(busy)
	out := buffers.get()
	defer buffers.put(out)
	for more := true; more; {
		if frame, err = c.answer(frame, out); err != nil {
			return err
		}
		more = isMessage(frame) && !c.server.closing.Load() && time.Now().Before(c.loginBound(never))
		if !more { // so that a client that does not read its reply does not hold a message besides
			c.held.end()
			buffers.put(in)
		}
		if err := c.write(*out); err != nil {
			return err
		}
		c.session.memory.keep(0)
	}
	if !c.state.CompareAndSwap(busy, idle) || c.server.closing.Load() {
		return errDrained
	}
	return nil
}

// never is later than any deadline.
var never = time.Unix(1<<40, 0)

// isMessage reports whether the bytes that follow a message in its frame begin another message. If
// they do, Cassandra's server with a thread for each connection answers that message; its hsha
// server ignores it. If they do not, the former closes the connection; this server ignores them.
func isMessage(rest []byte) bool {
	if len(rest) == 0 {
		return false
	}
	h, _, err := thriftwire.DecodeHead(rest)
	return err == nil || h.Method != ""
}

// forget ends a message.
func (c *conn) forget() {
	c.frameEnd, c.came, c.pace = time.Time{}, 0, pace{}
	c.held.end()
	c.session.memory.keep(0)
}

// Read reads from the connection until the deadline of the connection's state. For a
// long message it waits for memory first.
func (c *conn) Read(p []byte) (n int, err error) {
	switch {
	case c.frameEnd.IsZero():
		n, err = c.readBy(p, c.loginBound(time.Now().Add(c.server.opts.IdleTimeout)))
	case c.came < smallMessage:
		n, err = c.readBy(p, c.loginBound(c.frameEnd))
	default:
		p = p[:min(len(p), smallMessage)]
		start := time.Now()
		if err := c.hold(c.waitEnd, len(p)); err != nil {
			return 0, err
		}
		waited := time.Since(start)
		c.frameEnd, c.pace.by = c.frameEnd.Add(waited), c.pace.by.Add(waited)
		n, err = c.readLong(p, c.loginBound(c.frameEnd))
		c.held.give(len(p) - n)
	}
	c.came += n
	return n, err
}

// readBy reads until a deadline, or an earlier one that Shutdown sets.
func (c *conn) readBy(p []byte, deadline time.Time) (int, error) {
	if err := c.nc.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	// Shutdown may have set one before.
	if c.state.Load() == drained {
		return 0, errDrained
	}
	if by := c.drainBound(deadline); by.Before(deadline) {
		if err := c.nc.SetReadDeadline(by); err != nil {
			return 0, err
		}
	}
	return c.nc.Read(p)
}

// drainBound returns a deadline, or the earlier time until when messages may arrive because the server shuts down.
func (c *conn) drainBound(deadline time.Time) time.Time {
	if by := c.server.drainBy.Load(); by != nil && by.Before(deadline) {
		return *by
	}
	return deadline
}

// hold waits until n more bytes may be held.
func (c *conn) hold(deadline time.Time, n int) error {
	ctx, cancel := context.WithDeadline(c.server.base, deadline)
	defer cancel()
	return c.held.take(ctx, n)
}

// drain makes the connection end after the current message, for which drainTime is
// left. An idle connection ends at once.
func (c *conn) drain(by time.Time) {
	if c.state.CompareAndSwap(idle, drained) {
		_ = c.nc.SetReadDeadline(time.Unix(1, 0))
	} else if c.state.Load() == receiving {
		_ = c.nc.SetReadDeadline(by)
	}
}
