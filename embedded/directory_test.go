package embedded

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
)

func TestForeignDir(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(file, []byte("Dear"), 0o644); err != nil {
		t.Fatal(err)
	}
	check := func(files int) {
		t.Helper()
		if _, err := Open(dir, manual(newClock(), "")); err == nil || !strings.Contains(err.Error(), "holds no store") {
			t.Errorf("Open of a directory with a letter: %v", err)
		}
		if names, err := os.ReadDir(dir); err != nil || len(names) != files {
			t.Errorf("the directory has %v afterwards (%v)", names, err)
		}
	}
	check(1)
	// These files also occur in the directories of similar databases.
	for _, name := range []string{"LOCK", "CURRENT", "MANIFEST-000001"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("theirs"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	check(4)
	if b, err := os.ReadFile(filepath.Join(dir, "LOCK")); err != nil || string(b) != "theirs" {
		t.Errorf("the lock file of another database is now %q (%v)", b, err)
	}
}

func TestNewerFormat(t *testing.T) {
	const newer = "store format 7 was written by a newer widerow; this one knows up to 2"
	want := func(err error) {
		t.Helper()
		if !errors.Is(err, backend.ErrUnsupported) || !strings.Contains(err.Error(), newer) {
			t.Errorf("Open: %v, want %q", err, newer)
		}
	}
	dir := t.TempDir()
	s := mustOpen(t, dir, manual(newClock(), ""))
	class := s.part.Class()
	if err := s.db.Set(metaSchema, []byte(`{"format":7}`), pebble.Sync); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	_, err := Open(dir, nil)
	want(err)
	if err := os.WriteFile(filepath.Join(dir, formatFile), fmt.Appendf(nil, `{"format":7,"partitioner":%q}`, class), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Open(dir, nil)
	want(err)
}

// TestInterruptedCreation opens a directory in which the creation of a store stopped before its
// last step.
func TestInterruptedCreation(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	s := mustOpen(t, dir, manual(c, "random"))
	alter(t, s, testKeyspace())
	mustClose(t, s)
	if err := os.Remove(filepath.Join(dir, formatFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, nil); !errors.Is(err, backend.ErrCorrupt) {
		t.Errorf("Open of a store that lost its format: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, creatingFile), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir, manual(c, ""))
	if s.part.Name() != "random" {
		t.Errorf("the partitioner is %s, want random", s.part.Name())
	}
	mustClose(t, s)
	mustClose(t, mustOpen(t, dir, manual(c, "")))
}

func TestCheckpoint(t *testing.T) {
	c := newClock()
	s := mustOpen(t, t.TempDir(), manual(c, "random"))
	alter(t, s, testKeyspace())
	mustMutate(t, s, mutate("cf", "k", ins("a", "1", 1)))
	dir := filepath.Join(t.TempDir(), "copy")
	if err := s.Checkpoint(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Checkpoint(t.Context(), dir); !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("a second Checkpoint to the same directory: %v, want an invalid request", err)
	}
	mustMutate(t, s, mutate("cf", "k", ins("a", "2", 2)))

	backup := mustOpen(t, dir, manual(c, ""))
	if got := columns(t, backup, "cf", "k"); got != "a=1" {
		t.Errorf("the copy has %q, want a=1", got)
	}
	mustMutate(t, backup, mutate("cf", "k", ins("b", "3", 3)))
	if got := columns(t, s, "cf", "k"); got != "a=2" {
		t.Errorf("the store has %q after writing to both, want a=2", got)
	}
}

// damaged creates a store with data in tables, log and index.
func damaged(t *testing.T) (dir string, rows map[string]string) {
	t.Helper()
	dir = t.TempDir()
	s := mustOpen(t, dir, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	rows = map[string]string{}
	write := func(from, to int) {
		for i := from; i < to; i++ {
			key, value := fmt.Sprintf("k%03d", i), strings.Repeat(fmt.Sprint(i), 50)
			mustMutate(t, s, mutate("indexed", key, ins("state", value, 1)))
			rows[key] = "state=" + value
		}
	}
	write(0, 200)
	if err := s.db.Flush(); err != nil {
		t.Fatal(err)
	}
	write(200, 400)
	if err := s.db.Flush(); err != nil {
		t.Fatal(err)
	}
	write(400, 500) // only in the log
	mustClose(t, s)
	return dir, rows
}

// readDamaged opens a store and checks every row that it can read. If allowLoss, rows may be
// missing, as after a crash.
func readDamaged(t *testing.T, dir string, rows map[string]string, allowLoss bool) {
	t.Helper()
	fine := func(what string, err error) bool {
		t.Helper()
		if err == nil {
			return true
		}
		if !errors.Is(err, backend.ErrCorrupt) && !errors.Is(err, backend.ErrUnsupported) && !errors.Is(err, backend.ErrInvalidRequest) {
			t.Errorf("%s: %v, want ErrCorrupt", what, err)
		}
		return false
	}
	s, err := Open(dir, manual(newClock(), ""))
	if !fine("Open", err) {
		return
	}
	defer func() { _ = s.Close() }() // Close may report the damage
	for key, want := range rows {
		got, err := s.Slice(t.Context(), slice("indexed", 10, key))
		if !fine("Slice", err) {
			continue
		}
		if r := render(got[0].Columns); r != want && (r != "" || !allowLoss) {
			t.Errorf("row %s is %q, want %q", key, r, want)
		}
	}
	all, err := s.Range(t.Context(), &backend.RangeRequest{
		Parent: backend.Parent{Keyspace: "ks", Family: "indexed"},
		Range:  backend.KeyRange{Count: 1000}, Predicate: backend.Predicate{Count: 10},
	})
	if fine("Range", err) {
		if len(all) != len(rows) && !allowLoss {
			t.Errorf("there are %d rows, want %d", len(all), len(rows))
		}
		for _, row := range all {
			if got := render(row.Columns); got != rows[string(row.Key)] {
				t.Errorf("row %s is %q, want %q", row.Key, got, rows[string(row.Key)])
			}
		}
	}
}

func copyDir(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestDamage flips a bit of each file, truncates it, empties it and removes it: after a clean
// Close, and after a crash. A read must never return wrong data. After a clean Close, no loss may
// pass unnoticed.
func TestDamage(t *testing.T) {
	dir, rows := damaged(t)
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, name := range names {
		if name.IsDir() || name.Name() == "LOCK" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, name.Name()))
		if err != nil {
			t.Fatal(err)
		}
		ways := map[string]func() []byte{
			"cut":     func() []byte { return b[:len(b)*2/3] },
			"emptied": func() []byte { return nil },
			"removed": nil,
		}
		for i := range 6 {
			ways[fmt.Sprint("bit", i)] = func() []byte {
				c := append([]byte(nil), b...)
				if len(c) > 0 {
					c[rnd.IntN(len(c))] ^= 1 << rnd.IntN(8)
				}
				return c
			}
		}
		for way, change := range ways {
			for _, crashed := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/crashed=%v", name.Name(), way, crashed), func(t *testing.T) {
					d := copyDir(t, dir)
					path := filepath.Join(d, name.Name())
					if crashed {
						if err := os.Remove(filepath.Join(d, closedFile)); err != nil {
							t.Fatal(err)
						}
					}
					var err error
					if change == nil {
						if err = os.Remove(path); crashed && name.Name() == closedFile {
							err = nil
						}
					} else {
						err = os.WriteFile(path, change(), 0o644)
					}
					if err != nil {
						t.Fatal(err)
					}
					// Damage in a log looks the same as the end of what was written before a crash.
					// If the closing note is missing, the same holds for a truncated manifest and a
					// lost log.
					base := strings.HasSuffix(name.Name(), ".log") || strings.HasPrefix(name.Name(), "MANIFEST")
					readDamaged(t, d, rows, base && crashed)
				})
			}
		}
	}
}
