package pool

import (
	"log/slog"

	"github.com/widerow/widerow/internal/guard"
)

// listener is what the functions of Events are called in the log.
const listener = "a listener of the pool"

// Events are functions that a pool calls at its events; nil functions are skipped. The
// goroutine that causes an event calls the function, without locks held. Several
// goroutines may do so at once, so the functions must be safe for concurrent use, and
// quick. Events of one connection are reported in their order. If a function panics, the
// panic is recovered and logged, to [Options.Logger] or to slog.Default. A function must
// not call runtime.Goexit, as FailNow of a test does.
type Events struct {
	// CheckedOut: a connection is handed to a caller.
	CheckedOut func(ConnEvent)
	// CheckedIn: a caller gives back a connection that still works.
	CheckedIn func(ConnEvent)
	// Created: a connection was opened.
	Created func(ConnEvent)
	// Disposed: a connection was closed.
	Disposed func(DisposedEvent)
	// Recycled: a connection was replaced, after [Settings.Recycle] operations or to
	// give a host its share. Created for the new connection is called before
	// Recycled, and Disposed for the old connection after it, when the old connection
	// is not in use any more.
	Recycled func(RecycledEvent)
	// Failed: a dial failed, or a call with an error that is a [Fault].
	Failed func(FailedEvent)
	// ServerList: the list of servers was obtained and permuted.
	ServerList func(ServerListEvent)
	// PoolDisposed: the pool was disposed.
	PoolDisposed func(Info)
	// PoolAtMax: a caller got no connection because the pool is at its limit.
	PoolAtMax func(AtMaxEvent)
	// HostDown: a host was set aside.
	HostDown func(HostEvent)
	// HostUp: a host that was set aside answers again.
	HostUp func(HostEvent)
}

// Info has the fields of all events.
type Info struct {
	// Pool is the name of the pool.
	Pool string
	// Level is the level at which the event should be logged.
	Level slog.Level
}

// ConnInfo identifies a connection.
type ConnInfo struct {
	// ID is unique in the pool. It is 0 if there is no connection.
	ID uint64
	// Server is the server that was dialed.
	Server string
}

// ConnEvent is an event of one connection.
type ConnEvent struct {
	Info
	Conn ConnInfo
}

// DisposedEvent reports a closed connection.
type DisposedEvent struct {
	Info
	Conn ConnInfo
	// Message is the reason for closing it.
	Message string
	// Err is the error of closing it, if any.
	Err error
}

// RecycledEvent reports a replaced connection.
type RecycledEvent struct {
	Info
	Old, New ConnInfo
}

// FailedEvent reports a failure of one server.
type FailedEvent struct {
	Info
	// Server is the server that failed.
	Server string
	// Conn is zero if the dial failed.
	Conn ConnInfo
	// Err is the failure.
	Err error
}

// ServerListEvent reports a new list of servers.
type ServerListEvent struct {
	Info
	// Servers is in the order of use. It is shared, so it must not be changed.
	Servers []string
}

// AtMaxEvent reports a caller that got no connection.
type AtMaxEvent struct {
	Info
	// Max is how many connections may be open at once.
	Max int
}

// HostEvent reports a host that was set aside or is in use again.
type HostEvent struct {
	Info
	// Server is the host.
	Server string
	// Err is the reason why the host was set aside.
	Err error
}

// Listen adds functions to call. The returned function removes them again. Calls that
// have already begun may still run after the removal.
func (p *Pool[C]) Listen(events Events) (remove func()) {
	added := &events
	p.changeListeners(func(old []*Events) []*Events { return append(old, added) })
	return func() {
		p.changeListeners(func(old []*Events) []*Events {
			kept := old[:0]
			for _, e := range old {
				if e != added {
					kept = append(kept, e)
				}
			}
			return kept
		})
	}
}

// changeListeners gives change a copy: the list itself is read without a lock.
func (p *Pool[C]) changeListeners(change func([]*Events) []*Events) {
	for {
		old := p.listeners.Load()
		list := change(append([]*Events(nil), *old...))
		if p.listeners.CompareAndSwap(old, &list) {
			return
		}
	}
}

func (p *Pool[C]) info(level slog.Level) Info {
	return Info{Pool: p.set.Load().Name, Level: level}
}

func (p *Pool[C]) onCheckedOut(c *conn[C]) {
	for _, l := range *p.listeners.Load() {
		guard.Call(p.log, listener, l.CheckedOut, ConnEvent{p.info(slog.LevelDebug), c.info()})
	}
}

func (p *Pool[C]) onCheckedIn(c *conn[C]) {
	for _, l := range *p.listeners.Load() {
		guard.Call(p.log, listener, l.CheckedIn, ConnEvent{p.info(slog.LevelDebug), c.info()})
	}
}

func (p *Pool[C]) onCreated(c *conn[C]) {
	for _, l := range *p.listeners.Load() {
		guard.Call(p.log, listener, l.Created, ConnEvent{p.info(slog.LevelDebug), c.info()})
	}
}

func (p *Pool[C]) onDisposed(c *conn[C], why string, err error) {
	for _, l := range *p.listeners.Load() {
		guard.Call(p.log, listener, l.Disposed, DisposedEvent{p.info(slog.LevelDebug), c.info(), why, err})
	}
}

func (p *Pool[C]) onRecycled(old, new *conn[C]) {
	for _, l := range *p.listeners.Load() {
		guard.Call(p.log, listener, l.Recycled, RecycledEvent{p.info(slog.LevelDebug), old.info(), new.info()})
	}
}

func (p *Pool[C]) onFailed(server string, c ConnInfo, err error) {
	for _, l := range *p.listeners.Load() {
		guard.Call(p.log, listener, l.Failed, FailedEvent{p.info(slog.LevelInfo), server, c, err})
	}
}

func (p *Pool[C]) onServerList(servers []string) {
	for _, l := range *p.listeners.Load() {
		guard.Call(p.log, listener, l.ServerList, ServerListEvent{p.info(slog.LevelDebug), servers})
	}
}

func (p *Pool[C]) onPoolDisposed() {
	for _, l := range *p.listeners.Load() {
		guard.Call(p.log, listener, l.PoolDisposed, p.info(slog.LevelInfo))
	}
}

func (p *Pool[C]) onPoolAtMax() {
	for _, l := range *p.listeners.Load() {
		guard.Call(p.log, listener, l.PoolAtMax, AtMaxEvent{p.info(slog.LevelInfo), p.set.Load().limit()})
	}
}

func (p *Pool[C]) onHostDown(server string, err error) {
	for _, l := range *p.listeners.Load() {
		guard.Call(p.log, listener, l.HostDown, HostEvent{p.info(slog.LevelWarn), server, err})
	}
}

func (p *Pool[C]) onHostUp(server string) {
	for _, l := range *p.listeners.Load() {
		guard.Call(p.log, listener, l.HostUp, HostEvent{p.info(slog.LevelInfo), server, nil})
	}
}
