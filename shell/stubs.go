package shell

import "go.starlark.net/starlark"

// stubsModule is pycassa.contrib.stubs, whose families are dictionaries in memory.
func (s *Session) stubsModule() *module {
	m := &module{}
	const mod = "pycassa.contrib.stubs"
	pool := s.newClass("ConnectionPoolStub", mod)
	pool.def("__init__(self, *args, **kwargs)", func(a *call) (Value, error) {
		a.args[0].(*object).attrs.set("column_families", s.newDict())
		return none, nil
	})
	pool.def("dispose(self, *args, **kwargs)", func(*call) (Value, error) { return none, nil })
	m.attrs.set("ConnectionPoolStub", pool)
	m.attrs.set("ColumnFamilyStub", s.familyStub(mod))
	m.attrs.set("SystemManagerStub", s.managerStub(mod))
	return m
}

func (s *Session) managerStub(mod string) *class {
	c := s.newClass("SystemManagerStub", mod)
	families := func(self Value) (*dict, error) {
		v, err := s.getattr(self, "column_families")
		if err != nil {
			return nil, err
		}
		return v.(*dict), nil
	}
	c.def("__init__(self, *args, **kwargs)", func(a *call) (Value, error) {
		a.args[0].(*object).attrs.set("column_families", s.newDict())
		return none, nil
	})
	c.def("create_column_family(self, keyspace, table_name, *args, **kwargs)", func(a *call) (Value, error) {
		all, err := families(a.args[0])
		if err != nil {
			return nil, err
		}
		d := s.newDict()
		d.put(s, str("keyspace"), a.args[1])
		d.put(s, str("columns"), s.newDict())
		d.put(s, str("indexes"), s.newDict())
		return none, all.put(s, a.args[2], d)
	})
	record := func(name, kind string) {
		c.def(name+"(self, keyspace, table_name, column_name, column_type)", func(a *call) (Value, error) {
			all, err := families(a.args[0])
			if err != nil {
				return nil, err
			}
			d, err := s.getitem(all, a.args[2])
			if err != nil {
				return nil, err
			}
			if d, err = s.getitem(d, str(kind)); err != nil {
				return nil, err
			}
			return none, s.setitem(d, a.args[3], a.args[4])
		})
	}
	record("alter_column", "columns")
	record("create_index", "indexes")
	return c
}

// stubRows returns the rows of a stub: a dictionary of dictionaries of (value, timestamp).
func (s *Session) stubRows(self Value) (*dict, error) {
	v, err := s.getattr(self, "rows")
	if err != nil {
		return nil, err
	}
	d, ok := v.(*dict)
	if !ok {
		return nil, s.raise(s.exc.TypeError, "rows must be a dictionary, not %s", s.typeName(v))
	}
	return d, nil
}

// stubGet reads a row. Its arguments are columns, start, finish, reversed, count and include_timestamp.
func (s *Session) stubGet(self, key Value, a []Value) (Value, error) {
	rows, err := s.stubRows(self)
	if err != nil {
		return nil, err
	}
	v, err := rows.get(s, key)
	if err != nil {
		return nil, err
	}
	row, ok := v.(*dict)
	if !ok || row.live == 0 {
		return nil, s.thrown(s.exc.NotFoundException)
	}
	items := newList()
	for _, e := range row.items() {
		items.elems = append(items.elems, starlark.Tuple{e.key, e.value})
	}
	if err := s.sort(items, none, none, a[3]); err != nil {
		return nil, err
	}
	low, high := a[1], a[2]
	if back, _ := s.truth(a[3]); back {
		low, high = high, low
	}
	stamps, err := s.truth(a[5])
	if err != nil {
		return nil, err
	}
	limit, _ := smallInt(a[4])
	out := s.newOrdered()
	for _, it := range items.elems {
		name, cell := it.(starlark.Tuple)[0], it.(starlark.Tuple)[1]
		in, err := s.stubSelects(name, a[0], low, high)
		if err != nil {
			return nil, err
		}
		if !in {
			continue
		}
		if int64(out.live) >= limit {
			break
		}
		if pair, ok := cell.(starlark.Tuple); ok && !stamps {
			cell = pair[0]
		}
		if err := out.put(s, name, cell); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Session) stubSelects(name, columns, low, high Value) (bool, error) {
	if some, err := s.truth(columns); some || err != nil {
		if err != nil {
			return false, err
		}
		return s.contains(columns, name)
	}
	for op, bound := range map[string]Value{">=": low, "<=": high} {
		some, err := s.truth(bound)
		if err != nil {
			return false, err
		}
		if some {
			if r, err := s.compare(op, name, bound); r != vtrue || err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

func (s *Session) familyStub(mod string) *class {
	c := s.newClass("ColumnFamilyStub", mod)
	c.def("__init__(self, pool=None, column_family=None, rows=None, **kwargs)", func(a *call) (Value, error) {
		rows := a.args[3]
		if some, err := s.truth(rows); err != nil {
			return nil, err
		} else if !some {
			rows = s.newOrdered()
		}
		a.args[0].(*object).attrs.set("rows", rows)
		if a.args[1] != none && a.args[2] != none {
			all, err := s.getattr(a.args[1], "column_families")
			if err != nil {
				return nil, err
			}
			return none, s.setitem(all, a.args[2], a.args[0])
		}
		return none, nil
	})
	c.def("__len__(self)", func(a *call) (Value, error) {
		rows, err := s.stubRows(a.args[0])
		if err != nil {
			return nil, err
		}
		return intValue(rows.live), nil
	})
	c.def("__contains__(self, key)", func(a *call) (Value, error) {
		rows, err := s.stubRows(a.args[0])
		if err != nil {
			return nil, err
		}
		e, err := rows.lookup(s, a.args[1])
		return boolean(e != nil), err
	})
	const reads = "columns=None, column_start=None, column_finish=None, column_reversed=False, column_count=100, include_timestamp=False, **kwargs)"
	c.def("get(self, key, "+reads, func(a *call) (Value, error) { return s.stubGet(a.args[0], a.args[1], a.args[2:]) })
	c.def("multiget(self, keys, "+reads, func(a *call) (Value, error) {
		rows, err := s.stubRows(a.args[0])
		if err != nil {
			return nil, err
		}
		out := s.newOrdered()
		return out, s.each(a.args[1], func(k Value) error {
			if e, err := rows.lookup(s, k); e == nil || err != nil {
				return err
			}
			d, err := s.stubGet(a.args[0], k, a.args[2:])
			if err != nil {
				return err
			}
			return out.put(s, k, d)
		})
	})
	c.def("get_range(self, include_timestamp=False, columns=None, **kwargs)", func(a *call) (Value, error) {
		rows, err := s.stubRows(a.args[0])
		if err != nil {
			return nil, err
		}
		out := newList()
		for _, k := range rows.keys() {
			d, err := s.stubGet(a.args[0], k, []Value{a.args[2], none, none, boolean(false), intValue(100), a.args[1]})
			if err != nil {
				return nil, err
			}
			out.elems = append(out.elems, starlark.Tuple{k, d})
		}
		return out, nil
	})
	c.def("batch(self, **kwargs)", func(a *call) (Value, error) { return a.args[0], nil })
	c.def("send(self)", func(*call) (Value, error) { return none, nil })
	c.def("truncate(self)", func(a *call) (Value, error) {
		rows, err := s.stubRows(a.args[0])
		if err == nil {
			rows.clear()
		}
		return none, err
	})
	s.stubWrites(c)
	return c
}

func (s *Session) stubWrites(c *class) {
	c.def("insert(self, key, columns, timestamp=None, **kwargs)", func(a *call) (Value, error) {
		rows, err := s.stubRows(a.args[0])
		if err != nil {
			return nil, err
		}
		v, err := rows.get(s, a.args[1])
		if err != nil {
			return nil, err
		}
		row, ok := v.(*dict)
		if !ok {
			row = s.newDict()
			if err := rows.put(s, a.args[1], row); err != nil {
				return nil, err
			}
		}
		ts := a.args[3]
		if ts == none {
			ts = intValue(s.now().UnixMicro())
		}
		list, err := s.pairs(a.args[2])
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			if err := row.put(s, e.key, starlark.Tuple{e.value, ts}); err != nil {
				return nil, err
			}
		}
		return ts, nil
	})
	c.def("remove(self, key, columns=None)", func(a *call) (Value, error) {
		rows, err := s.stubRows(a.args[0])
		if err != nil {
			return nil, err
		}
		v, err := rows.get(s, a.args[1])
		if err != nil {
			return nil, err
		}
		row, ok := v.(*dict)
		if !ok {
			return nil, s.thrown(s.exc.NotFoundException)
		}
		if a.args[2] != none {
			err := s.each(a.args[2], func(n Value) error {
				_, err := row.remove(s, n)
				return err
			})
			if err != nil {
				return nil, err
			}
		}
		if a.args[2] == none || row.live == 0 {
			if _, err := rows.remove(s, a.args[1]); err != nil {
				return nil, err
			}
		}
		return intValue(s.now().UnixMicro()), nil
	})
	c.def("get_indexed_slices(self, index_clause, **kwargs)", func(a *call) (Value, error) {
		rows, err := s.stubRows(a.args[0])
		if err != nil {
			return nil, err
		}
		list, err := s.getattr(a.args[1], "expressions")
		if err != nil {
			return nil, err
		}
		out := newList()
		for _, k := range rows.keys() {
			v, err := rows.get(s, k)
			if err != nil {
				return nil, err
			}
			match := false
			err = s.each(list, func(e Value) error {
				name, err := s.getattr(e, "column_name")
				if err != nil {
					return err
				}
				cell, err := v.(*dict).get(s, name)
				if cell == nil || err != nil {
					return err
				}
				op, err := s.getattr(e, "op")
				if err != nil {
					return err
				}
				value, err := s.getattr(e, "value")
				if err != nil {
					return err
				}
				n, _ := smallInt(op)
				r, err := s.compare([]string{"==", ">=", ">", "<=", "<"}[n%5], cell.(starlark.Tuple)[0], value)
				match = match || r == vtrue
				return err
			})
			if err != nil {
				return nil, err
			}
			if match {
				d, err := s.stubGet(a.args[0], k, []Value{none, none, none, boolean(false), intValue(100), boolean(false)})
				if err != nil {
					return nil, err
				}
				out.elems = append(out.elems, starlark.Tuple{k, d})
			}
		}
		return out, nil
	})
}
