package backend

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// Kind classifies the errors of a backend.
type Kind uint8

// The kinds of error.
const (
	KindInvalidRequest Kind = iota + 1
	KindNotFound
	KindUnavailable
	KindTimedOut
	KindAuthentication
	KindAuthorization
	KindSchemaDisagreement
	KindUnsupported
	KindClosed
	KindCorrupt
	KindInternal
	KindNoWrites
	KindStorage
	KindExists
	KindTooMuch
	KindReplicaFailure
)

var kindTexts = [...]string{
	KindInvalidRequest:     "invalid request",
	KindNotFound:           "not found",
	KindUnavailable:        "unavailable",
	KindTimedOut:           "timed out waiting for replicas",
	KindAuthentication:     "authentication failed",
	KindAuthorization:      "not authorized",
	KindSchemaDisagreement: "schema versions disagree",
	KindUnsupported:        "not supported",
	KindClosed:             "closed",
	KindCorrupt:            "data is corrupt",
	KindInternal:           "the server failed",
	KindNoWrites:           "the store takes no writes",
	KindStorage:            "the storage failed",
	KindExists:             "exists already",
	KindTooMuch:            "too much at once",
	KindReplicaFailure:     "replicas failed",
}

// String returns a short text such as "not found".
func (k Kind) String() string {
	if int(k) < len(kindTexts) && kindTexts[k] != "" {
		return kindTexts[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Error is an error of a backend. Compare with errors.Is and the Err values of
// this package; use errors.As for the reason.
type Error struct {
	Kind Kind
	// Why is the reason in the store's words, such as Cassandra's why. It may be empty.
	Why string
	// AcknowledgedBy is how many replicas had acknowledged a write that timed out or failed,
	// if the store reports the number (1.2 and later).
	AcknowledgedBy *int32
	// Err is the cause, if there is one.
	Err error
}

// Error returns the kind and the reason.
func (e *Error) Error() string {
	s := e.Kind.String()
	if e.Why != "" {
		s += ": " + e.Why
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the Err value of e's kind.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Why == "" && t.Err == nil && t.AcknowledgedBy == nil
}

// There is one variable for each Kind. Pass it to errors.Is to test an error.
var (
	// ErrInvalidRequest: the request breaks a rule; nothing was changed.
	ErrInvalidRequest = &Error{Kind: KindInvalidRequest}
	// ErrNotFound: the named row, column, family or keyspace does not exist.
	ErrNotFound = &Error{Kind: KindNotFound}
	// ErrUnavailable: nothing was tried, because too few replicas were alive or another
	// process has the store open.
	ErrUnavailable = &Error{Kind: KindUnavailable}
	// ErrTimedOut: too few replicas answered in time. A write may or may not have been made.
	ErrTimedOut = &Error{Kind: KindTimedOut}
	// ErrAuthentication: the credentials were refused.
	ErrAuthentication = &Error{Kind: KindAuthentication}
	// ErrAuthorization: the user may not do this.
	ErrAuthorization = &Error{Kind: KindAuthorization}
	// ErrSchemaDisagreement: the nodes did not agree on the schema in time.
	ErrSchemaDisagreement = &Error{Kind: KindSchemaDisagreement}
	// ErrUnsupported: the store, or its version, does not support the request.
	ErrUnsupported = &Error{Kind: KindUnsupported}
	// ErrClosed: the store was closed.
	ErrClosed = &Error{Kind: KindClosed}
	// ErrCorrupt: stored data cannot be read.
	ErrCorrupt = &Error{Kind: KindCorrupt}
	// ErrInternal: the server failed because of an internal fault; its log may say more.
	ErrInternal = &Error{Kind: KindInternal}
	// ErrNoWrites: the store refuses writes, because its disk is full or fails. Nothing
	// was changed. The store accepts writes again when the cause is gone.
	ErrNoWrites = &Error{Kind: KindNoWrites}
	// ErrStorage: the disk or the file system failed or refused an operation, such as
	// opening a file without permission. A write may or may not have been made.
	ErrStorage = &Error{Kind: KindStorage}
	// ErrExists: a keyspace or family that should be created exists already.
	ErrExists = &Error{Kind: KindExists}
	// ErrTooMuch: the request exceeds a limit of the store. For example, a batch is too large, a read meets too
	// many tombstones, or the nodes are overloaded. The reason names the limit and the way out. The request fails
	// again until it asks for less, or until the store has less to do.
	ErrTooMuch = &Error{Kind: KindTooMuch}
	// ErrReplicaFailure: replicas failed during the request, so that too few of them answered. A retry would meet
	// the same fault. A write may or may not have been made.
	ErrReplicaFailure = &Error{Kind: KindReplicaFailure}
)

// InvalidRequest returns an error of KindInvalidRequest. The reason is made from format
// and args as by fmt.Sprintf.
func InvalidRequest(format string, args ...any) error {
	return &Error{Kind: KindInvalidRequest, Why: fmt.Sprintf(format, args...)}
}

// SafeToRetry reports whether a call that failed with err may be sent again. If the retry
// would fail with the same error (for example an invalid request, ErrTooMuch or
// ErrReplicaFailure), or if the context ended, it returns false. If the store did not try
// the call, it returns true. Otherwise, for example after a timeout, it returns true only
// if the call is idempotent. All calls except increments of counters are idempotent.
func SafeToRetry(err error, idempotent bool) bool {
	var e *Error
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false
	case !errors.As(err, &e):
		return idempotent
	}
	switch e.Kind {
	case KindUnavailable, KindNoWrites:
		return true
	case KindTimedOut, KindSchemaDisagreement:
		return idempotent
	case KindStorage:
		return idempotent && !errors.Is(err, fs.ErrPermission)
	}
	return false
}
