package cqlclient

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/internal/guard"
)

// listener is the name for a function of Events in the log.
const listener = "a listener of the client"

// Events are functions that a client calls when something happens. The client skips functions that are nil. The goroutine that causes
// an event calls the function, so several goroutines may call it at once: a function must be safe for concurrent use, and quick. If a
// function panics, the client recovers and logs the panic to [Options.Logger] or, if that is nil, to the default logger of package slog.
type Events struct {
	// Connected: the client tried to open a connection to a node, including TLS and the login. If it failed, Err says why.
	Connected func(ConnectEvent)
	// Closed: a connection was closed, by either side.
	Closed func(ConnEvent)
	// Failed: a statement that may be repeated failed for a reason that may be specific to the node. The client retries the statement
	// on another node, up to Options.Retries times.
	Failed func(FailedEvent)
	// HostDown: the client stops sending requests to a node, since its connections failed or the cluster reports it as down.
	HostDown func(HostEvent)
	// HostUp: the client sends requests again to a node that was down.
	HostUp func(HostEvent)
	// Called: a method of the client returned.
	Called func(CallEvent)
}

// ConnectEvent describes an attempt to open a connection.
type ConnectEvent struct {
	// Server is the node's address and port.
	Server string
	// Took is the duration of the attempt.
	Took time.Duration
	// Err says why the attempt failed. It is nil if the connection was opened.
	Err error
}

// ConnEvent describes a connection.
type ConnEvent struct {
	// Server is the node's address and port.
	Server string
}

// FailedEvent describes a try that failed.
type FailedEvent struct {
	// Err is the driver's error.
	Err error
}

// HostEvent describes a node that went down or is up again.
type HostEvent struct {
	// Server is the node's address and port.
	Server string
}

// CallEvent describes a call that has returned.
type CallEvent struct {
	Method Method
	// Took is the duration of the call, with all its statements and all retries.
	Took time.Duration
	// Err is the error that the call returned.
	Err error
}

// watcher counts the events of a client, and calls the functions of Events.
type watcher struct {
	stats  counters
	events Events
	log    *slog.Logger
	opened atomic.Bool // set when the client is open: the driver tries versions of the protocol before, which may fail
	closed atomic.Bool // set when the client begins to close: errors of its connections are then expected

	nodes *slog.Logger // logs changes of the states of nodes; nil logs none
	mu    sync.Mutex
	// down has the nodes that are down, and refusing the nodes to which the last attempt to connect failed. The driver reports both
	// states again and again.
	down, refusing map[string]bool
}

func newWatcher(o *Options) *watcher {
	return &watcher{
		events: o.Events, log: guard.Logger(o.Logger), nodes: o.Logger,
		down: map[string]bool{}, refusing: map[string]bool{},
	}
}

// change sets whether a node is in a state, and reports whether that is new.
func (w *watcher) change(state map[string]bool, server string, in bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if state[server] == in {
		return false
	}
	if in {
		state[server] = true
	} else {
		delete(state, server)
	}
	return true
}

// watch makes the driver report to the watcher.
func (w *watcher) watch(c *gocql.ClusterConfig) {
	c.Metadata.HostListener.HostStateChangeListener = w
}

// ObserveConnect implements gocql.ConnectObserver. The driver calls it after each attempt to connect.
func (w *watcher) ObserveConnect(o gocql.ObservedConnect) {
	if w.closed.Load() {
		return
	}
	if o.Err != nil {
		w.stats.connectFailures.Add(1)
	}
	server := o.Host.ConnectAddressAndPort()
	if w.opened.Load() && w.change(w.refusing, server, o.Err != nil) && w.nodes != nil {
		if o.Err != nil {
			w.nodes.Warn("cannot connect to a node", "node", server, "error", o.Err)
		} else {
			w.nodes.Info("connected to the node again", "node", server)
		}
	}
	guard.Call(w.log, listener, w.events.Connected, ConnectEvent{server, o.End.Sub(o.Start), o.Err})
}

// OnHostUp implements gocql.HostUpListener.
func (w *watcher) OnHostUp(e gocql.HostUpEvent) {
	server := e.Host.ConnectAddressAndPort()
	if w.change(w.down, server, false) {
		guard.Call(w.log, listener, w.events.HostUp, HostEvent{server})
	}
}

// OnHostDown implements gocql.HostDownListener.
func (w *watcher) OnHostDown(e gocql.HostDownEvent) {
	server := e.Host.ConnectAddressAndPort()
	if w.closed.Load() || !w.change(w.down, server, true) {
		return
	}
	w.stats.hostsDown.Add(1)
	guard.Call(w.log, listener, w.events.HostDown, HostEvent{server})
}

// failed counts a failed try that another node may repeat, and calls Events.Failed.
func (w *watcher) failed(err error) {
	w.stats.failures.Add(1)
	guard.Call(w.log, listener, w.events.Failed, FailedEvent{err})
}

// called counts a call of a method that has returned, and calls Events.Called.
func (w *watcher) called(m Method, start time.Time, err error) {
	took := time.Since(start)
	w.stats.calls[m].add(took, err)
	guard.Call(w.log, listener, w.events.Called, CallEvent{m, took, err})
}

// disconnected counts a closed connection, and calls Events.Closed. It is called once for each connection that was dialed.
func (w *watcher) disconnected(server string) {
	w.stats.closed.Add(1)
	guard.Call(w.log, listener, w.events.Closed, ConnEvent{server})
}
