package embedded

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
)

// Limits of the data that waits to be flushed or compacted. Pebble has such limits too, but a call that reaches
// them blocks in Pebble even after its context has ended, and so does Close.
const (
	memTables   = 4  // limit of the data in memory, in units of MemTableSize
	youngTables = 24 // limit of the overlapping tables in the youngest level
	noLimit     = 1 << 20
)

// perRecord is the memory that a record takes besides its own bytes.
const perRecord = 64

// room counts the bytes in memory that wait to be flushed. Pebble's own figure is not available while Pebble writes its manifest.
type room struct {
	limit int64
	deep  atomic.Bool // the youngest level has too many tables

	// Numbers of bytes written since the store was opened: in all; up to the last memtable that is full;
	// up to the end of the running flush; up to the end of the last flush that succeeded.
	total, sealed, flushing, flushed atomic.Int64
}

func (r *room) add(b *pebble.Batch) { r.total.Add(int64(b.Len()) + perRecord*int64(b.Count())) }
func (r *room) rotates()            { r.sealed.Store(r.total.Load()) }
func (r *room) flushBegins()        { r.flushing.Store(r.sealed.Load()) }
func (r *room) flushEnds()          { r.flushed.Store(r.flushing.Load()) }

func (r *room) full() bool { return r.deep.Load() || r.total.Load()-r.flushed.Load() >= r.limit }

// admit waits until there is room for a write. It is called without locks.
func (s *Store) admit(ctx context.Context) error {
	h := s.health
	if h.check() == nil && !h.room.full() {
		return nil
	}
	var delayed time.Time // when the wait began
	defer func() {
		if !delayed.IsZero() {
			s.counts.delay.Add(int64(time.Since(delayed)))
		}
	}()
	for {
		changed := h.change()
		if err := h.check(); err != nil {
			s.counts.refused.Add(1)
			h.announce()
			return err
		}
		if !h.room.full() {
			return nil
		}
		if delayed.IsZero() {
			delayed = time.Now()
			s.counts.delayed.Add(1)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.closing:
			return backend.ErrClosed
		}
	}
}

// untilWrites waits until the store takes writes.
func (s *Store) untilWrites(ctx context.Context) error {
	for {
		changed := s.health.change()
		if s.health.check() == nil {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.closing:
			return backend.ErrClosed
		}
	}
}

// watchLevels runs in the background and checks whether the youngest level has too many tables.
func (s *Store) watchLevels() {
	for {
		select {
		case <-s.closing:
			return
		case <-s.levels:
		}
		deep := s.db.Metrics().Levels[0].Sublevels >= youngTables
		if s.health.room.deep.Swap(deep) != deep {
			s.health.roomChanged()
		}
	}
}

// lookAtLevels wakes watchLevels. Pebble calls it under its locks.
func (s *Store) lookAtLevels() {
	select {
	case s.levels <- struct{}{}:
	default:
	}
}

// Health returns nil if the store takes writes. Otherwise it returns why not: an error that matches
// ErrNoWrites, ErrCorrupt or, after Close, ErrClosed. It implements [backend.Healther].
func (s *Store) Health() error {
	if !s.calls.TryRLock() {
		return backend.ErrClosed
	}
	defer s.calls.RUnlock()
	return s.health.check()
}
