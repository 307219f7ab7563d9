package embedded

import (
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/wal"
)

// closeTree flushes the memtables, so that the next opening need not read the log, and closes Pebble's files.
func (s *Store) closeTree() error {
	flushed, err := s.flushLast()
	err = errors.Join(err, s.db.Close())
	switch logErr := s.health.logError(); {
	case flushed && err == nil:
		s.removeLogs()
	case !flushed && logErr != nil:
		// Acknowledged writes may have reached only the operating system so far.
		err = errors.Join(fmt.Errorf("not all that was written is on disk: %w", logErr), err)
	}
	return err
}

// loseHope ends the retries of steadyFS at a tick, so that Close returns although the disk fails.
func (s *Store) loseHope(tick *time.Ticker, closed <-chan struct{}) {
	defer tick.Stop()
	for {
		select {
		case <-closed:
			return
		case <-tick.C:
			if s.health.inTrouble() {
				close(s.steady.giveUp)
				return
			}
		}
	}
}

// flushLast flushes the memtables. It reports whether all writes are in tables now; if not, they are in the log.
func (s *Store) flushLast() (bool, error) {
	if _, memory := s.dir.fs.(*vfs.MemFS); memory || s.health.room.total.Load() == 0 && s.health.logError() == nil {
		return false, nil
	}
	flushed, err := s.db.AsyncFlush()
	if err != nil {
		return false, err
	}
	select {
	case <-flushed:
		return true, nil
	case <-s.steady.giveUp:
		return false, s.health.trouble()
	}
}

// removeLogs removes the logs that Pebble kept for reuse. The store must be closed, with all writes in tables.
func (s *Store) removeLogs() {
	logs, err := wal.Scan(wal.Dir{FS: s.dir.fs, Dirname: s.dir.path})
	if err != nil || len(logs) == 0 {
		return // the next opening removes them
	}
	for _, l := range logs[:len(logs)-1] {
		fs, name := l.SegmentLocation(0)
		_ = fs.Remove(name)
	}
}
