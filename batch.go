package widerow

import (
	"cmp"
	"context"
	"sync"

	"github.com/widerow/widerow/backend"
)

// defaultQueue is how many operations a batch gathers before it sends them.
const defaultQueue = 100

// Batch gathers inserts and removals, across the families of one keyspace, and
// sends them in one call: when [Batch.Send] is called, and by itself whenever
// [QueueSize] of them are queued. Its methods can be chained. It is safe for
// concurrent use: while it sends, others wait.
//
// The first error sticks, as a bufio.Writer's does: an operation that cannot be
// packed, or a sending by itself that failed. From then on operations are
// refused and Send fails with that error without sending anything, until
// [Batch.Reset]. A Send that fails for another reason keeps the operations, so
// that it can be called again; [SafeToRetry] tells whether that is safe.
type Batch struct {
	keyspace *Keyspace
	queue    int
	atomic   bool
	level    Consistency

	// sem is a lock that a context can stop waiting for. It is held while the
	// batch sends, and guards what follows.
	sem     chan struct{}
	rows    []backend.RowMutation
	counter bool

	// mu guards err. It comes after sem.
	mu  sync.Mutex
	err error
}

// Batch returns an empty batch for the families of the keyspace. Its
// consistency level is the one that [With] gives it, or else the DB's.
func (ks *Keyspace) Batch(opts ...BatchOption) *Batch {
	c, err := options(opts)
	b := &Batch{
		keyspace: ks, queue: defaultQueue, atomic: c.atomic, sem: make(chan struct{}, 1),
		level: cmp.Or(c.level, ks.db.opts.Write, One),
		err:   opError("batch", ks.name, err),
	}
	if c.hasQueue {
		b.queue = c.queue
	}
	return b
}

// InBatch calls fill with a new batch and sends it at the end. If fill fails,
// what was not sent by then is dropped and the result is fill's error.
func (ks *Keyspace) InBatch(ctx context.Context, fill func(*Batch) error, opts ...BatchOption) error {
	b := ks.Batch(opts...)
	if err := fill(b); err != nil {
		return err
	}
	return b.Send(ctx)
}

// Insert queues writing columns of a row of f, as [Family.Insert] does. The
// columns are packed at once and the timestamp is this moment's. ctx is for the
// sending that it may cause.
func (b *Batch) Insert(ctx context.Context, f *Family, key any, columns Columns, opts ...InsertOption) *Batch {
	b.enqueue(ctx, "batch insert", f, key, func(t *types) (backend.RowMutation, error) {
		c, err := options(opts)
		if err != nil {
			return backend.RowMutation{}, err
		}
		if c.level != 0 {
			return backend.RowMutation{}, errBatchLevel()
		}
		return t.insertion(f.name, key, columns, c, f.timestamp(c))
	})
	return b
}

// Remove queues a removal from a row of f, as [Family.Remove] does.
func (b *Batch) Remove(ctx context.Context, f *Family, key any, opts ...RemoveOption) *Batch {
	b.enqueue(ctx, "batch remove", f, key, func(t *types) (backend.RowMutation, error) {
		c, err := options(opts)
		if err != nil {
			return backend.RowMutation{}, err
		}
		if c.level != 0 {
			return backend.RowMutation{}, errBatchLevel()
		}
		return t.removal(f.name, key, c, f.timestamp(c))
	})
	return b
}

// RemoveSlice queues a removal of a slice of a row of f, as [Family.RemoveSlice] does.
func (b *Batch) RemoveSlice(ctx context.Context, f *Family, key, from, to any, opts ...RemoveSliceOption) *Batch {
	b.enqueue(ctx, "batch remove slice", f, key, func(t *types) (backend.RowMutation, error) {
		c, err := options(opts)
		if err != nil {
			return backend.RowMutation{}, err
		}
		if c.level != 0 {
			return backend.RowMutation{}, errBatchLevel()
		}
		return t.sliceRemoval(f.name, key, from, to, c, f.timestamp(c))
	})
	return b
}

func errBatchLevel() error {
	return invalid("With: a batch has one consistency level; give it to Batch or Send")
}

func (b *Batch) enqueue(ctx context.Context, op string, f *Family, key any, pack func(*types) (backend.RowMutation, error)) {
	if err := b.lock(ctx); err != nil {
		// The operation is lost, so that the batch must not be sent as if whole.
		b.fail(opError(op, target(f.name, key), err))
		return
	}
	defer b.unlock()
	if b.Err() != nil {
		return
	}
	t := f.types.Load()
	var row backend.RowMutation
	var err error
	if f.db != b.keyspace.db || f.keyspace != b.keyspace.name {
		err = invalid("%s.%s is not of the batch's keyspace %s", f.keyspace, f.name, b.keyspace.name)
	} else {
		row, err = pack(t)
	}
	if err != nil {
		b.fail(opError(op, target(f.name, key), err))
		return
	}
	if len(row.Mutations) == 0 {
		return
	}
	b.rows = append(b.rows, row)
	b.counter = b.counter || t.counter
	if b.queue > 0 && len(b.rows) >= b.queue {
		if err := b.sendLocked(ctx, b.level); err != nil {
			b.fail(err)
		}
	}
}

// Send sends what is queued. With overrides the batch's consistency level.
func (b *Batch) Send(ctx context.Context, opts ...SendOption) error {
	c, err := options(opts)
	if err != nil {
		return opError("send batch", "", err)
	}
	if err := b.lock(ctx); err != nil {
		return opError("send batch", "", err)
	}
	defer b.unlock()
	if err := b.Err(); err != nil {
		return err
	}
	return b.sendLocked(ctx, cmp.Or(c.level, b.level))
}

func (b *Batch) sendLocked(ctx context.Context, level Consistency) error {
	if len(b.rows) == 0 {
		return nil
	}
	err := b.keyspace.db.backend.Mutate(ctx, &backend.MutateRequest{
		Keyspace: b.keyspace.name, Rows: b.rows, Atomic: b.atomic, Consistency: level,
	})
	if err != nil {
		return &Error{Op: "send batch", Err: err, counter: b.counter}
	}
	clear(b.rows)
	b.rows, b.counter = b.rows[:0], false
	return nil
}

// Err returns the error that sticks, or nil.
func (b *Batch) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// Len returns the number of queued operations.
func (b *Batch) Len() int {
	b.sem <- struct{}{}
	defer b.unlock()
	return len(b.rows)
}

// Reset drops what is queued and forgets the error.
func (b *Batch) Reset() {
	b.sem <- struct{}{}
	defer b.unlock()
	b.rows, b.counter = nil, false
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = nil
}

func (b *Batch) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = err
	}
}

func (b *Batch) lock(ctx context.Context) error {
	select {
	case b.sem <- struct{}{}:
		return nil
	default:
	}
	select {
	case b.sem <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *Batch) unlock() { <-b.sem }

// FamilyBatch is a [Batch] whose operations are all on one family.
type FamilyBatch struct {
	batch  *Batch
	family *Family
}

// Batch returns an empty batch for the family. Its consistency level is the one
// that [With] gives it, or else the family's.
func (f *Family) Batch(opts ...BatchOption) *FamilyBatch {
	level := With(f.writeLevel(new(call)))
	return &FamilyBatch{f.Keyspace().Batch(append([]BatchOption{level}, opts...)...), f}
}

// InBatch calls fill with a new batch and sends it at the end. If fill fails,
// what was not sent by then is dropped and the result is fill's error.
func (f *Family) InBatch(ctx context.Context, fill func(*FamilyBatch) error, opts ...BatchOption) error {
	b := f.Batch(opts...)
	if err := fill(b); err != nil {
		return err
	}
	return b.Send(ctx)
}

// Insert queues writing columns of a row, as [Batch.Insert] does.
func (b *FamilyBatch) Insert(ctx context.Context, key any, columns Columns, opts ...InsertOption) *FamilyBatch {
	b.batch.Insert(ctx, b.family, key, columns, opts...)
	return b
}

// Remove queues a removal from a row, as [Batch.Remove] does.
func (b *FamilyBatch) Remove(ctx context.Context, key any, opts ...RemoveOption) *FamilyBatch {
	b.batch.Remove(ctx, b.family, key, opts...)
	return b
}

// RemoveSlice queues a removal of a slice of a row, as [Batch.RemoveSlice] does.
func (b *FamilyBatch) RemoveSlice(ctx context.Context, key, from, to any, opts ...RemoveSliceOption) *FamilyBatch {
	b.batch.RemoveSlice(ctx, b.family, key, from, to, opts...)
	return b
}

// Send sends what is queued, as [Batch.Send] does.
func (b *FamilyBatch) Send(ctx context.Context, opts ...SendOption) error {
	return b.batch.Send(ctx, opts...)
}

// Err returns the error that sticks, or nil.
func (b *FamilyBatch) Err() error { return b.batch.Err() }

// Len returns the number of queued operations.
func (b *FamilyBatch) Len() int { return b.batch.Len() }

// Reset drops what is queued and forgets the error.
func (b *FamilyBatch) Reset() { b.batch.Reset() }
