package cqlclient

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftclient"
)

// TestDescribeAsThrift compares the client's computed ring with the ring that a server describes
// over Thrift.
func TestDescribeAsThrift(t *testing.T) {
	for _, version := range realcass.Versions(t, "3.11") {
		cluster := realcass.Start(t, realcass.Config{Version: version, Nodes: 3})
		c := openReal(t, cluster.NativeAddrs())
		thrift, err := thriftclient.Open(t.Context(), cluster.Addrs(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer thrift.Close()
		for name, k := range map[string]schema.Keyspace{
			"simple":  schema.NewKeyspace("simple", 2),
			"network": {Name: "network", Strategy: schema.NetworkTopologyStrategy, StrategyOptions: map[string]string{"datacenter1": "2"}},
		} {
			mustAlter(t, c, schema.CreateKeyspace{Keyspace: k})
			request := &backend.DescribeRequest{
				Facts: backend.FactName | backend.FactPartitioner | backend.FactVersion | backend.FactRing | backend.FactTokens | backend.FactSchemaVersions, Keyspace: name,
			}
			want, err := thrift.Describe(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Describe(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range []*backend.Cluster{want, got} {
				slices.SortFunc(d.Ring, func(a, b backend.TokenRange) int { return cmp.Compare(a.Start, b.Start) })
				for _, hosts := range d.SchemaVersions {
					slices.Sort(hosts)
				}
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("keyspace %s (-thrift +cql):\n%s", name, diff)
			}
		}
	}
}
