package cqlclient

import (
	"context"
	"net"
	"sync"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// connections are those of a session: the dialer keeps them, so that Close can end them all.
type connections struct {
	dialer  gocql.Dialer
	watcher *watcher

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool
}

// keep makes the driver dial by the connections.
func keep(c *gocql.ClusterConfig, w *watcher) *connections {
	all := &connections{dialer: c.Dialer, watcher: w, open: map[net.Conn]struct{}{}}
	if all.dialer == nil {
		all.dialer = &net.Dialer{Timeout: c.ConnectTimeout, KeepAlive: c.SocketKeepalive}
	}
	c.Dialer = all
	return all
}

// DialContext is called by the driver.
func (all *connections) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := all.dialer.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	all.mu.Lock()
	closed := all.closed
	if !closed {
		all.open[conn] = struct{}{}
	}
	all.mu.Unlock()
	if closed {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	all.watcher.stats.dialed.Add(1)
	forget := sync.OnceFunc(func() {
		all.mu.Lock()
		delete(all.open, conn)
		all.mu.Unlock()
		all.watcher.disconnected(addr)
	})
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &watchedTCP{tcp, forget}, nil
	}
	return &watchedConn{conn, forget}, nil
}

// close ends all connections, those that are being set up too, and dials no more.
func (all *connections) close() {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.closed = true
	for conn := range all.open {
		_ = conn.Close() // the driver closes it once more when it notices
	}
}

type watchedConn struct {
	net.Conn
	forget func()
}

func (c *watchedConn) Close() error {
	defer c.forget()
	return c.Conn.Close()
}

// watchedTCP has the other methods of a TCP connection too: the driver's writes of several messages are one system call by these.
type watchedTCP struct {
	*net.TCPConn
	forget func()
}

func (c *watchedTCP) Close() error {
	defer c.forget()
	return c.TCPConn.Close()
}
