package embedded

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/ordered"
)

// corrupt returns an error that names the data that cannot be read.
func corrupt(what string, err error) error {
	return &backend.Error{Kind: backend.KindCorrupt, Why: what, Err: err}
}

// translate converts an error to one of package backend's kinds. Every error that the store returns is of such a kind.
func translate(err error) error {
	var e *backend.Error
	switch {
	case err == nil, errors.As(err, &e), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case pebble.IsCorruptionError(err), errors.Is(err, errRecord), errors.Is(err, errKey), errors.Is(err, ordered.ErrCorrupt):
		return &backend.Error{Kind: backend.KindCorrupt, Err: err}
	}
	// Any other error is the disk's. It is not known whether a write was made.
	return &backend.Error{Kind: backend.KindStorage, Err: err}
}

// pebbleLogger passes Pebble's messages to the store's logger.
type pebbleLogger struct{ s *Store }

// Infof implements pebble.Logger.
func (l pebbleLogger) Infof(format string, args ...any) {
	l.s.opts.Logger.Debug(fmt.Sprintf(format, args...))
}

// Errorf implements pebble.Logger.
func (l pebbleLogger) Errorf(format string, args ...any) {
	l.s.opts.Logger.Error(fmt.Sprintf(format, args...))
}

// Fatalf implements pebble.Logger. Pebble expects it to end the process. A library must
// not do that, so the store stops taking writes instead.
func (l pebbleLogger) Fatalf(format string, args ...any) {
	l.s.health.breaks(fmt.Errorf(format, args...))
}

// cause returns the text of the innermost error. It contains no file names, which differ on each retry.
func cause(err error) string {
	for e := err; e != nil; e = errors.Unwrap(e) {
		err = e
	}
	return err.Error()
}

// emptyTable is the error of a flush that had nothing to write.
const emptyTable = "pebble: empty table"

// events reports errors of Pebble's background work to health and to the log.
func (s *Store) events() *pebble.EventListener {
	h := s.health
	var last string // cause of the last background error, so that each is logged once
	var saying sync.Mutex
	return &pebble.EventListener{
		BackgroundError: func(err error) {
			c := cause(err)
			if h.knows(c) {
				return
			}
			saying.Lock()
			defer saying.Unlock()
			if c != last {
				last = c
				s.opts.Logger.Warn("in the background", "error", err.Error())
			}
		},
		DataCorruption: func(i pebble.DataCorruptionInfo) {
			s.opts.Logger.Error("damaged file", "path", i.Path, "error", i.Details)
		},
		FlushEnd: func(i pebble.FlushInfo) {
			if i.Err != nil && i.Err.Error() != emptyTable {
				h.troubleBegins(flushTrouble, "", i.Err)
				return
			}
			h.room.flushEnds()
			h.troubleEnds(flushTrouble)
			h.roomChanged()
			s.lookAtLevels()
		},
		CompactionEnd: func(i pebble.CompactionInfo) {
			switch {
			case i.Err == nil:
				h.troubleEnds(compactionTrouble)
				s.lookAtLevels()
			case !errors.Is(i.Err, pebble.ErrCancelledCompaction):
				h.troubleBegins(compactionTrouble, "", i.Err)
			}
		},
		FlushBegin: func(pebble.FlushInfo) { h.room.flushBegins() },
		WALCreated: func(pebble.WALCreateInfo) { h.room.rotates() },
	}
}

// recovered is deferred by functions that read data. If Pebble panics, the data is damaged in a way
// that its checksums did not reveal.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = panicError(p)
	}
}

func panicError(p any) error {
	if c, ok := p.(clockPanic); ok {
		return &backend.Error{Kind: backend.KindInternal, Why: fmt.Sprintf("Options.Now panicked: %v\n%s", c.value, debug.Stack())}
	}
	return corrupt("panic while reading", fmt.Errorf("%v\n%s", p, debug.Stack()))
}

// clockPanic is a panic of the caller's clock, which says nothing about the data.
type clockPanic struct{ value any }

// guardClock returns now with its panics as clockPanic.
func guardClock(now func() time.Time) func() time.Time {
	return func() time.Time {
		defer func() {
			if p := recover(); p != nil {
				panic(clockPanic{p})
			}
		}()
		return now()
	}
}
