package cli

import (
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"
)

const (
	// maxTables is how many of its tables' files the engine keeps open, at most.
	maxTables, minTables = 1000, 64
	// otherFiles is how many files are open beside tables and connections, at most: logs and other files of the
	// engine, listeners, and connections to the metrics and the control socket.
	otherFiles = 128
	// minConnections is how many connections a server must be able to have.
	minConnections = 16
	// maxHTTP is how many connections to the metrics there are at once; others wait.
	maxHTTP = 32
)

// divideFiles divides the files that the process may open between the engine's tables and connections.
func divideFiles(limit uint64) (tables, connections int, err error) {
	n := int(min(limit, 1<<30))
	tables = min(max(n/4, minTables), maxTables)
	connections = n - tables - otherFiles
	if connections < minConnections {
		return 0, 0, fmt.Errorf("the process may open only %d files, and a server needs at least %d: raise the limit (ulimit -n, or LimitNOFILE of a unit)",
			n, minTables+otherFiles+minConnections)
	}
	return tables, connections, nil
}

// keepFiles lowers the limit of connections so that the store always has files to open. It returns how many
// tables the store may have open.
func (c *serveCmd) keepFiles(logger *slog.Logger) (tables int, err error) {
	limit, ok := openFilesLimit()
	if !ok {
		return maxTables, nil
	}
	tables, connections, err := divideFiles(limit)
	if err != nil {
		return 0, err
	}
	if c.MaxConnections < 0 || c.MaxConnections > connections {
		logger.Warn("the limit of open files lowers --max-connections", "files", limit, "max-connections", connections)
		c.MaxConnections = connections
	}
	return tables, nil
}

// Validate refuses limits and times that mean nothing. Kong calls it.
func (c *serveCmd) Validate() error {
	for _, f := range []struct {
		flag  string
		value int64
	}{
		{"--max-connections", int64(c.MaxConnections)},
		{"--max-frame", int64(c.MaxFrame)},
		{"--max-calls", int64(c.MaxCalls)},
		{"--max-held", c.MaxHeld},
	} {
		if f.value < -1 || f.value == 0 {
			return fmt.Errorf("%s is %d: want a number above 0, or -1 for no limit", f.flag, f.value)
		}
	}
	if c.MaxLogins < -1 {
		return fmt.Errorf("--max-logins is %d: want a number above 0, 0 for half of the processors, or -1 for no limit", c.MaxLogins)
	}
	const none = -time.Second
	for _, f := range []struct {
		flag  string
		value time.Duration
	}{
		{"--login-timeout", c.LoginTimeout},
		{"--frame-timeout", c.FrameTimeout},
		{"--write-timeout", c.WriteTimeout},
		{"--idle-timeout", c.IdleTimeout},
		{"--call-timeout", c.CallTimeout},
	} {
		if f.value != none && f.value <= 0 {
			return fmt.Errorf("%s is %s: want a time above 0, or -1s for no limit", f.flag, f.value)
		}
	}
	if c.Grace != none && c.Grace < 0 {
		return fmt.Errorf("--grace is %s: want a time, 0s to cut calls short at once, or -1s for no limit", c.Grace)
	}
	if c.Slow != none && c.Slow < 0 {
		return fmt.Errorf("--slow is %s: want a time above 0, or 0s or -1s to log none", c.Slow)
	}
	return nil
}

// limitedListener accepts a connection more only when one of the others is closed.
type limitedListener struct {
	net.Listener
	slots chan struct{}
}

func newLimitedListener(l net.Listener, n int) *limitedListener {
	return &limitedListener{l, make(chan struct{}, n)}
}

func (l *limitedListener) Accept() (net.Conn, error) {
	// The one that waits here holds a place which the next connection takes. It may wait for as long as all
	// connections take to end, which the server's timeouts bound.
	l.slots <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &limitedConn{Conn: c, release: sync.OnceFunc(func() { <-l.slots })}, nil
}

type limitedConn struct {
	net.Conn
	release func()
}

func (c *limitedConn) Close() error {
	defer c.release()
	return c.Conn.Close()
}
