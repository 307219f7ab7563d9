package embedded

import (
	"bytes"
	"context"

	"github.com/widerow/widerow/backend"
)

// Range implements [backend.Backend]. All rows are read from one state of the store.
func (s *Store) Range(ctx context.Context, r *backend.RangeRequest) (_ []backend.Row, err error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave(&err)
	var rows []backend.Row
	err = s.withSchema(ctx, func(t *tables) (err error) {
		rows, err = s.scan(ctx, t, r)
		return err
	})
	return rows, err
}

func (s *Store) scan(ctx context.Context, t *tables, r *backend.RangeRequest) ([]backend.Row, error) {
	cf, err := t.cat.CheckRange(r, s.part)
	if err != nil {
		return nil, err
	}
	f := t.family(cf)
	p, err := f.plan(r.Super, &r.Predicate)
	if err != nil {
		return nil, err
	}
	p.reserve = r.Reserve
	ranges, err := s.rowRanges(&r.Range)
	if err != nil {
		return nil, err
	}
	x, value, filters, err := f.filters(r.Filter)
	if err != nil {
		return nil, err
	}
	if x != nil {
		return s.search(ctx, t, f, x, value, filters, ranges, p, r.Range.Count)
	}
	rd, err := s.familyReader(ctx, t, f)
	if err != nil {
		return nil, err
	}
	defer rd.release()
	var rows []backend.Row
	for _, span := range ranges {
		err := rd.rows(span, func() (bool, error) {
			if err := rd.openRow(); err != nil {
				return false, err
			}
			if matches, err := rd.matches(filters); err != nil || !matches {
				return err == nil, err
			}
			row, err := rd.wholeRow(p)
			rows = append(rows, row)
			return len(rows) < r.Range.Count, err
		})
		if err != nil {
			return nil, err
		}
		if len(rows) >= r.Range.Count {
			break
		}
	}
	return rows, nil
}

// rows calls visit with the prefix set to each row that has records in the span of row
// prefixes, in order, until it returns false.
func (r *reader) rows(span interval, visit func() (more bool, err error)) error {
	family := appendFamily(nil, tagData, r.f.id)
	lower, upper := span.bounds(family)
	for ok := r.it.SeekGE(lower); ok && bytes.Compare(r.it.Key(), upper) < 0; ok = r.it.SeekGE(r.end) {
		if err := r.s.interrupted(r.ctx); err != nil {
			return err
		}
		prefix, err := rowPrefix(r.s.part, r.it.Key())
		if err != nil {
			return err
		}
		r.prefix = append(r.prefix[:0], prefix...)
		r.end = prefixEnd(r.end[:0], r.prefix)
		r.look(false)
		if more, err := visit(); err != nil || !more {
			return err
		}
	}
	return r.it.Error()
}

// wholeRow reads the row whose prefix is set.
func (r *reader) wholeRow(p *plan) (row backend.Row, err error) {
	key, rest, err := r.s.part.DecodeKey(r.key[:0], r.prefix[familyPrefixLen:])
	if err != nil {
		return row, err
	}
	if len(rest) != 0 {
		return row, errKey
	}
	r.key = key
	r.reply.begin(key)
	err = r.read(p, &row)
	return row, err
}

// rowRanges returns the intervals of row prefixes that a key range selects, in the
// order in which they are read. There are two if it wraps around.
func (s *Store) rowRanges(r *backend.KeyRange) ([]interval, error) {
	if r.StartToken == "" && r.EndToken == "" {
		return []interval{s.keyInterval(r.StartKey, r.EndKey)}, nil
	}
	// The end is a token. The lowest token, as an end, means the end of the ring.
	var hi []byte
	var err error
	if r.EndToken != s.part.MinToken() {
		if hi, err = s.part.AppendToken(nil, r.EndToken, true); err != nil {
			return nil, asInvalid(err)
		}
	}
	if r.StartKey != nil {
		v := s.keyInterval(r.StartKey, nil)
		v.hi = hi
		return []interval{v}, nil
	}
	lo, err := s.part.AppendToken(nil, r.StartToken, true)
	if err != nil {
		return nil, asInvalid(err)
	}
	c, err := s.part.CompareTokens(r.StartToken, r.EndToken)
	switch {
	case err != nil:
		return nil, asInvalid(err)
	case c < 0:
		return []interval{{lo, hi}}, nil
	case hi == nil:
		return []interval{{lo, nil}}, nil
	}
	return []interval{{lo, nil}, {nil, hi}}, nil
}

// keyInterval is the interval of row prefixes from one key to another, both inclusive. An empty key means no bound.
func (s *Store) keyInterval(start, end []byte) (v interval) {
	if len(start) > 0 {
		v.lo = s.part.AppendKey(nil, start)
	}
	if len(end) > 0 {
		v.hi = prefixEnd(nil, s.part.AppendKey(nil, end))
	}
	return v
}
