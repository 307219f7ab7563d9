package embedded

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/catalog"
)

// Mutate implements [backend.Backend]. The whole request is atomic, whether or not
// Atomic is set. After an error other than ErrInvalidRequest, ErrUnavailable and ErrNoWrites, the
// change may have been made.
func (s *Store) Mutate(ctx context.Context, r *backend.MutateRequest) (err error) {
	if err := s.enterWrite(ctx); err != nil {
		return err
	}
	defer s.leave(&err)
	if err := s.admit(ctx); err != nil {
		return err
	}
	size := 0
	for i := range r.Rows {
		size += batchSize(&r.Rows[i])
	}
	b, err := s.newBatch(ctx, size, deletesSlices(r))
	if err != nil {
		return err
	}
	defer b.afterPanic()
	wait, err := s.apply(ctx, r, b.Batch)
	return s.settle(ctx, b, wait, err)
}

// settle ends a write: it waits for the log, if the durability requires it, and closes the batch. If ctx ends first,
// the write continues in the background.
func (s *Store) settle(ctx context.Context, b sizedBatch, wait bool, err error) error {
	if !wait {
		return errors.Join(err, b.Close())
	}
	if ctx.Done() == nil {
		return s.inLog(b)
	}
	done := make(chan error, 1)
	go func() { done <- s.inLog(b) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// inLog waits until a batch is in the log: on disk or, if the durability does not require that, with the operating
// system, which keeps it if the process ends.
func (s *Store) inLog(b sizedBatch) error {
	err := b.SyncWait()
	if err == nil {
		err = s.health.logError() // a failure that logFS hid from Pebble
	}
	return errors.Join(err, b.Close())
}

// apply makes a request visible and reports whether the caller must wait for the disk. After
// an error it need not.
func (s *Store) apply(ctx context.Context, r *backend.MutateRequest, b *pebble.Batch) (wait bool, err error) {
	if err := s.writers.RLock(ctx); err != nil {
		return false, err
	}
	defer s.writers.RUnlock()
	return s.applyLocked(ctx, r, b)
}

// applyLocked is apply; the caller holds s.writers.
func (s *Store) applyLocked(ctx context.Context, r *backend.MutateRequest, b *pebble.Batch) (wait bool, err error) {
	if err := s.health.check(); err != nil {
		return false, err
	}
	t := s.tables.Load()
	w := writerPool.Get().(*writer)
	defer w.release()
	w.ctx, w.s, w.b, w.now = ctx, s, b, s.now()
	if w.families, err = t.cat.CheckMutate(w.families[:0], r); err != nil {
		return false, err
	}
	for i := range r.Rows {
		if err := w.row(t.family(w.families[i]), &r.Rows[i]); err != nil {
			return false, err
		}
	}
	if b.Empty() {
		return false, nil
	}
	if err := w.setTraits(); err != nil {
		return false, err
	}
	wait = t.durable(r.Keyspace)
	if wait {
		s.health.room.add(b)
		err = s.db.ApplyNoSyncWait(b, pebble.Sync)
	} else {
		err = s.commit(b, pebble.NoSync)
	}
	if err != nil {
		return false, err
	}
	w.traitsSet()
	w.landed()
	return wait, nil
}

// writer turns mutations into the records of a batch.
type writer struct {
	ctx context.Context
	s   *Store
	b   *pebble.Batch
	now int64
	f   *family

	families []*catalog.Family
	prefix   []byte // of the row
	key      []byte // for reuse
	bring    []broughtTrait
	purged   *purgedRow    // the row, if its marks are being purged
	watched  *watchedRow   // the row, if it is watched
	touched  []*watchedRow // rows to notify when the batch has landed
	marking  bool          // Store.marking is held
	void     void          // the void that the last span makes in voidRow
	voidRow  *watchedRow
}

type broughtTrait struct {
	f *family
	trait
}

var writerPool = sync.Pool{New: func() any { return new(writer) }}

// landed records the void that the batch made. The batch has been applied.
func (w *writer) landed() {
	if w.voidRow != nil && w.void.hi != nil {
		w.voidRow.note(&w.s.voids.clock, w.void)
	}
}

func (w *writer) release() {
	if w.marking {
		w.s.marking.Unlock()
	}
	for _, row := range w.touched {
		row.landed(w)
	}
	clear(w.touched)
	clear(w.families)
	clear(w.bring)
	*w = writer{
		families: w.families[:0], prefix: w.prefix[:0], key: w.key[:0],
		bring: w.bring[:0], touched: w.touched[:0],
	}
	writerPool.Put(w)
}

// row adds the mutations of one row.
func (w *writer) row(f *family, r *backend.RowMutation) error {
	w.f = f
	w.prefix = f.appendRow(w.prefix[:0], w.s.part, r.Key)
	w.purged = w.s.purged(w.prefix)
	if w.watched = w.s.voids.find(w.prefix); w.watched != nil {
		w.touched = append(w.touched, w.watched)
	}
	for i := range r.Mutations {
		m := &r.Mutations[i]
		var err error
		switch m.Op {
		case backend.Insert:
			err = w.insert(m)
		case backend.Add:
			err = w.add(m)
		default: // Delete: the catalog has checked the operation
			err = w.delete(m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cellKey sets w.key to the key of a column, and stores in rec the names that cannot be decoded from it.
func (w *writer) cellKey(super, name []byte, rec *record) (err error) {
	var exact bool
	w.key = append(append(w.key[:0], w.prefix...), secCells)
	if w.f.subs != nil {
		if w.key, exact, err = appendName(w.key, w.f.names, super); err != nil {
			return err
		}
		if !exact {
			rec.kind |= kindSuperNamed
			rec.super = super
		}
	}
	if w.key, exact, err = appendName(w.key, w.f.columnNames(), name); err != nil {
		return err
	}
	if !exact {
		rec.kind |= kindNamed
		rec.name = name
	}
	return nil
}

// room returns an error if the request has become too long.
func (w *writer) room(n int) error {
	if w.b.Len()+n > MaxRequest {
		return backend.InvalidRequest("the request writes more than %d bytes", MaxRequest)
	}
	return nil
}

// merge adds a record under w.key.
func (w *writer) merge(rec *record, value []byte) error {
	head := rec.headSize()
	if err := w.room(len(w.key) + head + len(value)); err != nil {
		return err
	}
	op := w.b.MergeDeferred(len(w.key), head+len(value))
	copy(op.Key, w.key)
	copy(op.Value[len(rec.appendHead(op.Value[:0])):], value)
	return op.Finish()
}

func (w *writer) insert(m *backend.Mutation) error {
	c := &m.Column
	if len(c.Value) > MaxValue {
		return backend.InvalidRequest("the value of column %x has %d bytes, and the most is %d", c.Name, len(c.Value), MaxValue)
	}
	rec := record{timestamp: c.Timestamp}
	if ttl := w.f.def.TTL(c.TTL); ttl > 0 {
		rec.kind |= kindExpiring
		rec.ttl, rec.expires = ttl, w.now+int64(ttl)
		w.brings(traitGarbage)
	}
	if err := w.cellKey(m.Super, c.Name, &rec); err != nil {
		return err
	}
	w.fills()
	if w.purged != nil && c.Timestamp <= w.purged.newest {
		w.purged.touched.Store(true)
	}
	if err := w.merge(&rec, c.Value); err != nil {
		return err
	}
	if len(w.f.indexes) == 0 {
		return nil
	}
	x := w.f.index(w.key[len(w.prefix)+1:])
	if x == nil {
		return nil
	}
	var err error
	if w.key, err = x.appendEntries(w.key[:0], w.f.id, c.Value); err != nil {
		return err
	}
	w.key = append(w.key, w.prefix[familyPrefixLen:]...)
	if err := w.room(len(w.key)); err != nil {
		return err
	}
	return w.b.Set(w.key, nil, nil)
}

func (w *writer) add(m *backend.Mutation) error {
	rec := record{kind: kindCounter, timestamp: m.Delta}
	if err := w.cellKey(m.Super, m.Column.Name, &rec); err != nil {
		return err
	}
	w.fills()
	return w.merge(&rec, nil)
}

// fills reports to a watched row that w.key may become live.
func (w *writer) fills() {
	if w.watched != nil {
		w.watched.writes(w, w.key)
	}
}

func (w *writer) delete(m *backend.Mutation) error {
	w.brings(traitGarbage)
	switch p := m.Columns; {
	case p == nil && m.Super == nil:
		return w.mark(traitRowMarks, m, nil, interval{}, markRow)
	case p == nil:
		return w.deleteSuper(m, m.Super)
	case p.Names != nil:
		for _, name := range p.Names {
			var err error
			if w.f.subs != nil && m.Super == nil {
				err = w.deleteSuper(m, name)
			} else {
				err = w.deleteColumn(m, name)
			}
			if err != nil {
				return err
			}
		}
		return nil
	default:
		return w.deleteSlice(m, p)
	}
}

func (w *writer) deleteColumn(m *backend.Mutation, name []byte) error {
	rec := record{kind: kindDeleted, timestamp: m.Timestamp, deletedAt: w.now}
	if w.f.def.Counter {
		rec.kind |= kindCounter
		rec.timestamp = 0
	}
	if err := w.cellKey(m.Super, name, &rec); err != nil {
		return err
	}
	if !w.f.def.Counter {
		return w.merge(&rec, nil)
	}
	// A counter has no timestamps: the tombstone replaces earlier increments.
	if err := w.room(len(w.key) + rec.headSize()); err != nil {
		return err
	}
	return w.b.Set(w.key, rec.appendHead(nil), nil)
}

func (w *writer) deleteSuper(m *backend.Mutation, super []byte) error {
	enc, _, err := appendName(nil, w.f.names, super)
	if err != nil {
		return err
	}
	return w.mark(traitSuperMarks, m, enc, interval{}, markRow)
}

func (w *writer) deleteSlice(m *backend.Mutation, p *backend.Predicate) error {
	codec, t := w.f.names, traitSliceMarks
	var super []byte
	if m.Super != nil && w.f.subs != nil {
		codec, t = w.f.subs, traitSuperMarks
		var err error
		if super, _, err = appendName(nil, w.f.names, m.Super); err != nil {
			return err
		}
	}
	v, err := intervalOf(codec, p.Start, p.Finish)
	if err != nil {
		return err
	}
	return w.mark(t, m, super, v, markSlice)
}

// mark adds a tombstone of a row or, if super is not nil, of a super column. kind is
// markRow, for the whole of it, or markSlice, for the interval.
func (w *writer) mark(t trait, m *backend.Mutation, super []byte, v interval, kind byte) error {
	rec := record{kind: kindMark, timestamp: m.Timestamp, deletedAt: w.now}
	if w.f.def.Counter {
		// A counter has no timestamps: earlier increments are removed by this write.
		// The mark only keeps the row in ranges.
		w.key = append(append(append(w.key[:0], w.prefix...), secCells), super...)
		lower, upper := v.bounds(w.key)
		if err := w.b.DeleteRange(lower, upper, nil); err != nil {
			return err
		}
	} else {
		w.brings(t)
	}
	w.key = append(append(w.key[:0], w.prefix...), secMarks)
	if super != nil {
		w.key = append(append(w.key, markSuper), super...)
	}
	if kind == markSlice {
		return w.addSpan(bytes.Clone(w.key), span{sliceMark{v, rec.timestamp}, rec.deletedAt})
	}
	w.key = append(w.key, kind)
	return w.merge(&rec, nil)
}

// brings records that the batch has the trait.
func (w *writer) brings(t trait) {
	if uint32(t)&^w.f.traits.onDisk.Load() == 0 {
		return
	}
	if b := (broughtTrait{w.f, t}); !slices.Contains(w.bring, b) {
		w.bring = append(w.bring, b)
	}
}

// setTraits makes the traits of the batch known to readers before it is applied.
func (w *writer) setTraits() error {
	for _, b := range w.bring {
		b.f.traits.inData.Or(uint32(b.trait))
		if err := w.b.Set(metaTrait(b.f.id, b.trait), nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// traitsSet records that later batches need not store the traits of an applied batch again. It need not wait for
// the sync: a later batch is never on disk without this one.
func (w *writer) traitsSet() {
	for _, b := range w.bring {
		b.f.traits.onDisk.Or(uint32(b.trait))
	}
}

// purged returns the row if its marks are being purged, and else nil.
func (s *Store) purged(prefix []byte) *purgedRow {
	if p := s.purging.Load(); p != nil && bytes.Equal(p.prefix, prefix) {
		return p
	}
	return nil
}

// durable reports whether the keyspace's writes must survive a crash.
func (t *tables) durable(keyspace string) bool {
	k := t.cat.Keyspace(keyspace)
	return k == nil || k.DurableWrites == nil || *k.DurableWrites
}
