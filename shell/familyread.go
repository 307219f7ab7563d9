package shell

import (
	"encoding/binary"

	"go.starlark.net/starlark"

	"github.com/widerow/widerow/backend"
)

// slice stores the arguments that all reads share.
type slice struct {
	columns, start, finish, reversed, count, super Value
	level                                          Value
	timestamps, ttls                               bool
}

func (c *call) has(name string) bool {
	for _, p := range c.sig.params {
		if p == name {
			return true
		}
	}
	return false
}

// sliceArgs takes the slice arguments from a call. An argument that the method lacks keeps its default.
func (s *Session) sliceArgs(c *call) (*slice, error) {
	get := func(name string, missing Value) Value {
		if c.has(name) {
			return c.arg(name)
		}
		return missing
	}
	a := &slice{
		columns: get("columns", none), start: get("column_start", str("")), finish: get("column_finish", str("")),
		reversed: get("column_reversed", boolean(false)), count: get("column_count", none), super: get("super_column", none),
		level: get("read_consistency_level", none),
	}
	var err error
	if a.timestamps, err = s.truth(get("include_timestamp", boolean(false))); err != nil {
		return nil, err
	}
	a.ttls, err = s.truth(get("include_ttl", boolean(false)))
	return a, err
}

// level returns a call's consistency level, or the family's.
func (s *Session) level(o *object, v Value, attr string) (backend.Consistency, error) {
	given, err := s.truth(v)
	if err != nil {
		return 0, err
	}
	if !given {
		if v, err = s.getattr(o, attr); err != nil {
			return 0, err
		}
	}
	if v == none {
		return backend.One, nil
	}
	n, err := s.wireInt(v, 32)
	return backend.Consistency(n), err
}

// parent names the family and, if the read is of one super column, the super column.
func (s *Session) parent(o *object, keyspace string, super Value) (backend.Parent, error) {
	v, err := s.getattr(o, "column_family")
	if err != nil {
		return backend.Parent{}, err
	}
	name, _ := textOf(v)
	p := backend.Parent{Keyspace: keyspace, Family: name}
	packed, err := s.packName(o, super, true, notSlice)
	if err != nil || packed == none {
		return p, err
	}
	p.Super, err = s.wire(packed)
	return p, err
}

// predicate packs the column names of a read, or the start and the finish of its slice.
func (s *Session) predicate(o *object, a *slice) (p backend.Predicate, err error) {
	isSuper, err := s.flag(o, "super")
	if err != nil {
		return p, err
	}
	supers := isSuper && a.super == none
	if a.columns != none {
		p.Names = [][]byte{}
		if err := s.oneColumn(a.columns); err != nil {
			return p, err
		}
		return p, s.each(a.columns, func(v Value) error {
			packed, err := s.packName(o, v, supers, notSlice)
			if err != nil {
				return err
			}
			if packed == none && !isSuper {
				return s.thrown(s.exc.InvalidRequestException, str("column parameter is not optional for standard CF "+familyName(o)))
			}
			b, err := s.wire(packed)
			p.Names = append(p.Names, b)
			return err
		})
	}
	if p.Reversed, err = s.truth(a.reversed); err != nil {
		return p, err
	}
	start, finish := sliceStart, sliceFinish
	if p.Reversed {
		start, finish = finish, start
	}
	if p.Start, err = s.packEnd(o, a.start, supers, start); err != nil {
		return p, err
	}
	if p.Finish, err = s.packEnd(o, a.finish, supers, finish); err != nil {
		return p, err
	}
	n, err := s.wireInt(a.count, 32)
	p.Count = int(n)
	return p, err
}

// oneColumn checks that columns may name one column. pycassa takes the only element of columns by index 0. So a set or
// a dictionary of one element fails here as it fails in pycassa.
func (s *Session) oneColumn(columns Value) error {
	switch columns.(type) {
	case *set, *dict:
		if n, err := s.length(columns); err != nil || n != 1 {
			return err
		}
		_, err := s.getitem(columns, intValue(0))
		return err
	}
	return nil
}

func (s *Session) packEnd(o *object, v Value, super bool, end sliceEnd) ([]byte, error) {
	if text, ok := textOf(v); ok && text == "" || v == none {
		return nil, nil
	}
	packed, err := s.packName(o, v, super, end)
	if err != nil {
		return nil, err
	}
	return s.wire(packed)
}

// rowDict returns the dictionary that get returns for a row.
func (s *Session) rowDict(o *object, row *backend.Row, a *slice) (Value, error) {
	make := func() (Value, error) {
		cls, err := s.getattr(o, "dict_class")
		if err != nil {
			return nil, err
		}
		return s.call(cls)
	}
	out, err := make()
	if err != nil {
		return nil, err
	}
	put := func(d Value, c *backend.Column) error {
		name, err := s.unpackName(o, c.Name, false)
		if err != nil {
			return err
		}
		v, err := s.columnValue(o, c, a)
		if err != nil {
			return err
		}
		return s.setitem(d, name, v)
	}
	for i := range row.Columns {
		if err := put(out, &row.Columns[i]); err != nil {
			return nil, err
		}
	}
	for i := range row.Supers {
		sc := &row.Supers[i]
		name, err := s.unpackName(o, sc.Name, true)
		if err != nil {
			return nil, err
		}
		sub, err := make()
		if err != nil {
			return nil, err
		}
		for j := range sc.Columns {
			if err := put(sub, &sc.Columns[j]); err != nil {
				return nil, err
			}
		}
		if err := s.setitem(out, name, sub); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// columnValue returns a column's value, with its timestamp and its TTL if the arguments ask for them.
func (s *Session) columnValue(o *object, c *backend.Column, a *slice) (Value, error) {
	_, f := familyOf(o)
	if f.counters {
		if len(c.Value) != 8 {
			return intValue(0), nil
		}
		return intValue(int64(binary.BigEndian.Uint64(c.Value))), nil
	}
	v, err := s.unpackValue(o, c.Value, c.Name)
	if err != nil || !a.timestamps && !a.ttls {
		return v, err
	}
	t := starlark.Tuple{v}
	if a.timestamps {
		t = append(t, intValue(c.Timestamp))
	}
	if a.ttls {
		if c.TTL > 0 {
			t = append(t, intValue(c.TTL))
		} else {
			t = append(t, none)
		}
	}
	return t, nil
}

func empty(r *backend.Row) bool { return len(r.Columns)+len(r.Supers) == 0 }

func (s *Session) initFamilyReads(c *class) {
	c.def("get(self, key, columns=None, column_start='', column_finish='', column_reversed=False, column_count=100, include_timestamp=False, super_column=None, read_consistency_level=None, include_ttl=False)",
		func(c *call) (Value, error) { return s.familyGet(c) })
	c.def("multiget(self, keys, columns=None, column_start='', column_finish='', column_reversed=False, column_count=100, include_timestamp=False, super_column=None, read_consistency_level=None, buffer_size=None, include_ttl=False)",
		func(c *call) (Value, error) { return s.familyMultiget(c) })
	c.def("get_count(self, key, super_column=None, read_consistency_level=None, columns=None, column_start='', column_finish='', column_reversed=False, max_count=None)",
		func(c *call) (Value, error) { return s.familyCount(c, false) })
	c.def("multiget_count(self, keys, super_column=None, read_consistency_level=None, columns=None, column_start='', column_finish='', buffer_size=None, column_reversed=False, max_count=None)",
		func(c *call) (Value, error) { return s.familyCount(c, true) })
	c.def("xget(self, key, column_start='', column_finish='', column_reversed=False, column_count=None, include_timestamp=False, read_consistency_level=None, buffer_size=None, include_ttl=False)",
		func(c *call) (Value, error) { return s.familyXget(c) })
	c.def("get_range(self, start='', finish='', columns=None, column_start='', column_finish='', column_reversed=False, column_count=100, row_count=None, include_timestamp=False, super_column=None, read_consistency_level=None, buffer_size=None, filter_empty=True, include_ttl=False, start_token=None, finish_token=None)",
		func(c *call) (Value, error) { return s.familyRange(c) })
	c.def("get_indexed_slices(self, index_clause, columns=None, column_start='', column_finish='', column_reversed=False, column_count=100, include_timestamp=False, read_consistency_level=None, buffer_size=None, include_ttl=False)",
		func(c *call) (Value, error) { return s.familyIndexed(c) })
}

// read sends a slice request for keys.
func (s *Session) read(o *object, keys [][]byte, a *slice, p backend.Predicate) (rows []backend.Row, err error) {
	level, err := s.level(o, a.level, "read_consistency_level")
	if err != nil {
		return nil, err
	}
	pool, err := s.getattr(o, "pool")
	if err != nil {
		return nil, err
	}
	err = s.execute(pool, func(b backend.Backend, keyspace string) error {
		parent, err := s.parent(o, keyspace, a.super)
		if err != nil {
			return err
		}
		rows, err = b.Slice(s.ctx, &backend.SliceRequest{Parent: parent, Keys: keys, Predicate: p, Consistency: level})
		return err
	})
	return rows, err
}

func (s *Session) familyGet(c *call) (Value, error) {
	o, _ := familyOf(c.args[0])
	key, err := s.packKey(o, c.arg("key"))
	if err != nil {
		return nil, err
	}
	a, err := s.sliceArgs(c)
	if err != nil {
		return nil, err
	}
	if a.columns != none {
		if _, err := s.length(a.columns); err != nil {
			return nil, err
		}
	}
	if _, err := s.parent(o, "", a.super); err != nil {
		return nil, err
	}
	p, err := s.predicate(o, a)
	if err != nil {
		return nil, err
	}
	rows, err := s.read(o, [][]byte{key}, a, p)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || empty(&rows[0]) {
		return nil, s.thrown(s.exc.NotFoundException)
	}
	return s.rowDict(o, &rows[0], a)
}

// packKeys packs the keys of a call.
func (s *Session) packKeys(o *object, v Value) (keys []Value, packed [][]byte, err error) {
	if _, err := s.iter(v); err != nil {
		return nil, nil, s.raise(s.exc.TypeError, "argument 2 to map() must support iteration")
	}
	if keys, err = s.collect(v); err != nil {
		return nil, nil, err
	}
	for _, k := range keys {
		b, err := s.packKey(o, k)
		if err != nil {
			return nil, nil, err
		}
		packed = append(packed, b)
	}
	return keys, packed, nil
}

// bufferSize returns how many keys or rows one request asks for.
func (s *Session) bufferSize(o *object, v Value, attr string) (int, error) {
	if v == none || v == intValue(0) && attr == "buffer_size" {
		var err error
		if v, err = s.getattr(o, attr); err != nil {
			return 0, err
		}
	}
	n, err := s.wireInt(v, 32)
	if err == nil && n < 1 {
		err = s.raise(s.exc.ValueError, "%s must be a number above 0", attr)
	}
	return int(min(n, 1<<20)), err
}

func (s *Session) familyMultiget(c *call) (Value, error) {
	o, _ := familyOf(c.args[0])
	keys, packed, err := s.packKeys(o, c.arg("keys"))
	if err != nil {
		return nil, err
	}
	a, err := s.sliceArgs(c)
	if err != nil {
		return nil, err
	}
	p, err := s.predicate(o, a)
	if err != nil {
		return nil, err
	}
	size, err := s.bufferSize(o, c.arg("buffer_size"), "buffer_size")
	if err != nil {
		return nil, err
	}
	out, err := s.keyedDict(o, keys)
	if err != nil {
		return nil, err
	}
	for len(packed) > 0 {
		n := min(size, len(packed))
		rows, err := s.read(o, packed[:n], a, p)
		if err != nil {
			return nil, err
		}
		packed = packed[n:]
		for i := range rows {
			key, err := s.unpackKey(o, rows[i].Key)
			if err != nil {
				return nil, err
			}
			if empty(&rows[i]) {
				if d, ok := out.(*dict); ok {
					if _, err := d.remove(s, key); err != nil {
						return nil, err
					}
				}
				continue
			}
			d, err := s.rowDict(o, &rows[i], a)
			if err != nil {
				return nil, err
			}
			if err := s.setitem(out, key, d); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// keyedDict returns a dictionary of the family's dictionary class with the keys in their order.
func (s *Session) keyedDict(o *object, keys []Value) (Value, error) {
	cls, err := s.getattr(o, "dict_class")
	if err != nil {
		return nil, err
	}
	out, err := s.call(cls)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if err := s.setitem(out, k, none); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Session) familyCount(c *call, multi bool) (Value, error) {
	o, _ := familyOf(c.args[0])
	var keys []Value
	var packed [][]byte
	var err error
	if multi {
		keys, packed, err = s.packKeys(o, c.arg("keys"))
	} else {
		packed = make([][]byte, 1)
		packed[0], err = s.packKey(o, c.arg("key"))
	}
	if err != nil {
		return nil, err
	}
	a, err := s.sliceArgs(c)
	if err != nil {
		return nil, err
	}
	if a.count = c.arg("max_count"); a.count == none {
		if a.count, err = s.getattr(o, "MAX_COUNT"); err != nil {
			return nil, err
		}
	}
	p, err := s.predicate(o, a)
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
	var counts []int
	if len(packed) > 0 {
		err = s.execute(pool, func(b backend.Backend, keyspace string) error {
			parent, err := s.parent(o, keyspace, a.super)
			if err != nil {
				return err
			}
			counts, err = b.Count(s.ctx, &backend.SliceRequest{Parent: parent, Keys: packed, Predicate: p, Consistency: level})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if !multi {
		return intValue(counts[0]), nil
	}
	out, err := s.keyedDict(o, keys)
	if err != nil {
		return nil, err
	}
	for i, n := range counts {
		key, err := s.unpackKey(o, packed[i])
		if err != nil {
			return nil, err
		}
		if err := s.setitem(out, key, intValue(n)); err != nil {
			return nil, err
		}
	}
	return out, nil
}
