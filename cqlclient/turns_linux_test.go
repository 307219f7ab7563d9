package cqlclient_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/widerow/widerow/internal/testkit/realcass"
)

// side is one of several ways to do the same.
type side struct {
	name string
	do   func(i int) error
	// node and gateway are processes, or 0 if the side has none here.
	node, gateway int
	cost          cost
}

// cost is what the calls of a side took.
type cost struct {
	wall, client, node, gateway time.Duration
	allocs                      uint64
	calls                       int
}

// figures are the parts of a cost.
var figures = []struct {
	name string
	of   func(c cost) time.Duration
}{
	{"time", func(c cost) time.Duration { return c.wall }},
	{"client", func(c cost) time.Duration { return c.client }},
	{"node", func(c cost) time.Duration { return c.node }},
	{"gateway", func(c cost) time.Duration { return c.gateway }},
}

// work is how many calls each side makes, by how many goroutines at once, and how many columns a call writes or reads.
type work struct{ calls, workers, columns int }

// inTurns lets the sides make their calls in turns, in a random order, so that whatever else the machine does hits all sides. Before
// that, each side makes half as many calls, which prepare the statements and let the node compile. inTurns reports for each side, of one
// call: the elapsed time and the processor time of this process, of the node and of the gateway, in microseconds, and the allocations of
// one column. For each side but the last it also reports the ratios to the last side. The first run of a benchmark, which has b.N = 1,
// is left out, since scans are long.
func inTurns(b *testing.B, w work, sides ...*side) {
	b.ReportMetric(0, "ns/op") // of all sides together: of no use
	if b.N == 1 {
		return
	}
	turn := max(1, min(200, w.calls/10))
	for from := 0; from < max(1, w.calls/2); from += turn {
		for _, s := range sides {
			s.turn(b, from, turn, w.workers)
		}
	}
	for _, s := range sides {
		s.cost = cost{}
	}
	order := slices.Clone(sides)
	for from := 0; from < w.calls; from += turn {
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, s := range order {
			s.turn(b, from, turn, w.workers)
		}
	}
	last := sides[len(sides)-1]
	for _, s := range sides {
		b.ReportMetric(float64(s.cost.allocs)/float64(s.cost.calls*w.columns), "allocs/column:"+s.name)
		for _, f := range figures {
			took, base := float64(f.of(s.cost)), float64(f.of(last.cost))
			if took == 0 {
				continue // the process runs elsewhere, or the side has no process
			}
			b.ReportMetric(took/1000/float64(s.cost.calls), f.name+"-us:"+s.name)
			if s != last && base != 0 {
				b.ReportMetric(took/base, f.name+":"+s.name+"/"+last.name)
			}
		}
	}
}

// turn makes n calls with consecutive numbers from first on, and adds their cost to the cost of the side.
func (s *side) turn(b *testing.B, first, n, workers int) {
	b.Helper()
	var before, after runtime.MemStats
	node, gateway := cpuOf(b, s.node), cpuOf(b, s.gateway)
	runtime.ReadMemStats(&before)
	client, wall := cpuOfProcess(b), time.Now()
	var next atomic.Int64
	var group errgroup.Group
	for range min(workers, n) {
		group.Go(func() error {
			for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
				if err := s.do(first + i - 1); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(s.name, ": ", err)
	}
	s.cost.wall += time.Since(wall)
	s.cost.client += cpuOfProcess(b) - client
	runtime.ReadMemStats(&after)
	s.cost.allocs += after.Mallocs - before.Mallocs
	s.cost.node += cpuOf(b, s.node) - node
	s.cost.gateway += cpuOf(b, s.gateway) - gateway
	s.cost.calls += n
}

// pidOf is the process of a cluster's first node, or 0 if the node runs elsewhere.
func pidOf(cluster *realcass.Cluster) int { return cluster.Node(0).PID() }

func cpuOfProcess(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// cpuOf is the processor time of another process, or 0 if it is unknown.
func cpuOf(b *testing.B, pid int) time.Duration {
	b.Helper()
	if pid == 0 {
		return 0
	}
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil {
		b.Fatal(err)
	}
	var sum time.Duration
	for _, file := range threads {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		first, _, _ := strings.Cut(string(text), " ")
		ns, _ := strconv.ParseInt(first, 10, 64)
		sum += time.Duration(ns)
	}
	return sum
}
