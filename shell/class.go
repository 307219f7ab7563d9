package shell

import (
	"fmt"

	"go.starlark.net/starlark"
)

// class is a class, defined by the session's user or written in Go.
type class struct {
	plain
	s      *Session
	name   string
	module string
	doc    string
	bases  []*class
	mro    []*class
	attrs  attrs
	// old reports that the class is one of Python 2's classic classes, which do not derive from object.
	old bool
	// user reports that a class statement made the class.
	user bool
	// builtin reports that the class prints as <type 'x'>.
	builtin bool
	// construct makes a value of the class, if its values are not of type object. An example is int.
	construct func(cls *class, c *call) (Value, error)
	// sig is construct's signature.
	sig *signature
}

// newClass makes a class written in Go.
func (s *Session) newClass(name, module string, bases ...*class) *class {
	if len(bases) == 0 && s.types.object != nil {
		bases = []*class{s.types.object}
	}
	c := &class{s: s, name: name, module: module, bases: bases}
	c.mro = linearize(c)
	return c
}

// linearize returns the order of classes in which attributes are looked up: depth first, from the left. Each
// class occurs once, after all classes that derive from it.
func linearize(c *class) []*class {
	var order []*class
	var walk func(*class)
	walk = func(c *class) {
		order = append(order, c)
		for _, b := range c.bases {
			walk(b)
		}
	}
	walk(c)
	last := map[*class]int{}
	for i, c := range order {
		last[c] = i
	}
	var mro []*class
	for i, c := range order {
		if last[c] == i {
			mro = append(mro, c)
		}
	}
	return mro
}

// derives reports whether c is base or derives from it.
func (c *class) derives(base *class) bool {
	for _, m := range c.mro {
		if m == base {
			return true
		}
	}
	return false
}

// lookup finds an attribute in the class or in the classes that it derives from.
func (c *class) lookup(name string) (Value, bool) {
	for _, m := range c.mro {
		if v, ok := m.attrs.get(name); ok {
			return v, true
		}
	}
	return nil, false
}

// def adds a method that is written in Go. The header is Python's, such as
// "get(self, key, columns=None)".
func (c *class) def(header string, fn func(*call) (Value, error)) *native {
	n := c.s.native(header, fn)
	n.builtin = c.builtin
	c.attrs.set(n.name, n)
	return n
}

// prop adds a computed attribute. If set is nil, the attribute is read-only.
func (c *class) prop(name string, get func(self Value) (Value, error), set func(self, v Value) error) {
	p := &property{get: c.s.native("get(self)", func(a *call) (Value, error) { return get(a.args[0]) })}
	if set != nil {
		p.set = c.s.native("set(self, value)", func(a *call) (Value, error) { return none, set(a.args[0], a.args[1]) })
	}
	c.attrs.set(name, p)
}

// classOf returns the class of a value.
func (s *Session) classOf(v Value) *class {
	switch v := v.(type) {
	case *object:
		return v.class
	case starlark.NoneType:
		return s.types.none
	case starlark.Bool:
		return s.types.bool
	case starlark.Int:
		return s.types.int
	case long:
		return s.types.long
	case starlark.Float:
		return s.types.float
	case str:
		return s.types.str
	case unicodeStr:
		return s.types.unicode
	case starlark.Tuple:
		return s.types.tuple
	case *list:
		return s.types.list
	case *dict:
		return v.class
	case *set:
		return v.class
	case *class:
		if v.old {
			return s.types.classobj
		}
		return s.types.typ
	case *function:
		return s.types.function
	case *native:
		return s.types.builtin
	case *method:
		return s.types.method
	case *generator:
		return s.types.generator
	case *iterObject:
		return s.types.iterator
	case *xrange:
		return s.types.xrange
	case *module:
		return s.types.module
	case *property:
		return s.types.property
	case *staticMethod:
		return s.types.staticmethod
	case *classMethod:
		return s.types.classmethod
	case *sliceValue:
		return s.types.slice
	case *fileValue:
		return s.types.file
	}
	return s.types.object
}

// typeName is the name of a value's class in error messages.
func (s *Session) typeName(v Value) string {
	c := s.classOf(v)
	switch {
	case c.old:
		return "instance"
	case c.builtin && c.module != "__builtin__":
		return c.module + "." + c.name
	}
	return c.name
}

// className is v.__class__.__name__, which pycassa's messages contain.
func (s *Session) className(v Value) string { return s.classOf(v).name }

func (s *Session) isInstance(v Value, c *class) bool { return s.classOf(v).derives(c) }

// noAttr is Python's AttributeError.
func (s *Session) noAttr(v Value, name string) error {
	switch v := v.(type) {
	case *class:
		if v.old {
			return s.raise(s.exc.AttributeError, "class %s has no attribute '%s'", v.name, name)
		}
		return s.raise(s.exc.AttributeError, "type object '%s' has no attribute '%s'", v.name, name)
	case *module:
		return s.raise(s.exc.AttributeError, "'module' object has no attribute '%s'", name)
	case *object:
		if v.class.old {
			return s.raise(s.exc.AttributeError, "%s instance has no attribute '%s'", v.class.name, name)
		}
	}
	return s.raise(s.exc.AttributeError, "'%s' object has no attribute '%s'", s.typeName(v), name)
}

// getattr is v.name.
func (s *Session) getattr(v Value, name string) (Value, error) {
	a, err := s.findattr(v, name)
	if a == nil && err == nil {
		if o, ok := v.(*object); ok {
			if hook, ok := o.class.lookup("__getattr__"); ok {
				return s.call(hook, o, str(name))
			}
		}
		return nil, s.noAttr(v, name)
	}
	return a, err
}

// findattr is getattr, but returns nil if the attribute is missing.
func (s *Session) findattr(v Value, name string) (Value, error) {
	switch v := v.(type) {
	case *object:
		a, ok := v.class.lookup(name)
		if p, isProp := a.(*property); ok && isProp {
			return s.bind(p, v, v.class)
		}
		if a, ok := v.attrs.get(name); ok {
			return a, nil
		}
		if ok {
			return s.bind(a, v, v.class)
		}
	case *dict:
		if a, ok := v.attrs.get(name); ok {
			return a, nil
		}
	case *class:
		if a, ok := v.lookup(name); ok {
			return s.bind(a, nil, v)
		}
	case *module:
		if a, ok := v.attrs.get(name); ok {
			return a, nil
		}
	case *function:
		if a, ok := v.attrs.get(name); ok {
			return a, nil
		}
	}
	if a, ok := s.specialAttr(v, name); ok {
		return a, nil
	}
	c := s.classOf(v)
	if _, isClass := v.(*class); !isClass {
		if a, ok := c.lookup(name); ok {
			return s.bind(a, v, c)
		}
	}
	return nil, nil
}

// specialAttr returns the attributes with underscores that all values of a kind share.
func (s *Session) specialAttr(v Value, name string) (Value, bool) {
	if name == "__class__" {
		return s.classOf(v), true
	}
	switch v := v.(type) {
	case *class:
		switch name {
		case "__name__":
			return str(v.name), true
		case "__module__":
			return str(v.module), true
		case "__doc__":
			return docValue(v.doc), true
		case "__bases__", "__mro__":
			list := v.bases
			if name == "__mro__" {
				list = v.mro
			}
			t := starlark.Tuple{}
			for _, b := range list {
				t = append(t, b)
			}
			return t, true
		case "__dict__":
			return s.attrsDict(v.attrs), true
		}
	case *object:
		if v.class.derives(s.exc.BaseException) {
			if a := exceptionAttr(v, s, name); a != nil {
				return a, true
			}
		}
		switch name {
		case "__dict__":
			return s.attrsDict(v.attrs), true
		case "__module__":
			return str(v.class.module), true
		case "__doc__":
			return docValue(v.class.doc), true
		}
	case *function:
		switch name {
		case "__name__", "func_name":
			return str(v.name), true
		case "__doc__", "func_doc":
			return v.doc, true
		case "__module__":
			return str("__main__"), true
		case "__dict__":
			return s.attrsDict(v.attrs), true
		}
	case *native:
		switch name {
		case "__name__":
			return str(v.name), true
		case "__doc__":
			return docValue(v.doc), true
		}
	case *method:
		switch name {
		case "im_self", "__self__":
			if v.self == nil {
				return none, true
			}
			return v.self, true
		case "im_func", "__func__":
			return v.fn, true
		}
		a, err := s.findattr(v.fn, name)
		return a, a != nil && err == nil
	case *module:
		switch name {
		case "__name__":
			return str(v.name), true
		case "__dict__":
			return s.attrsDict(v.attrs), true
		case "__doc__":
			return none, true
		}
	case *generator:
		if name == "__name__" {
			return str(v.name), true
		}
	default:
		if name == "__doc__" {
			return docValue(s.classOf(v).doc), true
		}
	}
	return nil, false
}

func docValue(doc string) Value {
	if doc == "" {
		return none
	}
	return str(doc)
}

func (s *Session) attrsDict(a attrs) Value {
	d := s.newDict()
	for _, n := range a.names {
		d.put(s, str(n), a.m[n])
	}
	return d
}

// bind turns the value a of a class's attribute into the value that reading the attribute of self returns. A nil
// self means that the attribute is read from the class itself.
func (s *Session) bind(a, self Value, c *class) (Value, error) {
	switch a := a.(type) {
	case *function:
		return &method{self: self, fn: a, class: c}, nil
	case *native:
		if a.free {
			return a, nil
		}
		return &method{self: self, fn: a, class: c}, nil
	case *staticMethod:
		return a.fn, nil
	case *classMethod:
		return &method{self: c, fn: a.fn, class: c}, nil
	case *property:
		if self == nil {
			return a, nil
		}
		if a.get == nil {
			return nil, s.raise(s.exc.AttributeError, "unreadable attribute")
		}
		return s.call(a.get, self)
	}
	return a, nil
}

// setattr is v.name = x. If x is nil, it is del v.name.
func (s *Session) setattr(v Value, name string, x Value) error {
	switch v := v.(type) {
	case *object:
		if a, ok := v.class.lookup(name); ok {
			if p, ok := a.(*property); ok {
				return s.setProperty(p, v, x)
			}
		}
		if x == nil {
			if !v.attrs.del(name) {
				return s.noAttr(v, name)
			}
			return nil
		}
		if hook, ok := v.class.lookup("__setattr__"); ok {
			_, err := s.call(hook, v, str(name), x)
			return err
		}
		if name == "__class__" {
			c, ok := x.(*class)
			if !ok {
				return s.raise(s.exc.TypeError, "__class__ must be set to new-style class, not '%s' object", s.typeName(x))
			}
			v.class = c
			return nil
		}
		if name == "__dict__" {
			d, ok := x.(*dict)
			if !ok {
				return s.raise(s.exc.TypeError, "__dict__ must be set to a dictionary, not a '%s'", s.typeName(x))
			}
			v.attrs = attrs{}
			for _, e := range d.items() {
				if k, ok := textOf(e.key); ok {
					v.attrs.set(k, e.value)
				}
			}
			return nil
		}
		if v.class == s.types.object || v.data != nil && v.class.builtin {
			return s.noAttr(v, name)
		}
		v.attrs.set(name, x)
		return nil
	case *dict:
		if v.class.user {
			return s.setOrDelete(&v.attrs, v, name, x)
		}
	case *class:
		if v.builtin {
			return s.raise(s.exc.TypeError, "can't set attributes of built-in/extension type '%s'", v.name)
		}
		return s.setOrDelete(&v.attrs, v, name, x)
	case *module:
		return s.setOrDelete(&v.attrs, v, name, x)
	case *function:
		return s.setOrDelete(&v.attrs, v, name, x)
	}
	if a, err := s.findattr(v, name); a != nil && err == nil {
		return s.raise(s.exc.AttributeError, "'%s' object attribute '%s' is read-only", s.typeName(v), name)
	}
	return s.noAttr(v, name)
}

func (s *Session) setOrDelete(a *attrs, v Value, name string, x Value) error {
	if x != nil {
		a.set(name, x)
		return nil
	}
	if !a.del(name) {
		return s.noAttr(v, name)
	}
	return nil
}

func (s *Session) setProperty(p *property, self, x Value) error {
	switch {
	case x == nil && p.del != nil:
		_, err := s.call(p.del, self)
		return err
	case x == nil:
		return s.raise(s.exc.AttributeError, "can't delete attribute")
	case p.set == nil:
		return s.raise(s.exc.AttributeError, "can't set attribute")
	}
	_, err := s.call(p.set, self, x)
	return err
}

// ownInit returns the __init__ that a user's class defines. The class derives from a class whose values are not of type
// object.
func ownInit(classes []*class) Value {
	for _, c := range classes {
		if fn, ok := c.attrs.get("__init__"); ok && c.user {
			return fn
		}
	}
	return nil
}

// instantiate is cls(args).
func (s *Session) instantiate(cls *class, args []Value, kw []kwarg) (Value, error) {
	for i, m := range cls.mro {
		if m.construct == nil {
			continue
		}
		if init := ownInit(cls.mro[:i]); init != nil {
			c, err := s.bindCall(m.name, m.sig, nil, nil)
			if err != nil {
				return nil, err
			}
			v, err := m.construct(cls, c)
			if err != nil {
				return nil, err
			}
			_, err = s.callKw(init, append([]Value{v}, args...), kw)
			return v, err
		}
		c, err := s.bindCall(m.name, m.sig, args, kw)
		if err != nil {
			if m == cls || m.sig.star == "" {
				return nil, err
			}
			return nil, err
		}
		return m.construct(cls, c)
	}
	o := &object{class: cls}
	if maker, ok := cls.lookup("__new__"); ok && maker != s.newObject {
		if m, isStatic := maker.(*staticMethod); isStatic {
			maker = m.fn
		}
		made, err := s.callKw(maker, append([]Value{cls}, args...), kw)
		if err != nil {
			return nil, err
		}
		if o, ok = made.(*object); !ok || !o.class.derives(cls) {
			return made, nil
		}
		if _, ok := cls.lookup("__init__"); !ok {
			return o, nil
		}
	}
	init, ok := cls.lookup("__init__")
	if !ok {
		if len(args)+len(kw) > 0 {
			if cls.old {
				return nil, s.raise(s.exc.TypeError, "this constructor takes no arguments")
			}
			return nil, s.raise(s.exc.TypeError, "object() takes no parameters")
		}
		return o, nil
	}
	r, err := s.callKw(init, append([]Value{o}, args...), kw)
	if err == nil && r != none {
		err = s.raise(s.exc.TypeError, "__init__() should return None, not '%s'", s.typeName(r))
	}
	return o, err
}

// special calls a method with underscores, if the value's class defines it.
func (s *Session) special(v Value, name string, args ...Value) (result Value, found bool, err error) {
	if d, ok := v.(*dict); ok && d.class.user {
		return s.overridden(d, name, args...)
	}
	o, ok := v.(*object)
	if !ok {
		return nil, false, nil
	}
	fn, ok := o.class.lookup(name)
	if !ok {
		if o.class.old {
			if fn, ok = o.attrs.get(name); ok {
				result, err = s.call(fn, args...)
				return result, true, err
			}
		}
		return nil, false, nil
	}
	bound, err := s.bind(fn, o, o.class)
	if err != nil {
		return nil, true, err
	}
	result, err = s.call(bound, args...)
	return result, true, err
}

// overridden calls a method with underscores of a dictionary, if the dictionary's class is a user's and defines the method.
func (s *Session) overridden(d *dict, name string, args ...Value) (Value, bool, error) {
	for _, m := range d.class.mro {
		fn, ok := m.attrs.get(name)
		if !ok {
			continue
		}
		if !m.user {
			break
		}
		bound, err := s.bind(fn, d, d.class)
		if err != nil {
			return nil, true, err
		}
		result, err := s.call(bound, args...)
		return result, true, err
	}
	return nil, false, nil
}

// address is a number that stands for a value's address in memory.
func address(v any) string { return fmt.Sprintf("%p", v) }
