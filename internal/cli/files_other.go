//go:build !unix

package cli

// openFilesLimit returns false: there is no such limit.
func openFilesLimit() (uint64, bool) { return 0, false }
