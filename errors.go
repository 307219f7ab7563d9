package widerow

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/widerow/widerow/backend"
)

// The kinds of failure, for errors.Is. They are the values of package backend
// under the front's name.
var (
	// ErrInvalidRequest: the request breaks a rule; nothing was changed. A value
	// that does not fit its column's type is one too.
	ErrInvalidRequest = backend.ErrInvalidRequest
	// ErrNotFound: the row, the slice of it, or the keyspace or family that was
	// named does not exist.
	ErrNotFound = backend.ErrNotFound
	// ErrUnavailable: too few replicas were alive, so nothing was tried.
	ErrUnavailable = backend.ErrUnavailable
	// ErrTimedOut: too few replicas answered in time. A write may or may not have been made.
	ErrTimedOut = backend.ErrTimedOut
	// ErrAuthentication: the credentials were refused.
	ErrAuthentication = backend.ErrAuthentication
	// ErrAuthorization: the user may not do this.
	ErrAuthorization = backend.ErrAuthorization
	// ErrSchemaDisagreement: the nodes did not agree on the schema in time.
	ErrSchemaDisagreement = backend.ErrSchemaDisagreement
	// ErrUnsupported: this store, or this version of it, cannot do it.
	ErrUnsupported = backend.ErrUnsupported
	// ErrClosed: the DB was closed.
	ErrClosed = backend.ErrClosed
	// ErrCorrupt: stored data cannot be read.
	ErrCorrupt = backend.ErrCorrupt
	// ErrInternal: the server failed inside, by a fault of its own; its log may say more.
	ErrInternal = backend.ErrInternal
	// ErrNoWrites: the store takes no writes for now, because its disk is full or fails;
	// nothing was changed. The store takes writes again when the cause is gone.
	ErrNoWrites = backend.ErrNoWrites
	// ErrStorage: the disk or the file system failed or refused an operation, such as
	// opening a file without permission. A write may or may not have been made.
	ErrStorage = backend.ErrStorage
	// ErrExists: the keyspace or family that was to be created exists.
	ErrExists = backend.ErrExists
	// ErrTooMuch: the store refuses to do so much at once, such as a batch that is too large, a read that
	// meets too many tombstones, or any request while the nodes are overloaded. The reason names the limit and the way out.
	ErrTooMuch = backend.ErrTooMuch
	// ErrReplicaFailure: replicas failed in the midst of the request, so that too few of them answered. A write
	// may or may not have been made.
	ErrReplicaFailure = backend.ErrReplicaFailure
)

// StoreError is the error of a store: the kind of failure, and the reason in the store's words. Get it
// from an error of this package with errors.As.
type StoreError = backend.Error

// Error is the error that every call of this package returns. Its cause is a *[StoreError]
// or the context's error. Test for a kind with errors.Is and the Err values.
type Error struct {
	// Op is the operation that failed, such as "get".
	Op string
	// Target is the row, family or keyspace of the operation, such as `Users["thobbs"]`. It may be empty.
	Target string
	// Err is the cause.
	Err error

	// counter says that the call may have added to a counter, so that sending it
	// again could count twice.
	counter bool
}

// Error returns a text such as `widerow: get Users["thobbs"]: not found`.
func (e *Error) Error() string {
	text := "widerow: " + e.Op
	if e.Target != "" {
		text += " " + e.Target
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// SafeToRetry reports whether the call that failed with err can be repeated without doing its work
// twice, and could succeed then. It is true after ErrUnavailable and ErrNoWrites. After ErrTimedOut, ErrStorage or a broken
// connection it is true unless the call added to a counter. It is false for an error that
// a repetition would return again, such as an invalid request or ErrTooMuch, and after the context ended.
func SafeToRetry(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && backend.SafeToRetry(err, !e.counter)
}

// opError wraps err, once, with what was being done. A nil err stays nil.
func opError(op, target string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	return &Error{Op: op, Target: target, Err: err}
}

// invalid is an invalid request that the front itself finds.
func invalid(format string, args ...any) error {
	return backend.InvalidRequest(format, args...)
}

// unfit is the invalid request of a value that could not be packed.
func unfit(what string, err error) error {
	return &backend.Error{Kind: backend.KindInvalidRequest, Why: what, Err: err}
}

// undecodable is the error of stored bytes that the type in force cannot read:
// the schema was altered, or an override does not fit.
func undecodable(what string, err error) error {
	return &backend.Error{Kind: backend.KindCorrupt, Why: what, Err: err}
}

// errNoRow is the cause when a row has no columns that match.
func errNoRow() error { return &backend.Error{Kind: backend.KindNotFound} }

// target names a row in an error.
func target(family string, key any) string {
	return family + "[" + keyText(key) + "]"
}

func keyText(key any) string {
	const most = 120
	switch k := key.(type) {
	case string:
		if len(k) > most {
			return strconv.Quote(k[:most]) + "…"
		}
		return strconv.Quote(k)
	case []byte:
		switch {
		case len(k) > most:
			return fmt.Sprintf("0x%x…", k[:most])
		case utf8.Valid(k):
			return strconv.Quote(string(k))
		}
		return fmt.Sprintf("0x%x", k)
	}
	return Repr(key)
}

// ended returns the context's error if it ended.
func ended(ctx context.Context) error { return ctx.Err() }
