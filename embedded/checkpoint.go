package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/widerow/widerow/backend"
)

// Checkpoint implements [backend.Checkpointer]. If both are on one file system, the copy shares files with the store by hard
// links, so it takes little time and, at first, no space. The copy has all
// writes that were acknowledged before Checkpoint was called. A store in memory is copied to disk. The
// directory must not be inside a store. If Checkpoint fails, it removes what it has copied.
func (s *Store) Checkpoint(ctx context.Context, dir string) (err error) {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave(&err)
	path, err := resolve(dir)
	if err != nil {
		return fmt.Errorf("checkpoint to %q: %w", dir, err)
	}
	d := &directory{fs: s.disk(), path: path}
	if _, err := d.fs.Stat(path); err == nil {
		return backend.InvalidRequest("checkpoint: %q exists already", dir)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("checkpoint to %q: %w", dir, err)
	}
	if store := storeAround(d.fs, path); store != "" {
		return backend.InvalidRequest("checkpoint: %q would be inside the store %q", dir, store)
	}
	made, err := makeDir(d.fs, filepath.Dir(path))
	if err == nil {
		err = s.copyTree(ctx, d)
	}
	if err == nil {
		err = syncAbove(d.fs, path, 1+len(made))
	}
	if err == nil {
		// The format file is written last, so that an interrupted checkpoint is not mistaken for a store.
		err = d.writeFormat(s.tables.Load().record.Format, s.part.Class())
	}
	if err != nil {
		err = fmt.Errorf("checkpoint to %q: %w", dir, errors.Join(err, d.fs.RemoveAll(path)))
		for _, parent := range made {
			_ = d.fs.Remove(parent) // fails if another process put a file there
		}
	}
	return err
}

// disk returns the file system of checkpoints: the store's own unless that is in memory.
func (s *Store) disk() vfs.FS {
	if vfs.Root(s.dir.fs) == vfs.Default {
		return s.dir.fs
	}
	return vfs.Default
}

// placeFS passes files in the store's directory to a file system that handles errors, and files of
// checkpoints, which may fail, to the plain one.
type placeFS struct {
	vfs.FS
	dir       string
	elsewhere vfs.FS
}

func (p *placeFS) at(dir string) vfs.FS {
	if dir == p.dir {
		return p.FS
	}
	return p.elsewhere
}

// Create implements vfs.FS.
func (p *placeFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return p.at(p.PathDir(name)).Create(name, c)
}

// OpenDir implements vfs.FS.
func (p *placeFS) OpenDir(name string) (vfs.File, error) { return p.at(name).OpenDir(name) }

// Unwrap implements vfs.FS.
func (p *placeFS) Unwrap() vfs.FS { return p.FS }

// copyTree copies Pebble's files to a directory on disk.
func (s *Store) copyTree(ctx context.Context, d *directory) error {
	switch own := s.dir.fs; {
	case s.opts.ReadOnly:
		return s.copyFiles(ctx, s.dir, d)
	case own == d.fs:
		return s.db.Checkpoint(d.path, pebble.WithFlushedWAL())
	default:
		if err := s.checkpoints.Lock(ctx); err != nil {
			return err
		}
		defer s.checkpoints.Unlock()
		tmp := own.PathJoin(s.dir.path, "checkpoint")
		if err := s.db.Checkpoint(tmp, pebble.WithFlushedWAL()); err != nil {
			return err
		}
		err := s.copyFiles(ctx, &directory{fs: own, path: tmp}, d)
		return errors.Join(err, own.RemoveAll(tmp))
	}
}

// copyFiles copies the files of a store that is open read-only, since Pebble cannot make a checkpoint then.
// Tables never change after they are written, so they may be shared by a hard link. Logs change, so they are copied.
func (s *Store) copyFiles(ctx context.Context, from, to *directory) error {
	if err := to.fs.MkdirAll(to.path, 0o755); err != nil {
		return err
	}
	names, err := from.fs.List(from.path)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !isPebbleFile(name) {
			continue
		}
		if err := s.interrupted(ctx); err != nil {
			return err
		}
		if from.fs == to.fs && strings.HasSuffix(name, ".sst") && to.fs.Link(from.join(name), to.join(name)) == nil {
			continue
		}
		if err := from.copyFile(ctx, name, to); err != nil {
			return err
		}
	}
	return to.sync()
}

// copyFile copies a file to another directory and syncs the copy.
func (d *directory) copyFile(ctx context.Context, name string, to *directory) error {
	from, err := d.fs.Open(d.join(name))
	if err != nil {
		return err
	}
	defer from.Close()
	f, err := to.fs.Create(to.join(name), vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	for err == nil && ctx.Err() == nil {
		_, err = io.CopyN(f, from, 1<<20)
	}
	if errors.Is(err, io.EOF) {
		err = f.Sync()
	} else if err == nil {
		err = ctx.Err()
	}
	return errors.Join(err, f.Close())
}
