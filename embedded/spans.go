package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
)

// A span is an interval of the names of a row, or of a super column, that the tombstone of a slice covers. Spans do not
// overlap: adding a span trims it where it meets newer spans, and trims or removes older ones. So a row
// has at most as many spans as its slice tombstones have ends. A reader that needs the span at a
// name seeks the first span that ends after the name, and reads no other.
type span struct {
	sliceMark
	deletedAt int64
}

// appendSpanKey appends the part of a span's key after the prefix of marks. The span ends at hi.
func appendSpanKey(dst, hi []byte) []byte {
	if hi == nil {
		return append(dst, markSlice, spanToEnd)
	}
	return append(append(dst, markSlice, spanTo), hi...)
}

// appendSpanBehind appends the lowest possible key of a span that ends after pos.
func appendSpanBehind(dst, pos []byte) []byte {
	if pos == nil {
		return append(dst, markSlice, spanTo)
	}
	return append(appendSpanKey(dst, pos), 0)
}

const spanHead = recordHead + 8 // in the value of a span, the start of the interval follows the head

// decodeSpan decodes a span from its value and from the part of its key after markSlice. It copies the bytes that it keeps.
func decodeSpan(rest, value []byte) (s span, err error) {
	if len(value) < spanHead || value[0] != kindMark || rest[0] == spanToEnd && len(rest) > 1 || rest[0] > spanToEnd {
		return s, errRecord
	}
	s.timestamp = int64(binary.BigEndian.Uint64(value[1:]))
	s.deletedAt = int64(binary.BigEndian.Uint64(value[recordHead:]))
	if len(value) > spanHead {
		s.lo = bytes.Clone(value[spanHead:])
	}
	if rest[0] == spanTo {
		s.hi = exactCopy(rest[1:])
	}
	return s, nil
}

// deletesSlices reports whether a request deletes slices. Adding such a tombstone reads the row's spans, also those that
// the batch itself adds, so the batch must be indexed.
func deletesSlices(r *backend.MutateRequest) bool {
	for i := range r.Rows {
		for j := range r.Rows[i].Mutations {
			m := &r.Rows[i].Mutations[j]
			if m.Op == backend.Delete && m.Columns != nil && m.Columns.Names == nil {
				return true
			}
		}
	}
	return false
}

// addSpan adds the tombstone of the interval to the spans under prefix, which is the prefix of the marks of a row or of
// a super column. It locks Store.marking until the batch has landed, so that no other call adds spans before.
func (w *writer) addSpan(prefix []byte, s span) error {
	if s.hi != nil && bytes.Compare(s.lo, s.hi) >= 0 {
		return nil
	}
	first := appendSpanBehind(bytes.Clone(prefix), s.lo)
	met, steps, err := w.spansFrom(prefix, first, s.hi)
	if err != nil {
		return err
	}
	if w.watched == nil && steps >= len(met)+watchAfter {
		w.s.askToWatch(w.prefix)
	}
	newer := false
	for _, m := range met {
		switch {
		case m.timestamp > s.timestamp:
			newer = true
			continue
		case m.timestamp == s.timestamp: // the two become one
			if bytes.Compare(m.lo, s.lo) < 0 {
				s.lo = m.lo
			}
			if s.hi != nil && (m.hi == nil || bytes.Compare(m.hi, s.hi) > 0) {
				s.hi = m.hi
			}
		}
		s.deletedAt = max(s.deletedAt, m.deletedAt) // what is kept for the older one's sake stays
	}
	rest := s // the part of s that is not stored yet
	done := false
	for _, m := range met {
		if m.timestamp > s.timestamp {
			if bytes.Compare(rest.lo, m.lo) < 0 {
				before := rest
				before.hi = m.lo
				if err := w.putSpan(prefix, before); err != nil {
					return err
				}
			}
			if m.deletedAt < s.deletedAt {
				m.deletedAt = s.deletedAt
				if err := w.putSpan(prefix, m); err != nil {
					return err
				}
			}
			rest.lo, done = m.hi, m.hi == nil
			continue
		}
		if bytes.Compare(m.lo, s.lo) < 0 {
			before := m
			before.hi = s.lo
			if err := w.putSpan(prefix, before); err != nil {
				return err
			}
		}
		if s.hi != nil && (m.hi == nil || bytes.Compare(m.hi, s.hi) > 0) {
			m.lo = s.hi
			if err := w.putSpan(prefix, m); err != nil {
				return err
			}
		} else if err := w.b.Delete(appendSpanKey(bytes.Clone(prefix), m.hi), nil); err != nil {
			return err
		}
	}
	if !done && (s.hi == nil || bytes.Compare(rest.lo, s.hi) < 0) {
		if err := w.putSpan(prefix, rest); err != nil {
			return err
		}
	}
	w.void = void{}
	if w.watched != nil && !newer && len(met) > 0 {
		w.void = void{lo: first, hi: appendSpanKey(bytes.Clone(prefix), s.hi), steps: steps}
		w.voidRow = w.watched
	}
	return nil
}

// spansFrom returns the spans under prefix whose keys are at or after first and that begin before hi, and the number of records that Pebble read.
func (w *writer) spansFrom(prefix, first, hi []byte) (met []span, steps int, err error) {
	if !w.marking {
		if err := w.s.marking.Lock(w.ctx); err != nil {
			return nil, 0, err
		}
		w.marking = true
	}
	base := append(bytes.Clone(prefix), markSlice)
	it, err := w.b.NewIter(&pebble.IterOptions{LowerBound: append(base, spanTo), UpperBound: prefixEnd(nil, base)})
	if err != nil {
		return nil, 0, err
	}
	defer it.Close()
	for key := first; ; {
		if w.watched != nil {
			if v, ok := w.watched.after(key, math.MaxUint64, math.MaxInt64); ok {
				key = v.hi
			}
		}
		if !it.SeekGE(key) {
			break
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return nil, 0, err
		}
		s, err := decodeSpan(it.Key()[len(base):], value)
		if err != nil {
			return nil, 0, err
		}
		if hi != nil && bytes.Compare(s.lo, hi) >= 0 {
			break
		}
		met = append(met, s)
		if len(met)%stepsPerCheck == 0 {
			if err := w.s.interrupted(w.ctx); err != nil {
				return nil, 0, err
			}
		}
		key = append(bytes.Clone(it.Key()), 0)
	}
	return met, int(it.Stats().InternalStats.PointCount), it.Error()
}

func (w *writer) putSpan(prefix []byte, s span) error {
	key := appendSpanKey(bytes.Clone(prefix), s.hi)
	if err := w.room(len(key) + spanHead + len(s.lo)); err != nil {
		return err
	}
	rec := record{kind: kindMark, timestamp: s.timestamp, deletedAt: s.deletedAt}
	if w.watched != nil {
		w.watched.writes(w, key)
	}
	return w.b.Set(key, append(rec.appendHead(nil), s.lo...), nil)
}

// marksOfOld are marks under a prefix that contain slice tombstones of format 1.
type marksOfOld struct {
	f           *family
	row, prefix []byte
}

// askToUpgrade queues marks for the background, unless the queue is full.
func (s *Store) askToUpgrade(m marksOfOld) {
	select {
	case s.upgrades <- m:
	default: // the next read asks again
	}
}

// upgradesAtOnce is the number of tombstones that are converted to spans while writers wait.
const upgradesAtOnce = 64

// upgradeMarks converts slice tombstones of format 1 to spans.
func (s *Store) upgradeMarks(ctx context.Context, m marksOfOld) error {
	for more := true; more; {
		var err error
		if more, err = s.upgradeSome(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) upgradeSome(ctx context.Context, m marksOfOld) (more bool, err error) {
	if err := s.writers.Lock(ctx); err != nil {
		return false, err
	}
	defer s.writers.Unlock()
	if err := s.health.check(); err != nil {
		return false, err
	}
	base := append(bytes.Clone(m.prefix), markSlice)
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: base, UpperBound: append(bytes.Clone(base), spanTo)})
	if err != nil {
		return false, err
	}
	defer it.Close()
	b := s.db.NewIndexedBatch()
	defer b.Close()
	w := writerPool.Get().(*writer)
	defer w.release()
	w.ctx, w.s, w.b, w.f = ctx, s, b, m.f
	w.prefix = append(w.prefix[:0], m.row...)
	if w.watched = s.voids.find(m.row); w.watched != nil {
		w.touched = append(w.touched, w.watched)
	}
	codec := m.f.names
	if len(m.prefix) > len(m.row)+1 {
		codec = m.f.subs
	}
	n := 0
	for ok := it.First(); ok && n < upgradesAtOnce; ok = it.Next() {
		n++
		var rec record
		value, err := it.ValueAndErr()
		if err == nil {
			err = rec.decode(value)
		}
		if err != nil {
			return false, err
		}
		v, err := decodeSliceMark(codec, bytes.Clone(it.Key()[len(base):]))
		if err != nil {
			return false, err
		}
		if err := w.addSpan(m.prefix, span{sliceMark{v, rec.timestamp}, rec.deletedAt}); err != nil {
			return false, err
		}
		if err := b.Delete(it.Key(), nil); err != nil {
			return false, err
		}
	}
	if err := it.Error(); err != nil || n == 0 {
		return false, err
	}
	if err := s.commit(b, pebble.NoSync); err != nil {
		return false, err
	}
	w.landed()
	return n == upgradesAtOnce, nil
}
