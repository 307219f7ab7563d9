package interop

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/thriftserver"
)

// serve starts a server of an empty store in memory and returns the server's address. The store
// orders rows as the node on which the transcripts were recorded.
func serve(t *testing.T) string {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	store, err := embedded.OpenMemory(&embedded.Options{Partitioner: "random", Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return serveStore(t, store, log)
}

// serveStore starts a server of a store. The caller must close the store.
func serveStore(t *testing.T, store backend.Backend, log *slog.Logger) string {
	t.Helper()
	server, err := thriftserver.New(store, &thriftserver.Options{Version: "1.2", Logger: log})
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
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; !errors.Is(err, thriftserver.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
	return listener.Addr().String()
}
