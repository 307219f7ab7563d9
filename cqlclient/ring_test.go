package cqlclient

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/schema"
)

// place returns a node whose host is its name.
func place(host, dc, rack string, tokens ...string) node {
	return node{Host: host, RPC: "rpc-" + host, Datacenter: dc, Rack: rack, Tokens: tokens, up: true}
}

func TestRing(t *testing.T) {
	six := []node{
		place("a", "east", "r1", "-60", "10"), place("b", "east", "r1", "-50", "20"), place("c", "east", "r2", "-40"),
		place("d", "west", "r1", "-30"), place("e", "west", "r2", "-20"), place("f", "west", "r2", "30"),
	}
	simple := func(n string) map[string]string { return map[string]string{"replication_factor": n} }
	for _, test := range []struct {
		name     string
		strategy string
		options  map[string]string
		nodes    []node
		want     map[string]string // the replicas, by the end of their range
	}{
		{"one node", schema.SimpleStrategy, simple("3"), []node{place("a", "east", "r1", "5")}, map[string]string{"5": "[a]"}},
		{"simple", schema.SimpleStrategy, simple("2"), six, map[string]string{
			"-60": "[a b]", "-50": "[b c]", "-40": "[c d]", "-30": "[d e]", "-20": "[e a]", "10": "[a b]", "20": "[b f]", "30": "[f a]",
		}},
		// Unused racks come first, even if nodes of used racks are nearer.
		{"network", schema.NetworkTopologyStrategy, map[string]string{"east": "2", "west": "1"}, six, map[string]string{
			"-60": "[a c d]", "-50": "[b c d]", "-40": "[c d a]", "-30": "[d a c]", "-20": "[e a c]", "10": "[a f c]", "20": "[b f c]", "30": "[f a c]",
		}},
		{"more replicas than racks", schema.NetworkTopologyStrategy, map[string]string{"east": "3"}, six, map[string]string{
			"-60": "[a b c]", "-50": "[b c a]", "-40": "[c a b]", "-30": "[a b c]", "-20": "[a b c]", "10": "[a b c]", "20": "[b a c]", "30": "[a b c]",
		}},
		{"more replicas than nodes", schema.NetworkTopologyStrategy, map[string]string{"west": "9", "north": "2"}, six[3:], map[string]string{
			"-30": "[d e f]", "-20": "[e f d]", "30": "[f d e]",
		}},
		{"no replicas", schema.SimpleStrategy, simple("0"), six[:1], map[string]string{"-60": "[]", "10": "[]"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := &schema.Keyspace{Name: "ks", Strategy: test.strategy, StrategyOptions: test.options}
			ring, err := ringOf(partitioner.Murmur3, test.nodes, k)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for i, r := range ring {
				got[r.End] = fmt.Sprint(r.Endpoints)
				if before := ring[(i+len(ring)-1)%len(ring)].End; r.Start != before {
					t.Errorf("range (%s, %s] follows one that ends at %s", r.Start, r.End, before)
				}
				for j, host := range r.Endpoints {
					if r.RPCEndpoints[j] != "rpc-"+host || r.Details[j].Host != host {
						t.Errorf("replica %s of %s has address %s and details %v", host, r.End, r.RPCEndpoints[j], r.Details[j])
					}
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("replicas (-want +got):\n%s", diff)
			}
		})
	}
	for _, k := range []*schema.Keyspace{
		{Name: "ks", Strategy: "org.example.Own"},
		{Name: "ks", Strategy: schema.SimpleStrategy, StrategyOptions: simple("3/1")},
		{Name: "ks", Strategy: schema.NetworkTopologyStrategy, StrategyOptions: map[string]string{"east": "3/1"}},
	} {
		if ring, err := ringOf(partitioner.Murmur3, six, k); err == nil {
			t.Errorf("%v: %v, want an error", k, ring)
		}
	}
	bad := []node{place("a", "east", "r1", "no number")}
	if _, err := ringOf(partitioner.Murmur3, bad, &schema.Keyspace{Strategy: schema.SimpleStrategy, StrategyOptions: simple("1")}); err == nil {
		t.Error("an invalid token is accepted")
	}
}

func TestSchemaVersions(t *testing.T) {
	got := schemaVersions([]node{
		{Host: "a", Version: "v1", up: true}, {Host: "b", Version: "v1", up: true}, {Host: "c", Version: "v1"}, {Host: "d", Version: "v2", up: true},
	})
	want := map[string][]string{"v1": {"a", "b"}, "v2": {"d"}, "UNREACHABLE": {"c"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schemaVersions (-want +got):\n%s", diff)
	}
}

func TestSplitNumbers(t *testing.T) {
	rows := func(n int64) []backend.Split { return []backend.Split{{Rows: n / 2}, {Rows: n - n/2}} }
	for _, test := range []struct {
		name       string
		part       partitioner.Partitioner
		start, end string
		rows, per  int64
		want       string
	}{
		{"unknown rows", partitioner.Murmur3, "-9223372036854775808", "-9223372036854775808", 0, 10, "(-9223372036854775808, -9223372036854775808] 0"},
		{
			"the ring", partitioner.Murmur3, "-9223372036854775808", "-9223372036854775808", 40, 10,
			"(-9223372036854775808, -4611686018427387904] 10, (-4611686018427387904, 0] 10, (0, 4611686018427387904] 10, (4611686018427387904, -9223372036854775808] 10",
		},
		{"a part of it", partitioner.Murmur3, "0", "4611686018427387904", 80, 10, "(0, 2305843009213693952] 10, (2305843009213693952, 4611686018427387904] 10"},
		{
			"around its end", partitioner.Murmur3, "4611686018427387904", "-4611686018427387904", 40, 10,
			"(4611686018427387904, -9223372036854775808] 10, (-9223372036854775808, -4611686018427387904] 10",
		},
		{"a token", partitioner.Murmur3, "5", "6", 1 << 60, 1, "(5, 6] 0"},
		{"random", partitioner.Random, "0", "0", 20, 10, "(0, 85070591730234615865843651857942052864] 10, (85070591730234615865843651857942052864, 0] 10"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got string
			for _, s := range ringOfNumbers(test.part).split(backend.Split{Start: test.start, End: test.end}, rows(test.rows), test.per) {
				if got != "" {
					got += ", "
				}
				got += fmt.Sprintf("(%s, %s] %d", s.Start, s.End, s.Rows)
			}
			if got != test.want {
				t.Errorf("split:\n%s, want\n%s", got, test.want)
			}
		})
	}
	many := ringOfNumbers(partitioner.Murmur3).split(backend.Split{Start: "0", End: "0"}, rows(1<<62), 1)
	if len(many) != maxSplits || many[0].Start != "0" || many[maxSplits-1].End != "0" {
		t.Errorf("%d splits from %s to %s", len(many), many[0].Start, many[len(many)-1].End)
	}
}

func TestSplitAtTokens(t *testing.T) {
	estimates := []backend.Split{{Start: "50", End: "70", Rows: 3}, {Start: "70", End: "10", Rows: 5}, {Start: "10", End: "50", Rows: 4}}
	for _, test := range []struct{ start, end, want string }{
		{"", "", "[{ 10 5} {10 50 4} {50 70 3} {70  0}]"},
		{"10", "60", "[{10 50 4} {50 60 3}]"},
		{"60", "20", "[{60 70 3} {70 10 5} {10 20 4}]"},
		{"11", "12", "[{11 12 4}]"},
	} {
		got := fmt.Sprint(splitAtTokens(partitioner.ByteOrdered, backend.Split{Start: test.start, End: test.end}, estimates))
		if got != test.want {
			t.Errorf("(%s, %s]: %s, want %s", test.start, test.end, got, test.want)
		}
	}
}
