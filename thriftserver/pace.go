package thriftserver

import (
	"errors"
	"os"
	"time"
)

// pace tracks how fast a long message arrives. A slow sender must not delay other clients, like a slow reader: while other
// messages wait for the memory that messages hold, a client must send a chunk of a long message every stallTimeout.
type pace struct {
	end int       // of the chunk, in bytes of the message
	by  time.Time // when the chunk must have arrived
}

// errSlowSender ends the connection of a client that sends too slowly.
var errSlowSender = errors.New("the message arrives too slowly while others wait for memory")

// readLong reads a part of a long message until a deadline. Every stallTimeout it checks whether others wait.
func (c *conn) readLong(p []byte, deadline time.Time) (int, error) {
	if c.came >= c.pace.end {
		c.pace = pace{end: c.came + smallMessage, by: time.Now().Add(stallTimeout)}
	}
	for {
		by := c.drainBound(deadline)
		last := !c.pace.by.Before(by)
		if !last {
			by = c.pace.by
		}
		n, err := c.readBy(p, by)
		if n > 0 || last || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
		if c.server.messages.pressed() {
			c.slowSender()
			return 0, errSlowSender
		}
		c.pace.by = time.Now().Add(stallTimeout)
	}
}

// slowSender reports that the connection is closed because the client sends too slowly.
func (c *conn) slowSender() {
	s := c.server
	if n := s.slowSenders.Add(1); rarely(n) {
		s.opts.Logger.Warn("connection closed: "+errSlowSender.Error(), "remote", c.session.remote,
			"user", c.session.user, "received", c.came, "closed", n)
	}
}
