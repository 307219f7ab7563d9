package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/widerow/widerow/backend"
)

// errLocked says that another opening of the store holds the lock.
var errLocked = errors.New("locked")

// errRead is errLocked if only readers hold the lock.
var errRead = fmt.Errorf("%w by readers", errLocked)

// lockFS takes Pebble's lock by lockFile. Pebble's own lock is too weak on Unix. It is lost as soon as
// anything in the process closes a descriptor of the lock file, as a program that copies the
// directory does. And it compares paths, so one process could open a store twice by two paths.
type lockFS struct {
	vfs.FS
	shared bool
	held   *io.Closer // Lock stores the lock here
}

// Lock implements vfs.FS.
func (l lockFS) Lock(name string) (io.Closer, error) {
	if vfs.Root(l.FS) == vfs.Default {
		lock, err := lockFile(name, l.shared)
		*l.held = lock
		return lock, err
	}
	lock, err := l.FS.Lock(name)
	if errors.Is(err, syscall.EAGAIN) {
		err = errLocked
	}
	return lock, err
}

// unlocked is the lock of a reader that could not create a lock file, as on a read-only medium.
type unlocked struct{}

func (unlocked) Close() error { return nil }

type holderRecord struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// openDir locks a store's directory, and creates it if the options allow it. Readers share the lock
// with other readers.
func openDir(fs vfs.FS, path string, o *Options) (_ *directory, err error) {
	d := &directory{fs: fs, path: path, readOnly: o.ReadOnly}
	since := o.Now().UTC().Truncate(time.Second) // called before the lock is taken, since it may panic
	if o.ReadOnly || o.Existing {
		err = d.checkExists()
	} else {
		err = d.make()
	}
	if err != nil {
		return nil, err
	}
	if err := d.checkForeign(); err != nil {
		return nil, err
	}
	if d.lock, err = pebble.LockDirectory(path, lockFS{fs, o.ReadOnly, &d.held}); err != nil {
		return nil, d.heldError(err)
	}
	if o.ReadOnly {
		return d, nil
	}
	host, _ := os.Hostname()
	b, err := json.Marshal(holderRecord{os.Getpid(), host, since})
	if err == nil {
		err = d.write(holderFile, b)
	}
	if err != nil {
		return nil, errors.Join(err, d.unlock())
	}
	return d, nil
}

// checkHeld returns an error if LOCK is not the file that was locked. Whoever removed the locked file let
// other processes open the store.
func (d *directory) checkHeld() error {
	l, ok := d.held.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return nil
	}
	was, err := l.Stat()
	if err != nil {
		return err
	}
	is, err := os.Stat(d.join("LOCK")) // d.held is set only if the directory is on the operating system's file system
	if err == nil && os.SameFile(was, is) {
		return nil
	}
	return errors.New("file LOCK was removed or replaced while the store was open: another process may have written to it, and data may be lost")
}

// heldError returns an error that names the holder of the lock, if err says that the lock is held.
func (d *directory) heldError(err error) error {
	held := func(why string) error { return &backend.Error{Kind: backend.KindUnavailable, Why: why} }
	switch {
	case errors.Is(err, errRead):
		return held("it is in use by a reader: a process that has it open read-only")
	case !errors.Is(err, errLocked):
		return err
	}
	var h holderRecord
	b, readErr := d.read(holderFile)
	if readErr != nil || json.Unmarshal(b, &h) != nil || h.PID == 0 {
		return held("it is in use")
	}
	return held(fmt.Sprintf("it is in use by process %d on %s since %s", h.PID, h.Host, h.Since.Format(time.RFC3339)))
}

// unlock may be called more than once.
func (d *directory) unlock() error {
	if d.lock == nil {
		return nil
	}
	lock := d.lock
	d.lock = nil
	var err error
	if !d.readOnly {
		if err = d.fs.Remove(d.join(holderFile)); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return errors.Join(err, lock.Close())
}

// refusal converts an error of the operating system to ErrStorage. If the cause is a missing permission or a
// read-only medium, the error says what to do.
func (o *Options) refusal(err error) error {
	var typed *backend.Error
	switch {
	case errors.As(err, &typed), !isSystem(err):
		return err
	case errors.Is(err, syscall.EROFS) && !o.ReadOnly:
		err = fmt.Errorf("%w; a store on a read-only medium can be opened read-only", err)
	case errors.Is(err, fs.ErrPermission) && o.ReadOnly:
		err = fmt.Errorf("%w; user %d needs to read the directory and its files", err, os.Geteuid())
	case errors.Is(err, fs.ErrPermission):
		err = fmt.Errorf("%w; user %d needs to write to the directory and its files, or may open the store read-only", err, os.Geteuid())
	}
	return &backend.Error{Kind: backend.KindStorage, Err: err}
}

// isSystem reports whether the operating system returned the error.
func isSystem(err error) bool {
	var path *fs.PathError
	var errno syscall.Errno
	return errors.As(err, &path) || errors.As(err, &errno)
}
