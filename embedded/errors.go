package embedded

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/ordered"
)

// corrupt returns an error that says what cannot be read.
func corrupt(what string, err error) error {
	return &backend.Error{Kind: backend.KindCorrupt, Why: what, Err: err}
}

// translate makes an error one of package backend's, as all that leave the store are.
func translate(err error) error {
	var e *backend.Error
	switch {
	case err == nil, errors.As(err, &e), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case pebble.IsCorruptionError(err), errors.Is(err, errRecord), errors.Is(err, errKey), errors.Is(err, ordered.ErrCorrupt):
		return &backend.Error{Kind: backend.KindCorrupt, Err: err}
	}
	// What is left is the disk. Whether a write came through is not known.
	return &backend.Error{Kind: backend.KindTimedOut, Why: "the disk failed", Err: err}
}

// health is the state of the tree below. After a failed write to the log, or
// once damage was found where it cannot be worked around, the store goes on reading
// but takes no more writes: what is acknowledged must be there after a restart.
type health struct {
	failure atomic.Pointer[error] // for good
	trouble atomic.Pointer[error] // until the background succeeds again, as when the disk is full
}

// check returns why the store takes no writes, or nil.
func (h *health) check() error {
	for _, p := range []*error{h.failure.Load(), h.trouble.Load()} {
		if p == nil {
			continue
		}
		if pebble.IsCorruptionError(*p) {
			return corrupt("the store takes no writes", *p)
		}
		return &backend.Error{Kind: backend.KindUnavailable, Why: "the store takes no writes", Err: *p}
	}
	return nil
}

func (h *health) fail(err error) { h.failure.CompareAndSwap(nil, &err) }

// pebbleLogger gives what Pebble tells to the store's logger.
type pebbleLogger struct{ s *Store }

// Infof implements pebble.Logger.
func (l pebbleLogger) Infof(format string, args ...any) {
	l.s.opts.Logger.Debug(fmt.Sprintf(format, args...))
}

// Errorf implements pebble.Logger.
func (l pebbleLogger) Errorf(format string, args ...any) {
	l.s.opts.Logger.Error(fmt.Sprintf(format, args...))
}

// Fatalf implements pebble.Logger. Pebble expects that it ends the process, which is
// not a library's to do: the store takes no more writes instead.
func (l pebbleLogger) Fatalf(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	l.s.health.fail(err)
	l.s.opts.Logger.Error("the store takes no more writes", "error", err)
}

// events follows what happens in Pebble's background.
func (s *Store) events() *pebble.EventListener {
	recovered := func(err error) {
		if err == nil {
			s.health.trouble.Store(nil)
		}
	}
	return &pebble.EventListener{
		BackgroundError: func(err error) {
			if s.health.trouble.Swap(&err) == nil {
				s.opts.Logger.Error("in the background", "error", err)
			}
		},
		DataCorruption: func(i pebble.DataCorruptionInfo) {
			s.opts.Logger.Error("damaged file", "path", i.Path, "error", i.Details)
		},
		FlushEnd:      func(i pebble.FlushInfo) { recovered(i.Err) },
		CompactionEnd: func(i pebble.CompactionInfo) { recovered(i.Err) },
	}
}

// recovered is deferred where data is read: what Pebble panics over is damage that
// its checksums did not show.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = panicError(p)
	}
}

func panicError(p any) error {
	return corrupt("panic while reading", fmt.Errorf("%v\n%s", p, debug.Stack()))
}

// afterCommit returns what Fatalf was told in a commit, which Pebble does not return.
func (h *health) afterCommit() error {
	if p := h.failure.Load(); p != nil {
		return *p
	}
	return nil
}
