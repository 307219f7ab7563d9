package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
)

// A span is a part of a row's names, or of those of a super column, with the tombstone of a slice that covers it. Spans do not
// overlap: whoever adds one looks at those that it meets, cuts off what is newer in them and
// removes what is older. So a row has no more spans than its slices have ends, and a reader that looks up the one at a
// name, by the first key that ends behind it, need not know the others.
type span struct {
	sliceMark
	deletedAt int64
}

// appendSpanKey appends what follows the prefix of marks in the key of the span that ends at hi.
func appendSpanKey(dst, hi []byte) []byte {
	if hi == nil {
		return append(dst, markSlice, spanToEnd)
	}
	return append(append(dst, markSlice, spanTo), hi...)
}

// appendSpanBehind appends the lowest key of spans that end behind pos.
func appendSpanBehind(dst, pos []byte) []byte {
	if pos == nil {
		return append(dst, markSlice, spanTo)
	}
	return append(appendSpanKey(dst, pos), 0)
}

const spanHead = recordHead + 8 // before the beginning in the value of a span

// decodeSpan reads what follows markSlice in the key of a span, and its value. It copies what it keeps.
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

// deletesSlices reports whether a request has tombstones of slices: adding one reads the row's, and those that
// the batch brings, so that the batch must be indexed.
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

// addSpan adds the tombstone of the interval to the spans under prefix, the beginning of the keys of a row's marks or of
// a super column's. It holds Store.marking, until the batch has landed: no one else adds spans in between.
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
	rest := s // what is not put yet
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

// spansFrom returns the spans under prefix from the key first on that begin before hi, and how many records Pebble met.
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

// marksOfOld are the marks under a prefix that have tombstones of slices of format 1.
type marksOfOld struct {
	f           *family
	row, prefix []byte
}

// askToUpgrade hands marks to the background, if that keeps up.
func (s *Store) askToUpgrade(m marksOfOld) {
	select {
	case s.upgrades <- m:
	default: // the next read asks again
	}
}

// upgradesAtOnce is how many tombstones become spans while writers wait.
const upgradesAtOnce = 64

// upgradeMarks makes spans of the tombstones of slices of format 1.
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
