package shell

import (
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// lowerer turns the syntax tree of a Python text into a Starlark program. Control flow, calls and conditions are
// common to both languages and become Starlark's own. Everything else becomes calls of the functions in runtime.go.
// The frame of the code is always called f, and the names of the text are its attributes. The body of a try,
// a with or a comprehension becomes a Starlark function of its own. Through f it reads and assigns the names of the
// code around it.
type lowerer struct {
	file   *string
	consts starlark.StringDict
	temps  int
	// echo reports that the values of expression statements are printed, as at a prompt.
	echo bool
	// inBody is the number of enclosing bodies of try and with. return, break and continue leave a body by a signal.
	inBody int
	// loops is the number of enclosing loops inside of the innermost body.
	loops  int
	inFunc bool
}

var fileOptions = &syntax.FileOptions{Set: true, While: true, TopLevelControl: true, GlobalReassign: true, Recursion: true}

// lower turns statements into a Starlark file. It also returns the constants that the file refers to.
func lower(name string, list []stmt, echo bool) (*syntax.File, starlark.StringDict) {
	l := &lowerer{file: &name, consts: starlark.StringDict{}, echo: echo}
	return &syntax.File{Path: name, Stmts: l.stmts(list), Options: fileOptions}, l.consts
}

func (l *lowerer) pos(p position) syntax.Position {
	return syntax.MakePosition(l.file, p.line, p.col)
}

func (l *lowerer) ident(p position, name string) *syntax.Ident {
	return &syntax.Ident{NamePos: l.pos(p), Name: name}
}

// op is a call of a function of the runtime.
func (l *lowerer) op(p position, name string, args ...syntax.Expr) *syntax.CallExpr {
	return &syntax.CallExpr{Fn: l.ident(p, name), Lparen: l.pos(p), Args: args, Rparen: l.pos(p)}
}

// frameOp is an op whose first argument is the frame.
func (l *lowerer) frameOp(p position, name string, args ...syntax.Expr) *syntax.CallExpr {
	return l.op(p, name, append([]syntax.Expr{l.ident(p, "f")}, args...)...)
}

func (l *lowerer) constant(p position, v Value) syntax.Expr {
	name := fmt.Sprintf("k%d", len(l.consts))
	l.consts[name] = v
	return l.ident(p, name)
}

func (l *lowerer) text(p position, s string) syntax.Expr { return l.constant(p, str(s)) }

func (l *lowerer) temp(p position) *syntax.Ident {
	l.temps++
	return l.ident(p, fmt.Sprintf("t%d", l.temps))
}

// name is a name of the frame, to read or to assign.
func (l *lowerer) name(p position, name string) *syntax.DotExpr {
	return &syntax.DotExpr{X: l.ident(p, "f"), Dot: l.pos(p), NamePos: l.pos(p), Name: l.ident(p, name)}
}

func (l *lowerer) tuple(p position, list ...syntax.Expr) syntax.Expr {
	return &syntax.TupleExpr{Lparen: l.pos(p), List: list, Rparen: l.pos(p)}
}

func (l *lowerer) do(x syntax.Expr) syntax.Stmt { return &syntax.ExprStmt{X: x} }

func (l *lowerer) set(p position, target, value syntax.Expr) syntax.Stmt {
	return &syntax.AssignStmt{OpPos: l.pos(p), Op: syntax.EQ, LHS: target, RHS: value}
}

func (l *lowerer) branch(p position, tok syntax.Token) syntax.Stmt {
	return &syntax.BranchStmt{Token: tok, TokenPos: l.pos(p)}
}

func (l *lowerer) give(p position, x syntax.Expr) syntax.Stmt {
	return &syntax.ReturnStmt{Return: l.pos(p), Result: x}
}

// def defines a Starlark function for a body and returns its name.
func (l *lowerer) def(p position, params []string, body []syntax.Stmt) (syntax.Stmt, *syntax.Ident) {
	name := l.temp(p)
	if len(body) == 0 {
		body = []syntax.Stmt{l.branch(p, syntax.PASS)}
	}
	d := &syntax.DefStmt{Def: l.pos(p), Name: name, Lparen: l.pos(p), Body: body, Rparen: l.pos(p)}
	for _, n := range params {
		d.Params = append(d.Params, l.ident(p, n))
	}
	return d, l.ident(p, name.Name)
}

func (l *lowerer) stmts(list []stmt) []syntax.Stmt {
	var out []syntax.Stmt
	for _, s := range list {
		out = append(out, l.stmt(s)...)
	}
	return out
}

// block returns the statements, or a pass statement if the block is empty.
func (l *lowerer) block(p position, list []stmt) []syntax.Stmt {
	out := l.stmts(list)
	if len(out) == 0 {
		out = []syntax.Stmt{l.branch(p, syntax.PASS)}
	}
	return out
}

func (l *lowerer) stmt(s stmt) []syntax.Stmt {
	p := s.at()
	switch s := s.(type) {
	case *exprStmt:
		pre, x := l.hoist(s.x)
		if l.echo && !l.inFunc {
			x = l.op(p, "echo", x)
		}
		return append(pre, l.do(x))
	case *assignStmt:
		return l.assignment(s)
	case *augStmt:
		return l.augmented(s)
	case *delStmt:
		var out []syntax.Stmt
		for _, t := range s.targets {
			out = append(out, l.delete(t)...)
		}
		return out
	case *wordStmt:
		return []syntax.Stmt{l.word(s)}
	case *returnStmt:
		x := expr(&constExpr{s.node, starlark.None})
		if s.x != nil {
			x = s.x
		}
		pre, v := l.hoist(x)
		if l.inBody > 0 {
			v = l.op(p, "returning", v)
		}
		return append(pre, l.give(p, v))
	case *raiseStmt:
		pre, x, v := l.hoist2(s.x, s.value)
		return append(pre, l.do(l.frameOp(p, "throw", x, v)))
	case *printStmt:
		return l.print(s)
	case *importStmt:
		return []syntax.Stmt{l.do(l.frameOp(p, "importing", l.text(p, s.module), l.text(p, s.as)))}
	case *fromStmt:
		names, as := starlark.Tuple{}, starlark.Tuple{}
		for i, n := range s.names {
			names = append(names, str(n))
			if n != "*" {
				as = append(as, str(s.as[i]))
			}
		}
		return []syntax.Stmt{l.do(l.frameOp(p, "importfrom", l.text(p, s.module), l.constant(p, names), l.constant(p, as)))}
	case *execStmt:
		args := []expr{s.code, s.globals, s.locals}
		for i, x := range args {
			if x == nil {
				args[i] = &constExpr{s.node, starlark.None}
			}
		}
		pre, list := l.hoistAll(args)
		return append(pre, l.do(l.frameOp(p, "exec_", list...)))
	case *assertStmt:
		pre, c, m := l.hoist2(s.cond, s.msg)
		return append(pre, l.do(l.op(p, "check_assert", c, m)))
	case *ifStmt:
		pre, c := l.hoist(s.cond)
		out := &syntax.IfStmt{If: l.pos(p), Cond: l.op(p, "truth", c), True: l.block(p, s.yes), ElsePos: l.pos(p)}
		if len(s.no) > 0 {
			out.False = l.block(p, s.no)
		}
		return append(pre, out)
	case *whileStmt:
		return l.while(s)
	case *forStmt:
		return l.forLoop(s)
	case *tryStmt:
		return l.try(s)
	case *withStmt:
		return l.with(s)
	case *defStmt:
		return l.defStmt(s)
	case *classStmt:
		return l.class(s)
	}
	panic(fmt.Sprintf("statement %T", s))
}

func (l *lowerer) word(s *wordStmt) syntax.Stmt {
	if s.word == "pass" {
		return l.branch(s.pos, syntax.PASS)
	}
	tok := syntax.BREAK
	if s.word == "continue" {
		tok = syntax.CONTINUE
	}
	if l.loops == 0 && l.inBody > 0 {
		return l.give(s.pos, l.ident(s.pos, "sig_"+s.word))
	}
	return l.branch(s.pos, tok)
}

func (l *lowerer) print(s *printStmt) []syntax.Stmt {
	p := s.pos
	list := append([]expr{}, s.values...)
	dest := expr(&constExpr{s.node, starlark.None})
	if s.dest != nil {
		dest = s.dest
	}
	if s.dest == nil && len(list) > 1 {
		// Each value is printed before the next one is evaluated.
		var out []syntax.Stmt
		for i, v := range list {
			out = append(out, l.print(&printStmt{node: s.node, values: []expr{v}, newline: s.newline && i == len(list)-1})...)
		}
		return out
	}
	pre, args := l.hoistAll(append([]expr{dest}, list...))
	return append(pre, l.do(l.op(p, "print_", append([]syntax.Expr{l.constant(p, boolean(s.newline))}, args...)...)))
}

// assignment evaluates the value once and assigns the targets from left to right.
func (l *lowerer) assignment(s *assignStmt) []syntax.Stmt {
	pre, v := l.hoist(s.value)
	if len(s.targets) == 1 {
		return append(pre, l.assign(s.targets[0], v)...)
	}
	t := l.temp(s.pos)
	out := append(pre, l.set(s.pos, t, v))
	for _, target := range s.targets {
		out = append(out, l.assign(target, l.ident(s.pos, t.Name))...)
	}
	return out
}

// assign assigns a value to a target.
func (l *lowerer) assign(target expr, v syntax.Expr) []syntax.Stmt {
	p := target.at()
	switch t := target.(type) {
	case *nameExpr:
		return []syntax.Stmt{l.set(p, l.name(p, t.name), v)}
	case *attrExpr:
		pre, x := l.hoist(t.x)
		return append(pre, l.do(l.op(p, "setattr_", x, l.text(p, t.name), v)))
	case *indexExpr:
		pre, x, k := l.hoist2(t.x, t.index)
		return append(pre, l.do(l.op(p, "setitem", x, k, v)))
	case *sliceExpr:
		pre, args := l.hoistAll([]expr{t.x, t.lo, t.hi, t.step})
		return append(pre, l.do(l.op(p, "setitem", args[0], l.op(p, "slice_", args[1:]...), v)))
	case *tupleExpr:
		return l.unpack(p, t.list, v)
	case *listExpr:
		return l.unpack(p, t.list, v)
	}
	panic(fmt.Sprintf("target %T", target))
}

func (l *lowerer) unpack(p position, list []expr, v syntax.Expr) []syntax.Stmt {
	t := l.temp(p)
	out := []syntax.Stmt{l.set(p, t, l.op(p, "unpack", v, l.constant(p, intValue(len(list)))))}
	for i, target := range list {
		part := l.op(p, "part", l.ident(p, t.Name), l.constant(p, intValue(i)))
		out = append(out, l.assign(target, part)...)
	}
	return out
}

func (l *lowerer) augmented(s *augStmt) []syntax.Stmt {
	p := s.pos
	op := func(x, y syntax.Expr) syntax.Expr { return l.op(p, "inplace", l.text(p, s.op), x, y) }
	pre, v := l.hoist(s.value)
	switch t := s.target.(type) {
	case *nameExpr:
		return append(pre, l.set(p, l.name(p, t.name), op(l.name(p, t.name), v)))
	case *attrExpr:
		o := l.temp(p)
		more, x := l.hoist(t.x)
		out := append(append(more, l.set(p, o, x)), pre...)
		return append(out, l.do(l.op(p, "setattr_", l.ident(p, o.Name), l.text(p, t.name),
			op(l.op(p, "attr", l.ident(p, o.Name), l.text(p, t.name)), v))))
	case *indexExpr, *sliceExpr:
		o, k := l.temp(p), l.temp(p)
		var more []syntax.Stmt
		var x, key syntax.Expr
		if i, ok := t.(*indexExpr); ok {
			more, x, key = l.hoist2(i.x, i.index)
		} else {
			sl := t.(*sliceExpr)
			var args []syntax.Expr
			more, args = l.hoistAll([]expr{sl.x, sl.lo, sl.hi, sl.step})
			x, key = args[0], l.op(p, "slice_", args[1:]...)
		}
		out := append(append(more, l.set(p, o, x), l.set(p, k, key)), pre...)
		return append(out, l.do(l.op(p, "setitem", l.ident(p, o.Name), l.ident(p, k.Name),
			op(l.op(p, "item", l.ident(p, o.Name), l.ident(p, k.Name)), v))))
	}
	panic(fmt.Sprintf("target %T", s.target))
}

func (l *lowerer) delete(target expr) []syntax.Stmt {
	p := target.at()
	switch t := target.(type) {
	case *nameExpr:
		return []syntax.Stmt{l.do(l.frameOp(p, "delname", l.text(p, t.name)))}
	case *attrExpr:
		pre, x := l.hoist(t.x)
		return append(pre, l.do(l.op(p, "delattr_", x, l.text(p, t.name))))
	case *indexExpr:
		pre, x, k := l.hoist2(t.x, t.index)
		return append(pre, l.do(l.op(p, "delitem", x, k)))
	case *sliceExpr:
		pre, args := l.hoistAll([]expr{t.x, t.lo, t.hi, t.step})
		return append(pre, l.do(l.op(p, "delitem", args[0], l.op(p, "slice_", args[1:]...))))
	case *tupleExpr:
		var out []syntax.Stmt
		for _, x := range t.list {
			out = append(out, l.delete(x)...)
		}
		return out
	case *listExpr:
		return l.delete(&tupleExpr{t.node, t.list})
	}
	panic(fmt.Sprintf("target %T", target))
}

func (l *lowerer) while(s *whileStmt) []syntax.Stmt {
	p := s.pos
	pre, c := l.hoist(s.cond)
	cond := l.op(p, "truth", c)
	l.loops++
	body := l.block(p, s.body)
	l.loops--
	if len(s.els) > 0 {
		ended := l.temp(p)
		stop := []syntax.Stmt{l.set(p, ended, l.ident(p, "True_")), l.branch(p, syntax.BREAK)}
		test := &syntax.IfStmt{If: l.pos(p), Cond: &syntax.UnaryExpr{OpPos: l.pos(p), Op: syntax.NOT, X: cond}, True: stop}
		body = append([]syntax.Stmt{test}, body...)
		return append(
			pre,
			l.set(p, l.ident(p, ended.Name), l.ident(p, "False_")),
			&syntax.WhileStmt{While: l.pos(p), Cond: l.ident(p, "True_"), Body: body},
			&syntax.IfStmt{If: l.pos(p), Cond: l.ident(p, ended.Name), True: l.block(p, s.els)},
		)
	}
	return append(pre, &syntax.WhileStmt{While: l.pos(p), Cond: cond, Body: body})
}

// target turns the target of a for statement into variables that a Starlark loop may assign. If the target consists of
// names only, vars are the names and sh divides the values among them. Otherwise vars is a temporary, and the
// statements of rest assign its parts.
func (l *lowerer) target(t expr) (vars syntax.Expr, sh *shape, rest []syntax.Stmt) {
	if onlyNames(t) {
		vars, sh = l.names(t)
		return vars, sh, nil
	}
	tmp := l.temp(t.at())
	return tmp, nil, l.assign(t, l.ident(t.at(), tmp.Name))
}

func onlyNames(t expr) bool {
	var list []expr
	switch t := t.(type) {
	case *nameExpr:
		return true
	case *tupleExpr:
		list = t.list
	case *listExpr:
		list = t.list
	default:
		return false
	}
	for _, x := range list {
		if !onlyNames(x) {
			return false
		}
	}
	return len(list) > 0
}

func (l *lowerer) names(t expr) (syntax.Expr, *shape) {
	p := t.at()
	var list []expr
	switch t := t.(type) {
	case *nameExpr:
		return l.name(p, t.name), nil
	case *tupleExpr:
		list = t.list
	case *listExpr:
		list = t.list
	}
	sh := &shape{}
	var vars []syntax.Expr
	for _, x := range list {
		v, part := l.names(x)
		vars, sh.parts = append(vars, v), append(sh.parts, part)
	}
	return l.tuple(p, vars...), sh
}

func (l *lowerer) shape(p position, sh *shape) syntax.Expr {
	if sh == nil {
		return l.constant(p, starlark.None)
	}
	return l.constant(p, sh)
}

func (l *lowerer) forLoop(s *forStmt) []syntax.Stmt {
	p := s.pos
	pre, x := l.hoist(s.x)
	vars, sh, rest := l.target(s.target)
	it := l.temp(p)
	l.loops++
	body := append(rest, l.block(p, s.body)...)
	l.loops--
	out := append(
		pre,
		l.set(p, it, l.frameOp(p, "loop", x, l.shape(p, sh))),
		&syntax.ForStmt{For: l.pos(p), Vars: vars, X: l.ident(p, it.Name), Body: body},
		l.do(l.frameOp(p, "endloop")),
	)
	if len(s.els) > 0 {
		out = append(out, &syntax.IfStmt{If: l.pos(p), Cond: l.op(p, "exhausted", l.ident(p, it.Name)), True: l.block(p, s.els)})
	}
	return out
}

// body lowers statements that run in a Starlark function of their own, but belong to the code around them.
func (l *lowerer) body(p position, params []string, before []syntax.Stmt, list []stmt) (syntax.Stmt, *syntax.Ident) {
	loops := l.loops
	l.inBody++
	l.loops = 0
	stmts := append(before, l.block(p, list)...)
	l.inBody--
	l.loops = loops
	return l.def(p, params, stmts)
}

// after runs a body and handles the signal that the body returns.
func (l *lowerer) after(p position, run syntax.Expr) []syntax.Stmt {
	t := l.temp(p)
	sig := func() syntax.Expr { return l.ident(p, t.Name) }
	cond := func(name string) syntax.Expr { return l.op(p, "same", sig(), l.ident(p, "sig_"+name)) }
	out := []syntax.Stmt{l.set(p, t, run)}
	if l.inFunc {
		var back syntax.Expr = l.op(p, "returned", sig())
		if l.inBody > 0 {
			back = sig()
		}
		out = append(out, &syntax.IfStmt{If: l.pos(p), Cond: l.op(p, "is_return", sig()), True: []syntax.Stmt{l.give(p, back)}})
	}
	for _, tok := range []syntax.Token{syntax.BREAK, syntax.CONTINUE} {
		word := tok.String()
		var leave syntax.Stmt
		switch {
		case l.loops > 0:
			leave = l.branch(p, tok)
		case l.inBody > 0:
			leave = l.give(p, sig())
		default:
			continue
		}
		out = append(out, &syntax.IfStmt{If: l.pos(p), Cond: cond(word), True: []syntax.Stmt{leave}})
	}
	return out
}

func (l *lowerer) try(s *tryStmt) []syntax.Stmt {
	p := s.pos
	def, body := l.body(p, nil, nil, s.body)
	out := []syntax.Stmt{def}
	none := func() syntax.Expr { return l.constant(p, starlark.None) }
	args := []syntax.Expr{body}
	optional := func(list []stmt) syntax.Expr {
		if len(list) == 0 {
			return none()
		}
		d, name := l.body(p, nil, nil, list)
		out = append(out, d)
		return name
	}
	args = append(args, optional(s.els), optional(s.finally))
	for _, h := range s.handlers {
		// The classes are looked up only if an exception is raised.
		class := none()
		if h.class != nil {
			pre, x := l.hoist(h.class)
			d, name := l.def(h.pos, nil, append(pre, l.give(h.pos, x)))
			out = append(out, d)
			class = name
		}
		var before []syntax.Stmt
		if h.target != nil {
			before = l.assign(h.target, l.ident(h.pos, "caught"))
		}
		d, name := l.body(h.pos, []string{"caught"}, before, h.body)
		out = append(out, d)
		args = append(args, class, name)
	}
	return append(out, l.after(p, l.frameOp(p, "try_", args...))...)
}

func (l *lowerer) with(s *withStmt) []syntax.Stmt {
	p := s.pos
	pre, x := l.hoist(s.x)
	var before []syntax.Stmt
	if s.target != nil {
		before = l.assign(s.target, l.ident(p, "entered"))
	}
	def, body := l.body(p, []string{"entered"}, before, s.body)
	return append(append(pre, def), l.after(p, l.frameOp(p, "with_", x, body))...)
}

// function lowers a def or a lambda and returns the expression that makes its value.
func (l *lowerer) function(fn *funcDef) (pre []syntax.Stmt, value syntax.Expr) {
	inner := &lowerer{file: l.file, consts: l.consts, temps: l.temps, inFunc: true}
	def, body := inner.def(fn.pos, []string{"f"}, inner.block(fn.pos, fn.body))
	l.temps = inner.temps
	pre, defaults := l.hoistAll(fn.defaults)
	args := append([]syntax.Expr{l.constant(fn.pos, &definition{fn: fn}), body}, defaults...)
	return append(pre, def), l.frameOp(fn.pos, "function", args...)
}

func (l *lowerer) defStmt(s *defStmt) []syntax.Stmt {
	pre, v := l.function(s.fn)
	return l.decorate(s.pos, pre, v, s.decorators, s.fn.name)
}

func (l *lowerer) decorate(p position, pre []syntax.Stmt, v syntax.Expr, decorators []expr, name string) []syntax.Stmt {
	for i := len(decorators) - 1; i >= 0; i-- {
		more, d := l.hoist(decorators[i])
		pre = append(pre, more...)
		v = l.op(decorators[i].at(), "call", d, v)
	}
	return append(pre, l.set(p, l.name(p, name), v))
}

func (l *lowerer) class(s *classStmt) []syntax.Stmt {
	p := s.pos
	inner := &lowerer{file: l.file, consts: l.consts, temps: l.temps, inFunc: true}
	def, body := inner.def(p, []string{"f"}, inner.block(p, s.body))
	l.temps = inner.temps
	pre, bases := l.hoistAll(s.bases)
	args := append([]syntax.Expr{l.text(p, s.name), l.constant(p, s.doc), l.constant(p, &definition{scope: s.scope}), body}, bases...)
	return l.decorate(p, append(pre, def), l.frameOp(p, "class_", args...), s.decorators, s.name)
}

// definition passes the parser's knowledge of a function or a class to the lowered program.
type definition struct {
	plain
	fn    *funcDef
	scope *scope
}
