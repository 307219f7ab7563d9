package embedded

import (
	"bytes"
	"container/heap"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/internal/ordered"
)

// deletion is the highest timestamp that a tombstone covers, if there is one.
type deletion struct {
	timestamp int64
	exists    bool
}

func (d deletion) covers(timestamp int64) bool { return d.exists && timestamp <= d.timestamp }

// marks are the tombstones of a row, or of a super column, but those of single columns.
type marks struct {
	whole  deletion
	slices []sliceMark // disjoint and in order
}

// sliceMark is the tombstone of a slice of names.
type sliceMark struct {
	interval
	timestamp int64
}

// covers reports whether what was written at pos, the encoding of a name, with the
// timestamp is deleted.
func (m *marks) covers(pos []byte, timestamp int64) bool {
	if m.whole.covers(timestamp) {
		return true
	}
	if len(m.slices) == 0 {
		return false
	}
	// The last one that begins at or before pos.
	i, found := slices.BinarySearchFunc(m.slices, pos, func(s sliceMark, pos []byte) int { return bytes.Compare(s.lo, pos) })
	if !found {
		i--
	}
	return i >= 0 && timestamp <= m.slices[i].timestamp && m.slices[i].holds(pos)
}

// newest returns the highest timestamp that is deleted at pos, the encoding of a name.
func (m *marks) newest(pos []byte) deletion {
	d := m.whole
	for i := range m.slices {
		if s := &m.slices[i]; s.holds(pos) && !d.covers(s.timestamp) {
			d = deletion{s.timestamp, true}
		}
	}
	return d
}

// load reads the marks under prefix: those of the row, if it ends in secMarks, or of a super
// column. c encodes the names that slices are of. it must be able to go on to the end of prefix.
func (m *marks) load(it *pebble.Iterator, prefix []byte, c *ordered.Codec) error {
	*m = marks{slices: m.slices[:0]}
	for ok := it.SeekGE(prefix); ok; ok = it.Next() {
		rest, inside := bytes.CutPrefix(it.Key(), prefix)
		if !inside || len(rest) == 0 || rest[0] > markSlice {
			break
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		var r record
		if err := r.decode(value); err != nil {
			return err
		}
		if r.kind != kindMark {
			return errRecord
		}
		if rest[0] == markRow {
			m.whole = deletion{r.timestamp, true}
			continue
		}
		v, err := decodeSliceMark(c, rest[1:])
		if err != nil {
			return err
		}
		v.lo = bytes.Clone(v.lo)
		m.slices = append(m.slices, sliceMark{v, r.timestamp})
	}
	if err := it.Error(); err != nil {
		return err
	}
	m.slices = disjoint(m.slices)
	return nil
}

// disjoint turns slices that are sorted by their beginnings and overlap at will into
// ones that do not overlap, each with the highest timestamp of those that were there.
func disjoint(list []sliceMark) []sliceMark {
	if len(list) < 2 {
		return list
	}
	var (
		result []sliceMark
		active byTimestamp // those that begin at or before pos, some of which may have ended
		pos    []byte      // up to where result is done
	)
	for next := 0; next < len(list) || len(active) > 0; {
		if len(active) == 0 {
			pos = list[next].lo
		}
		for next < len(list) && bytes.Compare(list[next].lo, pos) <= 0 {
			heap.Push(&active, list[next])
			next++
		}
		top := active[0]
		if top.hi != nil && bytes.Compare(top.hi, pos) <= 0 {
			heap.Pop(&active)
			continue
		}
		// The top is what counts from pos until it ends or something begins.
		hi := top.hi
		if next < len(list) && (hi == nil || bytes.Compare(list[next].lo, hi) < 0) {
			hi = list[next].lo
		}
		if last := len(result) - 1; last >= 0 && result[last].timestamp == top.timestamp && bytes.Equal(result[last].hi, pos) {
			result[last].hi = hi
		} else {
			result = append(result, sliceMark{interval{pos, hi}, top.timestamp})
		}
		if hi == nil {
			break // to the end, and nothing begins any more
		}
		pos = hi
	}
	return result
}

// byTimestamp is a heap with the highest timestamp on top.
type byTimestamp []sliceMark

func (h byTimestamp) Len() int           { return len(h) }
func (h byTimestamp) Less(i, j int) bool { return h[i].timestamp > h[j].timestamp }
func (h byTimestamp) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *byTimestamp) Push(x any)        { *h = append(*h, x.(sliceMark)) }
func (h *byTimestamp) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
