package thriftclient

import (
	"context"
	"errors"
	"fmt"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/pool"
)

// connError is the error of a call that was interrupted: it is unknown whether the
// server has made the call.
type connError struct {
	server string
	sent   int // length of the request; 0 if the length does not matter
	err    error
}

func (e *connError) Error() string {
	text := fmt.Sprintf("connection to %s: %v", e.server, e.err)
	if e.sent >= largeRequest && pool.NetworkFault(e.err) == pool.Retry|pool.ConnDead {
		// Cassandra up to 1.1 closes the connection on a frame beyond its limit.
		text += fmt.Sprintf(" (the request has %d bytes: it may be beyond thrift_framed_transport_size_in_mb, or thrift_max_message_length_in_mb, of the server)", e.sent)
	}
	return text
}

func (e *connError) Unwrap() error { return e.err }

// largeRequest is the smallest length of a request that may be the reason why a server closed the
// connection.
const largeRequest = 1 << 20

// exception translates an exception of a method. Nil stays nil.
func exception(err error) error {
	switch e := err.(type) {
	case nil:
		return nil
	case *thriftwire.InvalidRequestException:
		return &backend.Error{Kind: backend.KindInvalidRequest, Why: e.Why}
	case *thriftwire.NotFoundException:
		return &backend.Error{Kind: backend.KindNotFound}
	case *thriftwire.UnavailableException:
		return &backend.Error{Kind: backend.KindUnavailable}
	case *thriftwire.TimedOutException:
		return &backend.Error{Kind: backend.KindTimedOut, AcknowledgedBy: e.AcknowledgedBy.Ptr()}
	case *thriftwire.AuthenticationException:
		return &backend.Error{Kind: backend.KindAuthentication, Why: e.Why}
	case *thriftwire.AuthorizationException:
		return &backend.Error{Kind: backend.KindAuthorization, Why: e.Why}
	case *thriftwire.SchemaDisagreementException:
		return &backend.Error{Kind: backend.KindSchemaDisagreement}
	}
	return &backend.Error{Kind: backend.KindInternal, Err: err}
}

// applicationError translates an error of a call that is not one of the method's own exceptions.
func applicationError(e *thriftwire.ApplicationException) error {
	kind := backend.KindInternal
	switch e.Type {
	case thriftwire.UnknownMethod:
		kind = backend.KindUnsupported
	case thriftwire.ProtocolError:
		kind = backend.KindInvalidRequest
	}
	return &backend.Error{Kind: kind, Why: e.Error()}
}

// classify returns what an error means for the pool.
func classify(err error) pool.Fault {
	if e, ok := errors.AsType[*backend.Error](err); ok {
		switch e.Kind {
		case backend.KindUnavailable, backend.KindTimedOut:
			return pool.Retry // another server may see more replicas
		case backend.KindAuthentication, backend.KindAuthorization:
			return pool.Final
		}
		return 0
	}
	if errors.Is(err, thriftwire.ErrMalformed) {
		return pool.Retry | pool.ConnDead
	}
	return pool.NetworkFault(err)
}

// mapError gives an error of the pool, or of a connection, its kind: unavailable
// if nothing was tried, timed out if the outcome is unknown. The error of the
// caller's context is returned unchanged.
func mapError(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return err
	}
	if _, ok := errors.AsType[*backend.Error](err); ok {
		return err
	}
	_, sent := errors.AsType[*connError](err)
	switch {
	case errors.Is(err, pool.ErrClosed):
		return &backend.Error{Kind: backend.KindClosed, Err: err}
	case sent:
		return &backend.Error{Kind: backend.KindTimedOut, Err: err}
	case errors.Is(err, pool.ErrAllServersUnavailable), errors.Is(err, pool.ErrNoConnectionAvailable):
		return &backend.Error{Kind: backend.KindUnavailable, Err: err}
	}
	return err // an error of the settings, or of the list of servers
}
