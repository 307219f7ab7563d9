package widerow

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
)

// Batch gathers writes to families of one keyspace and sends them in one call. The zero
// value is an empty batch:
//
//	var b widerow.Batch
//	b.Insert(users, "thobbs", widerow.Values{{"name", "Tyler"}})
//	b.Remove(followers, "thobbs")
//	err := b.Send(ctx)
//
// The methods can be chained. They only pack and queue writes. [Batch.Send] makes the call,
// and [InBatch] makes a call whenever a number of writes is queued. If a write cannot be
// packed, later writes are refused, and Send returns the error of that write without
// sending anything, until [Batch.Reset]. If Send fails, the writes stay queued, so that Send
// can be called again; [SafeToRetry] reports whether that is safe.
//
// A Batch is safe for concurrent use. It must not be copied once it is used.
type Batch struct {
	mu       sync.Mutex
	db       *DB // of the first write, as keyspace is
	keyspace string
	level    Consistency // of the first write's family
	rows     []backend.RowMutation
	counter  bool
	silent   int64 // how many rows have not been reported by a Send yet
	err      error // the first write that could not be packed
	failed   error // of the last send

	flush *flush // nil if the batch is sent only by Send
}

// flush says when a batch sends by itself.
type flush struct {
	ctx  context.Context // of the InBatch that the batch is in
	size int
	opts []WriteOption
	next int // the queue's length that makes the batch send
}

// InBatch calls fill with a new batch, which is sent whenever size writes are queued and
// at the end. Zero means 100 writes; negative means only at the end. The options are those of
// [Batch.Send].
//
// If fill fails, InBatch drops the writes that are not sent yet and returns fill's error. If
// a send fails, the writes stay queued, and the next send, at the end at the latest, retries
// all of them. With [Batch.Err], fill can stop early. If the last send fails, the batch keeps
// the writes: its Send can be called again.
func InBatch(ctx context.Context, size int, fill func(*Batch) error, opts ...WriteOption) error {
	const op = "send batch"
	if ctx == nil {
		return opError(op, "", refusal.NoContext())
	}
	if fill == nil {
		return opError(op, "", invalid("the function fill is nil"))
	}
	if _, err := options(opts, forSend); err != nil {
		return opError(op, "", err)
	}
	b := new(Batch)
	if size >= 0 {
		size = cmp.Or(size, defaultQueue)
		b.flush = &flush{ctx: ctx, size: size, opts: opts, next: size}
	}
	if err := fill(b); err != nil {
		b.Reset()
		return err
	}
	return b.Send(ctx, opts...)
}

// defaultQueue is how many writes InBatch gathers before it sends them.
const defaultQueue = 100

// Insert queues writing columns of a row of f, as [Family.Insert] does. Insert packs the
// columns at once and takes the timestamp at once.
func (b *Batch) Insert(f *Family, key, columns any, opts ...WriteOption) *Batch {
	return b.enqueue("batch insert", f, key, opts, forInsert, func(t *types, c *call) (backend.RowMutation, error) {
		return t.insertion(f.name, key, columns, c, f.timestamp(c))
	})
}

// Add queues adding delta to a counter of f, as [Family.Add] does.
func (b *Batch) Add(f *Family, key, column any, delta int64, opts ...WriteOption) *Batch {
	return b.enqueue("batch add", f, key, opts, forCell, func(t *types, c *call) (backend.RowMutation, error) {
		return t.addition(f.name, key, column, delta, c)
	})
}

// Remove queues a removal from a row of f, as [Family.Remove] does.
func (b *Batch) Remove(f *Family, key any, opts ...WriteOption) *Batch {
	return b.enqueue("batch remove", f, key, opts, forRemove, func(t *types, c *call) (backend.RowMutation, error) {
		return t.removal(f.name, key, c, f.timestamp(c))
	})
}

// RemoveSlice queues a removal of a slice of a row of f, as [Family.RemoveSlice] does.
func (b *Batch) RemoveSlice(f *Family, key, from, to any, opts ...WriteOption) *Batch {
	return b.enqueue("batch remove slice", f, key, opts, forRemove&^optNames, func(t *types, c *call) (backend.RowMutation, error) {
		return t.sliceRemoval(f.name, key, from, to, c, f.timestamp(c))
	})
}

// enqueue packs a write, queues it, and sends if the batch does that by itself.
func (b *Batch) enqueue(op string, f *Family, key any, opts []WriteOption, allowed optionSet, pack func(*types, *call) (backend.RowMutation, error)) *Batch {
	if b == nil {
		return &Batch{err: f.fail(op, key, errNoBatch())}
	}
	b.mu.Lock()
	full, err := b.add(f, opts, allowed, pack)
	if err != nil && b.err == nil {
		b.err = f.fail(op, key, err)
	}
	b.mu.Unlock()
	if full {
		_ = b.send(b.flush.ctx, b.flush.opts) // the queue stays, and the next send reports it
	}
	return b
}

// add queues a write and reports whether the batch must be sent. The caller holds b.mu.
func (b *Batch) add(f *Family, opts []WriteOption, allowed optionSet, pack func(*types, *call) (backend.RowMutation, error)) (full bool, err error) {
	if b.err != nil {
		return false, nil
	}
	if !f.isOpen() {
		return false, errNoFamily()
	}
	c, err := options(opts, allowed)
	switch {
	case err != nil:
		return false, err
	case c.has(optLevel):
		return false, invalid("Level: a batch has one consistency level; give it to Send or InBatch")
	case b.db != nil && (f.db != b.db || f.keyspace != b.keyspace):
		return false, invalid("%s.%s is not of the batch's keyspace %s", f.keyspace, f.name, b.keyspace)
	}
	t := f.types.Load()
	row, err := pack(t, c)
	if err != nil || len(row.Mutations) == 0 {
		return false, err
	}
	if b.db == nil {
		b.db, b.keyspace, b.level = f.db, f.keyspace, f.writeLevel(new(call))
	}
	b.rows = append(b.rows, row)
	b.counter = b.counter || t.counter
	b.silent++
	b.db.unsent.Add(1)
	if b.flush == nil || len(b.rows) < b.flush.next {
		return false, nil
	}
	// If this send fails, the batch sends again when this many more writes are queued.
	b.flush.next = len(b.rows) + b.flush.size
	return true, nil
}

// Send sends the queued writes, as one call. [Level] sets its consistency level; the default
// is the level of the family of the first write. [Atomic] makes the call all-or-nothing.
func (b *Batch) Send(ctx context.Context, opts ...WriteOption) error {
	if b == nil {
		return opError("send batch", "", errNoBatch())
	}
	return b.send(ctx, opts)
}

func errNoBatch() error { return invalid("the batch is nil: new(Batch) makes one") }

func (b *Batch) send(ctx context.Context, opts []WriteOption) error {
	const op = "send batch"
	b.mu.Lock()
	b.reported()
	b.mu.Unlock()
	if ctx == nil {
		return opError(op, "", refusal.NoContext())
	}
	c, err := options(opts, forSend)
	if err != nil {
		return opError(op, "", err)
	}
	b.mu.Lock()
	if b.err != nil || len(b.rows) == 0 {
		defer b.mu.Unlock()
		return b.err
	}
	rows, counter := b.rows, b.counter
	b.rows, b.counter, b.failed = nil, false, nil
	if b.flush != nil {
		b.flush.next = b.flush.size
	}
	r := &backend.MutateRequest{Keyspace: b.keyspace, Rows: rows, Atomic: c.atomic, Consistency: cmp.Or(c.level, b.level)}
	db := b.db
	b.mu.Unlock()

	// Other goroutines may queue writes while this call runs.
	if err = db.backend.Mutate(ctx, r); err == nil {
		return nil
	}
	err = &Error{Op: op, Err: err, counter: counter}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.db != db || b.keyspace != r.Keyspace {
		return err // Reset dropped the writes while the call ran
	}
	b.rows, b.counter, b.failed = append(rows, b.rows...), b.counter || counter, err
	if b.flush != nil {
		b.flush.next = len(b.rows) + b.flush.size
	}
	return err
}

// Err returns the error of a write that could not be packed, or else the error of the last
// send. It returns nil if there is neither.
func (b *Batch) Err() error {
	if b == nil {
		return opError("batch", "", errNoBatch())
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	return b.failed
}

// Len returns the number of queued writes.
func (b *Batch) Len() int {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.rows)
}

// Reset drops the queued writes and forgets the error. Then the batch may be used for
// another keyspace.
func (b *Batch) Reset() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reported()
	b.db, b.keyspace, b.level = nil, "", 0
	b.rows, b.counter, b.err, b.failed = nil, false, nil, nil
}

// reported notes that a Send reports the outcome of the queued writes to the caller. Then
// DB.Close does not count them as never sent. The caller holds b.mu.
func (b *Batch) reported() {
	if b.db != nil {
		b.db.unsent.Add(-b.silent)
		b.silent = 0
	}
}

// unsent counts the writes that are queued in the batches of a DB and whose outcome no Send
// has reported.
type unsent struct{ atomic.Int64 }

// check reports writes that were never sent.
func (u *unsent) check() error {
	if n := u.Load(); n > 0 {
		return invalid("%d writes were queued in batches and never sent; Batch.Send sends them, Batch.Reset drops them", n)
	}
	return nil
}
