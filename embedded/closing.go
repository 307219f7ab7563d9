package embedded

import (
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/wal"
)

// closeTree writes what is in memory as tables, so that the next opening need not read the log, and closes Pebble's files.
func (s *Store) closeTree() error {
	flushed, err := s.flushLast()
	err = errors.Join(err, s.db.Close())
	switch logErr := s.health.logError(); {
	case flushed && err == nil:
		s.removeLogs()
	case !flushed && logErr != nil:
		// What was acknowledged may be with the operating system only.
		err = errors.Join(fmt.Errorf("not all that was written is on disk: %w", logErr), err)
	}
	return err
}

// loseHope ends the tries of steadyFS at a tick if the disk does not let the store close.
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

// flushLast reports whether all that was written is in tables. Otherwise it is in the log.
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

// removeLogs removes the logs that Pebble kept to use them again, of a store that is closed and has all in tables.
func (s *Store) removeLogs() {
	logs, err := wal.Scan(wal.Dir{FS: s.dir.fs, Dirname: s.dir.path})
	if err != nil || len(logs) == 0 {
		return // the next opening does it
	}
	for _, l := range logs[:len(logs)-1] {
		fs, name := l.SegmentLocation(0)
		_ = fs.Remove(name)
	}
}
