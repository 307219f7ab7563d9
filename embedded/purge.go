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

// purgeChunk is how many records are removed while writers wait.
const purgeChunk = 256

// purgedRow is the row that a purge is at.
type purgedRow struct {
	prefix []byte
	// touched is set when the row is written to.
	touched atomic.Bool
}

// Purge removes for good what is covered by a tombstone, and tombstones and expired
// columns that are older than their family's gc_grace, and index entries of
// values that are no more. The background does it every
// [Options.PurgeInterval]. Readers are not disturbed; writers wait for a few hundred records at a time.
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

// purgeFamily looks for rows with something to remove.
func (s *Store) purgeFamily(ctx context.Context, f *family) error {
	r := newReader()
	defer r.release()
	familyStart := appendFamily(nil, tagData, f.id)
	if err := r.open(ctx, s, f, familyStart, prefixEnd(nil, familyStart)); err != nil {
		return err
	}
	gcBefore := r.now - int64(f.def.GCGrace/time.Second)
	return r.rows(interval{}, func() (bool, error) {
		if err := r.openRow(); err != nil {
			return false, err
		}
		found := false
		err := r.doomed(gcBefore, func(key []byte) (bool, error) {
			found = true
			return false, nil
		})
		if err == nil && found {
			err = s.purgeRow(ctx, f, r.prefix, gcBefore)
		}
		return err == nil, err
	})
}

// doomed calls yield with the keys of the row's records that may be removed, first those of columns
// and then those of marks, until it returns false.
func (r *reader) doomed(gcBefore int64, yield func(key []byte) (more bool, err error)) error {
	cells := append(bytes.Clone(r.prefix), secCells)
	for _, lower := range [][]byte{cells, r.prefix} {
		upper := prefixEnd(nil, lower)
		if len(lower) == len(r.prefix) {
			upper = cells
		}
		for ok := r.it.SeekGE(lower); ok && bytes.Compare(r.it.Key(), upper) < 0; ok = r.it.Next() {
			doomed, err := r.isDoomed(gcBefore)
			if err != nil {
				return err
			}
			if doomed {
				if more, err := yield(r.it.Key()); err != nil || !more {
					return err
				}
			}
		}
		if err := r.it.Error(); err != nil {
			return err
		}
	}
	return nil
}

// isDoomed reports whether the record at the iterator may be removed: it is old
// enough, or a column that is covered.
func (r *reader) isDoomed(gcBefore int64) (bool, error) {
	if r.it.Key()[len(r.prefix)] == secCells {
		live, err := r.here()
		if err != nil || live {
			return false, err
		}
		if c := &r.cell; c.super != nil {
			if err := r.openSuper(c.super); err != nil {
				return false, err
			}
		}
		return r.cell.goneBefore(gcBefore) || r.covers(&r.cell), nil
	}
	value, err := r.it.ValueAndErr()
	if err != nil {
		return false, err
	}
	var rec record
	if err := rec.decode(value); err != nil {
		return false, err
	}
	return rec.goneBefore(gcBefore), nil
}

// purgeRow removes what can be removed of one row. A mark goes only after all
// that it covers is gone. It stays for the next purge if the row was written to meanwhile, since that
// may have brought something that it covers.
func (s *Store) purgeRow(ctx context.Context, f *family, prefix []byte, gcBefore int64) error {
	row := &purgedRow{prefix: bytes.Clone(prefix)}
	if err := s.setPurging(ctx, row); err != nil {
		return err
	}
	defer s.purging.Store(nil)

	r := newReader()
	defer r.release()
	r.prefix = append(r.prefix[:0], row.prefix...) // not row.prefix itself: the reader's memory is used again
	r.end = prefixEnd(r.end[:0], r.prefix)
	if err := r.open(ctx, s, f, r.prefix, r.end); err != nil {
		return err
	}
	if err := r.openRow(); err != nil {
		return err
	}
	var keys [][]byte
	err := r.doomed(gcBefore, func(key []byte) (bool, error) {
		keys = append(keys, bytes.Clone(key))
		if len(keys) < purgeChunk {
			return true, nil
		}
		err := s.removeDoomed(ctx, f, row, keys, gcBefore)
		keys = keys[:0]
		return err == nil, err
	})
	if err == nil && len(keys) > 0 {
		err = s.removeDoomed(ctx, f, row, keys, gcBefore)
	}
	return err
}

// setPurging makes row the one that writers look out for, from the next write on.
func (s *Store) setPurging(ctx context.Context, row *purgedRow) error {
	if err := s.writers.Lock(ctx); err != nil {
		return err
	}
	defer s.writers.Unlock()
	s.purging.Store(row)
	return nil
}

// removeDoomed removes those of the keys that are still doomed. No one writes meanwhile.
func (s *Store) removeDoomed(ctx context.Context, f *family, row *purgedRow, keys [][]byte, gcBefore int64) error {
	if err := s.writers.Lock(ctx); err != nil {
		return err
	}
	defer s.writers.Unlock()
	if err := s.health.check(); err != nil {
		return err
	}
	r := newReader()
	defer r.release()
	r.prefix = append(r.prefix[:0], row.prefix...) // not row.prefix itself: the reader's memory is used again
	r.end = prefixEnd(r.end[:0], r.prefix)
	if err := r.open(ctx, s, f, r.prefix, r.end); err != nil {
		return err
	}
	if err := r.openRow(); err != nil {
		return err
	}
	b := s.db.NewBatch()
	defer b.Close()
	for _, key := range keys {
		if key[len(row.prefix)] == secMarks && row.touched.Load() {
			continue
		}
		if !r.it.SeekGE(key) || !bytes.Equal(r.it.Key(), key) {
			continue // a truncation was faster
		}
		doomed, err := r.isDoomed(gcBefore)
		if err != nil {
			return err
		}
		if doomed {
			if err := b.Delete(key, nil); err != nil {
				return err
			}
		}
	}
	if err := r.it.Error(); err != nil || b.Empty() {
		return err
	}
	// Not synced: if it is lost, there is as much to purge as before.
	return s.commit(b, pebble.NoSync)
}

// purgeIndex removes the stale entries of an index.
func (s *Store) purgeIndex(ctx context.Context, f *family, x *index) error {
	prefix := binary.BigEndian.AppendUint32(appendFamily(nil, tagIndex, f.id), x.id)
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: prefixEnd(nil, prefix)})
	if err != nil {
		return err
	}
	defer it.Close()
	var stale []staleEntry
	for ok := it.First(); ok; ok = it.Next() {
		if err := s.interrupted(ctx); err != nil {
			return err
		}
		is, err := s.isStale(ctx, f, x, it.Key())
		if err != nil {
			return err
		}
		if is {
			stale = append(stale, staleEntry{f, x, bytes.Clone(it.Key())})
		}
		if len(stale) == purgeChunk {
			if err := s.removeStale(ctx, stale); err != nil {
				return err
			}
			stale = stale[:0]
		}
	}
	if err := it.Error(); err != nil || len(stale) == 0 {
		return err
	}
	return s.removeStale(ctx, stale)
}

// purgePeriodically is the background of Purge.
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
			s.opts.Logger.Error("purge", "error", err)
		}
	}
}
