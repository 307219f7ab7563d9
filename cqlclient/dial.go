package cqlclient

import (
	"context"
	"net"
	"sync"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// connections are the connections of a session. The dialer records them, so that Close can close all of them.
type connections struct {
	dialer  gocql.Dialer
	watcher *watcher

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	dialed time.Time // time of the last dial
	ready  time.Time // time when the session was ready
	closed bool
}

// setup is the time that the driver may need for a new connection: either to set the connection up or to notice that it is closed.
const setup = 300 * time.Millisecond

// begin records that the session is ready.
func (all *connections) begin() {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.ready = time.Now()
}

// settle waits for connections that may still be being set up: see [closeTimeout].
func (all *connections) settle() {
	all.mu.Lock()
	busy := all.dialed.After(all.ready) && time.Since(all.dialed) < time.Second
	all.mu.Unlock()
	if busy {
		time.Sleep(setup)
	}
}

// keep makes the driver dial through c, so that c records each connection.
func keep(c *gocql.ClusterConfig, w *watcher) *connections {
	all := &connections{dialer: c.Dialer, watcher: w, open: map[net.Conn]struct{}{}}
	if all.dialer == nil {
		all.dialer = &net.Dialer{Timeout: c.ConnectTimeout, KeepAlive: c.SocketKeepalive}
	}
	c.Dialer = all
	return all
}

// DialContext implements gocql.Dialer.
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

// close closes all connections, including connections that are being set up, and refuses further dials.
func (all *connections) close() {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.closed = true
	for conn := range all.open {
		_ = conn.Close() // the driver closes the connection again when it notices
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

// watchedTCP also has the other methods of a TCP connection. With these the driver writes several messages by one system call.
type watchedTCP struct {
	*net.TCPConn
	forget func()
}

func (c *watchedTCP) Close() error {
	defer c.forget()
	return c.TCPConn.Close()
}
