package thriftconv

import (
	"encoding/binary"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// CellFromThrift returns a column with its value. What is absent is zero.
func CellFromThrift(c *thriftwire.Column) backend.Column {
	return backend.Column{Name: c.Name, Value: c.Value, Timestamp: c.Timestamp.V, TTL: c.TTL.V}
}

// WrittenFromThrift is CellFromThrift for a column to write: a TTL of 0 that is given is [backend.NoTTL].
func WrittenFromThrift(c *thriftwire.Column) backend.Column {
	w := CellFromThrift(c)
	if c.TTL.Set && c.TTL.V == 0 {
		w.TTL = backend.NoTTL
	}
	return w
}

// CellToThrift returns a column with its value, which is present even if it is nil. [backend.NoTTL] becomes a
// TTL of 0, which Cassandra takes since 3.0 (CASSANDRA-11207).
func CellToThrift(c *backend.Column) thriftwire.Column {
	d := thriftwire.Column{Name: c.Name, Value: c.Value, Timestamp: thriftwire.Some(c.Timestamp)}
	if d.Value == nil {
		d.Value = []byte{}
	}
	switch c.TTL {
	case 0:
	case backend.NoTTL:
		d.TTL = thriftwire.Some[int32](0)
	default:
		d.TTL = thriftwire.Some(c.TTL)
	}
	return d
}

// CellsFromThrift appends columns, each with its value, to dst.
func CellsFromThrift(dst []backend.Column, columns []thriftwire.Column) []backend.Column {
	for i := range columns {
		dst = append(dst, CellFromThrift(&columns[i]))
	}
	return dst
}

// RowFromThrift fills a row with the columns of a reply: plain columns and
// counters become Columns, super columns become Supers. A counter's value takes 8
// new bytes; all else is the reply's.
func RowFromThrift(row *backend.Row, reply []thriftwire.ColumnOrSuperColumn) {
	columns, supers, counters := 0, 0, 0
	for i := range reply {
		switch c := &reply[i]; {
		case c.Column != nil:
			columns++
		case c.CounterColumn != nil:
			columns++
			counters++
		case c.SuperColumn != nil:
			supers++
		case c.CounterSuperColumn != nil:
			supers++
			counters += len(c.CounterSuperColumn.Columns)
		}
	}
	if columns > 0 {
		row.Columns = make([]backend.Column, 0, columns)
	}
	if supers > 0 {
		row.Supers = make([]backend.SuperColumn, 0, supers)
	}
	values := make([]byte, 0, 8*counters)
	counter := func(c *thriftwire.CounterColumn) backend.Column {
		n := len(values)
		values = binary.BigEndian.AppendUint64(values, uint64(c.Value))
		return backend.Column{Name: c.Name, Value: values[n:len(values):len(values)]}
	}
	for i := range reply {
		switch c := &reply[i]; {
		case c.Column != nil:
			row.Columns = append(row.Columns, CellFromThrift(c.Column))
		case c.CounterColumn != nil:
			row.Columns = append(row.Columns, counter(c.CounterColumn))
		case c.SuperColumn != nil:
			s := backend.SuperColumn{Name: c.SuperColumn.Name}
			if n := len(c.SuperColumn.Columns); n > 0 {
				s.Columns = CellsFromThrift(make([]backend.Column, 0, n), c.SuperColumn.Columns)
			}
			row.Supers = append(row.Supers, s)
		case c.CounterSuperColumn != nil:
			s := backend.SuperColumn{Name: c.CounterSuperColumn.Name}
			for j := range c.CounterSuperColumn.Columns {
				s.Columns = append(s.Columns, counter(&c.CounterSuperColumn.Columns[j]))
			}
			row.Supers = append(row.Supers, s)
		}
	}
}
