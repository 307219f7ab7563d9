package embedded

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/widerow/widerow/backend"
)

// setPatience shortens the time that opening and closing a store waits for a failing disk.
func setPatience(t testing.TB, d time.Duration) {
	was := patience
	patience = d
	t.Cleanup(func() { patience = was })
}

// TestTorture writes to a store while its disk is full, its disk fails in any way, its power is
// cut, or its process is killed, with each durability. Promised writes must survive, in order, and
// the store must open and accept writes again. WIDEROW_TORTURE_ROUNDS sets the number of rounds.
func TestTorture(t *testing.T) {
	setPatience(t, 20*time.Millisecond)
	rounds := int(crashNumber(t, "WIDEROW_TORTURE_ROUNDS", 12))
	for _, d := range []Durability{Sync, Periodic(time.Millisecond), NoSync} {
		t.Run(d.String(), func(t *testing.T) {
			seed := crashSeed(t)
			x := &torture{random: rand.New(rand.NewPCG(seed, 0)), oracle: newCrashOracle(t, crashLoad{seed}), disk: newCrashFS(), o: crashOptions()}
			x.o.Durability = d
			x.fs = &faultFS{FS: x.disk}
			s, err := open(x.fs, "store", x.o)
			if err != nil {
				t.Fatal(err)
			}
			alter(t, s, crashKeyspace())
			mustClose(t, s)
			watchdog := startWatchdog(t)
			ends := map[string]int{}
			for round := range (rounds + 2) / 3 {
				watchdog.Reset(stuck)
				if !t.Run(fmt.Sprint(round), func(t *testing.T) { ends[x.round(t)]++ }) {
					return
				}
			}
			t.Logf("rounds by end: %v; batches by worker: %v", ends, x.oracle.done)
		})
	}
}

type torture struct {
	random *rand.Rand
	oracle *crashOracle
	disk   *crashFS
	fs     *faultFS
	o      *Options
}

// fault returns a random fault of a disk.
func (x *torture) fault() *fault {
	f := &fault{err: &vfsError{"write", syscall.ENOSPC}, write: true, create: x.random.IntN(2) == 0}
	f.left.Store(1 << 40)
	if x.random.IntN(2) == 0 { // the disk is full
		return f
	}
	f = &fault{err: &vfsError{"operate", syscall.EIO}, names: []string{".log", ".sst", "MANIFEST", "marker", ""}[x.random.IntN(5)]}
	kinds := 1 + x.random.IntN(15)
	f.write, f.sync, f.create, f.read = kinds&1 != 0, kinds&2 != 0, kinds&4 != 0, kinds&8 != 0
	f.left.Store([]int64{1, 3, 1 << 40}[x.random.IntN(3)])
	return f
}

// vfsError is an error as package os returns it.
type vfsError struct {
	op  string
	err error
}

func (e *vfsError) Error() string { return e.op + ": " + e.err.Error() }
func (e *vfsError) Unwrap() error { return e.err }

// round opens the store, lets workers write while the disk fails, ends the store in some way, and
// checks its contents.
func (x *torture) round(t *testing.T) (end string) {
	s, err := open(x.fs, "store", x.o)
	if err != nil {
		t.Fatal(err)
	}
	load := x.startLoad(s)
	load.wait(1 + x.random.IntN(200))
	f := x.fault()
	x.fs.fault.Store(f)
	load.wait(1 + x.random.IntN(100))
	if x.random.IntN(2) == 0 { // the fault ends before the round does
		x.fs.fault.Store(nil)
		probe := mutate("cf", "probe", ins("a", "1", 1), backend.Mutation{Op: backend.Delete, Timestamp: 2})
		for err = s.Mutate(t.Context(), probe); errors.Is(err, backend.ErrNoWrites); err = s.Mutate(t.Context(), probe) {
			if err := s.untilWrites(t.Context()); err != nil { // memory may still be full
				t.Fatal(err)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		load.wait(1 + x.random.IntN(100))
	}
	promised := load.counts()
	switch x.random.IntN(3) {
	case 0:
		end = "kill" // the operating system has everything that was written
		x.disk = x.disk.lose(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: x.random})
	case 1:
		end = "power"
		if x.o.Durability != Sync {
			promised = x.oracle.done
		}
		x.disk = x.disk.lose(vfs.CrashCloneCfg{UnsyncedDataPercent: 25 * x.random.IntN(4), RNG: x.random})
	default:
		end = "close"
	}
	begun := load.counts()
	if end != "close" {
		x.fs.fault.Store(nil)
	}
	err = s.Close()
	load.work.Wait()
	x.fs.fault.Store(nil)
	if end == "close" {
		promised, begun = load.counts(), load.counts()
		if err != nil {
			end = "close with an error"
		}
	}
	x.fs = &faultFS{FS: x.disk}
	for w := range begun {
		begun[w]++ // the batch that is not acknowledged
	}
	if s, err = open(x.fs, "store", x.o); err != nil {
		t.Fatalf("%s after %+v: %v", end, f, err)
	}
	t.Logf("%s after %d failures of %+v; before %v, promised %v, begun %v", end, f.failed.Load(), f, x.oracle.done, promised, begun)
	x.oracle.check(t, s, promised, begun)
	mustClose(t, s)
	return end
}

// tortureLoad holds the workers of a round.
type tortureLoad struct {
	acks  crashCounts
	work  sync.WaitGroup
	turns chan struct{} // receives one element for each acknowledgement and each failure
	ended chan struct{} // closed when all workers have ended
}

// startLoad starts workers. A worker writes until it does not know whether a write was applied.
func (x *torture) startLoad(s *Store) *tortureLoad {
	l := &tortureLoad{turns: make(chan struct{}, 1), ended: make(chan struct{})}
	turn := func() {
		select {
		case l.turns <- struct{}{}:
		default:
		}
	}
	for w, n := range x.oracle.done {
		l.acks[w].Store(int64(n))
		l.work.Go(func() {
			for {
				err := s.Mutate(context.Background(), x.oracle.load.batch(w, n))
				turn()
				switch {
				case err == nil:
					n++
					l.acks[w].Add(1)
				case !errors.Is(err, backend.ErrNoWrites):
					return
				case s.untilWrites(context.Background()) != nil:
					return
				}
			}
		})
	}
	go func() {
		l.work.Wait()
		close(l.ended)
	}()
	return l
}

// wait waits for about n turns of the workers, or until no worker makes progress.
func (l *tortureLoad) wait(n int) {
	stall := time.NewTimer(50 * time.Millisecond) // all workers wait until the disk works again
	defer stall.Stop()
	for range n {
		select {
		case <-l.turns:
		case <-l.ended:
			return
		case <-stall.C:
			return
		}
	}
}

func (l *tortureLoad) counts() [crashWorkers]int { return l.acks.load() }
