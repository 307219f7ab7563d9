package bench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// exact returns a percentile by sorting: the smallest value that the given percentage of values do not exceed. Rounding
// may change its rank by one.
func exact(sorted []int64, percent float64) (least, most int64) {
	i := int(math.Ceil(percent/100*float64(len(sorted)))) - 1
	at := func(i int) int64 { return sorted[min(max(i, 0), len(sorted)-1)] }
	return at(i - 1), at(i + 1)
}

func TestPercentilesMatchSorting(t *testing.T) {
	for name, draw := range map[string]func(*rand.Rand) int64{
		"uniform":     func(r *rand.Rand) int64 { return 1 + r.Int64N(int64(time.Second)) },
		"exponential": func(r *rand.Rand) int64 { return 1 + int64(r.ExpFloat64()*1e6) },
		"two humps": func(r *rand.Rand) int64 {
			if r.IntN(100) == 0 {
				return 50e6 + r.Int64N(1e6)
			}
			return 200e3 + r.Int64N(1e3)
		},
		"constant": func(*rand.Rand) int64 { return 12345 },
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			values := make([]int64, 100_000)
			sum := 0.0
			// Several histograms are merged, as in a run.
			merged := newHistogram()
			for part := range 4 {
				h := newHistogram()
				for i := part; i < len(values); i += 4 {
					values[i] = draw(r)
					sum += float64(values[i])
					record(h, time.Duration(values[i]))
				}
				merged.Merge(h)
			}
			slices.Sort(values)
			l := summarize(merged)
			near := func(what string, got, least, most int64) {
				t.Helper()
				if float64(got) < float64(least)*0.998 || float64(got) > float64(most)*1.002 {
					t.Errorf("%s = %d, want %d to %d", what, got, least, most)
				}
			}
			percentile := func(percent float64, got int64) {
				t.Helper()
				least, most := exact(values, percent)
				near(fmt.Sprintf("%v%%", percent), got, least, most)
			}
			mean := int64(sum / float64(len(values)))
			near("mean", l.Mean, mean, mean)
			near("max", l.Max, values[len(values)-1], values[len(values)-1])
			percentile(50, l.P50)
			percentile(90, l.P90)
			percentile(99, l.P99)
			percentile(99.9, l.P999)
			for _, p := range l.Curve {
				percentile(p.Percent, p.Nanos)
			}
			// 100,000 values have five nines.
			if got := l.Curve[len(l.Curve)-1].Percent; got != 99.999 {
				t.Errorf("the curve ends at %v%%", got)
			}
		})
	}
}

func TestLatenciesOutOfBounds(t *testing.T) {
	h := newHistogram()
	record(h, 0)
	record(h, -time.Second)
	record(h, 24*time.Hour)
	l := summarize(h)
	if h.TotalCount() != 3 || l.P50 != shortest || !about(l.Max, time.Duration(longest)) {
		t.Errorf("%d values: %+v", h.TotalCount(), l)
	}
	if l := summarize(newHistogram()); l.Max != 0 || l.Mean != 0 || l.Curve != nil {
		t.Errorf("without values: %+v", l)
	}
}
