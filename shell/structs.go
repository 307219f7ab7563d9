package shell

import (
	"slices"
	"strings"

	"go.starlark.net/starlark"
)

// structClass makes a class with the given fields, as namedtuple does. Its instances compare and unpack like
// tuples.
func (s *Session) structClass(name, module string, fields ...string) *class {
	c := s.newClass(name, module)
	header := "__init__(self"
	for _, f := range fields {
		header += ", " + f
		if module == "logging" {
			header += "=None"
		}
	}
	c.def(header+")", func(a *call) (Value, error) {
		for i, f := range fields {
			a.args[0].(*object).attrs.set(f, a.args[i+1])
		}
		return none, nil
	})
	tuple := func(self Value) starlark.Tuple {
		var t starlark.Tuple
		for _, f := range fields {
			v, _ := self.(*object).attrs.get(f)
			if v == nil {
				v = none
			}
			t = append(t, v)
		}
		return t
	}
	c.def("__repr__(self)", func(a *call) (Value, error) {
		var parts []string
		for i, v := range tuple(a.args[0]) {
			text, err := s.repr(v)
			if err != nil {
				return nil, err
			}
			parts = append(parts, fields[i]+"="+text)
		}
		return str(name + "(" + strings.Join(parts, ", ") + ")"), nil
	})
	c.def("__iter__(self)", func(a *call) (Value, error) {
		it, err := s.iter(tuple(a.args[0]))
		return &iterObject{it: it}, err
	})
	c.def("__getitem__(self, index)", func(a *call) (Value, error) { return s.getitem(tuple(a.args[0]), a.args[1]) })
	c.def("__len__(self)", func(a *call) (Value, error) { return intValue(len(fields)), nil })
	c.def("__hash__(self)", func(a *call) (Value, error) {
		h, err := s.hash(tuple(a.args[0]))
		return intValue(h), err
	})
	c.def("__eq__(self, other)", func(a *call) (Value, error) {
		other := a.args[1]
		if o, ok := other.(*object); ok && o.class == c {
			other = tuple(o)
		}
		eq, err := s.equal(tuple(a.args[0]), other)
		return boolean(eq), err
	})
	return c
}

// namedTuple makes a class of collections.namedtuple. Its instances are structs that compare equal to tuples.
func (s *Session) namedTuple(name string, fields []string) *class {
	c := s.structClass(name, "__main__", fields...)
	if init, ok := c.lookup("__init__"); ok {
		init.(*native).name = "__new__"
	}
	names := starlark.Tuple{}
	for _, f := range fields {
		names = append(names, str(f))
		c.prop(f, func(self Value) (Value, error) {
			if v, ok := self.(*object).attrs.get(f); ok {
				return v, nil
			}
			return nil, s.noAttr(self, f)
		}, nil)
	}
	c.attrs.set("_fields", names)
	c.def("_asdict(self)", func(a *call) (Value, error) {
		d := s.newOrdered()
		for _, f := range fields {
			v, err := s.getattr(a.args[0], f)
			if err != nil {
				return nil, err
			}
			if err := d.put(s, str(f), v); err != nil {
				return nil, err
			}
		}
		return d, nil
	})
	c.def("_replace(self, **values)", func(a *call) (Value, error) {
		kw := a.kw
		for _, k := range kw {
			if !slices.Contains(fields, k.name) {
				return nil, s.raise(s.exc.ValueError, "Got unexpected field names: ['%s']", k.name)
			}
		}
		for _, f := range fields {
			if slices.ContainsFunc(kw, func(k kwarg) bool { return k.name == f }) {
				continue
			}
			v, err := s.getattr(a.args[0], f)
			if err != nil {
				return nil, err
			}
			kw = append(kw, kwarg{f, v})
		}
		return s.callKw(c, nil, kw)
	})
	c.attrs.set("_make", &staticMethod{fn: s.native("_make(iterable)", func(a *call) (Value, error) {
		elems, err := s.collect(a.args[0])
		if err != nil {
			return nil, err
		}
		return s.call(c, elems...)
	})})
	return c
}

// thriftField is a field of a Thrift struct with its default.
type thriftField struct {
	name  string
	value Value
}

// thriftClass makes the class of a struct of Cassandra's Thrift interface. An instance prints its fields in the order of
// its attribute dictionary, as Thrift's generated Python does.
func (s *Session) thriftClass(name string, base *class, fields ...thriftField) *class {
	c := s.newClass(name, "pycassa.cassandra.ttypes", base)
	if len(fields) > 0 {
		header := "__init__(self"
		for _, f := range fields {
			header += ", " + f.name + "=None"
		}
		n := c.def(header+")", func(a *call) (Value, error) {
			for i, f := range fields {
				a.args[0].(*object).attrs.set(f.name, a.args[i+1])
			}
			return none, nil
		})
		sig := *n.sig
		sig.defaults = nil
		for _, f := range fields {
			sig.defaults = append(sig.defaults, f.value)
		}
		n.sig = &sig
	}
	s.thriftRepr(c)
	s.thriftEqual(c)
	c.def("__hash__(self)", func(a *call) (Value, error) { return intValue(pointerHash(a.args[0])), nil })
	return c
}

// thriftEqual compares instances by their attributes, as Thrift's generated Python does.
func (s *Session) thriftEqual(c *class) {
	c.def("__eq__(self, other)", func(a *call) (Value, error) {
		x, ok1 := a.args[0].(*object)
		y, ok2 := a.args[1].(*object)
		if !ok1 || !ok2 || x.class != y.class {
			return boolean(false), nil
		}
		eq, err := s.equal(s.attrsDict(x.attrs), s.attrsDict(y.attrs))
		return boolean(eq), err
	})
	c.def("__ne__(self, other)", func(a *call) (Value, error) {
		eq, err := s.equal(a.args[0], a.args[1])
		return boolean(!eq), err
	})
}

func (s *Session) thriftRepr(c *class) {
	c.def("__repr__(self)", func(a *call) (Value, error) {
		o := a.args[0].(*object)
		var parts []string
		for _, e := range s.attrsDict(o.attrs).(*dict).items() {
			text, err := s.repr(e.value)
			if err != nil {
				return nil, err
			}
			parts = append(parts, string(e.key.(str))+"="+text)
		}
		return str(o.class.name + "(" + strings.Join(parts, ", ") + ")"), nil
	})
}

// nilFields returns fields whose default is None.
func nilFields(names string) []thriftField {
	var out []thriftField
	for _, n := range strings.Fields(names) {
		out = append(out, thriftField{n, none})
	}
	return out
}

// thriftException makes the class of an exception of the Thrift interface.
func (s *Session) thriftException(name string, fields ...string) *class {
	c := s.newClass(name, "pycassa.cassandra.ttypes", s.exc.TException)
	header := "__init__(self, message=None)"
	if len(fields) > 0 {
		header = "__init__(self, " + strings.Join(fields, "=None, ") + "=None)"
	}
	c.def(header, func(a *call) (Value, error) {
		o := a.args[0].(*object)
		if len(fields) == 0 {
			o.attrs.set("_message", a.args[1])
		}
		for i, f := range fields {
			o.attrs.set(f, a.args[i+1])
		}
		return none, nil
	})
	s.thriftRepr(c)
	s.thriftEqual(c)
	c.def("__str__(self)", func(a *call) (Value, error) {
		text, err := s.repr(a.args[0])
		return str(text), err
	})
	return c
}

func (s *Session) initThriftExceptions() {
	e := &s.exc
	e.TException = s.newClass("TException", "thrift.Thrift", e.Exception)
	e.TException.prop("message", func(self Value) (Value, error) {
		if m, ok := self.(*object).attrs.get("_message"); ok {
			return m, nil
		}
		return none, nil
	}, func(self, v Value) error {
		self.(*object).attrs.set("_message", v)
		return nil
	})
	e.TException.def("__init__(self, message=None)", func(a *call) (Value, error) {
		o := a.args[0].(*object)
		o.attrs.set("args", starlark.Tuple{a.args[1]})
		o.attrs.set("_message", a.args[1])
		return none, nil
	})
	e.NotFoundException = s.thriftException("NotFoundException")
	e.InvalidRequestException = s.thriftException("InvalidRequestException", "why")
	e.UnavailableException = s.thriftException("UnavailableException")
	e.TimedOutException = s.thriftException("TimedOutException", "acknowledged_by", "acknowledged_by_batchlog")
	e.AuthenticationException = s.thriftException("AuthenticationException", "why")
	e.AuthorizationException = s.thriftException("AuthorizationException", "why")
	e.SchemaDisagreementException = s.thriftException("SchemaDisagreementException")
	e.TApplicationException = s.newClass("TApplicationException", "thrift.Thrift", e.TException)
	e.TTransportException = s.newClass("TTransportException", "thrift.transport.TTransport", e.TException)
	for c, name := range map[**class]string{
		&e.AllServersUnavailable: "AllServersUnavailable", &e.NoConnectionAvailable: "NoConnectionAvailable",
		&e.MaximumRetryException: "MaximumRetryException", &e.InvalidRequestError: "InvalidRequestError",
	} {
		*c = s.newClass(name, "pycassa.pool", e.Exception)
	}
}

// thrown returns an exception of a class of the Thrift interface, with its fields.
func (s *Session) thrown(c *class, fields ...Value) error {
	v, err := s.instantiate(c, fields, nil)
	if err != nil {
		return err
	}
	return &exception{v.(*object)}
}
