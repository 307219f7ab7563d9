package coltype

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"time"
)

// Types of dates. They take time.Time, and numbers as seconds since 1970, as
// Python's time.time() returns them; nil is packed as empty bytes. A time.Time is
// packed as its instant, whatever its zone. Dates unpack to time.Time in UTC, and
// empty bytes to nil. A time is rounded down to the unit that is stored.
var (
	// Date is a time in milliseconds since 1970. Cassandra orders it as
	// unsigned: times before 1970 are after all other times.
	Date Type = dateType{class: "DateType", scale: time.Millisecond}
	// Timestamp replaces Date since Cassandra 2.0. It is ordered by time.
	Timestamp Type = dateType{class: "TimestampType", scale: time.Millisecond, signed: true}

	// OldPycassaDate is a Date as pycassa 1.2.0 to 1.5.0 wrote it: in microseconds.
	// Cassandra does not know the type; its class name is the class name of Date.
	OldPycassaDate Type = dateType{class: "DateType", scale: time.Microsecond}
	// IntermediateDate reads values of Date and of OldPycassaDate, and writes
	// values of Date. It is for a family whose values are being converted. If a
	// stored number is outside of the years 1 to 9999 as milliseconds, it is read
	// as microseconds. So old values within nine years of 1970 are misread. Times
	// outside of the years 1 to 9999 are refused.
	IntermediateDate Type = dateType{class: "DateType", scale: time.Millisecond, either: true}
)

type dateType struct {
	class  string
	scale  time.Duration // unit of the stored number
	signed bool          // the order is signed
	either bool          // microseconds are read too
}

func (t dateType) String() string { return marshal + t.class }

func (t dateType) Append(dst []byte, v any) ([]byte, error) {
	moment, ok := instant(v)
	if !ok {
		if _, _, isInt := integer(v); isInt {
			return dst, outOfRange(t, v)
		}
		if _, isFloat := float(v); isFloat {
			return dst, outOfRange(t, v)
		}
		return dst, refuse(t, v, "a time or seconds since 1970")
	}
	return t.appendTime(dst, moment)
}

func (t dateType) appendTime(dst []byte, moment time.Time) ([]byte, error) {
	if moment.Before(t.of(math.MinInt64)) || !moment.Before(t.of(math.MaxInt64).Add(t.scale)) {
		return dst, outOfRange(t, moment)
	}
	if t.either && !isNew(moment.UnixMilli()) {
		return dst, outOfRange(t, moment) // it would be read as microseconds
	}
	n := moment.UnixMilli()
	if t.scale == time.Microsecond {
		n = moment.UnixMicro()
	}
	return binary.BigEndian.AppendUint64(dst, uint64(n)), nil
}

func (t dateType) Unpack(b []byte) (any, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if err := t.Validate(b); err != nil {
		return nil, malformed(t, err)
	}
	return t.time(b), nil
}

// The range of Python's datetime, in milliseconds. pycassa's IntermediateDateType takes
// a value inside the range for a new value and a value outside for an old one.
const (
	firstMilli = -62135596800000 // 0001-01-01T00:00:00Z
	lastMilli  = 253402300799999 // 9999-12-31T23:59:59.999Z
)

// isNew reports whether IntermediateDate reads n as milliseconds.
func isNew(n int64) bool { return n >= firstMilli && n <= lastMilli }

func (t dateType) time(b []byte) time.Time {
	n := int64(binary.BigEndian.Uint64(b))
	if t.either && !isNew(n) {
		return time.UnixMicro(n).UTC()
	}
	return t.of(n)
}

// of returns the time that the number n stands for.
func (t dateType) of(n int64) time.Time {
	if t.scale == time.Microsecond {
		return time.UnixMicro(n).UTC()
	}
	return time.UnixMilli(n).UTC()
}

func (t dateType) Validate(b []byte) error {
	if len(b) != 8 && len(b) != 0 {
		return inCassandrasWords("Expected 8 or 0 byte long for date (%d)", len(b))
	}
	return nil
}

func (t dateType) Compare(a, b []byte) int {
	switch {
	case !t.signed:
		return bytes.Compare(a, b)
	case len(a) == 8 && len(b) == 8:
		return cmp.Compare(int64(binary.BigEndian.Uint64(a)), int64(binary.BigEndian.Uint64(b)))
	}
	return compareSigned(a, b)
}
