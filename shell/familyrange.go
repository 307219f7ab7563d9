package shell

import (
	"math"

	"go.starlark.net/starlark"

	"github.com/widerow/widerow/backend"
)

// noLimit is the limit of a generator that yields all elements.
const noLimit = math.MinInt

// limit returns the maximum number of elements that a generator yields.
func (s *Session) limit(v Value) (int, error) {
	if v == none {
		return noLimit, nil
	}
	n, ok := wholeOf(v)
	if !ok || !n.IsInt64() {
		return 0, s.raise(s.exc.TypeError, "unsupported operand type(s) for -: '%s' and 'int'", s.typeName(v))
	}
	return int(n.Int64()), nil
}

// pageSize returns the number of elements that the next request asks for, as pycassa does. Each page after the first
// begins with the last element of the page before, so that its size must be at least two.
func pageSize(size, limit, given, page int) int {
	switch {
	case limit != noLimit && page == 0 && limit <= size:
		return limit
	case limit != noLimit:
		size = min(limit-given+1, size)
	}
	if page > 0 {
		size = max(size, 2)
	}
	return size
}

// pages is a generator over pages. It sends no request before the first next. fetch fetches a page and returns how many
// elements the store returned. give returns element i of the page, or nil to skip it.
func (s *Session) pages(name string, size, limit int, fetch func(size int) (n int, err error), give func(i int) (Value, error)) Value {
	page, given, at, n := 0, 0, 0, -1
	last := false
	return s.goGenerator(name, func() (Value, error) {
		for {
			if err := s.interrupted(); err != nil {
				return nil, err
			}
			if n < 0 || at >= n {
				if last || limit != noLimit && page > 0 && given >= limit {
					return nil, nil
				}
				want := pageSize(size, limit, given, page)
				var err error
				if n, err = fetch(want); err != nil {
					return nil, err
				}
				last = n != want || n == 0
				at = 0
				if page > 0 {
					at = 1
				}
				page++
				continue
			}
			v, err := give(at)
			at++
			if err != nil {
				return nil, err
			}
			if v == nil {
				continue
			}
			if given++; limit != noLimit && given >= limit {
				last, at = true, n
			}
			return v, nil
		}
	})
}

func (s *Session) familyXget(c *call) (Value, error) {
	o, _ := familyOf(c.args[0])
	return s.deferred("xget", func() (Value, error) {
		key, err := s.packKey(o, c.arg("key"))
		if err != nil {
			return nil, err
		}
		a, err := s.sliceArgs(c)
		if err != nil {
			return nil, err
		}
		size, err := s.bufferSize(o, c.arg("buffer_size"), "column_buffer_size")
		if err != nil {
			return nil, err
		}
		limit, err := s.limit(c.arg("column_count"))
		if err != nil {
			return nil, err
		}
		a.count = intValue(1)
		p, err := s.predicate(o, a)
		if err != nil {
			return nil, err
		}
		var row backend.Row
		fetch := func(size int) (int, error) {
			p.Count = size
			rows, err := s.read(o, [][]byte{key}, a, p)
			if err != nil || len(rows) == 0 {
				return 0, err
			}
			row = rows[0]
			if n := len(row.Columns); n > 0 {
				p.Start = row.Columns[n-1].Name
			} else if n := len(row.Supers); n > 0 {
				p.Start = row.Supers[n-1].Name
			}
			return len(row.Columns) + len(row.Supers), nil
		}
		return s.pages("xget", size, limit, fetch, func(i int) (Value, error) { return s.columnPair(o, &row, i, a) }), nil
	})
}

// columnPair returns the name and the value of a row's column or super column.
func (s *Session) columnPair(o *object, row *backend.Row, i int, a *slice) (Value, error) {
	if len(row.Supers) > 0 {
		sc := &row.Supers[i]
		name, err := s.unpackName(o, sc.Name, true)
		if err != nil {
			return nil, err
		}
		d, err := s.rowDict(o, &backend.Row{Columns: sc.Columns}, a)
		return starlark.Tuple{name, d}, err
	}
	name, err := s.unpackName(o, row.Columns[i].Name, false)
	if err != nil {
		return nil, err
	}
	v, err := s.columnValue(o, &row.Columns[i], a)
	return starlark.Tuple{name, v}, err
}

// deferred is a generator that calls start at the first next.
func (s *Session) deferred(name string, start func() (Value, error)) (Value, error) {
	var it iterator
	return s.goGenerator(name, func() (Value, error) {
		if it == nil {
			g, err := start()
			if err != nil {
				return nil, err
			}
			it = g.(*generator)
		}
		return it.next()
	}), nil
}

func (s *Session) familyRange(c *call) (Value, error) {
	o, _ := familyOf(c.args[0])
	return s.deferred("get_range", func() (Value, error) {
		a, err := s.sliceArgs(c)
		if err != nil {
			return nil, err
		}
		p, err := s.predicate(o, a)
		if err != nil {
			return nil, err
		}
		r, err := s.keyRange(o, c)
		if err != nil {
			return nil, err
		}
		size, err := s.bufferSize(o, c.arg("buffer_size"), "buffer_size")
		if err != nil {
			return nil, err
		}
		limit, err := s.limit(c.arg("row_count"))
		if err != nil {
			return nil, err
		}
		filter, err := s.truth(c.arg("filter_empty"))
		if err != nil {
			return nil, err
		}
		level, err := s.level(o, a.level, "read_consistency_level")
		if err != nil {
			return nil, err
		}
		pool, err := s.getattr(o, "pool")
		if err != nil {
			return nil, err
		}
		var rows []backend.Row
		fetch := func(size int) (int, error) {
			r.Count = size
			err := s.execute(pool, func(b backend.Backend, keyspace string) error {
				parent, err := s.parent(o, keyspace, a.super)
				if err != nil {
					return err
				}
				rows, err = b.Range(s.ctx, &backend.RangeRequest{Parent: parent, Range: r, Predicate: p, Consistency: level})
				return err
			})
			if n := len(rows); n > 0 {
				r.StartKey, r.StartToken = rows[n-1].Key, ""
			}
			return len(rows), err
		}
		return s.pages("get_range", size, limit, fetch, func(i int) (Value, error) {
			if filter && empty(&rows[i]) {
				return nil, nil
			}
			return s.rowPair(o, &rows[i], a)
		}), nil
	})
}

// rowPair returns the key and the columns of a row.
func (s *Session) rowPair(o *object, row *backend.Row, a *slice) (Value, error) {
	key, err := s.unpackKey(o, row.Key)
	if err != nil {
		return nil, err
	}
	d, err := s.rowDict(o, row, a)
	return starlark.Tuple{key, d}, err
}

// keyRange makes the range of the arguments start and finish, which are keys or tokens.
func (s *Session) keyRange(o *object, c *call) (r backend.KeyRange, err error) {
	blank := func(v Value) bool {
		text, ok := textOf(v)
		return v == none || ok && text == ""
	}
	start, finish, startToken, finishToken := c.arg("start"), c.arg("finish"), c.arg("start_token"), c.arg("finish_token")
	if startToken != none && (!blank(start) || !blank(finish)) {
		return r, s.raise(s.exc.ValueError, "ColumnFamily.get_range() received incompatible arguments: 'start_token' may not be used with 'start' or 'finish'")
	}
	if finishToken != none && !blank(finish) {
		return r, s.raise(s.exc.ValueError, "ColumnFamily.get_range() received incompatible arguments: 'finish_token' may not be used with 'finish'")
	}
	r.EndToken, _ = textOf(finishToken)
	if startToken != none {
		r.StartToken, _ = textOf(startToken)
		return r, nil
	}
	if r.StartKey, err = s.rangeKey(o, start); err != nil || finishToken != none {
		return r, err
	}
	r.EndKey, err = s.rangeKey(o, finish)
	return r, err
}

func (s *Session) rangeKey(o *object, v Value) ([]byte, error) {
	if v == none {
		return []byte{}, nil
	}
	return s.packKey(o, v)
}

func (s *Session) familyIndexed(c *call) (Value, error) {
	o, _ := familyOf(c.args[0])
	return s.deferred("get_indexed_slices", func() (Value, error) {
		if super, err := s.flag(o, "super"); super || err != nil {
			return nil, s.raise(s.exc.AssertionError, "get_indexed_slices() is not supported by super column families")
		}
		a, err := s.sliceArgs(c)
		if err != nil {
			return nil, err
		}
		p, err := s.predicate(o, a)
		if err != nil {
			return nil, err
		}
		req := &backend.IndexRequest{Predicate: p}
		if err := s.indexClause(o, c.arg("index_clause"), req); err != nil {
			return nil, err
		}
		size, err := s.bufferSize(o, c.arg("buffer_size"), "buffer_size")
		if err != nil {
			return nil, err
		}
		if req.Consistency, err = s.level(o, a.level, "read_consistency_level"); err != nil {
			return nil, err
		}
		pool, err := s.getattr(o, "pool")
		if err != nil {
			return nil, err
		}
		limit := req.Count
		var rows []backend.Row
		fetch := func(size int) (int, error) {
			req.Count = size
			err := s.execute(pool, func(b backend.Backend, keyspace string) (err error) {
				if req.Parent, err = s.parent(o, keyspace, none); err != nil {
					return err
				}
				rows, err = b.Index(s.ctx, req)
				return err
			})
			if n := len(rows); n > 0 {
				req.StartKey = rows[n-1].Key
			}
			return len(rows), err
		}
		return s.pages("get_indexed_slices", size, limit, fetch, func(i int) (Value, error) { return s.rowPair(o, &rows[i], a) }), nil
	})
}

// indexClause packs the expressions of a clause.
func (s *Session) indexClause(o *object, clause Value, req *backend.IndexRequest) error {
	list, err := s.getattr(clause, "expressions")
	if err != nil {
		return err
	}
	err = s.each(list, func(e Value) error {
		var parts [3]Value
		for i, name := range []string{"value", "column_name", "op"} {
			if parts[i], err = s.getattr(e, name); err != nil {
				return err
			}
		}
		value, err := s.packValue(o, parts[0], parts[1])
		if err != nil {
			return err
		}
		name, err := s.packName(o, parts[1], false, notSlice)
		if err != nil {
			return err
		}
		op, _ := smallInt(parts[2])
		x := backend.Expression{Op: backend.Operator(op)}
		if x.Name, err = s.wire(name); err != nil {
			return err
		}
		if x.Value, err = s.wire(value); err != nil {
			return err
		}
		req.Expressions = append(req.Expressions, x)
		return nil
	})
	if err != nil {
		return err
	}
	start, err := s.getattr(clause, "start_key")
	if err != nil {
		return err
	}
	if req.StartKey, err = s.packKey(o, start); err != nil {
		return err
	}
	count, err := s.getattr(clause, "count")
	if err != nil {
		return err
	}
	if _, isInt := bigOf(count); !isInt {
		// pycassa subtracts the rows that it read from the count.
		if _, err := s.binary("-", count, intValue(0)); err != nil {
			return err
		}
	}
	n, err := s.wireInt(count, 32)
	if err != nil {
		return err
	}
	req.Count = int(n)
	return nil
}
