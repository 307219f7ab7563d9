package embedded

import (
	"bytes"
	"errors"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// TestTableFS checks that a synced or closed file is complete, and that a failed write is not taken
// for a complete one.
func TestTableFS(t *testing.T) {
	errFull := errors.New("no space left")
	full := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind == errorfs.OpFileWrite {
			return errFull
		}
		return nil
	}))
	piece := bytes.Repeat([]byte("0123456789abcdef"), 513) // 8 KiB and a trailer
	for name, end := range map[string]func(vfs.File) error{
		"sync":      vfs.File.Sync,
		"sync data": vfs.File.SyncData,
		"close":     vfs.File.Close,
	} {
		mem := vfs.NewMem()
		size := func() int64 {
			info, err := mem.Stat("000001.sst")
			if err != nil {
				t.Fatal(err)
			}
			return info.Size()
		}
		f, err := (&tableFS{mem}).Create("000001.sst", vfs.WriteCategoryUnspecified)
		if err != nil {
			t.Fatal(err)
		}
		want := int64(0)
		for range 20 {
			n, err := f.Write(piece)
			if want += int64(n); err != nil || n != len(piece) {
				t.Fatalf("%s: %d bytes: %v", name, n, err)
			}
			if got := want - size(); got < 0 || got > tableBuffer {
				t.Errorf("%s: %d bytes are gathered", name, got)
			}
		}
		if err := end(f); err != nil {
			t.Fatal(err)
		}
		if got := size(); got != want {
			t.Errorf("%s: %d bytes of %d", name, got, want)
		}

		if f, err = (&tableFS{full}).Create("000001.sst", vfs.WriteCategoryUnspecified); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(piece); err != nil {
			t.Fatal(err)
		}
		if err := end(f); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
