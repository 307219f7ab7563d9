// Package metrics exports metrics of widerow to Prometheus. It has four collectors: [Server] for a Thrift server, [Client] for the
// pool of a Thrift client, [CQL] for a client over CQL, and [Store] for an embedded store. Register them with the program's own
// registry, or let [Handler] serve them:
//
//	calls := metrics.Server()
//	server, err := thriftserver.New(store, &thriftserver.Options{Events: calls.Events()})
//	calls.Watch(server)
//	http.Handle("/metrics", metrics.Handler(calls, metrics.Store(store)))
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Handler serves the metrics of the collectors, of the Go runtime and of the process, in Prometheus' text form. It panics if two
// collectors have the same metrics, for example because two pools have the same name.
func Handler(cs ...prometheus.Collector) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(cs...)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
