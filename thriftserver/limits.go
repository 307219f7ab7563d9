package thriftserver

import (
	"context"
)

// slots limits how many goroutines do something at once.
type slots chan struct{}

func newSlots(n int) slots {
	const most = 1 << 16 // larger limits would cost memory for the channel
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

// acquire waits for a slot, or until the context ends.
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
