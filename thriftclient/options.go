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

// DefaultPort is Cassandra's port for Thrift clients, taken where a server names none.
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
	// Settings are those of the pool of connections. They can be changed later
	// by [Client.Configure].
	pool.Settings
	// NoPrefill leaves opening connections to their first use. By default Open
	// opens Size of them and fails if no server answers.
	NoPrefill bool

	// Username and Password, if Username is set, log in to each connection.
	Username, Password string
	// Credentials are further pairs for the authenticator of the cluster.
	Credentials map[string]string

	// Timeout bounds each try of a call, beside its context. Default 10 s, as long
	// as Cassandra waits for its replicas. [pool.Forever] sets no bound.
	Timeout time.Duration
	// SchemaTimeout bounds each try of a change of the schema, a truncation or a call of
	// [Client.Splits], and then how long the nodes may take to agree on the change. Default 60 s.
	SchemaTimeout time.Duration
	// RetryCounters repeats increments of counters that failed, which may then
	// count twice. By default they are sent at most once.
	RetryCounters bool

	// Unframed sends messages without frames, for a Cassandra 0.7 whose
	// thrift_framed_transport_size_in_mb is 0.
	Unframed bool
	// FrameLimit is the length of the longest request, in bytes. Batches are cut
	// to it and what cannot be cut is an invalid request. Default 15 MiB, which
	// is that of the servers (thrift_framed_transport_size_in_mb).
	FrameLimit int
	// ReplyLimit is the length of the longest reply, and the most memory that what is
	// decoded of it takes beside it (10 times its length and 64 KiB, if that is less). A
	// reply beyond either is an invalid request. Default 256 MiB.
	ReplyLimit int

	// TLS, if not nil, is how connections are encrypted. If TLS has no ServerName, the
	// certificate of a server must be one for the name or the address by which the server was listed.
	TLS *tls.Config
	// TLSNodeName, if not empty, is the name that must be in the certificates of nodes which were
	// not listed but found in the ring. The ring has only their addresses. Default:
	// TLS.ServerName or, if that is empty, the node's address. A node that was listed by a name
	// keeps that name. Where each node has a certificate for its own name only, let Translate
	// return these names.
	TLSNodeName string
	// Dial opens the connections, instead of a net.Dialer. TLS and the login come
	// after it.
	Dial Dialer

	// NoDiscovery uses the servers that are listed and no others, and does not
	// look for the node that owns a row. By default the ring is read, in the
	// background, once a keyspace is used: its nodes become servers beside those
	// that are listed, and a call about a single row goes to a node that owns it.
	NoDiscovery bool
	// Translate returns the server, "host:port", of a node by the address that the
	// ring has for it, or "" for a node that must not be used. By default
	// a node has the port of the first server that is listed.
	Translate func(host string) string
	// RingRefresh is how often the ring is read again. Default 60 s.
	RingRefresh time.Duration

	// Events are called as things happen in the pool. More can be added by [Client.Listen].
	Events pool.Events
	// Logger receives the events of the pool. Default: none. A panic of one of the functions that these
	// options have is logged, without a Logger to the default one of package slog, and goes no further:
	// a dial fails, and an event is lost.
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

// minLimit leaves room for the head of a message.
const minLimit = 1 << 10

// credentials returns what to log in with, nil for no login.
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

// withPort completes the servers of a list.
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

// addPort returns server with a port: "host", "host:port", "::1" and "[::1]:port" will do.
func addPort(server, port string) string {
	if _, _, err := net.SplitHostPort(server); err == nil {
		return server
	}
	return net.JoinHostPort(strings.TrimSuffix(strings.TrimPrefix(server, "["), "]"), port)
}
