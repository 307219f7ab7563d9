package cli

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftclient"
)

// soon bounds how long one gateway takes to know what another one changed: 2 s, and some for a busy machine.
const soon = 10 * time.Second

// TestServeCQL runs two servers on one cluster, with users. Each must serve the other's changes.
func TestServeCQL(t *testing.T) {
	version := realcass.Versions(t, "5.0", "4.1")[0]
	node := realcass.Start(t, realcass.Config{Version: version, Auth: true}).Node(0)
	users := filepath.Join(t.TempDir(), "users")
	for name, rights := range map[string]string{"admin": "*=rw", "reader": "*=r"} {
		if code, _, errs := run(t, t.Context(), name+"-password\n", "users", "--file", users, "add", name, rights); code != 0 {
			t.Fatalf("users add %s: %d %s", name, code, errs)
		}
	}
	store := "cql://cassandra:cassandra@" + node.NativeAddr()
	first, second := startGateway(t, store, users), startGateway(t, store, users)
	a, b := first.dial(t, "admin"), second.dial(t, "admin")

	family := schema.Family{Keyspace: "shared", Name: "F", Comparator: schema.UTF8Type, DefaultValidator: schema.UTF8Type}
	ks := schema.NewKeyspace("shared", 1)
	ks.Families = []schema.Family{family}
	alter(t, a, schema.CreateKeyspace{Keyspace: ks})
	write := func(c backend.Backend) error {
		return c.Mutate(t.Context(), &backend.MutateRequest{Keyspace: "shared", Rows: []backend.RowMutation{{
			Family: "F", Key: []byte("k"), Mutations: []backend.Mutation{{
				Op: backend.Insert, Column: backend.Column{Name: []byte("state"), Value: []byte("UT"), Timestamp: 1},
			}},
		}}})
	}
	within(t, "the second gateway takes a write to a new family", func() bool { return write(b) == nil })

	family.Columns = []schema.Column{{Name: []byte("state"), Validator: schema.UTF8Type, Index: schema.KeysIndex}}
	alter(t, b, schema.AlterFamily{Family: family})
	within(t, "the first gateway uses a new index", func() bool {
		rows, err := a.Index(t.Context(), &backend.IndexRequest{
			Parent: backend.Parent{Keyspace: "shared", Family: "F"}, Count: 10, Predicate: backend.Predicate{Count: 10},
			Expressions: []backend.Expression{{Name: []byte("state"), Op: backend.EQ, Value: []byte("UT")}},
		})
		return err == nil && len(rows) == 1 && string(rows[0].Key) == "k"
	})
	reader := first.dial(t, "reader")
	if err := write(reader); !errors.Is(err, backend.ErrInvalidRequest) && !errors.Is(err, backend.ErrAuthorization) {
		t.Errorf("a write by a user with read permission only: %v", err)
	}
	alter(t, a, schema.DropFamily{Keyspace: "shared", Name: "F"})
	within(t, "the second gateway knows that the family is gone", func() bool {
		return errors.Is(write(b), backend.ErrInvalidRequest)
	})

	_, err := thriftclient.Open(t.Context(), []string{first.addr}, &thriftclient.Options{Username: "admin", Password: "wrong"})
	if !errors.Is(err, backend.ErrAuthentication) {
		t.Errorf("with a wrong password: %v", err)
	}
	if _, body := httpGet(t, first.metrics+"/metrics"); !strings.Contains(body, `widerow_cql_calls_total{method="mutate",outcome="ok"}`) {
		t.Errorf("the client's metrics are missing:\n%s", body)
	}
	if code, body := httpGet(t, second.metrics+"/healthz"); code != http.StatusOK {
		t.Errorf("/healthz: %d %q", code, body)
	}
	if out := first.errs.String() + first.out.String(); strings.Contains(out, "cassandra:cassandra") {
		t.Errorf("the output shows the password:\n%s", out)
	}
	http.DefaultClient.CloseIdleConnections()
}

// gateway is a server that runs.
type gateway struct {
	out, errs     output
	addr, metrics string
}

func startGateway(t *testing.T, store, users string) *gateway {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	g := new(gateway)
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{
			"--store", store, "serve", "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--users", users,
		}, nil, &g.out, &g.errs)
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("exit code %d\n%s", code, &g.errs)
		}
	})
	g.metrics = g.out.waitFor(t, `metrics on (http://.*)/metrics`)
	g.addr = g.out.waitFor(t, `serving cql:.* on (.*)`)
	return g
}

func (g *gateway) dial(t *testing.T, user string) backend.Backend {
	t.Helper()
	c, err := thriftclient.Open(t.Context(), []string{g.addr}, &thriftclient.Options{
		Username: user, Password: user + "-password", NoDiscovery: true, Timeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func alter(t *testing.T, b backend.Backend, change schema.Change) {
	t.Helper()
	if _, err := b.Alter(t.Context(), change); err != nil {
		t.Fatalf("%T: %v", change, err)
	}
}

// within waits until a condition holds, and logs how long that took.
func within(t *testing.T, what string, holds func() bool) {
	t.Helper()
	start := time.Now()
	for !holds() {
		if time.Since(start) > soon {
			t.Fatalf("not within %v: %s", soon, what)
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Logf("after %v: %s", time.Since(start).Round(time.Millisecond), what)
}
