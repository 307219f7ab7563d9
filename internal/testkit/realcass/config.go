package realcass

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Config is the configuration of a cluster. Only the version is required.
type Config struct {
	// Version is a version such as 1.2.19, or a line such as 1.2 for the last version of that line.
	Version string
	// Partitioner is the simple name of a class of org.apache.cassandra.dht. The default is
	// RandomPartitioner, or Murmur3Partitioner from 4.0 on.
	Partitioner string
	// Nodes is the number of nodes, 1 by default. Before 2.0 each node has an equal share of the ring.
	// Later nodes have 16 random tokens each.
	Nodes int
	// Auth turns on logins and permissions, from 1.2 on: PasswordAuthenticator and
	// CassandraAuthorizer. The only user is cassandra, with the password cassandra.
	// Permissions are not cached.
	Auth bool
	// TLS turns on TLS for the native protocol, from 4.1 on.
	TLS *TLS
	// HeapMB is the heap of each node in MiB, 512 by default.
	HeapMB int
	// RequestTimeout is the time after which a coordinator answers any request with a
	// timeout. The default is 10 s. That is longer than Cassandra's default, because
	// machines that run tests are slow.
	RequestTimeout time.Duration
	// StartTimeout bounds the time until a node answers and sees the others. The default
	// is 3 minutes.
	StartTimeout time.Duration
	// YAML contains settings of cassandra.yaml, as text. They are added to the usual settings or
	// replace them. A setting with an empty text is left out.
	YAML map[string]string
	// Optimize lets the JVM use its best compiler and its usual garbage collector, for measurements. Without
	// Optimize, the start of a node takes half the CPU time.
	Optimize bool
	// Java contains additional options for the JVM. They override earlier contrary options of HotSpot.
	Java []string
}

// TLS has the certificates with which nodes encrypt the native protocol, as PEM. Thrift and the traffic
// between nodes are not encrypted.
type TLS struct {
	// Certificate and Key are the nodes' chain of certificates and its private key in PKCS #8. Java requires
	// an issuer with a name. The addresses of the nodes are not known before they start, so clients must
	// check a configured name.
	Certificate, Key []byte
	// ClientCAs are the authorities of clients' certificates. If ClientCAs is set, a client without a
	// certificate is refused.
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
