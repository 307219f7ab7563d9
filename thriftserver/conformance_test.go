package thriftserver_test

import (
	"context"
	"crypto/tls"
	"testing"
	"time"

	"github.com/widerow/widerow/backend/backendtest"
	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/thriftclient"
	"github.com/widerow/widerow/thriftserver"
)

// through opens a client of a server whose store is in memory.
func through(server func(t testing.TB) *thriftserver.Options, client func(t testing.TB) *thriftclient.Options) backendtest.Opener {
	return func(t testing.TB, o backendtest.Options) backendtest.Target {
		t.Helper()
		c := newClock()
		store := openMemory(t, c, o.Partitioner)
		opts := server(t)
		if opts == nil {
			opts = &thriftserver.Options{}
		}
		opts.Now = c.Now
		s := servertest.Start(t, store, opts)
		clientOpts := client(t)
		if clientOpts == nil {
			clientOpts = &thriftclient.Options{}
		}
		// A login takes long on a busy machine.
		clientOpts.DialTimeout, clientOpts.Timeout = time.Minute, time.Minute
		b, err := thriftclient.Open(t.Context(), []string{s.Addr().String()}, clientOpts)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Close() })
		return backendtest.Target{
			Backend: b,
			Advance: c.Advance,
			Purge:   func(ctx context.Context) error { return store.Purge(ctx) },
			Lacks:   map[backendtest.Feature]string{backendtest.Reopen: "the store is in memory"},
		}
	}
}

func none[T any](testing.TB) *T { return nil }

func TestConformance(t *testing.T) {
	backendtest.Run(t, through(none[thriftserver.Options], none[thriftclient.Options]))
}

func TestConformanceUnframed(t *testing.T) {
	backendtest.Run(t, through(none[thriftserver.Options], func(testing.TB) *thriftclient.Options {
		return &thriftclient.Options{Unframed: true}
	}))
}

func TestConformanceTLSAndLogin(t *testing.T) {
	certs := newCertificates(t)
	backendtest.Run(t, through(
		func(t testing.TB) *thriftserver.Options {
			list := newUsers(t)
			return &thriftserver.Options{TLS: certs.server(tls.RequireAndVerifyClientCert), Authenticator: list, Authorizer: list}
		},
		func(testing.TB) *thriftclient.Options {
			return &thriftclient.Options{Username: "admin", Password: "admin-password", TLS: certs.client(true)}
		},
	))
}

func TestRandom(t *testing.T) {
	backendtest.Random(t, through(none[thriftserver.Options], none[thriftclient.Options]))
}
