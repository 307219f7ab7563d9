package shell

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// kwarg is a named argument.
type kwarg struct {
	name  string
	value Value
}

// signature stores the parameters of a function.
type signature struct {
	params       []string
	defaults     []Value // the defaults of the last parameters
	star, double string
}

// call is a call of a function that is written in Go, with its arguments in the order of the parameters.
type call struct {
	s     *Session
	sig   *signature
	args  []Value
	extra []Value // the arguments of *args
	kw    []kwarg // the arguments of **kwargs
}

// arg returns the argument of the parameter of that name.
func (c *call) arg(name string) Value {
	for i, p := range c.sig.params {
		if p == name {
			return c.args[i]
		}
	}
	panic("no parameter " + name)
}

// native is a function that is written in Go.
type native struct {
	plain
	name string
	sig  *signature
	fn   func(*call) (Value, error)
	doc  string
	// shown is the function's repr. If it is empty, the function has the usual repr.
	shown string
	// free reports that an attribute of a class returns the function without binding it to an instance.
	free bool
	// builtin reports that CPython writes this function in C. Its messages do not count self as an argument.
	builtin bool
}

// function is a def or a lambda of the session's user.
type function struct {
	plain
	name  string
	def   *funcDef
	sig   *signature
	body  *starlark.Function
	outer *frame
	doc   Value
	attrs attrs
}

// native makes a function from a header in Python, such as "sorted(iterable, cmp=None, key=None)".
func (s *Session) native(header string, fn func(*call) (Value, error)) *native {
	name, sig := s.signature(header)
	return &native{name: name, sig: sig, fn: fn}
}

// signature parses a header. All headers are written in this package, so a malformed header panics.
func (s *Session) signature(header string) (string, *signature) {
	if known, ok := s.headers[header]; ok {
		name, _, _ := strings.Cut(header, "(")
		return name, known
	}
	list, err := parse("def " + header + ": pass\n")
	if err != nil {
		panic(fmt.Sprintf("header %q: %v", header, err))
	}
	f := list[0].(*defStmt).fn
	sig := &signature{params: f.params, star: f.star, double: f.double}
	for _, d := range f.defaults {
		switch d := d.(type) {
		case *constExpr:
			sig.defaults = append(sig.defaults, d.value)
		case *nameExpr:
			sig.defaults = append(sig.defaults, boolean(d.name == "True"))
		case *tupleExpr:
			t := starlark.Tuple{}
			for _, x := range d.list {
				t = append(t, x.(*constExpr).value)
			}
			sig.defaults = append(sig.defaults, t)
		default:
			panic(fmt.Sprintf("header %q: default", header))
		}
	}
	s.headers[header] = sig
	return f.name, sig
}

// bindCall arranges arguments in the order of a signature's parameters.
func (s *Session) bindCall(name string, sig *signature, args []Value, kw []kwarg) (*call, error) {
	c := &call{s: s, sig: sig}
	n := len(sig.params)
	if len(args) > n && sig.star == "" {
		if n == 0 {
			return nil, s.raise(s.exc.TypeError, "%s() takes no arguments (%d given)", name, len(args)+len(kw))
		}
		how := "exactly"
		if len(sig.defaults) > 0 {
			how = "at most"
		}
		return nil, s.raise(s.exc.TypeError, "%s() takes %s %d argument%s (%d given)", name, how, n, plural(n), len(args)+len(kw))
	}
	c.args = make([]Value, n)
	k := copy(c.args, args)
	if len(args) > n {
		c.extra = args[n:]
	}
next:
	for _, a := range kw {
		for i, p := range sig.params {
			if p == a.name {
				if c.args[i] != nil {
					return nil, s.raise(s.exc.TypeError, "%s() got multiple values for keyword argument '%s'", name, a.name)
				}
				c.args[i] = a.value
				continue next
			}
		}
		if sig.double == "" {
			return nil, s.raise(s.exc.TypeError, "%s() got an unexpected keyword argument '%s'", name, a.name)
		}
		c.kw = append(c.kw, a)
	}
	required := n - len(sig.defaults)
	for i := k; i < required; i++ {
		if c.args[i] != nil {
			continue
		}
		given := 0
		for _, v := range c.args {
			if v != nil {
				given++
			}
		}
		how := "exactly"
		if len(sig.defaults) > 0 || sig.star != "" {
			how = "at least"
		}
		return nil, s.raise(s.exc.TypeError, "%s() takes %s %d argument%s (%d given)", name, how, required, plural(required), given)
	}
	for i := required; i < n; i++ {
		if c.args[i] == nil {
			c.args[i] = sig.defaults[i-required]
		}
	}
	return c, nil
}

// checkArity checks the number of arguments. Its error has the words of CPython's C functions.
func (s *Session) checkArity(fn *native, given int) error {
	n, required := len(fn.sig.params), len(fn.sig.params)-len(fn.sig.defaults)
	if n > 0 && fn.sig.params[0] == "self" {
		n, required, given = n-1, required-1, given-1
	}
	if given >= required && (given <= n || fn.sig.star != "" || fn.sig.double != "") {
		return nil
	}
	many := func(how string, n int) error {
		return s.raise(s.exc.TypeError, "%s() takes %s %d argument%s (%d given)", fn.name, how, n, plural(n), given)
	}
	switch {
	case n == 0:
		return s.raise(s.exc.TypeError, "%s() takes no arguments (%d given)", fn.name, given)
	case required == n && n == 1:
		return s.raise(s.exc.TypeError, "%s() takes exactly one argument (%d given)", fn.name, given)
	case required == n && fn.sig.star == "":
		return many("exactly", n)
	case given < required:
		return many("at least", required)
	}
	return many("at most", n)
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// call calls a value with positional arguments.
func (s *Session) call(fn Value, args ...Value) (Value, error) { return s.callKw(fn, args, nil) }

// maxDepth bounds the depth of nested calls, as Python does.
const maxDepth = 900

func (s *Session) enter() error {
	if s.depth++; s.depth > maxDepth {
		s.depth--
		return s.raise(s.exc.RuntimeError, "maximum recursion depth exceeded")
	}
	return nil
}

func (s *Session) leave() { s.depth-- }

// callKw calls a value.
func (s *Session) callKw(fn Value, args []Value, kw []kwarg) (Value, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	switch fn := fn.(type) {
	case *native:
		if fn.builtin {
			if err := s.checkArity(fn, len(args)+len(kw)); err != nil {
				return nil, err
			}
		}
		c, err := s.bindCall(fn.name, fn.sig, args, kw)
		if err != nil {
			return nil, err
		}
		if err := s.interrupted(); err != nil {
			return nil, err
		}
		return fn.fn(c)
	case *function:
		return s.callFunction(fn, args, kw)
	case *method:
		if fn.self == nil {
			if len(args) == 0 || !s.isInstance(args[0], fn.class) && !s.classOf(args[0]).derives(s.types.typ) {
				got := "nothing"
				if len(args) > 0 {
					got = s.typeName(args[0]) + " instance"
				}
				return nil, s.raise(s.exc.TypeError, "unbound method %s() must be called with %s instance as first argument (got %s instead)", s.callableName(fn.fn), fn.class.name, got)
			}
			return s.callKw(fn.fn, args, kw)
		}
		return s.callKw(fn.fn, append([]Value{fn.self}, args...), kw)
	case *class:
		return s.instantiate(fn, args, kw)
	case *object:
		if hook, ok := fn.class.lookup("__call__"); ok {
			return s.callKw(hook, append([]Value{fn}, args...), kw)
		}
		if fn.class.old {
			return nil, s.raise(s.exc.AttributeError, "%s instance has no __call__ method", fn.class.name)
		}
	}
	return nil, s.raise(s.exc.TypeError, "'%s' object is not callable", s.typeName(fn))
}

func (s *Session) callableName(v Value) string {
	switch v := v.(type) {
	case *function:
		return v.name
	case *native:
		return v.name
	}
	return "?"
}

func (s *Session) callFunction(fn *function, args []Value, kw []kwarg) (Value, error) {
	c, err := s.bindCall(fn.name, fn.sig, args, kw)
	if err != nil {
		return nil, err
	}
	f := &frame{s: s, outer: fn.outer, scope: fn.def.scope, vars: make(map[string]Value, len(c.args)+4)}
	for i, p := range fn.sig.params {
		f.vars[p] = c.args[i]
	}
	if fn.sig.star != "" {
		f.vars[fn.sig.star] = starlark.Tuple(c.extra)
	}
	if fn.sig.double != "" {
		d := s.newDict()
		for _, a := range c.kw {
			if err := d.put(s, str(a.name), a.value); err != nil {
				return nil, err
			}
		}
		f.vars[fn.sig.double] = d
	}
	if fn.def.scope.yields {
		return s.newGenerator(fn.name, f, fn.body), nil
	}
	return s.runBody(fn.body, f)
}

// runBody runs a lowered body on a frame.
func (s *Session) runBody(body *starlark.Function, f *frame) (Value, error) {
	outer := s.frame
	s.frame = f
	v, err := starlark.Call(s.thread, body, starlark.Tuple{f}, nil)
	s.frame = outer
	return v, err
}
