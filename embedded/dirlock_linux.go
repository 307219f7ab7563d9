package embedded

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// setLock sets an open-file-description lock without waiting. It conflicts with the locks by fcntl of
// older versions.
func setLock(f *os.File, mode int16) error {
	err := unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: mode})
	if errors.Is(err, unix.EINVAL) {
		return setBoth(f, mode)
	}
	return err
}

// setBoth is for kernels, real or simulated, without open-file-description locks. It takes two locks: flock(2)
// holds whatever else the process does, and fcntl keeps out older versions of this package.
func setBoth(f *os.File, mode int16) error {
	if err := flock(f, mode); err != nil {
		return err
	}
	return unix.FcntlFlock(f.Fd(), unix.F_SETLK, &unix.Flock_t{Type: mode})
}
