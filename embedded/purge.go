package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
)

const (
	// purgeChunk is the number of records that are removed while writers wait, and purgeSpan the number
	// that are read to find them.
	purgeChunk = 256
	purgeSpan  = 4 * purgeChunk
	// purgeView is the number of records that the purge reads before it opens a new iterator. Pebble cannot
	// delete files that an open iterator uses.
	purgeView = 64 << 10
	// runToRange is the smallest number of consecutive records that are removed by one range
	// deletion. Pebble seeks past range deletions.
	runToRange = 16
)

// purgedRow is the row whose marks a purge is removing.
type purgedRow struct {
	prefix []byte
	newest int64 // the highest timestamp of those marks
	// touched is set by a write to the row that one of the marks may cover.
	touched atomic.Bool
}

// Purge frees the space of data that no read can return: of columns that a tombstone covers, of tombstones and expired
// columns that are older than their family's gc_grace, and of index entries of
// values that were replaced or removed. It runs in the background every
// [Options.PurgeInterval]. Reads do not wait for it. Writes wait while it removes a few hundred records at a time.
func (s *Store) Purge(ctx context.Context) (err error) {
	if err := s.enterWrite(ctx); err != nil {
		return err
	}
	defer s.leave(&err)
	return s.purge(ctx)
}

func (s *Store) purge(ctx context.Context) error {
	if err := s.purges.Lock(ctx); err != nil {
		return err
	}
	defer s.purges.Unlock()
	began := time.Now()
	failed := true // also if it panics
	defer func() { s.counts.purgeEnds(began, failed) }()
	if err := s.purgeAll(ctx); err != nil {
		return err
	}
	failed = false
	return nil
}

// purgeAll is one pass of the purge.
func (s *Store) purgeAll(ctx context.Context) error {
	for _, f := range s.tables.Load().sorted() {
		if f.traits.has(traitGarbage) {
			if err := s.purgeFamily(ctx, f); err != nil {
				return err
			}
		}
		for _, x := range f.indexes {
			if err := s.purgeIndex(ctx, f, x); err != nil {
				return err
			}
		}
	}
	return nil
}

// purging is the purge of one family.
type purging struct {
	ctx      context.Context
	s        *Store
	f        *family
	gcBefore int64
	removed  int // records that were removed since the last flush
}

func (s *Store) newPurging(ctx context.Context, f *family) *purging {
	return &purging{ctx: ctx, s: s, f: f, gcBefore: s.now() - int64(f.def.GCGrace/time.Second)}
}

// purgeFamily purges the rows that have something to remove.
func (s *Store) purgeFamily(ctx context.Context, f *family) error {
	p := s.newPurging(ctx, f)
	familyStart := appendFamily(nil, tagData, f.id)
	end := prefixEnd(nil, familyStart)
	for at := familyStart; at != nil; {
		dirty, next, err := p.nextDirty(at, end)
		if err == nil && dirty != nil {
			err = p.row(dirty)
		}
		if err == nil && p.removed >= purgeView {
			err = p.flush()
		}
		if err != nil {
			return err
		}
		at = next
	}
	return p.flush()
}

// nextDirty searches for a row with something to remove, from the key at on, and stops after a bounded number of
// records. It returns the row, or nil, and the key at which to continue, or nil at the end.
func (p *purging) nextDirty(at, end []byte) (dirty, next []byte, err error) {
	r := newReader()
	defer r.release()
	if err := r.open(p.ctx, p.s, p.f, at, end); err != nil {
		return nil, nil, err
	}
	for rows := 0; ; rows++ {
		if !r.it.SeekGE(at) {
			return nil, nil, r.it.Error()
		}
		if r.steps+rows > purgeView {
			return nil, bytes.Clone(r.it.Key()), nil
		}
		if err := p.s.interrupted(p.ctx); err != nil {
			return nil, nil, err
		}
		prefix, err := rowPrefix(p.s.part, r.it.Key())
		if err != nil {
			return nil, nil, err
		}
		r.prefix = append(r.prefix[:0], prefix...)
		at = prefixEnd(nil, r.prefix)
		is, err := p.isDirty(r)
		if err != nil {
			return nil, nil, err
		}
		if is {
			return bytes.Clone(r.prefix), at, nil
		}
	}
}

// isDirty reports whether the reader's row has something to remove. It also returns true if the row
// is too long to know.
func (p *purging) isDirty(r *reader) (bool, error) {
	if err := r.openRow(); err != nil {
		return false, err
	}
	row := prefixEnd(nil, r.prefix)
	for ok := r.it.SeekGE(r.prefix); ok && bytes.Compare(r.it.Key(), row) < 0; ok = r.it.Next() {
		if r.steps > purgeView {
			return true, nil
		}
		doomed, err := r.isDoomed(p.gcBefore)
		if doomed || err != nil {
			return doomed, err
		}
	}
	return false, r.it.Error()
}

// isDoomed reports whether the record at the iterator can be removed, because it is old enough or covered by a mark.
func (r *reader) isDoomed(gcBefore int64) (bool, error) {
	key := r.it.Key()
	if key[len(r.prefix)] == secCells {
		live, err := r.here()
		if err != nil || live {
			return false, err
		}
		c := &r.cell
		if c.goneBefore(gcBefore) {
			return true, nil
		}
		if c.super != nil {
			if err := r.openSuper(c.super); err != nil {
				return false, err
			}
		}
		return r.covers(c)
	}
	if r.steps++; r.steps%stepsPerCheck == 0 {
		if err := r.s.interrupted(r.ctx); err != nil {
			return false, err
		}
	}
	value, err := r.it.ValueAndErr()
	if err != nil {
		return false, err
	}
	if len(value) < spanHead || value[0] != kindMark {
		return false, errRecord
	}
	timestamp, at := int64(binary.BigEndian.Uint64(value[1:])), int64(binary.BigEndian.Uint64(value[recordHead:]))
	if at < gcBefore {
		return true, nil
	}
	// The mark of the row covers all other marks. It keeps the row in ranges for as long as they would.
	isWhole := len(key) == len(r.prefix)+2 && key[len(key)-1] == markRow
	return !isWhole && r.row.whole.covers(timestamp) && r.row.whole.at >= at, nil
}

// row removes what can be removed of one row. A mark is removed only after everything that it covers. If a write that
// the mark may cover happens during that time, the mark stays until the next purge.
func (p *purging) row(prefix []byte) error {
	cells := append(bytes.Clone(prefix), secCells)
	end := prefixEnd(nil, prefix)
	doomed, newest, err := p.doomedMarks(prefix, cells)
	if err != nil {
		return err
	}
	if !doomed {
		return p.remove(prefix, cells, end, nil)
	}
	row := &purgedRow{prefix: prefix, newest: newest}
	if err := p.s.setPurging(p.ctx, row); err != nil {
		return err
	}
	defer p.s.purging.Store(nil)
	if err := p.remove(prefix, cells, end, nil); err != nil {
		return err
	}
	return p.remove(prefix, prefix, cells, row)
}

// doomedMarks reports whether the row has marks to remove, and the highest timestamp among them.
func (p *purging) doomedMarks(prefix, cells []byte) (doomed bool, newest int64, err error) {
	err = p.each(prefix, prefix, cells, func(r *reader) (bool, error) {
		timestamp := int64(binary.BigEndian.Uint64(r.it.Value()[1:]))
		if !doomed || timestamp > newest {
			doomed, newest = true, timestamp
		}
		return true, nil
	})
	return doomed, newest, err
}

// each calls yield with a reader at each doomed record of the row from lower to upper, until it returns false.
func (p *purging) each(prefix, lower, upper []byte, yield func(*reader) (more bool, err error)) error {
	for at := lower; at != nil; {
		var err error
		if at, err = p.eachInView(prefix, at, upper, yield); err != nil {
			return err
		}
	}
	return nil
}

func (p *purging) eachInView(prefix, lower, upper []byte, yield func(*reader) (more bool, err error)) (next []byte, err error) {
	r, err := p.s.rowReader(p.ctx, p.f, prefix)
	if err != nil {
		return nil, err
	}
	defer r.release()
	for ok := r.it.SeekGE(lower); ok && bytes.Compare(r.it.Key(), upper) < 0; ok = r.it.Next() {
		if r.steps > purgeView {
			return bytes.Clone(r.it.Key()), nil
		}
		doomed, err := r.isDoomed(p.gcBefore)
		if err != nil {
			return nil, err
		}
		if !doomed {
			continue
		}
		if more, err := yield(r); err != nil || !more {
			return nil, err
		}
	}
	return nil, r.it.Error()
}

// remove removes the doomed records of the row from lower to upper. If row is not nil, these are marks.
func (p *purging) remove(prefix, lower, upper []byte, row *purgedRow) error {
	var first, last []byte // of a chunk
	count, began := 0, 0
	end := func() error {
		if count == 0 {
			return nil
		}
		count = 0
		for at := first; at != nil; {
			var err error
			if at, err = p.removeChunk(prefix, at, last, row); err != nil {
				return err
			}
		}
		return nil
	}
	err := p.each(prefix, lower, upper, func(r *reader) (bool, error) {
		// A chunk is short in records that stay, too, and within one view.
		if count == purgeChunk || count > 0 && (r.steps < began || r.steps-began >= purgeSpan) {
			if err := end(); err != nil {
				return false, err
			}
		}
		if count == 0 {
			first, began = append(first[:0], r.it.Key()...), r.steps
		}
		last = append(last[:0], r.it.Key()...)
		count++
		return true, nil
	})
	if err != nil {
		return err
	}
	return end()
}

// setPurging sets the row that writers check against, starting with the next write.
func (s *Store) setPurging(ctx context.Context, row *purgedRow) error {
	if err := s.writers.Lock(ctx); err != nil {
		return err
	}
	defer s.writers.Unlock()
	s.purging.Store(row)
	return nil
}

// removeChunk removes the doomed records between two keys of a row, both inclusive, while writers wait. If there are many more
// records than when the chunk was measured, it stops early and returns the key at which to continue; otherwise nil.
func (p *purging) removeChunk(prefix, first, last []byte, row *purgedRow) (next []byte, err error) {
	s := p.s
	if err := s.writers.Lock(p.ctx); err != nil {
		return nil, err
	}
	defer s.writers.Unlock()
	if err := s.health.check(); err != nil {
		return nil, err
	}
	if row != nil && row.touched.Load() {
		return nil, nil
	}
	r, err := p.s.rowReader(p.ctx, p.f, prefix)
	if err != nil {
		return nil, err
	}
	defer r.release()
	b := s.db.NewBatch()
	defer b.Close()
	run := removal{b: b, watched: s.voids.find(prefix)}
	for ok := r.it.SeekGE(first); ok && bytes.Compare(r.it.Key(), last) <= 0; ok = r.it.Next() {
		if r.steps >= 2*purgeSpan {
			next = bytes.Clone(r.it.Key())
			break
		}
		doomed, err := r.isDoomed(p.gcBefore)
		if err == nil && doomed && row != nil {
			doomed = int64(binary.BigEndian.Uint64(r.it.Value()[1:])) <= row.newest
		}
		if err == nil && doomed {
			run.add(r.it.Key())
		} else if err == nil {
			err = run.end()
		}
		if err != nil {
			return nil, err
		}
	}
	if err := errors.Join(r.it.Error(), run.end()); err != nil || b.Empty() {
		return next, err
	}
	// The removal need not be synced: if it is lost, the next purge repeats it.
	if err := s.commit(b, pebble.NoSync); err != nil {
		return nil, err
	}
	for _, v := range run.voids {
		run.watched.note(&s.voids.clock, v)
	}
	p.removed += run.removed
	s.counts.purged.Add(int64(run.removed))
	return next, nil
}

// removal gathers keys to remove, in order.
type removal struct {
	b       *pebble.Batch
	keys    [][]byte // that follow each other
	removed int

	watched *watchedRow
	voids   []void // the rest of the voids
}

func (m *removal) add(key []byte) { m.keys = append(m.keys, bytes.Clone(key)) }

// end ends a run of keys that follow each other.
func (m *removal) end() error {
	n := len(m.keys)
	if n == 0 {
		return nil
	}
	defer func() { m.keys = m.keys[:0] }()
	m.removed += n
	if n < runToRange {
		for _, key := range m.keys {
			if err := m.b.Delete(key, nil); err != nil {
				return err
			}
		}
		return nil
	}
	v := void{lo: m.keys[0], hi: append(m.keys[n-1], 0), steps: n}
	if m.watched != nil {
		m.voids = append(m.voids, v)
	}
	return m.b.DeleteRange(v.lo, v.hi, nil)
}

// flush flushes the memtables, so that readers need not step over the removed records in memory.
func (p *purging) flush() error {
	if p.removed < purgeSpan {
		return nil
	}
	p.removed = 0
	return p.s.flush(p.ctx)
}

// purgeIndex removes the stale entries of an index.
func (s *Store) purgeIndex(ctx context.Context, f *family, x *index) error {
	prefix := binary.BigEndian.AppendUint32(appendFamily(nil, tagIndex, f.id), x.id)
	for at := prefix; at != nil; {
		stale, next, err := s.staleEntries(ctx, f, x, at, prefixEnd(nil, prefix))
		if err == nil && len(stale) > 0 {
			err = s.removeStale(ctx, stale)
		}
		if err != nil {
			return err
		}
		at = next
	}
	return nil
}

// staleEntries searches for a chunk of stale entries, from the key at on, and stops after a bounded number of records. It
// returns the key at which to continue, or nil at the end.
func (s *Store) staleEntries(ctx context.Context, f *family, x *index, at, end []byte) (stale []staleEntry, next []byte, err error) {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: at, UpperBound: end})
	if err != nil {
		return nil, nil, err
	}
	defer it.Close()
	n := 0
	for ok := it.First(); ok; ok = it.Next() {
		if n++; n > purgeView || len(stale) == purgeChunk {
			return stale, bytes.Clone(it.Key()), nil
		}
		if err := s.interrupted(ctx); err != nil {
			return nil, nil, err
		}
		is, err := s.isStale(ctx, f, x, it.Key())
		if err != nil {
			return nil, nil, err
		}
		if is {
			stale = append(stale, staleEntry{f, x, bytes.Clone(it.Key())})
		}
	}
	return stale, nil, it.Error()
}

// purgePeriodically runs Purge in the background.
func (s *Store) purgePeriodically() {
	tick := time.NewTicker(s.opts.PurgeInterval)
	defer tick.Stop()
	for {
		select {
		case <-s.closing:
			return
		case <-tick.C:
		}
		err := s.guarded(s.purge)
		if err != nil && !errors.Is(err, backend.ErrClosed) && !errors.Is(err, backend.ErrNoWrites) {
			s.opts.Logger.Error("purge", "error", err.Error())
		}
	}
}
