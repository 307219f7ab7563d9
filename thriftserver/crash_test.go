package thriftserver_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftclient"
	"github.com/widerow/widerow/thriftserver"
)

const (
	crashDir   = "WIDEROW_CRASH_SERVER" // the directory of the child's store
	crashKills = "WIDEROW_CRASH_KILLS"  // the number of kills, 5 by default
)

// TestCrashServer is the server that TestKillUnderLoad kills. Without the variable it is skipped.
func TestCrashServer(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("it is started by TestKillUnderLoad")
	}
	store, err := embedded.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	server, err := thriftserver.New(store, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("listening %s\n", l.Addr())
	go func() { // if the test ends before it kills this process
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	t.Fatal(server.Serve(l))
}

// TestKillUnderLoad kills a server with SIGKILL many times while clients write to it, and checks
// that all acknowledged writes survive: columns, whole batches over two families, and counters.
// Only counter increments without an answer may or may not have been applied.
func TestKillUnderLoad(t *testing.T) {
	kills := 5
	if s := os.Getenv(crashKills); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatalf("%s: %v", crashKills, err)
		}
	}
	dir := t.TempDir()
	const workers = 16
	writers := make([]crashWriter, workers)
	for i := range writers {
		writers[i].key = fmt.Appendf(nil, "writer %d", i)
	}
	var acknowledged atomic.Int64
	for kill := range kills + 1 {
		child, addr := startCrashServer(t, dir)
		client, err := thriftclient.Open(t.Context(), []string{addr}, &thriftclient.Options{
			NoDiscovery: true,
			Settings:    pool.Settings{Size: workers, MaxRetries: pool.None},
		})
		if err != nil {
			t.Fatal(err)
		}
		if kill == 0 {
			createCrashSchema(t, client)
		}
		for i := range writers {
			writers[i].check(t, client)
		}
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		if kill < kills {
			for i := range writers {
				wg.Go(func() { writers[i].write(ctx, client, &acknowledged) })
			}
			time.Sleep(time.Duration(50+rand.IntN(150)) * time.Millisecond)
		}
		child.kill()
		stop()
		wg.Wait()
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := acknowledged.Load(); n < int64(kills) {
		t.Errorf("only %d writes were acknowledged", n)
	} else {
		t.Logf("%d kills, %d acknowledged writes", kills, n)
	}
}

type crashChild struct {
	cmd  *exec.Cmd
	once sync.Once
}

func (c *crashChild) kill() {
	c.once.Do(func() {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	})
}

func startCrashServer(t *testing.T, dir string) (_ *crashChild, addr string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashServer$", "-test.v")
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	if _, err := cmd.StdinPipe(); err != nil { // standard input closes when this process ends
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	child := &crashChild{cmd: cmd}
	t.Cleanup(child.kill)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, err := fmt.Sscanf(lines.Text(), "listening %s", &addr); err == nil {
			return child, addr
		}
	}
	t.Fatal("the server did not start")
	return nil, ""
}

func createCrashSchema(t *testing.T, b backend.Backend) {
	t.Helper()
	_, err := b.Alter(t.Context(), schema.CreateKeyspace{Keyspace: schema.Keyspace{
		Name: "crash", Strategy: schema.SimpleStrategy, StrategyOptions: map[string]string{"replication_factor": "1"},
		Families: []schema.Family{
			{Keyspace: "crash", Name: "A"},
			{Keyspace: "crash", Name: "B"},
			{Keyspace: "crash", Name: "Counts", DefaultValidator: "CounterColumnType"},
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// A crashWriter writes increasing numbers into its own row of both families, in one batch, and
// increments a counter.
type crashWriter struct {
	key          []byte
	acked, tried uint64 // the last number acknowledged, and the last number sent
	added, open  int64  // the number of increments acknowledged, and of increments without an answer
}

func (w *crashWriter) write(ctx context.Context, b backend.Backend, acknowledged *atomic.Int64) {
	for ctx.Err() == nil {
		w.tried++
		number := backend.Mutation{Op: backend.Insert, Column: backend.Column{
			Name: []byte("n"), Value: binary.BigEndian.AppendUint64(nil, w.tried), Timestamp: int64(w.tried),
		}}
		err := b.Mutate(ctx, &backend.MutateRequest{Keyspace: "crash", Atomic: true, Rows: []backend.RowMutation{
			{Family: "A", Key: w.key, Mutations: []backend.Mutation{number}},
			{Family: "B", Key: w.key, Mutations: []backend.Mutation{number}},
		}})
		if err != nil {
			return
		}
		w.acked = w.tried
		err = b.Mutate(ctx, &backend.MutateRequest{Keyspace: "crash", Rows: []backend.RowMutation{{
			Family: "Counts", Key: w.key, Mutations: []backend.Mutation{{Op: backend.Add, Column: backend.Column{Name: []byte("n")}, Delta: 1}},
		}}})
		if err != nil {
			w.open++
			return
		}
		w.added++
		acknowledged.Add(2)
	}
}

func (w *crashWriter) check(t *testing.T, b backend.Backend) {
	t.Helper()
	read := func(family string) uint64 {
		rows, err := b.Slice(t.Context(), &backend.SliceRequest{
			Parent: backend.Parent{Keyspace: "crash", Family: family}, Keys: [][]byte{w.key}, Predicate: backend.Predicate{Count: 10},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(rows[0].Columns) == 0 {
			return 0
		}
		return binary.BigEndian.Uint64(rows[0].Columns[0].Value)
	}
	first, second := read("A"), read("B")
	if first < w.acked || first > w.tried || first != second {
		t.Errorf("%s is %d and %d, but %d was acknowledged and %d tried", w.key, first, second, w.acked, w.tried)
	}
	count := int64(read("Counts"))
	if count < w.added || count > w.added+w.open {
		t.Errorf("%s counts %d, but %d additions were acknowledged and %d had no answer", w.key, count, w.added, w.open)
	}
	w.added, w.open = count, 0
}
