//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package embedded

import "os"

// setLock sets a lock without waiting. On these systems flock(2) conflicts with the locks by fcntl of
// older versions.
func setLock(f *os.File, mode int16) error { return flock(f, mode) }
