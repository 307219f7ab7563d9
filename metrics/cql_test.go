package metrics_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/metrics"
)

type cqlStats cqlclient.Stats

func (s cqlStats) Stats() cqlclient.Stats { return cqlclient.Stats(s) }

func TestCQL(t *testing.T) {
	stats := cqlStats{
		Connections: 3, Opened: 5, OpenFailed: 1, Closed: 2, Failures: 7, HostsDown: 4,
		Hosts: []cqlclient.HostState{
			{Server: "10.0.0.1:9042", Datacenter: "dc1", Up: true},
			{Server: "10.0.0.2:9042", Datacenter: "dc1"},
			{Server: "10.0.0.3:9042", Datacenter: "dc2", Up: true},
		},
		Errors: map[backend.Kind]int64{backend.KindTimedOut: 2, backend.KindCorrupt: 0, backend.KindStorage: 1, 0: 1},
	}
	slice := &stats.Calls[cqlclient.MethodSlice]
	slice.Succeeded, slice.Failed, slice.Took = 4, 4, 3*time.Second
	slice.Within[0], slice.Within[2], slice.Within[3] = 5, 1, 1 // one call took longer than all bounds
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(metrics.CQL(stats))
	want := `
# HELP widerow_cql_connections Open connections.
# TYPE widerow_cql_connections gauge
widerow_cql_connections 3
# HELP widerow_cql_connections_closed_total Connections that were closed.
# TYPE widerow_cql_connections_closed_total counter
widerow_cql_connections_closed_total 2
# HELP widerow_cql_connections_opened_total Connections that were opened, or could not be.
# TYPE widerow_cql_connections_opened_total counter
widerow_cql_connections_opened_total{outcome="failed"} 1
widerow_cql_connections_opened_total{outcome="ok"} 5
# HELP widerow_cql_failures_total Tries of statements that failed for a reason that another node may not share.
# TYPE widerow_cql_failures_total counter
widerow_cql_failures_total 7
# HELP widerow_cql_hosts Nodes that the client knows.
# TYPE widerow_cql_hosts gauge
widerow_cql_hosts{datacenter="dc1",state="down"} 1
widerow_cql_hosts{datacenter="dc1",state="up"} 1
widerow_cql_hosts{datacenter="dc2",state="down"} 0
widerow_cql_hosts{datacenter="dc2",state="up"} 1
# HELP widerow_cql_hosts_set_aside_total How often a node went down.
# TYPE widerow_cql_hosts_set_aside_total counter
widerow_cql_hosts_set_aside_total 4
`
	err := testutil.GatherAndCompare(registry, strings.NewReader(want), "widerow_cql_connections", "widerow_cql_connections_closed_total",
		"widerow_cql_connections_opened_total", "widerow_cql_failures_total", "widerow_cql_hosts", "widerow_cql_hosts_set_aside_total")
	if err != nil {
		t.Error(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	errors := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var label string
			if len(m.GetLabel()) > 0 {
				label = m.GetLabel()[0].GetValue()
			}
			switch f.GetName() {
			case "widerow_cql_errors_total":
				errors[label] = m.GetCounter().GetValue()
			case "widerow_cql_call_duration_seconds":
				if h := m.GetHistogram(); label == "slice" && (h.GetSampleCount() != 8 || h.GetSampleSum() != 3 || h.GetBucket()[2].GetCumulativeCount() != 6) {
					t.Errorf("durations of slice: %v", h)
				}
			}
		}
	}
	if errors["timed_out"] != 2 || errors["other"] != 1 || errors["context"] != 1 || errors["corrupt"] != 0 {
		t.Errorf("errors by kind: %v", errors)
	}
}
