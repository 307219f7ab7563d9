package embedded

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// lockFile locks a file and creates it if it is missing. It opens the file so that Windows refuses
// every other opening in this or another process; with a shared lock, every other opening for writing.
//
// A shared lock needs no permission to write. If the file is missing and cannot be created, nothing
// is locked: on a read-only medium or a full disk nobody else writes either.
func lockFile(name string, shared bool) (io.Closer, error) {
	if !shared {
		f, err := openAs(name, windows.GENERIC_READ|windows.GENERIC_WRITE, 0, windows.OPEN_ALWAYS)
		if errors.Is(err, errLocked) {
			if r, readErr := openAs(name, windows.GENERIC_READ, windows.FILE_SHARE_READ, windows.OPEN_EXISTING); readErr == nil {
				return nil, errors.Join(errRead, r.Close())
			}
		}
		return f, err
	}
	f, err := openAs(name, windows.GENERIC_READ, windows.FILE_SHARE_READ, windows.OPEN_EXISTING)
	if errors.Is(err, fs.ErrNotExist) {
		if f, err = openAs(name, windows.GENERIC_READ, windows.FILE_SHARE_READ, windows.OPEN_ALWAYS); err != nil && !errors.Is(err, errLocked) {
			return unlocked{}, nil
		}
	}
	return f, err
}

func openAs(name string, access, share, disposition uint32) (io.Closer, error) {
	p, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(p, access, share, nil, disposition, windows.FILE_ATTRIBUTE_NORMAL, 0)
	switch {
	case errors.Is(err, windows.ERROR_SHARING_VIOLATION), errors.Is(err, windows.ERROR_LOCK_VIOLATION):
		return nil, errLocked
	case err != nil:
		return nil, &fs.PathError{Op: "lock", Path: name, Err: err}
	}
	return os.NewFile(uintptr(h), name), nil
}
