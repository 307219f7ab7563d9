package embedded

import (
	"slices"

	"github.com/widerow/widerow/backend"
)

// reply gathers the bytes of columns in memory that is used again, so that what is
// given to the caller takes two allocations of just the right size: one for all bytes
// and one for the columns.
type reply struct {
	buf   []byte
	head  int // where the first column begins, after a row's key or a super column's name
	items []replyItem
	own   [][]byte // values that are too long to share memory
	// begun says that the head has not been given out yet.
	begun bool
}

// replyItem has no pointers, so that gathering costs the garbage collector nothing.
type replyItem struct {
	nameEnd, end uint32 // of name and value in buf
	timestamp    int64
	ttl          int32
	own          int32 // the value is own[own-1], if that is not 0
}

const (
	// replyChunk is how many bytes of columns share an allocation at most, more or less.
	replyChunk = 64 << 10
	// ownValue is the length from which on a value has its own allocation:
	// keeping it keeps nothing else then, and it is copied once.
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

// finish gives out what was gathered: the head, unless it was before, and the columns.
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

// exactCopy is written so that the compiler does not zero the copy first, and never nil.
func exactCopy(b []byte) []byte {
	c := make([]byte, len(b))
	copy(c, b)
	return c
}

// emptied returns w without what it holds but with its memory.
func (w *reply) emptied() reply {
	clear(w.own)
	if cap(w.buf) > 4*replyChunk {
		w.buf = nil
	}
	return reply{buf: w.buf[:0], items: w.items[:0], own: w.own[:0]}
}
