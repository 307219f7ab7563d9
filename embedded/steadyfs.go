package embedded

import (
	"errors"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// retryEvery is the pause before an operation that the disk refused is retried.
const retryEvery = 100 * time.Millisecond

var errGaveUp = errors.New("the store was closed")

// steadyFS retries the operations that must not fail for Pebble, until they succeed or the store gives up: Pebble ends
// the process if writing its manifest fails, and panics if a directory cannot be synced.
// Only background work waits for these retries: flushes and compactions. steadyFS also makes them pause
// after a failure, since Pebble would retry at once.
type steadyFS struct {
	vfs.FS
	health *health
	giveUp chan struct{} // closed when Close waits no longer
}

func (s *steadyFS) retry(what string, do func() error) error {
	for {
		err := do()
		if err == nil {
			s.health.troubleEnds(manifestTrouble)
			return nil
		}
		s.health.troubleBegins(manifestTrouble, what, err)
		if !s.pause() {
			return err
		}
	}
}

// pause waits for retryEvery and reports whether the store has not given up.
func (s *steadyFS) pause() bool {
	timer := time.NewTimer(retryEvery)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.giveUp:
		return false
	}
}

// Create implements vfs.FS.
func (s *steadyFS) Create(name string, c vfs.DiskWriteCategory) (f vfs.File, err error) {
	base := s.PathBase(name)
	switch {
	case strings.HasPrefix(base, "marker."):
		err = s.retry("creating a marker", func() error { f, err = s.FS.Create(name, c); return err })
		return f, err
	case strings.HasPrefix(base, "MANIFEST-"):
		if err := s.retry("creating the manifest", func() error { f, err = s.FS.Create(name, c); return err }); err != nil {
			return nil, err
		}
		return &manifestFile{File: f, fs: s}, nil
	case strings.HasSuffix(base, ".sst") && s.health.inTrouble():
		s.pause()
	}
	return s.FS.Create(name, c)
}

// OpenDir implements vfs.FS.
func (s *steadyFS) OpenDir(name string) (vfs.File, error) {
	f, err := s.FS.OpenDir(name)
	if err != nil || forLog() {
		return f, err
	}
	return &steadyDir{f, s}, nil
}

// Unwrap implements vfs.FS.
func (s *steadyFS) Unwrap() vfs.FS { return s.FS }

// steadyDir is a directory.
type steadyDir struct {
	vfs.File
	fs *steadyFS
}

// Sync implements vfs.File. After the store gave up it returns nil, since Pebble would panic. No change of
// the manifest follows that could count on it.
func (d *steadyDir) Sync() error {
	_ = d.fs.retry("syncing the directory", d.File.Sync)
	return nil
}

// manifestFile is a manifest. It keeps a copy of the bytes that are not synced yet, and writes them again after a failed sync,
// since the system may have dropped them.
type manifestFile struct {
	vfs.File
	fs       *steadyFS
	unsynced []byte
	synced   int64 // where unsynced begins
}

// Write implements vfs.File.
func (f *manifestFile) Write(p []byte) (int, error) {
	select {
	case <-f.fs.giveUp: // the manifest must not be written: it may rely on a directory that is not synced
		return 0, errGaveUp
	default:
	}
	// Write at an explicit offset, since a failed write may have written a part.
	at := f.synced + int64(len(f.unsynced))
	f.unsynced = append(f.unsynced, p...)
	err := f.fs.retry("writing the manifest", func() error { _, err := f.WriteAt(p, at); return err })
	return len(p), err
}

// Sync implements vfs.File.
func (f *manifestFile) Sync() error {
	failed := false
	err := f.fs.retry("syncing the manifest", func() error {
		if failed {
			if _, err := f.WriteAt(f.unsynced, f.synced); err != nil {
				return err
			}
		}
		err := f.File.Sync()
		failed = err != nil
		return err
	})
	if err == nil {
		f.synced += int64(len(f.unsynced))
		f.unsynced = f.unsynced[:0]
	}
	return err
}

// SyncData implements vfs.File.
func (f *manifestFile) SyncData() error { return f.Sync() }
