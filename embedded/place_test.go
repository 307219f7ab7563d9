package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/widerow/widerow/backend"
)

// TestPlaceOfNewStore creates stores beside the files that systems put into empty directories.
func TestPlaceOfNewStore(t *testing.T) {
	for _, names := range []string{
		"lost+found/", ".DS_Store", ".snapshot/", ".Trash-1000/ .fseventsd/ .nfs0001", "$RECYCLE.BIN/", "aquota.user", "Thumbs.db",
	} {
		dir := t.TempDir()
		for name := range strings.SplitSeq(names, " ") {
			path := filepath.Join(dir, name)
			var err error
			if strings.HasSuffix(name, "/") {
				err = os.Mkdir(path, 0)
			} else {
				err = os.WriteFile(path, []byte("theirs"), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		o := manual(newClock(), "")
		o.Existing = true
		if _, err := Open(dir, o); !errors.Is(err, backend.ErrNotFound) {
			t.Errorf("beside %s, Open of an existing store: %v, want ErrNotFound", names, err)
		}
		for range 2 {
			mustClose(t, mustOpen(t, dir, manual(newClock(), "")))
		}
	}
	dir := t.TempDir()
	for _, name := range []string{".hidden", "lost and found"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(dir, nil); err == nil || !strings.Contains(err.Error(), "holds no store (it has lost and found)") {
		t.Errorf("beside a foreign directory: %v", err)
	}
}

// TestInsideStore creates stores and checkpoints inside a store's directory, through any of its
// names.
func TestInsideStore(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "store")
	s := mustOpen(t, dir, manual(newClock(), ""))
	link := filepath.Join(top, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	t.Chdir(dir)
	within := func(t *testing.T, places ...string) {
		for _, place := range places {
			for _, name := range []string{"000999.log", "HOLDER.new", "copy", "a/b/c"} {
				path := filepath.Join(place, name)
				if err := s.Checkpoint(t.Context(), path); !errors.Is(err, backend.ErrInvalidRequest) {
					t.Errorf("Checkpoint to %s: %v, want an invalid request", path, err)
				}
				if _, err := Open(path, nil); !errors.Is(err, backend.ErrInvalidRequest) {
					t.Errorf("Open of %s: %v, want an invalid request", path, err)
				}
			}
		}
	}
	within(t, dir, link, ".", "../store")
	t.Run("bind mount", func(t *testing.T) { within(t, bindMount(t, dir, false)) })
	if after := contents(t, dir); len(after) != len(before) {
		t.Errorf("the directory has %d files, had %d", len(after), len(before))
	}
	if err := s.Checkpoint(t.Context(), dir); !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("Checkpoint to the store itself: %v, want an invalid request", err)
	}
	if err := s.Checkpoint(t.Context(), filepath.Join(link, "..", "beside")); err != nil {
		t.Error(err)
	}
	mustClose(t, s)
	mustClose(t, mustOpen(t, dir, manual(newClock(), "")))
}

// TestPowerLossOfNewDirs cuts the power after the first write to a store in new directories.
func TestPowerLossOfNewDirs(t *testing.T) {
	for _, existing := range []string{"", "a", "a/b", "a/b/store"} {
		fsys := newCrashFS()
		if existing != "" { // the existing directory is not synced either
			if err := fsys.MkdirAll(existing, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		s, err := open(fsys, "a/b/store", manual(newClock(), ""))
		if err != nil {
			t.Fatal(err)
		}
		alter(t, s, testKeyspace())
		mustMutate(t, s, mutate("cf", "k", ins("a", "1", 1)))
		left := fsys.lose(vfs.CrashCloneCfg{})
		mustClose(t, s)
		o := manual(newClock(), "")
		o.Existing = true
		if s, err = open(left, "a/b/store", o); err != nil {
			t.Errorf("with %q there before: %v", existing, err)
			continue
		}
		if got := columns(t, s, "cf", "k"); got != "a=1" {
			t.Errorf("with %q there before, the row is %q, want a=1", existing, got)
		}
		mustClose(t, s)
	}
}

// TestPebbleFormat checks the format of Pebble's files. Only a change of our own format may raise
// it.
func TestPebbleFormat(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, manual(newClock(), ""))
	const pinned = 24 // whatever version of Pebble is linked
	if got := s.db.FormatMajorVersion(); got != pinned {
		t.Errorf("a new store has Pebble's format %d, want %d", got, pinned)
	}
	for format, got := range pebbleFormats[1:] {
		if got != pinned {
			t.Errorf("format %d pins Pebble's format %d, want %d", 1+format, got, pinned)
		}
	}
	mustClose(t, s)
	markers, err := filepath.Glob(filepath.Join(dir, "marker.format-version.*"))
	if err != nil || len(markers) != 1 {
		t.Fatal(markers, err)
	}
	for format, want := range map[string]string{
		"025": "Pebble format 25 was written by a newer widerow; this one knows up to 24",
		"999": "Pebble format 999 was written by a newer widerow",
		fmt.Sprintf("%03d", pebble.FormatMinSupported-1): "was written by an older widerow",
	} {
		for _, closed := range []bool{true, false} {
			d := copyDir(t, dir)
			if !closed {
				if err := os.Remove(filepath.Join(d, closedFile)); err != nil {
					t.Fatal(err)
				}
			}
			name := filepath.Base(markers[0])
			if err := os.Rename(filepath.Join(d, name), filepath.Join(d, name[:len(name)-3]+format)); err != nil {
				t.Fatal(err)
			}
			for _, o := range []*Options{manual(newClock(), ""), readOnlyOptions(newClock())} {
				if _, err := Open(d, o); !errors.Is(err, backend.ErrUnsupported) || !strings.Contains(err.Error(), want) {
					t.Errorf("Open: %v, want ErrUnsupported: %s", err, want)
				}
			}
		}
	}
}

// TestRefusedOptionsLeaveNothing opens a new store with invalid options. Open must leave no files.
func TestRefusedOptionsLeaveNothing(t *testing.T) {
	for _, o := range []*Options{
		{MemTableSize: 1},
		{MemTableSize: 1000},
		{MemTableSize: minMemTable - 1},
		{MemTableSize: 2 << 30},
		{CacheSize: -1},
		{Durability: Periodic(-1)},
		{Partitioner: "alphabetical"},
	} {
		dir := filepath.Join(t.TempDir(), "new")
		if _, err := Open(dir, o); !errors.Is(err, backend.ErrInvalidRequest) {
			t.Errorf("Open with %+v: %v, want an invalid request", o, err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("Open with %+v left a directory", o)
		}
		if _, err := OpenMemory(o); !errors.Is(err, backend.ErrInvalidRequest) {
			t.Errorf("OpenMemory with %+v: %v, want an invalid request", o, err)
		}
	}
	for _, o := range []*Options{{MemTableSize: minMemTable}, {CacheSize: 1}} {
		dir := t.TempDir()
		s := mustOpen(t, dir, o)
		alter(t, s, testKeyspace())
		for i := range 200 {
			mustMutate(t, s, mutate("cf", "k", ins(fmt.Sprint(i), strings.Repeat("x", 1000), 1)))
		}
		mustClose(t, s)
		s = mustOpen(t, dir, o)
		if got := len(columns(t, s, "cf", "k")); got < 200*1000 {
			t.Errorf("with %+v there are %d bytes", o, got)
		}
		mustClose(t, s)
	}
}
