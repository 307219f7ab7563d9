package embedded

import (
	"slices"

	"github.com/widerow/widerow/backend"
)

// reply collects the bytes of columns in reused memory. The result for the caller then takes
// two allocations of the exact size: one for all bytes and one for the columns.
type reply struct {
	buf   []byte
	head  int // length of the row key or super column name, after which the first column begins
	items []replyItem
	own   [][]byte // values that are too long to share memory
	// begun is set until the head has been returned.
	begun bool
}

// replyItem has no pointers, so that the garbage collector need not scan it.
type replyItem struct {
	nameEnd, end uint32 // of name and value in buf
	timestamp    int64
	ttl          int32
	own          int32 // the value is own[own-1], if that is not 0
}

const (
	// replyChunk is roughly the most bytes of columns that share an allocation.
	replyChunk = 64 << 10
	// ownValue is the smallest length of a value that gets its own allocation. Such a value
	// is copied only once, and keeping it keeps no other column in memory.
	ownValue = 8 << 10
)

// begin begins with a row's key or a super column's name.
func (w *reply) begin(head []byte) {
	w.buf = append(w.buf[:0], head...)
	w.head, w.items, w.own, w.begun = len(head), w.items[:0], w.own[:0], true
}

// add adds a column whose name was appended to buf.
func (w *reply) add(value []byte, timestamp int64, ttl int32) {
	item := replyItem{nameEnd: uint32(len(w.buf)), timestamp: timestamp, ttl: ttl}
	if len(value) < ownValue {
		w.buf = append(w.buf, value...)
	} else {
		w.own = append(w.own, exactCopy(value))
		item.own = int32(len(w.own))
	}
	item.end = uint32(len(w.buf))
	w.items = append(w.items, item)
}

func (w *reply) full() bool { return len(w.buf) >= replyChunk || len(w.own) >= replyChunk/ownValue }

// size is how much memory finish takes.
func (w *reply) size() int {
	n := len(w.buf) + len(w.items)*backend.ColumnSize
	if w.begun {
		n += max(backend.RowSize, backend.SuperSize)
	}
	return n
}

// finish returns the collected columns and, the first time, the head.
func (w *reply) finish(head *[]byte, columns *[]backend.Column) {
	slab := exactCopy(w.buf)
	if w.begun {
		*head, w.begun = slab[:w.head:w.head], false
	}
	if n := len(w.items); n > 0 {
		done := len(*columns)
		if done == 0 {
			*columns = make([]backend.Column, n)
		} else {
			*columns = slices.Grow(*columns, n)[:done+n]
		}
		start := uint32(w.head)
		list := (*columns)[done:]
		for i := range w.items {
			item, c := &w.items[i], &list[i]
			c.Name = slab[start:item.nameEnd:item.nameEnd]
			if item.own != 0 {
				c.Value = w.own[item.own-1]
			} else {
				c.Value = slab[item.nameEnd:item.end:item.end]
			}
			c.Timestamp, c.TTL = item.timestamp, item.ttl
			start = item.end
		}
	}
	clear(w.own)
	w.buf, w.head, w.items, w.own = w.buf[:0], 0, w.items[:0], w.own[:0]
}

// exactCopy returns a copy, which is never nil. It is written so that the compiler does not zero the copy first.
func exactCopy(b []byte) []byte {
	c := make([]byte, len(b))
	copy(c, b)
	return c
}

// emptied returns an empty reply that reuses the memory of w.
func (w *reply) emptied() reply {
	clear(w.own)
	if cap(w.buf) > 4*replyChunk {
		w.buf = nil
	}
	return reply{buf: w.buf[:0], items: w.items[:0], own: w.own[:0]}
}
