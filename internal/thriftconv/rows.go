package thriftconv

import (
	"encoding/binary"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// Read is a call whose result consists of rows (see [thriftwire.SinkResult]). The rows are decoded into the seam's types.
type Read struct {
	thriftwire.Args
	sink rowSink
}

// NewRead returns a call with its arguments.
func NewRead(args thriftwire.Args) *Read { return &Read{Args: args} }

// NewResult returns a new result. [Read.Rows] returns its rows.
func (r *Read) NewResult() thriftwire.Result {
	r.sink = rowSink{}
	return thriftwire.SinkResult(r.Args, &r.sink)
}

// Rows returns the rows of the result that was decoded last. Columns and counters are in Columns, super columns in
// Supers. The value of a counter is 8 bytes. All other bytes alias the reply.
func (r *Read) Rows() []backend.Row { return r.sink.rows }

// rowSink builds rows from the decoded elements.
type rowSink struct {
	rows    []backend.Row
	row     *backend.Row
	super   *backend.SuperColumn // current super column; nil outside of super columns
	columns *[]backend.Column    // columns of super or, if super is nil, of row
	counts  []byte               // memory of the values of counters
}

func (s *rowSink) Rows(n int) { s.rows = make([]backend.Row, 0, n) }

func (s *rowSink) Row() {
	s.rows = append(s.rows, backend.Row{})
	s.row = &s.rows[len(s.rows)-1]
	s.columns = &s.row.Columns
}

func (s *rowSink) Key(key []byte) { s.row.Key = key }

func (s *rowSink) Columns(n int) { *s.columns = make([]backend.Column, 0, n) }

func (s *rowSink) Column(name, value []byte, timestamp int64, ttl int32) {
	*s.columns = append(*s.columns, backend.Column{Name: name, Value: value, Timestamp: timestamp, TTL: ttl})
}

func (s *rowSink) Counter(name []byte, count int64) {
	n := len(s.counts)
	if cap(s.counts)-n < 8 { // make room for the announced number of counters
		n, s.counts = 0, make([]byte, 0, 8*max(1, cap(*s.columns)-len(*s.columns)))
	}
	s.counts = binary.BigEndian.AppendUint64(s.counts, uint64(count))
	*s.columns = append(*s.columns, backend.Column{Name: name, Value: s.counts[n : n+8 : n+8]})
}

func (s *rowSink) Supers(n int) { s.row.Supers = make([]backend.SuperColumn, 0, n) }

func (s *rowSink) Super() {
	s.row.Supers = append(s.row.Supers, backend.SuperColumn{})
	s.super = &s.row.Supers[len(s.row.Supers)-1]
	s.columns = &s.super.Columns
}

func (s *rowSink) Name(name []byte) { s.super.Name = name }
