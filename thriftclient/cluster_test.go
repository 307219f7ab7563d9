package thriftclient_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftclient"
)

// clusterTime is the environment variable that says how long the nodes of
// TestClusterUnderFaults are disturbed, 40 s by default.
const clusterTime = "WIDEROW_CLUSTER_TIME"

const clusterWorkers = 32

// TestClusterUnderFaults writes and reads at QUORUM on a ring of three nodes with three
// copies, while one node after the other is killed, stopped, or paused, and comes back. Every read
// must return the last write that was acknowledged, or a later one that was tried; every
// error must have a kind; and in the end nothing is left behind. What it logs: the
// share of failed calls, the longest call, and how the rate recovers.
func TestClusterUnderFaults(t *testing.T) {
	for _, version := range realcass.Versions(t, "1.2.19", "3.11.19") {
		t.Run(version, func(t *testing.T) { clusterUnderFaults(t, version) })
	}
}

func clusterUnderFaults(t *testing.T, version string) {
	span := 40 * time.Second
	if s := os.Getenv(clusterTime); s != "" {
		var err error
		if span, err = time.ParseDuration(s); err != nil {
			t.Fatal(err)
		}
	}
	cluster := realcass.Start(t, realcass.Config{Version: version, Nodes: 3, RequestTimeout: 2 * time.Second})
	goroutines, sockets := runtime.NumGoroutine(), openSockets()
	c, err := thriftclient.Open(t.Context(), cluster.Addrs(), &thriftclient.Options{
		Timeout:  time.Second,
		Settings: pool.Settings{Size: clusterWorkers, MaxOverflow: clusterWorkers, MaxRetries: 8, DialTimeout: time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := createRows(t.Context(), c, version); err != nil {
		t.Fatal(err)
	}

	load := &load{t: t, client: c, keyspace: "cluster"}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	for i := range clusterWorkers {
		wg.Go(func() { load.worker(ctx, i) })
	}
	time.Sleep(3 * time.Second)
	normal := load.rate(2 * time.Second)
	t.Logf("undisturbed: %.0f calls/s", normal)
	load.longest.Store(0)
	disturb(t, cluster, load, span, normal)
	stop()
	wg.Wait()
	load.report(t)
	load.check(t)

	_ = c.Close()
	wait(t, "goroutines and sockets are back", func() bool {
		return runtime.NumGoroutine() <= goroutines && openSockets() <= sockets
	})
}

func createRows(ctx context.Context, c *thriftclient.Client, version string) error {
	family := schema.Family{Keyspace: "cluster", Name: "F"}
	if strings.HasPrefix(version, "3.") {
		family.SpeculativeRetry = "NONE" // the coordinator shall not do the client's work
	}
	_, err := c.Alter(ctx, schema.CreateKeyspace{Keyspace: schema.Keyspace{
		Name: "cluster", Strategy: schema.SimpleStrategy, StrategyOptions: map[string]string{"replication_factor": "3"},
	}})
	if err != nil {
		return err
	}
	_, err = c.Alter(ctx, schema.CreateFamily{Family: family})
	return err
}

// disturb does one thing after the other to one node after the other.
func disturb(t *testing.T, cluster *realcass.Cluster, load *load, span time.Duration, normal float64) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for i, end := 0, time.Now().Add(span); time.Now().Before(end) && !t.Failed(); i++ {
		n := cluster.Node(random.IntN(3))
		down := time.Duration(1000+random.IntN(2000)) * time.Millisecond
		var what string
		switch i % 3 {
		case 0:
			what = "paused"
			n.Pause(t)
			time.Sleep(down)
			n.Resume(t)
		case 1:
			what = "killed"
			n.Kill(t)
			time.Sleep(down)
			n.Start(t)
		case 2:
			what = "stopped"
			n.Stop(t)
			time.Sleep(down)
			n.Start(t)
		}
		back := time.Now()
		rates := make([]string, 0, 8)
		recovered := time.Duration(-1)
		for len(rates) < cap(rates) {
			rate := load.rate(500 * time.Millisecond)
			if recovered < 0 && rate >= 0.8*normal {
				recovered = time.Since(back)
			}
			rates = append(rates, fmt.Sprintf("%.0f", rate))
		}
		t.Logf("%s was %s: calls/s in the half seconds after its return: %s; at 80%% of normal after %v",
			n.Addr(), what, strings.Join(rates, " "), recovered.Round(10*time.Millisecond))
	}
}

// A load is what the workers do. Each has keys of its own, whose values only grow.
type load struct {
	t        *testing.T
	client   *thriftclient.Client
	keyspace string

	calls, failed atomic.Int64
	longest       atomic.Int64 // ns of a call that succeeded
	mu            sync.Mutex
	rows          []clusterRow
	kinds         map[string]int // of errors
}

// A clusterRow is what is known of a row: its value is between the two.
type clusterRow struct {
	key          []byte
	acked, tried uint64
}

func (l *load) worker(ctx context.Context, id int) {
	const keys = 20
	rows := make([]clusterRow, keys)
	for i := range rows {
		rows[i].key = fmt.Appendf(nil, "row-%d-%d", id, i)
	}
	for n := uint64(1); ctx.Err() == nil; n++ {
		row := &rows[n%keys]
		row.tried = n
		err := l.call(func(ctx context.Context) error {
			return l.client.Mutate(ctx, &backend.MutateRequest{
				Keyspace: l.keyspace, Consistency: backend.Quorum,
				Rows: []backend.RowMutation{{Family: "F", Key: row.key, Mutations: []backend.Mutation{{Op: backend.Insert, Column: backend.Column{
					Name: []byte("n"), Value: binary.BigEndian.AppendUint64(nil, n), Timestamp: int64(n),
				}}}}},
			})
		})
		if err == nil {
			row.acked = n
		}
		l.read(&rows[rand.IntN(keys)])
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = append(l.rows, rows...)
}

// read reads a row and checks its value. It reports whether there was an answer.
func (l *load) read(row *clusterRow) bool {
	var value uint64
	err := l.call(func(ctx context.Context) error {
		rows, err := l.client.Slice(ctx, &backend.SliceRequest{
			Parent: backend.Parent{Keyspace: l.keyspace, Family: "F"}, Keys: [][]byte{row.key},
			Predicate: backend.Predicate{Names: [][]byte{[]byte("n")}}, Consistency: backend.Quorum,
		})
		if err == nil && len(rows[0].Columns) > 0 {
			value = binary.BigEndian.Uint64(rows[0].Columns[0].Value)
		}
		return err
	})
	if err == nil && (value < row.acked || value > row.tried) {
		l.t.Errorf("%s is %d, but %d was acknowledged and %d the last that was tried", row.key, value, row.acked, row.tried)
	}
	return err == nil
}

// call makes a call within 10 s and counts it. The run may end during the call: calls are
// finished, so that what they did is known.
func (l *load) call(f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	start := time.Now()
	err := f(ctx)
	took := int64(time.Since(start))
	l.calls.Add(1)
	if err == nil {
		for {
			longest := l.longest.Load()
			if took <= longest || l.longest.CompareAndSwap(longest, took) {
				return nil
			}
		}
	}
	l.failed.Add(1)
	kind := "none"
	for _, k := range []error{backend.ErrUnavailable, backend.ErrTimedOut, context.DeadlineExceeded} {
		if errors.Is(err, k) {
			kind = k.Error()
			break
		}
	}
	if kind == "none" {
		l.t.Errorf("an error without a kind: %v", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kinds == nil {
		l.kinds = map[string]int{}
	}
	l.kinds[kind]++
	return err
}

// rate returns how many calls are made in a second, measured over d.
func (l *load) rate(d time.Duration) float64 {
	before, start := l.calls.Load(), time.Now()
	time.Sleep(d)
	return float64(l.calls.Load()-before) / time.Since(start).Seconds()
}

func (l *load) report(t *testing.T) {
	calls, failed := l.calls.Load(), l.failed.Load()
	t.Logf("%d calls, %d failed (%.4f%%) %v; the longest that succeeded took %v",
		calls, failed, 100*float64(failed)/float64(calls), l.kinds, time.Duration(l.longest.Load()).Round(time.Millisecond))
}

// check reads all rows once more, with all nodes there.
func (l *load) check(t *testing.T) {
	if len(l.rows) == 0 {
		t.Fatal("nothing was written")
	}
	for i := range l.rows {
		answered := false
		for try := 0; try < 5 && !answered; try++ {
			answered = l.read(&l.rows[i])
		}
		if !answered {
			t.Errorf("%s cannot be read", l.rows[i].key)
		}
	}
}

// openSockets counts the sockets of the process, where the system tells.
func openSockets() int {
	files, _ := filepath.Glob("/proc/self/fd/*")
	n := 0
	for _, f := range files {
		if target, err := os.Readlink(f); err == nil && strings.HasPrefix(target, "socket:") {
			n++
		}
	}
	return n
}
