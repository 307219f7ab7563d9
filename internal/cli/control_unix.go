//go:build unix

package cli

import "syscall"

// privateSocket sets the mode of a socket before its file exists. So no other user can connect between the
// creation of the file and its Chmod. Only some systems, such as Linux, support it.
func privateSocket(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) { _ = syscall.Fchmod(int(fd), 0o600) })
}
