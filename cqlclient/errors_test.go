package cqlclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
)

// answer is an error of the server.
type answer struct {
	code    int
	message string
}

func (a answer) Code() int       { return a.code }
func (a answer) Message() string { return a.message }
func (a answer) Error() string   { return a.message }

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		err   error
		want  error
		why   string
		retry gocql.RetryType
	}{
		{answer{gocql.ErrCodeUnavailable, "Cannot achieve"}, backend.ErrUnavailable, "", gocql.RetryNextHost},
		{answer{gocql.ErrCodeBootstrapping, ""}, backend.ErrUnavailable, "", gocql.RetryNextHost},
		{answer{gocql.ErrCodeReadTimeout, ""}, backend.ErrTimedOut, "", gocql.RetryNextHost},
		{answer{gocql.ErrCodeWriteTimeout, ""}, backend.ErrTimedOut, "", gocql.RetryNextHost},
		{answer{gocql.ErrCodeCASWriteUnknown, ""}, backend.ErrTimedOut, "", gocql.Rethrow},
		{answer{gocql.ErrCodeTruncate, ""}, backend.ErrTimedOut, "", gocql.Rethrow},
		{answer{gocql.ErrCodeOverloaded, ""}, backend.ErrTooMuch, "send less at once", gocql.Rethrow},
		{answer{gocql.ErrCodeReadFailure, ""}, backend.ErrReplicaFailure, "", gocql.Rethrow},
		{answer{gocql.ErrCodeWriteFailure, ""}, backend.ErrReplicaFailure, "max_mutation_size", gocql.Rethrow},
		{answer{gocql.ErrCodeReadFailure, "failed: READ_TOO_MANY_TOMBSTONES"}, backend.ErrReplicaFailure, "", gocql.Rethrow},
		{answer{gocql.ErrCodeInvalid, "Batch too large"}, backend.ErrTooMuch, "batch_size_fail_threshold", gocql.Rethrow},
		{answer{gocql.ErrCodeInvalid, "CQL Message of size 1 exceeds"}, backend.ErrTooMuch, "native_transport_max_message_size", gocql.Rethrow},
		{answer{gocql.ErrCodeInvalid, "unconfigured table x"}, backend.ErrInvalidRequest, "unconfigured", gocql.Rethrow},
		{answer{gocql.ErrCodeSyntax, ""}, backend.ErrInvalidRequest, "", gocql.Rethrow},
		{answer{gocql.ErrCodeConfig, ""}, backend.ErrInvalidRequest, "", gocql.Rethrow},
		{answer{gocql.ErrCodeUnauthorized, ""}, backend.ErrAuthorization, "", gocql.Rethrow},
		{answer{gocql.ErrCodeCredentials, ""}, backend.ErrAuthentication, "", gocql.Rethrow},
		{answer{gocql.ErrCodeAlreadyExists, ""}, backend.ErrExists, "", gocql.Rethrow},
		{answer{gocql.ErrCodeServer, "java.lang.IllegalArgumentException: Unknown CF 66c45370"}, backend.ErrInvalidRequest, "Unknown CF", gocql.Rethrow},
		{answer{gocql.ErrCodeServer, "java.lang"}, backend.ErrInternal, "java.lang", gocql.Rethrow},
		{gocql.ErrNoConnections, backend.ErrUnavailable, "", gocql.RetryNextHost},
		{gocql.ErrNoStreams, backend.ErrUnavailable, "", gocql.RetryNextHost},
		{gocql.ErrFrameTooBig, backend.ErrTooMuch, "256 MiB", gocql.Rethrow},
		{gocql.ErrTooManyStmts, backend.ErrTooMuch, "65,535", gocql.Rethrow},
		{gocql.ErrSessionClosed, backend.ErrClosed, "", gocql.RetryNextHost},
		{gocql.ErrTimeoutNoResponse, backend.ErrTimedOut, "", gocql.RetryNextHost},
		{fmt.Errorf("read: %w", io.ErrUnexpectedEOF), backend.ErrTimedOut, "", gocql.RetryNextHost},
	} {
		got := mapError(test.err)
		if !errors.Is(got, test.want) || !strings.Contains(got.Error(), test.why) {
			t.Errorf("%v becomes %v, want %v with %q", test.err, got, test.want, test.why)
		}
		if retry := (retries{1, newWatcher(new(Options))}).GetRetryType(test.err); retry != test.retry {
			t.Errorf("%v: the driver does %d, want %d", test.err, retry, test.retry)
		}
	}
}

func TestErrorOfContextComesFirst(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := offline(t, nil)
	if err := c.fail(ctx, gocql.ErrNoConnections); !errors.Is(err, backend.ErrUnavailable) {
		t.Errorf("before the end: %v", err)
	}
	kept := backend.InvalidRequest("why")
	if err := c.fail(ctx, kept); err != kept {
		t.Errorf("an error that already has a kind becomes %v", err)
	}
	c.closed.Store(true)
	if err := c.fail(ctx, gocql.ErrConnectionClosed); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	cancel()
	if err := c.fail(ctx, gocql.ErrNoConnections); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
	if err := c.fail(ctx, nil); err != nil {
		t.Errorf("nil becomes %v", err)
	}
}

func TestTooManyTombstones(t *testing.T) {
	for _, test := range []struct {
		replicas gocql.ErrorMap
		want     bool
	}{
		{gocql.ErrorMap{"10.0.0.1": 0, "10.0.0.2": 1}, true},
		{gocql.ErrorMap{"10.0.0.1": 2}, false},
		{nil, false},
	} {
		if got := tombstones(&gocql.RequestErrReadFailure{ErrorMap: test.replicas}); got != test.want {
			t.Errorf("replicas that say %v: %t, want %t", test.replicas, got, test.want)
		}
	}
}

// TestWriteInDoubt breaks the connection of a write. The next node finds too few replicas, but the first node may have applied the write.
func TestWriteInDoubt(t *testing.T) {
	w := writeRetries{retries: retries{1, newWatcher(&Options{})}}
	if got := w.result(gocql.ErrNoConnections); !errors.Is(mapError(got), backend.ErrUnavailable) {
		t.Errorf("the only try: %v", got)
	}
	w.GetRetryType(gocql.ErrNoConnections)
	if got := w.result(gocql.ErrNoConnections); !errors.Is(mapError(got), backend.ErrUnavailable) {
		t.Errorf("after an attempt that was not sent: %v", got)
	}
	w.GetRetryType(io.EOF)
	if got := w.result(gocql.ErrNoConnections); !errors.Is(mapError(got), backend.ErrTimedOut) {
		t.Errorf("after a try that may have been applied: %v", got)
	}
	if got := w.result(nil); got != nil {
		t.Errorf("an attempt that was applied: %v", got)
	}
}

// TestAgreeEndsWithClient closes a client while the client waits for the nodes to agree on the schema.
func TestAgreeEndsWithClient(t *testing.T) {
	c, _ := onFakeNode(t, standard, &Options{SchemaTimeout: time.Hour})
	_ = c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := c.agree(ctx); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("error %v, want ErrClosed", err)
	}
}
