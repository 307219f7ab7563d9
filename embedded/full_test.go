package embedded

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// openFaulty opens a store on a disk that can be made to fail.
func openFaulty(t *testing.T) (*Store, *faultFS) {
	t.Helper()
	setPatience(t, 20*time.Millisecond)
	fs := &faultFS{FS: vfs.NewMem()}
	o := manual(newClock(), "")
	o.MemTableSize = 512 << 10
	s, err := open(fs, "store", o)
	if err != nil {
		t.Fatal(err)
	}
	alter(t, s, testKeyspace())
	awaitIndexes(t, s)
	return s, fs
}

// awaitIndexes waits until the indexes of testKeyspace are built. After that, the background uses
// neither the log nor the lock of writers.
func awaitIndexes(t *testing.T, s *Store) {
	t.Helper()
	built := byState("Utah")
	built.Family = "indexed"
	if _, err := s.Index(t.Context(), built); err != nil {
		t.Fatal(err)
	}
}

// forLong makes a fault last until a test lifts it.
func forLong(f *fault) *fault {
	f.left.Store(1 << 40)
	return f
}

// TestTablesCannotBeWritten fills memory while tables cannot be written. Writes are refused, calls
// end with their contexts, Pebble retries rarely, and Close ends with an error. Acknowledged writes
// are in the log.
func TestTablesCannotBeWritten(t *testing.T) {
	s, fs := openFaulty(t)
	f := forLong(&fault{err: syscall.ENOSPC, names: ".sst", create: true})
	fs.fault.Store(f)
	var work sync.WaitGroup
	var acknowledged sync.Map
	start := time.Now()
	for g := range 4 {
		work.Go(func() {
			for i := 0; ; i++ {
				key := fmt.Sprint(g, "-", i)
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				err := s.Mutate(ctx, mutate("cf", key, ins("a", strings.Repeat("x", 1000), 1)))
				cancel()
				if err != nil {
					if !errors.Is(err, backend.ErrNoWrites) || !errors.Is(err, syscall.ENOSPC) {
						t.Errorf("Mutate: %v, want ErrNoWrites for ENOSPC", err)
					}
					return
				}
				acknowledged.Store(key, true)
			}
		})
	}
	work.Wait()
	if _, err := s.Alter(t.Context(), schema.DropKeyspace{Name: "ks"}); !errors.Is(err, backend.ErrNoWrites) {
		t.Errorf("Alter: %v, want ErrNoWrites", err)
	}
	// Allow ten failures a second, and a few at the beginning.
	if n, most := f.failed.Load(), int64(time.Since(start)/retryEvery)+5; n > most {
		t.Errorf("%d tables were tried, want at most %d", n, most)
	}
	if err := s.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Close: %v, want ENOSPC", err)
	}
	fs.fault.Store(nil)
	s, err := open(fs, "store", manual(newClock(), ""))
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	acknowledged.Range(func(key, _ any) bool {
		if columns(t, s, "cf", key.(string)) == "" {
			t.Errorf("row %s was acknowledged and is missing", key)
		}
		return !t.Failed()
	})
}

// TestWaitForRoomEnds lets a write wait for memory that is never freed. The write ends with its
// context, or with the store.
func TestWaitForRoomEnds(t *testing.T) {
	s, _ := openFaulty(t)
	s.health.room.deep.Store(true)
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error)
	go func() { got <- s.Mutate(ctx, mutate("cf", "k", ins("a", "1", 1))) }()
	cancel()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Errorf("Mutate: %v, want context.Canceled", err)
	}
	go func() { got <- s.Mutate(context.Background(), mutate("cf", "k", ins("a", "1", 1))) }()
	mustClose(t, s)
	if err := <-got; !errors.Is(err, backend.ErrClosed) {
		t.Errorf("Mutate: %v, want ErrClosed", err)
	}
}

// TestReadErrorStopsNoWrites lets the background's reads fail. Writes must go on.
func TestReadErrorStopsNoWrites(t *testing.T) {
	s, fs := openFaulty(t)
	defer mustClose(t, s)
	fs.fault.Store(forLong(&fault{err: syscall.EIO, names: ".sst", read: true}))
	for i := range 20 {
		mustMutate(t, s, mutate("cf", fmt.Sprint(i), ins("a", "1", 1)))
		if err := s.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Health(); err != nil {
		t.Errorf("Health: %v", err)
	}
	fs.fault.Store(nil)
}

// TestAlterWhileLogFails drops a family while the log fails. Whatever Alter returns, the schema
// must agree with the data.
func TestAlterWhileLogFails(t *testing.T) {
	s, fs := openFaulty(t)
	defer mustClose(t, s)
	mustMutate(t, s, mutate("cf", "k", ins("a", "1", 1)))
	fs.fault.Store(forLong(&fault{err: syscall.EIO, names: ".log", sync: true}))
	if _, err := s.Alter(t.Context(), schema.DropFamily{Keyspace: "ks", Name: "cf"}); !errors.Is(err, backend.ErrStorage) {
		t.Errorf("Alter: %v, want ErrStorage", err)
	}
	if _, err := s.Slice(t.Context(), slice("cf", 1, "k")); !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("Slice of the family: %v, want an invalid request, as its data is gone", err)
	}
	fs.fault.Store(nil)
	awaitWrites(t, s)
}

// TestOpenOnFullDisk opens a store whose log must be written to tables, on a full disk.
func TestOpenOnFullDisk(t *testing.T) {
	setPatience(t, 20*time.Millisecond)
	disk := newCrashFS()
	s, err := open(disk, "store", crashOptions())
	if err != nil {
		t.Fatal(err)
	}
	alter(t, s, testKeyspace())
	mustMutate(t, s, mutate("cf", "k", ins("a", "1", 1)))
	fs := &faultFS{FS: disk.lose(vfs.CrashCloneCfg{})}
	mustClose(t, s)
	fs.fault.Store(forLong(&fault{err: syscall.ENOSPC, names: ".sst", create: true}))
	if _, err := open(fs, "store", crashOptions()); !errors.Is(err, backend.ErrNoWrites) {
		t.Fatalf("Open: %v, want ErrNoWrites", err)
	}
	fs.fault.Store(nil)
	for { // until the first Open has returned
		if s, err = open(fs, "store", crashOptions()); err == nil {
			break
		}
		if !errors.Is(err, backend.ErrUnavailable) {
			t.Fatal(err)
		}
	}
	if got := columns(t, s, "cf", "k"); got != "a=1" {
		t.Errorf("the row is %q", got)
	}
	mustClose(t, s)
}

// TestCutLogBeforeEmptyLog opens a store as a full disk used to leave it: with a truncated log and
// an empty log after it.
func TestCutLogBeforeEmptyLog(t *testing.T) {
	disk := newCrashFS()
	s, err := open(disk, "store", crashOptions())
	if err != nil {
		t.Fatal(err)
	}
	alter(t, s, testKeyspace())
	for i := range 10 {
		mustMutate(t, s, mutate("cf", fmt.Sprint(i), ins("a", "1", 1)))
	}
	left := disk.lose(vfs.CrashCloneCfg{})
	mustClose(t, s)
	names, err := left.List("store")
	if err != nil {
		t.Fatal(err)
	}
	d := &directory{fs: left, path: "store"}
	for _, name := range names {
		if !isLog(name) {
			continue
		}
		info, err := left.Stat(d.join(name))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.cut(d.join(name), info.Size()-3); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.write("999990.log", nil); err != nil {
		t.Fatal(err)
	}
	if s, err = open(left, "store", crashOptions()); err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		if columns(t, s, "cf", fmt.Sprint(i)) == "" {
			t.Errorf("row %d is missing", i)
		}
	}
	mustClose(t, s)
}
