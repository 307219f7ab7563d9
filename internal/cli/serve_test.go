package cli

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/widerow/widerow/internal/testkit/faultproxy"
)

// freePort returns a loopback port on which no process listens. No later process gets the port by chance.
func freePort() (string, error) {
	l, err := faultproxy.Listen()
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// answers waits in a script until a server serves an address. A server that serves closes a connection that its client
// has ended; a server that only listens does not.
func answers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: answers ADDRESS")
	}
	var err error
	for range 1000 {
		var c net.Conn
		if c, err = net.Dial("tcp", args[0]); err == nil {
			_ = c.(*net.TCPConn).CloseWrite()
			_, _ = c.Read(make([]byte, 1))
			_ = c.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("%v", err)
}

// output is the text that a running program has written so far.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// waitFor waits until the output matches the pattern, and returns the match of its group.
func (o *output) waitFor(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for range 1000 {
		if m := re.FindStringSubmatch(o.String()); m != nil {
			return m[1]
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("no %q in\n%s", pattern, o)
	return ""
}

func httpGet(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestServeMetrics(t *testing.T) {
	defer http.DefaultClient.CloseIdleConnections()
	ctx, stop := context.WithCancel(t.Context())
	var out, errs output
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{"--store", "memory:", "serve", "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--log-json"}, nil, &out, &errs)
	}()
	base := out.waitFor(t, `metrics on (http://.*)/metrics`)
	addr := out.waitFor(t, `serving memory: on (.*)`)
	if code, text, errs := run(t, t.Context(), "", "--store", "thrift://"+addr, "describe"); code != 0 {
		t.Errorf("describe: %d %s%s", code, text, errs)
	}
	if code, body := httpGet(t, base+"/healthz"); code != http.StatusOK || body != "ok\n" {
		t.Errorf("/healthz: %d %q", code, body)
	}
	if _, body := httpGet(t, base+"/metrics"); !strings.Contains(body, `widerow_thrift_calls_total{method="describe_partitioner",outcome="ok"}`) {
		t.Errorf("no calls in the metrics:\n%s", body)
	}
	if _, body := httpGet(t, base+"/metrics"); !strings.Contains(body, "\nwiderow_store_takes_writes 1\n") || !strings.Contains(body, "\nwiderow_store_memtable_bytes ") {
		t.Errorf("the engine's metrics are missing:\n%s", body)
	}
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d\n%s", code, &errs)
	}
	if text := errs.String(); !strings.Contains(text, `"msg":"stopping"`) {
		t.Errorf("the log is\n%s", text)
	}
}

func TestCertificateErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x.pem")
	if err := os.WriteFile(file, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	k := &tlsFiles{certFile: file, keyFile: file}
	if _, err := k.config(&reloader{}); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("error %v", err)
	}
}

// SIGHUP reloads the users. A file with an error changes nothing.
func TestServeReload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users")
	add := func(name string) {
		t.Helper()
		if code, _, errs := run(t, t.Context(), name+"-password\n", "users", "--file", file, "add", name, "*=r"); code != 0 {
			t.Fatal(errs)
		}
	}
	add("ann")
	var log output
	c := &serveCmd{Users: file, Listen: []string{"0.0.0.0:9160"}}
	opts, reload, err := c.options(slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	may := func(name string) bool {
		_, err := opts.Authenticator.Authenticate(t.Context(), map[string]string{"username": name, "password": name + "-password"})
		return err == nil
	}
	if !may("ann") || may("bob") {
		t.Fatal("the users differ from the file")
	}
	add("bob")
	if err := reload(); err != nil || !may("bob") {
		t.Errorf("after a reload, %v, bob may not", err)
	}
	if err := os.WriteFile(file, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := reload(); err == nil || !may("ann") {
		t.Errorf("an invalid file: error %v; it must change nothing", err)
	}
	if !strings.Contains(log.String(), "passwords cross the network unencrypted") {
		t.Errorf("no warning of passwords without TLS: %s", &log)
	}
}
