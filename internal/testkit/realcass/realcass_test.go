package realcass

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/widerow/widerow/internal/testkit/testcerts"
	"github.com/widerow/widerow/internal/thriftwire"
)

// mustAsk calls a method of a node's Thrift interface.
func mustAsk[R thriftwire.Result](t *testing.T, n *Node, args thriftwire.Args) R {
	t.Helper()
	result, err := ask(t.Context(), n.Addr(), args)
	if err != nil {
		t.Fatalf("%s of %s: %v", args.Method(), n.Host(), err)
	}
	return result.(R)
}

func TestEachVersion(t *testing.T) {
	for _, version := range Versions(t) {
		t.Run(version, func(t *testing.T) {
			begin := time.Now()
			c := Start(t, Config{Version: version})
			t.Logf("Cassandra %s took %.1f s to start", version, time.Since(begin).Seconds())
			n := c.Node(0)
			if err := listening(t.Context(), n.Addr()); err != nil {
				t.Error(err)
			}
			if c.plan.thrift() {
				got := mustAsk[*thriftwire.DescribeVersionResult](t, n, &thriftwire.DescribeVersionArgs{}).Success
				if !strings.Contains(got, ".") {
					t.Errorf("describe_version = %q", got)
				}
			}
			if c.plan.atLeast(1, 2) {
				if err := askOptions(t.Context(), n.NativeAddr(), c.plan); err != nil {
					t.Error(err)
				}
			}
			n.Stop(t)
			if err := listening(t.Context(), n.Addr()); err == nil {
				t.Error("the node listens after Stop")
			}
			if n.PID() != 0 || n.Log() == "" {
				t.Errorf("after Stop: process %d, log %q", n.PID(), n.Log())
			}
		})
	}
}

func TestRing(t *testing.T) {
	for _, version := range Versions(t, "1.0", "1.2", "3.11", "4.1", "5.0") {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			took := func(what string) {
				t.Logf("Cassandra %s: %s took %.1f s", version, what, time.Since(begin).Seconds())
				begin = time.Now()
			}
			c := Start(t, Config{Version: version, Nodes: 3, RequestTimeout: 2 * time.Second})
			took("a ring of 3")
			wantRing(t, c, 3)
			pid := c.Node(2).PID()
			c.Node(2).Kill(t)
			if c.Node(2).PID() != 0 {
				t.Error("a killed node has a process")
			}
			begin = time.Now()
			c.Node(2).Start(t)
			took("starting a killed node")
			if now := c.Node(2).PID(); now == 0 || now == pid {
				t.Errorf("after a start the process is %d, before it was %d", now, pid)
			}
			c.Node(1).Stop(t)
			took("stopping a node")
			c.Node(1).Start(t)
			took("starting a stopped node")
			if n := c.Join(t); n != c.Node(3) {
				t.Error("the node that joined is not the last node")
			}
			took("joining")
			wantRing(t, c, 4)
		})
	}
}

// wantRing checks that a node's ring has the given number of nodes, if the version can report it.
func wantRing(t *testing.T, c *Cluster, nodes int) {
	t.Helper()
	if len(c.Addrs()) != nodes {
		t.Errorf("addresses %v, want %d", c.Addrs(), nodes)
	}
	if !c.plan.thrift() || !c.plan.atLeast(1, 2) {
		return
	}
	ring := mustAsk[*thriftwire.DescribeRingResult](t, c.Node(0), &thriftwire.DescribeRingArgs{Keyspace: "system_traces"})
	var hosts []string
	for _, part := range ring.Success {
		hosts = append(hosts, part.Endpoints...)
	}
	slices.Sort(hosts)
	if hosts = slices.Compact(hosts); len(hosts) != nodes {
		t.Errorf("describe_ring has the nodes %v, want %d", hosts, nodes)
	}
}

// A paused node still accepts connections, because Linux does, but never answers.
func TestPause(t *testing.T) {
	for _, version := range Versions(t, "0.7", "1.2", "3.11", "4.1", "5.0") {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			n := Start(t, Config{Version: version}).Node(0)
			question := func(ctx context.Context) error {
				if !n.cluster.plan.thrift() {
					return askOptions(ctx, n.Addr(), n.cluster.plan)
				}
				_, err := ask(ctx, n.Addr(), &thriftwire.DescribeVersionArgs{})
				return err
			}
			n.Pause(t)
			if err := listening(t.Context(), n.Addr()); err != nil {
				t.Errorf("a paused node does not accept: %v", err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			if err := question(ctx); err == nil {
				t.Error("a paused node answers")
			}
			n.Resume(t)
			if err := question(t.Context()); err != nil {
				t.Errorf("a resumed node: %v", err)
			}
			n.Pause(t)
			n.Stop(t)
		})
	}
}

func TestDataSurvivesKill(t *testing.T) {
	for _, version := range Versions(t, "0.7", "1.0", "1.2", "2.1", "3.11") {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			n := Start(t, Config{Version: version, Partitioner: "ByteOrderedPartitioner"}).Node(0)
			class := mustAsk[*thriftwire.DescribePartitionerResult](t, n, &thriftwire.DescribePartitionerArgs{}).Success
			if class != "org.apache.cassandra.dht.ByteOrderedPartitioner" {
				t.Errorf("partitioner %s", class)
			}
			keyspace := thriftwire.KsDef{
				Name: "kept", StrategyClass: "org.apache.cassandra.locator.SimpleStrategy",
				StrategyOptions: []thriftwire.Entry[string, string]{{Key: "replication_factor", Value: "1"}},
			}
			if !n.cluster.plan.atLeast(1, 1) {
				keyspace.ReplicationFactor = thriftwire.Some[int32](1)
			}
			if !n.cluster.plan.atLeast(0, 8) {
				keyspace.StrategyOptions = nil
			}
			mustAsk[*thriftwire.SystemAddKeyspaceResult](t, n, &thriftwire.SystemAddKeyspaceArgs{KsDef: keyspace})
			n.Kill(t)
			n.Start(t)
			mustAsk[*thriftwire.DescribeKeyspaceResult](t, n, &thriftwire.DescribeKeyspaceArgs{Keyspace: "kept"})
		})
	}
}

// A cluster is upgraded from version to version and keeps its data.
func TestUpgrade(t *testing.T) {
	Versions(t, "5.0")
	c := Start(t, Config{Version: "3.11"})
	keyspace := thriftwire.KsDef{
		Name: "kept", StrategyClass: "org.apache.cassandra.locator.SimpleStrategy",
		StrategyOptions: []thriftwire.Entry[string, string]{{Key: "replication_factor", Value: "1"}},
	}
	mustAsk[*thriftwire.SystemAddKeyspaceResult](t, c.Node(0), &thriftwire.SystemAddKeyspaceArgs{KsDef: keyspace})
	for _, version := range []string{"4.1", "5.0"} {
		c.Upgrade(t, version)
		if !within(c.Version(), version) {
			t.Errorf("after the upgrade to %s the version is %s", version, c.Version())
		}
		if addr := c.Node(0).Addr(); addr != c.Node(0).NativeAddr() {
			t.Errorf("after the upgrade to %s clients are sent to %s", version, addr)
		}
		if log := c.Node(0).Log(); !strings.Contains(log, "Cassandra version: "+c.Version()) || strings.Contains(log, "Exiting due to") {
			t.Errorf("the log has no start of %s:\n%s", c.Version(), tail(log, 50))
		}
	}
}

// A node with TLS refuses plain connections. If it has authorities, it requires certificates signed
// by them.
func TestTLS(t *testing.T) {
	for _, version := range Versions(t, "4.1", "5.0") {
		t.Run(version, func(t *testing.T) {
			certificate, key := testcerts.New(t).IssuePEM("node")
			n := Start(t, Config{Version: version, TLS: &TLS{Certificate: certificate, Key: key}}).Node(0)
			if err := askOptions(t.Context(), n.Addr(), n.cluster.plan); err != nil {
				t.Error(err)
			}
			plain := n.cluster.plan
			plain.TLS = nil
			if err := askOptions(t.Context(), n.Addr(), plain); err == nil {
				t.Error("a node with TLS speaks without it")
			}
		})
	}
}

func TestAuth(t *testing.T) {
	for _, version := range Versions(t, "1.2", "2.0", "2.2", "3.11", "4.1", "5.0") {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			c := Start(t, Config{Version: version, Auth: true})
			if !c.plan.thrift() {
				return // Start has checked that the user exists
			}
			if _, err := ask(t.Context(), c.Node(0).Addr(), login("cassandra", "wrong")); err == nil {
				t.Error("a wrong password is accepted")
			}
			mustAsk[*thriftwire.LoginResult](t, c.Node(0), login("cassandra", "cassandra"))
		})
	}
}

// The first start on a machine downloads all that is missing.
func TestEmptyCache(t *testing.T) {
	version := Versions(t)[0]
	t.Setenv(cacheVariable, "")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	c := Start(t, Config{Version: version})
	if c.network == nil {
		t.Skip("the node runs elsewhere")
	}
	if !strings.HasPrefix(c.jars, os.Getenv("XDG_CACHE_HOME")) {
		t.Errorf("the jars are in %s", c.jars)
	}
}

// A test that fails keeps the logs.
func TestKeptLogs(t *testing.T) {
	version := Versions(t, "0.7", "1.2", "3.11")[0]
	p, err := newPlan(Config{Version: version, YAML: map[string]string{"no_such_setting": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := launch(t.Context(), p)
	if c == nil {
		t.Fatal(err)
	}
	defer c.network.release()
	defer c.kill()
	if err == nil {
		t.Fatal("a node starts with a setting that does not exist")
	}
	if !strings.Contains(c.report(), "no_such_setting") {
		t.Errorf("the end of the log does not name the setting:\n%s", c.report())
	}
	dir, err := c.keepLogs(t.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"conf/cassandra.yaml", "log/out"} {
		if !exists(filepath.Join(dir, "node1", filepath.FromSlash(name))) {
			t.Errorf("%s was not kept", name)
		}
	}
}
