//go:build unix

package cli

import "syscall"

// openFilesLimit returns the number of files that the process may open. Go's runtime has raised the soft limit to the
// hard limit.
func openFilesLimit() (uint64, bool) {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return 0, false
	}
	return uint64(r.Cur), true
}
