package embedded

import (
	"context"
	"errors"
	"time"

	"github.com/cockroachdb/pebble/v2/wal"

	"github.com/widerow/widerow/backend"
)

// mendLog runs in the background and makes the store take writes again after the log failed. The writes that the log may
// lack are in memtables. mendLog flushes them and starts a new log.
func (s *Store) mendLog() {
	for {
		select {
		case <-s.closing:
			return
		case <-s.health.failed:
		}
		// The log may have failed twice before this call; one mending is enough for both.
		for s.health.log.Load() != nil && s.pause() {
			err := s.replaceLog()
			if err == nil {
				break
			}
			if errors.Is(err, backend.ErrClosed) {
				return
			}
		}
	}
}

// replaceLog creates a new log. It fails if the disk refuses the new log too.
func (s *Store) replaceLog() error {
	s.freeLogs()
	// The log after this flush is still in memory: if the process ends now, the log that failed is the last one,
	// and may be cut off.
	if err := s.writeTables(); err != nil {
		return err
	}
	// A write that began before the failure may be in memory only. No write is between its check and the tree
	// now, and later writes are refused.
	if err := s.writers.Lock(context.Background()); err != nil {
		return err
	}
	s.logs.mend()
	flushed, err := s.db.AsyncFlush()
	s.writers.Unlock()
	if err == nil {
		err = s.await(flushed)
	}
	if err != nil {
		return err
	}
	if s.logs.sync(); s.logs.fails() {
		return s.health.logError()
	}
	s.health.logMended()
	return nil
}

// pause waits for a moment and reports whether the store is still open.
func (s *Store) pause() bool {
	timer := time.NewTimer(retryEvery)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.closing:
		return false
	}
}

// writeTables flushes the memtables. It returns ErrClosed if the store is closed first.
func (s *Store) writeTables() error {
	flushed, err := s.db.AsyncFlush()
	if err != nil {
		return err
	}
	return s.await(flushed)
}

func (s *Store) await(flushed <-chan struct{}) error {
	select {
	case <-flushed:
		return nil
	case <-s.closing:
		return backend.ErrClosed
	}
}

// freeLogs removes the content of logs that Pebble keeps for reuse, to free disk space.
func (s *Store) freeLogs() {
	logs, err := wal.Scan(wal.Dir{FS: s.dir.fs, Dirname: s.dir.path})
	if err != nil {
		return // nothing was freed
	}
	// The logs are counted after the scan. If a log begins between the two, too few logs are removed, and never one
	// that is in use. A log that is being created is not counted yet.
	live := int(s.db.Metrics().WAL.Files) + 1
	for _, l := range logs[:max(0, len(logs)-live)] {
		fs, name := l.SegmentLocation(0)
		_ = fs.Remove(name)
	}
}
