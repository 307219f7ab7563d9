//go:build !linux

package embedded

import (
	"errors"
	"testing"
)

func mount(t *testing.T, _, _ string, _ uintptr, _ string) string {
	t.Helper()
	t.Skip("SKIPPED, NOT TESTED: mounts are tested on Linux")
	return ""
}

func bindMount(t *testing.T, dir string, _ bool) string { return mount(t, dir, "", 0, "") }

func needRoot(t *testing.T) {
	t.Helper()
	t.Skip("SKIPPED, NOT TESTED: other users are tested on Linux")
}

func becomeNobody() error { return errors.ErrUnsupported }
