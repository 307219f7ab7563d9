package shell

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"go.starlark.net/starlark"
)

// constructor sets the function that makes the values of a builtin class.
func (s *Session) constructor(c *class, params string, fn func(cls *class, c *call) (Value, error)) {
	_, c.sig = s.signature(c.name + params)
	c.construct = fn
}

func (s *Session) initConstructors() {
	t := &s.types
	s.constructor(t.typ, "(object, *rest)", func(_ *class, c *call) (Value, error) {
		if len(c.extra) == 0 {
			if o, ok := c.args[0].(*object); ok && o.class.old {
				return s.newClassNamed("instance"), nil
			}
			return s.classOf(c.args[0]), nil
		}
		if len(c.extra) != 2 {
			return nil, s.raise(s.exc.TypeError, "type() takes 1 or 3 arguments")
		}
		name, ok := textOf(c.args[0])
		bases, ok2 := c.extra[0].(starlark.Tuple)
		names, ok3 := c.extra[1].(*dict)
		if !ok || !ok2 || !ok3 {
			return nil, s.raise(s.exc.TypeError, "type() argument 1 must be string, 2 a tuple of classes, and 3 a dict")
		}
		if len(bases) == 0 {
			bases = starlark.Tuple{t.object}
		}
		k, err := s.derive(s.frame, name, bases)
		if err != nil {
			return nil, err
		}
		for _, e := range names.items() {
			if attr, ok := textOf(e.key); ok {
				k.attrs.set(attr, e.value)
			}
		}
		return k, nil
	})
	s.constructor(t.bool, "(x=False)", func(_ *class, c *call) (Value, error) {
		b, err := s.truth(c.args[0])
		return boolean(b), err
	})
	s.constructor(t.int, "(x=0, base=None)", func(_ *class, c *call) (Value, error) { return s.toInt(c.args[0], c.args[1], "int") })
	s.constructor(t.long, "(x=0, base=None)", func(_ *class, c *call) (Value, error) {
		v, err := s.toInt(c.args[0], c.args[1], "long")
		if err != nil {
			return nil, err
		}
		n, _ := bigOf(v)
		return long{n}, nil
	})
	s.constructor(t.float, "(x=0)", func(_ *class, c *call) (Value, error) {
		f, err := s.float(c.args[0])
		return starlark.Float(f), err
	})
	s.constructor(t.str, "(object='')", func(_ *class, c *call) (Value, error) {
		text, err := s.str(c.args[0])
		return str(text), err
	})
	s.constructor(t.unicode, "(object='', encoding=None, errors='strict')", func(_ *class, c *call) (Value, error) {
		if o, ok := c.args[0].(*object); ok {
			if r, ok, err := s.special(o, "__unicode__"); ok || err != nil {
				return r, err
			}
		}
		if c.args[1] != none {
			return s.decode(c.args[0], c.args[1], c.args[2])
		}
		return s.toUnicode(c.args[0])
	})
	s.constructor(t.basestring, "(*args)", func(*class, *call) (Value, error) {
		return nil, s.raise(s.exc.TypeError, "The basestring type cannot be instantiated")
	})
	s.constructor(t.list, "(sequence=())", func(_ *class, c *call) (Value, error) {
		elems, err := s.collect(c.args[0])
		return &list{elems: elems}, err
	})
	s.constructor(t.tuple, "(sequence=())", func(_ *class, c *call) (Value, error) {
		if t, ok := c.args[0].(starlark.Tuple); ok {
			return t, nil
		}
		elems, err := s.collect(c.args[0])
		return starlark.Tuple(elems), err
	})
	newDict := func(cls *class, c *call) (Value, error) {
		d := &dict{class: cls, ordered: cls.derives(t.ordered)}
		args := c.extra
		if cls.derives(t.defaultdict) && len(args) > 0 {
			if d.factory = args[0]; d.factory == none {
				d.factory = nil
			}
			args = args[1:]
		}
		if len(args) > 1 {
			return nil, s.raise(s.exc.TypeError, "%s expected at most 1 arguments, got %d", cls.name, len(args))
		}
		for _, a := range args {
			if err := s.update(d, a); err != nil {
				return nil, err
			}
		}
		kw := s.newDict()
		// CPython takes keywords from its stack, so the last keyword is first.
		for _, a := range slices.Backward(c.kw) {
			if err := kw.put(s, str(a.name), a.value); err != nil {
				return nil, err
			}
		}
		if len(c.kw) == 0 {
			return d, nil
		}
		return d, s.update(d, kw)
	}
	s.constructor(t.dict, "(*args, **kwargs)", newDict)
	s.constructor(t.ordered, "(*args, **kwargs)", newDict)
	s.constructor(t.defaultdict, "(*args, **kwargs)", newDict)
	newSet := func(cls *class, c *call) (Value, error) {
		v := &set{class: cls}
		return v, s.each(c.args[0], func(x Value) error { return v.insert(s, x, none) })
	}
	s.constructor(t.set, "(sequence=())", newSet)
	s.constructor(t.frozenset, "(sequence=())", newSet)
	s.constructor(t.xrange, "(start, *more)", func(_ *class, c *call) (Value, error) { return s.xrange(c, "xrange") })
	s.constructor(t.slice, "(start, *more)", func(_ *class, c *call) (Value, error) {
		a := append([]Value{c.args[0]}, c.extra...)
		switch len(a) {
		case 1:
			return &sliceValue{lo: none, hi: a[0], step: none}, nil
		case 2:
			return &sliceValue{lo: a[0], hi: a[1], step: none}, nil
		}
		return &sliceValue{lo: a[0], hi: a[1], step: a[2]}, nil
	})
	s.constructor(t.property, "(fget=None, fset=None, fdel=None, doc=None)", func(_ *class, c *call) (Value, error) {
		p := &property{}
		for i, field := range []*Value{&p.get, &p.set, &p.del} {
			if c.args[i] != none {
				*field = c.args[i]
			}
		}
		return p, nil
	})
	for name := range map[string]bool{"setter": true, "getter": true, "deleter": true} {
		t.property.def(name+"(self, function)", func(c *call) (Value, error) {
			p := *c.args[0].(*property)
			switch name {
			case "setter":
				p.set = c.args[1]
			case "getter":
				p.get = c.args[1]
			default:
				p.del = c.args[1]
			}
			return &p, nil
		})
	}
	s.constructor(t.staticmethod, "(function)", func(_ *class, c *call) (Value, error) { return &staticMethod{fn: c.args[0]}, nil })
	s.constructor(t.classmethod, "(function)", func(_ *class, c *call) (Value, error) { return &classMethod{fn: c.args[0]}, nil })
	s.constructor(t.file, "(*args)", func(*class, *call) (Value, error) {
		return nil, s.raise(s.exc.IOError, "the shell opens no files; widerow load and dump do")
	})
}

func (s *Session) newClassNamed(name string) *class {
	c := s.newClass(name, "__builtin__")
	c.builtin = true
	return c
}

// toInt is int(x, base).
func (s *Session) toInt(x, base Value, name string) (Value, error) {
	switch v := x.(type) {
	case starlark.Float:
		if isInf(float64(v)) {
			if v != v {
				return nil, s.raise(s.exc.ValueError, "cannot convert float NaN to integer")
			}
			return nil, s.raise(s.exc.OverflowError, "cannot convert float infinity to integer")
		}
		n, _ := big.NewFloat(math.Trunc(float64(v))).Int(nil)
		return intFromBig(n), nil
	case str, unicodeStr:
		text, _ := textOf(v)
		radix := int64(10)
		if base != none {
			radix, _ = smallInt(base)
			if radix != 0 && (radix < 2 || radix > 36) {
				if _, uni := v.(unicodeStr); name == "int" && !uni {
					return nil, s.raise(s.exc.ValueError, "int() base must be >= 2 and <= 36, or 0")
				}
				return nil, s.raise(s.exc.ValueError, "%s() base must be >= 2 and <= 36", name)
			}
		}
		clean := strings.TrimSpace(text)
		if name == "long" {
			clean = strings.TrimRight(clean, "lL")
		}
		if p := strings.ToLower(clean); radix == 16 && strings.HasPrefix(p, "0x") || radix == 8 && strings.HasPrefix(p, "0o") || radix == 2 && strings.HasPrefix(p, "0b") {
			clean = clean[2:]
		}
		n, ok := new(big.Int).SetString(clean, int(radix))
		if !ok || strings.Contains(clean, "_") || len(clean) > 100000 {
			quoted, _ := s.repr(v)
			if radix == 10 || base == none {
				return nil, s.raise(s.exc.ValueError, "invalid literal for %s() with base 10: %s", name, quoted)
			}
			return nil, s.raise(s.exc.ValueError, "invalid literal for %s() with base %d: %s", name, radix, quoted)
		}
		return intFromBig(n), nil
	case *object:
		if r, ok, err := s.special(v, "__int__"); ok || err != nil {
			return r, err
		}
		if d, ok := v.data.(interface{ toInt() *big.Int }); ok {
			return intFromBig(d.toInt()), nil
		}
	}
	if n, ok := bigOf(x); ok {
		return intFromBig(n), nil
	}
	return nil, s.raise(s.exc.TypeError, "%s() argument must be a string or a number, not '%s'", name, s.typeName(x))
}

// float is float(x).
func (s *Session) float(x Value) (float64, error) {
	if isNumber(x) {
		f, _ := floatOf(x)
		if isInf(f) {
			if _, isFloat := x.(starlark.Float); !isFloat {
				return 0, s.raise(s.exc.OverflowError, "long int too large to convert to float")
			}
		}
		return f, nil
	}
	if text, ok := textOf(x); ok {
		f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil && !isInf(f) || strings.ContainsAny(text, "_xX") {
			if strings.TrimSpace(text) == "" {
				return 0, s.raise(s.exc.ValueError, "could not convert string to float: %s", text)
			}
			return 0, s.raise(s.exc.ValueError, "could not convert string to float: %s", strings.TrimSpace(text))
		}
		return f, nil
	}
	if o, ok := x.(*object); ok {
		if r, ok, err := s.special(o, "__float__"); ok || err != nil {
			f, _ := floatOf(r)
			return f, err
		}
		if d, ok := o.data.(interface{ toFloat() float64 }); ok {
			return d.toFloat(), nil
		}
	}
	return 0, s.raise(s.exc.TypeError, "float() argument must be a string or a number")
}

func (s *Session) initObjectFunctions() {
	s.builtin("callable(object)", "Whether it can be called.", func(c *call) (Value, error) { return boolean(s.callable(c.args[0])), nil })
	s.builtin("repr(object)", "The text that the prompt shows.", func(c *call) (Value, error) {
		text, err := s.repr(c.args[0])
		return str(text), err
	})
	s.builtin("isinstance(object, class_)", "Whether the object is of the class, or one of the classes.", func(c *call) (Value, error) {
		ok, err := s.isInstanceOf(s.classOf(c.args[0]), c.args[1], "isinstance() arg 2 must be a class, type, or tuple of classes and types")
		return boolean(ok), err
	})
	s.builtin("issubclass(class_, base)", "Whether the class derives from the base, or one of the bases.", func(c *call) (Value, error) {
		k, ok := c.args[0].(*class)
		if !ok {
			return nil, s.raise(s.exc.TypeError, "issubclass() arg 1 must be a class")
		}
		ok, err := s.isInstanceOf(k, c.args[1], "issubclass() arg 2 must be a class or tuple of classes")
		return boolean(ok), err
	})
	s.builtin("getattr(object, name, *default)", "The attribute of that name, or the default.", func(c *call) (Value, error) {
		name, ok := textOf(c.args[1])
		if !ok {
			return nil, s.raise(s.exc.TypeError, "getattr(): attribute name must be string")
		}
		v, err := s.getattr(c.args[0], name)
		if e := s.exceptionOf(err); e != nil && e.obj.class.derives(s.exc.AttributeError) && len(c.extra) > 0 {
			return c.extra[0], nil
		}
		return v, err
	})
	s.builtin("hasattr(object, name)", "Whether there is an attribute of that name.", func(c *call) (Value, error) {
		name, ok := textOf(c.args[1])
		if !ok {
			return nil, s.raise(s.exc.TypeError, "hasattr(): attribute name must be string")
		}
		_, err := s.getattr(c.args[0], name)
		if err != nil && s.exceptionOf(err) == nil {
			return nil, err
		}
		return boolean(err == nil), nil
	})
	s.builtin("setattr(object, name, value)", "Sets the attribute.", func(c *call) (Value, error) {
		name, ok := textOf(c.args[1])
		if !ok {
			return nil, s.raise(s.exc.TypeError, "attribute name must be string")
		}
		return none, s.setattr(c.args[0], name, c.args[2])
	})
	s.builtin("delattr(object, name)", "Removes the attribute.", func(c *call) (Value, error) {
		name, _ := textOf(c.args[1])
		return none, s.setattr(c.args[0], name, nil)
	})
	s.builtin("id(object)", "A number that no other object has.", func(c *call) (Value, error) { return intValue(pointerOf(c.args[0])), nil })
	quit := func(c *call) (Value, error) {
		code := 0
		if len(c.extra) > 0 && c.extra[0] != none {
			n, ok := smallInt(c.extra[0])
			if code = int(n); !ok {
				text, err := s.str(c.extra[0])
				if err != nil {
					return nil, err
				}
				if err := s.errs.write(text + "\n"); err != nil {
					return nil, err
				}
				code = 1
			}
		}
		return nil, &exitError{code}
	}
	for _, name := range []string{"exit", "quit"} {
		s.builtin(name+"(*code)", "Ends the shell.", quit)
		s.builtins[name].(*native).shown = "Use " + name + "() or Ctrl-D (i.e. EOF) to exit"
	}
	s.builtin("execfile(filename)", "Runs a script of the shell.", func(c *call) (Value, error) {
		name, _ := textOf(c.args[0])
		if s.opts.ReadFile == nil {
			return nil, s.raise(s.exc.IOError, "this shell reads no files")
		}
		text, err := s.opts.ReadFile(name)
		if err != nil {
			return nil, s.raiseValue(s.exc.IOError, intValue(2), str("No such file or directory: "+reprStr(name)))
		}
		return none, s.include(s.globals, name, string(text))
	})
	s.builtin("super(type_, *self)", "The methods of the classes above.", func(c *call) (Value, error) {
		k, ok := c.args[0].(*class)
		if !ok || len(c.extra) == 0 {
			return nil, s.raise(s.exc.TypeError, "super() wants a class and an instance: super(Class, self)")
		}
		return s.super(k, c.extra[0])
	})
	s.constructor(s.types.generator, "(*args)", func(*class, *call) (Value, error) {
		return nil, s.raise(s.exc.TypeError, "cannot create 'generator' instances")
	})
	next := func(c *call) (Value, error) {
		v, err := s.nextOf(c.args[0])
		if v == nil && err == nil {
			err = s.raiseValue(s.exc.StopIteration)
		}
		return v, err
	}
	s.types.generator.def("next(self)", next)
	s.types.iterator.def("next(self)", next)
	s.types.generator.def("close(self)", func(c *call) (Value, error) {
		c.args[0].(*generator).close()
		return none, nil
	})
	s.types.generator.def("throw(self, type_, value=None, traceback=None)", func(c *call) (Value, error) {
		g, err := c.args[0].(*generator), s.makeException(c.args[1], c.args[2])
		if g.done {
			return nil, err
		}
		g.thrown = err
		return next(c)
	})
	s.types.generator.def("send(self, value)", func(c *call) (Value, error) {
		c.args[0].(*generator).sent = c.args[1]
		return next(c)
	})
}

func (s *Session) callable(v Value) bool {
	switch v := v.(type) {
	case *native, *function, *method, *class:
		return true
	case *object:
		_, ok := v.class.lookup("__call__")
		return ok
	}
	return false
}

func (s *Session) isInstanceOf(c *class, of Value, wrong string) (bool, error) {
	switch of := of.(type) {
	case *class:
		return c.derives(of), nil
	case starlark.Tuple:
		for _, k := range of {
			if ok, err := s.isInstanceOf(c, k, wrong); ok || err != nil {
				return ok, err
			}
		}
		return false, nil
	}
	return false, s.raise(s.exc.TypeError, "%s", wrong)
}

// super is an object with the attributes of the classes after k.
func (s *Session) super(k *class, self Value) (Value, error) {
	c := s.classOf(self)
	if cc, ok := self.(*class); ok {
		c = cc
	}
	if !c.derives(k) {
		return nil, s.raise(s.exc.TypeError, "super(type, obj): obj must be an instance or subtype of type")
	}
	m := &module{name: "super"}
	past := false
	for _, b := range c.mro {
		if past {
			for _, n := range b.attrs.names {
				if _, ok := m.attrs.get(n); ok {
					continue
				}
				bound, err := s.bind(b.attrs.m[n], self, b)
				if err != nil {
					continue
				}
				m.attrs.set(n, bound)
			}
		}
		past = past || b == k
	}
	if _, ok := m.attrs.get("__init__"); !ok {
		m.attrs.set("__init__", s.native("__init__(*args, **kwargs)", func(*call) (Value, error) { return none, nil }))
	}
	return m, nil
}

// attrNames lists the names that dir(v) and completion show.
func (s *Session) attrNames(v Value) []string {
	seen := map[string]bool{}
	add := func(a attrs) {
		for _, n := range a.names {
			seen[n] = true
		}
	}
	switch v := v.(type) {
	case *object:
		add(v.attrs)
	case *module:
		add(v.attrs)
	case *function:
		add(v.attrs)
	case *class:
		for _, m := range v.mro {
			add(m.attrs)
		}
	}
	if _, isClass := v.(*class); !isClass {
		for _, m := range s.classOf(v).mro {
			add(m.attrs)
		}
	}
	names := make([]string, 0, len(seen))
	for n := range seen {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
