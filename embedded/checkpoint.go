package embedded

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/widerow/widerow/backend"
)

// Checkpoint implements [backend.Checkpointer]. The copy shares files with the store by hard links where
// both are on one file system, so that it takes little time and, at first, no space. It has
// all that was written when Checkpoint was called. A store in memory is copied to disk.
func (s *Store) Checkpoint(ctx context.Context, dir string) (err error) {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave(&err)
	if dir, err = filepath.Abs(dir); err != nil {
		return backend.InvalidRequest("checkpoint: %v", err)
	}
	d := &folder{fs: vfs.Default, path: dir}
	if _, err := d.fs.Stat(dir); err == nil {
		return backend.InvalidRequest("checkpoint: %q exists already", dir)
	}
	if err := s.copyTree(ctx, dir); err != nil {
		return fmt.Errorf("checkpoint to %q: %w", dir, err)
	}
	// Last, so that a checkpoint that was interrupted is not taken for a store.
	if err := d.writeFormat(s.part.Class()); err != nil {
		return fmt.Errorf("checkpoint to %q: %w", dir, errors.Join(err, d.fs.RemoveAll(dir)))
	}
	return nil
}

// copyTree copies Pebble's files to a folder on disk.
func (s *Store) copyTree(ctx context.Context, dir string) error {
	fs := s.dir.fs
	if fs == vfs.Default {
		return s.db.Checkpoint(dir, pebble.WithFlushedWAL())
	}
	if err := s.checkpoints.Lock(ctx); err != nil {
		return err
	}
	defer s.checkpoints.Unlock()
	tmp := fs.PathJoin(s.dir.path, "checkpoint")
	if err := s.db.Checkpoint(tmp, pebble.WithFlushedWAL()); err != nil {
		return err
	}
	_, err := vfs.Clone(fs, vfs.Default, tmp, dir, vfs.CloneSync)
	return errors.Join(err, fs.RemoveAll(tmp))
}
