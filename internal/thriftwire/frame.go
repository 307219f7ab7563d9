package thriftwire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
)

// DefaultLimit is Cassandra's default limit of the length of a message
// (thrift_framed_transport_size_in_mb).
const DefaultLimit = 15 << 20

// ErrTooLarge is matched by the error for a message beyond the limit.
var ErrTooLarge = errors.New("message is too large")

// Framing is how messages follow one another on a connection.
type Framing byte

// The framings.
const (
	// Framed puts the length before each message. Cassandra 0.8 and later require it.
	Framed Framing = iota
	// Unframed messages end where their content ends.
	Unframed
	// Detected means the framing of the first message that arrives. It is valid for readers only.
	Detected
)

// Append appends a message in the framing. If the message, without the length of the frame,
// is longer than limit, the error matches ErrTooLarge and b is unchanged. A limit of 0 is
// [DefaultLimit].
func (f Framing) Append(b []byte, h Header, body Body, limit int) ([]byte, error) {
	start := len(b)
	if f == Framed {
		b = append(b, 0, 0, 0, 0)
	}
	head := len(b)
	b = AppendMessage(b, h, body)
	n := len(b) - head
	if err := checkLimit(n, limit); err != nil {
		return b[:start], err
	}
	if f == Framed {
		binary.BigEndian.PutUint32(b[start:], uint32(n))
	}
	return b, nil
}

func checkLimit(n, limit int) error {
	if limit <= 0 {
		limit = DefaultLimit
	}
	if limit = min(limit, math.MaxInt32); n > limit {
		return fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, n, limit)
	}
	return nil
}

// Reader reads messages from a connection. It is not safe for concurrent use.
type Reader struct {
	r       *bufio.Reader
	framing Framing
	limit   int
}

// firstRead is the size of the buffer for a message before its bytes arrive.
const firstRead = 64 << 10

// NewReader returns a Reader of messages up to limit bytes long, 0 for
// [DefaultLimit].
func NewReader(r io.Reader, f Framing, limit int) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 8<<10), framing: f, limit: limit}
}

// Framing returns the framing. It is Detected until the first message has arrived.
func (r *Reader) Framing() Framing { return r.framing }

// Buffered reports whether the reader has bytes that were read and not yet returned.
func (r *Reader) Buffered() bool { return r.r.Buffered() > 0 }

// Wait waits until a byte can be read. At the end of the stream its error is io.EOF.
func (r *Reader) Wait() error {
	_, err := r.r.Peek(1)
	return err
}

// Next returns the next message without its frame. The message is in buf if buf is large
// enough. Otherwise the buffer grows as bytes arrive, and not by the claimed length. The
// error is io.EOF only if the stream ends between two messages.
func (r *Reader) Next(buf []byte) ([]byte, error) {
	if r.framing == Detected {
		if err := r.detect(); err != nil {
			return nil, err
		}
	}
	if r.framing == Framed {
		return r.framed(buf[:0])
	}
	return r.unframed(buf[:0])
}

// detect looks at the first five bytes. A frame's length, and the length of an
// old-style message's name, begin with 0, a strict message with 0x80; in a frame
// a message follows that begins with 0x80 or 0, in an old-style message a name.
func (r *Reader) detect() error {
	b, err := r.r.Peek(5)
	if err != nil {
		return eofWithin(err, len(b) > 0)
	}
	r.framing = Framed
	if b[0] >= 0x80 || b[4] >= ' ' && b[4] < 0x80 {
		r.framing = Unframed
	}
	return nil
}

func eofWithin(err error, within bool) error {
	if within && errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *Reader) framed(buf []byte) ([]byte, error) {
	head, err := r.r.Peek(4)
	if err != nil {
		return nil, eofWithin(err, len(head) > 0)
	}
	n := int(int32(binary.BigEndian.Uint32(head)))
	if n <= 0 {
		return nil, fmt.Errorf("%w: frame of %d bytes", ErrMalformed, n)
	}
	if err := checkLimit(n, r.limit); err != nil {
		return nil, err
	}
	if _, err := r.r.Discard(4); err != nil {
		return nil, err
	}
	if n > max(firstRead, cap(buf)) {
		if buf, err = r.first(n); err != nil {
			return nil, err
		}
	}
	for len(buf) < n {
		if len(buf) == cap(buf) {
			buf = enlarge(buf, n)
		}
		k, err := io.ReadFull(r.r, buf[len(buf):min(cap(buf), n)])
		buf = buf[:len(buf)+k]
		if err != nil {
			return nil, eofWithin(err, true)
		}
	}
	return buf, nil
}

// starts are where the first bytes of long messages are read to.
var starts = sync.Pool{New: func() any { return new([firstRead]byte) }}

// first reads the first bytes of a message of n bytes, which has room for more of them
// then. Most messages are not longer than that room, so none of it is garbage at once.
func (r *Reader) first(n int) ([]byte, error) {
	start := starts.Get().(*[firstRead]byte)
	defer starts.Put(start)
	if _, err := io.ReadFull(r.r, start[:]); err != nil {
		return nil, eofWithin(err, true)
	}
	return enlarge(start[:], n), nil
}

// enlarge makes more room for a message of n bytes: four times as much as there
// is, and not more than wanted.
func enlarge(buf []byte, n int) []byte {
	b := make([]byte, len(buf), min(n, max(firstRead, 4*len(buf))))
	copy(b, buf)
	return b
}

func (r *Reader) unframed(buf []byte) ([]byte, error) {
	var s scanner
	s.value(levelMessage)
	scanned := 0
	for {
		if _, err := r.r.Peek(1); err != nil {
			return nil, eofWithin(err, len(buf) > 0)
		}
		b, _ := r.r.Peek(r.r.Buffered())
		taken := len(buf)
		buf = append(buf, b...)
		scanned += s.scan(buf[scanned:])
		if s.err != nil {
			return nil, s.err
		}
		if s.done {
			buf = buf[:scanned]
		}
		if err := checkLimit(max(len(buf), scanned+s.skip), r.limit); err != nil {
			return nil, err
		}
		if _, err := r.r.Discard(len(buf) - taken); err != nil {
			return nil, err
		}
		if s.done {
			return buf, nil
		}
	}
}
