package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/widerow/widerow/pool"
)

// Pool is a client with a pool of connections, such as a thriftclient.Client.
type Pool interface {
	// State returns the pool's connections and hosts.
	State() pool.State
	// Settings returns the pool's settings, with its name.
	Settings() pool.Settings
}

// Client returns a collector of the state of a client's pool, and of its events since it was
// opened. Register the collector with a registry of the program:
//
//	prometheus.MustRegister(metrics.Client(client))
//
// Every metric has the name of the pool as a label, so the pools of several clients must have
// different names. The metrics are
//
//	widerow_pool_connections{state}                  idle, used or opening
//	widerow_pool_size, widerow_pool_waiting
//	widerow_pool_hosts{state}                        up or aside
//	widerow_pool_connections_opened_total{outcome}   ok or failed
//	widerow_pool_connections_closed_total
//	widerow_pool_connections_recycled_total
//	widerow_pool_checkouts_total
//	widerow_pool_failures_total                      of dials and calls
//	widerow_pool_exhausted_total                     callers that got no connection
//	widerow_pool_hosts_set_aside_total
func Client(c Pool) prometheus.Collector {
	w := &clientCollector{client: c}
	labels := prometheus.Labels{"pool": c.Settings().Name}
	desc := func(name, help string, variable ...string) *prometheus.Desc {
		return prometheus.NewDesc("widerow_pool_"+name, help, variable, labels)
	}
	w.connections = desc("connections", "Connections of the pool.", "state")
	w.size = desc("size", "Connections that the pool keeps.")
	w.waiting = desc("waiting", "Callers that wait for a connection.")
	w.hosts = desc("hosts", "Servers of the pool.", "state")
	w.opened = desc("connections_opened_total", "Connections that were opened, or could not be.", "outcome")
	w.closed = desc("connections_closed_total", "Connections that were closed.")
	w.recycled = desc("connections_recycled_total", "Connections that were replaced.")
	w.checkouts = desc("checkouts_total", "Connections that were handed out.")
	w.failures = desc("failures_total", "Failures of dials and of calls.")
	w.exhausted = desc("exhausted_total", "Callers that got no connection.")
	w.aside = desc("hosts_set_aside_total", "How often a server was set aside.")
	return w
}

type clientCollector struct {
	client Pool

	connections, size, waiting, hosts, opened, closed, recycled, checkouts, failures, exhausted, aside *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (w *clientCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		w.connections, w.size, w.waiting, w.hosts, w.opened, w.closed, w.recycled, w.checkouts, w.failures, w.exhausted, w.aside,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (w *clientCollector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, n int, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	counter := func(d *prometheus.Desc, n int64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	state := w.client.State()
	counts := state.Counts
	up := 0
	for _, h := range state.Hosts {
		if h.Up {
			up++
		}
	}
	gauge(w.connections, state.CheckedIn, "idle")
	gauge(w.connections, state.CheckedOut, "used")
	gauge(w.connections, state.Dialing, "opening")
	gauge(w.size, state.Size)
	gauge(w.waiting, state.Waiting)
	gauge(w.hosts, up, "up")
	gauge(w.hosts, len(state.Hosts)-up, "aside")
	counter(w.opened, counts.Created.Success, "ok")
	counter(w.opened, counts.Created.Failure, "failed")
	counter(w.closed, counts.Disposed.Success+counts.Disposed.Failure)
	counter(w.recycled, counts.Recycled)
	counter(w.checkouts, counts.CheckedOut)
	counter(w.failures, counts.Failed)
	counter(w.exhausted, counts.AtMax)
	counter(w.aside, counts.HostsDown)
}
