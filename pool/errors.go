package pool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// Errors of a pool. Test with errors.Is.
var (
	// ErrAllServersUnavailable is matched by [*AllServersUnavailableError].
	ErrAllServersUnavailable = errors.New("no server can be connected to")
	// ErrNoConnectionAvailable is matched by [*NoConnectionAvailableError].
	ErrNoConnectionAvailable = errors.New("no connection is available")
	// ErrMaximumRetry is matched by [*MaximumRetryError].
	ErrMaximumRetry = errors.New("retried as often as allowed")
	// ErrClosed is returned by a pool that was disposed.
	ErrClosed = errors.New("the connection pool is closed")
	// ErrReleased is returned when a lease is released twice.
	ErrReleased = errors.New("the connection was already given back")
)

// AllServersUnavailableError says that no server of the list could be connected
// to, each having been tried twice.
type AllServersUnavailableError struct {
	// Servers is how many there are. It is 0 if the list is empty.
	Servers int
	// Server is the last one tried.
	Server string
	// Err is why it failed.
	Err error
}

// Error tells how many servers failed, and why the last one did.
func (e *AllServersUnavailableError) Error() string {
	if e.Servers == 0 {
		return ErrAllServersUnavailable.Error() + ": the list of servers is empty"
	}
	return fmt.Sprintf("%v: each of %d was tried twice; the last failure was of %s: %v",
		ErrAllServersUnavailable, e.Servers, e.Server, e.Err)
}

// Is reports whether target is ErrAllServersUnavailable.
func (e *AllServersUnavailableError) Is(target error) bool { return target == ErrAllServersUnavailable }

// Unwrap returns the failure of the last server.
func (e *AllServersUnavailableError) Unwrap() error { return e.Err }

// NoConnectionAvailableError says that all connections were in use and stayed so.
type NoConnectionAvailableError struct {
	// Size and MaxOverflow are the limits that were reached.
	Size, MaxOverflow int
	// Waited is how long the caller waited.
	Waited time.Duration
	// Waiting is how many other callers were waiting.
	Waiting int
}

// Error tells the limits of the pool and how long the caller waited.
func (e *NoConnectionAvailableError) Error() string {
	overflow := ""
	if e.MaxOverflow != 0 {
		overflow = fmt.Sprintf(" and overflow %d", e.MaxOverflow)
	}
	return fmt.Sprintf("%v: the pool of size %d%s is in use after %v of waiting, and %d others wait",
		ErrNoConnectionAvailable, e.Size, overflow, e.Waited, e.Waiting)
}

// Is reports whether target is ErrNoConnectionAvailable.
func (e *NoConnectionAvailableError) Is(target error) bool { return target == ErrNoConnectionAvailable }

// MaximumRetryError says that a call failed with an error that could be retried, but not any more.
type MaximumRetryError struct {
	// Retries is how many times the call was repeated; 0 if it was made once.
	Retries int
	// Server is the one that failed last.
	Server string
	// Err is the last failure.
	Err error
}

// Error tells how many retries there were, and the last failure.
func (e *MaximumRetryError) Error() string {
	if e.Retries == 0 {
		return fmt.Sprintf("failed on %s, not retried: %v", e.Server, e.Err)
	}
	return fmt.Sprintf("failed after %d retries; the last failure was of %s: %v", e.Retries, e.Server, e.Err)
}

// Is reports whether target is ErrMaximumRetry.
func (e *MaximumRetryError) Is(target error) bool { return target == ErrMaximumRetry }

// Unwrap returns the last failure.
func (e *MaximumRetryError) Unwrap() error { return e.Err }

// A Fault is what an error of a call means to the pool: a set of bits. Zero is an
// error of the request alone.
type Fault uint8

const (
	// Retry: the same call may succeed on another server.
	Retry Fault = 1 << iota
	// ConnDead: the connection is of no more use.
	ConnDead
	// HostDown: the server is set aside until it answers again. It implies
	// ConnDead.
	HostDown
	// Final: a dial failed for a reason that every other server would give too, such as a wrong
	// password. The caller gets the error at once, and the host stays in use.
	Final
)

// NetworkFault classifies the errors of connections. One that was closed or reset is dead and the
// call may be retried; the next dial shows whether the host is down too, since a
// server also closes the connection of a request that it will not read. A timeout
// counts against the host. A cancelled call leaves the connection in the middle of a
// message. Any other error is the request's own.
func NetworkFault(err error) Fault {
	var op *net.OpError
	var ne net.Error
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		return ConnDead
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		return Retry | ConnDead | HostDown
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe),
		errors.Is(err, net.ErrClosed), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		errors.As(err, &op):
		return Retry | ConnDead
	}
	return 0
}
