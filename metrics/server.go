package metrics

import (
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/widerow/widerow/thriftserver"
)

// buckets span a call that the cache answers (50 µs) to a call that times out (10 s).
var buckets = []float64{
	50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1, 2.5, 5, 10,
}

// ServerCollector is the collector of a server, which [Server] returns. It is safe for concurrent use. A nil or zero ServerCollector must not be used.
type ServerCollector struct {
	calls    *prometheus.CounterVec
	duration *prometheus.HistogramVec
	requests *prometheus.CounterVec
	replies  *prometheus.CounterVec
	methods  sync.Map // of *method by name

	loginFailures *prometheus.CounterVec
	clientsMu     sync.Mutex
	clients       map[string]struct{} // clients with a metric of failed logins

	server atomic.Pointer[thriftserver.Server]
}

// maxClients bounds the number of clients with metrics of their own.
const maxClients = 100

// method has the metrics of a method, so that a call looks them up once.
type method struct {
	duration          prometheus.Observer
	requests, replies prometheus.Counter
	outcomes          sync.Map // of prometheus.Counter by thriftserver.Outcome: most outcomes never happen
}

// Server returns a collector of the calls of a Thrift server and of its state. Set [ServerCollector.Events] in the server's
// options, and pass the new server to [ServerCollector.Watch]:
//
//	calls := metrics.Server()
//	server, err := thriftserver.New(store, &thriftserver.Options{Events: calls.Events()})
//	calls.Watch(server)
//
// The metrics are
//
//	widerow_thrift_calls_total{method, outcome}
//	widerow_thrift_call_duration_seconds{method}   a histogram
//	widerow_thrift_request_bytes_total{method}
//	widerow_thrift_reply_bytes_total{method}
//	widerow_thrift_login_failures_total{client}    see below
//	widerow_thrift_connections                     open now
//	widerow_thrift_calls_running
//	widerow_thrift_held_bytes                      of memory, by messages, calls and replies
//	widerow_thrift_connections_accepted_total
//	widerow_thrift_connections_refused_total       because there were too many
//	widerow_thrift_panics_total
//	widerow_thrift_slow_readers_total              connections closed because the client did not read
//	widerow_thrift_slow_senders_total              connections closed because a message arrived slowly while others waited
//
// The failed logins are counted by the client's IP address, or its IPv6 network of 64 bits. Each of the first 100 clients has a
// metric of its own; all further clients share the client "other".
func Server() *ServerCollector {
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "widerow_thrift_" + name, Help: help}, labels)
	}
	return &ServerCollector{
		calls: counters("calls_total", "Calls that were answered.", "method", "outcome"),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "widerow_thrift_call_duration_seconds", Buckets: buckets,
			Help: "Time from when a request had come until its reply was ready.",
		}, []string{"method"}),
		requests: counters("request_bytes_total", "Bytes of requests.", "method"),
		replies:  counters("reply_bytes_total", "Bytes of replies.", "method"),

		loginFailures: counters("login_failures_total", "Logins that failed.", "client"),
		clients:       map[string]struct{}{},
	}
}

// Events returns the events that the server must call, for [thriftserver.Options].
func (m *ServerCollector) Events() *thriftserver.Events {
	return &thriftserver.Events{Call: m.call, LoginFailed: m.loginFailed}
}

func (m *ServerCollector) loginFailed(client string) {
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

func (m *ServerCollector) call(c thriftserver.CallInfo) {
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

func (m *ServerCollector) newMethod(name string) *method {
	return &method{
		duration: m.duration.WithLabelValues(name),
		requests: m.requests.WithLabelValues(name),
		replies:  m.replies.WithLabelValues(name),
	}
}

// Watch adds the state of a server to the collector. Without Watch, only calls are collected.
func (m *ServerCollector) Watch(s *thriftserver.Server) { m.server.Store(s) }

// stateMetric is a metric of a server's state.
type stateMetric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*thriftserver.Stats) int64
}

var stateMetrics = []stateMetric{
	stateGauge("connections", "Open connections.", func(x *thriftserver.Stats) int64 { return int64(x.Connections) }),
	stateGauge("calls_running", "Calls that run.", func(x *thriftserver.Stats) int64 { return int64(x.Calls) }),
	stateGauge("held_bytes", "Bytes that messages, calls and replies hold.", func(x *thriftserver.Stats) int64 { return x.Held }),
	stateCounter("connections_accepted_total", "Connections that were accepted.", func(x *thriftserver.Stats) int64 { return x.Accepted }),
	stateCounter("connections_refused_total", "Connections that were closed because there were too many.", func(x *thriftserver.Stats) int64 { return x.Refused }),
	stateCounter("slow_readers_total", "Connections that were closed because the client did not read its reply.", func(x *thriftserver.Stats) int64 { return x.SlowReaders }),
	stateCounter("slow_senders_total", "Connections that were closed because a message arrived slowly while others waited.", func(x *thriftserver.Stats) int64 { return x.SlowSenders }),
	stateCounter("panics_total", "Calls that ended in a panic.", func(x *thriftserver.Stats) int64 { return x.Panics }),
}

func stateGauge(name, help string, value func(*thriftserver.Stats) int64) stateMetric {
	return stateMetric{prometheus.NewDesc("widerow_thrift_"+name, help, nil, nil), prometheus.GaugeValue, value}
}

func stateCounter(name, help string, value func(*thriftserver.Stats) int64) stateMetric {
	return stateMetric{prometheus.NewDesc("widerow_thrift_"+name, help, nil, nil), prometheus.CounterValue, value}
}

func (m *ServerCollector) vectors() []prometheus.Collector {
	return []prometheus.Collector{m.calls, m.duration, m.requests, m.replies, m.loginFailures}
}

// Describe implements prometheus.Collector.
func (m *ServerCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, v := range m.vectors() {
		v.Describe(ch)
	}
	for _, x := range stateMetrics {
		ch <- x.desc
	}
}

// Collect implements prometheus.Collector.
func (m *ServerCollector) Collect(ch chan<- prometheus.Metric) {
	for _, v := range m.vectors() {
		v.Collect(ch)
	}
	s := m.server.Load()
	if s == nil {
		return
	}
	stats := s.Stats()
	for _, x := range stateMetrics {
		ch <- prometheus.MustNewConstMetric(x.desc, x.kind, float64(x.value(&stats)))
	}
}
