package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionCmd struct{}

func (c *versionCmd) Run(s *streams) error {
	_, err := fmt.Fprintln(s.out, versionText())
	return err
}

// versionText returns the versions of the program and of Go, and the name of the system.
func versionText() string {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	return fmt.Sprintf("widerow %s %s %s/%s", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
