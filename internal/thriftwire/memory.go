package thriftwire

import (
	"errors"
	"fmt"
	"unsafe"
)

// MemoryFactor and MemoryBase bound the memory that decoding a message takes in addition to
// the message itself. The bound is MemoryFactor times its length plus MemoryBase. Messages of
// ordinary clients take less than half of that. A message needs more only if it consists of
// empty structs. Its error matches ErrMemory.
const (
	MemoryFactor = 10
	MemoryBase   = 64 << 10
)

// ErrMemory is matched by the error for a message that would take more memory after
// decoding than the bounds allow.
var ErrMemory = errors.New("message takes too much memory")

// Memory bounds and counts the memory that decoding takes in addition to the message. The
// bounds MemoryFactor and MemoryBase always apply. With a nil *Memory only they apply.
type Memory struct {
	// Limit bounds the bytes that one message may take. 0 means no limit. A lower
	// limit than MemoryBase counts as MemoryBase.
	Limit int
	// Take, if it is not nil, is called before each further part of the memory after the
	// first MemoryBase bytes is allocated. If Take returns an error, decoding ends with
	// that error.
	Take func(n int) error
}

// charge counts n bytes that the decoder is about to allocate, and reports whether it may allocate
// them. If it may not, the decoder has failed.
func (d *decoder) charge(n int64) bool {
	if n <= d.granted {
		d.granted -= n
		return true
	}
	return d.ask(n)
}

// left returns the number of bytes that the message may still take.
func (d *decoder) left() int64 {
	// The factor includes 1 for the allocator, which rounds sizes up.
	total := (MemoryFactor-1)*int64(len(d.b)) + MemoryBase
	if d.memory != nil && d.memory.Limit > 0 {
		total = min(total, max(int64(d.memory.Limit), MemoryBase))
	}
	return total - d.asked + d.granted
}

// ask is charge for more than was granted.
func (d *decoder) ask(n int64) bool {
	const step = 64 << 10 // that Take is asked for at least
	if d.err != nil {
		return false
	}
	left := d.left()
	if n > left {
		d.fail(fmt.Errorf("%w: more than %d bytes for %d on the wire", ErrMemory, left+d.asked-d.granted, len(d.b)))
		return false
	}
	more := left - d.granted
	if d.memory != nil && d.memory.Take != nil {
		more = min(more, max(n-d.granted, step))
		// The first MemoryBase bytes are free.
		if beyond := min(more, d.asked+more-MemoryBase); beyond > 0 {
			if err := d.memory.Take(int(beyond)); err != nil {
				d.fail(err)
				return false
			}
		}
	}
	d.asked += more
	d.granted += more - n
	return true
}

// room returns n new values, or none if they may not be allocated. The caller has checked n against
// the number of bytes received.
func room[T any](d *decoder, n int) []T {
	if !d.charge(int64(n) * int64(unsafe.Sizeof(*new(T)))) {
		return nil
	}
	return make([]T, n)
}

// one returns a new value.
func one[T any](d *decoder) *T {
	d.charge(int64(unsafe.Sizeof(*new(T))))
	return new(T)
}

// slab allocates structs many at a time.
type slab[T any] struct {
	chunk []T
	used  int // of chunk: cheaper to write than a pointer while garbage is collected
	made  int
}

// take returns n structs, or none if they may not be allocated.
func (s *slab[T]) take(d *decoder, n int) []T {
	switch {
	case n == 0:
		return []T{}
	case n > maxChunk:
		return room[T](d, n)
	case n > len(s.chunk)-s.used:
		if s.grow(d, n); d.err != nil {
			return nil
		}
	}
	s.used += n
	return s.chunk[s.used-n : s.used : s.used]
}

// one returns one struct.
func (s *slab[T]) one(d *decoder) *T {
	if s.used == len(s.chunk) {
		s.grow(d, 1)
	}
	s.used++
	return &s.chunk[s.used-1]
}

// grow allocates at least n, or one if the decoder fails.
func (s *slab[T]) grow(d *decoder, n int) {
	n = d.chunk(n, s.made, int64(unsafe.Sizeof(*new(T))))
	s.chunk = make([]T, n)
	s.used = 0
	s.made += n
}

// chunk charges and returns the number of structs to allocate for the next n. It allocates as many
// as the rest of the message probably holds. The first guess is one struct for each element of the
// list that was begun last. Later guesses use the ratio of structs to bytes so far; made is the
// number of structs so far.
func (d *decoder) chunk(n, made int, size int64) int {
	likely := d.expect
	if made > 0 {
		likely = int(int64(made)*int64(len(d.b)-d.off)/int64(d.off)) + 1
	}
	// A guess must not use memory that the rest of the message needs.
	if likely = min(likely, maxChunk); likely > n && int64(likely)*size > d.left()/4 {
		likely = int(d.left() / 4 / size)
	}
	if n = max(n, likely); !d.charge(int64(n) * size) {
		return 1
	}
	return n
}
