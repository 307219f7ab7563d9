package realcass

import (
	"fmt"
	"math"
	"math/big"
	"slices"
)

// A place is a position on the ring, in units of 2^-64 of the ring. The token at a place depends on
// the partitioner.

// evenPlace returns the place of the i-th of n nodes.
func evenPlace(i, n int) uint64 { return uint64(i) * (math.MaxUint64 / uint64(n)) }

// widestGap returns the middle of the widest gap between others.
func widestGap(others []uint64) uint64 {
	sorted := slices.Sorted(slices.Values(others))
	var from, gap uint64
	for i, p := range sorted {
		// The gap after the last place goes around the ring, and so does the gap of a single place.
		g := sorted[(i+1)%len(sorted)] - p - 1
		if g > gap {
			from, gap = p, g
		}
	}
	return from + gap/2 + 1
}

// token returns the partitioner's token at a place, as initial_token takes it.
func token(partitioner string, place uint64) string {
	switch partitioner {
	case "RandomPartitioner": // 0 to 2^127
		return new(big.Int).Lsh(new(big.Int).SetUint64(place), 63).String()
	case "Murmur3Partitioner": // -2^63 to 2^63-1
		return fmt.Sprint(int64(place ^ 1<<63))
	}
	// Of the partitioners that keep the order of keys, ByteOrderedPartitioner takes hexadecimal
	// digits, and the others take text.
	return fmt.Sprintf("%016x", place)
}
