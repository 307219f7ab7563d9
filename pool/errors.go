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

// AllServersUnavailableError reports that no server of the list could be connected to.
// Each server was tried twice.
type AllServersUnavailableError struct {
	// Servers is the number of servers. It is 0 if the list is empty.
	Servers int
	// Server is the server that was tried last.
	Server string
	// Err is the error of that try.
	Err error
}

// Error returns how many servers failed, and the failure of the last server.
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

// NoConnectionAvailableError reports that all connections were in use, and that none became idle in time.
type NoConnectionAvailableError struct {
	// Size and MaxOverflow are the limits that were reached.
	Size, MaxOverflow int
	// Waited is how long the caller waited.
	Waited time.Duration
	// Waiting is how many other callers were waiting.
	Waiting int
}

// Error returns the limits of the pool and how long the caller waited.
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

// MaximumRetryError reports that a call failed with an error that allows a retry, and that no retries were left.
type MaximumRetryError struct {
	// Retries is how many times the call was retried; 0 if it was made once.
	Retries int
	// Server is the server that failed last.
	Server string
	// Err is the last failure.
	Err error
}

// Error returns the number of retries and the last failure.
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

// A Fault is the meaning of an error for the pool: a set of bits. Zero means that the
// error concerns only the request.
type Fault uint8

const (
	// Retry: the same call may succeed on another server.
	Retry Fault = 1 << iota
	// ConnDead: the connection cannot be used again.
	ConnDead
	// HostDown: the server is set aside until it answers again. HostDown implies
	// ConnDead.
	HostDown
	// Final: a dial failed for a reason that applies to every other server too, such as a wrong
	// password. The caller gets the error at once, and the host stays in use.
	Final
)

// NetworkFault classifies the errors of connections. If the connection was closed or reset,
// it is dead and the call may be retried. The next dial shows whether the host is down too,
// since a server also closes the connection of a request that it refuses to read. After a
// timeout the host is set aside. After a cancelled call the connection is dead, since it is
// in the middle of a message. Any other error concerns only the request.
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
