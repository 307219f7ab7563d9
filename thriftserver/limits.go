package thriftserver

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// slots bounds how many do something at once.
type slots chan struct{}

func newSlots(n int) slots {
	const most = 1 << 16 // of a channel that costs next to nothing
	return make(slots, min(n, most))
}

// acquire waits for a slot, or for the end of the context.
func (s slots) acquire(ctx context.Context) error {
	select {
	case s <- struct{}{}:
		return nil
	default:
	}
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s slots) release() { <-s }

// bytesHeld bounds the bytes of long messages and replies.
type bytesHeld struct {
	limit int64
	sem   *semaphore.Weighted
	used  atomic.Int64
}

func newBytesHeld(limit int64) *bytesHeld {
	return &bytesHeld{limit: limit, sem: semaphore.NewWeighted(limit)}
}

// take waits until there is room for n more bytes, or for the end of the context. What is more
// than all there is counts as all. It returns how much is to be given back.
func (h *bytesHeld) take(ctx context.Context, n int64) (int64, error) {
	n = min(n, h.limit)
	if !h.sem.TryAcquire(n) {
		if err := h.sem.Acquire(ctx, n); err != nil {
			return 0, err
		}
	}
	h.used.Add(n)
	return n, nil
}

func (h *bytesHeld) give(n int64) {
	h.used.Add(-n)
	h.sem.Release(n)
}
