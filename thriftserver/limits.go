package thriftserver

import (
	"context"
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
