package embedded

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/widerow/widerow/backend"
)

// TestFailingDisk lets the disk fail for the log, or for tables, while writers write. The writers
// get errors, acknowledged writes can be read, the process does not end, and no call hangs.
func TestFailingDisk(t *testing.T) {
	errDisk := errors.New("the disk is on fire")
	for _, suffix := range []string{".log", ".sst", "MANIFEST"} {
		for _, how := range []struct {
			name  string
			kinds map[errorfs.OpKind]bool
		}{
			{"write", map[errorfs.OpKind]bool{errorfs.OpFileWrite: true, errorfs.OpFileWriteAt: true}},
			{"sync", map[errorfs.OpKind]bool{errorfs.OpFileSync: true, errorfs.OpFileSyncData: true, errorfs.OpFileSyncTo: true}},
			{"create", map[errorfs.OpKind]bool{errorfs.OpCreate: true, errorfs.OpReuseForWrite: true}},
		} {
			if suffix == "MANIFEST" && how.name == "create" {
				continue // the file is created when the store is opened
			}
			t.Run(suffix+"/"+how.name, func(t *testing.T) {
				var failing atomic.Bool
				fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
					if failing.Load() && strings.Contains(op.Path, suffix) && how.kinds[op.Kind] {
						return errDisk
					}
					return nil
				}))
				o := manual(newClock(), "")
				o.MemTableSize = 512 << 10
				s, err := open(fs, "store", o)
				if err != nil {
					t.Fatal(err)
				}
				alter(t, s, testKeyspace())
				failing.Store(true)
				var wg sync.WaitGroup
				var acknowledged sync.Map
				for g := range 4 {
					wg.Go(func() {
						for i := range 2000 {
							key := fmt.Sprint(g, "-", i)
							err := s.Mutate(context.Background(), mutate("cf", key, ins("a", strings.Repeat("x", 1000), 1)))
							if err == nil {
								acknowledged.Store(key, true)
								continue
							}
							if !errors.Is(err, backend.ErrNoWrites) && !errors.Is(err, backend.ErrStorage) {
								t.Errorf("Mutate: %v, want ErrNoWrites or ErrStorage", err)
							}
							return
						}
					})
				}
				wg.Wait()
				acknowledged.Range(func(key, _ any) bool {
					if columns(t, s, "cf", key.(string)) == "" {
						t.Errorf("row %s was acknowledged and cannot be read", key)
					}
					return !t.Failed()
				})
				if s.health.check() == nil {
					t.Error("the store takes writes")
				}
				failing.Store(false)
				awaitWrites(t, s)
				mustMutate(t, s, mutate("cf", "k", ins("a", "1", 1)))
				mustClose(t, s)
				if s, err = open(fs, "store", o); err != nil {
					t.Fatal(err)
				}
				acknowledged.Range(func(key, _ any) bool {
					if columns(t, s, "cf", key.(string)) == "" {
						t.Errorf("after reopening, row %s cannot be read", key)
					}
					return !t.Failed()
				})
				mustClose(t, s)
			})
		}
	}
}

// awaitWrites waits until the store takes writes again.
func awaitWrites(t testing.TB, s *Store) {
	t.Helper()
	for start := time.Now(); s.Health() != nil; runtime.Gosched() {
		if time.Since(start) > time.Minute {
			t.Fatalf("the store still takes no writes: %v", s.Health())
		}
	}
}

// TestClockThatPanics has a clock that panics in calls of each sort. A panic must damage no data
// and leave the store usable.
func TestClockThatPanics(t *testing.T) {
	c := newClock()
	var panics atomic.Bool
	o := manual(c, "")
	o.Now = func() time.Time {
		if panics.Load() {
			panic("no time")
		}
		return c.Now()
	}
	dir := t.TempDir()
	s := mustOpen(t, dir, o)
	alter(t, s, testKeyspace())
	mustMutate(t, s, mutate("cf", "purged", backend.Mutation{Op: backend.Delete, Timestamp: 1}))
	check := func(call string, err error) {
		t.Helper()
		if !errors.Is(err, backend.ErrInternal) || !strings.Contains(err.Error(), "Options.Now panicked: no time") {
			t.Errorf("%s: %v, want ErrInternal", call, err)
		}
	}
	panics.Store(true)
	check("Mutate", s.Mutate(t.Context(), mutate("cf", "k", ins("a", "1", 1))))
	_, err := s.Slice(t.Context(), slice("cf", 1, "k"))
	check("Slice", err)
	check("Purge", s.Purge(t.Context()))
	panics.Store(false)
	mustMutate(t, s, mutate("cf", "k", ins("a", "1", 1)))
	mustClose(t, s)
	panics.Store(true)
	_, err = Open(dir, o)
	check("Open", err)
	panics.Store(false)
	s = mustOpen(t, dir, o)
	if got := columns(t, s, "cf", "k"); got != "a=1" {
		t.Errorf("the row is %q", got)
	}
}
