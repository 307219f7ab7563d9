package shell_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/shell"
	"github.com/widerow/widerow/thriftclient"
)

// clockStore is an embedded store whose clock time.sleep advances, or a Cassandra, whose clock is real.
type clockStore struct {
	b     backend.Backend
	moved time.Duration
	// version is the version of Cassandra. It is empty for an embedded store.
	version string
}

func (c *clockStore) now() time.Time { return time.Now().Add(c.moved) }

func (c *clockStore) options() *shell.Options {
	if c.version != "" {
		return &shell.Options{Store: c.b}
	}
	return &shell.Options{Store: c.b, Now: c.now, Sleep: func(_ context.Context, d time.Duration) error {
		c.moved += d
		return nil
	}}
}

// overCQL reports whether the store is a Cassandra that has no Thrift interface.
func (c *clockStore) overCQL() bool { return c.version >= "4" }

// expected returns the file with pycassa's output for a topic. Cassandra 3.11 words some errors and definitions
// differently from 1.2. Over CQL, rows without columns are not listed, and the interface reports another version.
func (c *clockStore) expected(topic string) string {
	dir := ""
	switch {
	case c.version == "3.11.19":
		dir = "testdata/pycassa/expected-3.11/"
	case c.overCQL():
		dir = "testdata/pycassa/expected-cql/"
	}
	if dir != "" {
		if _, err := os.Stat(dir + topic + ".txt"); err == nil {
			return dir + topic + ".txt"
		}
	}
	return "testdata/pycassa/expected/" + topic + ".txt"
}

// openStore opens a store in a directory, or in memory if dir is empty.
func openStore(t testing.TB, dir string) *clockStore {
	t.Helper()
	c := &clockStore{}
	opts := &embedded.Options{Now: c.now}
	var err error
	if dir == "" {
		c.b, err = embedded.OpenMemory(opts)
	} else {
		c.b, err = embedded.Open(dir, opts)
	}
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, c.b)
	return c
}

func closeAfter(t testing.TB, b backend.Backend) {
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
}

// onStores runs a test on a store in memory and on one on disk.
func onStores(t *testing.T, run func(*testing.T, *clockStore)) {
	t.Run("memory", func(t *testing.T) { run(t, openStore(t, "")) })
	t.Run("embedded", func(t *testing.T) { run(t, openStore(t, t.TempDir())) })
}

// openCassandra opens a client of a cluster, by Thrift or, if the version has no Thrift interface, by CQL.
func openCassandra(t *testing.T, cluster *realcass.Cluster) backend.Backend {
	t.Helper()
	var client backend.Backend
	var err error
	if cluster.Version() >= "4" {
		client, err = cqlclient.Open(t.Context(), cluster.NativeAddrs(), nil)
	} else {
		client, err = thriftclient.Open(t.Context(), cluster.Addrs(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, client)
	return client
}

// TestCassandra runs the doctests and the transcripts of the real pycassa on real nodes. The nodes order rows by
// key, as the embedded store does.
func TestCassandra(t *testing.T) {
	for _, version := range realcass.Versions(t, "1.2.19", "3.11.19", "4.1", "5.0") {
		t.Run(version, func(t *testing.T) {
			cluster := realcass.Start(t, realcass.Config{Version: version, Partitioner: "ByteOrderedPartitioner"})
			client := openCassandra(t, cluster)
			store := &clockStore{b: client, version: version}
			t.Run("doctests", func(t *testing.T) { runDoctests(t, store) })
			t.Run("pycassa", func(t *testing.T) { compareTranscripts(t, store) })
		})
	}
}
