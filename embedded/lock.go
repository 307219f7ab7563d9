package embedded

import (
	"context"
	"slices"
	"sync"

	"github.com/widerow/widerow/backend"
)

// lock is a lock for many readers or one writer. A wait for it ends with the context of the caller,
// or when the store is closed. Callers get the lock in the order of their calls.
type lock struct {
	closing <-chan struct{}

	mu      sync.Mutex
	readers int // callers that hold the lock for reading, or held
	queue   []*waiter
}

// held is the value of lock.readers while a caller holds the lock for writing.
const held = -1

// waiter is a caller that waits for the lock.
type waiter struct {
	writes bool
	ready  chan struct{} // closed once the caller holds the lock
}

// Lock locks for writing. It fails only if ctx or the store ends first.
func (l *lock) Lock(ctx context.Context) error { return l.acquire(ctx, true) }

// RLock locks for reading. It fails only if ctx or the store ends first.
func (l *lock) RLock(ctx context.Context) error { return l.acquire(ctx, false) }

// Unlock undoes Lock.
func (l *lock) Unlock() { l.release(true) }

// RUnlock undoes RLock.
func (l *lock) RUnlock() { l.release(false) }

func (l *lock) acquire(ctx context.Context, writes bool) error {
	l.mu.Lock()
	if len(l.queue) == 0 && l.take(writes) {
		l.mu.Unlock()
		return nil
	}
	w := &waiter{writes, make(chan struct{})}
	l.queue = append(l.queue, w)
	l.mu.Unlock()
	var err error
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-l.closing:
		err = backend.ErrClosed
	}
	l.mu.Lock()
	i := slices.Index(l.queue, w)
	if i < 0 { // the lock was handed over at the same time
		l.mu.Unlock()
		l.release(writes)
		return err
	}
	defer l.mu.Unlock()
	l.queue = slices.Delete(l.queue, i, i+1)
	l.handOver() // the callers behind w may have waited for w only
	return err
}

// take takes the lock for reading or writing if it is free for that. The caller holds l.mu.
func (l *lock) take(writes bool) bool {
	switch {
	case writes && l.readers == 0:
		l.readers = held
	case !writes && l.readers != held:
		l.readers++
	default:
		return false
	}
	return true
}

func (l *lock) release(writes bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if writes {
		l.readers = 0
	} else {
		l.readers--
	}
	l.handOver()
}

// handOver gives the lock to the callers at the head of the queue. The caller holds l.mu.
func (l *lock) handOver() {
	for len(l.queue) > 0 && l.take(l.queue[0].writes) {
		close(l.queue[0].ready)
		l.queue = slices.Delete(l.queue, 0, 1)
	}
}
