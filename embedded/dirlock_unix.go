//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package embedded

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// lockFile locks a file and creates it if it is missing. The lock belongs to this opening of
// the file. Until it is closed, it excludes other openings in this and other processes, whatever
// name they use. It also excludes older versions of this package, which lock by fcntl.
//
// A shared lock needs no permission to write. If the file is missing and cannot be created, nothing
// is locked: on a read-only medium or a full disk nobody else writes either.
func lockFile(name string, shared bool) (io.Closer, error) {
	var f *os.File
	var err error
	if !shared {
		f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	} else if f, err = os.Open(name); errors.Is(err, fs.ErrNotExist) {
		if f, err = os.OpenFile(name, os.O_RDONLY|os.O_CREATE, 0o644); err != nil {
			return unlocked{}, nil
		}
	}
	if err != nil {
		return nil, err
	}
	err = setLock(f, mode(shared))
	if err == nil {
		return &lockedFile{f}, nil
	}
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		err = errLocked
		if !shared && setLock(f, mode(true)) == nil {
			err = errRead
		}
	} else {
		err = &fs.PathError{Op: "lock", Path: name, Err: err}
	}
	return nil, errors.Join(err, (&lockedFile{f}).Close())
}

func mode(shared bool) int16 {
	if shared {
		return unix.F_RDLCK
	}
	return unix.F_WRLCK
}

// lockedFile is a locked file. Close releases the lock.
type lockedFile struct{ f *os.File }

// Stat describes the file that was locked, even if another file has its name now.
func (l *lockedFile) Stat() (fs.FileInfo, error) { return l.f.Stat() }

// Close releases the lock explicitly. A child process that is being started may have inherited the
// descriptor and would hold the lock until it executes its program.
func (l *lockedFile) Close() error { return errors.Join(setLock(l.f, unix.F_UNLCK), l.f.Close()) }
