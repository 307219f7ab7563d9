package thriftclient_test

import (
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/internal/testkit/testcerts"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/thriftclient"
)

// startTLSNodes starts nodes whose certificates are valid for a name only. Each node describes a
// ring of all nodes by the given addresses.
func startTLSNodes(t *testing.T, by *testcerts.Authority, name string, addresses ...string) []*node {
	t.Helper()
	config := &tls.Config{Certificates: []tls.Certificate{by.Issue(name)}}
	answer := func(args thriftwire.Args) (thriftwire.Result, error) {
		switch args.(type) {
		case *thriftwire.DescribeRingArgs:
			all := thriftwire.TokenRange{StartToken: "0", EndToken: "0", Endpoints: addresses, RPCEndpoints: addresses}
			return &thriftwire.DescribeRingResult{Success: []thriftwire.TokenRange{all}}, nil
		case *thriftwire.DescribePartitionerArgs:
			return &thriftwire.DescribePartitionerResult{Success: partitioner.Random.Class()}, nil
		}
		return nil, nil
	}
	var nodes []*node
	for range addresses {
		nodes = append(nodes, startNode(t, nodeOptions{tls: config}, answer))
	}
	return nodes
}

// byName returns the address of a node by the name localhost.
func byName(t *testing.T, n *node) string {
	t.Helper()
	_, port, err := net.SplitHostPort(n.addr)
	if err != nil {
		t.Fatal(err)
	}
	return "localhost:" + port
}

// openWatched opens a client and records the errors of its dials.
func openWatched(t *testing.T, server string, opts *thriftclient.Options) (c *thriftclient.Client, failures func() string) {
	t.Helper()
	var mu sync.Mutex
	var texts []string
	opts.NoDiscovery = false
	opts.Size = 4
	opts.DialTimeout, opts.Timeout = 20*time.Second, 20*time.Second
	opts.Events.Failed = func(e pool.FailedEvent) {
		mu.Lock()
		defer mu.Unlock()
		texts = append(texts, e.Server+": "+e.Err.Error())
	}
	c, err := thriftclient.Open(t.Context(), []string{server}, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(texts, "\n")
	}
}

// The ring contains the address of a node that was listed by name, and the node's certificate is
// valid for that name only.
func TestTLSOfAListedName(t *testing.T) {
	for _, address := range []string{"127.0.0.1", "0:0:0:0:0:0:0:1"} {
		ours := testcerts.New(t)
		n := startTLSNodes(t, ours, "localhost", address)[0]
		opts := fast()
		opts.TLS = &tls.Config{RootCAs: ours.Pool}
		c, failures := openWatched(t, byName(t, n), opts)
		var asked []string
		wait(t, "the ring is read, and used", func() bool {
			if err := get(t.Context(), c, "k"); err != nil {
				t.Fatal(err)
			}
			asked = append(asked, n.called()...)
			return slices.Contains(asked, "describe_partitioner")
		})
		// A refresh reads the ring again.
		if err := c.RefreshServers(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 50 {
			if err := get(t.Context(), c, "k"); err != nil {
				t.Fatal(err)
			}
		}
		if hosts := c.State().Hosts; !slices.ContainsFunc(hosts, func(h pool.HostState) bool { return h.Server == byName(t, n) && h.Up }) {
			t.Errorf("%s: the servers are %v, without the listed name", address, hosts)
		}
		if got := c.State().Hosts; address == "127.0.0.1" && (len(got) != 1 || failures() != "") {
			t.Errorf("the servers are %v, want the listed name alone; failures: %s", got, failures())
		}
	}
}

// A node discovered in the ring is verified by the configured server name. Without a server name,
// the node is set aside with an error that names the option, and calls go to the listed node.
func TestTLSOfNodesInTheRing(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"localhost", ""},
		{"", `the certificate is not one for "127.0.0.1"; if the server is the right one, set TLSNodeName (tls_node_name in a URL) to a name that is in the certificate`},
		{"elsewhere", `the certificate is not one for "elsewhere"`},
	} {
		ours := testcerts.New(t)
		nodes := startTLSNodes(t, ours, "localhost", "first", "second")
		opts := fast()
		opts.TLS = &tls.Config{RootCAs: ours.Pool}
		opts.TLSNodeName = tt.name
		opts.Translate = func(host string) string {
			if host == "first" {
				return nodes[0].addr
			}
			return nodes[1].addr
		}
		c, failures := openWatched(t, byName(t, nodes[0]), opts)
		wait(t, "the second node is used, or why it is not is reported", func() bool {
			if err := get(t.Context(), c, "k"); err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				return slices.Contains(nodes[1].called(), "get_slice")
			}
			return strings.Contains(failures(), nodes[1].addr+": TLS: "+tt.want)
		})
		if got := failures(); strings.Contains(got, byName(t, nodes[0])) || tt.want == "" && got != "" {
			t.Errorf("TLSNodeName %q: failures: %s", tt.name, got)
		}
		if got := nodes[1].called(); tt.want != "" && len(got) > 0 {
			t.Errorf("TLSNodeName %q: the second node was called: %v", tt.name, got)
		}
	}
	if _, err := thriftclient.Open(t.Context(), []string{"127.0.0.1:1"}, &thriftclient.Options{TLSNodeName: "x"}); err == nil || !strings.Contains(err.Error(), "no TLS") {
		t.Errorf("a TLSNodeName without TLS: %v", err)
	}
}
