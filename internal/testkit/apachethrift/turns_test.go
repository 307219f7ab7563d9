//go:build apache && linux

package apachethrift

import (
	"syscall"
	"testing"
	"time"
)

// turn is how many operations one side makes before it is the other's turn, so that whatever
// else the machine does hits both.
const turn = 100

// A clock is the processor time of a thread or of all of the process.
type clock struct {
	of   int
	name string // of its figures
}

var (
	// threadTime is what an operation takes by the clock if the machine has nothing else to do.
	threadTime = clock{syscall.RUSAGE_THREAD, ""}
	// processTime has the time of the garbage collector in it.
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

// inTurns makes b.N operations of both sides, in turns, and reports what they cost by the clocks: ours,
// Apache's, and how many times theirs ours is.
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
	b.ReportMetric(0, "ns/op") // of both together: of no use
	b.ReportMetric(testing.AllocsPerRun(100, func() { _ = ours() }), "ours-allocs/op")
	b.ReportMetric(testing.AllocsPerRun(100, func() { _ = theirs() }), "apache-allocs/op")
}
