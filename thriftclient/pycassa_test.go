package thriftclient_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/thriftclient"
)

// TestServersAreDialed passes server addresses in every accepted form and records the dialed
// addresses. Without a port, the client dials Cassandra's port.
func TestServersAreDialed(t *testing.T) {
	n := startNode(t, nodeOptions{}, nil)
	var mu sync.Mutex
	var dialed []string
	opts := fast()
	opts.Size = 1
	opts.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		mu.Lock()
		dialed = append(dialed, address)
		mu.Unlock()
		return new(net.Dialer).DialContext(ctx, network, n.addr)
	}
	last := func() string {
		mu.Lock()
		defer mu.Unlock()
		return dialed[len(dialed)-1]
	}
	c, err := thriftclient.Open(t.Context(), []string{"cass1"}, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	check := func(what, want string, err error) {
		t.Helper()
		if err == nil {
			err = get(t.Context(), c, "k")
		}
		if got := last(); err != nil || got != want {
			t.Errorf("%s dialed %s, want %s; error %v", what, got, want, err)
		}
	}
	check("Open", "cass1:9160", nil)
	check("SetServers", "cass2:99", c.SetServers(t.Context(), "cass2:99"))
	list := []string{"cass3"}
	check("SetServerList", "cass3:9160", c.SetServerList(t.Context(), func(context.Context) ([]string, error) { return slices.Clone(list), nil }))
	list[0] = "cass4"
	check("RefreshServers", "cass4:9160", c.RefreshServers(t.Context()))

	c2, err := thriftclient.OpenList(t.Context(), pool.Servers("cass5"), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c2.Close() })
	if got := last(); got != "cass5:9160" {
		t.Errorf("OpenList dialed %s", got)
	}
}

// TestCredentials sends credentials under any names, as pycassa does.
func TestCredentials(t *testing.T) {
	var mu sync.Mutex
	sent := map[string]string{}
	n := startNode(t, nodeOptions{}, func(args thriftwire.Args) (thriftwire.Result, error) {
		if login, ok := args.(*thriftwire.LoginArgs); ok {
			mu.Lock()
			defer mu.Unlock()
			for _, e := range login.AuthRequest.Credentials {
				sent[e.Key] = e.Value
			}
		}
		return nil, nil
	})
	opts := fast()
	opts.Username, opts.Password, opts.Credentials = "ann", "secret", map[string]string{"token": "t"}
	connect(t, opts, n)
	mu.Lock()
	defer mu.Unlock()
	for key, want := range map[string]string{"username": "ann", "password": "secret", "token": "t"} {
		if sent[key] != want {
			t.Errorf("credential %s is %q, want %q", key, sent[key], want)
		}
	}
}

// TestConnKeyspaces reads the definition of a keyspace over one connection.
func TestConnKeyspaces(t *testing.T) {
	n := startNode(t, nodeOptions{}, func(args thriftwire.Args) (thriftwire.Result, error) {
		if a, ok := args.(*thriftwire.DescribeKeyspaceArgs); ok {
			return &thriftwire.DescribeKeyspaceResult{Success: thriftwire.KsDef{
				Name: a.Keyspace, StrategyClass: "SimpleStrategy", CfDefs: []thriftwire.CfDef{{Keyspace: a.Keyspace, Name: "Users"}},
			}}, nil
		}
		return nil, nil
	})
	c := connect(t, fast(), n)
	k, err := c.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	list, err := k.Keyspaces(t.Context(), "Keyspace1")
	if err != nil || len(list) != 1 || list[0].Name != "Keyspace1" || list[0].Family("Users") == nil {
		t.Errorf("Keyspaces = %+v, %v", list, err)
	}
}

// TestLoginErrors refuses a login with each exception of the interface.
func TestLoginErrors(t *testing.T) {
	for _, tt := range []struct{ said, want error }{
		{&thriftwire.AuthenticationException{Why: "wrong password"}, backend.ErrAuthentication},
		{&thriftwire.AuthorizationException{Why: "not allowed"}, backend.ErrAuthorization},
	} {
		n := startNode(t, nodeOptions{}, func(args thriftwire.Args) (thriftwire.Result, error) {
			if args.Method() == "login" {
				return nil, tt.said
			}
			return nil, nil
		})
		opts := fast()
		opts.Username, opts.Password = "ann", "secret"
		if _, err := thriftclient.Open(t.Context(), []string{n.addr}, opts); !errors.Is(err, tt.want) {
			t.Errorf("Open: %v, want %v", err, tt.want)
		}
	}
}
