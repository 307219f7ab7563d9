package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/widerow/widerow/backend"
)

// loopMount creates a file system of a kind in a file and mounts it.
func loopMount(t *testing.T, kind string, size int64) string {
	t.Helper()
	image := filepath.Join(t.TempDir(), "image")
	f, err := os.Create(image)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(size), f.Close()); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfs."+kind, "-q", "-F", image).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: mkfs.%s: %v: %s", kind, err, out)
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-o", "loop", image, dir).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: mount: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return dir
}

// TestFileSystems writes to stores on file systems that cannot preallocate, and on one that can.
func TestFileSystems(t *testing.T) {
	for name, mounted := range map[string]func(*testing.T) string{
		"ramfs": func(t *testing.T) string { return mount(t, "ramfs", "ramfs", 0, "") },
		"ext2":  func(t *testing.T) string { return loopMount(t, "ext2", 64<<20) },
		"ext4":  func(t *testing.T) string { return loopMount(t, "ext4", 64<<20) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(mounted(t), "store")
			s, err := Open(dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			alter(t, s, testKeyspace())
			mustMutate(t, s, mutate("cf", "k", ins("a", "1", 1)))
			mustClose(t, s)
			if s, err = Open(dir, nil); err != nil {
				t.Fatal(err)
			}
			if got := columns(t, s, "cf", "k"); got != "a=1" {
				t.Errorf("the row is %q", got)
			}
			mustClose(t, s)
		})
	}
}

// TestSmallDisk fills most of a small file system. Only written data may take room, also after the
// store is closed.
func TestSmallDisk(t *testing.T) {
	disk := mount(t, "tmpfs", "tmpfs", 0, "size=64m")
	s, err := Open(filepath.Join(disk, "store"), &Options{Durability: NoSync})
	if err != nil {
		t.Fatal(err)
	}
	alter(t, s, testKeyspace())
	for i := range 2500 { // 25 MB that do not compress
		mustMutate(t, s, mutate("cf", fmt.Sprint("row", i), ins("a", noise(10<<10, uint64(i)), 1)))
	}
	mustClose(t, s)
	if used := usedOn(t, disk); used > 34<<20 {
		t.Errorf("25 MB take %d MB", used>>20)
	}
}

// noise returns text that does not compress.
func noise(n int, seed uint64) string {
	b := make([]byte, n)
	for i := range b {
		seed = seed*6364136223846793005 + 1442695040888963407
		b[i] = byte(seed >> 56)
	}
	return string(b)
}

func usedOn(t *testing.T, dir string) (used int64) {
	t.Helper()
	err := filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			used += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return used
}

// TestFullDisk fills a disk, frees it and fills it again, with each durability.
func TestFullDisk(t *testing.T) {
	for _, d := range []Durability{Sync, Periodic(1e9), NoSync} {
		t.Run(d.String(), func(t *testing.T) {
			disk := mount(t, "tmpfs", "tmpfs", 0, "size=24m")
			setPatience(t, 50e6)
			dir, ballast := filepath.Join(disk, "store"), filepath.Join(disk, "ballast")
			o := &Options{Durability: d, MemTableSize: 4 << 20, PurgeInterval: -1}
			s, err := Open(dir, o)
			if err != nil {
				t.Fatal(err)
			}
			alter(t, s, testKeyspace())
			acknowledged := 0
			row := func(i int) string { return noise(8<<10, uint64(i)) }
			fill := func() {
				t.Helper()
				fillDisk(t, ballast)
				for i := acknowledged; ; i++ {
					err := s.Mutate(t.Context(), mutate("cf", fmt.Sprint("row", i), ins("a", row(i), 1)))
					if err == nil {
						acknowledged++
						continue
					}
					if !errors.Is(err, backend.ErrNoWrites) && !errors.Is(err, backend.ErrStorage) || !strings.Contains(err.Error(), "no space left") {
						t.Errorf("on a full disk: %v", err)
					}
					break
				}
				if err := s.Health(); !errors.Is(err, backend.ErrNoWrites) {
					t.Errorf("Health: %v, want ErrNoWrites", err)
				}
			}
			check := func() {
				t.Helper()
				for i := range acknowledged {
					if columns(t, s, "cf", fmt.Sprint("row", i)) != "a="+row(i) {
						t.Fatalf("row %d of %d acknowledged rows is missing", i, acknowledged)
					}
				}
			}
			for range 2 {
				fill()
				check()
				if err := os.Remove(ballast); err != nil {
					t.Fatal(err)
				}
				awaitWrites(t, s)
				mustMutate(t, s, mutate("cf", fmt.Sprint("row", acknowledged), ins("a", row(acknowledged), 1)))
				acknowledged++
			}
			fill()
			if err := s.Close(); err == nil {
				t.Error("Close on a full disk: no error")
			}
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			s = mustOpen(t, dir, o)
			check()
		})
	}
}

// fillDisk writes a file until the disk is full.
func fillDisk(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for b := make([]byte, 64<<10); len(b) > 512; {
		if _, err := f.Write(b); err != nil {
			b = b[:len(b)/2]
		}
	}
}
