package timeuuid_test

import (
	"testing"
	"time"

	"github.com/widerow/widerow/timeuuid"
)

// FuzzTime checks that UUIDs keep a time to 100 ns, and that the time is between its bounds.
func FuzzTime(f *testing.F) {
	f.Add(int64(0), int64(0), uint16(0))
	f.Add(int64(-12219292800), int64(1), uint16(1<<14))
	f.Add(int64(103072857660), int64(684697500), uint16(0xffff))
	f.Fuzz(func(t *testing.T, sec, nsec int64, clock uint16) {
		moment := time.Unix(sec, nsec)
		low, high := timeuuid.Lowest(moment), timeuuid.Highest(moment)
		if timeuuid.Compare(low, high) >= 0 {
			t.Fatalf("of %v: lowest %v, highest %v", moment, low, high)
		}
		u, err := timeuuid.FromTime(moment, clock, [6]byte(low[10:]))
		if err != nil {
			return
		}
		if back, err := timeuuid.Time(u); err != nil || moment.Sub(back) < 0 || moment.Sub(back) >= 100 {
			t.Fatalf("%v became %v, %v", moment, back, err)
		}
		if timeuuid.Compare(low, u) > 0 || timeuuid.Compare(u, high) > 0 {
			t.Fatalf("%v of %v is not between %v and %v", u, moment, low, high)
		}
	})
}
