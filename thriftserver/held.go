package thriftserver

import (
	"context"
	"errors"
	"sync"
)

// Options.MaxHeld is divided so that neither long messages nor long replies keep the
// other from going on, and so that some call always has enough to end.
const (
	messagesPart  = 8 // an eighth is for messages
	callsPart     = 4 // a quarter is for what calls take together
	overdraftPart = 2 // half of it is the most that one call takes
)

// maxMessageOverdrafts is how many messages may go beyond what is for messages.
const maxMessageOverdrafts = 2

var (
	// errTooMuch: one holder wants more than any may have.
	errTooMuch = errors.New("more memory than one call may take")
	// errNoRoom: there is no room, and the caller cannot wait.
	errNoRoom = errors.New("no room in memory")
)

// bytesHeld bounds the bytes that messages, or calls, hold. All share the limit. A few,
// the overdrafts, may each have up to most bytes beside it: without them, all could
// wait for one another, each with a part of what it needs.
type bytesHeld struct {
	limit, most int64
	// waiting, if not nil, is called when the first holder begins to wait, with true, and
	// when none waits any more.
	waiting func(bool)

	mu         sync.Mutex
	used       int64 // of limit
	beyond     int64 // by overdrafts
	overdrafts int   // that may still begin
	waiters    int
	freed      chan struct{} // closed, and replaced, when there is more room
}

func newBytesHeld(limit, most int64, overdrafts int) *bytesHeld {
	return &bytesHeld{limit: limit, most: most, overdrafts: overdrafts, freed: make(chan struct{})}
}

// holding is what one message, or one call, holds. It is for one goroutine.
type holding struct {
	of    *bytesHeld
	bytes int64
	// overdrawn says that it is an overdraft, and bytes are beside the limit.
	overdrawn bool
}

// fits takes n bytes if there is room. Under mu.
func (h *holding) fits(n int64) bool {
	switch {
	case h.overdrawn:
		h.of.beyond += n
	case h.of.used+n <= h.of.limit:
		h.of.used += n
	default:
		return false
	}
	h.bytes += n
	return true
}

// take waits until there is room for n more bytes, or for the end of the context.
func (h *holding) take(ctx context.Context, n int) error {
	of := h.of
	of.mu.Lock()
	defer of.mu.Unlock()
	if h.bytes+int64(n) > of.most {
		return errTooMuch
	}
	if h.fits(int64(n)) || h.overdraw(int64(n)) {
		return nil
	}
	of.wait(+1)
	defer of.wait(-1)
	for {
		freed := of.freed
		of.mu.Unlock()
		var err error
		select {
		case <-freed:
		case <-ctx.Done():
			err = ctx.Err()
		}
		of.mu.Lock()
		if err != nil {
			return err
		}
		if h.fits(int64(n)) || h.overdraw(int64(n)) {
			return nil
		}
	}
}

// try is take for who cannot wait.
func (h *holding) try(n int) error {
	of := h.of
	of.mu.Lock()
	defer of.mu.Unlock()
	switch {
	case h.bytes+int64(n) > of.most:
		return errTooMuch
	case h.fits(int64(n)), h.overdraw(int64(n)):
		return nil
	}
	return errNoRoom
}

// overdraw makes h an overdraft that takes n more bytes, if it may. Under mu.
func (h *holding) overdraw(n int64) bool {
	of := h.of
	if h.overdrawn || of.overdrafts == 0 {
		return false
	}
	of.overdrafts--
	h.overdrawn = true
	of.used -= h.bytes
	of.beyond += h.bytes
	h.fits(n)
	if h.bytes > n {
		of.free() // what it had is for others
	}
	return true
}

// wait counts a waiter, or one less. Under mu.
func (of *bytesHeld) wait(delta int) {
	before := of.waiters
	of.waiters += delta
	if of.waiting != nil && (before == 0 || of.waiters == 0) {
		of.waiting(of.waiters > 0)
	}
}

// free wakes those that wait. Under mu.
func (of *bytesHeld) free() {
	if of.waiters > 0 {
		close(of.freed)
		of.freed = make(chan struct{})
	}
}

// keep gives back all but n bytes, and the overdraft too if they fit into the limit.
func (h *holding) keep(n int) {
	if h.bytes == 0 && !h.overdrawn {
		return
	}
	of := h.of
	of.mu.Lock()
	defer of.mu.Unlock()
	back := max(0, h.bytes-int64(n))
	h.bytes -= back
	if !h.overdrawn {
		of.used -= back
	} else if of.beyond -= back; h.bytes == 0 || of.used+h.bytes <= of.limit {
		of.beyond -= h.bytes
		of.used += h.bytes
		h.overdrawn = false
		of.overdrafts++
	}
	of.free()
}

// give gives back n bytes.
func (h *holding) give(n int) {
	if n > 0 {
		h.keep(int(h.bytes) - n)
	}
}

// end gives all back.
func (h *holding) end() { h.keep(0) }

// pressed reports whether somebody waits for room.
func (of *bytesHeld) pressed() bool {
	of.mu.Lock()
	defer of.mu.Unlock()
	return of.waiters > 0
}

func (of *bytesHeld) inUse() int64 {
	of.mu.Lock()
	defer of.mu.Unlock()
	return of.used + of.beyond
}
