package embedded

import (
	"bufio"
	"errors"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// tableBuffer is how many bytes of a table are gathered for one write. Pebble hands a block and its trailer over by
// themselves, which are two calls of the operating system for 8 KiB. It has to be less than the 1 MiB that Pebble keeps
// away from the end of a file when it asks for what it wrote to be synced meanwhile (vfs.NewSyncingFile).
const tableBuffer = 64 << 10

// tableFS writes tables in larger parts.
type tableFS struct{ vfs.FS }

// Create implements vfs.FS.
func (t *tableFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := t.FS.Create(name, c)
	if err != nil || !strings.HasSuffix(name, ".sst") {
		return f, err
	}
	return &tableFile{File: f, buf: bufio.NewWriterSize(f, tableBuffer)}, nil
}

// Unwrap implements vfs.FS.
func (t *tableFS) Unwrap() vfs.FS { return t.FS }

// tableFile is a table that is being written, which one goroutine does and none reads.
type tableFile struct {
	vfs.File
	buf *bufio.Writer
}

// Write implements vfs.File.
func (f *tableFile) Write(p []byte) (int, error) { return f.buf.Write(p) }

// Sync implements vfs.File.
func (f *tableFile) Sync() error { return f.after(f.File.Sync) }

// SyncData implements vfs.File.
func (f *tableFile) SyncData() error { return f.after(f.File.SyncData) }

// Close implements vfs.File.
func (f *tableFile) Close() error { return errors.Join(f.buf.Flush(), f.File.Close()) }

// after does something with a file that has all that was written.
func (f *tableFile) after(do func() error) error {
	if err := f.buf.Flush(); err != nil {
		return err
	}
	return do()
}
