// Package ringtest tests a client on a ring of real nodes while the nodes are killed, stopped and paused.
package ringtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
)

// Variable is the environment variable that sets how long Run disturbs the nodes. The default is 40 s.
const Variable = "WIDEROW_CLUSTER_TIME"

// Workers is the number of goroutines that call the client at once.
const Workers = 32

const keyspace = "cluster"

// Run opens a client of a ring of three nodes and creates the family with three replicas. It writes and reads the family at QUORUM.
// During these calls Run kills, stops or pauses one node after the other, and brings each node back. Run checks:
//
//   - Every read returns the last write that was acknowledged, or a later write that was tried.
//   - Every error matches one of the kinds or the error of a context.
//   - After Close, no goroutine and no socket is left.
//
// Run logs the share of failed calls, the longest call, and how the rate of calls recovers. At the end it compares the rate with that of a
// new client: nodes that were started lately are slow for a minute, whatever client calls them.
func Run(t *testing.T, cluster *realcass.Cluster, family schema.Family, kinds []error, open func(ctx context.Context) (backend.Backend, error)) {
	span := 40 * time.Second
	if s := os.Getenv(Variable); s != "" {
		var err error
		if span, err = time.ParseDuration(s); err != nil {
			t.Fatal(err)
		}
	}
	goroutines, sockets := runtime.NumGoroutine(), openSockets()
	c, err := open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := create(t.Context(), c, family); err != nil {
		t.Fatal(err)
	}

	load := &load{t: t, client: c, family: family.Name, allowed: append(kinds, context.DeadlineExceeded)}
	stop := load.start(0)
	normal := load.rate(2 * time.Second)
	t.Logf("undisturbed: %.0f calls/s", normal)
	load.longest.Store(0)
	disturb(t, cluster, load, span, normal)
	stop()
	load.report(t)
	load.check(t)
	compare(t, load, open)

	_ = c.Close()
	end := time.Now().Add(time.Minute)
	for runtime.NumGoroutine() > goroutines || openSockets() > sockets {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines and %d sockets are left, before there were %d and %d",
				runtime.NumGoroutine(), openSockets(), goroutines, sockets)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// create creates a keyspace with three replicas, and the family in it.
func create(ctx context.Context, c backend.Backend, family schema.Family) error {
	if _, err := c.Alter(ctx, schema.CreateKeyspace{Keyspace: schema.NewKeyspace(keyspace, 3)}); err != nil {
		return err
	}
	family.Keyspace = keyspace
	_, err := c.Alter(ctx, schema.CreateFamily{Family: family})
	return err
}

// disturb pauses, kills and stops one random node after the other, and brings each node back before it disturbs the next.
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
		after := "not within these"
		if recovered >= 0 {
			after = "after " + recovered.Round(10*time.Millisecond).String()
		}
		t.Logf("%s was %s: calls/s in the half seconds after its return: %s; at 80%% of normal %s",
			n.Addr(), what, strings.Join(rates, " "), after)
	}
}

// compare logs the rate of the client that was disturbed and that of a new client, in turns.
func compare(t *testing.T, disturbed *load, open func(ctx context.Context) (backend.Backend, error)) {
	c, err := open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fresh := disturbed.with(c)
	first := Workers // other keys than those of the loads before
	rate := func(l *load) float64 {
		defer l.start(first)()
		first += Workers
		return l.rate(5 * time.Second)
	}
	for range 3 {
		t.Logf("after the faults: %.0f calls/s, and %.0f calls/s by a new client", rate(disturbed), rate(fresh))
	}
}

// openSockets counts the sockets of the process. If the system has no /proc, openSockets returns 0.
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
