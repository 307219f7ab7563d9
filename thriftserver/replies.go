package thriftserver

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

const (
	// writeRate is the lowest rate, in bytes a second, at which a client must take a reply.
	writeRate = 1 << 20
	// writeChunk is the number of bytes of a reply that are written at a time.
	writeChunk = 64 << 10
	// While calls wait for the memory that replies hold, a client that does not read must not delay
	// them: pressedTimeout replaces a longer Options.WriteTimeout, and the client must take
	// a chunk every stallTimeout.
	pressedTimeout = 3 * time.Second
	stallTimeout   = time.Second
)

// replies are the long replies on their way to clients.
type replies struct {
	timeout time.Duration // of a reply, plus the time by writeRate

	mu      sync.Mutex
	pressed bool // calls wait for memory
	all     map[*reply]struct{}
}

// reply is a reply on its way.
type reply struct {
	nc    net.Conn
	began time.Time
	taken int       // bytes that the client took
	last  time.Time // when it took the last of them
}

func newReplies(timeout time.Duration) *replies {
	return &replies{timeout: min(timeout, forever/2), all: map[*reply]struct{}{}}
}

// press sets whether calls wait for memory.
func (s *replies) press(pressed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pressed = pressed
	for r := range s.all {
		_ = s.limit(r) // on a closed connection the write fails too
	}
}

// limit sets the deadline by which the client must have taken more. The caller holds mu.
func (s *replies) limit(r *reply) error {
	earned := time.Duration(r.taken) * time.Second / writeRate
	by := r.began.Add(s.timeout + earned)
	if s.pressed {
		pressed := r.began.Add(pressedTimeout + earned)
		if stalled := r.last.Add(stallTimeout); stalled.Before(pressed) {
			pressed = stalled
		}
		if pressed.Before(by) {
			by = pressed
		}
	}
	return r.nc.SetWriteDeadline(by)
}

// write sends a reply.
func (s *replies) write(nc net.Conn, b []byte) error {
	now := time.Now()
	r := &reply{nc: nc, began: now, last: now}
	if len(b) <= smallMessage { // too short to count as held
		if err := nc.SetWriteDeadline(r.began.Add(s.timeout)); err != nil {
			return err
		}
		_, err := nc.Write(b)
		return err
	}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.all, r)
	}()
	for len(b) > 0 {
		s.mu.Lock()
		s.all[r] = struct{}{}
		err := s.limit(r)
		s.mu.Unlock()
		if err != nil {
			return err
		}
		n, err := nc.Write(b[:min(len(b), writeChunk)])
		if err != nil {
			return err
		}
		now := time.Now()
		s.mu.Lock()
		r.taken, r.last = r.taken+n, now
		s.mu.Unlock()
		b = b[n:]
	}
	return nil
}

// write sends a reply. A client that does not take it is reported.
func (c *conn) write(b []byte) error {
	s := c.server
	err := s.replies.write(c.nc, b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if n := s.slowReaders.Add(1); rarely(n) {
			s.opts.Logger.Warn("connection closed: the client does not read its reply", "remote", c.session.remote,
				"user", c.session.user, "reply", len(b), "closed", n)
		}
	}
	return err
}
