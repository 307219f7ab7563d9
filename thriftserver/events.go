package thriftserver

import (
	"net"
	"time"
)

// listener is what the functions of Events are called in the log.
const listener = "a listener of the server"

// Events are called by the server when something happens, by many goroutines
// at once. They must be quick: the connection waits. Any may be nil. A panic of one is
// logged and goes no further.
type Events struct {
	// Connected is called with a connection's remote address when it is taken.
	Connected func(remote net.Addr)
	// Disconnected is called when it is over.
	Disconnected func(remote net.Addr)
	// Refused is called with the address of a connection that was closed because there are too
	// many: the one that came last, or one that had not logged in.
	Refused func(remote net.Addr)
	// LoginFailed is called when a login has failed, with the client's IP address, or the network of 64 bits of
	// an IPv6 address ("2001:db8::/64"), or "local" if it has none. There may be any number of clients.
	LoginFailed func(client string)
	// Call is called when a call has been answered.
	Call func(CallInfo)
}

// CallInfo tells of a call that has been answered.
type CallInfo struct {
	// Method is the method's name, or "unknown" if there is none of the name.
	Method string
	// Outcome is what came of it.
	Outcome Outcome
	// Duration is from when the whole request had come until the reply was
	// ready to be sent.
	Duration time.Duration
	// Request and Reply are the lengths of the messages, in bytes.
	Request, Reply int
}

// Outcome is what came of a call.
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
	BadCall     // no method of the interface, or not its arguments
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
	// Connections is how many there are, Calls how many are being answered.
	Connections, Calls int
	// Held is how many bytes are held of what [Options.MaxHeld] bounds.
	Held int64
	// Accepted and Refused count connections, and Panics faults, since the start.
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
