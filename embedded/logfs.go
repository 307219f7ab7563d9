package embedded

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// logFS hides failures of the log from Pebble, which panics on some of them (DB.rotateWAL) and stops
// on others. After a failure nothing more is written to that log, so that it ends with a whole record. It stays
// the last log on disk: Pebble gets throwaway logs in memory after it. Each call that waits for the log asks
// health whether the log failed. mendLog starts a log on disk again.
//
// Two of Pebble's requests are ignored. Preallocating a log gains nothing here and takes space from
// other files. Syncing a part of a log would hide an error from the next sync.
type logFS struct {
	vfs.FS
	health *health
	syncs  bool // if false, a sync that Pebble asks for only writes to the operating system

	mu      sync.Mutex
	failing bool
	current *logFile
}

func isLog(name string) bool { return strings.HasSuffix(name, ".log") }

// fail makes every later log one in memory. It reports the failure to health before the first write is dropped, so
// that every call that waits for the log sees the failure.
func (l *logFS) fail(what string, err error) {
	l.health.logFailed(fmt.Errorf("%s: %w", what, err))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failing = true
}

// mend makes the next log a file on disk again.
func (l *logFS) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failing = false
}

// fails reports whether the log failed since mend.
func (l *logFS) fails() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failing
}

// Create implements vfs.FS.
func (l *logFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if !isLog(name) {
		return l.FS.Create(name, c)
	}
	return l.open(func() (vfs.File, error) { return l.FS.Create(name, c) })
}

// ReuseForWrite implements vfs.FS. Pebble calls it for logs only.
func (l *logFS) ReuseForWrite(oldname, newname string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return l.open(func() (vfs.File, error) {
		if f, err := l.FS.ReuseForWrite(oldname, newname, c); err == nil {
			return f, nil
		}
		// The log was in memory, or freeLogs has removed its content.
		return l.FS.Create(newname, c)
	})
}

// open opens a log. It does not fail: if the disk does, the log is in memory.
func (l *logFS) open(create func() (vfs.File, error)) (vfs.File, error) {
	f := &logFile{fs: l}
	if !l.fails() {
		var err error
		if f.File, err = create(); err != nil {
			l.fail("creating the log", err)
		}
	}
	if f.File == nil {
		f.dead.Store(true)
		var err error
		if f.File, err = vfs.NewMem().Create("log", vfs.WriteCategoryUnspecified); err != nil {
			return nil, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.current = f
	return f, nil
}

// OpenDir implements vfs.FS.
func (l *logFS) OpenDir(name string) (vfs.File, error) {
	f, err := l.FS.OpenDir(name)
	if err != nil || !forLog() {
		return f, err
	}
	return &logDir{f, l}, nil
}

// forLog reports whether the caller is Pebble's package wal, which panics in the middle of a commit if
// the directory cannot be synced.
func forLog() bool {
	callers := make([]uintptr, 8)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for {
		f, more := frames.Next()
		if strings.Contains(f.Function, "/pebble/v2/wal.") {
			return true
		}
		if !more {
			return false
		}
	}
}

// Unwrap implements vfs.FS.
func (l *logFS) Unwrap() vfs.FS { return l.FS }

// sync syncs the current log. Earlier logs are on disk already.
func (l *logFS) sync() error {
	l.mu.Lock()
	f := l.current
	l.mu.Unlock()
	f.sync()
	return l.health.logError()
}

// logDir is the directory that Pebble syncs after it created a log.
type logDir struct {
	vfs.File
	fs *logFS
}

// Sync implements vfs.File.
func (d *logDir) Sync() error {
	if err := d.File.Sync(); err != nil && !d.fs.fails() {
		d.fs.fail("syncing the directory of the log", err)
	}
	return nil
}

// logFile is a file of the log.
type logFile struct {
	vfs.File
	fs   *logFS
	dead atomic.Bool // the log failed, or is in memory

	closing sync.Mutex // held by a sync, so that the file is not closed during it
	closed  bool
}

// try calls f with the file, unless the log has failed.
func (f *logFile) try(what string, do func() error) {
	if f.dead.Load() {
		return
	}
	if err := do(); err != nil {
		f.fs.fail(what, err)
		f.dead.Store(true)
	}
}

// Write implements vfs.File.
func (f *logFile) Write(p []byte) (int, error) {
	f.try("writing the log", func() error { _, err := f.File.Write(p); return err })
	return len(p), nil
}

// Preallocate implements vfs.File.
func (f *logFile) Preallocate(offset, length int64) error { return nil }

// SyncTo implements vfs.File.
func (f *logFile) SyncTo(length int64) (full bool, err error) { return false, nil }

// Sync implements vfs.File.
func (f *logFile) Sync() error { return f.SyncData() }

// SyncData implements vfs.File.
func (f *logFile) SyncData() error {
	if f.fs.syncs {
		f.try("syncing the log", f.File.SyncData)
	}
	return nil
}

func (f *logFile) sync() {
	f.closing.Lock()
	defer f.closing.Unlock()
	if !f.closed {
		f.try("syncing the log", f.File.SyncData)
	}
}

// Stat implements vfs.File.
func (f *logFile) Stat() (info vfs.FileInfo, err error) {
	f.try("opening the log", func() error { info, err = f.File.Stat(); return err })
	if info != nil {
		return info, nil
	}
	return f.nothing()
}

// nothing describes an empty file.
func (f *logFile) nothing() (vfs.FileInfo, error) {
	empty, err := vfs.NewMem().Create("log", vfs.WriteCategoryUnspecified)
	if err != nil {
		return nil, err
	}
	return empty.Stat()
}

// Close implements vfs.File. A log is on disk before there is another one: of two
// logs that a loss of power cuts off, the second would be behind a gap.
func (f *logFile) Close() error {
	f.sync()
	f.closing.Lock()
	defer f.closing.Unlock()
	f.closed = true
	if err := f.File.Close(); err != nil && !f.dead.Load() {
		f.fs.fail("closing the log", err)
		f.dead.Store(true)
	}
	return nil
}
