package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/widerow/widerow/backend"
)

// crashNumber is a number from the environment, for longer runs and for replays.
func crashNumber(t *testing.T, variable string, otherwise uint64) uint64 {
	t.Helper()
	s := os.Getenv(variable)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// crashSeed returns the seed of a run and prints it. WIDEROW_CRASH_SEED replays the same
// load with the same moments, counted in acknowledgements.
func crashSeed(t *testing.T) uint64 {
	t.Helper()
	seed := crashNumber(t, "WIDEROW_CRASH_SEED", rand.Uint64())
	t.Logf("WIDEROW_CRASH_SEED=%d", seed)
	return seed
}

// stuck is longer than one crash with all that is checked after it takes on any machine.
const stuck = time.Minute

// startWatchdog returns a timer, to be reset for each crash, that ends the process with the
// stacks of all goroutines when it is over.
func startWatchdog(t *testing.T) *time.Timer {
	t.Helper()
	name := t.Name()
	watchdog := time.AfterFunc(stuck, func() {
		debug.SetTraceback("all")
		panic(fmt.Sprintf("%s: stuck for %s", name, stuck))
	})
	t.Cleanup(func() { watchdog.Stop() })
	return watchdog
}

// crashOptions keep all that runs in the background busy.
func crashOptions() *Options {
	return &Options{MemTableSize: 256 << 10, CacheSize: 4 << 20, PurgeInterval: 50 * time.Millisecond}
}

// The parameters of a child process.
const (
	crashChildDurability = "WIDEROW_CRASH_CHILD_DURABILITY"
	crashChildDir        = "WIDEROW_CRASH_CHILD_DIR"
	crashChildLoad       = "WIDEROW_CRASH_CHILD_LOAD" // the seed and the next batch of each worker
)

// crashOpening is what the child writes before it opens the store. Other bytes that it
// writes are workers whose batch was acknowledged.
const crashOpening = 0xff

// TestKill kills a process again and again, at any moment, in which workers write to a store,
// and each time opens the store and checks that it holds what it must, which is the same with each durability.
// WIDEROW_CRASH_KILLS says how often.
func TestKill(t *testing.T) {
	for _, d := range []Durability{Sync, Periodic(time.Hour), NoSync} {
		t.Run(d.String(), func(t *testing.T) { killWith(t, d) })
	}
}

func killWith(t *testing.T, d Durability) {
	kills := (int(crashNumber(t, "WIDEROW_CRASH_KILLS", 9)) + 2) / 3
	seed := crashSeed(t)
	t.Setenv(crashChildDurability, d.String())
	random := rand.New(rand.NewPCG(seed, 0))
	dir := filepath.Join(t.TempDir(), "store")
	oracle := newCrashOracle(t, crashLoad{seed})
	s, err := Open(dir, crashOptions())
	if err != nil {
		t.Fatal(err)
	}
	alter(t, s, crashKeyspace())
	mustClose(t, s)

	watchdog := startWatchdog(t)
	for kill := range kills {
		watchdog.Reset(stuck)
		child := startCrashChild(t, dir, seed, oracle.done)
		acknowledged := oracle.done
		// After some acknowledgements, now and then none at all: the child is then
		// killed while it opens the store. The rest of the moment is left to chance.
		wait := random.IntN(600)
		if random.IntN(5) == 0 {
			wait = 0
		}
		pause := time.Duration(random.Int64N(int64(4 * time.Millisecond)))
		for _, b := range child.read(t, 1+wait) {
			if b != crashOpening {
				acknowledged[b]++
			}
		}
		time.Sleep(pause)
		for _, b := range child.kill(t) {
			if b != crashOpening {
				acknowledged[b]++
			}
		}
		begun := acknowledged
		for w := range begun {
			begun[w]++
		}
		if s, err = Open(dir, crashOptions()); err != nil {
			t.Fatalf("kill %d: %v", kill, err)
		}
		oracle.check(t, s, acknowledged, begun)
		mustClose(t, s)
		if kill%10 == 0 { // what was recovered is still there when it is opened again
			if s, err = Open(dir, crashOptions()); err != nil {
				t.Fatalf("kill %d: %v", kill, err)
			}
			oracle.check(t, s, oracle.done, oracle.done)
			mustClose(t, s)
		}
	}
	t.Logf("%d kills; batches by worker: %v", kills, oracle.done)
}

// crashChild is a process that writes to a store until it is killed.
type crashChild struct {
	cmd    *exec.Cmd
	acks   *os.File // what the child writes
	alive  *os.File // the child ends when this is closed, as by the end of this process
	stderr bytes.Buffer
	ended  bool
}

func startCrashChild(t *testing.T, dir string, seed uint64, next [crashWorkers]int) *crashChild {
	t.Helper()
	acks, acksChild, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	aliveChild, alive, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := &crashChild{acks: acks, alive: alive}
	c.cmd = exec.Command(os.Args[0], "-test.run=^TestCrashChild$")
	c.cmd.Env = append(os.Environ(), crashChildDir+"="+dir, crashChildLoad+"="+strings.NewReplacer("[", "", "]", "").Replace(fmt.Sprint(seed, next)))
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = aliveChild, acksChild, &c.stderr
	err = c.cmd.Start()
	acksChild.Close()
	aliveChild.Close()
	if err != nil {
		acks.Close()
		alive.Close()
		t.Fatal(err)
	}
	t.Cleanup(c.end)
	return c
}

// read waits for n bytes of the child.
func (c *crashChild) read(t *testing.T, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if n, err := io.ReadFull(c.acks, b); err != nil {
		c.end()
		t.Fatalf("the child ended by itself after %d bytes: %v\n%s", n, err, &c.stderr)
	}
	return b
}

// kill kills the child and returns what it wrote besides.
func (c *crashChild) kill(t *testing.T) []byte {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(c.acks)
	if err != nil {
		t.Fatal(err)
	}
	c.end()
	if c.cmd.ProcessState.Exited() {
		t.Fatalf("the child was not killed: %v\n%s", c.cmd.ProcessState, &c.stderr)
	}
	return rest
}

// end makes sure that the child is gone.
func (c *crashChild) end() {
	if c.ended {
		return
	}
	c.ended = true
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
	c.acks.Close()
	c.alive.Close()
}

// TestCrashChild is the child of TestKill.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(crashChildDir)
	if dir == "" {
		t.Skip("only as the child of TestKill")
	}
	go func() { // ends with the parent, whatever happens to that
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var next [crashWorkers]int
	var l crashLoad
	fields := strings.Fields(os.Getenv(crashChildLoad))
	if len(fields) != 1+crashWorkers {
		fail(fmt.Errorf("%s: %d fields", crashChildLoad, len(fields)))
	}
	var err error
	if l.seed, err = strconv.ParseUint(fields[0], 10, 64); err != nil {
		fail(err)
	}
	for i := range next {
		if next[i], err = strconv.Atoi(fields[1+i]); err != nil {
			fail(err)
		}
	}
	tell := func(b byte) {
		if _, err := os.Stdout.Write([]byte{b}); err != nil {
			fail(err)
		}
	}
	o := crashOptions()
	if o.Durability, err = ParseDurability(os.Getenv(crashChildDurability)); err != nil {
		fail(err)
	}
	tell(crashOpening)
	s, err := Open(dir, o)
	if err != nil {
		fail(err)
	}
	for w := range next {
		go func() { fail(l.run(s, w, next[w], func() { tell(byte(w)) })) }()
	}
	select {}
}

// TestPowerLoss cuts the power, again and again, under a store that workers write to:
// what was not synced is lost in part or entirely. What was acknowledged must be there.
func TestPowerLoss(t *testing.T) {
	losses := int(crashNumber(t, "WIDEROW_CRASH_KILLS", 3))
	seed := crashSeed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	oracle := newCrashOracle(t, crashLoad{seed})
	fs := newCrashFS()
	s, err := open(fs, "store", crashOptions())
	if err != nil {
		t.Fatal(err)
	}
	alter(t, s, crashKeyspace())
	watchdog := startWatchdog(t)
	for loss := range losses {
		watchdog.Reset(stuck)
		var acknowledged, begun [crashWorkers]int
		fs, acknowledged, begun = loseWhile(t, fs, s, oracle, random)
		if s, err = open(fs, "store", crashOptions()); err != nil {
			t.Fatalf("loss %d: %v", loss, err)
		}
		oracle.check(t, s, acknowledged, begun)
	}
	mustClose(t, s)
	t.Logf("%d losses of power; batches by worker: %v", losses, oracle.done)
}

// TestPowerLossUnsynced cuts the power under stores that do not sync. Any number of the
// last batches may be gone, but of each batch that is there all is, and all before it.
func TestPowerLossUnsynced(t *testing.T) {
	losses := int(crashNumber(t, "WIDEROW_CRASH_KILLS", 3))
	seed := crashSeed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	watchdog := startWatchdog(t)
	for loss := range losses {
		watchdog.Reset(stuck)
		oracle := newCrashOracle(t, crashLoad{random.Uint64()})
		o := crashOptions()
		o.Durability = NoSync
		fs := newCrashFS()
		s, err := open(fs, "store", o)
		if err != nil {
			t.Fatal(err)
		}
		alter(t, s, crashKeyspace())
		fs, _, begun := loseWhile(t, fs, s, oracle, random)
		if s, err = open(fs, "store", o); err != nil {
			t.Fatalf("loss %d: %v", loss, err)
		}
		oracle.check(t, s, [crashWorkers]int{}, begun)
		mustClose(t, s)
	}
}

// loseWhile closes s and returns what a loss of power left of its disk, some time after workers
// began to write. Acknowledged is what was before the loss, begun what was after it.
func loseWhile(t *testing.T, fs *crashFS, s *Store, o *crashOracle, random *rand.Rand) (left *crashFS, acknowledged, begun [crashWorkers]int) {
	t.Helper()
	var acks crashCounts
	var missing atomic.Int64 // acknowledgements until enough is closed
	missing.Store(1 + random.Int64N(600))
	enough := make(chan struct{})
	ended := make(chan error, crashWorkers)
	for w, n := range o.done {
		acks[w].Store(int64(n))
		go func() {
			ended <- o.load.run(s, w, n, func() {
				acks[w].Add(1)
				if missing.Add(-1) == 0 {
					close(enough)
				}
			})
		}()
	}
	select {
	case <-enough:
	case err := <-ended:
		t.Fatal(err)
	}
	acknowledged = acks.load()
	left = fs.lose(vfs.CrashCloneCfg{UnsyncedDataPercent: 25 * random.IntN(4), RNG: random})
	begun = acks.load()
	for w := range begun {
		begun[w]++ // the one that is not acknowledged yet
	}
	mustClose(t, s)
	for range crashWorkers {
		if err := <-ended; !errors.Is(err, backend.ErrClosed) {
			t.Fatal(err)
		}
	}
	return left, acknowledged, begun
}
