package embedded

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
)

// tidy is the background that does what readers asked for: it folds the
// records of keys that have many, and removes stale index entries.
func (s *Store) tidy() {
	for {
		var err error
		select {
		case <-s.closing:
			return
		case key := <-s.folds:
			err = s.guarded(func(ctx context.Context) error { return s.fold(ctx, key) })
		case e := <-s.stale:
			entries := []staleEntry{e}
			for len(s.stale) > 0 && len(entries) < purgeChunk {
				entries = append(entries, <-s.stale)
			}
			slices.SortFunc(entries, func(a, b staleEntry) int { return bytes.Compare(a.key, b.key) })
			err = s.guarded(func(ctx context.Context) error { return s.removeStale(ctx, entries) })
		}
		if err != nil && !errors.Is(err, backend.ErrClosed) {
			s.opts.Logger.Error("tidying up", "error", err)
		}
	}
}

// guarded runs a task of the background.
func (s *Store) guarded(task func(context.Context) error) (err error) {
	defer recovered(&err)
	return task(context.Background())
}

// askToFold hands a key with many records to the background, if that keeps up.
func (s *Store) askToFold(key []byte) {
	if s.folding.Load() {
		return // perhaps it is fold itself that reads
	}
	select {
	case s.folds <- bytes.Clone(key):
	default: // the next read asks again
	}
}

// foldsPerFlush is how many folds there are to a flush, which rids memory of the records that
// were folded: a slice still steps over each of them.
const foldsPerFlush = 64

// fold replaces the records of a key by one. No one writes meanwhile: a record
// between the read and the write would be lost.
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
	if err := s.commit(b, pebble.NoSync); err != nil {
		return err
	}
	if s.folded++; s.folded%foldsPerFlush != 0 {
		return nil
	}
	_, err = s.db.AsyncFlush()
	return err
}
