package embedded

import (
	"strings"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// faultFS is a file system that fails when a test says so.
type faultFS struct {
	vfs.FS
	fault atomic.Pointer[fault]
}

// fault says which operations fail, on which files, and how often.
type fault struct {
	err                       error
	names                     string       // a substring of the names of the files that fail; "" means all files and directories
	write, sync, create, read bool         // the operations that fail
	left                      atomic.Int64 // the number of failures still to come
	failed                    atomic.Int64 // the number of failures so far
}

func (f *faultFS) Unwrap() vfs.FS { return f.FS }

// fails returns the error of an operation, or nil.
func (f *faultFS) fails(name string, which func(*fault) bool) error {
	x := f.fault.Load()
	if x == nil || !which(x) || !strings.Contains(name, x.names) || x.left.Add(-1) < 0 {
		return nil
	}
	x.failed.Add(1)
	return x.err
}

func failsWrite(x *fault) bool  { return x.write }
func failsSync(x *fault) bool   { return x.sync }
func failsCreate(x *fault) bool { return x.create }
func failsRead(x *fault) bool   { return x.read }

func (f *faultFS) open(name string, which func(*fault) bool, open func() (vfs.File, error)) (vfs.File, error) {
	if err := f.fails(name, which); err != nil {
		return nil, err
	}
	file, err := open()
	if err != nil {
		return nil, err
	}
	return &faultFile{file, f, name}, nil
}

func (f *faultFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return f.open(name, failsCreate, func() (vfs.File, error) { return f.FS.Create(name, c) })
}

func (f *faultFS) ReuseForWrite(oldname, newname string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return f.open(newname, failsCreate, func() (vfs.File, error) { return f.FS.ReuseForWrite(oldname, newname, c) })
}

func (f *faultFS) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	return f.open(name, failsRead, func() (vfs.File, error) { return f.FS.Open(name, opts...) })
}

func (f *faultFS) OpenDir(name string) (vfs.File, error) {
	return f.open(name, failsRead, func() (vfs.File, error) { return f.FS.OpenDir(name) })
}

type faultFile struct {
	vfs.File
	fs   *faultFS
	name string
}

// Write writes a part of p before it fails, as a disk does that becomes full.
func (f *faultFile) Write(p []byte) (int, error) {
	if err := f.fs.fails(f.name, failsWrite); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

func (f *faultFile) WriteAt(p []byte, at int64) (int, error) {
	if err := f.fs.fails(f.name, failsWrite); err != nil {
		n, _ := f.File.WriteAt(p[:len(p)/2], at)
		return n, err
	}
	return f.File.WriteAt(p, at)
}

func (f *faultFile) ReadAt(p []byte, at int64) (int, error) {
	if err := f.fs.fails(f.name, failsRead); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, at)
}

func (f *faultFile) Sync() error {
	if err := f.fs.fails(f.name, failsSync); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f *faultFile) SyncData() error {
	if err := f.fs.fails(f.name, failsSync); err != nil {
		return err
	}
	return f.File.SyncData()
}
