package jsonlines

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// DefaultMaxLine is the default limit of the length of a line that a [Reader] returns, in
// bytes. A line of that length has room for the longest value that the embedded engine accepts,
// 512 MiB, in hexadecimal.
const DefaultMaxLine = 1<<30 + 1<<26

// ErrLineTooLong is the error for a line that is longer than allowed. The reader
// is then at the start of the next line.
var ErrLineTooLong = errors.New("line is too long")

// Reader cuts a stream into lines. It holds one line in memory at a time.
type Reader struct {
	r      *bufio.Reader
	buf    []byte
	offset int64
	number int
	max    int
}

// NewReader returns a Reader of lines of at most maxLine bytes. If maxLine is 0, the limit is [DefaultMaxLine].
func NewReader(r io.Reader, maxLine int) *Reader {
	if maxLine <= 0 {
		maxLine = DefaultMaxLine
	}
	return &Reader{r: bufio.NewReaderSize(r, 256<<10), max: maxLine}
}

// SetPosition sets the position at which the reader begins in a larger stream: byte offset,
// after the line with the number.
func (r *Reader) SetPosition(offset int64, number int) { r.offset, r.number = offset, number }

// Offset returns the offset of the next line, in bytes from the start of the stream.
func (r *Reader) Offset() int64 { return r.offset }

// Number returns the number of the line that was read last. The first line has number 1.
func (r *Reader) Number() int { return r.number }

// Next returns the next line with its newline, or io.EOF after the last line. The last
// line may lack a newline. The line is valid until the next call.
func (r *Reader) Next() ([]byte, error) {
	r.buf = r.buf[:0]
	tooLong := false
	for {
		part, err := r.r.ReadSlice('\n')
		r.offset += int64(len(part))
		if tooLong = tooLong || len(r.buf)+len(part) > r.max; tooLong {
			r.buf = r.buf[:0]
		} else if err == nil && len(r.buf) == 0 {
			r.number++
			return part, nil
		} else {
			r.buf = append(r.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF && len(r.buf) == 0 && !tooLong:
			return nil, io.EOF
		case err != nil && err != io.EOF:
			return nil, err
		}
		r.number++
		if tooLong {
			return nil, fmt.Errorf("%w: more than %d bytes", ErrLineTooLong, r.max)
		}
		return r.buf, nil
	}
}

// Blank reports whether a line contains only white space.
func Blank(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 }
