package shell

import "slices"

func (s *Session) initFamilyMap() {
	c := s.newClass("ColumnFamilyMap", "pycassa.columnfamilymap", s.py.family)
	c.doc = "The rows of a column family as instances of a class."
	s.py.familyMap = c
	c.def("__init__(self, cls, pool, column_family, raw_columns=False, **kwargs)", func(a *call) (Value, error) {
		o := a.args[0].(*object)
		if err := s.initFamilyObject(o, a.args[2], a.args[3], a.kw); err != nil {
			return nil, err
		}
		cls, ok := a.args[1].(*class)
		if !ok {
			return nil, s.raise(s.exc.TypeError, "ColumnFamilyMap wants a class, not %s", s.typeName(a.args[1]))
		}
		o.attrs.set("cls", cls)
		o.attrs.set("autopack_names", boolean(false))
		o.attrs.set("raw_columns", a.args[4])
		o.attrs.set("dict_class", s.py.ordered)
		fields, defaults := newList(), s.newDict()
		for _, name := range classNames(cls) {
			t, _ := cls.lookup(name)
			if !s.isInstance(t, s.py.cassandraType) {
				continue
			}
			if name == "key" {
				if err := s.setattr(o, "key_validation_class", t); err != nil {
					return nil, err
				}
				continue
			}
			if err := s.setValidator(o, str(name), t); err != nil {
				return nil, err
			}
			d, err := s.getattr(t, "default")
			if err != nil {
				return nil, err
			}
			fields.elems = append(fields.elems, str(name))
			if err := defaults.put(s, str(name), d); err != nil {
				return nil, err
			}
		}
		o.attrs.set("fields", fields)
		o.attrs.set("defaults", defaults)
		return none, nil
	})
	s.initMapReads(c)
	s.initMapWrites(c)
}

// classNames returns the names of a class's attributes, sorted.
func classNames(c *class) []string {
	seen := map[string]bool{}
	for _, m := range c.mro {
		for _, n := range m.attrs.names {
			seen[n] = true
		}
	}
	return slices.Sorted(func(yield func(string) bool) {
		for n := range seen {
			if !yield(n) {
				return
			}
		}
	})
}

// familyCall calls a method of the family itself. If the call names no columns, it passes the map's columns.
func (s *Session) familyCall(name string, a *call, always bool) (Value, error) {
	o := a.args[0].(*object)
	kw := slices.Clone(a.kw)
	raw, err := s.flag(o, "raw_columns")
	if err != nil {
		return nil, err
	}
	super, err := s.flag(o, "super")
	if err != nil {
		return nil, err
	}
	if !hasKw(kw, "columns") && (always || !super) && !raw {
		fields, err := s.getattr(o, "fields")
		if err != nil {
			return nil, err
		}
		kw = append(kw, kwarg{"columns", fields})
	}
	fn, _ := s.py.family.lookup(name)
	args := append(slices.Clone(a.args), a.extra...)
	return s.callKw(fn, args, kw)
}

func hasKw(kw []kwarg, name string) bool {
	return slices.ContainsFunc(kw, func(k kwarg) bool { return k.name == name })
}

// instance makes an instance of the map's class from columns.
func (s *Session) instance(o *object, key, super, columns Value) (Value, error) {
	raw, err := s.flag(o, "raw_columns")
	if err != nil {
		return nil, err
	}
	d, ok := columns.(*dict)
	if !ok {
		return nil, s.raise(s.exc.TypeError, "columns must be a dictionary, not %s", s.typeName(columns))
	}
	if raw {
		if err := d.put(s, str("raw_columns"), d); err != nil {
			return nil, err
		}
	}
	v, err := s.getattr(o, "defaults")
	if err != nil {
		return nil, err
	}
	defaults := v.(*dict)
	for _, e := range defaults.items() {
		if have, err := d.lookup(s, e.key); err != nil {
			return nil, err
		} else if have == nil {
			if err := d.put(s, e.key, e.value); err != nil {
				return nil, err
			}
		}
	}
	cls, err := s.getattr(o, "cls")
	if err != nil {
		return nil, err
	}
	x, err := s.call(cls)
	if err != nil {
		return nil, err
	}
	if err := s.setattr(x, "key", key); err != nil {
		return nil, err
	}
	if super != nil {
		if err := s.setattr(x, "super_column", super); err != nil {
			return nil, err
		}
	}
	for _, e := range d.items() {
		name, ok := textOf(e.key)
		if !ok {
			return nil, s.raise(s.exc.TypeError, "create_instance() keywords must be strings")
		}
		if err := s.setattr(x, name, e.value); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// instances makes the value of a row. In a standard family, or if the call names a super column, it is an instance.
// Otherwise it is a dictionary with an instance for each super column.
func (s *Session) instances(o *object, key, columns Value, kw []kwarg) (Value, error) {
	super, err := s.flag(o, "super")
	if err != nil {
		return nil, err
	}
	if !super {
		return s.instance(o, key, nil, columns)
	}
	for _, k := range kw {
		if k.name == "super_column" {
			return s.instance(o, key, k.value, columns)
		}
	}
	out := s.newOrdered()
	list, err := s.pairs(columns)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		x, err := s.instance(o, key, e.key, e.value)
		if err != nil {
			return nil, err
		}
		if err := out.put(s, e.key, x); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Session) initMapReads(c *class) {
	c.def("get(self, key, *args, **kwargs)", func(a *call) (Value, error) {
		columns, err := s.familyCall("get", a, false)
		if err != nil {
			return nil, err
		}
		return s.instances(a.args[0].(*object), a.args[1], columns, a.kw)
	})
	c.def("multiget(self, *args, **kwargs)", func(a *call) (Value, error) {
		v, err := s.familyCall("multiget", a, false)
		if err != nil {
			return nil, err
		}
		rows, err := s.pairs(v)
		if err != nil {
			return nil, err
		}
		out := s.newOrdered()
		for _, r := range rows {
			x, err := s.instances(a.args[0].(*object), r.key, r.value, a.kw)
			if err != nil {
				return nil, err
			}
			if err := out.put(s, r.key, x); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
	each := func(name string, always bool) func(a *call) (Value, error) {
		return func(a *call) (Value, error) {
			var rows iterator
			return s.goGenerator(name, func() (Value, error) {
				if rows == nil {
					v, err := s.familyCall(name, a, always)
					if err != nil {
						return nil, err
					}
					rows = v.(*generator)
				}
				pair, err := rows.next()
				if pair == nil || err != nil {
					return nil, err
				}
				kv, err := s.unpackN(pair, 2)
				if err != nil {
					return nil, err
				}
				return s.instances(a.args[0].(*object), kv[0], kv[1], a.kw)
			}), nil
		}
	}
	c.def("get_range(self, *args, **kwargs)", each("get_range", false))
	c.def("get_indexed_slices(self, *args, **kwargs)", each("get_indexed_slices", true))
}

// instanceColumns returns a dictionary of the columns that an instance sets.
func (s *Session) instanceColumns(o *object, x, fields Value) (Value, error) {
	some, err := s.truth(fields)
	if err != nil {
		return nil, err
	}
	if !some {
		if fields, err = s.getattr(o, "fields"); err != nil {
			return nil, err
		}
	}
	d := s.newDict()
	err = s.each(fields, func(f Value) error {
		name, _ := textOf(f)
		v, err := s.findattr(x, name)
		if err != nil || v == nil || v == none || s.isInstance(v, s.py.cassandraType) {
			return err
		}
		return d.put(s, f, v)
	})
	if err != nil {
		return nil, err
	}
	super, err := s.flag(o, "super")
	if err != nil || !super {
		return d, err
	}
	name, err := s.getattr(x, "super_column")
	if err != nil {
		return nil, err
	}
	out := s.newDict()
	return out, out.put(s, name, d)
}

func (s *Session) initMapWrites(c *class) {
	base := func(name string, args []Value, kw ...kwarg) (Value, error) {
		fn, _ := s.py.family.lookup(name)
		return s.callKw(fn, args, kw)
	}
	c.def("insert(self, instance, columns=None, timestamp=None, ttl=None, write_consistency_level=None)", func(a *call) (Value, error) {
		d, err := s.instanceColumns(a.args[0].(*object), a.args[1], a.args[2])
		if err != nil {
			return nil, err
		}
		key, err := s.getattr(a.args[1], "key")
		if err != nil {
			return nil, err
		}
		return base("insert", []Value{a.args[0], key, d, a.args[3], a.args[4], a.args[5]})
	})
	c.def("batch_insert(self, instances, timestamp=None, ttl=None, write_consistency_level=None)", func(a *call) (Value, error) {
		rows := s.newDict()
		err := s.each(a.args[1], func(x Value) error {
			key, err := s.getattr(x, "key")
			if err != nil {
				return err
			}
			d, err := s.instanceColumns(a.args[0].(*object), x, none)
			if err != nil {
				return err
			}
			return rows.put(s, key, d)
		})
		if err != nil {
			return nil, err
		}
		return base("batch_insert", []Value{a.args[0], rows, a.args[2], a.args[3], a.args[4]})
	})
	c.def("remove(self, instance, columns=None, write_consistency_level=None)", func(a *call) (Value, error) {
		o := a.args[0].(*object)
		key, err := s.getattr(a.args[1], "key")
		if err != nil {
			return nil, err
		}
		kw := []kwarg{{"columns", a.args[2]}, {"write_consistency_level", a.args[3]}}
		super, err := s.flag(o, "super")
		if err != nil {
			return nil, err
		}
		if super {
			name, err := s.getattr(a.args[1], "super_column")
			if err != nil {
				return nil, err
			}
			kw = append(kw, kwarg{"super_column", name})
		}
		return base("remove", []Value{o, key}, kw...)
	})
}
