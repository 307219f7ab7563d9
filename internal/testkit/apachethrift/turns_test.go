//go:build apache && linux

package apachethrift

import (
	"syscall"
	"testing"
	"time"
)

// turn is the number of operations of one side before the other side runs. Short turns spread the
// machine's other load over both sides.
const turn = 100

// A clock measures the processor time of a thread or of the process.
type clock struct {
	of   int
	name string // the suffix of the figures' unit
}

var (
	// threadTime equals the wall time of an operation on an otherwise idle machine.
	threadTime = clock{syscall.RUSAGE_THREAD, ""}
	// processTime includes the time of the garbage collector.
	processTime    = clock{syscall.RUSAGE_SELF, ""}
	processTimeToo = clock{syscall.RUSAGE_SELF, "process-"}
)

func (c clock) now(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(c.of, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// inTurns runs b.N operations of each side, in turns. For each clock it reports our cost, Apache's
// cost, and Apache's cost divided by ours.
func inTurns(b *testing.B, ours, theirs func() error, clocks ...clock) {
	b.Helper()
	cost := make([][2]time.Duration, len(clocks))
	for left := b.N; left > 0; left -= turn {
		for side, call := range []func() error{ours, theirs} {
			for i, c := range clocks {
				cost[i][side] -= c.now(b)
			}
			for range min(turn, left) {
				if err := call(); err != nil {
					b.Fatal(err)
				}
			}
			for i, c := range clocks {
				cost[i][side] += c.now(b)
			}
		}
	}
	for i, c := range clocks {
		b.ReportMetric(float64(cost[i][0])/float64(b.N), c.name+"ours-ns/op")
		b.ReportMetric(float64(cost[i][1])/float64(b.N), c.name+"apache-ns/op")
		b.ReportMetric(float64(cost[i][0])/float64(cost[i][1]), c.name+"times-apache")
	}
	b.ReportMetric(0, "ns/op") // the sum over both sides means nothing
	b.ReportMetric(testing.AllocsPerRun(100, func() { _ = ours() }), "ours-allocs/op")
	b.ReportMetric(testing.AllocsPerRun(100, func() { _ = theirs() }), "apache-allocs/op")
}
