package cqlclient

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/widerow/widerow/backend"
)

// Method is a method of the client.
type Method uint8

// These constants are the methods that [Stats] counts.
const (
	MethodSlice Method = iota
	MethodCount
	MethodRange
	MethodIndex
	MethodMutate
	MethodCompareAndSet
	MethodTruncate
	MethodKeyspaces
	MethodAlter
	MethodDescribe
	MethodSplits
	numMethods
)

var methodNames = [numMethods]string{
	"slice", "count", "range", "index", "mutate", "compare_and_set", "truncate", "keyspaces", "alter", "describe", "splits",
}

// String returns the method in lower case, such as "slice" or "compare_and_set".
func (m Method) String() string {
	if m < numMethods {
		return methodNames[m]
	}
	return "unknown"
}

// Buckets are the inclusive upper bounds of the durations that [CallStats] counts. They range from a read of one column on a nearby node
// to a call that times out.
var Buckets = [...]time.Duration{
	250 * time.Microsecond, 500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond,
	500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 25 * time.Second,
}

// Stats is the state of a client and its counters since it was opened.
type Stats struct {
	// Connections is the number of open connections.
	Connections int64
	// Hosts are the nodes that the client knows.
	Hosts []HostState
	// Opened counts connections that were dialed. OpenFailed counts connections that could not be dialed or set up, for example because
	// the login was refused.
	Opened, OpenFailed int64
	// Closed counts connections that were closed.
	Closed int64
	// Failures counts tries of statements that failed for a reason that may be specific to the node: see [Events].Failed.
	Failures int64
	// HostsDown counts how often a node went down.
	HostsDown int64
	// Calls counts the calls of each method. The index is the Method.
	Calls [numMethods]CallStats
	// Errors counts failed calls by the kind of their error. Kind 0 means that the context of the call ended.
	Errors map[backend.Kind]int64
}

// HostState is the state of a node at one moment.
type HostState struct {
	// Server is the node's address and port.
	Server string
	// Datacenter and Rack are the node's data centre and rack.
	Datacenter, Rack string
	// Up is false while the client sends no requests to the node.
	Up bool
}

// CallStats counts the calls of one method.
type CallStats struct {
	// Succeeded and Failed count the calls that have returned.
	Succeeded, Failed int64
	// Took is the sum of the durations of these calls.
	Took time.Duration
	// Within counts calls by duration. Within[i] counts the calls that took at most Buckets[i] and longer than the bucket before it. Calls
	// that took longer than the last bucket are not in Within.
	Within [len(Buckets)]int64
}

// Stats returns the current state and counters of the client.
func (c *Client) Stats() Stats {
	n := &c.watcher.stats
	s := Stats{
		OpenFailed: n.connectFailures.Load(), Closed: n.closed.Load(), Failures: n.failures.Load(), HostsDown: n.hostsDown.Load(),
		Errors: map[backend.Kind]int64{},
	}
	s.Opened = n.dialed.Load() // after Closed, so that Connections is not negative
	s.Connections = s.Opened - s.Closed
	for i := range n.calls {
		s.Calls[i] = n.calls[i].load(s.Errors)
	}
	if !c.closed.Load() {
		for _, h := range c.session.GetHosts() {
			s.Hosts = append(s.Hosts, HostState{h.ConnectAddressAndPort(), h.DataCenter(), h.Rack(), h.IsUp()})
		}
	}
	return s
}

// counters are the counters that Stats reads.
type counters struct {
	dialed, connectFailures, closed, failures, hostsDown atomic.Int64

	calls [numMethods]callCounters
}

// numKinds is larger than the number of kinds of errors. Kinds from numKinds on are counted as KindInternal.
const numKinds = 32

type callCounters struct {
	succeeded atomic.Int64
	errors    [numKinds]atomic.Int64
	took      atomic.Int64 // nanoseconds
	within    [len(Buckets)]atomic.Int64
}

func (c *callCounters) add(took time.Duration, err error) {
	if err == nil {
		c.succeeded.Add(1)
	} else {
		c.errors[kindOf(err)].Add(1)
	}
	c.took.Add(int64(took))
	for i, most := range Buckets {
		if took <= most {
			c.within[i].Add(1)
			break
		}
	}
}

func (c *callCounters) load(errors map[backend.Kind]int64) CallStats {
	s := CallStats{Succeeded: c.succeeded.Load(), Took: time.Duration(c.took.Load())}
	for kind := range c.errors {
		if n := c.errors[kind].Load(); n > 0 {
			s.Failed += n
			errors[backend.Kind(kind)] += n
		}
	}
	for i := range c.within {
		s.Within[i] = c.within[i].Load()
	}
	return s
}

// kindOf returns the kind of an error. For the error of a context it returns 0.
func kindOf(err error) backend.Kind {
	e, ok := errors.AsType[*backend.Error](err)
	switch {
	case !ok:
		return 0
	case e.Kind >= numKinds:
		return backend.KindInternal
	}
	return e.Kind
}
