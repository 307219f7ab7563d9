package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestLockWithoutOpenFileDescriptions uses the locks of old kernels.
func TestLockWithoutOpenFileDescriptions(t *testing.T) {
	name := filepath.Join(t.TempDir(), "LOCK")
	var files [2]*os.File
	for i := range files {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		files[i] = f
	}
	for _, step := range []struct {
		file int
		mode int16
		want error
	}{
		{0, unix.F_WRLCK, nil},
		{1, unix.F_WRLCK, unix.EAGAIN},
		{1, unix.F_RDLCK, unix.EAGAIN},
		{0, unix.F_UNLCK, nil},
		{1, unix.F_RDLCK, nil},
		{0, unix.F_RDLCK, nil},
		{0, unix.F_WRLCK, unix.EAGAIN},
	} {
		if err := setBoth(files[step.file], step.mode); !errors.Is(err, step.want) {
			t.Errorf("%+v: %v", step, err)
		}
	}
}
