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
	if t, ok := c.(*tls.Conn); ok {
		// What follows the handshake, such as session tickets, was read with the
		// first reply. What comes later is most likely the alert before the end.
		c = t.NetConn()
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
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		alive = errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR)
		return true // never wait
	})
	return err == nil && alive
}
