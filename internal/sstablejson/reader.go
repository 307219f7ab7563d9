package sstablejson

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/widerow/widerow/internal/jsonlines"
)

// partSize is the approximate size of a part of a long row, in bytes.
const partSize = 256 << 10

// Reader cuts a file into parts. Each part is the JSON of a row with some of its columns. A Reader holds one part and one
// column in memory, or in super families one part and one super column.
type Reader struct {
	r   *bufio.Reader
	max int // limit of the size of the beginning of a part, and of one column

	pos   int64 // number of bytes read
	lines int   // number of newlines read

	// The position of the current row or, between rows, of the next row.
	offset int64
	number int
	rows   int64

	failure error // error of the move to the first row
	inArray bool
	row     *openRow // the row that is being read
	buf     []byte
}

// openRow is a row that Next has begun to return.
type openRow struct {
	head  []byte // text of the row up to its list of columns
	close byte   // byte that closes the list
	first bool   // no element of the list was read
	// open is the marker that began the current range tombstone, if there is one.
	open []byte
}

// NewReader returns a Reader that begins at an offset of a file. Before the offset are the given numbers of lines and
// rows. A column may have maxColumn bytes. If maxColumn is 0, the limit is [jsonlines.DefaultMaxLine].
func NewReader(r io.Reader, offset int64, number int, rows int64, maxColumn int) *Reader {
	if maxColumn <= 0 {
		maxColumn = jsonlines.DefaultMaxLine
	}
	out := &Reader{
		r: bufio.NewReaderSize(r, 256<<10), max: maxColumn,
		pos: offset, lines: number, offset: offset, number: number, rows: rows, inArray: rows > 0,
	}
	out.failure = out.toRow() // so that Number is the line of the row
	return out
}

// Offset returns the offset of the current row, while Next has returned only some of its parts. After the last part, it returns
// the offset of the next row.
func (r *Reader) Offset() int64 { return r.offset }

// Number is the number of lines before Offset.
func (r *Reader) Number() int { return r.number }

// Rows is the number of rows before Offset.
func (r *Reader) Rows() int64 { return r.rows }

// Next returns the next part, or io.EOF after the last part. The part is valid until the next call.
func (r *Reader) Next() ([]byte, error) {
	part, err := r.next()
	if err == io.EOF && r.row == nil && !r.inArray {
		return nil, io.EOF
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the input ends before its last ]: it is cut off")
	}
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", r.lines+1, err)
	}
	return part, nil
}

func (r *Reader) next() ([]byte, error) {
	if r.failure != nil {
		return nil, r.failure
	}
	if r.row == nil {
		if err := r.begin(); err != nil {
			return nil, err
		}
	}
	row := r.row
	part := append(r.buf[:0], row.head...)
	empty := true
	for len(part) < len(row.head)+partSize {
		more, err := r.more(row.close, row.first)
		if err != nil {
			return nil, unexpected(err)
		}
		if !more {
			if err := r.end(); err != nil {
				return nil, err
			}
			break
		}
		row.first = false
		at := len(part)
		if !empty {
			part = append(part, ',')
		}
		from := len(part)
		if part, err = r.element(part, row.close); err != nil {
			return nil, unexpected(err)
		}
		if part, err = row.marker(part, at, from, empty); err != nil {
			return nil, err
		}
		empty = empty && len(part) == at
	}
	part = append(part, row.close, '}')
	r.buf = part
	if cap(r.buf) > 4*partSize {
		r.buf = nil
	}
	return part, nil
}

// marker keeps the marker that begins a range tombstone until the marker that ends it arrives. The two markers become one
// element, so that they are in the same part. The element begins at byte from of part. Before the element was
// appended, part ended at byte at.
func (row *openRow) marker(part []byte, at, from int, empty bool) ([]byte, error) {
	element := part[from:]
	kind := markerKind(element)
	if kind == "" {
		return part, nil
	}
	element = bytes.Clone(element)
	part = part[:at]
	if row.open != nil {
		if !empty {
			part = append(part, ',')
		}
		part = fmt.Appendf(part, `{"type":"range","open":%s,"close":%s}`, row.open, element)
		row.open = nil
		if kind == "range_tombstone_bound" {
			return part, nil
		}
	} else if !bytes.Contains(element, []byte(`"start"`)) {
		return nil, errors.New("a range tombstone ends without a beginning")
	}
	row.open = element
	return part, nil
}

// markerKind returns the type of an element that begins or ends a range tombstone. For any other element it returns "".
func markerKind(element []byte) string {
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(element, "{ \t\r\n"), []byte(`"type"`))
	if !ok {
		return ""
	}
	rest = bytes.TrimLeft(rest, ": \t\r\n")
	for _, kind := range []string{"range_tombstone_boundary", "range_tombstone_bound"} {
		if bytes.HasPrefix(rest, []byte(`"`+kind+`"`)) {
			return kind
		}
	}
	return ""
}

// begin reads the next row up to its list of columns.
func (r *Reader) begin() error {
	if err := r.toRow(); err != nil {
		return err
	}
	if _, err := r.byte(); err != nil { // {
		return err
	}
	head := []byte{'{'}
	for first := true; ; first = false {
		more, err := r.more('}', first)
		if err != nil {
			return unexpected(err)
		}
		if !more {
			return errors.New("a row has no columns: its list is missing")
		}
		from := len(head)
		if head, err = r.name(head); err != nil {
			return unexpected(err)
		}
		name := string(head[from:])
		if name == `"columns":` || name == `"cells":` || name == `"rows":` {
			open, err := r.token()
			if err != nil {
				return unexpected(err)
			}
			if open != '[' && open != '{' {
				return fmt.Errorf("the columns of a row are %q, want an array or an object", open)
			}
			row := &openRow{head: append(head, open), close: ']', first: true}
			if open == '{' {
				row.close = '}'
			}
			r.row = row
			return nil
		}
		if head, err = r.value(head); err != nil {
			return unexpected(err)
		}
		head = append(head, ',')
	}
}

// end reads the rest of a row after its list of columns, and moves to the next row.
func (r *Reader) end() error {
	row := r.row
	more, err := r.more('}', false)
	switch {
	case err != nil:
		return unexpected(err)
	case more:
		return errors.New("a row continues after its columns")
	case row.open != nil:
		return errors.New("a range tombstone begins but does not end")
	}
	r.row = nil
	r.rows++
	if err := r.toRow(); err != nil && err != io.EOF {
		return err
	}
	return nil
}

// toRow moves to the next row. It skips brackets and commas between rows, because a file of rejected rows may contain
// several arrays.
func (r *Reader) toRow() error {
	for {
		c, err := r.peek()
		r.offset, r.number = r.pos, r.lines
		if err != nil {
			return err
		}
		switch c {
		case '{':
			return nil
		case '[':
			r.inArray = true
		case ']':
			r.inArray = false
		case ',':
		default:
			return fmt.Errorf("want a row, have %q", c)
		}
		if _, err := r.byte(); err != nil {
			return err
		}
	}
}

// more moves to the next element of a list, or consumes the end of the list.
func (r *Reader) more(end byte, first bool) (bool, error) {
	c, err := r.peek()
	switch {
	case err != nil:
		return false, err
	case c == end:
		_, err := r.byte()
		return false, err
	case first:
		return true, nil
	case c != ',':
		return false, fmt.Errorf("want %q or %q, have %q", ',', end, c)
	}
	if _, err := r.byte(); err != nil {
		return false, err
	}
	if c, err = r.peek(); err == nil && c == end {
		err = fmt.Errorf("want a value, have %q", c)
	}
	return true, err
}

// element appends an element of the list. If the list ends with a brace, the element is a name and its value.
func (r *Reader) element(dst []byte, end byte) (_ []byte, err error) {
	if end == '}' {
		if dst, err = r.name(dst); err != nil {
			return nil, err
		}
	}
	return r.value(dst)
}

// name appends a name and its colon.
func (r *Reader) name(dst []byte) ([]byte, error) {
	c, err := r.peek()
	if err != nil {
		return nil, err
	}
	if c != '"' {
		return nil, fmt.Errorf("want a name, have %q", c)
	}
	if dst, err = r.value(dst); err != nil {
		return nil, err
	}
	if c, err = r.token(); err != nil {
		return nil, err
	}
	if c != ':' {
		return nil, fmt.Errorf("want %q after a name, have %q", ':', c)
	}
	return append(dst, ':'), nil
}

// value appends a value without checking it. The decoder refuses a value that is not JSON.
func (r *Reader) value(dst []byte) ([]byte, error) {
	if _, err := r.peek(); err != nil {
		return nil, err
	}
	begin := len(dst)
	var v valueScan
	for done := false; !done; {
		if _, err := r.r.Peek(1); err != nil {
			return nil, err
		}
		window, err := r.r.Peek(r.r.Buffered())
		if err != nil {
			return nil, err
		}
		var n int
		n, done = v.take(window)
		dst = append(dst, window[:n]...)
		r.lines += bytes.Count(window[:n], []byte("\n"))
		r.pos += int64(n)
		if _, err := r.r.Discard(n); err != nil {
			return nil, err
		}
		if len(dst)-begin > r.max {
			return nil, fmt.Errorf("a column or the beginning of a row has more than %d bytes: see --max-line", r.max)
		}
	}
	return dst, nil
}

// valueScan finds the end of a value.
type valueScan struct {
	depth           int
	quoted, escaped bool
	word            bool // the value is a word or a number
}

// take returns the number of bytes of text that belong to the value, and whether the value ends with them.
func (v *valueScan) take(text []byte) (n int, done bool) {
	for i, c := range text {
		switch {
		case v.escaped:
			v.escaped = false
			continue
		case v.quoted:
			v.escaped = c == '\\'
			v.quoted = c != '"'
			if !v.quoted && v.depth == 0 {
				return i + 1, true
			}
			continue
		}
		switch c {
		case '"', '{', '[', '}', ']', ',', ':', ' ', '\t', '\r', '\n':
			if v.word { // a word ends before the next punctuation or space
				return i, true
			}
		}
		switch c {
		case '"':
			v.quoted = true
		case '{', '[':
			v.depth++
		case '}', ']':
			if v.depth--; v.depth <= 0 {
				return i + 1, true
			}
		default:
			v.word = v.depth == 0
		}
	}
	return len(text), false
}

// token consumes the next byte that is not white space.
func (r *Reader) token() (byte, error) {
	if _, err := r.peek(); err != nil {
		return 0, err
	}
	return r.byte()
}

// peek skips white space and returns the byte after it without consuming that byte.
func (r *Reader) peek() (byte, error) {
	for {
		b, err := r.r.Peek(1)
		if err != nil {
			return 0, err
		}
		switch b[0] {
		case ' ', '\t', '\r', '\n':
			if _, err := r.byte(); err != nil {
				return 0, err
			}
		default:
			return b[0], nil
		}
	}
}

func (r *Reader) byte() (byte, error) {
	c, err := r.r.ReadByte()
	if err != nil {
		return 0, err
	}
	r.pos++
	if c == '\n' {
		r.lines++
	}
	return c, nil
}

// unexpected returns the error for an input that ends within a row.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
