package browser

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/widerow/widerow/internal/testkit/realcass"
)

// variable names the environment variable that enables the tests.
const variable = "WIDEROW_TEST_BROWSER"

// onStores runs a test on each store that the environment names. The test gets the URL of the
// application on that store.
func onStores(t *testing.T, test func(t *testing.T, url string)) {
	wanted := os.Getenv(variable)
	switch {
	case wanted == "":
		t.Skip("not run: set " + variable + "=1 to test in Chromium")
	case strings.Contains(wanted, ":"):
		t.Run("given store", func(t *testing.T) { test(t, startApp(t, wanted)) })
		return
	}
	t.Run("embedded", func(t *testing.T) {
		test(t, startApp(t, "embedded:"+filepath.Join(t.TempDir(), "data")))
	})
	t.Run("cassandra", func(t *testing.T) {
		for _, version := range realcass.Versions(t) {
			t.Run(version, func(t *testing.T) {
				test(t, startApp(t, storeURL(realcass.Start(t, realcass.Config{Version: version}))))
			})
		}
	})
}

// storeURL returns the URL of a cluster's store. From Cassandra 4.0 on, which has no Thrift
// interface, it uses the native protocol.
func storeURL(c *realcass.Cluster) string {
	if c.Version() >= "4" {
		host, _, _ := strings.Cut(c.Addrs()[0], ":")
		return "cql://" + host
	}
	return "thrift://" + strings.Join(c.Addrs(), ",")
}

// startApp runs the application with sample data and returns its URL. It ends with the test.
func startApp(t *testing.T, store string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "twissandra")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./examples/twissandra")
	build.Dir = filepath.Join("..", "..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program, "--store", store, "--listen", "127.0.0.1:0", "--seed", "1", "--poll", "300ms")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	url, done := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(done)
		listening := regexp.MustCompile(`listening url=(\S+)`)
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				url <- m[1]
			} else if !strings.Contains(lines.Text(), "level=INFO") {
				t.Errorf("the application prints: %s", lines.Text())
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-done
		if err := cmd.Wait(); err != nil {
			t.Errorf("the application: %v", err)
		}
	})
	select {
	case u := <-url:
		return u
	case <-done:
		t.Fatal("the application ended")
		return ""
	}
}
