package cqlclient

import (
	"log/slog"
	"sync/atomic"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/internal/guard"
)

// listener is what the functions of Events are called in the log.
const listener = "a listener of the client"

// Events are functions that a client calls as things happen; nil ones are skipped. They are called by the goroutine that causes
// the event, so by several at once: they must be safe for concurrent use, and quick. A panic of a function is logged, to
// [Options.Logger] or the default logger of package slog, and goes no further.
type Events struct {
	// Connected: a connection to a node was opened, with TLS and the login, or could not be: then Err is why.
	Connected func(ConnectEvent)
	// Closed: a connection was closed, by either side.
	Closed func(ConnEvent)
	// Failed: a try of a statement failed for a reason that another node may not share. If the statement may be repeated, it is sent to
	// another node, as often as Options.Retries allows.
	Failed func(FailedEvent)
	// HostDown: a node is not asked any more, since its connections failed or the cluster says that it is down.
	HostDown func(HostEvent)
	// HostUp: a node that was down is asked again.
	HostUp func(HostEvent)
	// Called: a method of the client returned.
	Called func(CallEvent)
}

// ConnectEvent tells of a connection that was opened, or could not be.
type ConnectEvent struct {
	// Server is the node's address and port.
	Server string
	// Took is how long it took.
	Took time.Duration
	// Err is why there is no connection. It is nil if there is one.
	Err error
}

// ConnEvent tells of one connection.
type ConnEvent struct {
	// Server is the node's address and port.
	Server string
}

// FailedEvent tells of a try that failed.
type FailedEvent struct {
	// Err is the driver's error.
	Err error
}

// HostEvent tells of a node.
type HostEvent struct {
	// Server is the node's address and port.
	Server string
}

// CallEvent tells of a call.
type CallEvent struct {
	Method Method
	// Took is how long it took, with all statements that were sent for it and all retries.
	Took time.Duration
	// Err is what the call returned.
	Err error
}

// watcher counts what happens to a client, and calls its listeners.
type watcher struct {
	stats  counters
	events Events
	log    *slog.Logger
	closed atomic.Bool // the client closes: its connections fail
}

func newWatcher(o *Options) *watcher { return &watcher{events: o.Events, log: guard.Logger(o.Logger)} }

// watch makes the driver report to the watcher.
func (w *watcher) watch(c *gocql.ClusterConfig) {
	c.Metadata.HostListener.HostStateChangeListener = w
}

// ObserveConnect is called by the driver after each attempt to connect.
func (w *watcher) ObserveConnect(o gocql.ObservedConnect) {
	if w.closed.Load() {
		return
	}
	if o.Err != nil {
		w.stats.connectFailures.Add(1)
	}
	guard.Call(w.log, listener, w.events.Connected, ConnectEvent{o.Host.ConnectAddressAndPort(), o.End.Sub(o.Start), o.Err})
}

// OnHostUp is called by the driver.
func (w *watcher) OnHostUp(e gocql.HostUpEvent) {
	guard.Call(w.log, listener, w.events.HostUp, HostEvent{e.Host.ConnectAddressAndPort()})
}

// OnHostDown is called by the driver.
func (w *watcher) OnHostDown(e gocql.HostDownEvent) {
	if w.closed.Load() {
		return
	}
	w.stats.hostsDown.Add(1)
	guard.Call(w.log, listener, w.events.HostDown, HostEvent{e.Host.ConnectAddressAndPort()})
}

// failed is called for each try that another node may repeat.
func (w *watcher) failed(err error) {
	w.stats.failures.Add(1)
	guard.Call(w.log, listener, w.events.Failed, FailedEvent{err})
}

// called is called when a method of the client returns.
func (w *watcher) called(m Method, start time.Time, err error) {
	took := time.Since(start)
	w.stats.calls[m].add(took, err)
	guard.Call(w.log, listener, w.events.Called, CallEvent{m, took, err})
}

// disconnected is called once for each connection that was dialed.
func (w *watcher) disconnected(server string) {
	w.stats.closed.Add(1)
	guard.Call(w.log, listener, w.events.Closed, ConnEvent{server})
}
