package thriftwire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrMalformed is matched by the errors of decoding. After such an error the connection
// must be closed, because the beginning of the next message is unknown.
var ErrMalformed = errors.New("malformed message")

// fieldStop is what decoder.field returns at the end of a struct, or on an error.
const fieldStop = 0

// maxChunk is the maximum number of structs that are allocated before their bytes have arrived.
const maxChunk = 1024

// decoder reads values from a message. If err is set, all further reads return zero values.
type decoder struct {
	b      []byte
	off    int
	err    error
	expect int // the number of elements of the list begun last, as a hint
	slabs  slabs

	memory *Memory // nil if memory has no further bound
	// asked is the number of bytes that may be allocated so far. granted is the part of it that is
	// left.
	asked, granted int64
}

// fail stores the first error. All later reads fail too.
func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
	d.off = len(d.b)
}

func (d *decoder) malformed(format string, args ...any) {
	if d.err == nil {
		d.fail(fmt.Errorf("%w: at byte %d: %s", ErrMalformed, d.off, fmt.Sprintf(format, args...)))
	}
}

func (d *decoder) short() { d.malformed("it ends too early") }

// absentError is the error of a required field that is absent. Its text equals that of Java's
// servers, which also append the values of the other fields.
type absentError struct {
	structure, field string
	scalar           bool
}

func (e *absentError) Error() string {
	what := "present"
	if e.scalar {
		what = "found in serialized data"
	}
	return fmt.Sprintf("Required field '%s' was not %s! Struct: %s", e.field, what, e.structure)
}

// Is reports that the error matches ErrMalformed.
func (e *absentError) Is(target error) bool { return target == ErrMalformed }

// missing reports the first required field of a struct that was not seen. Fields whose bit is set
// in scalars come first, as in Java.
func (d *decoder) missing(seen, scalars uint32, structure string, fields ...string) {
	for _, mask := range [...]uint32{scalars, ^scalars} {
		for i, name := range fields {
			if bit := uint32(1) << i; mask&bit != 0 && seen&bit == 0 {
				d.fail(&absentError{structure, name, scalars&bit != 0})
				return
			}
		}
	}
}

// field reads the head of a struct's next field: its type in bits 16 to 23, its
// number below. It is fieldStop at the end.
func (d *decoder) field() uint32 {
	b := d.b[d.off:]
	if len(b) < 4 {
		// A byte always follows a head, so the message ends here.
		if len(b) > 0 && b[0] == typeStop {
			d.off++
		} else {
			d.short()
		}
		return fieldStop
	}
	head := binary.BigEndian.Uint32(b)
	if head>>24 == typeStop {
		d.off++
		return fieldStop
	}
	d.off += 3
	return head >> 8
}

// next returns the next n bytes, or nil if fewer bytes are left.
func (d *decoder) next(n int) []byte {
	if n > len(d.b)-d.off {
		d.short()
		return nil
	}
	b := d.b[d.off : d.off+n : d.off+n]
	d.off += n
	return b
}

// bool returns true for the byte 1 only, as Apache's libraries and so Cassandra do.
func (d *decoder) bool() bool {
	b := d.next(1)
	return b != nil && b[0] == 1
}

func (d *decoder) i32() int32 {
	b := d.next(4)
	if b == nil {
		return 0
	}
	return int32(binary.BigEndian.Uint32(b))
}

func (d *decoder) i64() int64 {
	b := d.next(8)
	if b == nil {
		return 0
	}
	return int64(binary.BigEndian.Uint64(b))
}

func (d *decoder) double() float64 { return math.Float64frombits(uint64(d.i64())) }

func (d *decoder) string() string {
	b := d.binary()
	if !d.charge(int64(len(b))) {
		return ""
	}
	return string(b)
}

// binary returns bytes that alias the message. They are nil only after an error.
func (d *decoder) binary() []byte {
	b := d.b[d.off:]
	if len(b) < 4 {
		d.short()
		return nil
	}
	n := int(int32(binary.BigEndian.Uint32(b)))
	if uint(n) > uint(len(b)-4) {
		if n < 0 {
			d.malformed("length %d", n)
		} else {
			d.short()
		}
		return nil
	}
	d.off += 4 + n
	return b[4 : 4+n : 4+n]
}

// list reads the head of a list and returns its count. Each element takes at least size bytes, so a
// count that the message cannot hold is refused. The memory of the elements is charged before it is
// allocated.
func (d *decoder) list(elem byte, size int) int {
	b := d.next(5)
	if b == nil {
		return 0
	}
	n := d.count(b[1:], size)
	if n > 0 && b[0] != elem {
		d.malformed("list of type %d, want %d", b[0], elem)
		return 0
	}
	return n
}

// dict reads the head of a map. An entry takes at least size bytes.
func (d *decoder) dict(key, value byte, size int) int {
	b := d.next(6)
	if b == nil {
		return 0
	}
	n := d.count(b[2:], size)
	if n > 0 && (b[0] != key || b[1] != value) {
		d.malformed("map of types %d and %d, want %d and %d", b[0], b[1], key, value)
		return 0
	}
	return n
}

func (d *decoder) count(b []byte, size int) int {
	n := int32(binary.BigEndian.Uint32(b))
	if n < 0 || int(n) > (len(d.b)-d.off)/size {
		d.malformed("count of %d in the %d bytes that follow", n, len(d.b)-d.off)
		return 0
	}
	d.expect = min(int(n), maxChunk)
	return int(n)
}

// skip skips the value of an unknown field.
func (d *decoder) skip(field uint32) {
	var s scanner
	s.value(byte(field >> 16))
	n := s.scan(d.b[d.off:])
	d.off += n
	switch {
	case s.err != nil:
		d.fail(s.err)
	case !s.done:
		d.short()
	}
}
