package embedded

import (
	"fmt"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// logFS keeps failures of the log from Pebble, which ends the process over some
// of them (DB.rotateWAL). The first one makes the store refuse writes for good, and who waits for
// the disk is told by health.afterCommit; a log that failed is not written
// any more, so that it ends where it was whole.
type logFS struct {
	vfs.FS
	health *health
}

func isLog(name string) bool { return strings.HasSuffix(name, ".log") }

func (l *logFS) fail(what string, err error) {
	l.health.fail(fmt.Errorf("%s: %w", what, err))
}

// Create implements vfs.FS.
func (l *logFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := l.FS.Create(name, c)
	return l.wrap(name, f, err)
}

// ReuseForWrite implements vfs.FS.
func (l *logFS) ReuseForWrite(oldname, newname string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := l.FS.ReuseForWrite(oldname, newname, c)
	return l.wrap(newname, f, err)
}

// wrap makes a log's file one that does not fail.
func (l *logFS) wrap(name string, f vfs.File, err error) (vfs.File, error) {
	if !isLog(name) {
		return f, err
	}
	if err != nil {
		l.fail("creating the log", err)
		// In its place one that no one reads.
		if f, err = vfs.NewMem().Create("log", vfs.WriteCategoryUnspecified); err != nil {
			return nil, err
		}
	}
	return &logFile{File: f, fs: l}, nil
}

// Unwrap implements vfs.FS.
func (l *logFS) Unwrap() vfs.FS { return l.FS }

// logFile is a file of the log.
type logFile struct {
	vfs.File
	fs *logFS
}

// try does something to the file, unless the log has failed.
func (f *logFile) try(what string, do func() error) {
	if f.fs.health.failure.Load() != nil {
		return
	}
	if err := do(); err != nil {
		f.fs.fail(what, err)
	}
}

// Write implements vfs.File.
func (f *logFile) Write(p []byte) (int, error) {
	f.try("writing the log", func() error { _, err := f.File.Write(p); return err })
	return len(p), nil
}

// Preallocate implements vfs.File.
func (f *logFile) Preallocate(offset, length int64) error {
	f.try("growing the log", func() error { return f.File.Preallocate(offset, length) })
	return nil
}

// Sync implements vfs.File.
func (f *logFile) Sync() error {
	f.try("syncing the log", f.File.Sync)
	return nil
}

// SyncData implements vfs.File.
func (f *logFile) SyncData() error {
	f.try("syncing the log", f.File.SyncData)
	return nil
}

// SyncTo implements vfs.File.
func (f *logFile) SyncTo(length int64) (full bool, err error) {
	f.try("syncing the log", func() error { full, err = f.File.SyncTo(length); return err })
	return full, nil
}

// Close implements vfs.File.
func (f *logFile) Close() error {
	err := f.File.Close()
	if err != nil {
		f.fs.fail("closing the log", err)
	}
	return nil
}
