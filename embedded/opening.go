package embedded

import (
	"errors"
	"io"
	"io/fs"
	"slices"
	"time"

	"github.com/cockroachdb/pebble/v2"
	logrecord "github.com/cockroachdb/pebble/v2/record"
	"github.com/cockroachdb/pebble/v2/wal"

	"github.com/widerow/widerow/backend"
)

// patience is how long Open and Close wait for a disk that refuses writes.
var patience = 5 * time.Second

// unsyncedFile exists if the log was not synced with each write since the last opening. Pebble records in a log how far
// the log is synced. In such a log the record only says how far it was written.
const unsyncedFile = "UNSYNCED"

// openDB opens Pebble's files. Pebble then writes the logs as tables and retries until it succeeds. If the disk
// refuses for too long, openDB returns an error, and the directory stays locked until Pebble returns.
func (s *Store) openDB(o *pebble.Options) (*pebble.DB, error) {
	if s.opts.ReadOnly {
		return s.openToRead(o)
	}
	if !s.logs.syncs {
		if err := s.dir.write(unsyncedFile, nil); err != nil {
			return nil, err
		}
	}
	db, err := s.tryOpen(o)
	if pebble.IsCorruptionError(err) {
		// Pebble expects that only the last log is cut off, and only after its last sync.
		repaired, repairErr := s.dir.repairLogs()
		if repairErr != nil || !repaired {
			return nil, errors.Join(err, repairErr)
		}
		s.opts.Logger.Warn("the log was cut off; all before its end is there", "error", err.Error())
		db, err = s.tryOpen(o)
	}
	if err == nil && s.logs.syncs {
		err = s.dir.removeUnsynced()
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, err
}

func (s *Store) tryOpen(o *pebble.Options) (*pebble.DB, error) {
	type result struct {
		db  *pebble.DB
		err error
	}
	opened := make(chan result, 1)
	dir := s.dir
	go func() {
		var r result
		defer func() { opened <- r }()
		defer recovered(&r.err)
		r.db, r.err = pebble.Open(dir.path, o)
	}()
	for {
		timer := time.NewTimer(patience)
		select {
		case r := <-opened:
			timer.Stop()
			return r.db, r.err
		case <-timer.C:
		}
		if err := s.health.trouble(); err != nil {
			s.dir = nil // the goroutine owns the directory from now on
			go func() {
				if r := <-opened; r.err == nil {
					_ = r.db.Close()
				}
				_ = dir.unlock()
			}()
			return nil, &backend.Error{Kind: backend.KindNoWrites, Err: err}
		}
	}
}

// openToRead opens Pebble's files without changing them. An opening for writing would truncate damaged logs; openToRead
// reads them as if they were truncated.
func (s *Store) openToRead(o *pebble.Options) (*pebble.DB, error) {
	db, err := pebble.Open(s.dir.path, o)
	if !pebble.IsCorruptionError(err) {
		return db, err
	}
	damaged, damageErr := s.dir.damagedLogs()
	if damageErr != nil || len(damaged) == 0 {
		return nil, errors.Join(err, damageErr)
	}
	s.opts.Logger.Warn("the log was cut off; all before its end is read", "error", err)
	s.dir.fs, o.FS = &cutFS{s.dir.fs, damaged}, &cutFS{o.FS, damaged}
	return pebble.Open(s.dir.path, o)
}

// logEnd is a log and the offset at which its whole records end: 0 if there are no whole records.
type logEnd struct {
	path string
	end  int64
}

// damagedLogs returns where the last logs are cut off, the last log first. These are the logs without a record, which a full
// disk left behind, and the last log with records, unless that log was synced.
func (d *directory) damagedLogs() (damaged []logEnd, err error) {
	logs, err := wal.Scan(wal.Dir{FS: d.fs, Dirname: d.path})
	if err != nil {
		return nil, err
	}
	for _, l := range slices.Backward(logs) {
		_, path := l.SegmentLocation(0)
		end, err := endOf(l)
		switch {
		case end == 0 && (errors.Is(err, io.EOF) || errors.Is(err, logrecord.ErrUnexpectedEOF)):
			damaged = append(damaged, logEnd{path, 0})
			continue
		case !errors.Is(err, logrecord.ErrInvalidChunk) && !errors.Is(err, logrecord.ErrZeroedChunk):
			return damaged, nil
		}
		if _, err := d.fs.Stat(d.join(unsyncedFile)); err == nil {
			damaged = append(damaged, logEnd{path, end})
		}
		return damaged, nil
	}
	return damaged, nil
}

// repairLogs truncates the logs of a store to their whole records. It reports whether it changed anything.
func (d *directory) repairLogs() (repaired bool, err error) {
	damaged, err := d.damagedLogs()
	for _, l := range damaged {
		if err == nil && l.end == 0 {
			err = d.fs.Remove(l.path)
		} else if err == nil {
			err = d.cut(l.path, l.end)
		}
	}
	return len(damaged) > 0, err
}

// endOf returns the offset at which the last whole record of a log ends, and the reason why the next record is not whole.
func endOf(l wal.LogicalLog) (int64, error) {
	r := l.OpenForRead()
	defer r.Close()
	for records := 0; ; records++ {
		_, at, err := r.NextRecord()
		if err != nil && records == 0 {
			return 0, err
		}
		if err != nil {
			return at.Physical, err
		}
	}
}

// cut truncates a file to its first bytes.
func (d *directory) cut(path string, size int64) error {
	f, err := d.fs.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, size))
	if err != nil {
		return err
	}
	return d.write(d.fs.PathBase(path), b)
}

// removeUnsynced removes unsyncedFile: the log is synced with each write from now on, and older writes are in tables.
func (d *directory) removeUnsynced() error {
	err := d.fs.Remove(d.join(unsyncedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return d.sync()
}
