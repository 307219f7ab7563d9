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

// DefaultPort is Cassandra's port for CQL clients, taken where a node names none.
const DefaultPort = 9042

// Defaults of [Options].
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

// Dialer opens a connection to a node, host and port. It must return when ctx ends.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Options configure a client. The zero value, or nil, means the defaults.
type Options struct {
	// Username and Password, if Username is set, log in to each connection.
	Username, Password string
	// TLS, if not nil, is how connections are encrypted. Certificates makes the client present one. If TLS has no
	// ServerName, the certificate of a node must be one for the address that is connected to.
	TLS *tls.Config
	// Dial opens the connections, instead of a net.Dialer. TLS and the login come after it.
	Dial Dialer
	// Translate returns the address to connect to of a node by the address that the cluster has for it.
	Translate func(node netip.AddrPort) netip.AddrPort

	// LocalDatacenter is the data centre whose nodes are asked first. Default: none, all nodes are alike. Set it if
	// the cluster has more than one.
	LocalDatacenter string
	// LocalRack is the rack in LocalDatacenter whose nodes are asked first.
	LocalRack string
	// NoDiscovery uses the nodes that are listed and no others, and does not look for the node that owns a row.
	NoDiscovery bool

	// Connections is how many connections are opened to each node. Default 2.
	Connections int
	// Compression of messages: "lz4", "snappy", or "" for none. Snappy makes the client speak protocol 4, since protocol 5
	// (Cassandra 4.0 and later) has lz4 only.
	Compression string
	// Protocol is the version of the native protocol, 4 or 5. Default 0: the highest that the node speaks.
	Protocol int

	// Timeout bounds each try of a call, beside its context. It must be longer than the server's own timeouts (up to 10 s by
	// default), so that the server's error arrives. Default 12 s.
	Timeout time.Duration
	// ConnectTimeout bounds each step of connecting to a node. Default 5 s.
	ConnectTimeout time.Duration
	// SchemaTimeout is how long the nodes may take to agree on a change of the schema. Default 60 s.
	SchemaTimeout time.Duration
	// Retries is how many more times a call that timed out, or lost its connection, is sent, to another node. Writes that may
	// not be repeated, which are those to counters, are sent once. Default 2; -1 means none.
	Retries int
	// SpeculativeDelay, if positive, is how long a read may take before it is sent to another node too; the first
	// answer counts. Default: reads are not sent twice.
	SpeculativeDelay time.Duration
	// SpeculativeAttempts is how many more nodes a read is sent to. Default 1, if SpeculativeDelay is set.
	SpeculativeAttempts int

	// Parallel is how many requests one call has in flight: keys of a Slice, rows of a Range, partitions of a
	// Mutate. Default 16.
	Parallel int
	// PageSize is how many CQL rows a page of a result holds, where the result has more than one page. Default 5000.
	PageSize int
	// BatchBytes and BatchStatements are the largest batch that is sent for one row key: what Mutate has beyond either is sent in
	// further batches. Default 1 MiB and 500 statements.
	BatchBytes, BatchStatements int
	// Statements is how many prepared statements the client keeps, over all nodes: a family in full use has
	// about 20 for each node. Default 20,000.
	Statements int

	// Logger receives what the driver logs. Default: nothing.
	Logger *slog.Logger
	// Events are functions to call as things happen, from the opening on.
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
	if n.SpeculativeDelay < 0 || n.SpeculativeAttempts < 0 {
		return nil, errors.New("cqlclient: SpeculativeDelay and SpeculativeAttempts must not be negative")
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
