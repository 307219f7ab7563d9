package realcass

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// If a process is killed, the processes that it started end too: their common output ends.
func TestChildrenEndWithProcess(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentVariable+"=1")
	parent.Stdout = w
	err = parent.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(r)
	line, err := out.ReadString('\n')
	if err != nil || line != started+"\n" {
		t.Errorf("the process prints %q, %v", line, err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // the error reports that the process was killed
	if rest, err := io.ReadAll(out); err != nil || len(rest) > 0 {
		t.Errorf("after the end of the process its child wrote %q (%v): the child lives", rest, err)
	}
}

func TestLock(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.lock")
	held, err := tryLock(name)
	if err != nil || held == nil {
		t.Fatalf("tryLock = %v, %v", held, err)
	}
	if second, err := tryLock(name); second != nil || err != nil {
		t.Errorf("tryLock of a held lock = %v, %v, want nothing", second, err)
	}
	held.Close()
	again, err := tryLock(name)
	if err != nil || again == nil {
		t.Fatalf("tryLock after the lock was let go = %v, %v", again, err)
	}
	again.Close()
}

func TestProvide(t *testing.T) {
	t.Setenv(cacheVariable, t.TempDir())
	c, err := openCache()
	if err != nil {
		t.Fatal(err)
	}
	fills := 0
	fill := func(fail error) func(context.Context, string) error {
		return func(_ context.Context, dir string) error {
			fills++
			if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o666); err != nil {
				return err
			}
			return fail
		}
	}
	broken := errors.New("broken")
	if _, err := c.provide(t.Context(), "jars", "1", exists, fill(broken)); !errors.Is(err, broken) {
		t.Errorf("provide = %v, want %v", err, broken)
	}
	if left, _ := filepath.Glob(c.path("jars", "*")); len(left) > 0 {
		t.Errorf("provide that failed leaves %v", left)
	}
	for range 2 {
		dir, err := c.provide(t.Context(), "jars", "1", exists, fill(nil))
		if err != nil || !exists(filepath.Join(dir, "x")) {
			t.Errorf("provide = %q, %v", dir, err)
		}
	}
	if fills != 2 {
		t.Errorf("filled %d times, want twice: once in vain", fills)
	}
}

func TestClaim(t *testing.T) {
	t.Setenv(cacheVariable, t.TempDir())
	c, err := openCache()
	if err != nil {
		t.Fatal(err)
	}
	first, err := c.claim()
	if err != nil {
		t.Fatal(err)
	}
	// A process with another cache knows nothing of the first cache.
	t.Setenv(cacheVariable, t.TempDir())
	other, err := openCache()
	if err != nil {
		t.Fatal(err)
	}
	second, err := other.claim()
	if err != nil {
		t.Fatal(err)
	}
	if first.number == second.number {
		t.Errorf("network %d was claimed twice", first.number)
	}
	if err := os.MkdirAll(first.dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, n := range []*network{first, second} {
		if err := n.release(); err != nil {
			t.Error(err)
		}
	}
	if exists(first.dir) {
		t.Error("the network's files are there after release")
	}
}
