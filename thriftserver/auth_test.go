package thriftserver_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/thriftserver"
)

func loginArgs(pairs ...string) *thriftwire.LoginArgs {
	a := &thriftwire.LoginArgs{AuthRequest: thriftwire.AuthenticationRequest{Credentials: []thriftwire.Entry[string, string]{}}}
	for i := 0; i < len(pairs); i += 2 {
		a.AuthRequest.Credentials = append(a.AuthRequest.Credentials, thriftwire.Entry[string, string]{Key: pairs[i], Value: pairs[i+1]})
	}
	return a
}

func (c *client) login(name, password string) {
	c.t.Helper()
	must[*thriftwire.LoginResult](c, loginArgs("username", name, "password", password))
}

func TestLogin(t *testing.T) {
	var log logs
	list := newUsers(t)
	s := servertest.Start(t, appStore(t), &thriftserver.Options{Authenticator: list, Authorizer: list, Logger: log.logger(), SlowCall: 1})
	c := dial(t, s)

	// Cassandra answers these calls without a login, and no others.
	must[*thriftwire.DescribeVersionResult](c, &thriftwire.DescribeVersionArgs{})
	must[*thriftwire.DescribeClusterNameResult](c, &thriftwire.DescribeClusterNameArgs{})
	for _, args := range []thriftwire.Args{
		&thriftwire.SetKeyspaceArgs{Keyspace: "app"}, &thriftwire.DescribeKeyspacesArgs{}, &thriftwire.DescribeRingArgs{Keyspace: "app"},
		&thriftwire.SystemAddKeyspaceArgs{KsDef: replicated("x")}, &thriftwire.SystemDropKeyspaceArgs{Keyspace: "app"},
	} {
		c.refused(args, "You have not logged in")
	}

	refused := func(why string, args *thriftwire.LoginArgs) {
		t.Helper()
		_, err := c.call(args)
		if e := new(thriftwire.AuthenticationException); !errors.As(err, &e) || e.Why != why {
			t.Errorf("%v, want AuthenticationException %q", err, why)
		}
	}
	refused("Required key 'username' is missing", loginArgs("password", "admin-password"))
	refused("Required key 'password' is missing", loginArgs("username", "admin"))
	refused("Username and/or password are incorrect", loginArgs("username", "admin", "password", "reader-password"))
	refused("Username and/or password are incorrect", loginArgs("username", "mallory", "password", "admin-password"))
	c.refused(&thriftwire.SetKeyspaceArgs{Keyspace: "app"}, "You have not logged in")

	c.login("admin", "admin-password")
	must[*thriftwire.SetKeyspaceResult](c, &thriftwire.SetKeyspaceArgs{Keyspace: "app"})
	c.fill()
	must[*thriftwire.SystemAddKeyspaceResult](c, &thriftwire.SystemAddKeyspaceArgs{KsDef: replicated("x")})

	// The reader may read one family.
	c.login("reader", "reader-password")
	want(t, "the row", c.slice("Users", "k2", names("a")), "a=4@6")
	const noSelect, noModify = "User reader has no SELECT permission on <table app.Log> or any of its parents", "User reader has no MODIFY permission on <table app.Users> or any of its parents"
	c.refused(&thriftwire.GetSliceArgs{Key: b("k"), ColumnParent: parent("Log"), Predicate: all(), ConsistencyLevel: one}, noSelect)
	c.refused(&thriftwire.InsertArgs{Key: b("k"), ColumnParent: parent("Users"), Column: column("a", "", 1), ConsistencyLevel: one}, noModify)
	c.refused(&thriftwire.BatchMutateArgs{ConsistencyLevel: one, MutationMap: batch{{Key: b("k"), Value: changes{{Key: "Users"}}}}}, noModify)
	c.refused(&thriftwire.TruncateArgs{Cfname: "Users"}, noModify)
	c.refused(&thriftwire.SystemAddKeyspaceArgs{KsDef: replicated("y")}, "User reader has no CREATE permission on <all keyspaces> or any of its parents")
	c.refused(&thriftwire.SystemDropKeyspaceArgs{Keyspace: "app"}, "User reader has no DROP permission on <keyspace app> or any of its parents")
	c.refused(&thriftwire.SystemAddColumnFamilyArgs{CfDef: thriftwire.CfDef{Keyspace: "app", Name: "N"}}, "User reader has no CREATE permission on <keyspace app> or any of its parents")
	c.refused(&thriftwire.SystemUpdateColumnFamilyArgs{CfDef: thriftwire.CfDef{Keyspace: "app", Name: "Users"}}, "User reader has no ALTER permission on <table app.Users> or any of its parents")
	c.refused(&thriftwire.DescribeSplitsArgs{CfName: "Log", KeysPerSplit: 5}, noSelect)
	cas := casArgs(nil, nil)
	cas.ColumnFamily = "Users"
	c.refused(cas, noModify)

	// A failed login ends the session of the earlier login.
	refused("Username and/or password are incorrect", loginArgs("username", "admin", "password", ""))
	c.refused(&thriftwire.GetSliceArgs{Key: b("k2"), ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one}, "You have not logged in")

	// A login on one connection does not count on another.
	dial(t, s).refused(&thriftwire.SetKeyspaceArgs{Keyspace: "app"}, "You have not logged in")
	if text := log.String(); strings.Contains(text, "-password") {
		t.Errorf("the log has a password:\n%s", text)
	}
}

func TestLoginWithoutUsers(t *testing.T) {
	c := dial(t, servertest.Start(t, appStore(t), nil))
	must[*thriftwire.LoginResult](c, loginArgs("username", "anyone"))
	must[*thriftwire.SetKeyspaceResult](c, &thriftwire.SetKeyspaceArgs{Keyspace: "app"})
}

// slowAuthenticator counts how many logins it checks at the same time.
type slowAuthenticator struct {
	now, most atomic.Int32
	proceed   chan struct{}
}

func (a *slowAuthenticator) Authenticate(ctx context.Context, _ map[string]string) (string, error) {
	a.most.Store(max(a.most.Load(), a.now.Add(1)))
	defer a.now.Add(-1)
	select {
	case <-a.proceed:
		return "user", nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Logins wait for other logins. Other calls do not wait for logins.
func TestLoginsAreBounded(t *testing.T) {
	a := &slowAuthenticator{proceed: make(chan struct{})}
	s := servertest.Start(t, appStore(t), &thriftserver.Options{Authenticator: a, MaxLogins: 2, MaxCalls: 1})
	var clients []*client
	for range 6 {
		c := dial(t, s)
		c.send(loginArgs("username", "u", "password", "p"))
		clients = append(clients, c)
	}
	must[*thriftwire.DescribeVersionResult](dial(t, s), &thriftwire.DescribeVersionArgs{})
	for range clients {
		a.proceed <- struct{}{}
	}
	for _, c := range clients {
		result := &thriftwire.LoginResult{}
		if err := thriftwire.DecodeReply(c.receive(), "login", c.seq, result); err != nil || result.Err() != nil {
			t.Errorf("%v, %v", err, result.Err())
		}
	}
	if n := a.most.Load(); n > 2 {
		t.Errorf("%d logins were checked at once, want at most 2", n)
	}
}

func TestNewWithoutStore(t *testing.T) {
	if _, err := thriftserver.New(nil, nil); !errors.Is(err, backend.ErrInvalidRequest) || !strings.Contains(err.Error(), "the store is nil") {
		t.Errorf("New without a store: %v", err)
	}
}

func TestAuthorizerNeedsAuthenticator(t *testing.T) {
	if _, err := thriftserver.New(appStore(t), &thriftserver.Options{Authorizer: newUsers(t)}); err == nil {
		t.Error("no error")
	}
}
