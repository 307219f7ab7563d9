package cqlclient

import (
	"context"
	"net"
	"sync"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// connections are those of a session: the dialer keeps them, so that Close can end them all.
type connections struct {
	dialer  gocql.Dialer
	watcher *watcher

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	dialed time.Time // the last time
	ready  time.Time // the session was there
	closed bool
}

// setup is how long a connection that was just dialed may take until the driver has set it up, or noticed that it is closed.
const setup = 300 * time.Millisecond

// begin is called when the session is there.
func (all *connections) begin() {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.ready = time.Now()
}

// settle waits for connections that are being set up, if there may be some: see [closeTimeout].
func (all *connections) settle() {
	all.mu.Lock()
	busy := all.dialed.After(all.ready) && time.Since(all.dialed) < time.Second
	all.mu.Unlock()
	if busy {
		time.Sleep(setup)
	}
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
	all.dialed = time.Now()
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
