package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/jsonlines"
	"github.com/widerow/widerow/internal/sstablejson"
	"github.com/widerow/widerow/schema"
)

// The forms of an input, by the values of --format.
const (
	formAuto    = "auto"
	formJSONL   = "jsonl"
	formCSV     = "csv"
	formSSTable = "sstable"
)

// A form is the format of an input. It cuts the input into records. Each record is loaded as a whole.
type form interface {
	// records returns the records of the input after a position.
	records(r io.Reader, at *position, maxRecord int) (records, error)
	// defines reports whether a record contains a definition. Such a record is loaded alone.
	defines(text []byte) bool
	// decode reads a record. It is safe for concurrent use.
	decode(text []byte, family func(name string) (*jsonlines.Family, error)) (record, error)
	// unit is the name of the records of the input, in the plural.
	unit() string
	// rejectsHead returns the beginning of a file of rejected records. With it, the file can be loaded.
	rejectsHead() string
}

// records are the records of an input.
type records interface {
	// Next returns the next record, or io.EOF. The record is valid until the next call. After an error that
	// matches jsonlines.ErrLineTooLong, Next can be called again: the error concerns one record.
	Next() ([]byte, error)
	// Offset is the offset at which reading can continue after a record, in bytes. It is never within a row.
	Offset() int64
	// Number is the number of lines before Offset. Rows is the number of rows before Offset.
	Number() int
	Rows() int64
}

// record is a decoded record of the input: a definition, or changes to a row.
type record struct {
	schema  *schema.Keyspace
	row     backend.RowMutation
	counter bool // the changes set counters
	columns int  // columns that the changes write
}

// format is the part of the flags that selects the form.
func (c *loadCmd) format() string {
	if c.CSV {
		return formCSV
	}
	return cmp.Or(c.Format, formAuto)
}

// formOf returns the form that --format names. By default, the first bytes of the input decide.
func (c *loadCmd) formOf(head []byte, timestamp int64) (form, error) {
	name := c.format()
	if name == formAuto {
		name = recognise(head)
	}
	switch name {
	case formJSONL:
		if c.Family != "" {
			return nil, usagef("--family contradicts JSON Lines: each line names its family%s", c.hint(head))
		}
		return &jsonForm{timestamp: timestamp}, nil
	case formCSV:
		if c.Family == "" || c.Keyspace == "" {
			return nil, usagef("CSV does not name its column family: give --keyspace and --family")
		}
		return &csvForm{family: c.Family, timestamp: timestamp}, nil
	case formSSTable:
		if c.Family == "" || c.Keyspace == "" {
			return nil, usagef("the output of sstable2json and sstabledump does not name its column family: give --keyspace and --family")
		}
		return &sstableForm{family: c.Family, now: time.Now()}, nil
	}
	return nil, fmt.Errorf("unknown format %q", name)
}

// recognise returns the form of an input by its first bytes.
func recognise(head []byte) string {
	head = trimHead(head)
	if bytes.HasPrefix(head, []byte("[")) || bytes.HasPrefix(head, []byte(`{"partition"`)) {
		return formSSTable
	}
	return formJSONL
}

// trimHead removes the byte order mark and white space before the first record.
func trimHead(head []byte) []byte {
	return bytes.TrimLeft(bytes.TrimPrefix(head, utf8Mark), " \t\r\n")
}

// hint returns what to add to an error if the input was taken for JSON Lines because it has no other form's first
// bytes, but its first line is no JSON object.
func (c *loadCmd) hint(head []byte) string {
	head = trimHead(head)
	if c.format() != formAuto || len(head) == 0 || head[0] == '{' || recognise(head) != formJSONL {
		return ""
	}
	return "; if the input is CSV, add --csv"
}

// jsonForm is JSON Lines.
type jsonForm struct {
	timestamp int64
}

func (f *jsonForm) records(r io.Reader, at *position, maxRecord int) (records, error) {
	lines := jsonlines.NewReader(r, maxRecord)
	lines.SetPosition(at.Offset, at.Line)
	return jsonRecords{lines}, nil
}

type jsonRecords struct{ *jsonlines.Reader }

func (r jsonRecords) Rows() int64 { return int64(r.Number()) }

func (f *jsonForm) defines(text []byte) bool { return jsonlines.IsSchema(text) }

func (f *jsonForm) decode(text []byte, family func(name string) (*jsonlines.Family, error)) (record, error) {
	if jsonlines.Blank(text) {
		return record{}, nil
	}
	d := jsonlines.Decoder{Timestamp: f.timestamp, Lookup: family}
	rec, err := d.Decode(text)
	if err != nil || rec.Schema != nil {
		return record{schema: rec.Schema}, err
	}
	return record{row: mutations(&rec), counter: rec.Family.Counter, columns: rec.Columns}, nil
}

func (f *jsonForm) unit() string { return "lines" }

func (f *jsonForm) rejectsHead() string { return "" }

// sstableForm is the output of sstable2json and sstabledump.
type sstableForm struct {
	family string
	now    time.Time // decides what has expired
}

func (f *sstableForm) records(r io.Reader, at *position, maxRecord int) (records, error) {
	return sstablejson.NewReader(r, at.Offset, at.Line, at.Rows, maxRecord), nil
}

func (f *sstableForm) defines([]byte) bool { return false }

func (f *sstableForm) decode(text []byte, family func(name string) (*jsonlines.Family, error)) (record, error) {
	definition, err := family(f.family)
	if err != nil {
		return record{}, &inputError{err}
	}
	d := sstablejson.Decoder{Family: definition, Now: f.now}
	row, err := d.Decode(text)
	if err != nil {
		return record{}, err
	}
	return record{
		row:     backend.RowMutation{Family: f.family, Key: row.Key, Mutations: row.Mutations},
		counter: definition.Counter, columns: row.Columns,
	}, nil
}

func (f *sstableForm) unit() string { return "rows" }

// rejectsHead returns an array from which load recognises the format. Single rows may follow the array.
func (f *sstableForm) rejectsHead() string { return "[]\n" }
