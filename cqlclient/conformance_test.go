package cqlclient_test

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"github.com/widerow/widerow/backend/backendtest"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/internal/testkit/realcass"
)

// lines lists the lines of Cassandra that the client supports.
var lines = []string{"3.11", "4.1", "5.0"}

// partitioners maps one version of each line to a partitioner other than Murmur3 with which the version is tested.
var partitioners = map[string]string{
	"3.11.19": "RandomPartitioner",
	"4.1.9":   "ByteOrderedPartitioner",
	"5.0.5":   "OrderPreservingPartitioner",
}

// lacks lists the features that no version has, with the reasons.
var lacks = map[backendtest.Feature]string{
	backendtest.Ghosts:        "CQL does not list rows that were deleted",
	backendtest.NewestNames:   "the name of the first write stays",
	backendtest.ExactTies:     "an expired column is a tombstone",
	backendtest.ExactCounters: "a counter that was deleted must not be used again",
	backendtest.AlteredTypes:  "the type of a column of CQL stays as it is",
}

// laterLacks lists the features that Cassandra 4 and later also lack.
var laterLacks = map[backendtest.Feature]string{
	backendtest.SignedTies: "of two values with one timestamp the larger one in unsigned bytes stays (CASSANDRA-14592)",
	backendtest.TTLTies:    "of two writes with one timestamp the one that expires stays (CASSANDRA-14592)",
}

// TestConformance runs the suite of semantics on a real node of each version, with the Murmur3Partitioner.
func TestConformance(t *testing.T) {
	for _, version := range realcass.Versions(t, lines...) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			conformance(t, murmur3(version))
		})
	}
}

// murmur3 returns the configuration of a node with the Murmur3Partitioner. From 4.0 on, running
// nodes already have it.
func murmur3(version string) realcass.Config {
	if strings.HasPrefix(version, "3.") {
		return realcass.Config{Version: version, Partitioner: "Murmur3Partitioner"}
	}
	return realcass.Config{Version: version}
}

// TestConformancePartitioners runs the suite of semantics with the other partitioners.
func TestConformancePartitioners(t *testing.T) {
	for _, version := range realcass.Versions(t, lines...) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			partitioner := partitioners[version]
			if partitioner == "" {
				t.Skipf("no other partitioner is tested on %s", version)
			}
			conformance(t, realcass.Config{Version: version, Partitioner: partitioner})
		})
	}
}

// conformance starts a node and runs the scripts that suit its partitioner and version.
func conformance(t *testing.T, config realcass.Config) {
	backendtest.Run(t, opener(config, realcass.Start(t, config)))
}

// opener opens clients of a cluster, and skips every partitioner except the cluster's.
func opener(config realcass.Config, cluster *realcass.Cluster) backendtest.Opener {
	partitioner := cmp.Or(config.Partitioner, "Murmur3Partitioner")
	return func(t testing.TB, o backendtest.Options) backendtest.Target {
		if !strings.HasSuffix(o.Partitioner, "."+partitioner) {
			t.Skipf("the node has the %s", partitioner)
		}
		client, err := cqlclient.Open(t.Context(), cluster.NativeAddrs(), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		lack := map[backendtest.Feature]string{}
		for f, why := range lacks {
			lack[f] = why
		}
		if !strings.HasPrefix(config.Version, "3.") {
			for f, why := range laterLacks {
				lack[f] = why
			}
		}
		return backendtest.Target{
			Backend: client,
			Version: config.Version,
			Advance: time.Sleep,
			Waits:   true,
			Lacks:   lack,
		}
	}
}
