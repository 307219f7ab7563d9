//go:build !apache

package apachethrift

import "testing"

func TestApache(t *testing.T) {
	t.Skip("Apache's code is not compiled: run go generate, which needs the program thrift (Debian: thrift-compiler), and go test -tags apache")
}
