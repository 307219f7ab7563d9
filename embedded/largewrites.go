package embedded

import (
	"context"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
)

// A write is copied into a batch, which waits in memory until it is a table. Small writes are bounded by
// their callers and by the tables in memory (Options.MemTableSize). Large ones take turns, so that the memory that they
// need depends on the largest of them, and not on how many there are.
const (
	// largeWrite is from how many bytes on a request takes turns.
	largeWrite = 1 << 20
	// largeWrites is how many bytes requests that take turns may have together. A larger one is alone.
	largeWrites = 64 << 20
)

// writeBudget is a number of bytes that large writes share. Callers get their parts in the order of
// their calls. A wait ends with the caller's context or when the store is closed.
type writeBudget struct {
	closing <-chan struct{}
	from    int // a smaller write takes nothing
	total   int

	mu    sync.Mutex
	taken int
	queue []*budgetWaiter
}

type budgetWaiter struct {
	n     int
	ready chan struct{} // closed once the caller has its part
}

// part is what a write of n bytes takes.
func (w *writeBudget) part(n int) int {
	if n < w.from {
		return 0
	}
	return min(n, w.total)
}

func (w *writeBudget) acquire(ctx context.Context, n int) error {
	if n = w.part(n); n == 0 {
		return nil
	}
	w.mu.Lock()
	if len(w.queue) == 0 && w.taken+n <= w.total {
		w.taken += n
		w.mu.Unlock()
		return nil
	}
	waiter := &budgetWaiter{n, make(chan struct{})}
	w.queue = append(w.queue, waiter)
	w.mu.Unlock()
	var err error
	select {
	case <-waiter.ready:
		return nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-w.closing:
		err = backend.ErrClosed
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.Index(w.queue, waiter); i >= 0 {
		w.queue = slices.Delete(w.queue, i, i+1)
	} else { // it got its part at the same time
		w.taken -= n
	}
	w.handOut() // the caller may have been what those behind it waited for
	return err
}

func (w *writeBudget) release(n int) {
	if n = w.part(n); n == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.taken -= n
	w.handOut()
}

// handOut gives the callers at the head of the queue their parts. The caller holds w.mu.
func (w *writeBudget) handOut() {
	for len(w.queue) > 0 && w.taken+w.queue[0].n <= w.total {
		w.taken += w.queue[0].n
		close(w.queue[0].ready)
		w.queue = slices.Delete(w.queue, 0, 1)
	}
}

// sizedBatch is a batch that has its part of the budget until it is closed.
type sizedBatch struct {
	*pebble.Batch
	letGo func() // returns the part at the first call; nil if the write took no part
}

// newBatch waits until the budget has room, and returns an empty batch for a write of about size
// bytes. If indexed, the batch can be read.
func (s *Store) newBatch(ctx context.Context, size int, indexed bool) (sizedBatch, error) {
	if err := s.large.acquire(ctx, size); err != nil {
		return sizedBatch{}, err
	}
	switch {
	case size >= s.large.from:
	case indexed:
		return sizedBatch{s.db.NewIndexedBatch(), nil}, nil
	default:
		return sizedBatch{s.db.NewBatch(), nil}, nil // from a pool
	}
	if err := s.awaitTables(ctx, size); err != nil {
		s.large.release(size)
		return sizedBatch{}, err
	}
	// A batch that grows doubles, and its content is in memory twice then.
	size = min(size, MaxRequest)
	var b *pebble.Batch
	if indexed {
		b = s.db.NewIndexedBatchWithSize(size)
	} else {
		b = s.db.NewBatchWithSize(size)
	}
	return sizedBatch{b, sync.OnceFunc(func() { s.large.release(size) })}, nil
}

// awaitTables waits before a write that does not fit into a table in memory until those before it are on disk: Pebble
// keeps such a batch as it is until then. If the disk refuses them, the write is refused.
func (s *Store) awaitTables(ctx context.Context, size int) error {
	table := s.opts.MemTableSize
	for uint64(size) > table/2 {
		changed := s.health.change()
		if s.db.Metrics().MemTable.Size <= 2*table {
			break
		}
		if err := s.health.checkFlush(); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.closing:
			return backend.ErrClosed
		}
	}
	return nil
}

// Close lets go of the batch.
func (b sizedBatch) Close() error {
	if b.letGo != nil {
		defer b.letGo()
	}
	return b.Batch.Close()
}

// afterPanic is deferred by calls that have a batch: one that panics does not close it.
func (b sizedBatch) afterPanic() {
	if p := recover(); p != nil {
		if b.letGo != nil {
			b.letGo()
		}
		panic(p)
	}
}

// batchSize returns about how many bytes the mutations of a row take in a batch, rather more than less.
func batchSize(r *backend.RowMutation) (n int) {
	const (
		record = 64 // bytes that the store adds to names and values
		escape = 2  // how much longer an encoded name may be
	)
	for i := range r.Mutations {
		m := &r.Mutations[i]
		n += record + escape*(len(r.Key)+len(m.Super)+len(m.Column.Name)) + len(m.Column.Value)
		if p := m.Columns; p != nil {
			n += escape * (len(p.Start) + len(p.Finish))
			for _, name := range p.Names {
				n += record + escape*(len(r.Key)+len(m.Super)+len(name))
			}
		}
	}
	return n
}
