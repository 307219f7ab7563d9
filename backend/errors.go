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
	// where the store reports it (1.2 and later).
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

// One value for each kind, for errors.Is.
var (
	// ErrInvalidRequest: the request breaks a rule; nothing was changed.
	ErrInvalidRequest = &Error{Kind: KindInvalidRequest}
	// ErrNotFound: the thing that was named does not exist.
	ErrNotFound = &Error{Kind: KindNotFound}
	// ErrUnavailable: nothing was tried, since too few replicas were alive or another
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
	// ErrUnsupported: this store, or this version of it, cannot do it.
	ErrUnsupported = &Error{Kind: KindUnsupported}
	// ErrClosed: the store was closed.
	ErrClosed = &Error{Kind: KindClosed}
	// ErrCorrupt: stored data cannot be read.
	ErrCorrupt = &Error{Kind: KindCorrupt}
	// ErrInternal: the server failed inside, by a fault of its own; its log may say more.
	ErrInternal = &Error{Kind: KindInternal}
	// ErrNoWrites: the store takes no writes for now, because its disk is full or fails;
	// nothing was changed. The store takes writes again when the cause is gone.
	ErrNoWrites = &Error{Kind: KindNoWrites}
	// ErrStorage: the disk or the file system failed or refused an operation, such as
	// opening a file without permission. A write may or may not have been made.
	ErrStorage = &Error{Kind: KindStorage}
	// ErrExists: the keyspace or family that was to be created exists.
	ErrExists = &Error{Kind: KindExists}
	// ErrTooMuch: the store refuses to do so much at once, such as a batch that is too large, a read that
	// meets too many tombstones, or any request while the nodes are overloaded. The reason names the limit and the
	// way out: the request fails again until it asks for less, or the store has less to do.
	ErrTooMuch = &Error{Kind: KindTooMuch}
	// ErrReplicaFailure: replicas failed in the midst of the request, so that too few of them answered. Another
	// try would meet the same fault. A write may or may not have been made.
	ErrReplicaFailure = &Error{Kind: KindReplicaFailure}
)

// InvalidRequest returns an error of that kind with a reason.
func InvalidRequest(format string, args ...any) error {
	return &Error{Kind: KindInvalidRequest, Why: fmt.Sprintf(format, args...)}
}

// SafeToRetry reports whether a call that failed with err may be sent again:
// never after an error that would come again (such as an invalid request) or
// once the context ended; always where the store did not try; otherwise, as
// after a timeout, only if the call is idempotent. Everything but adding to a
// counter is. After ErrTooMuch and ErrReplicaFailure, what failed would fail again.
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
