package realcass

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// clean ends the cluster after a test. If the test failed, the logs stay in the cache.
func (c *Cluster) clean(t testing.TB) {
	t.Helper()
	err := c.kill()
	if t.Failed() {
		dir, keepErr := c.keepLogs(t.Name())
		err = errors.Join(err, keepErr)
		t.Logf("%s\nThe logs are in %s", c.report(), dir)
	}
	if err := errors.Join(err, c.network.release()); err != nil {
		t.Error(err)
	}
}

// report returns the end of each node's log.
func (c *Cluster) report() string {
	var b strings.Builder
	for _, n := range c.Nodes() {
		fmt.Fprintf(&b, "The end of the log of Cassandra %v on %s:\n%s\n", c.plan.release, n.host, tail(n.Log(), 30))
	}
	return b.String()
}

// kill ends all nodes.
func (c *Cluster) kill() error {
	var failed []error
	for _, n := range c.Nodes() {
		failed = append(failed, n.end(signalKill, stopTimeout))
	}
	c.spawner.end()
	return errors.Join(failed...)
}

var unsafeInPath = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// keepLogs copies the logs to a directory with the test's name. They replace the logs of the test's last failure.
func (c *Cluster) keepLogs(test string) (string, error) {
	cache, err := openCache()
	if err != nil {
		return "", err
	}
	dir := cache.path("logs", unsafeInPath.ReplaceAllString(test, "_"))
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	for _, n := range c.Nodes() {
		for _, sub := range []string{"conf", "log"} {
			from := filepath.Join(n.dir, sub)
			if !exists(from) {
				continue
			}
			if err := os.CopyFS(filepath.Join(dir, filepath.Base(n.dir), sub), os.DirFS(from)); err != nil {
				return "", err
			}
		}
	}
	return dir, nil
}
