package interop

import (
	"log/slog"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/internal/testkit/servertest"
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

// serveStore starts a server of a store. The test must close the store.
func serveStore(t *testing.T, store backend.Backend, log *slog.Logger) string {
	t.Helper()
	return servertest.Start(t, store, &thriftserver.Options{Version: "1.2", Logger: log}).Addr().String()
}
