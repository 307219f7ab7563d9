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

// crashNumber returns a number from the environment. It is set for longer runs and for replays.
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

// crashSeed returns the seed of a run and prints it. If WIDEROW_CRASH_SEED is set, the run has the
// same load and crashes after the same numbers of acknowledgements.
func crashSeed(t *testing.T) uint64 {
	t.Helper()
	seed := crashNumber(t, "WIDEROW_CRASH_SEED", rand.Uint64())
	t.Logf("WIDEROW_CRASH_SEED=%d", seed)
	return seed
}

// stuck is longer than one crash and all its checks take on any machine.
const stuck = time.Minute

// startWatchdog returns a timer that each crash must reset. If it expires, it ends the process with
// the stacks of all goroutines.
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

// crashOptions returns options that keep all background work busy.
func crashOptions() *Options {
	return &Options{MemTableSize: 256 << 10, CacheSize: 4 << 20, PurgeInterval: 50 * time.Millisecond}
}

// The parameters of a child process.
const (
	crashChildDurability = "WIDEROW_CRASH_CHILD_DURABILITY"
	crashChildDir        = "WIDEROW_CRASH_CHILD_DIR"
	crashChildLoad       = "WIDEROW_CRASH_CHILD_LOAD" // the seed, and the number of each worker's next batch
)

// The child writes crashOpening before it opens the store. Any other byte is the number of a worker
// whose batch was acknowledged.
const crashOpening = 0xff

// TestKill kills a process, at random moments and many times, while its workers write to a store.
// After each kill it opens the store and checks that it contains what it must. A kill loses nothing
// with any durability, so the checks are the same for each. WIDEROW_CRASH_KILLS sets the number of
// kills.
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
		// Wait for some acknowledgements. Sometimes wait for none, so that the child is killed
		// while it opens the store. The moment after that is random.
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
		if kill%10 == 0 { // a store that was recovered must open again with the same contents
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
	acks   *os.File // the child's output
	alive  *os.File // the child ends when alive is closed, which also happens when this process ends
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

// read waits for n bytes from the child.
func (c *crashChild) read(t *testing.T, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if n, err := io.ReadFull(c.acks, b); err != nil {
		c.end()
		t.Fatalf("the child ended by itself after %d bytes: %v\n%s", n, err, &c.stderr)
	}
	return b
}

// kill kills the child and returns the rest of its output.
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

// end makes sure that the child has ended.
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
	go func() { // the child ends with its parent, however the parent ends
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

// TestPowerLoss cuts the power many times under a store that workers write to. Unsynced data is
// lost in part or entirely. Acknowledged batches must survive.
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

// TestPowerLossUnsynced cuts the power under stores that do not sync. The last batches may be lost,
// but each batch that survives is complete, and so are all before it.
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

// loseWhile closes s and returns the disk as a power loss left it, some time after the workers
// began to write. acknowledged counts the batches acknowledged before the loss, begun the batches
// begun before its end.
func loseWhile(t *testing.T, fs *crashFS, s *Store, o *crashOracle, random *rand.Rand) (left *crashFS, acknowledged, begun [crashWorkers]int) {
	t.Helper()
	var acks crashCounts
	var missing atomic.Int64 // acknowledgements that are still missing until enough is closed
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
		begun[w]++ // the batch that is not acknowledged yet
	}
	mustClose(t, s)
	for range crashWorkers {
		if err := <-ended; !errors.Is(err, backend.ErrClosed) {
			t.Fatal(err)
		}
	}
	return left, acknowledged, begun
}
