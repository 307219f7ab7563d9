package cli

import (
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"
)

const (
	// maxTables is the limit of table files that the engine keeps open.
	maxTables, minTables = 1000, 64
	// otherFiles is the limit of open files that are neither tables nor client connections: logs and other files of
	// the engine, listeners, and connections to the metrics and the control socket.
	otherFiles = 128
	// minConnections is the number of connections that a server must be able to accept.
	minConnections = 16
	// maxHTTP is the limit of concurrent connections to the metrics. Further connections wait.
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

// keepFiles lowers the limit of connections so that the store can always open files. It returns the number of
// tables that the store may keep open.
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

// Validate returns an error for limits and times that have no meaning. Kong calls it.
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

// limitedListener accepts at most cap(slots) connections at a time. At the limit, it accepts the next connection
// only after another is closed.
type limitedListener struct {
	net.Listener
	slots chan struct{}
}

func newLimitedListener(l net.Listener, n int) *limitedListener {
	return &limitedListener{l, make(chan struct{}, n)}
}

func (l *limitedListener) Accept() (net.Conn, error) {
	// A waiting Accept holds a slot for the next connection. It may wait until a connection ends. The server's
	// timeouts bound that time.
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
