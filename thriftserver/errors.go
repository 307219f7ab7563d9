package thriftserver

import (
	"context"
	"errors"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// outcome classifies the error of a call.
func outcome(err error) Outcome {
	var e *backend.Error
	switch {
	case err == nil:
		return OK
	case errors.As(err, &e):
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		// The call's time is over, or the server ends: the outcome is unknown.
		return TimedOut
	default:
		return Failed
	}
	switch e.Kind {
	case backend.KindInvalidRequest, backend.KindUnsupported, backend.KindTooMuch: // clients repeat other exceptions
		return InvalidRequest
	case backend.KindNotFound:
		return NotFound
	case backend.KindUnavailable, backend.KindClosed, backend.KindNoWrites:
		return Unavailable
	case backend.KindTimedOut, backend.KindSchemaDisagreement, backend.KindStorage: // the outcome is unknown
		return TimedOut
	case backend.KindAuthentication:
		return Unauthenticated
	case backend.KindAuthorization:
		return Unauthorized
	}
	return Failed
}

// exceptionOf returns the exception that Cassandra throws for an error. Not every method
// declares it. As in 1.2, a missing permission is an invalid
// request, since few methods declare AuthorizationException.
func exceptionOf(o Outcome, err error) error {
	var e *backend.Error
	errors.As(err, &e)
	switch o {
	case InvalidRequest, Unauthorized:
		return &thriftwire.InvalidRequestException{Why: reason(err)}
	case NotFound:
		return &thriftwire.NotFoundException{}
	case Unavailable:
		return &thriftwire.UnavailableException{}
	case TimedOut:
		if e == nil {
			return &thriftwire.TimedOutException{}
		}
		if e.Kind == backend.KindSchemaDisagreement {
			return &thriftwire.SchemaDisagreementException{}
		}
		return &thriftwire.TimedOutException{AcknowledgedBy: thriftwire.Maybe(e.AcknowledgedBy)}
	case Unauthenticated:
		return &thriftwire.AuthenticationException{Why: reason(err)}
	}
	return err
}

// reason returns the text that a client gets for an error that its request, or the
// state of the store, has caused.
func reason(err error) string {
	var e *backend.Error
	switch {
	case !errors.As(err, &e): // the context's
		return "the store did not answer in time"
	case e.Why == "":
		return e.Kind.String()
	case e.Kind == backend.KindUnsupported:
		return reasonText("not supported by this store: " + e.Why)
	}
	return reasonText(e.Why)
}
