//go:build unix

package thriftclient

import (
	"crypto/tls"
	"errors"
	"net"
	"syscall"
)

// socketAlive reports whether the peer has not closed an idle connection, nor
// sent what nobody asked for. It looks without taking anything.
func socketAlive(c net.Conn) bool {
	encrypted := false
	if t, ok := c.(*tls.Conn); ok {
		// A record may be waiting that is no data, such as a session ticket.
		c, encrypted = t.NetConn(), true
	}
	s, ok := c.(syscall.Conn)
	if !ok {
		return true // some other kind of connection: the call will tell
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return false
	}
	alive := false
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		switch {
		case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EWOULDBLOCK), errors.Is(err, syscall.EINTR):
			alive = true
		case err == nil && n > 0:
			alive = encrypted
		}
		return true // never wait
	})
	return err == nil && alive
}
