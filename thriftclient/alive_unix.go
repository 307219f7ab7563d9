//go:build unix

package thriftclient

import (
	"crypto/tls"
	"errors"
	"net"
	"syscall"
)

// A probe checks an idle connection without reading any of its bytes. A connection keeps
// its probe, so that a check allocates nothing.
type probe struct {
	raw   syscall.RawConn // nil for a connection that is not a socket: the next call finds out
	look  func(fd uintptr)
	room  [1]byte
	quiet bool
}

func newProbe(c net.Conn) *probe {
	if t, ok := c.(*tls.Conn); ok {
		// Messages after the handshake, such as session tickets, were read with the
		// first reply. Later bytes are most likely the alert before the server closes.
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

// alive reports whether the connection is usable: the peer has neither closed it nor
// sent bytes without a request.
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
