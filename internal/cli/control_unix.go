//go:build unix

package cli

import "syscall"

// privateSocket gives a socket its mode before its file exists, on systems that can (Linux), so that no
// other user can connect between the creation of the file and its Chmod.
func privateSocket(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) { _ = syscall.Fchmod(int(fd), 0o600) })
}
