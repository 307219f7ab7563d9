package embedded

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
)

// tidy runs in the background and does the work that readers asked for: it folds the
// records of keys that have many, watches rows, flushes memtables and removes stale index entries.
func (s *Store) tidy() {
	for {
		var err error
		select {
		case <-s.closing:
			return
		case key := <-s.folds:
			err = s.guarded(func(ctx context.Context) error { return s.fold(ctx, key) })
		case m := <-s.upgrades:
			err = s.guarded(func(ctx context.Context) error { return s.upgradeMarks(ctx, m) })
		case prefix := <-s.watches:
			err = s.guarded(func(ctx context.Context) error { return s.watch(ctx, prefix) })
		case <-s.flushes:
			err = s.guarded(s.flush)
		case e := <-s.stale:
			entries := []staleEntry{e}
			for len(s.stale) > 0 && len(entries) < purgeChunk {
				entries = append(entries, <-s.stale)
			}
			slices.SortFunc(entries, func(a, b staleEntry) int { return bytes.Compare(a.key, b.key) })
			err = s.guarded(func(ctx context.Context) error { return s.removeStale(ctx, entries) })
		}
		if err != nil && !errors.Is(err, backend.ErrClosed) && !errors.Is(err, backend.ErrNoWrites) {
			s.opts.Logger.Error("tidying up", "error", err.Error())
		}
	}
}

// guarded runs a background task.
func (s *Store) guarded(task func(context.Context) error) (err error) {
	defer recovered(&err)
	return task(context.Background())
}

// askToFold queues a key with many records for the background, unless the queue is full.
func (s *Store) askToFold(key []byte) {
	if s.folding.Load() {
		return // fold itself may be reading
	}
	select {
	case s.folds <- bytes.Clone(key):
	default: // the next read asks again
	}
}

// fold replaces the records of a key by one. It excludes writers, since a record
// written between the read and the write would be lost.
func (s *Store) fold(ctx context.Context, key []byte) error {
	if err := s.writers.Lock(ctx); err != nil {
		return err
	}
	defer s.writers.Unlock()
	if err := s.health.check(); err != nil {
		return err
	}
	s.folding.Store(true)
	defer s.folding.Store(false)
	value, closer, err := s.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil // it was purged or truncated
	}
	if err != nil {
		return err
	}
	defer closer.Close()
	b := s.db.NewBatch()
	defer b.Close()
	if err := b.Set(key, value, nil); err != nil {
		return err
	}
	return s.commit(b, pebble.NoSync)
}

// watch watches a row that a reader asked for.
func (s *Store) watch(ctx context.Context, prefix []byte) error {
	if err := s.writers.Lock(ctx); err != nil {
		return err
	}
	defer s.writers.Unlock()
	s.voids.watch(prefix)
	return nil
}

// askToWatch queues a row in which readers step over many records, unless the queue is full.
func (s *Store) askToWatch(prefix []byte) {
	select {
	case s.watches <- bytes.Clone(prefix):
	default: // the next read asks again
	}
}

// flushAfter is the number of records that readers step over in vain before memtables are flushed. A flush keeps one record
// of each key and nothing that a range deletion covers. It takes about as long as the readers' steps.
const flushAfter = 128 << 10

// askToFlush counts records that a reader stepped over in vain, and asks for a flush at flushAfter.
func (s *Store) askToFlush(steps int) {
	if s.wasted.Add(int64(steps)) < flushAfter {
		return
	}
	select {
	case s.flushes <- struct{}{}:
	default:
	}
}

// flush flushes the memtables, so that readers no longer step over records in vain.
func (s *Store) flush(ctx context.Context) error {
	s.wasted.Store(0)
	if s.health.check() != nil || s.health.room.full() {
		return nil // Pebble flushes as soon as it can
	}
	flushed, err := s.db.AsyncFlush()
	if err != nil {
		return err
	}
	select {
	case <-flushed:
		s.wasted.Store(0)
	case <-s.closing:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
