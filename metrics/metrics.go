// Package metrics shows to Prometheus what a Thrift server does, and how the pool of a Thrift client
// stands: see [Client].
//
//	m := metrics.New()
//	server, err := thriftserver.New(store, &thriftserver.Options{Events: m.Events()})
//	m.Watch(server)
//	http.Handle("/metrics", m.Handler())
//
// The metrics are
//
//	widerow_thrift_calls_total{method, outcome}
//	widerow_thrift_call_duration_seconds{method}   a histogram
//	widerow_thrift_request_bytes_total{method}
//	widerow_thrift_reply_bytes_total{method}
//	widerow_thrift_login_failures_total{client}    see below
//	widerow_thrift_connections
//	widerow_thrift_calls_running
//	widerow_thrift_held_bytes
//	widerow_thrift_connections_accepted_total
//	widerow_thrift_connections_refused_total
//	widerow_thrift_panics_total
//	widerow_thrift_slow_readers_total
//	widerow_store_takes_writes   0 while the disk is full or fails
//
// and those of the Go runtime and of the process. The failed logins are those of a client's IP address, or
// IPv6 network of 64 bits. The first 100 clients have a metric each, all others together are the client "other".
package metrics

import (
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/widerow/widerow/thriftserver"
)

// buckets are from a call that the cache answers to one that has its time.
var buckets = []float64{
	50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1, 2.5, 5, 10,
}

// Metrics are the metrics of one server. They are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.CounterVec
	duration *prometheus.HistogramVec
	requests *prometheus.CounterVec
	replies  *prometheus.CounterVec
	methods  sync.Map // of *method by name

	loginFailures *prometheus.CounterVec
	clientsMu     sync.Mutex
	clients       map[string]struct{} // with a metric of failed logins
}

// maxClients is how many clients have metrics of their own.
const maxClients = 100

// method are the metrics of a method, so that a call looks for them once.
type method struct {
	duration          prometheus.Observer
	requests, replies prometheus.Counter
	outcomes          sync.Map // of prometheus.Counter by thriftserver.Outcome: most never come
}

// New returns metrics with a registry of their own.
func New() *Metrics {
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "widerow_thrift_" + name, Help: help}, labels)
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		calls:    counters("calls_total", "Calls that were answered.", "method", "outcome"),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "widerow_thrift_call_duration_seconds", Buckets: buckets,
			Help: "Time from when a request had come until its reply was ready.",
		}, []string{"method"}),
		requests: counters("request_bytes_total", "Bytes of requests.", "method"),
		replies:  counters("reply_bytes_total", "Bytes of replies.", "method"),

		loginFailures: counters("login_failures_total", "Logins that failed.", "client"),
		clients:       map[string]struct{}{},
	}
	m.registry.MustRegister(m.calls, m.duration, m.requests, m.replies, m.loginFailures,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Events returns the events that the server is to call.
func (m *Metrics) Events() *thriftserver.Events {
	return &thriftserver.Events{Call: m.call, LoginFailed: m.loginFailed}
}

func (m *Metrics) loginFailed(client string) {
	m.clientsMu.Lock()
	if _, ok := m.clients[client]; !ok {
		if len(m.clients) < maxClients {
			m.clients[client] = struct{}{}
		} else {
			client = "other"
		}
	}
	m.clientsMu.Unlock()
	m.loginFailures.WithLabelValues(client).Inc()
}

func (m *Metrics) call(c thriftserver.CallInfo) {
	x, ok := m.methods.Load(c.Method)
	if !ok {
		x, _ = m.methods.LoadOrStore(c.Method, m.newMethod(c.Method))
	}
	of := x.(*method)
	n, ok := of.outcomes.Load(c.Outcome)
	if !ok {
		n, _ = of.outcomes.LoadOrStore(c.Outcome, m.calls.WithLabelValues(c.Method, c.Outcome.String()))
	}
	n.(prometheus.Counter).Inc()
	of.duration.Observe(c.Duration.Seconds())
	of.requests.Add(float64(c.Request))
	of.replies.Add(float64(c.Reply))
}

func (m *Metrics) newMethod(name string) *method {
	return &method{
		duration: m.duration.WithLabelValues(name),
		requests: m.requests.WithLabelValues(name),
		replies:  m.replies.WithLabelValues(name),
	}
}

// Watch adds the state of a server. It is called once.
func (m *Metrics) Watch(s *thriftserver.Server) {
	gauge := func(name, help string, value func(thriftserver.Stats) float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "widerow_thrift_" + name, Help: help},
			func() float64 { return value(s.Stats()) }))
	}
	counter := func(name, help string, value func(thriftserver.Stats) int64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "widerow_thrift_" + name, Help: help},
			func() float64 { return float64(value(s.Stats())) }))
	}
	gauge("connections", "Open connections.", func(x thriftserver.Stats) float64 { return float64(x.Connections) })
	gauge("calls_running", "Calls that run.", func(x thriftserver.Stats) float64 { return float64(x.Calls) })
	gauge("held_bytes", "Bytes that messages, calls and replies hold.", func(x thriftserver.Stats) float64 { return float64(x.Held) })
	counter("connections_accepted_total", "Connections that were accepted.", func(x thriftserver.Stats) int64 { return x.Accepted })
	counter("connections_refused_total", "Connections that were closed because there were too many.", func(x thriftserver.Stats) int64 { return x.Refused })
	counter("slow_readers_total", "Connections that were closed because the client did not read its reply.", func(x thriftserver.Stats) int64 { return x.SlowReaders })
	counter("panics_total", "Calls that ended in a panic.", func(x thriftserver.Stats) int64 { return x.Panics })
}

// WatchWrites adds whether the store takes writes: it does if health, such as the store's Health, returns nil. It is called once.
func (m *Metrics) WatchWrites(health func() error) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "widerow_store_takes_writes", Help: "1 if the store takes writes, 0 if its disk is full or fails.",
	}, func() float64 {
		if health() != nil {
			return 0
		}
		return 1
	}))
}

// Handler serves the metrics in Prometheus' text form.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
