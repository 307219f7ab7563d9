package embedded

import (
	"os"

	"golang.org/x/sys/unix"
)

// setLock sets an open-file-description lock without waiting. It conflicts with the locks by fcntl of
// older versions.
func setLock(f *os.File, mode int16) error {
	return unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: mode})
}
