package cqlclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// DefaultPort is Cassandra's port for CQL clients. If a node's address has no port, the client uses DefaultPort.
const DefaultPort = 9042

// These constants are the defaults of [Options].
const (
	DefaultConnections     = 2
	DefaultTimeout         = 12 * time.Second
	DefaultConnectTimeout  = 5 * time.Second
	DefaultSchemaTimeout   = 60 * time.Second
	DefaultRetries         = 2
	DefaultParallel        = 16
	DefaultPageSize        = 5000
	DefaultBatchBytes      = 1 << 20
	DefaultBatchStatements = 500
	DefaultStatements      = 20000
)

// Dialer opens a connection to a node. The address is "host:port". A Dialer must return when ctx ends.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Options configure a client. The zero value, or nil, means the defaults.
type Options struct {
	// Username and Password are the login. If Username is set, the client logs in on each connection.
	Username, Password string
	// TLS is the configuration of encrypted connections. If TLS is nil, connections are not encrypted. If TLS has
	// Certificates, the client presents a certificate. If TLS has no ServerName, the certificate of each node must be valid
	// for the address that the client connects to.
	TLS *tls.Config
	// Dial opens the connections instead of a net.Dialer. TLS and the login run over the connection that Dial returns.
	Dial Dialer
	// Translate returns the address to which the client connects for a node. Its argument is the node's address in the
	// cluster's system tables.
	Translate func(node netip.AddrPort) netip.AddrPort

	// LocalDatacenter is the data centre whose nodes the client asks first. Set LocalDatacenter if the cluster has more than
	// one data centre. Default: empty; the client prefers no data centre.
	LocalDatacenter string
	// LocalRack is the rack in LocalDatacenter whose nodes the client asks first.
	LocalRack string
	// NoDiscovery limits the client to the nodes that are listed. The client then does not look up which node owns a row.
	NoDiscovery bool

	// Connections is how many connections the client opens to each node. Default 2.
	Connections int
	// WriteDelay is how long a connection collects requests before it writes them in one system call. Default 0: it writes each
	// request at once. With four calls in flight that gives three times the reads a second of gocql's default of 200 µs, and with 64
	// calls in flight 0.83 times (docs/performance.md).
	WriteDelay time.Duration
	// Compression is the compression of messages: "lz4", "snappy", or "" for no compression. With "snappy" the client speaks
	// protocol 4, since protocol 5 (Cassandra 4.0 and later) supports only lz4.
	Compression string
	// Protocol is the version of the native protocol, 4 or 5. Default 0: the highest version that the node speaks.
	Protocol int

	// Timeout bounds each try of a call, in addition to the context of the call. Timeout must be longer than the server's own
	// timeouts (up to 10 s by default), so that the server's error arrives first. Timeout also bounds Truncate and each statement
	// that changes the schema, since the driver has one timeout for all statements. The server may take longer for these (a
	// truncation up to truncate_request_timeout, 60 s by default). They then return backend.ErrTimedOut and the server completes
	// them. Default 12 s.
	Timeout time.Duration
	// ConnectTimeout bounds each step of connecting to a node. Default 5 s.
	ConnectTimeout time.Duration
	// SchemaTimeout is how long the client waits until the nodes agree on a change of the schema. Default 60 s.
	SchemaTimeout time.Duration
	// Retries is how many times the client retries a statement on another node. The client retries a statement if too few
	// replicas were alive or answered in time, or if the connection failed. It never retries increments of counters, CompareAndSet,
	// Truncate and changes of the schema. Default 2; -1 means no retries.
	Retries int
	// SpeculativeDelay is the time after which a read without an answer is also sent to another node. The client uses the first
	// answer. Default 0: reads are not sent to a second node.
	SpeculativeDelay time.Duration
	// SpeculativeAttempts is the number of further nodes to which the client sends such a read.
	// Default 1.
	SpeculativeAttempts int

	// Parallel is how many requests of one call may be in flight at once: keys of a Slice, rows of a Range,
	// partitions of a Mutate. Default 16.
	Parallel int
	// PageSize is the largest number of CQL rows in one page, if the client reads a result in pages. Default 5000.
	PageSize int
	// BatchBytes and BatchStatements limit the batch that Mutate sends for one row key. If the mutations of a row key exceed
	// either limit, Mutate divides them into several batches. Defaults 1 MiB and 500 statements.
	BatchBytes, BatchStatements int
	// Statements is how many prepared statements the client caches, over all nodes together. A family with all kinds of calls
	// needs about 20 statements for each node. Default 20,000.
	Statements int

	// Logger receives the log records of the client: a line when a node or the cluster stops answering, and a line when it answers
	// again. The records of the driver have the level Debug. If Logger is nil, only panics of the functions of Events are logged, to
	// the default logger of package slog.
	Logger *slog.Logger
	// Events are functions that the client calls when something happens. The first calls are made during Open.
	Events Events
}

// normal returns a copy with the defaults filled in.
func (o *Options) normal() (*Options, error) {
	n := Options{}
	if o != nil {
		n = *o
	}
	for _, d := range []struct {
		name  string
		value *time.Duration
		def   time.Duration
	}{
		{"Timeout", &n.Timeout, DefaultTimeout},
		{"ConnectTimeout", &n.ConnectTimeout, DefaultConnectTimeout},
		{"SchemaTimeout", &n.SchemaTimeout, DefaultSchemaTimeout},
	} {
		if *d.value == 0 {
			*d.value = d.def
		}
		if *d.value < 0 {
			return nil, fmt.Errorf("cqlclient: %s is %v, want a positive time", d.name, *d.value)
		}
	}
	for _, d := range []struct {
		name  string
		value *int
		def   int
	}{
		{"Connections", &n.Connections, DefaultConnections},
		{"Retries", &n.Retries, DefaultRetries},
		{"Parallel", &n.Parallel, DefaultParallel},
		{"PageSize", &n.PageSize, DefaultPageSize},
		{"BatchBytes", &n.BatchBytes, DefaultBatchBytes},
		{"BatchStatements", &n.BatchStatements, DefaultBatchStatements},
		{"Statements", &n.Statements, DefaultStatements},
	} {
		if *d.value == 0 {
			*d.value = d.def
		}
		if d.value == &n.Retries && *d.value == -1 {
			*d.value = 0
		} else if *d.value < 1 {
			return nil, fmt.Errorf("cqlclient: %s is %d, want a positive number", d.name, *d.value)
		}
	}
	if n.WriteDelay < 0 || n.SpeculativeDelay < 0 || n.SpeculativeAttempts < 0 {
		return nil, errors.New("cqlclient: WriteDelay, SpeculativeDelay and SpeculativeAttempts must not be negative")
	}
	if n.SpeculativeAttempts == 0 {
		n.SpeculativeAttempts = 1
	}
	if _, err := n.compressor(); err != nil {
		return nil, err
	}
	switch n.Protocol {
	case 0, 4, 5:
	default:
		return nil, fmt.Errorf("cqlclient: Protocol is %d, want 4 or 5, or 0 for the highest that the node speaks", n.Protocol)
	}
	if n.LocalRack != "" && n.LocalDatacenter == "" {
		return nil, errors.New("cqlclient: there is a LocalRack and no LocalDatacenter")
	}
	if n.Username == "" && n.Password != "" {
		return nil, errors.New("cqlclient: there is a Password and no Username")
	}
	return &n, nil
}
