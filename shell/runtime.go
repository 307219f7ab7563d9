package shell

import (
	"errors"

	"go.starlark.net/starlark"
)

// This file has the functions that a lowered program calls. See lower.go.

// signal is the way in which a body of try or with was left.
type signal struct {
	plain
	word  string
	value Value
}

var (
	sigBreak    = &signal{word: "break"}
	sigContinue = &signal{word: "continue"}
)

func (s *Session) initRuntime() {
	s.runtime = starlark.StringDict{
		"True_": starlark.True, "False_": starlark.False, "sig_break": sigBreak, "sig_continue": sigContinue,
	}
	define := func(name string, fn func(a []Value) (Value, error)) {
		s.runtime[name] = starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (Value, error) {
			return fn(args)
		})
	}
	done := func(err error) (Value, error) { return none, err }

	define("call", func(a []Value) (Value, error) { return s.call(a[0], a[1:]...) })
	define("callwith", s.callWith)
	define("attr", func(a []Value) (Value, error) { return s.getattr(a[0], string(a[1].(str))) })
	define("setattr_", func(a []Value) (Value, error) { return done(s.setattr(a[0], string(a[1].(str)), a[2])) })
	define("delattr_", func(a []Value) (Value, error) { return done(s.setattr(a[0], string(a[1].(str)), nil)) })
	define("item", func(a []Value) (Value, error) { return s.getitem(a[0], a[1]) })
	define("setitem", func(a []Value) (Value, error) { return done(s.setitem(a[0], a[1], a[2])) })
	define("delitem", func(a []Value) (Value, error) { return done(s.delitem(a[0], a[1])) })
	define("delname", func(a []Value) (Value, error) { return done(a[0].(*frame).unset(string(a[1].(str)))) })
	define("slice_", func(a []Value) (Value, error) { return &sliceValue{lo: a[0], hi: a[1], step: a[2]}, nil })
	define("binary", func(a []Value) (Value, error) { return s.binary(string(a[0].(str)), a[1], a[2]) })
	define("inplace", func(a []Value) (Value, error) { return s.inplace(string(a[0].(str)), a[1], a[2]) })
	define("unary", func(a []Value) (Value, error) { return s.unary(string(a[0].(str)), a[1]) })
	define("truth", func(a []Value) (Value, error) {
		b, err := s.truth(a[0])
		return boolean(b), err
	})
	define("compare", func(a []Value) (Value, error) { return s.comparison(string(a[0].(str)), a[1], a[2]) })
	define("same", func(a []Value) (Value, error) { return boolean(same(a[0], a[1])), nil })
	define("repr_", func(a []Value) (Value, error) {
		text, err := s.repr(a[0])
		return str(text), err
	})
	define("list_", func(a []Value) (Value, error) { return &list{elems: append([]Value{}, a...)}, nil })
	define("set_", func(a []Value) (Value, error) { return s.newSet(a...) })
	define("dict_", func(a []Value) (Value, error) {
		d := s.newDict()
		d.presize(len(a) / 2)
		for i := 0; i < len(a); i += 2 {
			if err := d.put(s, a[i], a[i+1]); err != nil {
				return nil, err
			}
		}
		return d, nil
	})
	define("append_", func(a []Value) (Value, error) {
		l := a[0].(*list)
		if len(l.elems) > maxElements {
			return nil, s.raiseValue(s.exc.MemoryError)
		}
		l.elems = append(l.elems, a[1])
		return none, nil
	})
	define("add_", func(a []Value) (Value, error) { return done(a[0].(*set).insert(s, a[1], none)) })
	define("unpack", func(a []Value) (Value, error) {
		n, _ := smallInt(a[1])
		elems, err := s.unpackN(a[0], int(n))
		return starlark.Tuple(elems), err
	})
	define("part", func(a []Value) (Value, error) {
		n, _ := smallInt(a[1])
		return a[0].(starlark.Tuple)[n], nil
	})
	define("keep", func(a []Value) (Value, error) {
		a[0].(*frame).vars[string(a[1].(str))] = a[2]
		return a[2], nil
	})
	define("loop", func(a []Value) (Value, error) {
		if err := s.interrupted(); err != nil {
			return nil, err
		}
		it, err := s.iter(a[1])
		if err != nil {
			return nil, err
		}
		l := &loop{f: a[0].(*frame), it: it}
		l.shape, _ = a[2].(*shape)
		return l, nil
	})
	define("endloop", func(a []Value) (Value, error) {
		f := a[0].(*frame)
		err := f.iterErr
		f.iterErr = nil
		return done(err)
	})
	define("exhausted", func(a []Value) (Value, error) { return boolean(a[0].(*loop).done), nil })
	define("echo", func(a []Value) (Value, error) { return done(s.echo(a[0])) })
	define("print_", func(a []Value) (Value, error) { return done(s.print(a[1], a[2:], a[0] == vtrue)) })
	define("check_assert", func(a []Value) (Value, error) {
		ok, err := s.truth(a[0])
		if ok || err != nil {
			return none, err
		}
		if a[1] == none {
			return nil, s.raiseValue(s.exc.AssertionError)
		}
		return nil, s.raiseValue(s.exc.AssertionError, a[1])
	})
	define("throw", func(a []Value) (Value, error) {
		f := a[0].(*frame)
		if a[1] == none {
			if err := s.handled(f); err != nil {
				return nil, err
			}
			return nil, s.raise(s.exc.TypeError, "exceptions must be old-style classes or derived from BaseException, not NoneType")
		}
		return nil, s.makeException(a[1], a[2])
	})
	define("try_", s.try)
	define("with_", s.with)
	define("returning", func(a []Value) (Value, error) { return &signal{word: "return", value: a[0]}, nil })
	define("is_return", func(a []Value) (Value, error) {
		sig, ok := a[0].(*signal)
		return boolean(ok && sig.word == "return"), nil
	})
	define("returned", func(a []Value) (Value, error) { return a[0].(*signal).value, nil })
	define("function", func(a []Value) (Value, error) {
		d := a[1].(*definition).fn
		return &function{
			name: d.name, def: d, body: a[2].(*starlark.Function), outer: a[0].(*frame).closure(), doc: d.doc,
			sig: &signature{params: d.params, defaults: append([]Value{}, a[3:]...), star: d.star, double: d.double},
		}, nil
	})
	define("class_", s.makeClass)
	define("listcomp", func(a []Value) (Value, error) {
		out := newList()
		_, err := s.runOn(a[1], a[0], out, a[2])
		return out, err
	})
	define("setcomp", func(a []Value) (Value, error) {
		out, _ := s.newSet()
		_, err := s.runOn(a[2], s.innerFrame(a), out)
		return out, err
	})
	define("dictcomp", func(a []Value) (Value, error) {
		out := s.newDict()
		_, err := s.runOn(a[2], s.innerFrame(a), out)
		return out, err
	})
	define("genexp", func(a []Value) (Value, error) {
		it, err := s.iter(a[3])
		if err != nil {
			return nil, err
		}
		a[3] = &iterObject{it: it}
		return s.newGenerator("<genexpr>", s.innerFrame(a), a[2].(*starlark.Function)), nil
	})
	define("exec_", s.exec)
	define("importing", func(a []Value) (Value, error) {
		return done(s.importModule(a[0].(*frame), string(a[1].(str)), string(a[2].(str))))
	})
	define("importfrom", func(a []Value) (Value, error) {
		return done(s.importFrom(a[0].(*frame), string(a[1].(str)), a[2].(starlark.Tuple), a[3].(starlark.Tuple)))
	})
}

// runOn calls a lowered body.
func (s *Session) runOn(body Value, args ...Value) (Value, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	return starlark.Call(s.thread, body, args, nil)
}

// innerFrame makes the frame of a comprehension that has names of its own.
func (s *Session) innerFrame(a []Value) *frame {
	return &frame{s: s, outer: a[0].(*frame).closure(), scope: a[1].(*definition).scope, vars: map[string]Value{".0": a[3]}}
}

func (s *Session) comparison(op string, x, y Value) (Value, error) {
	switch op {
	case "is":
		return boolean(same(x, y)), nil
	case "is not":
		return boolean(!same(x, y)), nil
	case "in":
		b, err := s.contains(y, x)
		return boolean(b), err
	case "not in":
		b, err := s.contains(y, x)
		return boolean(!b), err
	}
	return s.compare(op, x, y)
}

// callWith is a call with keywords, *args or **kwargs. Its arguments are star, double, the number of positional
// arguments, the names of the keywords, the function, the arguments, and the values of the keywords.
func (s *Session) callWith(a []Value) (Value, error) {
	n, _ := smallInt(a[2])
	names := a[3].(starlark.Tuple)
	fn := a[4]
	args := append([]Value{}, a[5:5+n]...)
	var kw []kwarg
	for i, name := range names {
		kw = append(kw, kwarg{string(name.(str)), a[5+int(n)+i]})
	}
	if a[0] != none {
		if _, err := s.iter(a[0]); err != nil {
			return nil, s.raise(s.exc.TypeError, "%s() argument after * must be an iterable, not %s", s.callableName(fn), s.typeName(a[0]))
		}
		more, err := s.collect(a[0])
		if err != nil {
			return nil, err
		}
		args = append(args, more...)
	}
	if a[1] != none {
		d, ok := a[1].(*dict)
		if !ok {
			return nil, s.raise(s.exc.TypeError, "%s() argument after ** must be a mapping, not %s", s.callableName(fn), s.typeName(a[1]))
		}
		for _, e := range d.items() {
			name, ok := textOf(e.key)
			if !ok {
				return nil, s.raise(s.exc.TypeError, "%s() keywords must be strings", s.callableName(fn))
			}
			for _, k := range kw {
				if k.name == name {
					return nil, s.raise(s.exc.TypeError, "%s() got multiple values for keyword argument '%s'", s.callableName(fn), name)
				}
			}
			kw = append(kw, kwarg{name, e.value})
		}
	}
	return s.callKw(fn, args, kw)
}

// handled returns the exception that the frame or an enclosing frame handles.
func (s *Session) handled(f *frame) error {
	for ; f != nil; f = f.outer {
		if n := len(f.handling); n > 0 {
			return f.handling[n-1]
		}
	}
	return nil
}

// try runs a try statement. Its arguments are frame, body, else, finally, and then a class and a handler for each except
// clause.
func (s *Session) try(a []Value) (result Value, err error) {
	f := a[0].(*frame)
	defer func() {
		if a[3] == none {
			return
		}
		if errors.Is(err, errInterrupted) {
			return
		}
		r, ferr := s.runOn(a[3])
		if ferr != nil {
			result, err = nil, ferr
		} else if r != none {
			result, err = r, nil
		}
	}()
	result, err = s.runOn(a[1])
	if err == nil {
		if result == none && a[2] != none {
			return s.runOn(a[2])
		}
		return result, nil
	}
	e := s.exceptionOf(err)
	if e == nil {
		return nil, err
	}
	for i := 4; i < len(a); i += 2 {
		if a[i] != none {
			classes, cerr := s.runOn(a[i])
			if cerr != nil {
				return nil, cerr
			}
			if !s.matches(e, classes) {
				continue
			}
		}
		f.handling = append(f.handling, err)
		s.lastError = e
		defer func() { f.handling = f.handling[:len(f.handling)-1] }()
		return s.runOn(a[i+1], e.obj)
	}
	return nil, err
}

// with runs a body between __enter__ and __exit__.
func (s *Session) with(a []Value) (Value, error) {
	enter, err := s.getattr(a[1], "__enter__")
	if err != nil {
		return nil, s.raise(s.exc.AttributeError, "__exit__")
	}
	exit, err := s.getattr(a[1], "__exit__")
	if err != nil {
		return nil, s.raise(s.exc.AttributeError, "__exit__")
	}
	v, err := s.call(enter)
	if err != nil {
		return nil, err
	}
	result, err := s.runOn(a[2], v)
	if err == nil {
		if _, err := s.call(exit, none, none, none); err != nil {
			return nil, err
		}
		return result, nil
	}
	e := s.exceptionOf(err)
	if e == nil {
		return nil, err
	}
	r, exitErr := s.call(exit, e.obj.class, e.obj, none)
	if exitErr != nil {
		return nil, exitErr
	}
	if swallow, terr := s.truth(r); swallow || terr != nil {
		return none, terr
	}
	return nil, err
}

// derive makes a class of bases.
func (s *Session) derive(f *frame, name string, bases []Value) (*class, error) {
	c := &class{s: s, name: name, module: "__main__", user: true}
	if module, ok := f.module().vars["__name__"].(str); ok {
		c.module = string(module)
	}
	for _, b := range bases {
		base, ok := b.(*class)
		if !ok {
			return nil, s.raise(s.exc.TypeError, "Error when calling the metaclass bases\n    a base must be a class, not %s", s.typeName(b))
		}
		if base.construct != nil && base != s.types.object && base != s.types.dict && base != s.types.ordered {
			return nil, s.raise(s.exc.TypeError, "type '%s' is not an acceptable base type", base.name)
		}
		c.bases = append(c.bases, base)
	}
	c.old = len(c.bases) == 0
	for _, b := range c.bases {
		c.old = c.old || b.old && len(c.bases) == 1
	}
	c.mro = linearize(c)
	return c, nil
}

// makeClass runs a class body. Its arguments are frame, name, doc, definition, body and bases.
func (s *Session) makeClass(a []Value) (Value, error) {
	outer := a[0].(*frame)
	c, err := s.derive(outer, string(a[1].(str)), a[5:])
	if err != nil {
		return nil, err
	}
	f := &frame{s: s, outer: outer, isClass: true, scope: a[3].(*definition).scope, vars: map[string]Value{}}
	if _, err := s.runOn(a[4], f); err != nil {
		return nil, err
	}
	for _, n := range f.order {
		if v, ok := f.vars[n]; ok {
			c.attrs.set(n, v)
		}
	}
	if doc, ok := a[2].(str); ok {
		c.doc = string(doc)
		c.attrs.set("__doc__", doc)
	}
	return c, nil
}

// echo prints the value of an expression at a prompt and assigns it to _.
func (s *Session) echo(v Value) error {
	if v == none {
		return nil
	}
	text, err := s.repr(v)
	if err != nil {
		return err
	}
	s.builtins["_"] = v
	return s.writeLine(text)
}

// print is the print statement.
func (s *Session) print(dest Value, values []Value, newline bool) error {
	out := s.out
	if dest != none {
		f, ok := dest.(*fileValue)
		if !ok {
			return s.printTo(dest, values, newline)
		}
		if f.out == nil || f.closed {
			return s.raise(s.exc.IOError, "File not open for writing")
		}
		out = f.out
	}
	for _, v := range values {
		text, err := s.printed(v)
		if err != nil {
			return err
		}
		if out.softspace {
			text = " " + text
		}
		if err := out.write(text); err != nil {
			return err
		}
		n := len(text)
		out.softspace = n == 0 || text[n-1] != '\n' && text[n-1] != '\t'
	}
	if newline {
		out.softspace = false
		return out.write("\n")
	}
	return nil
}

// printTo is print >>dest of an object with a method write.
func (s *Session) printTo(dest Value, values []Value, newline bool) error {
	write, err := s.findattr(dest, "write")
	if err == nil && write == nil {
		err = s.raise(s.exc.AttributeError, "'%s' object has no attribute 'write'", s.typeName(dest))
	}
	if err != nil {
		return err
	}
	for i, v := range values {
		text, err := s.printed(v)
		if err != nil {
			return err
		}
		if i > 0 {
			text = " " + text
		}
		if _, err := s.call(write, str(text)); err != nil {
			return err
		}
	}
	if newline {
		_, err = s.call(write, str("\n"))
	}
	return err
}

// printed is the text that print writes of a value.
func (s *Session) printed(v Value) (string, error) {
	if u, ok := v.(unicodeStr); ok {
		return string(u), nil
	}
	return s.str(v)
}

func (s *Session) newThread(name string) *starlark.Thread {
	t := &starlark.Thread{Name: name}
	s.mu.Lock()
	s.threads[t] = true
	if s.stopped {
		t.Cancel("interrupted")
	}
	s.mu.Unlock()
	return t
}

func (s *Session) dropThread(t *starlark.Thread) {
	s.mu.Lock()
	delete(s.threads, t)
	s.mu.Unlock()
}

// cancelThreads cancels all Starlark threads of the session. A loop of the text ends at its next step.
func (s *Session) cancelThreads() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	for t := range s.threads {
		t.Cancel("interrupted")
	}
}
