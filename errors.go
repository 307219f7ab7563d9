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
	// ErrInvalidRequest: the request breaks a rule, for example with a value that does
	// not fit its column's type. Nothing was changed.
	ErrInvalidRequest = backend.ErrInvalidRequest
	// ErrNotFound: the named row, column, keyspace or family does not exist, or nothing
	// in the row was selected.
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
	// ErrUnsupported: the store, or its version, does not support the call.
	ErrUnsupported = backend.ErrUnsupported
	// ErrClosed: the DB was closed.
	ErrClosed = backend.ErrClosed
	// ErrCorrupt: stored data cannot be read.
	ErrCorrupt = backend.ErrCorrupt
	// ErrInternal: the server failed because of an internal fault; its log may say more.
	ErrInternal = backend.ErrInternal
	// ErrNoWrites: the store refuses writes, because its disk is full or fails. Nothing
	// was changed. The store accepts writes again when the cause is gone.
	ErrNoWrites = backend.ErrNoWrites
	// ErrStorage: the disk or the file system failed or refused an operation, such as
	// opening a file without permission. A write may or may not have been made.
	ErrStorage = backend.ErrStorage
	// ErrExists: a keyspace or family that should be created exists already.
	ErrExists = backend.ErrExists
	// ErrTooMuch: the request exceeds a limit of the store. For example, a batch is too large, a read meets too
	// many tombstones, or the nodes are overloaded. The reason names the limit and the way out.
	ErrTooMuch = backend.ErrTooMuch
	// ErrReplicaFailure: replicas failed during the request, so that too few of them answered. A write
	// may or may not have been made.
	ErrReplicaFailure = backend.ErrReplicaFailure
)

// StoreError is the error of a store: the kind of failure, and the reason in the store's words. errors.As
// finds it in an error of this package.
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

	// counter reports whether the call may have added to a counter, so that a retry
	// could count twice.
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

// SafeToRetry reports whether the call that failed with err can be retried without doing its
// work twice, and whether the retry could succeed. After ErrUnavailable and ErrNoWrites it
// returns true. After ErrTimedOut, ErrStorage or a broken connection it returns true unless
// the call added to a counter. If a retry would return the same error, for example an invalid
// request or ErrTooMuch, or if the context ended, it returns false.
func SafeToRetry(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && backend.SafeToRetry(err, !e.counter)
}

// opError wraps err, once, with the operation and its target. A nil err stays nil.
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

// undecodable is the error of stored bytes that the type in force cannot unpack,
// because the schema was altered or an option of the family sets another type.
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
