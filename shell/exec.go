package shell

import (
	"strings"

	"go.starlark.net/starlark"
)

// initExec defines the functions that run a text inside of the running text, and the functions that show the names around
// it.
func (s *Session) initExec() {
	s.builtin("eval(source, globals=None, locals=None)", "The value of an expression given as text.", func(c *call) (Value, error) {
		src, err := s.source(c.args[0], "eval() arg 1 must be a string or code object")
		if err != nil {
			return nil, err
		}
		var v Value = none
		err = s.inNames(s.frame, c.args[1], c.args[2], func(f *frame) error {
			var err error
			v, err = s.eval(f, src)
			return err
		})
		return v, err
	})
	s.builtin("globals()", "The names of the session as a dictionary.", func(*call) (Value, error) { return s.namespace(s.frame.module()), nil })
	s.builtin("locals()", "The names of the function as a dictionary.", func(*call) (Value, error) { return s.namespace(s.frame), nil })
	s.builtin("dir(*object)", "The names of the attributes.", func(c *call) (Value, error) {
		var names []string
		if len(c.extra) > 0 {
			names = s.attrNames(c.extra[0])
		} else {
			names = visible(s.frame)
		}
		out := newList()
		for _, n := range names {
			out.elems = append(out.elems, str(n))
		}
		return out, nil
	})
	s.builtin("vars(*object)", "The attributes as a dictionary.", func(c *call) (Value, error) {
		if len(c.extra) == 0 {
			return s.namespace(s.frame), nil
		}
		v, err := s.findattr(c.extra[0], "__dict__")
		if v == nil && err == nil {
			err = s.raise(s.exc.TypeError, "vars() argument must have __dict__ attribute")
		}
		return v, err
	})
	s.builtin("compile(source, filename, mode)", "Not supported.", func(*call) (Value, error) {
		return nil, s.raise(s.exc.NotImplementedError, "compile is not supported by the shell; exec and eval take the text itself")
	})
}

func (s *Session) source(v Value, refusal string) (string, error) {
	text, ok := textOf(v)
	if !ok {
		return "", s.raise(s.exc.TypeError, "%s", refusal)
	}
	return text, nil
}

// exec is the exec statement. Its arguments are frame, source, globals and locals.
func (s *Session) exec(a []Value) (Value, error) {
	code, globals, locals := a[1], a[2], a[3]
	if t, ok := code.(starlark.Tuple); ok && globals == none && (len(t) == 2 || len(t) == 3) {
		code, globals = t[0], t[1]
		if len(t) == 3 {
			locals = t[2]
		}
	}
	src, err := s.source(code, "exec: arg 1 must be a string, file, or code object")
	if err != nil {
		return nil, err
	}
	return none, s.inNames(a[0].(*frame), globals, locals, func(f *frame) error { return s.include(f, "<string>", src+"\n") })
}

// inNames calls run with a frame. If globals is not None, run gets a new frame with the names of the dictionaries, and
// inNames writes changed names back to locals, or to globals if locals is None.
func (s *Session) inNames(f *frame, globals, locals Value, run func(*frame) error) error {
	if globals == none {
		return run(f)
	}
	outer, ok := globals.(*dict)
	if !ok {
		return s.raise(s.exc.TypeError, "globals must be a dict")
	}
	inner := outer
	if locals != none {
		if inner, ok = locals.(*dict); !ok {
			return s.raise(s.exc.TypeError, "locals must be a mapping")
		}
	}
	names := &frame{s: s, vars: map[string]Value{}}
	for _, d := range []*dict{outer, inner} {
		for _, e := range d.items() {
			if k, ok := textOf(e.key); ok {
				names.vars[k] = e.value
			}
		}
	}
	before := map[string]Value{}
	for k, v := range names.vars {
		before[k] = v
	}
	err := run(names)
	for k := range before {
		if _, still := names.vars[k]; !still {
			if _, rerr := inner.remove(s, str(k)); rerr != nil {
				return rerr
			}
		}
	}
	for _, k := range names.AttrNames() {
		if was, known := before[k]; known && same(was, names.vars[k]) {
			continue
		}
		if perr := inner.put(s, str(k), names.vars[k]); perr != nil {
			return perr
		}
	}
	return err
}

// evaluated is the name to which eval assigns its value.
const evaluated = ".eval"

// eval evaluates an expression with the names of a frame.
func (s *Session) eval(f *frame, src string) (Value, error) {
	const file = "<string>"
	list, serr := parse(strings.TrimLeft(src, " \t") + "\n")
	if serr != nil {
		if text := strings.TrimSpace(src); !strings.Contains(text, "\n") && int(serr.pos.col) > len(text) {
			serr.incomplete = true
		}
		return nil, s.syntaxError(serr, file)
	}
	x, ok := (*exprStmt)(nil), false
	if len(list) == 1 {
		x, ok = list[0].(*exprStmt)
	}
	if !ok {
		e := &syntaxError{class: "SyntaxError", msg: "invalid syntax", pos: position{line: 1, col: 1}}
		if len(list) == 0 {
			e.msg = "unexpected EOF while parsing"
		}
		return nil, s.syntaxError(e, file)
	}
	err := s.runList(f, file, []stmt{&assignStmt{x.node, []expr{&nameExpr{x.node, evaluated}}, x.x}})
	v := f.vars[evaluated]
	delete(f.vars, evaluated)
	return v, err
}

// syntaxError is the exception of a text that cannot be parsed.
func (s *Session) syntaxError(e *syntaxError, file string) error {
	class := s.exc.SyntaxError
	if e.class == "IndentationError" {
		class = s.exc.IndentationError
	}
	msg := e.msg
	if e.incomplete {
		msg = "unexpected EOF while parsing"
	}
	o := &object{class: class}
	line, col := intValue(int(e.pos.line)), intValue(int(e.pos.col))
	o.attrs.set("args", starlark.Tuple{str(msg), starlark.Tuple{str(file), line, col, none}})
	for name, v := range map[string]Value{"msg": str(msg), "filename": str(file), "lineno": line, "offset": col, "text": none} {
		o.attrs.set(name, v)
	}
	return &exception{o}
}

// include runs another text inside of the running text, with the names of a frame.
func (s *Session) include(f *frame, name, src string) error {
	list, serr := parse(src)
	if serr != nil {
		return s.syntaxError(serr, name)
	}
	return s.runList(f, name, list)
}

// visible returns the names of a frame that the user's text assigned.
func visible(f *frame) []string {
	var names []string
	for _, n := range f.AttrNames() {
		if n[0] != '.' {
			names = append(names, n)
		}
	}
	return names
}

// namespace returns the names of a frame in a new dictionary.
func (s *Session) namespace(f *frame) Value {
	d := s.newDict()
	for _, n := range visible(f) {
		if d.put(s, str(n), f.vars[n]) != nil {
			break // a str is hashable
		}
	}
	return d
}
