package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/cqlclient"
)

// CQLClient is a client of a cluster over CQL, for example a [cqlclient.Client].
type CQLClient interface {
	// Stats returns the state of the client and its counters since it was opened.
	Stats() cqlclient.Stats
}

// CQL returns a collector for a client over CQL. It collects the client's calls, its connections and the nodes that the client
// knows. Register the collector with a registry of the program:
//
//	prometheus.MustRegister(metrics.CQL(client))
//
// The metrics are
//
//	widerow_cql_calls_total{method, outcome}          ok or failed
//	widerow_cql_call_duration_seconds{method}         a histogram
//	widerow_cql_errors_total{kind}                    failed calls
//	widerow_cql_failures_total                        failed tries of statements that another node may repeat
//	widerow_cql_connections                           connections that are open now
//	widerow_cql_connections_opened_total{outcome}     ok or failed
//	widerow_cql_connections_closed_total
//	widerow_cql_hosts{datacenter, state}              up or down
//	widerow_cql_hosts_set_aside_total                 how often a node went down
func CQL(c CQLClient) prometheus.Collector {
	w := &cqlCollector{client: c}
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("widerow_cql_"+name, help, labels, nil)
	}
	w.calls = desc("calls_total", "Calls that returned.", "method", "outcome")
	w.duration = desc("call_duration_seconds", "Time of calls, with all statements and retries.", "method")
	w.errors = desc("errors_total", "Calls that failed, by the kind of their error.", "kind")
	w.failures = desc("failures_total", "Tries of statements that failed for a reason that another node may not share.")
	w.connections = desc("connections", "Open connections.")
	w.opened = desc("connections_opened_total", "Connections that were opened, or could not be.", "outcome")
	w.closed = desc("connections_closed_total", "Connections that were closed.")
	w.hosts = desc("hosts", "Nodes that the client knows.", "datacenter", "state")
	w.aside = desc("hosts_set_aside_total", "How often a node went down.")
	return w
}

type cqlCollector struct {
	client CQLClient

	calls, duration, errors, failures, connections, opened, closed, hosts, aside *prometheus.Desc
}

// kinds maps the kinds of errors to their labels.
var kinds = map[backend.Kind]string{
	0:                              "context",
	backend.KindInvalidRequest:     "invalid_request",
	backend.KindNotFound:           "not_found",
	backend.KindUnavailable:        "unavailable",
	backend.KindTimedOut:           "timed_out",
	backend.KindAuthentication:     "unauthenticated",
	backend.KindAuthorization:      "unauthorized",
	backend.KindSchemaDisagreement: "schema_disagreement",
	backend.KindUnsupported:        "unsupported",
	backend.KindClosed:             "closed",
	backend.KindCorrupt:            "corrupt",
	backend.KindExists:             "exists",
	backend.KindTooMuch:            "too_much",
	backend.KindReplicaFailure:     "replica_failure",
}

// Describe implements prometheus.Collector.
func (w *cqlCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		w.calls, w.duration, w.errors, w.failures, w.connections, w.opened, w.closed, w.hosts, w.aside,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (w *cqlCollector) Collect(ch chan<- prometheus.Metric) {
	counter := func(d *prometheus.Desc, n int64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	gauge := func(d *prometheus.Desc, n int64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	stats := w.client.Stats()
	for m := range stats.Calls {
		method, calls := cqlclient.Method(m).String(), &stats.Calls[m]
		counter(w.calls, calls.Succeeded, method, "ok")
		counter(w.calls, calls.Failed, method, "failed")
		within, sum := map[float64]uint64{}, uint64(0)
		for i, n := range calls.Within {
			sum += uint64(n)
			within[cqlclient.Buckets[i].Seconds()] = sum
		}
		// The numbers are not read at one instant, but the count is never less than the sum of the buckets.
		count := max(sum, uint64(calls.Succeeded+calls.Failed))
		ch <- prometheus.MustNewConstHistogram(w.duration, count, calls.Took.Seconds(), within, method)
	}
	other := int64(0) // errors of the server itself, and errors of future kinds
	for kind, n := range stats.Errors {
		if kinds[kind] == "" {
			other += n
		}
	}
	for kind, name := range kinds {
		counter(w.errors, stats.Errors[kind], name)
	}
	counter(w.errors, other, "other")
	counter(w.failures, stats.Failures)
	gauge(w.connections, stats.Connections)
	counter(w.opened, stats.Opened, "ok")
	counter(w.opened, stats.OpenFailed, "failed")
	counter(w.closed, stats.Closed)
	type place struct{ datacenter, state string }
	hosts := map[place]int64{}
	for _, h := range stats.Hosts {
		up := place{h.Datacenter, "up"}
		down := place{h.Datacenter, "down"}
		if h.Up {
			hosts[up]++
			hosts[down] += 0
		} else {
			hosts[down]++
			hosts[up] += 0
		}
	}
	for p, n := range hosts {
		gauge(w.hosts, n, p.datacenter, p.state)
	}
	counter(w.aside, stats.HostsDown)
}
