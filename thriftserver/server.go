package thriftserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/guard"
)

// ErrServerClosed is returned by Serve once the server was shut down.
var ErrServerClosed = errors.New("thriftserver: server closed")

// Server serves a store. It is safe for concurrent use. [New] makes one; a nil or zero Server must not be used.
type Server struct {
	b       backend.Backend
	opts    Options
	version string // of the interface

	schema         schemaCache
	logins         *logins
	calls          slots
	messages, held *bytesHeld // by messages, and by calls with their replies
	replies        *replies
	buffers        buffers

	running                                 atomic.Int64 // calls
	accepted, refused, panics, acceptErrors atomic.Int64
	slowReaders, slowSenders                atomic.Int64

	// base is the context of all calls. It ends when the server gives up the running calls.
	base   context.Context
	giveUp context.CancelFunc

	closing  atomic.Bool   // set under mu
	stopping chan struct{} // closed when closing is set
	// drainBy is the time until which messages may still arrive after Shutdown has begun.
	drainBy atomic.Pointer[time.Time]

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	conns     map[*conn]struct{}
	addr      net.Addr // of the first listener

	strangers strangers

	goroutines sync.WaitGroup // of connections
}

// New returns a server of the store, which it does not close. Nil opts mean the defaults.
func New(b backend.Backend, opts *Options) (*Server, error) {
	if b == nil {
		return nil, fmt.Errorf("thriftserver: %w", backend.InvalidRequest("the store is nil"))
	}
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("thriftserver: %w", err)
	}
	o := opts.withDefaults()
	version, err := interfaceVersion(o.Version)
	if err != nil {
		return nil, fmt.Errorf("thriftserver: %w", err)
	}
	s := &Server{
		b: b, opts: o, version: version,
		schema: schemaCache{b: b, loading: newSlots(1)},
		logins: newLogins(o.MaxLogins), stopping: make(chan struct{}), calls: newSlots(o.MaxCalls),
		messages: newBytesHeld(o.MaxHeld/messagesPart, forever, maxMessageOverdrafts),
		held:     newBytesHeld(o.MaxHeld/callsPart, o.MaxHeld/overdraftPart, 1), replies: newReplies(o.WriteTimeout),
		listeners: map[net.Listener]struct{}{}, conns: map[*conn]struct{}{},
	}
	s.held.waiting = s.replies.press
	s.base, s.giveUp = context.WithCancel(context.Background())
	return s, nil
}

// ListenAndServe listens on the address of the options and serves. See [Server.Serve].
func (s *Server) ListenAndServe() error {
	l, err := net.Listen("tcp", s.opts.Addr)
	if err != nil {
		return fmt.Errorf("thriftserver: %w", err)
	}
	return s.Serve(l)
}

// Serve serves the connections of a listener, which it closes, until the server is
// shut down. The error is [ErrServerClosed] then. It may be called for several
// listeners.
func (s *Server) Serve(l net.Listener) error {
	defer l.Close()
	if !s.listen(l) {
		return ErrServerClosed
	}
	defer s.unlisten(l)
	var pause time.Duration
	for {
		nc, err := l.Accept()
		if err != nil {
			if s.closing.Load() {
				return ErrServerClosed
			}
			if errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("thriftserver: %w", err)
			}
			// Too many open files, most likely: a connection makes room, or others end, so that it goes on.
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			if n := s.acceptErrors.Add(1); rarely(n) {
				s.opts.Logger.Error("cannot accept connections", "error", err, "times", n, "pause", pause)
			}
			s.mu.Lock()
			evicted := s.evict()
			s.mu.Unlock()
			if evicted != nil {
				s.refuse(evicted)
			}
			if !s.sleep(pause) {
				return ErrServerClosed
			}
			continue
		}
		pause = 0
		s.take(nc)
	}
}

// listen notes a listener, unless the server is closing.
func (s *Server) listen(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Load() {
		return false
	}
	s.listeners[l] = struct{}{}
	if s.addr == nil {
		s.addr = l.Addr()
	}
	return true
}

func (s *Server) unlisten(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
}

// sleep waits, and reports whether the server goes on.
func (s *Server) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.base.Done():
	}
	return !s.closing.Load()
}

// take begins to serve a connection, or closes it.
func (s *Server) take(nc net.Conn) {
	if s.opts.TLS != nil {
		nc = tls.Server(nc, s.opts.TLS)
	}
	c := newConn(s, nc)
	s.mu.Lock()
	over := len(s.conns) >= s.opts.MaxConnections
	var evicted *conn
	if over && !s.closing.Load() {
		evicted = s.evict()
	}
	if s.closing.Load() {
		s.mu.Unlock()
		abort(nc)
		return
	}
	if over && evicted == nil {
		s.mu.Unlock()
		s.refuse(c)
		return
	}
	if s.opts.Authenticator != nil {
		s.strangers.add(c)
	}
	s.conns[c] = struct{}{}
	s.goroutines.Go(c.serve)
	s.mu.Unlock()
	s.accepted.Add(1)
	if evicted != nil {
		s.refuse(evicted)
	}
}

// evict makes room: it removes the oldest connection without a login from the lists and returns it.
// It returns nil if every connection is logged in. The caller holds s.mu, and must refuse the
// returned connection.
func (s *Server) evict() *conn {
	c := s.strangers.evict()
	if c != nil {
		delete(s.conns, c)
	}
	return c
}

// refuse closes a connection because there are too many, and reports it.
func (s *Server) refuse(c *conn) {
	if n := s.refused.Add(1); rarely(n) {
		s.opts.Logger.Warn("connections are refused: there are too many", "limit", s.opts.MaxConnections, "refused", n)
	}
	guard.Call(s.opts.Logger, listener, s.opts.Events.Refused, c.session.remote)
	if c.stranger.gone != nil {
		close(c.stranger.gone)
	}
	abort(c.nc)
}

// rarely says whether the nth event of a kind is logged: ever more rarely, so that the log is not flooded.
func rarely(n int64) bool { return n&(n-1) == 0 }

// abort closes a connection and skips TLS's closing message, because sending it could block.
func abort(nc net.Conn) {
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	_ = nc.Close()
}

// Addr returns the address of the first listener, or nil before there is one.
func (s *Server) Addr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// Shutdown ends the server. It accepts no more connections. For one second it still accepts
// requests that are on their way. It waits until running calls have finished and their replies are
// sent, and then closes all connections. If ctx ends before that, Shutdown cancels the calls that
// still run and returns the error of ctx. When it returns, no call runs in the store. It may be
// called more than once.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if !s.closing.Swap(true) {
		close(s.stopping)
	}
	for l := range s.listeners {
		_ = l.Close()
	}
	by := time.Now().Add(drainTime)
	s.drainBy.Store(&by)
	for c := range s.conns {
		c.drain(by)
	}
	s.mu.Unlock()

	done := make(chan struct{})
	go func() {
		s.goroutines.Wait()
		close(done)
	}()
	defer s.giveUp()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	s.giveUp()
	s.mu.Lock()
	cut := false
	for c := range s.conns {
		state := c.state.Load()
		cut = cut || state == receiving || state == busy
		abort(c.nc)
	}
	s.mu.Unlock()
	<-done
	if cut {
		return ctx.Err()
	}
	return nil
}

// Close ends the server at once and cancels running calls.
func (s *Server) Close() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
