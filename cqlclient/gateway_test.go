package cqlclient_test

import (
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/backend/backendtest"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/thriftclient"
)

// TestGateway runs the suite of semantics through a Thrift client, a Thrift server and the client on a real node.
func TestGateway(t *testing.T) {
	for _, version := range realcass.Versions(t, "5.0") {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			config := murmur3(version)
			direct := opener(config, realcass.Start(t, config))
			backendtest.Run(t, func(t testing.TB, o backendtest.Options) backendtest.Target {
				target := direct(t, o)
				target.Backend = throughThrift(t, target.Backend)
				return target
			})
		})
	}
}

// throughThrift serves a store and returns a client of the server.
func throughThrift(t testing.TB, store backend.Backend) backend.Backend {
	t.Helper()
	server := servertest.Start(t, store, nil)
	client, err := thriftclient.Open(t.Context(), []string{server.Addr().String()}, &thriftclient.Options{
		NoDiscovery: true, Timeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}
