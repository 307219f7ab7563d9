package metrics_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/metrics"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/thriftclient"
)

func TestClient(t *testing.T) {
	store, err := embedded.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	server := servertest.Start(t, store, nil)
	client, err := thriftclient.Open(t.Context(), []string{server.Addr().String()}, &thriftclient.Options{
		Settings: pool.Settings{Name: "main", Size: 2},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(metrics.Client(client))
	for range 3 {
		if _, err := client.Keyspaces(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := `
# HELP widerow_pool_checkouts_total Connections that were handed out.
# TYPE widerow_pool_checkouts_total counter
widerow_pool_checkouts_total{pool="main"} 3
# HELP widerow_pool_connections Connections of the pool.
# TYPE widerow_pool_connections gauge
widerow_pool_connections{pool="main",state="idle"} 2
widerow_pool_connections{pool="main",state="opening"} 0
widerow_pool_connections{pool="main",state="used"} 0
# HELP widerow_pool_hosts Servers of the pool.
# TYPE widerow_pool_hosts gauge
widerow_pool_hosts{pool="main",state="aside"} 0
widerow_pool_hosts{pool="main",state="up"} 1
`
	want += `
# HELP widerow_pool_connections_opened_total Connections that were opened, or could not be.
# TYPE widerow_pool_connections_opened_total counter
widerow_pool_connections_opened_total{outcome="failed",pool="main"} 0
widerow_pool_connections_opened_total{outcome="ok",pool="main"} 2
`
	err = testutil.GatherAndCompare(registry, strings.NewReader(want), "widerow_pool_connections_opened_total", "widerow_pool_checkouts_total", "widerow_pool_connections", "widerow_pool_hosts")
	if err != nil {
		t.Error(err)
	}
}
