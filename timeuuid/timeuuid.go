package timeuuid

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/gofrs/uuid/v5"
)

// The lowest and the highest UUID of version 1 in the order of Cassandra's
// TimeUUIDType (pycassa.util's LOWEST_TIME_UUID and HIGHEST_TIME_UUID). The
// bytes after the time are ordered as signed numbers, so 80 is the lowest byte and 7f the
// highest. The variant of the UUID fixes two bits of the first of these bytes.
var (
	MinUUID = uuid.UUID{6: 0x10, 8: 0x80, 9: 0x80, 10: 0x80, 11: 0x80, 12: 0x80, 13: 0x80, 14: 0x80, 15: 0x80}
	MaxUUID = uuid.UUID{
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0xff,
		0xbf, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f,
	}
)

const (
	ticksPerSecond = 10_000_000
	ticksPerMicro  = 10
	maxTicks       = 1<<60 - 1
	// epochSeconds is from 1582-10-15, where UUIDs begin to count, to 1970.
	epochSeconds = 12_219_292_800
)

// ticks returns the time as UUIDs count it, rounded down to 100 ns. If a UUID cannot hold
// the time, ticks returns the nearest time that it can hold, and ok is false.
func ticks(t time.Time) (n uint64, ok bool) {
	sec := t.Unix()
	switch {
	case sec < -epochSeconds:
		return 0, false
	case sec > maxTicks/ticksPerSecond-epochSeconds:
		return maxTicks, false
	}
	n = uint64(sec+epochSeconds)*ticksPerSecond + uint64(t.Nanosecond()/100)
	return min(n, maxTicks), n <= maxTicks
}

// setTime writes the time and the version of u, and leaves the other bits unchanged.
func setTime(u *uuid.UUID, ticks uint64) {
	binary.BigEndian.PutUint32(u[0:], uint32(ticks))
	binary.BigEndian.PutUint16(u[4:], uint16(ticks>>32))
	binary.BigEndian.PutUint16(u[6:], uint16(ticks>>48)|0x1000)
}

// FromTime returns the UUID of t, rounded down to 100 ns, with the given clock
// sequence and node. It uses the lower 14 bits of the clock sequence. It fails for times
// that a UUID cannot hold.
func FromTime(t time.Time, clock uint16, node [6]byte) (uuid.UUID, error) {
	n, ok := ticks(t)
	if !ok {
		return uuid.Nil, fmt.Errorf("a time UUID cannot hold the time %v", t)
	}
	var u uuid.UUID
	setTime(&u, n)
	binary.BigEndian.PutUint16(u[8:], clock&0x3fff|0x8000)
	copy(u[10:], node[:])
	return u, nil
}

// Random returns a new UUID of t, to name an event that happened at t. t is rounded down to
// 100 ns. The clock sequence and the node are random, and the multicast bit marks the node as such. Two
// UUIDs of the same time are equal with a probability of 1 in 2^61. Random fails for times that
// a UUID cannot hold.
func Random(t time.Time) (uuid.UUID, error) {
	var random [8]byte
	binary.BigEndian.PutUint64(random[:], rand.Uint64())
	node := [6]byte(random[2:])
	node[0] |= 0x01
	return FromTime(t, binary.BigEndian.Uint16(random[:]), node)
}

// Lowest returns the lowest UUID of t's microsecond: the inclusive lower bound, or
// exclusive upper bound, of an instant. If a UUID cannot hold t, Lowest uses the nearest
// time that a UUID can hold.
func Lowest(t time.Time) uuid.UUID {
	n, _ := ticks(t)
	u := MinUUID
	setTime(&u, n-n%ticksPerMicro)
	return u
}

// Highest returns the highest UUID of t's microsecond, 900 ns after its
// beginning: the inclusive upper bound, or exclusive lower bound, of an instant. If a
// UUID cannot hold t, Highest uses the nearest time that a UUID can hold.
func Highest(t time.Time) uuid.UUID {
	n, _ := ticks(t)
	u := MaxUUID
	setTime(&u, min(n-n%ticksPerMicro+ticksPerMicro-1, maxTicks))
	return u
}

// Time returns the time of a UUID of version 1, in UTC, exact to 100 ns. It
// fails for other versions.
func Time(u uuid.UUID) (time.Time, error) {
	if u.Version() != 1 {
		return time.Time{}, fmt.Errorf("%v has no time: it is of version %d, not 1", u, u.Version())
	}
	n := timestamp(&u)
	return time.Unix(int64(n/ticksPerSecond)-epochSeconds, int64(n%ticksPerSecond)*100).UTC(), nil
}

func timestamp(u *uuid.UUID) uint64 {
	return uint64(binary.BigEndian.Uint16(u[6:])&0x0fff)<<48 |
		uint64(binary.BigEndian.Uint16(u[4:]))<<32 |
		uint64(binary.BigEndian.Uint32(u[0:]))
}

// Compare orders UUIDs as Cassandra's TimeUUIDType does: by time, then by their bytes as
// signed numbers. It ignores the version.
func Compare(a, b uuid.UUID) int {
	if c := cmp.Compare(timestamp(&a), timestamp(&b)); c != 0 {
		return c
	}
	// Inverting the sign bit of each byte turns the signed order into the unsigned order.
	const signs = 0x8080808080808080
	for i := 0; i < len(a); i += 8 {
		x, y := binary.BigEndian.Uint64(a[i:]), binary.BigEndian.Uint64(b[i:])
		if c := cmp.Compare(x^signs, y^signs); c != 0 {
			return c
		}
	}
	return 0
}
