package embedded

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/wal"

	"github.com/widerow/widerow/backend"
)

// listHookFS calls a function once, before it lists a directory.
type listHookFS struct {
	vfs.FS
	hook atomic.Pointer[func()]
}

func (l *listHookFS) List(dir string) ([]string, error) {
	if hook := l.hook.Swap(nil); hook != nil {
		(*hook)()
	}
	return l.FS.List(dir)
}

func (l *listHookFS) Unwrap() vfs.FS { return l.FS }

// TestFreeLogsKeepsLiveOnes begins a log while unused logs are removed.
func TestFreeLogsKeepsLiveOnes(t *testing.T) {
	fs := &faultFS{FS: vfs.NewMem()}
	hooked := &listHookFS{FS: fs}
	s, err := open(hooked, "store", manual(newClock(), ""))
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	alter(t, s, testKeyspace())
	logs := func() (numbers []wal.NumWAL) {
		t.Helper()
		list, err := wal.Scan(wal.Dir{FS: fs, Dirname: "store"})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			numbers = append(numbers, l.Num)
		}
		return numbers
	}
	before := logs()
	fs.fault.Store(forLong(&fault{err: syscall.ENOSPC, names: ".sst", create: true}))
	defer fs.fault.Store(nil)
	hook := func() {
		if _, err := s.db.AsyncFlush(); err != nil {
			t.Error(err)
		}
	}
	hooked.hook.Store(&hook)
	s.freeLogs()
	if after := logs(); len(after) != len(before)+1 || !slices.Contains(after, before[len(before)-1]) {
		t.Errorf("there were logs %d, and %d are left", before, after)
	}
}

// TestLargeWriteWhileTablesCannotBeWritten makes large writes on a full disk. They are refused even
// if their contexts never end.
func TestLargeWriteWhileTablesCannotBeWritten(t *testing.T) {
	watchdog := startWatchdog(t)
	watchdog.Reset(stuck)
	s, fs := openFaulty(t)
	fs.fault.Store(forLong(&fault{err: syscall.ENOSPC, names: ".sst", create: true}))
	large := strings.Repeat("x", largeWrite)
	var err error
	for i := 0; err == nil; i++ {
		err = s.Mutate(t.Context(), mutate("cf", fmt.Sprint(i), ins("a", large, 1)))
	}
	if !errors.Is(err, backend.ErrNoWrites) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Mutate: %v, want ErrNoWrites for ENOSPC", err)
	}
	fs.fault.Store(nil)
	for errors.Is(err, backend.ErrNoWrites) {
		err = s.Mutate(t.Context(), mutate("cf", "k", ins("a", large, 1)))
	}
	if err != nil {
		t.Errorf("Mutate after the disk has room: %v", err)
	}
	mustClose(t, s)
}
