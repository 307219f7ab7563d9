package thriftserver_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/thriftserver"
)

// Clients that do not read their long replies must not block others. Messages have memory of their
// own, and calls that wait for the memory of unread replies get it. The server closes a client that
// reads nothing only if other calls wait for memory.
func TestClientsThatDoNotRead(t *testing.T) {
	var log logs
	store := appStore(t)
	bigRows(t, store)
	s := servertest.Start(t, store, &thriftserver.Options{MaxHeld: 16 << 20, MaxFrame: 1 << 20, WriteTimeout: time.Hour, CallTimeout: -1, Logger: log.logger()})
	read := &thriftwire.GetSliceArgs{Key: b("big"), ColumnParent: parent("Log"), Predicate: from("", "", 24), ConsistencyLevel: one} // 3 MB
	slow := func() {
		c := dialApp(t, s)
		_ = c.nc.(*net.TCPConn).SetReadBuffer(4 << 10)
		for range 10 { // more than the sockets' buffers hold
			c.send(read)
		}
	}
	slow()
	c := dialApp(t, s)
	until(t, "a reply waits for its client", func() bool {
		ping(c)
		return s.Stats().Held >= 3<<20 && s.Stats().Calls == 0
	})
	if n := s.Stats().SlowReaders; n != 0 {
		t.Errorf("%d closed while no one waits", n)
	}
	for range 3 {
		slow()
	}
	until(t, "calls wait for memory", func() bool { return s.Stats().Calls > 0 })

	c.insert("Log", "k", column("big", strings.Repeat("x", 900<<10), 1)) // longer than a message that counts as short
	for range 3 {
		c.send(read)
		if answer, err := c.discard(); err != nil || strings.Contains(string(answer), "memory") {
			t.Errorf("%.100q, %v", answer, err)
		}
	}
	if n := s.Stats().SlowReaders; n == 0 {
		t.Error("no client was closed")
	}
	if text := log.String(); !strings.Contains(text, "level=WARN msg=\"connection closed: the client does not read its reply\" remote=127.0.0.1:") {
		t.Errorf("the log does not say that a client was closed:\n%s", text)
	}
}
