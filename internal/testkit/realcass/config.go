package realcass

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Config says what to start. Only the version is required.
type Config struct {
	// Version is a version such as 1.2.19, or a line such as 1.2 for its last one.
	Version string
	// Partitioner is the simple name of a class of org.apache.cassandra.dht. The default is
	// RandomPartitioner, from 4.0 on Murmur3Partitioner.
	Partitioner string
	// Nodes is the size of the ring, 1 by default. Before 2.0 each node has an even share of the ring;
	// later ones have 16 random tokens each.
	Nodes int
	// Auth asks for logins and permissions, from 1.2 on: PasswordAuthenticator and
	// CassandraAuthorizer. There is the user cassandra with the same password, and
	// permissions are not cached.
	Auth bool
	// TLS asks for TLS on the native protocol, from 4.1 on.
	TLS *TLS
	// HeapMB is the heap of each node in MiB, 512 by default.
	HeapMB int
	// RequestTimeout is after what time a coordinator answers with a timeout, for every
	// kind of request. The default is 10 s, which is more than Cassandra's since
	// machines that run tests are slow.
	RequestTimeout time.Duration
	// StartTimeout is how long a node may take until it answers and sees the others,
	// 3 minutes by default.
	StartTimeout time.Duration
	// YAML has settings of cassandra.yaml that are added or put in place of those that are
	// there, as text. An empty one is left out.
	YAML map[string]string
	// Optimize lets the JVM use its best compiler and its usual garbage collector, for measuring. Without
	// it a node starts with half of the effort.
	Optimize bool
	// Java has more options for the JVM. Those of HotSpot that say the contrary of earlier ones win.
	Java []string
}

// TLS is what nodes encrypt the native protocol with, as PEM. Thrift and the nodes among each other
// stay plain.
type TLS struct {
	// Certificate and Key are the nodes' chain of certificates and its private key in PKCS #8. Java wants
	// an issuer with a name. What addresses the nodes get is not known before they start, so clients
	// check a name that they are given.
	Certificate, Key []byte
	// ClientCAs, if given, are the authorities of clients' certificates: without one a client is refused.
	ClientCAs []byte
}

// plan is a Config that was checked and completed.
type plan struct {
	Config
	release
}

// newPlan checks a Config and fills in the defaults.
func newPlan(c Config) (plan, error) {
	r, err := parseRelease(c.Version)
	if err != nil {
		return plan{}, err
	}
	p := plan{c, r}
	p.Partitioner = cmp.Or(p.Partitioner, defaultPartitioner(r))
	p.Nodes = cmp.Or(p.Nodes, 1)
	p.HeapMB = cmp.Or(p.HeapMB, 512)
	p.RequestTimeout = cmp.Or(p.RequestTimeout, 10*time.Second)
	p.StartTimeout = cmp.Or(p.StartTimeout, 3*time.Minute)
	switch {
	case p.Nodes < 1 || p.Nodes > maxNodes:
		return plan{}, fmt.Errorf("a ring of %d nodes: it has 1 to %d", p.Nodes, maxNodes)
	case p.HeapMB < 64:
		return plan{}, fmt.Errorf("a heap of %d MiB is too small", p.HeapMB)
	case p.RequestTimeout < time.Millisecond || p.StartTimeout < 0:
		return plan{}, fmt.Errorf("timeouts of %v for requests and %v to start", p.RequestTimeout, p.StartTimeout)
	case p.Auth && !r.atLeast(1, 2):
		return plan{}, fmt.Errorf("Cassandra %v has no PasswordAuthenticator: 1.2 has", r)
	case p.TLS != nil && !r.atLeast(4, 1):
		return plan{}, fmt.Errorf("Cassandra %v does not read certificates as PEM: 4.1 does", r)
	case p.Partitioner == "Murmur3Partitioner" && !r.atLeast(1, 2):
		return plan{}, fmt.Errorf("Cassandra %v has no Murmur3Partitioner: 1.2 has", r)
	case strings.Contains(p.Partitioner, "."):
		return plan{}, fmt.Errorf("partitioner %q: want the simple name of a class", p.Partitioner)
	}
	return p, nil
}

func defaultPartitioner(r release) string {
	if r.atLeast(4, 0) {
		return "Murmur3Partitioner"
	}
	return "RandomPartitioner"
}
