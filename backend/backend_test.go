package backend_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/widerow/widerow/backend"
)

var sentinels = map[backend.Kind]*backend.Error{
	backend.KindInvalidRequest:     backend.ErrInvalidRequest,
	backend.KindNotFound:           backend.ErrNotFound,
	backend.KindUnavailable:        backend.ErrUnavailable,
	backend.KindTimedOut:           backend.ErrTimedOut,
	backend.KindAuthentication:     backend.ErrAuthentication,
	backend.KindAuthorization:      backend.ErrAuthorization,
	backend.KindSchemaDisagreement: backend.ErrSchemaDisagreement,
	backend.KindUnsupported:        backend.ErrUnsupported,
	backend.KindClosed:             backend.ErrClosed,
	backend.KindCorrupt:            backend.ErrCorrupt,
	backend.KindInternal:           backend.ErrInternal,
	backend.KindNoWrites:           backend.ErrNoWrites,
	backend.KindStorage:            backend.ErrStorage,
	backend.KindExists:             backend.ErrExists,
	backend.KindTooMuch:            backend.ErrTooMuch,
	backend.KindReplicaFailure:     backend.ErrReplicaFailure,
}

func TestErrorMatchesItsKindOnly(t *testing.T) {
	for kind := range sentinels {
		err := fmt.Errorf("slice: %w", &backend.Error{Kind: kind, Why: "because", Err: io.ErrUnexpectedEOF})
		for other, sentinel := range sentinels {
			if got, want := errors.Is(err, sentinel), other == kind; got != want {
				t.Errorf("errors.Is(%v, %v) = %t, want %t", err, sentinel, got, want)
			}
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%v has lost its cause", err)
		}
		if errors.Is(err, &backend.Error{Kind: kind, Why: "another reason"}) {
			t.Errorf("%v matches an error with a different reason", err)
		}
	}
}

func TestErrorText(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{backend.ErrNotFound, "not found"},
		{backend.InvalidRequest("count %d", -1), "invalid request: count -1"},
		{&backend.Error{Kind: backend.KindCorrupt, Why: "file 7", Err: io.EOF}, "data is corrupt: file 7: EOF"},
		{&backend.Error{Kind: 99}, "Kind(99)"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("Error() = %q, want %q", got, tt.want)
		}
	}
}

func TestSafeToRetry(t *testing.T) {
	tests := []struct {
		err                  error
		idempotent, counters bool
	}{
		{nil, false, false},
		{context.Canceled, false, false},
		{fmt.Errorf("get: %w", context.DeadlineExceeded), false, false},
		{&backend.Error{Kind: backend.KindTimedOut, Err: context.Canceled}, false, false},
		{io.ErrUnexpectedEOF, true, false}, // a broken connection
		{backend.ErrUnavailable, true, true},
		{fmt.Errorf("get: %w", backend.ErrTimedOut), true, false},
		{backend.ErrSchemaDisagreement, true, false},
		{backend.ErrInvalidRequest, false, false},
		{backend.ErrNotFound, false, false},
		{backend.ErrAuthentication, false, false},
		{backend.ErrAuthorization, false, false},
		{backend.ErrUnsupported, false, false},
		{backend.ErrClosed, false, false},
		{backend.ErrCorrupt, false, false},
		{backend.ErrTooMuch, false, false},
		{backend.ErrReplicaFailure, false, false},
	}
	for _, tt := range tests {
		if got := backend.SafeToRetry(tt.err, true); got != tt.idempotent {
			t.Errorf("SafeToRetry(%v, true) = %t, want %t", tt.err, got, tt.idempotent)
		}
		if got := backend.SafeToRetry(tt.err, false); got != tt.counters {
			t.Errorf("SafeToRetry(%v, false) = %t, want %t", tt.err, got, tt.counters)
		}
	}
}

func TestConsistency(t *testing.T) {
	for c := backend.One; c <= backend.LocalOne; c++ {
		got, err := backend.ParseConsistency(c.String())
		if err != nil || got != c {
			t.Errorf("ParseConsistency(%q) = %v, %v", c.String(), got, err)
		}
	}
	if got, err := backend.ParseConsistency("local_quorum"); err != nil || got != backend.LocalQuorum {
		t.Errorf("ParseConsistency(local_quorum) = %v, %v", got, err)
	}
	for _, name := range []string{"", "QUORUMS", "0"} {
		if c, err := backend.ParseConsistency(name); err == nil {
			t.Errorf("ParseConsistency(%q) = %v, want an error", name, c)
		}
	}
	if got := backend.Consistency(0).String(); got != "ONE" {
		t.Errorf("the zero level is %s, want ONE", got)
	}
	if got := backend.Consistency(-1).String(); got != "Consistency(-1)" {
		t.Errorf("String() = %s", got)
	}
}

func TestOperatorString(t *testing.T) {
	for op, want := range map[backend.Operator]string{
		backend.EQ: "EQ", backend.GTE: "GTE", backend.GT: "GT", backend.LTE: "LTE", backend.LT: "LT", 9: "UNKNOWN",
	} {
		if got := op.String(); got != want {
			t.Errorf("Operator(%d).String() = %q, want %q", op, got, want)
		}
	}
}

func TestOperatorHolds(t *testing.T) {
	for op, want := range map[backend.Operator][3]bool{ // of a value before, equal and after
		backend.EQ: {false, true, false}, backend.GTE: {false, true, true}, backend.GT: {false, false, true},
		backend.LTE: {true, true, false}, backend.LT: {true, false, false}, 9: {},
	} {
		if got := [3]bool{op.Holds(-1), op.Holds(0), op.Holds(1)}; got != want {
			t.Errorf("%v holds: %v, want %v", op, got, want)
		}
	}
}
