package cqlclient

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
)

// Client is a session with a cluster, as a backend. It is safe for concurrent use. [Open] makes one; a nil or zero
// Client must not be used.
type Client struct {
	opts    *Options
	watcher *watcher
	conns   *connections
	session *gocql.Session
	ring    partitioner.Partitioner
	schema  schemaWatch
	leases  atomic.Bool // the table of leases is known to exist
	// noFiltering is set once the cluster refused to filter (guardrail allow_filtering_enabled).
	noFiltering atomic.Bool

	// calls is held for reading by each call, and for writing by Close, for ever.
	calls  sync.RWMutex
	closed atomic.Bool
}

// Open connects to a cluster. The nodes are some of it, "host" or "host:port"; the client finds the others. Nil opts
// mean the defaults. The context bounds Open only; [Client.Close] ends the client.
//
// It fails with backend.ErrUnavailable if no node answers, and with backend.ErrAuthentication if the login is refused.
func Open(ctx context.Context, nodes []string, opts *Options) (*Client, error) {
	o, err := opts.normal()
	if err != nil {
		return nil, err
	}
	config, err := o.config(nodes)
	if err != nil {
		return nil, err
	}
	c := &Client{opts: o, watcher: newWatcher(o)}
	failures := &connectFailures{watcher: c.watcher}
	config.ConnectObserver = failures
	config.RetryPolicy = retries{o.Retries, c.watcher}
	c.watcher.watch(config)
	c.conns = keep(config, c.watcher)
	if c.session, err = connect(ctx, config); err != nil {
		c.conns.close()
		return nil, failures.explain(ctx, err)
	}
	if err := c.start(ctx); err != nil {
		_ = c.Close()
		return nil, err
	}
	c.conns.begin()
	return c, nil
}

// start reads what the client must know of the cluster.
func (c *Client) start(ctx context.Context) error {
	var class string
	err := c.session.Query("SELECT partitioner FROM system.local").ScanContext(ctx, &class)
	if err != nil {
		return c.fail(ctx, err)
	}
	if c.ring, err = partitioner.ByClass(class); err != nil {
		return &backend.Error{Kind: backend.KindUnsupported, Err: err}
	}
	return c.startWatching(ctx)
}

// Close ends the calls that run, which fail with backend.ErrClosed, and closes all connections. Calling it again does nothing. It
// returns backend.ErrTimedOut if the driver does not end its session in time; the connections are closed then too.
func (c *Client) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	if c.schema.stop != nil {
		c.schema.stop()
	}
	c.watcher.closed.Store(true)
	c.conns.close()
	ended := make(chan struct{})
	go func() {
		c.conns.settle()
		c.session.Close()
		close(ended)
	}()
	c.calls.Lock()
	c.schema.background.Wait()
	select {
	case <-ended:
		return nil
	case <-time.After(closeTimeout):
		return &backend.Error{Kind: backend.KindTimedOut, Why: "the driver does not end its session"}
	}
}

// closeTimeout bounds the end of the driver's session, which may never come: a session that is closed while it sets up its control
// connection can wait for its own schema's refresh, which has ended (gocql 2.1.2). That its connections are closed first, and that
// those being set up get some time, makes this rare, and leaves no connection.
const closeTimeout = 5 * time.Second

// enter counts a call in. If it returns no error, the caller calls leave when it is done.
func (c *Client) enter(ctx context.Context) error {
	if c.closed.Load() || !c.calls.TryRLock() {
		return &backend.Error{Kind: backend.KindClosed}
	}
	if err := ctx.Err(); err != nil {
		c.calls.RUnlock()
		return err
	}
	return nil
}

func (c *Client) leave() { c.calls.RUnlock() }

// done counts a call out that began at start, as leave does, and reports it.
func (c *Client) done(m Method, start time.Time, err error) {
	c.leave()
	c.watcher.called(m, start, err)
}

// connectFailures remembers why connections failed, since the driver's error of a session that cannot be opened has no type.
type connectFailures struct {
	watcher *watcher

	mu      sync.Mutex
	last    gocql.RequestError
	noLogin bool // a node wants a login, and there is none
}

// noLogin is in the driver's error if a node wants a login and the driver has none.
const noLogin = "authentication required"

// ObserveConnect is called by the driver after each attempt to connect.
func (f *connectFailures) ObserveConnect(o gocql.ObservedConnect) {
	f.watcher.ObserveConnect(o)
	f.mu.Lock()
	defer f.mu.Unlock()
	if answer, ok := errors.AsType[gocql.RequestError](o.Err); ok {
		f.last = answer
	}
	f.noLogin = f.noLogin || o.Err != nil && strings.Contains(o.Err.Error(), noLogin)
}

// explain gives the error of a session that could not be opened its kind.
func (f *connectFailures) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last != nil {
		return answerError(f.last)
	}
	if f.noLogin {
		return &backend.Error{Kind: backend.KindAuthentication, Why: "the cluster wants a user and a password"}
	}
	return &backend.Error{Kind: backend.KindUnavailable, Err: err}
}
