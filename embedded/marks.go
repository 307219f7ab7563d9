package embedded

import (
	"bytes"
	"container/heap"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/internal/ordered"
)

// deletion is a tombstone and the highest timestamp that it covers. If exists is false, there is no tombstone.
type deletion struct {
	timestamp int64
	exists    bool
	at        int64 // the second in which the tombstone was made
}

func (d deletion) covers(timestamp int64) bool { return d.exists && timestamp <= d.timestamp }

// marks are the tombstones of a row, or of a super column, except those of single columns.
type marks struct {
	whole deletion
	// slices are disjoint and in order. Unless many is set, they are complete. If many is set, spans are
	// looked up when they are needed, and slices has only tombstones in format 1.
	slices []sliceMark
	many   bool

	prefix []byte // of the marks' keys
	// known is the interval that has been looked up. If found is set, current is the only span in it;
	// otherwise the interval has no span.
	known   interval
	current sliceMark
	found   bool
}

// sliceMark is the tombstone of a slice of names.
type sliceMark struct {
	interval
	timestamp int64
}

// readAhead is the number of spans that are read when a row is opened. If the row has more, the reader looks up
// each span when it reaches it.
const readAhead = 16

// covers reports whether a column at pos, the encoding of its name, is deleted if it was
// written with the timestamp.
func (m *marks) covers(r *reader, pos []byte, timestamp int64) (bool, error) {
	if m.whole.covers(timestamp) {
		return true, nil
	}
	if len(m.slices) == 0 && !m.many {
		return false, nil
	}
	d, err := m.sliceAt(r, pos)
	return d.covers(timestamp), err
}

// newest returns the highest timestamp that is deleted at pos, the encoding of a name.
func (m *marks) newest(r *reader, pos []byte) (deletion, error) {
	d, err := m.sliceAt(r, pos)
	if m.whole.exists && !d.covers(m.whole.timestamp) {
		d = m.whole
	}
	return d, err
}

// sliceAt returns the highest timestamp that the tombstones of slices delete at pos.
func (m *marks) sliceAt(r *reader, pos []byte) (d deletion, err error) {
	// Find the last slice that begins at or before pos.
	i, begins := slices.BinarySearchFunc(m.slices, pos, func(s sliceMark, pos []byte) int { return bytes.Compare(s.lo, pos) })
	if !begins {
		i--
	}
	if i >= 0 && m.slices[i].holds(pos) {
		d = deletion{timestamp: m.slices[i].timestamp, exists: true}
	}
	if !m.many {
		return d, nil
	}
	if !m.known.holds(pos) {
		if err := m.lookUp(r, pos); err != nil {
			return d, err
		}
	}
	if m.found && m.current.holds(pos) && !d.covers(m.current.timestamp) {
		d = deletion{timestamp: m.current.timestamp, exists: true}
	}
	return d, nil
}

// lookUp finds the first span that ends behind pos.
func (m *marks) lookUp(r *reader, pos []byte) error {
	backwards := m.known.lo != nil && bytes.Compare(pos, m.known.lo) < 0
	it, err := r.marksIterator()
	if err != nil {
		return err
	}
	r.key = appendSpanBehind(append(r.key[:0], m.prefix...), pos)
	ok := r.seekMark(it, r.key)
	m.known, m.found = interval{lo: bytes.Clone(pos)}, false
	if ok {
		if m.current, m.found, err = m.spanAt(it); err != nil {
			return err
		}
		m.known.hi = m.current.hi
	}
	if !backwards {
		return it.Error()
	}
	// A reversed reader will ask for positions below pos next, down to the end of the previous span.
	if v, in := r.voidBefore(r.key); in {
		ok = it.SeekLT(v.lo)
	} else {
		ok = it.SeekLT(r.key)
	}
	m.known.lo = nil
	if ok {
		before, found, err := m.spanAt(it)
		if err != nil {
			return err
		}
		if found {
			m.known.lo = before.hi
		}
	}
	return it.Error()
}

// spanAt reads the span at the iterator's position, if that is a span of m.
func (m *marks) spanAt(it *pebble.Iterator) (s sliceMark, found bool, err error) {
	rest, inside := bytes.CutPrefix(it.Key(), m.prefix)
	if !inside || len(rest) < 2 || rest[0] != markSlice || rest[1] < spanTo {
		return s, false, nil
	}
	value, err := it.ValueAndErr()
	if err != nil {
		return s, false, err
	}
	full, err := decodeSpan(rest[1:], value)
	return full.sliceMark, err == nil, err
}

// emptied returns empty marks that reuse the memory of m.
func (m *marks) emptied() marks {
	clear(m.slices)
	return marks{slices: m.slices[:0], prefix: m.prefix[:0]}
}

// load reads the marks under prefix: those of the row if prefix ends in secMarks, otherwise those of a super
// column. c is the codec of the names in slices. The bounds of it must include all of prefix.
func (m *marks) load(r *reader, it *pebble.Iterator, prefix []byte, c *ordered.Codec) error {
	*m = m.emptied()
	m.prefix = append(m.prefix, prefix...)
	old := 0         // slices of format 1
	var spans []byte // where spans begin
	if r.watched != nil {
		spans = append(bytes.Clone(prefix), markSlice, spanTo)
	}
	ok := r.nextMark(it, m.prefix, spans)
	for n := 1; ok; n++ {
		if n%stepsPerCheck == 0 {
			if err := r.s.interrupted(r.ctx); err != nil {
				return err
			}
		}
		rest, inside := bytes.CutPrefix(it.Key(), m.prefix)
		if !inside || len(rest) == 0 || rest[0] > markSlice {
			break
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		switch {
		case rest[0] == markSlice && len(rest) > 1 && rest[1] >= spanTo:
			if len(m.slices)-old == readAhead {
				m.slices, m.many = m.slices[:old], true
				m.known = interval{hi: []byte{}} // nothing is known
				return r.sortOld(m, old)
			}
			s, err := decodeSpan(rest[1:], value)
			if err != nil {
				return err
			}
			m.slices = append(m.slices, s.sliceMark)
		default:
			var rec record
			if err := rec.decode(value); err != nil {
				return err
			}
			if rec.kind != kindMark {
				return errRecord
			}
			if rest[0] == markRow {
				m.whole = deletion{rec.timestamp, true, rec.deletedAt}
				break
			}
			v, err := decodeSliceMark(c, rest[1:])
			if err != nil {
				return err
			}
			v.lo = bytes.Clone(v.lo)
			m.slices = append(m.slices, sliceMark{v, rec.timestamp})
			old++
		}
		ok = r.nextMark(it, nil, spans)
	}
	if err := it.Error(); err != nil {
		return err
	}
	return r.sortOld(m, old)
}

// sortOld makes slices disjoint if some are in format 1, whose slices may overlap. Background work converts
// them to spans.
func (r *reader) sortOld(m *marks, old int) error {
	if old == 0 {
		return nil
	}
	slices.SortStableFunc(m.slices, func(a, b sliceMark) int { return bytes.Compare(a.lo, b.lo) })
	m.slices = disjoint(m.slices)
	r.s.askToUpgrade(marksOfOld{r.f, bytes.Clone(r.prefix), bytes.Clone(m.prefix)})
	return nil
}

// nextMark moves the iterator to the first key at or after seek or, if seek is nil, to the next key. At the
// key spans, where the row's spans begin, it seeks past a known void.
func (r *reader) nextMark(it *pebble.Iterator, seek, spans []byte) bool {
	if r.watched == nil {
		if seek != nil {
			return it.SeekGE(seek)
		}
		return it.Next()
	}
	if seek == nil && bytes.Compare(it.Key(), spans) >= 0 {
		r.key = append(append(r.key[:0], it.Key()...), 0)
		return r.seekMark(it, r.key)
	}
	var state pebble.IterValidityState
	if seek != nil {
		state = it.SeekGEWithLimit(seek, spans)
	} else {
		state = it.NextWithLimit(spans)
	}
	if state == pebble.IterAtLimit {
		return r.seekMark(it, spans)
	}
	return state == pebble.IterValid
}

// seekMark seeks the first key at or after the given one, past a known void.
func (r *reader) seekMark(it *pebble.Iterator, key []byte) bool {
	if r.watched != nil {
		if v, ok := r.watched.after(key, r.opened, r.now); ok {
			return it.SeekGE(v.hi)
		}
	}
	return it.SeekGE(key)
}

func (r *reader) voidBefore(key []byte) (void, bool) {
	if r.watched == nil {
		return void{}, false
	}
	return r.watched.before(key, r.opened, r.now)
}

// disjoint converts slices that are sorted by their start and may overlap to slices that do not overlap.
// Each result has the highest timestamp of the slices that covered it.
func disjoint(list []sliceMark) []sliceMark {
	if len(list) < 2 {
		return list
	}
	var (
		result []sliceMark
		active byTimestamp // slices that begin at or before pos; some may have ended
		pos    []byte      // result is complete up to here
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
		// The top of the heap applies from pos until it ends or another slice begins.
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
			break // the slice extends to the end, and no other slice begins
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
