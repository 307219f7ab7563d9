package bench

import (
	"context"
	"errors"
	"fmt"

	"github.com/widerow/widerow/backend"
)

// MismatchError reports that a store did not return the data that was written to it. It ends a run.
type MismatchError struct {
	Family string
	Key    []byte
	Column []byte // nil if the error concerns the row
	// Want is the expected content and Got the content that the store returned, as text.
	Want, Got string
}

// Error names the row and the column, the returned content and the expected content.
func (e *MismatchError) Error() string {
	where := fmt.Sprintf("row %q of %s", e.Key, e.Family)
	if e.Column != nil {
		where = fmt.Sprintf("column %q of %s", e.Column, where)
	}
	return fmt.Sprintf("wrong data: %s: got %s, want %s", where, e.Got, e.Want)
}

// ErrTooMany ends a workload in which more calls failed than Config.MaxErrors allows.
var ErrTooMany = errors.New("too many errors")

// ErrForeign reports that a keyspace exists and was not created by this package.
var ErrForeign = errors.New("not made by widerow bench")

// LeftoverError reports that the families that a run created in a keyspace, or the keyspace, could not be removed.
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

// kindOf returns the name under which an error is counted.
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

// fatal reports whether every other call would fail with the same error.
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

// show returns a value as text for an error. A long value is cut.
func show(b []byte) string {
	const most = 24
	if len(b) <= most {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%q… (%d bytes)", b[:most], len(b))
}
