package embedded

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/widerow/widerow/backend"
)

// makeDir creates a directory and its missing parents. It returns the directories that it created, innermost
// first. It refuses a path inside a store.
func makeDir(fsys vfs.FS, path string) (made []string, err error) {
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

// storeAround returns the parent directory of path that is a store, or "".
func storeAround(fsys vfs.FS, path string) string {
	for p := fsys.PathDir(path); p != path; path, p = p, fsys.PathDir(p) {
		if r, err := (&directory{fs: fsys, path: p}).readFormat(); r != nil && (err == nil || errors.Is(err, backend.ErrUnsupported)) {
			return p
		}
	}
	return ""
}

// syncAbove syncs the parent directories, so that the new store survives a power loss. It ignores an error of a
// parent in which Open created nothing: the process may lack the permission to sync it.
func syncAbove(fsys vfs.FS, path string, made int) error {
	for i, p := 0, path; ; i++ {
		parent := fsys.PathDir(p)
		if parent == p {
			return nil
		}
		if err := syncDir(fsys, parent); err != nil && i < made {
			return err
		}
		p = parent
	}
}

// resolve returns the path without symbolic links, so that a link that changes later does not split the
// store's files. Components that do not exist stay as they were given. An empty path is refused: it would mean the working
// directory.
func resolve(path string) (string, error) {
	if path == "" {
		return "", backend.InvalidRequest("no directory is named")
	}
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
