package embedded

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
)

// trouble is a kind of failure that the background has and that it tries again. It endangers no data, since the log
// has it, but what was written fills the memory: see Store.admit.
type trouble int

const (
	flushTrouble trouble = iota
	compactionTrouble
	manifestTrouble
	troubles
)

var troubleTexts = [troubles]string{"tables cannot be written", "tables cannot be merged", "the manifest cannot be written"}

// health is the state of the disk below the tree. The store reads on in each state, but takes no writes
//
//   - after a failure of the log, until mendLog has written as tables all that the log may lack;
//   - if memory is full because of a trouble, until that is over;
//   - after a failure that Pebble takes for the end of the process, until the store is opened again.
type health struct {
	logger *slog.Logger

	broken   atomic.Pointer[error]
	log      atomic.Pointer[error]
	troubles [troubles]atomic.Pointer[error]
	room     room

	failed chan struct{} // has an element after a failure of the log

	mu      sync.Mutex
	refused bool          // the log says that the store takes no writes
	changed chan struct{} // closed when the room in memory, or the troubles, may have changed
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

// checkFlush returns why memory cannot be written as tables, or nil.
func (h *health) checkFlush() error {
	for _, t := range []trouble{flushTrouble, manifestTrouble} {
		if p := h.troubles[t].Load(); p != nil {
			return &backend.Error{Kind: backend.KindNoWrites, Err: *p}
		}
	}
	return h.check()
}

// whyFull returns the trouble that lets memory fill up, or nil if memory is not full.
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

// trouble returns a trouble that there is, or nil.
func (h *health) trouble() error {
	for i := range h.troubles {
		if p := h.troubles[i].Load(); p != nil {
			return *p
		}
	}
	return nil
}

// knows reports whether there is a trouble with a cause. A line of the log says so already.
func (h *health) knows(c string) bool {
	for i := range h.troubles {
		if p := h.troubles[i].Load(); p != nil && cause(*p) == c {
			return true
		}
	}
	return false
}

// logError returns the failure of the log, for who waited for it: of a write that came before, nothing is known. If
// the log was mended since, it is on disk.
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

// roomChanged wakes those that wait for room in memory.
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

// announce logs that the store takes no writes, once when that begins and once when it ends.
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
