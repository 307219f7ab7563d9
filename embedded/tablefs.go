package embedded

import (
	"bufio"
	"errors"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// tableBuffer is the number of bytes of a table that are collected for one write. Pebble writes a block and its trailer
// separately, so without a buffer it makes two system calls for 8 KiB. tableBuffer must be less than 1 MiB: while it writes
// a table, Pebble syncs the file up to 1 MiB before its end (vfs.NewSyncingFile).
const tableBuffer = 64 << 10

// tableFS buffers the writes of tables.
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

// tableFile is a table that is being written. One goroutine writes it, and no goroutine reads it.
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

// after writes the buffer to the file and then calls do.
func (f *tableFile) after(do func() error) error {
	if err := f.buf.Flush(); err != nil {
		return err
	}
	return do()
}
