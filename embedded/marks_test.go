package embedded

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/widerow/widerow/internal/ordered"
)

// TestDisjoint compares disjoint tombstones with the overlapping tombstones that they were made
// from.
func TestDisjoint(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	for range 2000 {
		var list []sliceMark
		for range rnd.IntN(8) {
			lo, n := rnd.IntN(10), 1+rnd.IntN(6)
			m := sliceMark{interval{fmt.Appendf(nil, "%02d", lo), fmt.Appendf(nil, "%02d", lo+n)}, rnd.Int64N(4)}
			if rnd.IntN(5) == 0 {
				m.lo = nil
			}
			if rnd.IntN(5) == 0 {
				m.hi = nil
			}
			list = append(list, m)
		}
		slices.SortFunc(list, func(a, b sliceMark) int { return slices.Compare(a.lo, b.lo) })
		m := marks{slices: disjoint(slices.Clone(list))}
		for i := range 18 {
			pos := fmt.Appendf(nil, "%02d", i)
			for ts := range int64(5) {
				want := slices.ContainsFunc(list, func(s sliceMark) bool { return ts <= s.timestamp && s.holds(pos) })
				if got, _ := m.covers(nil, pos, ts); got != want {
					t.Fatalf("%v, made of %v: covers %s @%d is %v, want %v", m.slices, list, pos, ts, got, want)
				}
			}
		}
	}
}

// appendSliceMark appends the part after markSlice of the key of a format 1 slice tombstone.
func appendSliceMark(dst []byte, c *ordered.Codec, start, finish []byte) (_ []byte, err error) {
	if len(start) == 0 {
		dst = append(dst, fromStart)
	} else if dst, _, err = appendName(append(dst, endAt), c, start); err != nil {
		return nil, err
	}
	if len(finish) == 0 {
		return append(dst, toEnd), nil
	}
	dst, _, err = appendName(append(dst, endAt), c, finish)
	return dst, err
}
