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
	reasons "github.com/widerow/widerow/internal/refusal" // the package has a type refusal
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
	leases  atomic.Bool // set once the table of leases is known to exist
	// noFiltering is set once the cluster has refused ALLOW FILTERING (guardrail allow_filtering_enabled).
	noFiltering atomic.Bool

	// Each call holds calls for reading while it runs. Close locks calls for writing and never unlocks it.
	calls  sync.RWMutex
	closed atomic.Bool
}

// Open connects to a cluster. The argument nodes lists some nodes of the cluster, each as "host" or "host:port"; the client
// finds the others. If opts is nil, the defaults apply. The context bounds Open only; [Client.Close] ends the client.
//
// If no node answers, Open returns backend.ErrUnavailable. If the login is refused, Open returns backend.ErrAuthentication.
func Open(ctx context.Context, nodes []string, opts *Options) (*Client, error) {
	if ctx == nil {
		return nil, reasons.NoContext()
	}
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
	c.watcher.opened.Store(true)
	return c, nil
}

// start reads the cluster's partitioner and schema, and begins to watch the schema.
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

// Close closes all connections. Calls that are still running fail with backend.ErrClosed. If the driver does not end its session in
// time, Close returns backend.ErrTimedOut; even then all connections are closed. Further calls of Close do nothing.
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

// closeTimeout bounds the wait for the end of the driver's session. In gocql 2.1.2 the session may never end: if it is closed while it
// sets up its control connection, it can wait for the refresh of its own schema, which has already ended. Close therefore closes the
// connections first and gives connections that are being set up some time. This makes the fault rare and leaves no connection open.
const closeTimeout = 5 * time.Second

// enter begins a call. If enter returns no error, the caller must call leave at the end of the call.
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

// done ends a call that began at start, as leave does, and reports the call to the watcher.
func (c *Client) done(m Method, start time.Time, err error) {
	c.leave()
	c.watcher.called(m, start, err)
}

// connectFailures records why connections failed. If the driver cannot open a session, it returns an error without a type.
type connectFailures struct {
	watcher *watcher

	mu      sync.Mutex
	last    gocql.RequestError
	noLogin bool // a node requires a login, and the options have none
}

// noLogin is part of the driver's error if a node requires a login and the driver has none.
const noLogin = "authentication required"

// ObserveConnect implements gocql.ConnectObserver. The driver calls it after each attempt to connect.
func (f *connectFailures) ObserveConnect(o gocql.ObservedConnect) {
	f.watcher.ObserveConnect(o)
	f.mu.Lock()
	defer f.mu.Unlock()
	if answer, ok := errors.AsType[gocql.RequestError](o.Err); ok {
		f.last = answer
	}
	f.noLogin = f.noLogin || o.Err != nil && strings.Contains(o.Err.Error(), noLogin)
}

// explain returns the error of a session that could not be opened, with its kind.
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
