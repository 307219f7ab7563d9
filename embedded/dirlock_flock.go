//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package embedded

import (
	"os"

	"golang.org/x/sys/unix"
)

// flock sets a lock by flock(2), in the mode that setLock takes.
func flock(f *os.File, mode int16) error {
	how := unix.LOCK_UN
	switch mode {
	case unix.F_WRLCK:
		how = unix.LOCK_EX
	case unix.F_RDLCK:
		how = unix.LOCK_SH
	}
	return unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
}
