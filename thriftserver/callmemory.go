package thriftserver

import (
	"context"
	"errors"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// callMemory counts the memory of a call besides its message: the decoded arguments, the request to the
// store, the store's result, and the reply. Calls that need little
// memory count as holding none. It is not safe for concurrent use.
type callMemory struct {
	held   holding
	credit int // bytes that may be taken before more are held
}

// begin begins a call.
func (m *callMemory) begin() { m.credit = smallMessage }

// take is a [backend.Reserve] that waits for room.
func (m *callMemory) take(ctx context.Context, n int) error {
	return m.spend(n, func(more int) error { return m.held.take(ctx, more) })
}

// try is a [backend.Reserve] that does not wait.
func (m *callMemory) try(_ context.Context, n int) error { return m.spend(n, m.held.try) }

func (m *callMemory) spend(n int, hold func(more int) error) error {
	const step = 64 << 10
	if n <= m.credit {
		m.credit -= n
		return nil
	}
	more := n - m.credit
	more += (step - more%step) % step
	switch err := hold(more); {
	case errors.Is(err, errTooMuch):
		return backend.InvalidRequest("the call would take more than %d bytes of memory, the limit of one call: "+
			"ask for fewer rows or columns at once", m.held.of.most)
	case errors.Is(err, errNoRoom):
		return &backend.Error{Kind: backend.KindUnavailable, Why: "too much memory is taken by other calls"}
	case err != nil:
		return err
	}
	m.credit += more - n
	return nil
}

// keep ends a call whose reply is n bytes long, and frees all its other memory.
func (m *callMemory) keep(n int) {
	if n <= smallMessage {
		n = 0
	}
	m.credit = 0
	m.held.keep(n)
}

// decode decodes the arguments of the call at the beginning of frame, and returns the bytes after it.
func (s *session) decode(ctx context.Context, frame []byte, args thriftwire.Args) (rest []byte, err error) {
	const small = 4 << 10 // messages up to this length decode to little memory
	var m *thriftwire.Memory
	if s.isStranger() {
		m = &strangersMemory
	} else if len(frame) > small {
		m = &thriftwire.Memory{Take: func(n int) error { return s.memory.take(ctx, n) }}
	}
	return m.DecodeArgs(frame, args)
}

// strangersMemory is enough for a login.
var strangersMemory = thriftwire.Memory{Limit: thriftwire.MemoryBase}

// countedStore is the server's store for the calls of a session. The memory of a read's result counts as held by the call.
type countedStore struct {
	backend.Backend
	reserve backend.Reserve
}

func (s *countedStore) Slice(ctx context.Context, r *backend.SliceRequest) ([]backend.Row, error) {
	r.Reserve = s.reserve
	return s.Backend.Slice(ctx, r)
}

func (s *countedStore) Count(ctx context.Context, r *backend.SliceRequest) ([]int, error) {
	r.Reserve = s.reserve
	return s.Backend.Count(ctx, r)
}

func (s *countedStore) Range(ctx context.Context, r *backend.RangeRequest) ([]backend.Row, error) {
	r.Reserve = s.reserve
	return s.Backend.Range(ctx, r)
}

func (s *countedStore) Index(ctx context.Context, r *backend.IndexRequest) ([]backend.Row, error) {
	r.Reserve = s.reserve
	return s.Backend.Index(ctx, r)
}

// sizeOf returns the length of a reply, or 0 if it is not known in advance.
func sizeOf(body thriftwire.Body) int {
	if e, ok := body.(thriftwire.Encoder); ok {
		return e.Size()
	}
	return 0
}
