package thriftclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/pool"
)

// DefaultPort is Cassandra's port for Thrift clients. It is the port of a server that is named without a port.
const DefaultPort = "9160"

// Defaults of [Options].
const (
	DefaultTimeout       = 10 * time.Second
	DefaultSchemaTimeout = 60 * time.Second
	DefaultRingRefresh   = 60 * time.Second
	DefaultFrameLimit    = thriftwire.DefaultLimit
	DefaultReplyLimit    = 256 << 20
)

// Dialer opens a connection to a server, host and port. It must return when ctx ends.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Options configure a client. The zero value, or nil, means the defaults.
type Options struct {
	// Settings are the settings of the pool of connections. [Client.Configure]
	// changes them later.
	pool.Settings
	// NoPrefill makes Open open no connections: each is opened at its first use. By
	// default Open opens Size connections and fails if no server answers.
	NoPrefill bool

	// If Username is set, each connection logs in with Username and Password.
	Username, Password string
	// Credentials are further pairs for the cluster's authenticator.
	Credentials map[string]string

	// Timeout bounds each try of a call, in addition to the call's context. Default
	// 10 s, as long as Cassandra waits for its replicas. [pool.Forever] sets no bound.
	Timeout time.Duration
	// SchemaTimeout bounds each try of a change of the schema, a truncation or a call of
	// [Client.Splits], and then how long the nodes may take to agree on the change. Default 60 s.
	SchemaTimeout time.Duration
	// RetryCounters retries increments of counters that failed. Such an increment may
	// count twice. By default increments are sent at most once.
	RetryCounters bool

	// Unframed sends messages without frames, for a Cassandra 0.7 whose
	// thrift_framed_transport_size_in_mb is 0.
	Unframed bool
	// FrameLimit is the length of the longest request, in bytes. Longer batches are
	// cut; any other longer request is an invalid request. Default 15 MiB, the
	// default of the servers (thrift_framed_transport_size_in_mb).
	FrameLimit int
	// ReplyLimit bounds the length of a reply and, separately, the memory of the decoded
	// reply, which is also bounded by 10 times the length of the reply and 64 KiB. A reply
	// that exceeds a bound is an invalid request. Default 256 MiB.
	ReplyLimit int

	// If TLS is not nil, connections are encrypted with it. If TLS has no ServerName, the
	// certificate of a server must be valid for the name or the address by which the server was listed.
	TLS *tls.Config
	// TLSNodeName is the name that must be in the certificates of nodes which were not listed but
	// found in the ring. The ring has only their addresses. If TLSNodeName is empty, the name is
	// TLS.ServerName or, if that is empty too, the node's address. A node that was listed by a name
	// keeps that name. If each node has a certificate for its own name only, let Translate return
	// these names.
	TLSNodeName string
	// Dial opens the connections, instead of a net.Dialer. TLS and the login follow
	// on the connection that Dial returns.
	Dial Dialer

	// NoDiscovery uses the listed servers and no others, and does not send calls to
	// the owners of rows. By default the ring is read, in the background, once a
	// keyspace is used. Then the nodes of the ring become servers in addition to the
	// listed servers, and a call about a single row goes to a node that owns the row.
	NoDiscovery bool
	// Translate returns the server, "host:port", of the node that has the address
	// host in the ring, or "" for a node that must not be used. By default a node has
	// the port of the first listed server.
	Translate func(host string) string
	// RingRefresh is how often the ring is read again. Default 60 s.
	RingRefresh time.Duration

	// Events are functions that the pool calls at its events. [Client.Listen] adds more.
	Events pool.Events
	// Logger receives the events of the pool. By default they are not logged. If a function of these
	// options panics, the panic is recovered and logged, without a Logger to slog.Default: a dial
	// fails, and an event is lost.
	Logger *slog.Logger
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
		{"SchemaTimeout", &n.SchemaTimeout, DefaultSchemaTimeout},
		{"RingRefresh", &n.RingRefresh, DefaultRingRefresh},
	} {
		if *d.value == 0 {
			*d.value = d.def
		}
		if *d.value < 0 && (*d.value != pool.Forever || d.name == "RingRefresh") {
			return nil, fmt.Errorf("thriftclient: %s is %v, want a positive time", d.name, *d.value)
		}
	}
	if n.FrameLimit == 0 {
		n.FrameLimit = DefaultFrameLimit
	}
	if n.ReplyLimit == 0 {
		n.ReplyLimit = DefaultReplyLimit
	}
	if n.FrameLimit < minLimit || n.ReplyLimit < minLimit {
		return nil, fmt.Errorf("thriftclient: FrameLimit is %d and ReplyLimit %d, want at least %d bytes", n.FrameLimit, n.ReplyLimit, minLimit)
	}
	if n.TLSNodeName != "" && n.TLS == nil {
		return nil, errors.New("thriftclient: there is a TLSNodeName and no TLS")
	}
	if n.Username == "" && n.Password != "" {
		return nil, errors.New("thriftclient: there is a Password and no Username")
	}
	return &n, nil
}

// minLimit is the smallest FrameLimit and ReplyLimit. It leaves room for the head of a message.
const minLimit = 1 << 10

// credentials returns the pairs of the login, or nil for no login.
func (o *Options) credentials() []thriftwire.Entry[string, string] {
	var list []thriftwire.Entry[string, string]
	if o.Username != "" {
		list = append(list,
			thriftwire.Entry[string, string]{Key: "username", Value: o.Username},
			thriftwire.Entry[string, string]{Key: "password", Value: o.Password})
	}
	for k, v := range o.Credentials {
		list = append(list, thriftwire.Entry[string, string]{Key: k, Value: v})
	}
	return list
}

// withPort adds the default port to the servers of a list that have none.
func withPort(list pool.ServerList) pool.ServerList {
	return func(ctx context.Context) ([]string, error) {
		servers, err := list(ctx)
		if err != nil {
			return nil, err
		}
		complete := make([]string, len(servers))
		for i, s := range servers {
			complete[i] = addPort(s, DefaultPort)
		}
		return complete, nil
	}
}

// addPort returns server with a port. It accepts "host", "host:port", "::1" and "[::1]:port".
func addPort(server, port string) string {
	if _, _, err := net.SplitHostPort(server); err == nil {
		return server
	}
	return net.JoinHostPort(strings.TrimSuffix(strings.TrimPrefix(server, "["), "]"), port)
}
