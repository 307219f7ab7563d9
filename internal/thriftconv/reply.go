package thriftconv

import (
	"encoding/binary"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// Columns decides how the columns of a family are written in a reply.
type Columns struct {
	// Counters is set if the columns are counters. Their values have 8 bytes.
	Counters bool
}

// SliceReply is the result of get_slice.
func (k Columns) SliceReply(row *backend.Row) thriftwire.Encoder {
	return thriftwire.Encode(replyHead+rowSize(row), func(b []byte) []byte {
		b = thriftwire.AppendSuccessList(b, elements(row))
		return thriftwire.AppendStop(k.appendRow(b, row))
	})
}

// GetReply is the result of get: the first column of a row or, if the row has no columns,
// its first super column. The row must have one of them.
func (k Columns) GetReply(row *backend.Row) thriftwire.Encoder {
	one := backend.Row{Columns: row.Columns[:min(1, len(row.Columns))]}
	if len(one.Columns) == 0 {
		one.Supers = row.Supers[:1]
	}
	return thriftwire.Encode(replyHead+rowSize(&one), func(b []byte) []byte {
		b = k.appendRow(thriftwire.AppendSuccess(b), &one)
		return thriftwire.AppendStop(b)
	})
}

// MultigetReply is the result of multiget_slice.
func (k Columns) MultigetReply(rows []backend.Row) thriftwire.Encoder {
	return thriftwire.Encode(rowsSize(rows), func(b []byte) []byte {
		b = thriftwire.AppendSuccessMap(b, len(rows))
		for i := range rows {
			row := &rows[i]
			b = k.appendRow(thriftwire.AppendMapEntry(b, row.Key, elements(row)), row)
		}
		return thriftwire.AppendStop(b)
	})
}

// RangeReply is the result of get_range_slices and similar methods.
func (k Columns) RangeReply(rows []backend.Row) thriftwire.Encoder {
	return thriftwire.Encode(rowsSize(rows), func(b []byte) []byte {
		b = thriftwire.AppendSuccessList(b, len(rows))
		for i := range rows {
			row := &rows[i]
			b = k.appendRow(thriftwire.AppendKeySlice(b, row.Key, elements(row)), row)
			b = thriftwire.AppendStop(b)
		}
		return thriftwire.AppendStop(b)
	})
}

// replyHead is an upper bound of the bytes of a reply without its rows, and of a row or a super
// column without its columns.
const replyHead = 64

// rowsSize returns an upper bound of the size of a reply with the rows, in bytes.
func rowsSize(rows []backend.Row) int {
	n := replyHead
	for i := range rows {
		n += rowSize(&rows[i])
	}
	return n
}

func rowSize(row *backend.Row) int {
	n := replyHead + len(row.Key) + columnsSize(row.Columns)
	for i := range row.Supers {
		n += replyHead + len(row.Supers[i].Name) + columnsSize(row.Supers[i].Columns)
	}
	return n
}

func columnsSize(columns []backend.Column) int {
	n := 0
	for i := range columns {
		n += thriftwire.ColumnSize + len(columns[i].Name) + len(columns[i].Value)
	}
	return n
}

// elements returns the number of list elements that a row becomes.
func elements(row *backend.Row) int { return len(row.Columns) + len(row.Supers) }

func (k Columns) appendRow(b []byte, row *backend.Row) []byte {
	for i := range row.Columns {
		c := &row.Columns[i]
		if k.Counters {
			b = thriftwire.AppendCounter(b, c.Name, count(c))
		} else {
			b = thriftwire.AppendColumn(b, c.Name, c.Value, c.Timestamp, c.TTL)
		}
	}
	for i := range row.Supers {
		s := &row.Supers[i]
		b = thriftwire.AppendSuper(b, s.Name, k.Counters, len(s.Columns))
		for j := range s.Columns {
			c := &s.Columns[j]
			if k.Counters {
				b = thriftwire.AppendSubcounter(b, c.Name, count(c))
			} else {
				b = thriftwire.AppendSubcolumn(b, c.Name, c.Value, c.Timestamp, c.TTL)
			}
		}
		b = thriftwire.AppendStop(thriftwire.AppendStop(b))
	}
	return b
}

// count decodes a counter. If the family was dropped and created again during the read, the
// value may not be a counter. Then count returns 0.
func count(c *backend.Column) int64 {
	if len(c.Value) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(c.Value))
}
