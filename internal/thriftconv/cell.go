package thriftconv

import (
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// CellFromThrift returns a column with its value. Absent fields are zero.
func CellFromThrift(c *thriftwire.Column) backend.Column {
	return backend.Column{Name: c.Name, Value: c.Value, Timestamp: c.Timestamp.V, TTL: c.TTL.V}
}

// WrittenFromThrift is CellFromThrift for a column of a write: a TTL field of 0 becomes [backend.NoTTL].
func WrittenFromThrift(c *thriftwire.Column) backend.Column {
	w := CellFromThrift(c)
	if c.TTL.Set && c.TTL.V == 0 {
		w.TTL = backend.NoTTL
	}
	return w
}

// CellToThrift returns a column with its value. The value field is present even if the value is nil. [backend.NoTTL]
// becomes a TTL of 0, which Cassandra accepts since 3.0 (CASSANDRA-11207).
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
