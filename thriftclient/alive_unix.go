//go:build unix

package thriftclient

import (
	"crypto/tls"
	"errors"
	"net"
	"syscall"
)

// A probe looks at an idle connection without taking anything from it. It is made
// once, so that looking allocates nothing.
type probe struct {
	raw   syscall.RawConn // nil for a connection that is no socket: the call will tell
	look  func(fd uintptr)
	room  [1]byte
	quiet bool
}

func newProbe(c net.Conn) *probe {
	if t, ok := c.(*tls.Conn); ok {
		// What follows the handshake, such as session tickets, was read with the
		// first reply. What comes later is most likely the alert before the end.
		c = t.NetConn()
	}
	p := new(probe)
	if s, ok := c.(syscall.Conn); ok {
		if raw, err := s.SyscallConn(); err == nil {
			p.raw, p.look = raw, p.peek
		}
	}
	return p
}

// alive reports whether the peer has not closed the connection, nor sent what
// nobody asked for.
func (p *probe) alive() bool {
	if p.raw == nil {
		return true
	}
	p.quiet = false
	err := p.raw.Control(p.look)
	return err == nil && p.quiet
}

func (p *probe) peek(fd uintptr) {
	_, _, err := syscall.Recvfrom(int(fd), p.room[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	p.quiet = errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR)
}
