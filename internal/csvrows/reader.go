package csvrows

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/widerow/widerow/internal/jsonlines"
)

// Reader cuts a file into records, each with its end of line. A quoted field may have several lines. A Reader holds one
// record in memory at a time.
type Reader struct {
	r      *bufio.Reader
	max    int
	buf    []byte
	offset int64
	lines  int
	rows   int64
}

// NewReader returns a Reader that begins at an offset of a file. Before the offset are the given numbers of lines and of
// records (without the header). A record may have maxRecord bytes. If maxRecord is 0, the limit is
// [jsonlines.DefaultMaxLine].
func NewReader(r io.Reader, offset int64, lines int, rows int64, maxRecord int) *Reader {
	if maxRecord <= 0 {
		maxRecord = jsonlines.DefaultMaxLine
	}
	return &Reader{r: bufio.NewReaderSize(r, 256<<10), max: maxRecord, offset: offset, lines: lines, rows: rows}
}

// Offset returns the offset of the next record, in bytes from the start of the file.
func (r *Reader) Offset() int64 { return r.offset }

// Number returns the number of lines before the next record.
func (r *Reader) Number() int { return r.lines }

// Rows returns the number of records before the next record, without the header.
func (r *Reader) Rows() int64 { return r.rows }

// Header returns the first record, which does not count as a row.
func (r *Reader) Header() ([]byte, error) {
	header, err := r.Next()
	if err == io.EOF {
		return nil, errors.New("the input is empty: CSV begins with a header")
	}
	r.rows = 0
	return bytes.Clone(header), err
}

// Next returns the next record, or io.EOF after the last record. The record is valid until the next call.
func (r *Reader) Next() ([]byte, error) {
	r.buf = r.buf[:0]
	begin := r.lines
	var s state
	for {
		part, err := r.r.ReadSlice('\n')
		if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		r.offset += int64(len(part))
		if bytes.HasSuffix(part, []byte("\n")) {
			r.lines++
		}
		s = s.after(part)
		if len(r.buf)+len(part) > r.max {
			return nil, fmt.Errorf("line %d: a record of more than %d bytes: is a quotation mark missing? See --max-line", begin+1, r.max)
		}
		switch {
		case err == nil && s != quoted && len(r.buf) == 0:
			r.rows++
			return part, nil
		case err == nil && s != quoted, err == io.EOF && len(r.buf)+len(part) > 0 && s != quoted:
			r.buf = append(r.buf, part...)
			r.rows++
			return r.buf, nil
		case err == io.EOF && s == quoted:
			return nil, fmt.Errorf("line %d: the input ends in a quoted field that begins there", begin+1)
		case err == io.EOF:
			return nil, io.EOF
		}
		r.buf = append(r.buf, part...)
	}
}

// state is the state of the reader within a record.
type state uint8

const (
	fieldBegin state = iota
	unquoted
	quoted
	quotedEnd // after a quotation mark that ends a field or is the first of an escaped pair
)

func (s state) after(text []byte) state {
	for _, c := range text {
		switch {
		case s == quoted && c == '"':
			s = quotedEnd
		case s == quoted:
		case (s == fieldBegin || s == quotedEnd) && c == '"':
			s = quoted
		case c == ',' || c == '\n':
			s = fieldBegin
		default:
			s = unquoted
		}
	}
	return s
}

// field is a field of a record. In a table, an empty field without quotation marks has no value.
type field struct {
	text   []byte
	quoted bool
}

// fields splits a record into its fields. A text aliases the record unless it contains escaped quotation marks.
func fields(record []byte) ([]field, error) {
	record = bytes.TrimSuffix(record, []byte("\n"))
	record = bytes.TrimSuffix(record, []byte("\r"))
	var list []field
	for {
		var f field
		if len(record) > 0 && record[0] == '"' {
			f.quoted = true
			rest := record[1:]
			for {
				end := bytes.IndexByte(rest, '"')
				if end < 0 {
					return nil, fmt.Errorf("field %d: the quotation mark at its end is missing", len(list)+1)
				}
				f.text = append(f.text, rest[:end]...)
				if rest = rest[end+1:]; len(rest) == 0 || rest[0] != '"' {
					record = rest
					break
				}
				f.text = append(f.text, '"')
				rest = rest[1:]
			}
			if len(record) > 0 && record[0] != ',' {
				return nil, fmt.Errorf("field %d: text after the quotation mark at its end", len(list)+1)
			}
		} else {
			end := bytes.IndexByte(record, ',')
			if end < 0 {
				end = len(record)
			}
			f.text, record = record[:end], record[end:]
			if bytes.IndexByte(f.text, '"') >= 0 {
				return nil, fmt.Errorf("field %d: a quotation mark in a field that does not begin with one", len(list)+1)
			}
		}
		list = append(list, f)
		if len(record) == 0 {
			return list, nil
		}
		record = record[1:] // the comma
	}
}
