package model

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/catalog"
)

// Slice implements backend.Backend.
func (s *Store) Slice(ctx context.Context, r *backend.SliceRequest) ([]backend.Row, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return s.slice(ctx, r, r.Reserve)
}

// Count implements backend.Backend.
func (s *Store) Count(ctx context.Context, r *backend.SliceRequest) ([]int, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	rows, err := s.slice(ctx, r, nil)
	if err != nil {
		return nil, err
	}
	counts := make([]int, len(rows))
	for i, row := range rows {
		counts[i] = len(row.Columns) + len(row.Supers) // a row has either
	}
	return counts, nil
}

func (s *Store) slice(ctx context.Context, r *backend.SliceRequest, reserve backend.Reserve) ([]backend.Row, error) {
	fam, err := s.cat.CheckSlice(r)
	if err != nil {
		return nil, err
	}
	result := make([]backend.Row, len(r.Keys))
	for i, key := range r.Keys {
		if result[i], err = reserved(ctx, reserve, s.read(fam, key, r.Super, &r.Predicate)); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// reserved returns a row of a result once its memory is reserved.
func reserved(ctx context.Context, reserve backend.Reserve, row backend.Row) (backend.Row, error) {
	return row, reserve.Take(ctx, backend.ResultSize([]backend.Row{row}))
}

// read returns the columns of one row that the predicate selects.
func (s *Store) read(fam *catalog.Family, key, super []byte, p *backend.Predicate) backend.Row {
	result := backend.Row{Key: bytes.Clone(key)}
	row := s.rows(fam.Def.Keyspace, fam.Def.Name)[string(key)]
	switch {
	case row == nil:
	case fam.Super && super == nil:
		result.Supers = selected(row.supers(fam, s.seconds()), fam.Comparator, p,
			func(s backend.SuperColumn) []byte { return s.Name })
	default:
		result.Columns = selected(row.columns(fam, super, s.seconds()), fam.ColumnNames(), p,
			func(c backend.Column) []byte { return c.Name })
	}
	return result
}

// selected returns what the predicate selects of columns or super columns that
// are in order.
func selected[C any](all []C, order coltype.Type, p *backend.Predicate, name func(C) []byte) []C {
	var result []C
	if p.Names != nil {
		for _, c := range all {
			if slices.ContainsFunc(p.Names, func(n []byte) bool { return order.Compare(n, name(c)) == 0 }) {
				result = append(result, c)
			}
		}
		return result
	}
	slice := span{start: p.Start, finish: p.Finish}
	if p.Reversed {
		slice = span{start: p.Finish, finish: p.Start}
		slices.Reverse(all)
	}
	for _, c := range all {
		if len(result) < p.Count && slice.holds(order, name(c)) {
			result = append(result, c)
		}
	}
	return result
}

// Range implements backend.Backend.
func (s *Store) Range(ctx context.Context, r *backend.RangeRequest) ([]backend.Row, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	fam, err := s.cat.CheckRange(r, s.part)
	if err != nil {
		return nil, err
	}
	var result []backend.Row
	for _, key := range s.keysInRange(fam, &r.Range) {
		if len(result) < r.Range.Count && s.matches(fam, key, r.Filter) {
			row, err := reserved(ctx, r.Reserve, s.read(fam, key, r.Super, &r.Predicate))
			if err != nil {
				return nil, err
			}
			result = append(result, row)
		}
	}
	return result, nil
}

// Index implements backend.Backend. It reads every row.
func (s *Store) Index(ctx context.Context, r *backend.IndexRequest) ([]backend.Row, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	fam, err := s.cat.CheckIndex(r)
	if err != nil {
		return nil, err
	}
	var result []backend.Row
	for _, key := range s.keysInRange(fam, &backend.KeyRange{StartKey: r.StartKey}) {
		if len(result) < r.Count && s.matches(fam, key, r.Expressions) {
			row, err := reserved(ctx, r.Reserve, s.read(fam, key, nil, &r.Predicate))
			if err != nil {
				return nil, err
			}
			result = append(result, row)
		}
	}
	return result, nil
}

// keysInRange returns the keys of all rows in the range, in the order of the
// ring, beginning where the range does.
func (s *Store) keysInRange(fam *catalog.Family, r *backend.KeyRange) [][]byte {
	var keys [][]byte
	for key, row := range s.rows(fam.Def.Keyspace, fam.Def.Name) {
		if !s.noGhosts || row.live(fam, s.seconds()) {
			keys = append(keys, []byte(key))
		}
	}
	slices.SortFunc(keys, s.compareKeys)

	upToToken := func(key []byte, token string) bool {
		return token == s.part.MinToken() || s.compareTokens(s.part.Token(key), token) <= 0
	}
	fromKey := func(key []byte) bool {
		return len(r.StartKey) == 0 || s.compareKeys(r.StartKey, key) <= 0
	}
	var inRange func(key []byte) bool
	switch byTokens := r.StartToken != "" || r.EndToken != ""; {
	case byTokens && r.StartKey == nil:
		return s.keysBetweenTokens(keys, r.StartToken, r.EndToken)
	case byTokens:
		inRange = func(key []byte) bool { return fromKey(key) && upToToken(key, r.EndToken) }
	default:
		inRange = func(key []byte) bool {
			return fromKey(key) && (len(r.EndKey) == 0 || s.compareKeys(key, r.EndKey) <= 0)
		}
	}
	return slices.DeleteFunc(keys, func(key []byte) bool { return !inRange(key) })
}

// keysBetweenTokens returns those of the keys, which are in order, that are
// after the token start and not after the token end. If start is not before
// end, the range goes on at the beginning of the ring. The lowest token, as an
// end, is the end of the ring.
func (s *Store) keysBetweenTokens(keys [][]byte, start, end string) [][]byte {
	var afterStart, upToEnd, both [][]byte
	for _, key := range keys {
		token := s.part.Token(key)
		after := s.compareTokens(token, start) > 0
		upTo := s.compareTokens(token, end) <= 0
		if after {
			afterStart = append(afterStart, key)
		}
		if upTo {
			upToEnd = append(upToEnd, key)
		}
		if after && upTo {
			both = append(both, key)
		}
	}
	if s.compareTokens(start, end) < 0 {
		return both
	}
	return append(afterStart, upToEnd...)
}

// compareTokens orders tokens of rows and tokens that CheckRange let pass, so
// that there is no error.
func (s *Store) compareTokens(a, b string) int {
	c, _ := s.part.CompareTokens(a, b)
	return c
}

// compareKeys orders rows: by token, then by key.
func (s *Store) compareKeys(a, b []byte) int {
	return cmp.Or(s.compareTokens(s.part.Token(a), s.part.Token(b)), bytes.Compare(a, b))
}

// matches reports whether all expressions hold for the row.
func (s *Store) matches(fam *catalog.Family, key []byte, expressions []backend.Expression) bool {
	for _, e := range expressions {
		named := s.read(fam, key, nil, &backend.Predicate{Names: [][]byte{e.Name}}).Columns
		if len(named) == 0 || !e.Op.Holds(fam.Validator(e.Name).Compare(named[0].Value, e.Value)) {
			return false
		}
	}
	return true
}
