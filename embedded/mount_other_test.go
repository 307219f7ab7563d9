//go:build !linux

package embedded

import (
	"os/exec"
	"testing"
)

func mount(t *testing.T, _, _ string, _ uintptr, _ string) string {
	t.Helper()
	t.Skip("SKIPPED, NOT TESTED: mounts are tested on Linux")
	return ""
}

func bindMount(t *testing.T, dir string, _ bool) string { return mount(t, dir, "", 0, "") }

func nobody(t *testing.T) func(*exec.Cmd) {
	t.Helper()
	t.Skip("SKIPPED, NOT TESTED: other users are tested on Linux")
	return nil
}
