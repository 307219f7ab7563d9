package embedded

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// mount mounts a file system on a new directory, or skips the test if the system does not allow it.
func mount(t *testing.T, source, kind string, flags uintptr, data string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := unix.Mount(source, dir, kind, flags, data); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: mount: %v (run as root)", err)
	}
	t.Cleanup(func() {
		// Unmount lazily, because Pebble leaves descriptors of a failed checkpoint to the garbage
		// collector.
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// bindMount mounts a directory at a second path.
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

// needRoot skips a test that must drop the rights of a child, unless it runs as root.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED, NOT TESTED: only root can become another user")
	}
}

// becomeNobody drops the rights of the process.
func becomeNobody() error {
	return errors.Join(syscall.Setgroups(nil), syscall.Setgid(65534), syscall.Setuid(65534))
}
