package cli

import (
	"io"
	"sync"

	"github.com/widerow/widerow/internal/csvrows"
	"github.com/widerow/widerow/internal/jsonlines"
)

// csvForm is CSV with a header.
type csvForm struct {
	family    string
	timestamp int64

	header []byte
	mu     sync.Mutex
	table  *csvrows.Table // nil until the family is known
}

func (f *csvForm) records(r io.Reader, at *position, maxRecord int) (records, error) {
	lines := csvrows.NewReader(r, at.Offset, at.Line, at.Rows, maxRecord)
	if at.Header == "" {
		header, err := lines.Header()
		if err != nil {
			return nil, err
		}
		at.Header = string(header)
		at.Offset, at.Line = lines.Offset(), lines.Number()
	}
	f.header = []byte(at.Header)
	return lines, nil
}

func (f *csvForm) defines([]byte) bool { return false }

func (f *csvForm) decode(text []byte, family func(name string) (*jsonlines.Family, error)) (record, error) {
	table, err := f.tableOf(family)
	if err != nil {
		return record{}, err
	}
	rec, err := table.Decode(text)
	if err != nil || rec.Columns == 0 {
		return record{}, err
	}
	return record{row: mutations(&rec), counter: rec.Family.Counter, columns: rec.Columns}, nil
}

func (f *csvForm) tableOf(family func(name string) (*jsonlines.Family, error)) (*csvrows.Table, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.table != nil {
		return f.table, nil
	}
	definition, err := family(f.family)
	if err != nil {
		return nil, &inputError{err}
	}
	f.table, err = csvrows.NewTable(f.header, definition, f.timestamp)
	if err != nil {
		return nil, &inputError{err}
	}
	return f.table, nil
}

func (f *csvForm) unit() string { return "records" }

func (f *csvForm) rejectsHead() string { return string(f.header) }
