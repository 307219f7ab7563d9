//go:build !unix

package cli

import "syscall"

// privateSocket does nothing: on Windows a socket's access is that of its directory.
func privateSocket(string, string, syscall.RawConn) error { return nil }
