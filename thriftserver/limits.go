package thriftserver

import (
	"context"
	"sync"
)

// slots bounds how many do something at once.
type slots chan struct{}

func newSlots(n int) slots {
	const most = 1 << 16 // of a channel that costs next to nothing
	return make(slots, min(n, most))
}

// try takes a slot if one is free.
func (s slots) try() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

// acquire waits for a slot, or for the end of the context.
func (s slots) acquire(ctx context.Context) error {
	if s.try() {
		return nil
	}
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s slots) release() { <-s }

// maxOverdrafts is how many may hold bytes beyond the limit at once. Without it
// all could wait for one another, each with a part of a message.
const maxOverdrafts = 8

// bytesHeld bounds the bytes of long messages and replies.
type bytesHeld struct {
	limit      int64
	overdrafts slots

	mu    sync.Mutex
	used  int64
	freed chan struct{} // closed, and replaced, when there is more room
}

func newBytesHeld(limit int64) *bytesHeld {
	return &bytesHeld{limit: limit, overdrafts: newSlots(maxOverdrafts), freed: make(chan struct{})}
}

// holding is what one message, and its reply, holds. It is for one goroutine.
type holding struct {
	of    *bytesHeld
	bytes int64
	// overdrawn says that it is one of those that may go beyond the limit.
	overdrawn bool
}

// take waits until there is room for n more bytes, or for the end of the context.
func (h *holding) take(ctx context.Context, n int) error {
	for {
		h.of.mu.Lock()
		if h.overdrawn || h.of.used+int64(n) <= h.of.limit {
			h.of.used += int64(n)
			h.of.mu.Unlock()
			h.bytes += int64(n)
			return nil
		}
		freed := h.of.freed
		h.of.mu.Unlock()
		select {
		case <-freed:
		case h.of.overdrafts <- struct{}{}:
			h.overdrawn = true
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// give gives back n bytes.
func (h *holding) give(n int) {
	if n == 0 {
		return
	}
	h.bytes -= int64(n)
	h.of.mu.Lock()
	defer h.of.mu.Unlock()
	h.of.used -= int64(n)
	close(h.of.freed)
	h.of.freed = make(chan struct{})
}

// end gives all back.
func (h *holding) end() {
	h.give(int(h.bytes))
	if h.overdrawn {
		h.overdrawn = false
		h.of.overdrafts.release()
	}
}

func (h *bytesHeld) inUse() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.used
}
