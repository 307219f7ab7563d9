package thriftserver

import (
	"net"
	"time"
)

// listener is the name in the log of a function of Events.
const listener = "a listener of the server"

// Events are functions that the server calls, from many goroutines
// at once. A function must return quickly, since the connection waits for it. Any may be nil. A panic in one is
// logged and does not spread.
type Events struct {
	// Connected is called with the remote address of a connection when it is accepted.
	Connected func(remote net.Addr)
	// Disconnected is called when a connection has ended.
	Disconnected func(remote net.Addr)
	// Refused is called with the address of a connection that was closed because there are too
	// many: the newest one, or one that had not logged in.
	Refused func(remote net.Addr)
	// LoginFailed is called when a login has failed, with the client's IP address, or the network of 64 bits of
	// an IPv6 address ("2001:db8::/64"), or "local" if it has none. The number of different clients has no limit.
	LoginFailed func(client string)
	// Call is called when a call has been answered.
	Call func(CallInfo)
}

// CallInfo describes a call that has been answered.
type CallInfo struct {
	// Method is the method's name, or "unknown" if the interface has no such method.
	Method string
	// Outcome classifies the result.
	Outcome Outcome
	// Duration is the time from the arrival of the whole request until the reply was
	// ready to be sent.
	Duration time.Duration
	// Request and Reply are the lengths of the messages, in bytes.
	Request, Reply int
}

// Outcome classifies the result of a call.
type Outcome uint8

// The outcomes of calls.
const (
	OK Outcome = iota
	InvalidRequest
	NotFound
	Unavailable
	TimedOut
	Unauthenticated
	Unauthorized
	Failed      // a fault of the server or of the store
	BadCall     // an unknown method, or arguments that do not match it
	numOutcomes // how many there are
)

var outcomeNames = [numOutcomes]string{
	"ok", "invalid_request", "not_found", "unavailable", "timed_out", "unauthenticated", "unauthorized", "failed", "bad_call",
}

// String returns the outcome in one word, such as "ok" or "timed_out".
func (o Outcome) String() string {
	if o < numOutcomes {
		return outcomeNames[o]
	}
	return "unknown"
}

// Stats are the state of a server.
type Stats struct {
	// Connections is the number of open connections, Calls the number of calls being answered.
	Connections, Calls int
	// Held is the number of bytes held. [Options.MaxHeld] bounds it.
	Held int64
	// Accepted and Refused count connections, and Panics counts panics, since the start.
	Accepted, Refused, Panics int64
	// SlowReaders counts connections that were closed because the client did not read
	// its reply, since the start.
	SlowReaders int64
	// SlowSenders counts connections that were closed because a long message arrived too slowly
	// while others waited for memory, since the start.
	SlowSenders int64
}

// Stats returns the state of the server.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	n := len(s.conns)
	s.mu.Unlock()
	return Stats{
		Connections: n,
		Calls:       int(s.running.Load()),
		Held:        s.messages.inUse() + s.held.inUse(),
		Accepted:    s.accepted.Load(),
		Refused:     s.refused.Load(),
		Panics:      s.panics.Load(),
		SlowReaders: s.slowReaders.Load(),
		SlowSenders: s.slowSenders.Load(),
	}
}
