package shell

import (
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// hoist lowers an expression. The statements pre define functions inside of the expression, such as the body of a
// lambda. They must run before it.
func (l *lowerer) hoist(x expr) (pre []syntax.Stmt, out syntax.Expr) {
	h := &hoister{l: l}
	out = h.expr(x)
	return h.pre, out
}

// hoist2 lowers two expressions. A missing expression becomes None.
func (l *lowerer) hoist2(x, y expr) (pre []syntax.Stmt, a, b syntax.Expr) {
	pre, list := l.hoistAll([]expr{x, y})
	return pre, list[0], list[1]
}

func (l *lowerer) hoistAll(list []expr) (pre []syntax.Stmt, out []syntax.Expr) {
	h := &hoister{l: l}
	for _, x := range list {
		if x == nil {
			out = append(out, l.constant(position{1, 1}, starlark.None))
			continue
		}
		out = append(out, h.expr(x))
	}
	return h.pre, out
}

// hoister lowers one expression.
type hoister struct {
	l   *lowerer
	pre []syntax.Stmt
}

func (h *hoister) list(list []expr) []syntax.Expr {
	out := make([]syntax.Expr, len(list))
	for i, x := range list {
		out[i] = h.expr(x)
	}
	return out
}

func (h *hoister) optional(x expr) syntax.Expr {
	if x == nil {
		return h.l.constant(position{1, 1}, starlark.None)
	}
	return h.expr(x)
}

func (h *hoister) expr(x expr) syntax.Expr {
	l, p := h.l, x.at()
	switch x := x.(type) {
	case *nameExpr:
		return l.name(p, x.name)
	case *constExpr:
		return l.constant(p, x.value)
	case *tupleExpr:
		if len(x.list) == 0 {
			return l.constant(p, starlark.Tuple{})
		}
		return l.tuple(p, h.list(x.list)...)
	case *listExpr:
		return l.op(p, "list_", h.list(x.list)...)
	case *setExpr:
		return l.op(p, "set_", h.list(x.list)...)
	case *dictExpr:
		var args []syntax.Expr
		for i := range x.keys {
			// Python 2 evaluates the value first.
			args = append(args, h.expr(x.keys[i]), h.expr(x.values[i]))
		}
		return l.op(p, "dict_", args...)
	case *unaryExpr:
		if x.op == "not" {
			return &syntax.UnaryExpr{OpPos: l.pos(p), Op: syntax.NOT, X: l.op(p, "truth", h.expr(x.x))}
		}
		return l.op(p, "unary", l.text(p, x.op), h.expr(x.x))
	case *binaryExpr:
		return l.op(p, "binary", l.text(p, x.op), h.expr(x.x), h.expr(x.y))
	case *boolExpr:
		tok := syntax.OR
		if x.and {
			tok = syntax.AND
		}
		return &syntax.BinaryExpr{X: h.expr(x.x), OpPos: l.pos(p), Op: tok, Y: h.expr(x.y)}
	case *compareExpr:
		return h.compare(x)
	case *condExpr:
		return &syntax.CondExpr{If: l.pos(p), Cond: l.op(p, "truth", h.expr(x.cond)), True: h.expr(x.yes), ElsePos: l.pos(p), False: h.expr(x.no)}
	case *attrExpr:
		return l.op(p, "attr", h.expr(x.x), l.text(p, x.name))
	case *indexExpr:
		return l.op(p, "item", h.expr(x.x), h.expr(x.index))
	case *sliceExpr:
		return l.op(p, "item", h.expr(x.x), l.op(p, "slice_", h.optional(x.lo), h.optional(x.hi), h.optional(x.step)))
	case *callExpr:
		return h.call(x)
	case *lambdaExpr:
		pre, v := l.function(x.fn)
		h.pre = append(h.pre, pre...)
		return v
	case *compExpr:
		return h.comprehension(x)
	case *yieldExpr:
		return l.op(p, "call", l.name(p, ".yield"), h.expr(x.x))
	case *reprExpr:
		return l.op(p, "repr_", h.expr(x.x))
	}
	panic(fmt.Sprintf("expression %T", x))
}

// compare lowers a comparison. A chain a < b < c is (a < b) and (b < c), with b evaluated once.
func (h *hoister) compare(x *compareExpr) syntax.Expr {
	l := h.l
	if len(x.ops) == 1 {
		return l.op(x.pos, "compare", l.text(x.pos, x.ops[0]), h.expr(x.first), h.expr(x.rest[0]))
	}
	// The middle operands of a chain are stored in names of the frame that no text can spell.
	var out syntax.Expr
	left := h.expr(x.first)
	for i, op := range x.ops {
		right := h.expr(x.rest[i])
		if i < len(x.ops)-1 {
			l.temps++
			name := fmt.Sprintf(".c%d", l.temps)
			right = l.frameOp(x.pos, "keep", l.text(x.pos, name), right)
			c := l.op(x.pos, "compare", l.text(x.pos, op), left, right)
			left = l.name(x.pos, name)
			out = h.and(x.pos, out, c)
			continue
		}
		out = h.and(x.pos, out, l.op(x.pos, "compare", l.text(x.pos, op), left, right))
	}
	return out
}

func (h *hoister) and(p position, x, y syntax.Expr) syntax.Expr {
	if x == nil {
		return y
	}
	return &syntax.BinaryExpr{X: x, OpPos: h.l.pos(p), Op: syntax.AND, Y: y}
}

func (h *hoister) call(x *callExpr) syntax.Expr {
	l, p := h.l, x.pos
	args := append([]syntax.Expr{h.expr(x.fn)}, h.list(x.args)...)
	if x.star == nil && x.double == nil && len(x.keywords) == 0 {
		return l.op(p, "call", args...)
	}
	names := starlark.Tuple{}
	var values []syntax.Expr
	for _, k := range x.keywords {
		names = append(names, str(k.name))
		values = append(values, h.expr(k.value))
	}
	return l.op(p, "callwith", append([]syntax.Expr{
		h.optional(x.star), h.optional(x.double), l.constant(p, intValue(len(x.args))), l.constant(p, names),
	}, append(args, values...)...)...)
}

// comprehension lowers a list comprehension to a function on the frame of the code around it, since Python 2 assigns the
// names of a list comprehension there. It lowers any other comprehension to a function on a frame of its own.
func (h *hoister) comprehension(x *compExpr) syntax.Expr {
	l, p := h.l, x.pos
	first := h.expr(x.clauses[0].x)
	inner := &lowerer{file: l.file, consts: l.consts, temps: l.temps, inFunc: true, inBody: l.inBody, loops: l.loops}
	var element func() []syntax.Stmt
	switch x.kind {
	case '[':
		element = func() []syntax.Stmt {
			pre, v := inner.hoist(x.elt)
			return append(pre, l.do(l.op(p, "append_", l.ident(p, "out"), v)))
		}
	case '{':
		element = func() []syntax.Stmt {
			pre, v := inner.hoist(x.elt)
			return append(pre, l.do(l.op(p, "add_", l.ident(p, "out"), v)))
		}
	case ':':
		element = func() []syntax.Stmt {
			pre, k, v := inner.hoist2(x.elt, x.value)
			return append(pre, l.do(l.op(p, "setitem", l.ident(p, "out"), k, v)))
		}
	default:
		element = func() []syntax.Stmt {
			pre, v := inner.hoist(x.elt)
			return append(pre, l.do(l.op(p, "call", l.name(p, ".yield"), v)))
		}
	}
	params := []string{"f", "out"}
	if x.kind == '(' {
		params = params[:1]
	}
	body := inner.clauses(x.clauses, l.name(p, ".0"), element)
	if x.kind == '[' {
		// The first iterable is a parameter and not a name, since nested comprehensions share the frame.
		params = append(params, "first")
		body = inner.clauses(x.clauses, l.ident(p, "first"), element)
	}
	def, name := inner.def(p, params, body)
	l.temps = inner.temps
	h.pre = append(h.pre, def)
	switch x.kind {
	case '[':
		return l.frameOp(p, "listcomp", name, first)
	case '(':
		return l.frameOp(p, "genexp", l.constant(p, &definition{scope: x.scope}), name, first)
	case '{':
		return l.frameOp(p, "setcomp", l.constant(p, &definition{scope: x.scope}), name, first)
	}
	return l.frameOp(p, "dictcomp", l.constant(p, &definition{scope: x.scope}), name, first)
}

// clauses nests the loops and conditions of a comprehension around its element.
func (l *lowerer) clauses(list []compClause, first syntax.Expr, element func() []syntax.Stmt) []syntax.Stmt {
	if len(list) == 0 {
		return element()
	}
	c := list[0]
	p := c.pos
	if c.target == nil {
		pre, x := l.hoist(c.x)
		return append(pre, &syntax.IfStmt{If: l.pos(p), Cond: l.op(p, "truth", x), True: l.clauses(list[1:], nil, element)})
	}
	var pre []syntax.Stmt
	x := first
	if x == nil {
		pre, x = l.hoist(c.x)
	}
	vars, sh, rest := l.target(c.target)
	return append(
		pre,
		&syntax.ForStmt{For: l.pos(p), Vars: vars, X: l.frameOp(p, "loop", x, l.shape(p, sh)), Body: append(rest, l.clauses(list[1:], nil, element)...)},
		l.do(l.frameOp(p, "endloop")),
	)
}
