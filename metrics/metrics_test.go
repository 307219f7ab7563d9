package metrics_test

import (
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/metrics"
	"github.com/widerow/widerow/thriftclient"
	"github.com/widerow/widerow/thriftserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func scrape(t *testing.T, m prometheus.Collector) string {
	t.Helper()
	w := httptest.NewRecorder()
	metrics.Handler(m).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
}

func TestCalls(t *testing.T) {
	m := metrics.Server()
	call := m.Events().Call
	for _, c := range []thriftserver.CallInfo{
		{Method: "get", Duration: time.Millisecond, Request: 100, Reply: 200},
		{Method: "get", Duration: 3 * time.Millisecond, Request: 1, Reply: 2},
		{Method: "get", Outcome: thriftserver.NotFound, Duration: time.Second},
		{Method: "insert", Outcome: thriftserver.TimedOut, Duration: 10 * time.Second},
	} {
		call(c)
	}
	wantLines(t, scrape(t, m),
		`widerow_thrift_calls_total{method="get",outcome="ok"} 2`,
		`widerow_thrift_calls_total{method="get",outcome="not_found"} 1`,
		`widerow_thrift_calls_total{method="insert",outcome="timed_out"} 1`,
		`widerow_thrift_call_duration_seconds_bucket{method="get",le="0.001"} 1`,
		`widerow_thrift_call_duration_seconds_bucket{method="get",le="0.005"} 2`,
		`widerow_thrift_call_duration_seconds_count{method="get"} 3`,
		`widerow_thrift_request_bytes_total{method="get"} 101`,
		`widerow_thrift_reply_bytes_total{method="get"} 202`,
		"go_goroutines ",
	)
}

// Failed logins are counted by client. Any number of clients makes a bounded number of metrics.
func TestLoginFailures(t *testing.T) {
	m := metrics.Server()
	failed := m.Events().LoginFailed
	for i := range 10_000 {
		failed(fmt.Sprintf("10.0.%d.%d", i>>8, i&255))
	}
	failed("10.0.0.5")
	text := scrape(t, m)
	wantLines(t, text,
		`widerow_thrift_login_failures_total{client="10.0.0.5"} 2`,
		`widerow_thrift_login_failures_total{client="10.0.0.99"} 1`,
		`widerow_thrift_login_failures_total{client="other"} 9900`,
	)
	if n := strings.Count(text, "\nwiderow_thrift_login_failures_total"); n != 101 {
		t.Errorf("%d metrics of failed logins, want 101", n)
	}
}

func TestServer(t *testing.T) {
	store, err := embedded.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	m := metrics.Server()
	s := servertest.Start(t, store, &thriftserver.Options{Events: m.Events()})
	m.Watch(s)
	c, err := thriftclient.Open(t.Context(), []string{s.Addr().String()}, &thriftclient.Options{NoDiscovery: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Describe(t.Context(), &backend.DescribeRequest{Facts: backend.FactPartitioner}); err != nil {
		t.Fatal(err)
	}
	text := scrape(t, m)
	wantLines(t, text,
		`widerow_thrift_calls_total{method="describe_partitioner",outcome="ok"} 1`,
		"widerow_thrift_calls_running 0",
		"widerow_thrift_held_bytes 0",
		"widerow_thrift_connections_refused_total 0",
		"widerow_thrift_panics_total 0",
		"widerow_thrift_slow_readers_total 0",
		"widerow_thrift_slow_senders_total 0",
	)
	if strings.Contains(text, "widerow_thrift_connections 0\n") || strings.Contains(text, "accepted_total 0\n") {
		t.Errorf("no connection in\n%s", text)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func BenchmarkCall(b *testing.B) {
	call := metrics.Server().Events().Call
	b.ReportAllocs()
	for b.Loop() {
		call(thriftserver.CallInfo{Method: "get", Duration: time.Millisecond, Request: 100, Reply: 200})
	}
}
