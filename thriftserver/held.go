package thriftserver

import (
	"context"
	"errors"
	"sync"
)

// Options.MaxHeld is divided so that long messages and long replies cannot block each
// other, and so that some call always has enough memory to finish.
const (
	messagesPart  = 8 // an eighth is for messages
	callsPart     = 4 // a quarter is for all calls together
	overdraftPart = 2 // one call may take at most half
)

// maxMessageOverdrafts is the number of messages that may exceed the part for messages.
const maxMessageOverdrafts = 2

var (
	// errTooMuch: a holder asks for more than one holder may have.
	errTooMuch = errors.New("more memory than one call may take")
	// errNoRoom: the memory is in use, and the caller cannot wait.
	errNoRoom = errors.New("no room in memory")
)

// bytesHeld bounds the bytes that messages, or calls, hold. All holders share the limit. A few,
// the overdrafts, may each have up to most bytes in addition: without them, all holders could
// wait for one another, each with a part of what it needs.
type bytesHeld struct {
	limit, most int64
	// waiting, if not nil, is called with true when the first holder begins to wait, and with false
	// when no holder waits any more.
	waiting func(bool)

	mu         sync.Mutex
	used       int64 // of limit
	beyond     int64 // by overdrafts
	overdrafts int   // that may still begin
	waiters    int
	freed      chan struct{} // closed, and replaced, when bytes are given back
}

func newBytesHeld(limit, most int64, overdrafts int) *bytesHeld {
	return &bytesHeld{limit: limit, most: most, overdrafts: overdrafts, freed: make(chan struct{})}
}

// holding counts the bytes of one message or one call. It is not safe for concurrent use.
type holding struct {
	of    *bytesHeld
	bytes int64
	// overdrawn is set if the holding is an overdraft: its bytes do not count against the limit.
	overdrawn bool
}

// fits takes n bytes if they fit into the limit. The caller holds mu.
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

// take takes n more bytes. It waits until they fit, or until the context ends.
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

// try is take for a caller that cannot wait.
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

// overdraw makes h an overdraft that takes n more bytes, if that is allowed. The caller holds mu.
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
		of.free() // others may use its former bytes
	}
	return true
}

// wait adds n to the number of waiters. The caller holds mu.
func (of *bytesHeld) wait(delta int) {
	before := of.waiters
	of.waiters += delta
	if of.waiting != nil && (before == 0 || of.waiters == 0) {
		of.waiting(of.waiters > 0)
	}
}

// free wakes the waiters. The caller holds mu.
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

// end gives all bytes back.
func (h *holding) end() { h.keep(0) }

// pressed reports whether a holder waits.
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
