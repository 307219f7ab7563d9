package shell

import "go.starlark.net/starlark"

var keywords = map[string]bool{
	"and": true, "as": true, "assert": true, "break": true, "class": true, "continue": true, "def": true, "del": true,
	"elif": true, "else": true, "except": true, "exec": true, "finally": true, "for": true, "from": true, "global": true,
	"if": true, "import": true, "in": true, "is": true, "lambda": true, "not": true, "or": true, "pass": true, "print": true,
	"raise": true, "return": true, "try": true, "while": true, "with": true, "yield": true,
}

// test parses an expression without commas.
func (p *parser) test() expr {
	p.enter()
	defer p.leave()
	if p.isWord("lambda") {
		return p.lambda()
	}
	x := p.orTest()
	if p.isWord("if") {
		pos := p.take().pos
		cond := p.orTest()
		p.expectWord("else")
		return &condExpr{node{pos}, cond, x, p.test()}
	}
	return x
}

// testList parses an expression. If the expression has a comma, it is a tuple.
func (p *parser) testList() expr { return p.listOf(p.test) }

// listOf parses one expression by the function one. If a comma follows, it parses a tuple of such expressions.
func (p *parser) listOf(one func() expr) expr {
	pos := p.peek().pos
	x := one()
	if !p.isOp(",") {
		return x
	}
	list := []expr{x}
	for p.acceptOp(",") {
		if p.listEnds() {
			break
		}
		list = append(list, one())
	}
	return &tupleExpr{node{pos}, list}
}

// listEnds reports whether the comma before the next token is the last one, since the token cannot begin an expression.
func (p *parser) listEnds() bool {
	t := p.peek()
	switch t.kind {
	case tokNewline, tokEOF, tokDedent:
		return true
	case tokOp:
		switch t.text {
		case ")", "]", "}", "=", ":", ";", "+=", "-=", "*=", "/=":
			return true
		}
	case tokName:
		return t.text == "in" || t.text == "for"
	}
	return false
}

// targets parses the targets between for and in, or after del.
func (p *parser) targets() expr {
	pos := p.peek().pos
	x := p.orExpr(0)
	if !p.isOp(",") {
		return x
	}
	list := []expr{x}
	for p.acceptOp(",") {
		if p.listEnds() {
			break
		}
		list = append(list, p.orExpr(0))
	}
	return &tupleExpr{node{pos}, list}
}

func (p *parser) lambda() expr {
	pos := p.take().pos
	f := &funcDef{pos: pos, name: "<lambda>", scope: &scope{isFunc: true}, lambda: true, doc: starlark.None}
	p.parameters(f, ":")
	p.expectOp(":")
	p.push(f.scope)
	p.bindParameters(f)
	x := p.test()
	p.pop()
	f.body = append(f.body, &returnStmt{node{x.at()}, x})
	return &lambdaExpr{node{pos}, f}
}

func (p *parser) orTest() expr {
	x := p.andTest()
	for p.isWord("or") {
		pos := p.take().pos
		x = &boolExpr{node{pos}, false, x, p.andTest()}
	}
	return x
}

func (p *parser) andTest() expr {
	x := p.notTest()
	for p.isWord("and") {
		pos := p.take().pos
		x = &boolExpr{node{pos}, true, x, p.notTest()}
	}
	return x
}

func (p *parser) notTest() expr {
	if p.isWord("not") {
		p.enter()
		defer p.leave()
		pos := p.take().pos
		return &unaryExpr{node{pos}, "not", p.notTest()}
	}
	return p.comparison()
}

func (p *parser) comparison() expr {
	x := p.orExpr(0)
	c := &compareExpr{node: node{p.peek().pos}, first: x}
	for {
		t := p.peek()
		op := ""
		switch {
		case t.kind == tokOp:
			switch t.text {
			case "<", ">", "==", "!=", "<=", ">=":
				op = t.text
				p.next++
			}
		case p.acceptWord("in"):
			op = "in"
		case p.isWord("not") && p.tokens[p.next+1].text == "in":
			p.next += 2
			op = "not in"
		case p.acceptWord("is"):
			op = "is"
			if p.acceptWord("not") {
				op = "is not"
			}
		}
		if op == "" {
			break
		}
		c.ops, c.rest = append(c.ops, op), append(c.rest, p.orExpr(0))
	}
	if len(c.ops) == 0 {
		return x
	}
	return c
}

// binaryLevels lists the binary operators, from the lowest to the highest precedence.
var binaryLevels = [...][]string{{"|"}, {"^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%", "//"}}

func (p *parser) orExpr(level int) expr {
	if level == len(binaryLevels) {
		return p.factor()
	}
	x := p.orExpr(level + 1)
	for {
		t := p.peek()
		if t.kind != tokOp || !contains(binaryLevels[level], t.text) {
			return x
		}
		p.next++
		x = &binaryExpr{node{t.pos}, t.text, x, p.orExpr(level + 1)}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (p *parser) factor() expr {
	t := p.peek()
	if t.kind == tokOp && (t.text == "-" || t.text == "+" || t.text == "~") {
		p.enter()
		defer p.leave()
		p.next++
		x := p.factor()
		if c, ok := x.(*constExpr); ok && t.text == "-" {
			// A negative literal is one value: -9223372036854775808 is an int and not a long.
			if v, err := negate(c.value); err == nil {
				return &constExpr{node{t.pos}, v}
			}
		}
		return &unaryExpr{node{t.pos}, t.text, x}
	}
	x := p.postfix()
	if p.isOp("**") {
		p.enter()
		defer p.leave()
		pos := p.take().pos
		return &binaryExpr{node{pos}, "**", x, p.factor()}
	}
	return x
}

func (p *parser) postfix() expr {
	x := p.atom()
	for n := 0; ; n++ {
		if n > 10*maxNesting {
			p.fail("the expression is too long")
		}
		t := p.peek()
		switch {
		case p.acceptOp("."):
			nt := p.peek()
			if nt.kind != tokName {
				p.fail("invalid syntax")
			}
			p.next++
			x = &attrExpr{node{nt.pos}, x, nt.text}
		case p.acceptOp("("):
			x = p.call(x, t.pos)
		case p.acceptOp("["):
			x = p.subscript(x, t.pos)
		default:
			return x
		}
	}
}

func (p *parser) call(fn expr, pos position) expr {
	c := &callExpr{node: node{pos}, fn: fn}
	for !p.isOp(")") {
		switch {
		case p.acceptOp("**"):
			c.double = p.test()
		case p.acceptOp("*"):
			c.star = p.test()
		default:
			x := p.test()
			switch {
			case p.isOp("="):
				name, ok := x.(*nameExpr)
				if !ok {
					p.fail("keyword can't be an expression")
				}
				p.next++
				for _, k := range c.keywords {
					if k.name == name.name {
						p.failAt(x.at(), "SyntaxError", "keyword argument repeated")
					}
				}
				c.keywords = append(c.keywords, keyword{name.name, p.test()})
			case p.isWord("for"):
				c.args = append(c.args, p.comprehension('(', x.at(), func() (expr, expr) { return x, nil }))
			default:
				if len(c.keywords) > 0 {
					p.failAt(x.at(), "SyntaxError", "non-keyword arg after keyword arg")
				}
				if c.star != nil {
					p.failAt(x.at(), "SyntaxError", "only named arguments may follow *expression")
				}
				c.args = append(c.args, x)
			}
		}
		if !p.acceptOp(",") {
			break
		}
	}
	p.expectOp(")")
	return c
}

func (p *parser) subscript(x expr, pos position) expr {
	var parts [3]expr
	n := 0
	colons := 0
	for !p.isOp("]") {
		if p.acceptOp(":") {
			colons++
			if n++; n > 2 {
				p.fail("invalid syntax")
			}
			continue
		}
		if parts[n] != nil {
			p.fail("invalid syntax")
		}
		if colons == 0 {
			parts[n] = p.testList()
		} else {
			parts[n] = p.test()
		}
	}
	p.next++
	if colons > 0 {
		return &sliceExpr{node{pos}, x, parts[0], parts[1], parts[2]}
	}
	if parts[0] == nil {
		p.failAt(pos, "SyntaxError", "invalid syntax")
	}
	return &indexExpr{node{pos}, x, parts[0]}
}

func (p *parser) atom() expr {
	p.enter()
	defer p.leave()
	t := p.peek()
	n := node{t.pos}
	switch t.kind {
	case tokNumber:
		p.next++
		return &constExpr{n, t.value}
	case tokString:
		p.next++
		v := t.value
		for p.peek().kind == tokString {
			v = joinLiterals(v, p.take().value)
		}
		return &constExpr{n, v}
	case tokName:
		if keywords[t.text] {
			if t.text == "print" {
				p.fail("invalid syntax: print is a statement")
			}
			p.fail("invalid syntax")
		}
		p.next++
		switch t.text {
		case "None":
			return &constExpr{n, starlark.None}
		case "await":
			if p.peek().kind == tokName {
				p.fail("await belongs to Python 3")
			}
		case "f":
			if p.peek().kind == tokString {
				p.fail("f'…' belongs to Python 3; use '…' %% values or '…'.format(values)")
			}
		}
		return &nameExpr{n, t.text}
	case tokOp:
		switch t.text {
		case "(":
			p.next++
			return p.parenthesized(n)
		case "[":
			p.next++
			return p.bracketed(n)
		case "{":
			p.next++
			return p.braced(n)
		case "`":
			p.next++
			x := p.testList()
			p.expectOp("`")
			return &reprExpr{n, x}
		}
	}
	p.fail("invalid syntax")
	return nil
}

func (p *parser) parenthesized(n node) expr {
	if p.acceptOp(")") {
		return &tupleExpr{n, nil}
	}
	if p.isWord("yield") {
		y := p.yield()
		p.expectOp(")")
		return y
	}
	x := p.test()
	if p.isWord("for") {
		c := p.comprehension('(', n.pos, func() (expr, expr) { return x, nil })
		p.expectOp(")")
		return c
	}
	if p.isOp(",") {
		list := []expr{x}
		for p.acceptOp(",") {
			if p.isOp(")") {
				break
			}
			list = append(list, p.test())
		}
		x = &tupleExpr{n, list}
	}
	if p.isOp(":") && p.tokens[p.next+1].text == "=" {
		p.fail(":= belongs to Python 3")
	}
	p.expectOp(")")
	return x
}

func (p *parser) bracketed(n node) expr {
	if p.acceptOp("]") {
		return &listExpr{n, nil}
	}
	x := p.test()
	if p.isWord("for") {
		c := p.comprehension('[', n.pos, func() (expr, expr) { return x, nil })
		p.expectOp("]")
		return c
	}
	list := []expr{x}
	for p.acceptOp(",") {
		if p.isOp("]") {
			break
		}
		list = append(list, p.test())
	}
	p.expectOp("]")
	return &listExpr{n, list}
}

func (p *parser) braced(n node) expr {
	if p.acceptOp("}") {
		return &dictExpr{node: n}
	}
	x := p.test()
	if p.acceptOp(":") {
		v := p.test()
		if p.isWord("for") {
			c := p.comprehension(':', n.pos, func() (expr, expr) { return x, v })
			p.expectOp("}")
			return c
		}
		d := &dictExpr{n, []expr{x}, []expr{v}}
		for p.acceptOp(",") {
			if p.isOp("}") {
				break
			}
			d.keys = append(d.keys, p.test())
			p.expectOp(":")
			d.values = append(d.values, p.test())
		}
		p.expectOp("}")
		return d
	}
	if p.isWord("for") {
		c := p.comprehension('{', n.pos, func() (expr, expr) { return x, nil })
		p.expectOp("}")
		return c
	}
	list := []expr{x}
	for p.acceptOp(",") {
		if p.isOp("}") {
			break
		}
		list = append(list, p.test())
	}
	p.expectOp("}")
	return &setExpr{n, list}
}

// comprehension parses the clauses after an element, which is already parsed. Generators, sets and
// dictionaries have a scope of their own. A list comprehension has no scope of its own.
func (p *parser) comprehension(kind byte, pos position, body func() (expr, expr)) expr {
	c := &compExpr{node: node{pos}, kind: kind}
	c.elt, c.value = body()
	if kind != '[' {
		c.scope = p.push(&scope{})
		defer p.pop()
	}
	for {
		switch {
		case p.isWord("for"):
			cl := compClause{pos: p.take().pos}
			cl.target = p.targets()
			p.bindTarget(cl.target)
			p.expectWord("in")
			if kind == '[' {
				cl.x = p.comprehensionList()
			} else {
				cl.x = p.orTest()
			}
			c.clauses = append(c.clauses, cl)
		case p.isWord("if"):
			cl := compClause{pos: p.take().pos}
			if p.isWord("lambda") {
				cl.x = p.lambda()
			} else {
				cl.x = p.orTest()
			}
			c.clauses = append(c.clauses, cl)
		default:
			return c
		}
	}
}

// comprehensionList parses the iterable of a list comprehension, which may be a tuple without parentheses: 1, 2, 3.
func (p *parser) comprehensionList() expr { return p.listOf(p.orTest) }
