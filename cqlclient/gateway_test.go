package cqlclient_test

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/backend/backendtest"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/thriftclient"
	"github.com/widerow/widerow/thriftserver"
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
	server, err := thriftserver.New(store, nil)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-served; !errors.Is(err, thriftserver.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
	client, err := thriftclient.Open(t.Context(), []string{listener.Addr().String()}, &thriftclient.Options{
		NoDiscovery: true, Timeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}
