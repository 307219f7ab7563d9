package embedded

import (
	"io"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// cutFS presents each log as if it ended at its last whole record. A read-only opening uses it,
// since it must not truncate the logs on disk.
type cutFS struct {
	vfs.FS
	logs []logEnd
}

// find returns the log that has the path, or nil.
func (c *cutFS) find(path string) *logEnd {
	i := slices.IndexFunc(c.logs, func(l logEnd) bool { return l.path == path })
	if i < 0 {
		return nil
	}
	return &c.logs[i]
}

// List implements vfs.FS. It omits logs without a whole record.
func (c *cutFS) List(dir string) ([]string, error) {
	names, err := c.FS.List(dir)
	return slices.DeleteFunc(names, func(name string) bool {
		l := c.find(c.PathJoin(dir, name))
		return l != nil && l.end == 0
	}), err
}

// Open implements vfs.FS.
func (c *cutFS) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	f, err := c.FS.Open(name, opts...)
	if l := c.find(name); l != nil && err == nil {
		return &cutFile{f, io.LimitReader(f, l.end)}, nil
	}
	return f, err
}

// Unwrap implements vfs.FS.
func (c *cutFS) Unwrap() vfs.FS { return c.FS }

// cutFile is a log that can be read from its beginning to its last whole record.
type cutFile struct {
	vfs.File
	rest io.Reader
}

// Read implements vfs.File.
func (f *cutFile) Read(p []byte) (int, error) { return f.rest.Read(p) }
