package embedded

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/widerow/widerow/backend"
)

// The parameters of the child: the directory to open, and how to open it. "write" and "read" open
// the store; "pebble" takes the lock that older versions take. After the prefix "nobody" the child
// runs without rights.
const (
	lockChildDir = "WIDEROW_LOCK_CHILD_DIR"
	lockChildHow = "WIDEROW_LOCK_CHILD_HOW"
)

// openInChild opens a store in another process and returns the child's answer: "open" or an error.
// The child holds the store until the test closes release.
func openInChild(t *testing.T, dir, how string) (says string, release func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestLockChild$")
	cmd.Env = append(os.Environ(), lockChildDir+"="+dir, lockChildHow+"="+how)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	release = func() {
		_ = in.Close()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	}
	t.Cleanup(release)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the child prints %q: %v", line, err)
	}
	return strings.TrimSpace(line), release
}

// TestLockChild is the child of openInChild.
func TestLockChild(t *testing.T) {
	dir := os.Getenv(lockChildDir)
	if dir == "" {
		t.Skip("only as a child")
	}
	var held io.Closer
	var err error
	how, asNobody := strings.CutPrefix(os.Getenv(lockChildHow), "nobody ")
	if asNobody {
		err = becomeNobody()
	}
	if err != nil {
		// err is the child's answer.
	} else if how == "pebble" {
		held, err = vfs.Default.Lock(filepath.Join(dir, "LOCK"))
	} else {
		o := manual(newClock(), "")
		o.ReadOnly = how == "read"
		held, err = Open(dir, o)
	}
	if err != nil {
		fmt.Println(strings.ReplaceAll(err.Error(), "\n", " "))
		os.Exit(0)
	}
	fmt.Println("open")
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = held.Close()
	os.Exit(0)
}

// readOnlyOptions returns the options of manual for a reader.
func readOnlyOptions(c *clock) *Options {
	o := manual(c, "")
	o.ReadOnly = true
	return o
}

// TestLockHoldsWhatIsRead copies the directory of an open store, as a backup in the same process
// does. The copy opens and closes the lock file. No other process may open the store after it.
func TestLockHoldsWhatIsRead(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	s := mustOpen(t, dir, manual(c, ""))
	alter(t, s, testKeyspace())
	if runtime.GOOS != "windows" { // Windows does not let the file be read
		copyDir(t, dir)
	}
	for _, how := range []string{"write", "read"} {
		if says, _ := openInChild(t, dir, how); !strings.Contains(says, "in use by process ") {
			t.Errorf("a second process, to %s: %s", how, says)
		}
	}
	if says, _ := openInChild(t, dir, "pebble"); says == "open" {
		t.Error("a process of an older version took the lock")
	}
	mustClose(t, s)
	if says, release := openInChild(t, dir, "pebble"); says != "open" {
		t.Errorf("an older version after Close: %s", says)
	} else {
		if _, err := Open(dir, manual(c, "")); !errors.Is(err, backend.ErrUnavailable) {
			t.Errorf("Open while an older version has the lock: %v, want ErrUnavailable", err)
		}
		release()
	}
	mustClose(t, mustOpen(t, dir, manual(c, "")))
}

// TestLockByInode opens one store through several names of its directory.
func TestLockByInode(t *testing.T) {
	c := newClock()
	dir := filepath.Join(t.TempDir(), "store")
	s := mustOpen(t, dir, manual(c, ""))
	refused := func(what, path string) {
		t.Helper()
		for _, o := range []*Options{manual(c, ""), readOnlyOptions(c)} {
			if second, err := Open(path, o); !errors.Is(err, backend.ErrUnavailable) {
				t.Errorf("Open of %s: %v, want ErrUnavailable", what, err)
				if err == nil {
					mustClose(t, second)
				}
			}
		}
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	refused("a symbolic link", link)
	// A copy by hard links shares logs that are reused, so it counts as the same store.
	linked := t.TempDir()
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err := os.Link(filepath.Join(dir, name.Name()), filepath.Join(linked, name.Name())); err != nil {
			t.Fatal(err)
		}
	}
	refused("a copy by hard links", linked)
	t.Run("bind mount", func(t *testing.T) { refused("a bind mount", bindMount(t, dir, false)) })
	mustClose(t, s)
}

// TestReaders opens a store in several readers, which exclude writers.
func TestReaders(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	mustClose(t, mustOpen(t, dir, manual(c, "")))
	// A killed writer leaves its holder file. It must not be reported as the holder of the store.
	if err := os.WriteFile(filepath.Join(dir, holderFile), []byte(`{"pid":123456789}`), 0o644); err != nil {
		t.Fatal(err)
	}
	a := mustOpen(t, dir, readOnlyOptions(c))
	b := mustOpen(t, dir, readOnlyOptions(c))
	if says, release := openInChild(t, dir, "read"); says != "open" {
		t.Errorf("a reader in another process: %s", says)
	} else {
		release()
	}
	for range 2 {
		if _, err := Open(dir, manual(c, "")); !errors.Is(err, backend.ErrUnavailable) || !strings.Contains(err.Error(), "in use by a reader") {
			t.Errorf("Open to write while readers have the store: %v", err)
		}
		if says, _ := openInChild(t, dir, "write"); !strings.Contains(says, "in use by a reader") {
			t.Errorf("a writer in another process: %s", says)
		}
		mustClose(t, a) // the other reader still holds it
	}
	mustClose(t, b)
	mustClose(t, mustOpen(t, dir, manual(c, "")))
}

// TestLockThatWasRemoved removes or replaces the lock file of an open store. Close must report it.
func TestLockThatWasRemoved(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the system does not let an open lock file be removed")
	}
	for _, replaced := range []bool{false, true} {
		dir := t.TempDir()
		s, err := Open(dir, manual(newClock(), ""))
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, "LOCK")
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		if replaced {
			if err := os.WriteFile(name, nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); !errors.Is(err, backend.ErrStorage) || !strings.Contains(err.Error(), "LOCK was removed") {
			t.Errorf("Close, replaced %v: %v, want ErrStorage", replaced, err)
		}
		mustClose(t, mustOpen(t, dir, manual(newClock(), "")))
	}
}
