package embedded

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// mount mounts something on a new folder, or skips the test where that is not allowed.
func mount(t *testing.T, source, kind string, flags uintptr, data string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := unix.Mount(source, dir, kind, flags, data); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: mount: %v (run as root)", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// bindMount gives a folder a second place.
func bindMount(t *testing.T, dir string, readOnly bool) string {
	t.Helper()
	place := mount(t, dir, "", unix.MS_BIND, "")
	if readOnly {
		if err := unix.Mount("", place, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
			t.Fatal(err)
		}
	}
	return place
}

// nobody makes a child run as a user without rights, or skips the test.
func nobody(t *testing.T) func(*exec.Cmd) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED, NOT TESTED: only root can start a process of another user")
	}
	return func(c *exec.Cmd) {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
}
