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
	// ClusterName is what describe_cluster_name says. The default is the store's.
	ClusterName string
	// Version is the interface version that describe_version reports, such as "19.36.2", or the
	// line of Cassandra that has it, such as "1.2" or "2.1". The default is "1.2".
	Version string

	// TLS makes the server speak TLS only. It is not changed. For client
	// certificates set its ClientCAs and ClientAuth.
	TLS *tls.Config

	// Authenticator checks who logs in. Nil lets all in, without a login too.
	Authenticator Authenticator
	// Authorizer says who may do what. Nil lets all who are logged in do everything.
	// It needs an Authenticator.
	Authorizer Authorizer
	// MaxLogins is how many logins are checked at once; others wait, and clients take turns. It bounds
	// the processors that slow hashes take. The default is half of the
	// processors, at least 1.
	MaxLogins int

	// LoginTimeout bounds the time from the beginning of a connection, or from the end of a login, to a
	// login, if there is an Authenticator. The default is 30 s.
	LoginTimeout time.Duration

	// MaxConnections is how many connections there are at once. One more closes the oldest that has not
	// logged in or, if there is none, is closed at once. The default is 16384.
	MaxConnections int
	// MaxFrame is the length of the longest message that is read, in bytes. The
	// default is 15 MB, as Cassandra's.
	MaxFrame int
	// MaxCalls is how many calls run in the store at once; others wait, and are
	// unavailable if they wait too long. The default is 1024.
	MaxCalls int
	// MaxHeld bounds the memory, in bytes, that messages and calls hold at once, beside 64 KB
	// for each: messages, what is decoded of them, what the store returns, and replies. What
	// finds no room waits: a message up to FrameTimeout, a call up to CallTimeout. One call
	// may take half of it, so that a reply is a quarter of it at most; a call that would take
	// more is an invalid request. MaxHeld should be 16 times MaxFrame or more: two messages
	// are always read, however long. The default is 512 MB.
	MaxHeld int64

	// FrameTimeout bounds the time from the first byte of a message, or of the
	// handshake of TLS, to its last. While other messages wait for memory, a client must send
	// 64 KB of a long message each second. The default is 30 s.
	FrameTimeout time.Duration
	// WriteTimeout bounds the time in which a client takes a reply; it has a second
	// more for each MB that it has taken. While calls wait for memory that replies hold, a
	// client must take 64 KB of a long reply each second, and has 3 s instead of
	// WriteTimeout. The default is 30 s.
	WriteTimeout time.Duration
	// IdleTimeout is after how long a connection without a request is closed. The
	// default is 1 h.
	IdleTimeout time.Duration
	// CallTimeout bounds the time that the store takes for a read or a write, after which the
	// call has timed out. The default is 10 s, as Cassandra's. Truncations and the calls that
	// divide a range have six times as much, changes of the schema no bound.
	CallTimeout time.Duration

	// SlowCall is from which time on a call is logged as slow. The default is not to.
	SlowCall time.Duration
	// Logger is where the server reports. The default is nowhere.
	Logger *slog.Logger
	// Events are called when something happens.
	Events *Events
	// Now is the clock of the server's own timestamps, those of deleted counters. The default is
	// time.Now.
	Now func() time.Time
}

// Validate reports what is wrong with the options, or nil. [New] does too.
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
	// forever is the time of what has no bound.
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
