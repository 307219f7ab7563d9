package thriftserver_test

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/thriftserver"
)

// A removed user may do no more than a client that never logged in.
func TestRemovedUser(t *testing.T) {
	list := newUsers(t)
	c := dial(t, servertest.Start(t, appStore(t), &thriftserver.Options{Authenticator: list, Authorizer: list}))
	c.login("admin", "admin-password")
	must[*thriftwire.SetKeyspaceResult](c, &thriftwire.SetKeyspaceArgs{Keyspace: "app"})
	list.Remove("admin")
	for _, args := range []thriftwire.Args{
		&thriftwire.SetKeyspaceArgs{Keyspace: "app"}, &thriftwire.DescribeKeyspacesArgs{}, &thriftwire.DescribeKeyspaceArgs{Keyspace: "app"},
		&thriftwire.DescribeRingArgs{Keyspace: "app"}, &thriftwire.DescribeTokenMapArgs{}, &thriftwire.DescribeSchemaVersionsArgs{},
		&thriftwire.GetSliceArgs{Key: b("k"), ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one},
	} {
		if _, err := c.call(args); err == nil || !strings.Contains(err.Error(), "You have not logged in") {
			t.Errorf("%s of a removed user: %v", args.Method(), err)
		}
	}
	c.login("reader", "reader-password")
}

// A connection must log in within a time limit, whatever else it sends.
func TestLoginTimeout(t *testing.T) {
	s := servertest.Start(t, appStore(t), &thriftserver.Options{Authenticator: newUsers(t), LoginTimeout: 20 * time.Millisecond})
	dial(t, s).ends()
	begun := dial(t, s)
	begun.write([]byte{0, 0, 1, 0, 0x80})
	begun.ends()
	busy := dial(t, s)
	for {
		busy.seq++
		m, err := thriftwire.Framed.Append(nil, thriftwire.Header{Method: "describe_version", Type: thriftwire.Call, Seq: busy.seq}, &thriftwire.DescribeVersionArgs{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := busy.nc.Write(m); err != nil {
			break
		}
		if _, err := busy.message(); err != nil {
			break
		}
	}
}

// Connections without a login are closed to make room for others. Connections of users are not.
func TestStrangersMakeRoom(t *testing.T) {
	var refused atomic.Int32
	list := newUsers(t)
	s := servertest.Start(t, appStore(t), &thriftserver.Options{
		Authenticator: list, MaxConnections: 4, MaxLogins: 1,
		Events: &thriftserver.Events{Refused: func(addr net.Addr) { refused.Add(1) }},
	})
	admin := dial(t, s)
	admin.login("admin", "admin-password")
	var strangers []*client
	for range 10 {
		strangers = append(strangers, dial(t, s))
	}
	for i := range 3 {
		c := dial(t, s)
		c.login("reader", "reader-password")
		ping(c)
		admin.login("admin", "admin-password")
		if i == 2 { // the server is full, with users only
			dial(t, s).ends()
		}
	}
	for _, c := range strangers {
		c.ends()
	}
	if n := refused.Load(); n != 11 {
		t.Errorf("%d connections were refused, want 10 without a login and 1 late one", n)
	}
	// A connection whose login failed counts as one without a login.
	if _, err := admin.call(loginArgs("username", "admin", "password", "wrong")); err == nil {
		t.Error("a wrong password is accepted")
	}
	dial(t, s).login("reader", "reader-password")
	admin.ends()
}

// Failed logins are logged, and counted by client.
func TestFailedLoginsAreReported(t *testing.T) {
	var log logs
	failed := make(chan string, 10)
	s := servertest.Start(t, appStore(t), &thriftserver.Options{
		Authenticator: newUsers(t), Logger: log.logger(), Events: &thriftserver.Events{LoginFailed: func(client string) { failed <- client }},
	})
	c := dial(t, s)
	for range 3 {
		if _, err := c.call(loginArgs("username", "admin", "password", "guessed-password")); err == nil {
			t.Error("a wrong password is accepted")
		}
		if client := <-failed; client != "127.0.0.1" {
			t.Errorf("the event is of %s", client)
		}
	}
	c.login("admin", "admin-password")
	text := log.String()
	if n := strings.Count(text, `level=WARN msg="login failed" user=admin client=127.0.0.1`); n != 2 {
		t.Errorf("%d lines, want those of the first and the second failure:\n%s", n, text)
	}
	if strings.Contains(text, "guessed-password") {
		t.Errorf("the log has a password:\n%s", text)
	}
}
