package shell

import (
	"slices"
	"strings"

	"go.starlark.net/starlark"
)

func (s *Session) initContainerMethods() {
	s.initListMethods()
	s.initDictMethods()
	s.initSetMethods()
}

func (s *Session) initListMethods() {
	def := func(header string, fn func(l *list, c *call) (Value, error)) {
		s.types.list.def(header, func(c *call) (Value, error) {
			l, ok := c.args[0].(*list)
			if !ok {
				return nil, s.raise(s.exc.TypeError, "descriptor requires a 'list' object but received a '%s'", s.typeName(c.args[0]))
			}
			return fn(l, c)
		})
	}
	def("append(self, object)", func(l *list, c *call) (Value, error) {
		l.elems = append(l.elems, c.args[1])
		return none, s.bounded(len(l.elems))
	})
	def("extend(self, iterable)", func(l *list, c *call) (Value, error) {
		_, err := s.inplace("+", l, c.args[1])
		return none, err
	})
	def("insert(self, index, object)", func(l *list, c *call) (Value, error) {
		i, ok := smallInt(c.args[1])
		if !ok {
			return nil, s.raise(s.exc.TypeError, "an integer is required")
		}
		n := int64(len(l.elems))
		if i < 0 {
			i = max(i+n, 0)
		}
		l.elems = slices.Insert(l.elems, int(min(i, n)), c.args[2])
		return none, nil
	})
	def("pop(self, index=-1)", func(l *list, c *call) (Value, error) {
		if len(l.elems) == 0 {
			return nil, s.raise(s.exc.IndexError, "pop from empty list")
		}
		i, err := s.index(c.args[1], len(l.elems), "pop")
		if err != nil {
			return nil, err
		}
		v := l.elems[i]
		l.elems = slices.Delete(l.elems, i, i+1)
		return v, nil
	})
	find := func(elems []Value, v Value) (int, error) {
		for i, e := range elems {
			if eq, err := s.equal(e, v); eq || err != nil {
				return i, err
			}
		}
		return -1, nil
	}
	def("remove(self, value)", func(l *list, c *call) (Value, error) {
		i, err := find(l.elems, c.args[1])
		if err == nil && i < 0 {
			err = s.raise(s.exc.ValueError, "list.remove(x): x not in list")
		}
		if err == nil && i < len(l.elems) {
			l.elems = slices.Delete(l.elems, i, i+1)
		}
		return none, err
	})
	def("reverse(self)", func(l *list, c *call) (Value, error) {
		slices.Reverse(l.elems)
		return none, nil
	})
	def("sort(self, cmp=None, key=None, reverse=False)", func(l *list, c *call) (Value, error) {
		return none, s.sort(l, c.args[1], c.args[2], c.args[3])
	})
	for _, k := range []*class{s.types.list, s.types.tuple} {
		k.def("index(self, value)", func(c *call) (Value, error) {
			elems, err := s.collect(c.args[0])
			if err != nil {
				return nil, err
			}
			i, err := find(elems, c.args[1])
			if err == nil && i < 0 {
				text, rerr := s.repr(c.args[1])
				if rerr != nil {
					return nil, rerr
				}
				if k == s.types.tuple {
					return nil, s.raise(s.exc.ValueError, "tuple.index(x): x not in tuple")
				}
				err = s.raise(s.exc.ValueError, "%s is not in list", text)
			}
			return intValue(i), err
		})
		k.def("count(self, value)", func(c *call) (Value, error) {
			n := 0
			err := s.each(c.args[0], func(v Value) error {
				eq, err := s.equal(v, c.args[1])
				if eq {
					n++
				}
				return err
			})
			return intValue(n), err
		})
	}
}

func (s *Session) initDictMethods() {
	def := func(header string, fn func(d *dict, c *call) (Value, error)) {
		s.types.dict.def(header, func(c *call) (Value, error) {
			d, ok := c.args[0].(*dict)
			if !ok {
				return nil, s.raise(s.exc.TypeError, "descriptor requires a 'dict' object but received a '%s'", s.typeName(c.args[0]))
			}
			return fn(d, c)
		})
	}
	// A user's class that overrides these methods calls them by the name of the base class.
	def("__init__(self, *args, **kwargs)", func(d *dict, c *call) (Value, error) {
		for _, a := range c.extra {
			if err := s.update(d, a); err != nil {
				return nil, err
			}
		}
		for _, a := range c.kw {
			if err := d.put(s, str(a.name), a.value); err != nil {
				return nil, err
			}
		}
		return none, nil
	})
	def("__getitem__(self, key)", func(d *dict, c *call) (Value, error) {
		v, err := d.get(s, c.args[1])
		if v == nil && err == nil {
			err = s.raiseValue(s.exc.KeyError, c.args[1])
		}
		return v, err
	})
	def("__setitem__(self, key, value)", func(d *dict, c *call) (Value, error) { return none, d.put(s, c.args[1], c.args[2]) })
	def("__iter__(self)", func(d *dict, _ *call) (Value, error) {
		return &iterObject{it: d.iterate(s, func(e *entry) Value { return e.key })}, nil
	})
	def("__repr__(self)", func(d *dict, _ *call) (Value, error) {
		var b strings.Builder
		err := s.writeDict(&b, d)
		return str(b.String()), err
	})
	views := map[string]func(*entry) Value{
		"keys":   func(e *entry) Value { return e.key },
		"values": func(e *entry) Value { return e.value },
		"items":  func(e *entry) Value { return starlark.Tuple{e.key, e.value} },
	}
	for name, pick := range views {
		def(name+"(self)", func(d *dict, _ *call) (Value, error) {
			l := newList()
			for _, e := range d.items() {
				l.elems = append(l.elems, pick(&e))
			}
			return l, nil
		})
		def("iter"+name+"(self)", func(d *dict, _ *call) (Value, error) {
			return &iterObject{kind: "dictionary-" + name[:len(name)-1] + "iterator", it: d.iterate(s, pick)}, nil
		})
	}
	def("get(self, key, default=None)", func(d *dict, c *call) (Value, error) {
		v, err := d.get(s, c.args[1])
		if v == nil {
			v = c.args[2]
		}
		return v, err
	})
	has := func(d *dict, c *call) (Value, error) {
		e, err := d.lookup(s, c.args[1])
		return boolean(e != nil), err
	}
	def("has_key(self, key)", has)
	def("__contains__(self, key)", has)
	def("__len__(self)", func(d *dict, c *call) (Value, error) { return intValue(d.live), nil })
	def("setdefault(self, key, default=None)", func(d *dict, c *call) (Value, error) {
		v, err := d.get(s, c.args[1])
		if v != nil || err != nil {
			return v, err
		}
		return c.args[2], d.put(s, c.args[1], c.args[2])
	})
	def("pop(self, key, *default)", func(d *dict, c *call) (Value, error) {
		v, err := d.remove(s, c.args[1])
		if v != nil || err != nil {
			return v, err
		}
		if len(c.extra) > 0 {
			return c.extra[0], nil
		}
		return nil, s.raiseValue(s.exc.KeyError, c.args[1])
	})
	def("popitem(self, last=True)", func(d *dict, c *call) (Value, error) {
		items := d.items()
		if len(items) == 0 {
			if d.ordered {
				return nil, s.raise(s.exc.KeyError, "dictionary is empty")
			}
			return nil, s.raise(s.exc.KeyError, "popitem(): dictionary is empty")
		}
		e := items[0]
		if last, _ := s.truth(c.args[1]); d.ordered && last {
			e = items[len(items)-1]
		}
		_, err := d.remove(s, e.key)
		return starlark.Tuple{e.key, e.value}, err
	})
	def("update(self, *args, **kwargs)", func(d *dict, c *call) (Value, error) {
		if len(c.extra) > 1 {
			return nil, s.raise(s.exc.TypeError, "update expected at most 1 arguments, got %d", len(c.extra))
		}
		for _, a := range c.extra {
			if err := s.update(d, a); err != nil {
				return nil, err
			}
		}
		for _, k := range slices.Backward(c.kw) {
			if err := d.put(s, str(k.name), k.value); err != nil {
				return nil, err
			}
		}
		return none, nil
	})
	def("clear(self)", func(d *dict, _ *call) (Value, error) {
		d.clear()
		return none, nil
	})
	def("copy(self)", func(d *dict, _ *call) (Value, error) {
		out := &dict{class: d.class, ordered: d.ordered, factory: d.factory}
		return out, s.update(out, d)
	})
	s.types.dict.attrs.set("fromkeys", &classMethod{fn: s.native("fromkeys(cls, keys, value=None)", func(c *call) (Value, error) {
		cls := c.args[0].(*class)
		d := &dict{class: cls, ordered: cls.derives(s.types.ordered)}
		return d, s.each(c.args[1], func(k Value) error { return d.put(s, k, c.args[2]) })
	})})
}

func (s *Session) initSetMethods() {
	for _, k := range []*class{s.types.set, s.types.frozenset} {
		for name, op := range map[string]string{"union": "|", "intersection": "&", "difference": "-", "symmetric_difference": "^"} {
			k.def(name+"(self, *others)", func(c *call) (Value, error) {
				v := c.args[0].(*set)
				for _, o := range c.extra {
					elems, err := s.collect(o)
					if err != nil {
						return nil, err
					}
					if v, err = s.setOp(op, v, elems); err != nil {
						return nil, err
					}
				}
				if v == c.args[0] {
					return s.setOp("|", v, nil)
				}
				return v, nil
			})
		}
		compare := func(want func(c int) bool) func(c *call) (Value, error) {
			return func(c *call) (Value, error) {
				elems, err := s.collect(c.args[1])
				if err != nil {
					return nil, err
				}
				o, err := s.newSet(elems...)
				if err != nil {
					return nil, err
				}
				n, err := s.sets(c.args[0].(*set), o, false)
				return boolean(want(n)), err
			}
		}
		k.def("issubset(self, other)", compare(func(c int) bool { return c <= 0 }))
		k.def("issuperset(self, other)", compare(func(c int) bool { return c == 0 || c == 1 }))
		k.def("isdisjoint(self, other)", func(c *call) (Value, error) {
			elems, err := s.collect(c.args[1])
			if err != nil {
				return nil, err
			}
			r, err := s.setOp("&", c.args[0].(*set), elems)
			return boolean(err == nil && r.live == 0), err
		})
		k.def("copy(self)", func(c *call) (Value, error) { return s.setOp("|", c.args[0].(*set), nil) })
	}
	def := func(header string, fn func(v *set, c *call) (Value, error)) {
		s.types.set.def(header, func(c *call) (Value, error) { return fn(c.args[0].(*set), c) })
	}
	def("add(self, element)", func(v *set, c *call) (Value, error) { return none, v.insert(s, c.args[1], none) })
	def("discard(self, element)", func(v *set, c *call) (Value, error) {
		_, err := v.remove(s, c.args[1])
		return none, err
	})
	def("remove(self, element)", func(v *set, c *call) (Value, error) {
		x, err := v.remove(s, c.args[1])
		if x == nil && err == nil {
			err = s.raiseValue(s.exc.KeyError, c.args[1])
		}
		return none, err
	})
	def("pop(self)", func(v *set, c *call) (Value, error) {
		elems := v.elems()
		if len(elems) == 0 {
			return nil, s.raise(s.exc.KeyError, "pop from an empty set")
		}
		_, err := v.remove(s, elems[0])
		return elems[0], err
	})
	def("clear(self)", func(v *set, c *call) (Value, error) {
		v.table = table{version: v.version + 1}
		return none, nil
	})
	def("update(self, *others)", func(v *set, c *call) (Value, error) {
		for _, o := range c.extra {
			if err := s.each(o, func(x Value) error { return v.insert(s, x, none) }); err != nil {
				return nil, err
			}
		}
		return none, nil
	})
}
