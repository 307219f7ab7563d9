package bench

import (
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The range of histograms: 1 ns to 10 minutes, with three significant digits. Each histogram
// takes a quarter of a megabyte.
const (
	shortest    = int64(1)
	longest     = int64(10 * time.Minute)
	significant = 3
)

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(shortest, longest, significant)
}

// record counts a latency. A latency above the range of the histogram counts as the longest.
func record(h *hdrhistogram.Histogram, d time.Duration) {
	_ = h.RecordValue(min(max(int64(d), shortest), longest)) // never fails: the value is in range
}

// Latency is a distribution of latencies, in nanoseconds.
type Latency struct {
	Mean int64 `json:"mean_ns"`
	P50  int64 `json:"p50_ns"`
	P90  int64 `json:"p90_ns"`
	P99  int64 `json:"p99_ns"`
	P999 int64 `json:"p999_ns"`
	Max  int64 `json:"max_ns"`
	// Curve is the distribution in steps, for pictures.
	Curve []Point `json:"curve,omitempty"`
}

// Point means that Percent of the calls took at most Nanos nanoseconds.
type Point struct {
	Percent float64 `json:"percent"`
	Nanos   int64   `json:"ns"`
}

// percents lists the steps of a curve. They are evenly spread on an axis that gives each nine
// the same width.
var percents = func() []float64 {
	const perNine, nines = 10, 5
	list := make([]float64, 0, perNine*nines+1)
	for i := range perNine*nines + 1 {
		p := 100 * (1 - math.Pow(10, -float64(i)/perNine))
		list = append(list, math.Round(p*1e6)/1e6)
	}
	return list
}()

func summarize(h *hdrhistogram.Histogram) Latency {
	if h.TotalCount() == 0 {
		return Latency{}
	}
	at := func(percent float64) int64 { return min(h.ValueAtPercentile(percent), h.Max()) }
	l := Latency{
		Mean: int64(math.Round(h.Mean())),
		P50:  at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: h.Max(),
	}
	n := float64(h.TotalCount())
	for _, p := range percents {
		// The curve ends where less than one call is left.
		if p > 0 && n*(1-p/100) < 1 {
			break
		}
		l.Curve = append(l.Curve, Point{Percent: p, Nanos: at(p)})
	}
	return l
}
