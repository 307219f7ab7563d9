package thriftclient_test

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"github.com/widerow/widerow/backend/backendtest"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/thriftclient"
)

// lines are the lines of Cassandra that have the Thrift interface.
var lines = []string{"0.7", "0.8", "1.0", "1.1", "1.2", "2.0", "2.1", "2.2", "3.11"}

// byteOrdered lists the versions that are also tested with this partitioner.
var byteOrdered = []string{"1.2.19", "3.11.19"}

// TestConformance runs the suite of semantics on real nodes of each version.
func TestConformance(t *testing.T) {
	for _, version := range realcass.Versions(t, lines...) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			conformance(t, realcass.Config{Version: version})
		})
	}
}

func TestConformanceByteOrdered(t *testing.T) {
	for _, version := range realcass.Versions(t, byteOrdered...) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			conformance(t, realcass.Config{Version: version, Partitioner: "ByteOrderedPartitioner"})
		})
	}
}

// conformance starts a node and runs the scripts that suit its partitioner and version.
func conformance(t *testing.T, config realcass.Config) {
	backendtest.Run(t, opener(config, realcass.Start(t, config)))
}

// opener opens clients of a cluster, and skips every partitioner except the cluster's.
func opener(config realcass.Config, cluster *realcass.Cluster) backendtest.Opener {
	partitioner := cmp.Or(config.Partitioner, "RandomPartitioner")
	return func(t testing.TB, o backendtest.Options) backendtest.Target {
		if !strings.HasSuffix(o.Partitioner, "."+partitioner) {
			t.Skipf("the node has the %s", partitioner)
		}
		client, err := thriftclient.Open(t.Context(), cluster.Addrs(), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		return backendtest.Target{
			Backend: client,
			Version: config.Version,
			Advance: time.Sleep,
			Waits:   true,
			Lacks:   lacks(config.Version),
		}
	}
}
