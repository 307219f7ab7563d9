//go:build !darwin && !dragonfly && !freebsd && !linux && !netbsd && !openbsd && !windows

package embedded

import (
	"io"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// lockFile locks a file as Pebble does, which reports an error where it cannot.
func lockFile(name string, _ bool) (io.Closer, error) { return vfs.Default.Lock(name) }
