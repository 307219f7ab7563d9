//go:build !unix

package cli

import "syscall"

// privateSocket does nothing: on Windows the access to a socket follows from that to its directory.
func privateSocket(string, string, syscall.RawConn) error { return nil }
