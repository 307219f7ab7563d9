//go:build unix

package cli

import "syscall"

// openFilesLimit returns how many files the process may open. Go has raised the soft limit to the hard one.
func openFilesLimit() (uint64, bool) {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return 0, false
	}
	return uint64(r.Cur), true
}
