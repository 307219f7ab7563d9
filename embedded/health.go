package embedded

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
)

// trouble is a kind of failure of background work, which is retried. No data is at risk, since the log
// has it, but memtables fill up until the retry succeeds: see Store.admit.
type trouble int

const (
	flushTrouble trouble = iota
	compactionTrouble
	manifestTrouble
	troubles
)

var troubleTexts = [troubles]string{"tables cannot be written", "tables cannot be merged", "the manifest cannot be written"}

// health is the state of the disk below the tree. The store answers reads in every state, but takes no writes
//
//   - after a failure of the log, until mendLog has flushed all writes that the log may lack;
//   - if memory is full because of a trouble, until the trouble ends;
//   - after a failure on which Pebble would end the process, until the store is opened again.
type health struct {
	logger *slog.Logger

	broken   atomic.Pointer[error]
	log      atomic.Pointer[error]
	troubles [troubles]atomic.Pointer[error]
	room     room

	failed chan struct{} // receives an element after a failure of the log

	mu      sync.Mutex
	refused bool          // a log line has announced that the store takes no writes
	changed chan struct{} // closed when the free memory, or the troubles, may have changed
}

func newHealth(o *Options) *health {
	return &health{
		logger: o.Logger, room: room{limit: memTables * int64(o.MemTableSize)},
		failed: make(chan struct{}, 1), changed: make(chan struct{}),
	}
}

// check returns why the store takes no writes, or nil.
func (h *health) check() error {
	for _, p := range []*error{h.broken.Load(), h.log.Load(), h.whyFull()} {
		if p == nil {
			continue
		}
		if pebble.IsCorruptionError(*p) {
			return corrupt("the store takes no writes", *p)
		}
		return &backend.Error{Kind: backend.KindNoWrites, Err: *p}
	}
	return nil
}

// checkFlush returns why memtables cannot be flushed, or nil.
func (h *health) checkFlush() error {
	for _, t := range []trouble{flushTrouble, manifestTrouble} {
		if p := h.troubles[t].Load(); p != nil {
			return &backend.Error{Kind: backend.KindNoWrites, Err: *p}
		}
	}
	return h.check()
}

// whyFull returns the trouble that caused memory to be full, or nil if memory is not full.
func (h *health) whyFull() *error {
	if !h.room.full() {
		return nil
	}
	for i := range h.troubles {
		if p := h.troubles[i].Load(); p != nil {
			return p
		}
	}
	return nil
}

func (h *health) inTrouble() bool { return h.trouble() != nil }

// trouble returns one of the current troubles, or nil.
func (h *health) trouble() error {
	for i := range h.troubles {
		if p := h.troubles[i].Load(); p != nil {
			return *p
		}
	}
	return nil
}

// knows reports whether a trouble with this cause is current, so that a log line has reported it.
func (h *health) knows(c string) bool {
	for i := range h.troubles {
		if p := h.troubles[i].Load(); p != nil && cause(*p) == c {
			return true
		}
	}
	return false
}

// logError returns the failure of the log to a call that waited for the log. It is not known whether an earlier write
// is on disk. If the log was mended since, the write is on disk and logError returns nil.
func (h *health) logError() error {
	for _, p := range []*error{h.broken.Load(), h.log.Load()} {
		if p != nil {
			return *p
		}
	}
	return nil
}

// breaks ends the writes for good.
func (h *health) breaks(err error) {
	h.broken.CompareAndSwap(nil, &err)
	h.announce()
}

// logFailed ends the writes until logMended.
func (h *health) logFailed(err error) {
	h.log.CompareAndSwap(nil, &err)
	select {
	case h.failed <- struct{}{}:
	default:
	}
	h.announce()
}

func (h *health) logMended() {
	h.log.Store(nil)
	h.roomChanged()
}

func (h *health) troubleBegins(t trouble, what string, err error) {
	if what != "" {
		err = fmt.Errorf("%s: %w", what, err)
	}
	if h.troubles[t].Swap(&err) == nil {
		h.logger.Error(troubleTexts[t], "error", err.Error()) // Pebble's errors themselves are formatted with a stack
	}
	h.roomChanged()
}

func (h *health) troubleEnds(t trouble) {
	if h.troubles[t].Load() == nil {
		return
	}
	if h.troubles[t].Swap(nil) != nil {
		h.logger.Info(troubleTexts[t] + ": over")
	}
	h.roomChanged()
}

// roomChanged wakes the calls that wait for free memory.
func (h *health) roomChanged() {
	h.mu.Lock()
	close(h.changed)
	h.changed = make(chan struct{})
	h.mu.Unlock()
	h.announce()
}

// change returns a channel that the next roomChanged closes.
func (h *health) change() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.changed
}

// announce writes one log line when the store stops taking writes and one when it takes writes again.
func (h *health) announce() {
	h.mu.Lock()
	defer h.mu.Unlock()
	err := h.check()
	if (err != nil) == h.refused {
		return
	}
	h.refused = err != nil
	if h.refused {
		h.logger.Error("no writes are taken", "error", err)
	} else {
		h.logger.Info("writes are taken again")
	}
}
