package embedded

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// contents reads a directory.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(dir, name.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[name.Name()] = string(b)
	}
	return files
}

// killed returns the directory of a store that was not closed, with row "k" in its log and row
// "old" in a table.
func killed(t *testing.T) string {
	t.Helper()
	s := mustOpen(t, t.TempDir(), manual(newClock(), ""))
	alter(t, s, testKeyspace())
	mustMutate(t, s, mutate("indexed", "old", ins("state", "TX", 1)))
	if err := s.db.Flush(); err != nil {
		t.Fatal(err)
	}
	mustMutate(t, s, mutate("indexed", "k", ins("state", "UT", 1)))
	return copyDir(t, s.dir.path)
}

// TestReadOnly reads stores after a Close and after a kill, and checks that their files do not
// change.
func TestReadOnly(t *testing.T) {
	c := newClock()
	closed := killed(t)
	mustClose(t, mustOpen(t, closed, manual(c, "")))
	for name, dir := range map[string]string{"closed": closed, "killed": killed(t)} {
		t.Run(name, func(t *testing.T) {
			before := contents(t, dir)
			s := mustOpen(t, dir, readOnlyOptions(c))
			checkReadOnly(t, s)
			copied := filepath.Join(t.TempDir(), "copy")
			if err := s.Checkpoint(t.Context(), copied); err != nil {
				t.Fatal(err)
			}
			mustClose(t, s)
			if !maps.Equal(before, contents(t, dir)) {
				t.Error("the directory changed")
			}
			// The copy is an independent store.
			w := mustOpen(t, copied, manual(c, ""))
			mustMutate(t, w, mutate("indexed", "k", ins("state", "changed", 2)))
			mustClose(t, w)
			if !maps.Equal(before, contents(t, dir)) {
				t.Error("a write to the copy changed the directory")
			}
			checkReadOnly(t, mustOpen(t, dir, readOnlyOptions(c)))
		})
	}
}

// checkReadOnly reads what killed wrote and tries to write.
func checkReadOnly(t *testing.T, s *Store) {
	t.Helper()
	for key, want := range map[string]string{"old": "state=TX", "k": "state=UT"} {
		if got := columns(t, s, "indexed", key); got != want {
			t.Errorf("row %s is %q, want %q", key, got, want)
		}
	}
	for i := range 100 { // so many reads would ask for a fold
		if rows, err := s.Index(t.Context(), indexQuery("UT")); err != nil || len(rows) != 1 {
			t.Fatalf("Index, %d: %d rows, %v", i, len(rows), err)
		}
	}
	_, alterErr := s.Alter(t.Context(), schema.DropKeyspace{Name: "ks"})
	_, casErr := s.CompareAndSet(t.Context(), &backend.CompareRequest{Keyspace: "ks", Family: "cf", Key: []byte("k")})
	for call, err := range map[string]error{
		"Mutate":        s.Mutate(t.Context(), mutate("cf", "k", ins("a", "1", 1))),
		"Truncate":      s.Truncate(t.Context(), "ks", "cf"),
		"Purge":         s.Purge(t.Context()),
		"Alter":         alterErr,
		"CompareAndSet": casErr,
	} {
		if !errors.Is(err, backend.ErrUnsupported) || !strings.Contains(err.Error(), "opened read-only") {
			t.Errorf("%s: %v, want ErrUnsupported", call, err)
		}
	}
}

func indexQuery(state string) *backend.IndexRequest {
	return &backend.IndexRequest{
		Parent:      backend.Parent{Keyspace: "ks", Family: "indexed"},
		Expressions: []backend.Expression{{Name: []byte("state"), Op: backend.EQ, Value: []byte(state)}},
		Predicate:   backend.Predicate{Count: 10}, Count: 10,
	}
}

// TestReadOnlyNothing opens directories that contain no store.
func TestReadOnlyNothing(t *testing.T) {
	dir := t.TempDir()
	unfinished := t.TempDir()
	mustClose(t, mustOpen(t, unfinished, manual(newClock(), "")))
	if err := os.Rename(filepath.Join(unfinished, formatFile), filepath.Join(unfinished, creatingFile)); err != nil {
		t.Fatal(err)
	}
	existing := manual(newClock(), "")
	existing.Existing = true
	for _, o := range []*Options{readOnlyOptions(newClock()), existing} {
		for _, path := range []string{dir, filepath.Join(dir, "new")} {
			if _, err := Open(path, o); !errors.Is(err, backend.ErrNotFound) {
				t.Errorf("Open(%q): %v, want ErrNotFound", path, err)
			}
		}
	}
	if _, err := Open(unfinished, readOnlyOptions(newClock())); !errors.Is(err, backend.ErrNotFound) {
		t.Errorf("Open of a store whose creation was not finished: %v, want ErrNotFound", err)
	}
	if names := contents(t, dir); len(names) != 0 {
		t.Errorf("Open created %v", names)
	}
	if _, err := OpenMemory(&Options{ReadOnly: true}); !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("OpenMemory: %v, want an invalid request", err)
	}
}

// TestReadOnlyUnbuiltIndex queries an incomplete index, which a reader does not build.
func TestReadOnlyUnbuiltIndex(t *testing.T) {
	fsys := vfs.NewMem()
	s, err := open(fsys, "store", manual(newClock(), ""))
	if err != nil {
		t.Fatal(err)
	}
	alter(t, s, testKeyspace())
	if _, err := s.Index(t.Context(), indexQuery("UT")); err != nil {
		t.Fatal(err)
	}
	b := s.db.NewBatch()
	for _, f := range s.tables.Load().sorted() {
		r := f.record(nil)
		for i := range r.Indexes {
			r.Indexes[i].Built = false
		}
		if err := setRecord(b, metaFamily(f.id), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(b.Commit(nil), b.Close()); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	if s, err = open(fsys, "store", readOnlyOptions(newClock())); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Index(t.Context(), indexQuery("UT")); !errors.Is(err, backend.ErrUnsupported) {
		t.Errorf("Index: %v, want ErrUnsupported", err)
	}
	mustClose(t, s)
}

// TestReadOnlyMedium opens a store on a medium mounted read-only.
func TestReadOnlyMedium(t *testing.T) {
	c := newClock()
	dir := killed(t)
	place := bindMount(t, dir, true)
	_, err := Open(place, manual(c, ""))
	if !errors.Is(err, backend.ErrStorage) || !errors.Is(err, syscall.EROFS) || !strings.Contains(err.Error(), "read-only file system; a store on") {
		t.Errorf("Open to write: %v, want ErrStorage", err)
	}
	_, err = Open(filepath.Join(place, "new"), manual(c, ""))
	if !errors.Is(err, backend.ErrInvalidRequest) && !errors.Is(err, backend.ErrStorage) {
		t.Errorf("Open of a new store: %v", err)
	}
	s := mustOpen(t, place, readOnlyOptions(c))
	checkReadOnly(t, s)
	if _, err := Open(dir, manual(c, "")); !errors.Is(err, backend.ErrUnavailable) {
		t.Errorf("Open of the same directory to write: %v, want ErrUnavailable", err)
	}
	copied := filepath.Join(t.TempDir(), "copy")
	if err := s.Checkpoint(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	checkReadOnly(t, mustOpen(t, copied, readOnlyOptions(c)))
	mustClose(t, s)
	// If the lock file is missing, a reader takes no lock.
	if err := os.Remove(filepath.Join(dir, "LOCK")); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, place, readOnlyOptions(c))
	checkReadOnly(t, s)
	mustClose(t, s)
}

// TestReadOnlyFullDisk opens a store on a full disk and copies it to another disk.
func TestReadOnlyFullDisk(t *testing.T) {
	place := mount(t, "none", "tmpfs", 0, "size=8m")
	dir := filepath.Join(place, "store")
	if err := os.CopyFS(dir, os.DirFS(killed(t))); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "LOCK")); err != nil {
		t.Fatal(err)
	}
	fill(t, place)
	s := mustOpen(t, dir, readOnlyOptions(newClock()))
	checkReadOnly(t, s)
	checkFailedCheckpoint(t, s, filepath.Join(place, "a", "b"))
	mustClose(t, s)
}

// fill uses up the free space of a disk.
func fill(t *testing.T, place string) {
	t.Helper()
	f, err := os.Create(filepath.Join(place, "fill"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	chunk := bytes.Repeat([]byte{1}, 4096)
	for err == nil {
		_, err = f.Write(chunk)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}

// checkFailedCheckpoint makes a checkpoint to a directory that it must create, on a full disk.
func checkFailedCheckpoint(t *testing.T, s *Store, dir string) {
	t.Helper()
	err := s.Checkpoint(t.Context(), dir)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Checkpoint to a full disk: %v, want ENOSPC", err)
	}
	if _, err := os.Stat(filepath.Dir(dir)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a failed checkpoint left a part: %v", err)
	}
}

// TestFailedCheckpoint makes checkpoints to a full disk. Each leaves no files, and the store stays
// usable.
func TestFailedCheckpoint(t *testing.T) {
	place := mount(t, "none", "tmpfs", 0, "size=1m")
	onDisk := mustOpen(t, t.TempDir(), manual(newClock(), ""))
	inMemory := mustOpenMemory(t, manual(newClock(), ""))
	fill(t, place)
	for _, s := range []*Store{onDisk, inMemory} {
		alter(t, s, testKeyspace())
		mustMutate(t, s, mutate("cf", "k", ins("a", strings.Repeat("long", 1000), 1)))
		checkFailedCheckpoint(t, s, filepath.Join(place, "a", "b"))
		mustMutate(t, s, mutate("cf", "k", ins("a", "1", 2)))
		if got := columns(t, s, "cf", "k"); got != "a=1" {
			t.Errorf("after a failed checkpoint the row is %q", got)
		}
	}
}

// failLogsAt is a disk on which no log can be written in one directory.
type failLogsAt struct {
	vfs.FS
	dir string
}

func (f failLogsAt) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if filepath.Dir(name) == f.dir && strings.HasSuffix(name, ".log") {
		return nil, &fs.PathError{Op: "create", Path: name, Err: syscall.ENOSPC}
	}
	return f.FS.Create(name, c)
}

func (f failLogsAt) Unwrap() vfs.FS { return f.FS }

// TestFailedCheckpointOfLog makes a checkpoint whose log cannot be written. It fails, and the store
// stays usable.
func TestFailedCheckpointOfLog(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "copy")
	s, err := open(failLogsAt{vfs.Default, dir}, t.TempDir(), manual(newClock(), ""))
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	alter(t, s, testKeyspace())
	mustMutate(t, s, mutate("cf", "k", ins("a", "1", 1)))
	checkFailedCheckpoint(t, s, dir)
	mustMutate(t, s, mutate("cf", "k", ins("a", "2", 2)))
}

// TestNoPermission opens another user's store as a user without rights.
func TestNoPermission(t *testing.T) {
	needRoot(t)
	dir, err := os.MkdirTemp("/tmp", "widerow-test-") // a directory that other users may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "store")
	if err := os.CopyFS(copied, os.DirFS(killed(t))); err != nil {
		t.Fatal(err)
	}
	want := func(what, how, path, text string) {
		t.Helper()
		says, release := openInChild(t, path, "nobody "+how)
		release()
		if !strings.Contains(says, text) || strings.Contains(says, "in use") {
			t.Errorf("%s: %s, want %q", what, says, text)
		}
	}
	want("a new store", "write", filepath.Join(dir, "new"), "the storage failed: mkdir "+filepath.Join(dir, "new")+": permission denied; user 65534 needs")
	want("another user's store", "write", copied, "LOCK: permission denied; user 65534 needs to write to the directory and its files, or may open the store read-only")
	want("another user's store, to read", "read", copied, "open")
	for name := range contents(t, copied) {
		if err := os.Chown(filepath.Join(copied, name), 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(copied, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		mode        fs.FileMode
		write, read string
	}{
		{0o300, "permission denied; user 65534 needs to write", "permission denied; user 65534 needs to read the directory"},
		{0o500, "permission denied; user 65534 needs to write", "open"},
		{0o755, "open", "open"},
	} {
		if err := os.Chmod(copied, tt.mode); err != nil {
			t.Fatal(err)
		}
		want("mode "+tt.mode.String()+", to write", "write", copied, tt.write)
		want("mode "+tt.mode.String()+", to read", "read", copied, tt.read)
	}
}

// TestReadOnlyBackground checks that a reader starts no background work.
func TestReadOnlyBackground(t *testing.T) {
	o := readOnlyOptions(newClock())
	o.PurgeInterval, o.Durability = time.Nanosecond, Periodic(time.Nanosecond)
	s := mustOpen(t, killed(t), o)
	checkReadOnly(t, s)
	mustClose(t, s)
}
