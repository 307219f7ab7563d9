package embedded

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/widerow/widerow/backend"
)

// makeFolder creates a folder with those above it that are missing and returns what it created, innermost
// first. None of it may be in a store.
func makeFolder(fsys vfs.FS, path string) (made []string, err error) {
	for p := path; ; p = fsys.PathDir(p) {
		_, err := fsys.Stat(p)
		if err == nil || p == fsys.PathDir(p) {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		made = append(made, p)
	}
	if len(made) > 0 {
		if store := storeAround(fsys, path); store != "" {
			return nil, backend.InvalidRequest("%q would be inside the store %q", path, store)
		}
	}
	return made, fsys.MkdirAll(path, 0o755)
}

// storeAround returns the folder above path that is a store, or "".
func storeAround(fsys vfs.FS, path string) string {
	for p := fsys.PathDir(path); p != path; path, p = p, fsys.PathDir(p) {
		if r, err := (&folder{fs: fsys, path: p}).readFormat(); r != nil && (err == nil || errors.Is(err, backend.ErrUnsupported)) {
			return p
		}
	}
	return ""
}

// syncAbove syncs the folders above, so that a loss of power does not take the new store away. Those
// in which nothing was created now were synced by whoever did, or not at all: they may refuse it.
func syncAbove(fsys vfs.FS, path string, made int) error {
	for i, p := 0, path; ; i++ {
		parent := fsys.PathDir(p)
		if parent == p {
			return nil
		}
		if err := syncFolder(fsys, parent); err != nil && i < made {
			return err
		}
		p = parent
	}
}

// resolve returns the path without symbolic links: where they lead to is settled once, not again
// for each file. What does not exist is as it was given.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if parent := filepath.Dir(path); errors.Is(err, fs.ErrNotExist) && parent != path {
		if real, err = resolve(parent); err == nil {
			real = filepath.Join(real, filepath.Base(path))
		}
	}
	return real, err
}
