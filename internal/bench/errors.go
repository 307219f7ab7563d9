package bench

import (
	"context"
	"errors"
	"fmt"

	"github.com/widerow/widerow/backend"
)

// MismatchError says that a store did not return what was written to it. It ends a run.
type MismatchError struct {
	Family string
	Key    []byte
	Column []byte // nil if it is about the row
	// Want is what must be there and Got what the store has, as text.
	Want, Got string
}

// Error tells the place, what is there and what must be.
func (e *MismatchError) Error() string {
	where := fmt.Sprintf("row %q of %s", e.Key, e.Family)
	if e.Column != nil {
		where = fmt.Sprintf("column %q of %s", e.Column, where)
	}
	return fmt.Sprintf("wrong data: %s: got %s, want %s", where, e.Got, e.Want)
}

// ErrTooMany ends a workload in which more calls failed than Config.MaxErrors allows.
var ErrTooMany = errors.New("too many errors")

// ErrForeign says that a keyspace exists and was not made by this package.
var ErrForeign = errors.New("not made by widerow bench")

// LeftoverError says that what was made in a keyspace could not be removed from it.
type LeftoverError struct {
	Keyspace string
	Err      error
}

// Error names the keyspace and the cause.
func (e *LeftoverError) Error() string {
	return fmt.Sprintf("what was made in keyspace %q is still there: %v", e.Keyspace, e.Err)
}

// Unwrap returns the cause.
func (e *LeftoverError) Unwrap() error { return e.Err }

// kindOf names the kind of an error, as it is counted.
func kindOf(err error) string {
	var e *backend.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "deadline exceeded"
	case errors.As(err, &e):
		return e.Kind.String()
	}
	return "other"
}

// fatal reports whether a call's error would come again with every other call.
func fatal(err error) bool {
	if errors.As(err, new(*MismatchError)) || errors.Is(err, errLoad) {
		return true
	}
	var e *backend.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Kind {
	case backend.KindUnavailable, backend.KindTimedOut, backend.KindTooMuch, backend.KindReplicaFailure:
		return false
	}
	return true
}

// show is a value as text for an error, cut if it is long.
func show(b []byte) string {
	const most = 24
	if len(b) <= most {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%q… (%d bytes)", b[:most], len(b))
}
