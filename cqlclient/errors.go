package cqlclient

import (
	"context"
	"errors"
	"strings"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
)

// fail gives an error of the driver its kind. It returns nil and errors that have a kind unchanged. If the caller's context has ended,
// fail returns the error of the context instead of the driver's error.
func (c *Client) fail(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	if refused, ok := errors.AsType[refusal](err); ok {
		return refused.error
	}
	if _, ok := errors.AsType[*backend.Error](err); ok {
		return err
	}
	if c.closed.Load() {
		return &backend.Error{Kind: backend.KindClosed, Err: err}
	}
	return mapError(err)
}

// mapError gives an error of the driver its kind. It takes the kind from the server's error. If the server sent no error, it takes the
// kind from the driver's error, which says whether the statement may have been executed.
func mapError(err error) error {
	if answer, ok := errors.AsType[gocql.RequestError](err); ok {
		return answerError(answer)
	}
	switch {
	case errors.Is(err, gocql.ErrSessionClosed):
		return &backend.Error{Kind: backend.KindClosed, Err: err}
	case errors.Is(err, gocql.ErrNoConnections), errors.Is(err, gocql.ErrNoConnectionsStarted), errors.Is(err, gocql.ErrNoStreams):
		return &backend.Error{Kind: backend.KindUnavailable, Err: err}
	case errors.Is(err, gocql.ErrFrameTooBig):
		return &backend.Error{Kind: backend.KindTooMuch, Why: "a message of the protocol has at most 256 MiB", Err: err}
	case errors.Is(err, gocql.ErrTooManyStmts):
		return &backend.Error{Kind: backend.KindTooMuch, Why: "a batch has at most 65,535 statements", Err: err}
	}
	return &backend.Error{Kind: backend.KindTimedOut, Why: "the connection failed", Err: err}
}

// answerError gives the server's error its kind. If the server enforced a limit, the reason names the limit and the way out.
func answerError(answer gocql.RequestError) error {
	e := &backend.Error{Kind: backend.KindInternal, Why: answer.Message(), Err: nil}
	switch answer.Code() {
	case gocql.ErrCodeUnavailable, gocql.ErrCodeBootstrapping:
		e.Kind = backend.KindUnavailable
	case gocql.ErrCodeOverloaded:
		e.Kind = backend.KindTooMuch
		e.Why = reason(e.Why, "the node has too much to do: send less at once")
	case gocql.ErrCodeReadTimeout, gocql.ErrCodeCASWriteUnknown:
		e.Kind = backend.KindTimedOut
	case gocql.ErrCodeWriteTimeout:
		e.Kind = backend.KindTimedOut
		if timeout, ok := answer.(*gocql.RequestErrWriteTimeout); ok {
			e.AcknowledgedBy = acknowledged(timeout.Received)
		}
	case gocql.ErrCodeWriteFailure:
		e.Kind = backend.KindReplicaFailure
		e.Why = reason(e.Why, "the log of the replicas says why; they refuse, for one, a batch of more than max_mutation_size, by default 16 MiB")
		if failure, ok := answer.(*gocql.RequestErrWriteFailure); ok {
			e.AcknowledgedBy = acknowledged(failure.Received)
		}
	case gocql.ErrCodeCDCWriteFailure, gocql.ErrCodeFunctionFailure:
		e.Kind = backend.KindReplicaFailure
	case gocql.ErrCodeReadFailure:
		e.Kind = backend.KindReplicaFailure
		failure, ok := answer.(*gocql.RequestErrReadFailure)
		switch {
		case ok && tombstones(failure):
			e.Kind = backend.KindTooMuch
			e.Why = reason(e.Why, "the read met more tombstones than tombstone_failure_threshold (100,000 by default): "+
				"read a narrower slice, or lower the family's gc_grace_seconds and compact it")
		case ok && len(failure.ErrorMap) == 0:
			e.Why = reason(e.Why, "the log of the replicas says why; they fail, for one, if a read meets more tombstones than "+
				"tombstone_failure_threshold, by default 100,000")
		}
	case gocql.ErrCodeTruncate:
		e.Kind = backend.KindTimedOut
	case gocql.ErrCodeSyntax, gocql.ErrCodeConfig:
		e.Kind = backend.KindInvalidRequest
	case gocql.ErrCodeServer:
		if strings.Contains(e.Why, unknownTable) { // the table was dropped after the server had prepared the statement
			e.Kind = backend.KindInvalidRequest
		}
	case gocql.ErrCodeInvalid:
		e.Kind = backend.KindInvalidRequest
		switch {
		case strings.HasPrefix(e.Why, "Batch too large"):
			e.Kind = backend.KindTooMuch
			e.Why = reason(e.Why, "the batch is larger than the server's batch_size_fail_threshold (50 KiB by default): "+
				"send fewer rows in an atomic call, or raise it")
		case strings.HasPrefix(e.Why, "CQL Message of size"):
			e.Kind = backend.KindTooMuch
			e.Why = reason(e.Why, "the server's native_transport_max_message_size, 16 MiB by default and less if the heap is small, bounds what a write holds: write smaller values, or raise it")
		}
	case gocql.ErrCodeUnauthorized:
		e.Kind = backend.KindAuthorization
	case gocql.ErrCodeCredentials:
		e.Kind = backend.KindAuthentication
	case gocql.ErrCodeAlreadyExists:
		e.Kind = backend.KindExists
	}
	return e
}

func acknowledged(replicas int) *int32 {
	n := int32(replicas)
	return &n
}

// reason returns the server's message followed by the way out.
func reason(message, way string) string { return message + " (" + way + ")" }

// readTooManyTombstones is a replica's reason for a read failure (RequestFailureReason.READ_TOO_MANY_TOMBSTONES).
const readTooManyTombstones = 1

// tombstones reports whether a replica gave up because of tombstones. Protocol 4 does not say why it gave up.
func tombstones(failure *gocql.RequestErrReadFailure) bool {
	for _, why := range failure.ErrorMap {
		if why == readTooManyTombstones {
			return true
		}
	}
	return strings.Contains(failure.Message(), "TOMBSTONE")
}

// retries is the driver's retry policy: it retries a statement on another node. The driver asks it about idempotent statements only.
type retries struct {
	most    int
	watcher *watcher
}

func (r retries) Attempt(q gocql.RetryableQuery) bool {
	return q.Attempts() <= r.most && q.Context().Err() == nil
}

// GetRetryType retries a statement if another node may be able to execute it.
func (r retries) GetRetryType(err error) gocql.RetryType {
	if !nodeSpecific(err) {
		return gocql.Rethrow
	}
	r.watcher.failed(err)
	return gocql.RetryNextHost
}

// writeRetries are the retries of one write. They store the error of a try that may have been applied.
type writeRetries struct {
	retries
	applied error
}

func (w *writeRetries) GetRetryType(err error) gocql.RetryType {
	if errors.Is(mapError(err), backend.ErrTimedOut) {
		w.applied = err
	}
	return w.retries.GetRetryType(err)
}

// result returns the error of the write. If the last node did not try the write, but an earlier node may have applied it, result
// returns the earlier node's error.
func (w *writeRetries) result(err error) error {
	if w.applied != nil && err != nil && errors.Is(mapError(err), backend.ErrUnavailable) {
		return w.applied
	}
	return err
}

// nodeSpecific reports whether another node may succeed after an error: too few replicas were alive or answered, or the connection
// failed.
func nodeSpecific(err error) bool {
	if answer, ok := errors.AsType[gocql.RequestError](err); ok {
		switch answer.Code() {
		case gocql.ErrCodeUnavailable, gocql.ErrCodeBootstrapping, gocql.ErrCodeReadTimeout, gocql.ErrCodeWriteTimeout:
			return true
		}
		return false
	}
	if errors.Is(err, gocql.ErrFrameTooBig) || errors.Is(err, gocql.ErrTooManyStmts) {
		return false
	}
	return true
}
