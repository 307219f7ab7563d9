package thriftserver

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/widerow/widerow/internal/guard"
	"github.com/widerow/widerow/internal/thriftwire"
)

// DefaultAddr is where Cassandra listens for Thrift, on loopback.
const DefaultAddr = "127.0.0.1:9160"

// Options are the options of a server. The zero value of a field means its
// default, and a nil *Options the defaults of all. In a limit or a time, a negative
// value means none.
type Options struct {
	// Addr is where [Server.ListenAndServe] listens. The default is [DefaultAddr].
	Addr string
	// Advertise is the address, without a port, that describe_ring reports for this node if
	// the store reports a loopback address. Clients that discover nodes connect to it. The
	// default is the address that the server listens on, if it is a single one.
	Advertise string
	// ClusterName is the result of describe_cluster_name. The default is the store's name.
	ClusterName string
	// Version is the interface version that describe_version reports, such as "19.36.2", or the
	// line of Cassandra that has it, such as "1.2" or "2.1". The default is "1.2".
	Version string

	// TLS makes the server accept TLS connections only. The server does not modify it. To check client
	// certificates, set its ClientCAs and ClientAuth.
	TLS *tls.Config

	// Authenticator checks logins. If it is nil, every client is accepted, even without a login.
	Authenticator Authenticator
	// Authorizer decides which user may do what. If it is nil, every user who is logged in may do everything.
	// It requires an Authenticator.
	Authorizer Authorizer
	// MaxLogins is the number of logins that are checked at once; others wait, and clients take turns. It limits
	// the processors that slow password hashes use. The default is half of the
	// processors, at least 1.
	MaxLogins int

	// LoginTimeout bounds the time from the beginning of a connection, or from the end of a login, to a
	// login, if there is an Authenticator. The default is 30 s.
	LoginTimeout time.Duration

	// MaxConnections limits the open connections. At the limit, a new connection replaces the oldest one that has not
	// logged in; if all have, the new connection is closed. The default is 16384.
	MaxConnections int
	// MaxFrame is the length of the longest message that is read, in bytes. The
	// default is 15 MB, as Cassandra's.
	MaxFrame int
	// MaxCalls limits the calls that run in the store at once. Others wait, and fail with
	// UnavailableException if they wait too long. The default is 1024.
	MaxCalls int
	// MaxHeld bounds the memory, in bytes, that messages and calls hold at once: messages, their decoded
	// arguments, the store's results, and replies. The first 64 KB of each do not count. At the
	// limit, a message waits up to FrameTimeout and a call up to CallTimeout. One call
	// may take half of MaxHeld, so a reply is at most a quarter of it; a call that would take
	// more is an invalid request. MaxHeld should be at least 16 times MaxFrame, since two messages
	// are always read, however long. The default is 512 MB.
	MaxHeld int64

	// FrameTimeout bounds the time from the first byte of a message, or of the
	// handshake of TLS, to its last. While other messages wait for memory, a client must send
	// 64 KB of a long message each second. The default is 30 s.
	FrameTimeout time.Duration
	// WriteTimeout bounds the time in which a client must take a reply, plus one second
	// for each MB that it has taken. While calls wait for memory that replies hold, the
	// bound is 3 s instead, and a client must take 64 KB of a long reply each
	// second. The default is 30 s.
	WriteTimeout time.Duration
	// IdleTimeout is the time after which a connection without a request is closed. The
	// default is 1 h.
	IdleTimeout time.Duration
	// CallTimeout bounds the time that the store takes for a read or a write. After it the
	// call times out. The default is 10 s, as in Cassandra. Truncations and the calls that
	// divide a range have six times as long; changes of the schema have no bound.
	CallTimeout time.Duration

	// SlowCall is the duration from which a call is logged as slow. The default is never.
	SlowCall time.Duration
	// Logger receives the server's log. If it is nil, nothing is logged.
	Logger *slog.Logger
	// Events are called at the server's events.
	Events *Events
	// Now is the clock of the server's own timestamps, those of deleted counters. The default is
	// time.Now.
	Now func() time.Time
}

// Validate returns an error if the options are invalid. [New] calls it.
func (o *Options) Validate() error {
	if o == nil {
		return nil
	}
	if o.Authorizer != nil && o.Authenticator == nil {
		return errors.New("an Authorizer needs an Authenticator")
	}
	if o.MaxFrame > maxFrame {
		return fmt.Errorf("MaxFrame is %d, and the limit is %d", o.MaxFrame, maxFrame)
	}
	if o.TLS != nil && len(o.TLS.Certificates) == 0 && o.TLS.GetCertificate == nil && o.TLS.GetConfigForClient == nil {
		return errors.New("TLS has no certificate")
	}
	_, err := interfaceVersion(o.Version)
	return err
}

const (
	maxFrame = 1<<31 - 1
	// forever is the duration of a timeout without a bound.
	forever = 1 << 62
)

// withDefaults returns a copy that has a value for each field that needs one.
func (o *Options) withDefaults() Options {
	var c Options
	if o != nil {
		c = *o
	}
	if c.Addr == "" {
		c.Addr = DefaultAddr
	}
	orDefault(&c.MaxLogins, max(1, runtime.GOMAXPROCS(0)/2), 1<<20)
	orDefault(&c.LoginTimeout, 30*time.Second, forever)
	orDefault(&c.MaxConnections, 16384, 1<<30)
	orDefault(&c.MaxFrame, thriftwire.DefaultLimit, maxFrame)
	orDefault(&c.MaxCalls, 1024, 1<<30)
	orDefault(&c.MaxHeld, 512<<20, forever)
	orDefault(&c.FrameTimeout, 30*time.Second, forever)
	orDefault(&c.WriteTimeout, 30*time.Second, forever)
	orDefault(&c.IdleTimeout, time.Hour, forever)
	orDefault(&c.CallTimeout, 10*time.Second, forever)
	if c.SlowCall <= 0 {
		c.SlowCall = forever
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Logger = guard.Logger(slog.New(boundedLog{c.Logger.Handler()}))
	if c.Events == nil {
		c.Events = &Events{}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func orDefault[T int | int64 | time.Duration](v *T, otherwise, none T) {
	switch {
	case *v == 0:
		*v = otherwise
	case *v < 0:
		*v = none
	}
}
