package shell

import (
	"fmt"

	"go.starlark.net/starlark"
)

// block parses the body of a compound statement, after its colon.
func (p *parser) block() []stmt {
	if p.peek().kind == tokOp && p.peek().text != ":" || p.peek().kind == tokName || p.peek().kind == tokString || p.peek().kind == tokNumber {
		p.fail("invalid syntax")
	}
	p.expectOp(":")
	if p.peek().kind != tokNewline {
		return p.statement()
	}
	p.next++
	if p.peek().kind != tokIndent {
		if p.textEnds() {
			if p.lexErr != nil {
				panic(p.lexErr)
			}
			panic(&syntaxError{class: "IndentationError", msg: "expected an indented block", pos: p.peek().pos, incomplete: true})
		}
		p.failAt(p.peek().pos, "IndentationError", "expected an indented block")
	}
	p.next++
	var list []stmt
	for p.peek().kind != tokDedent && p.peek().kind != tokEOF {
		if p.peek().kind == tokIndent {
			p.failAt(p.peek().pos, "IndentationError", "unexpected indent")
		}
		list = append(list, p.statement()...)
	}
	if p.peek().kind == tokDedent {
		p.next++
	}
	return list
}

func (p *parser) loopBlock() []stmt {
	p.scope().loops++
	body := p.block()
	p.scope().loops--
	return body
}

func (p *parser) elseBlock() []stmt {
	if p.acceptWord("else") {
		return p.block()
	}
	return nil
}

func (p *parser) ifStatement() stmt {
	p.enter()
	defer p.leave()
	s := &ifStmt{node: node{p.take().pos}}
	s.cond = p.test()
	s.yes = p.block()
	if p.isWord("elif") {
		s.no = []stmt{p.ifStatement()}
	} else {
		s.no = p.elseBlock()
	}
	return s
}

func (p *parser) whileStatement() stmt {
	s := &whileStmt{node: node{p.take().pos}}
	s.cond = p.test()
	s.body = p.loopBlock()
	s.els = p.elseBlock()
	return s
}

func (p *parser) forStatement() stmt {
	s := &forStmt{node: node{p.take().pos}}
	s.target = p.targets()
	p.bindTarget(s.target)
	p.expectWord("in")
	s.x = p.testList()
	s.body = p.loopBlock()
	s.els = p.elseBlock()
	return s
}

func (p *parser) tryStatement() stmt {
	s := &tryStmt{node: node{p.take().pos}}
	s.body = p.block()
	for p.isWord("except") {
		h := handler{pos: p.take().pos}
		if !p.isOp(":") {
			h.class = p.test()
			if p.acceptOp(",") || p.acceptWord("as") {
				h.target = p.test()
				p.bindTarget(h.target)
			}
		}
		h.body = p.block()
		s.handlers = append(s.handlers, h)
	}
	if len(s.handlers) > 0 {
		s.els = p.elseBlock()
	}
	if p.acceptWord("finally") {
		s.finally = p.block()
	}
	if len(s.handlers) == 0 && s.finally == nil {
		if p.textEnds() {
			panic(&syntaxError{class: "SyntaxError", msg: "invalid syntax", pos: p.peek().pos, incomplete: true})
		}
		p.fail("invalid syntax")
	}
	return s
}

func (p *parser) withStatement() stmt {
	s := &withStmt{node: node{p.take().pos}}
	s.x = p.test()
	if p.acceptWord("as") {
		s.target = p.orExpr(0)
		p.bindTarget(s.target)
	}
	if p.isOp(",") {
		// with a, b: is with a: with b:
		s.body = []stmt{p.withStatement()}
		return s
	}
	s.body = p.block()
	return s
}

func (p *parser) decorated() stmt {
	var list []expr
	for p.acceptOp("@") {
		list = append(list, p.test())
		if p.peek().kind != tokNewline {
			p.fail("invalid syntax")
		}
		p.next++
	}
	switch {
	case p.isWord("def"):
		return p.defStatement(list)
	case p.isWord("class"):
		return p.classStatement(list)
	case p.textEnds():
		panic(&syntaxError{class: "SyntaxError", msg: "invalid syntax", pos: p.peek().pos, incomplete: true})
	}
	p.fail("invalid syntax")
	return nil
}

func (p *parser) defStatement(decorators []expr) stmt {
	n := node{p.take().pos}
	f := &funcDef{pos: n.pos, name: p.name(), scope: &scope{isFunc: true}}
	p.bind(f.name)
	p.expectOp("(")
	p.parameters(f, ")")
	p.expectOp(")")
	p.push(f.scope)
	p.bindParameters(f)
	body := p.block()
	f.doc = docOf(body)
	f.body = append(f.body, body...)
	p.pop()
	return &defStmt{n, f, decorators}
}

func docOf(body []stmt) starlark.Value {
	if len(body) > 0 {
		if s, ok := body[0].(*exprStmt); ok {
			if c, ok := s.x.(*constExpr); ok {
				switch c.value.(type) {
				case str, unicodeStr:
					return c.value
				}
			}
		}
	}
	return starlark.None
}

func (p *parser) classStatement(decorators []expr) stmt {
	s := &classStmt{node: node{p.take().pos}, decorators: decorators}
	s.name = p.name()
	p.bind(s.name)
	if p.acceptOp("(") {
		for !p.isOp(")") {
			s.bases = append(s.bases, p.test())
			if p.isOp("=") {
				p.fail("keywords of classes belong to Python 3")
			}
			if !p.acceptOp(",") {
				break
			}
		}
		p.expectOp(")")
	}
	s.scope = p.push(&scope{})
	s.body = p.block()
	s.doc = docOf(s.body)
	p.pop()
	return s
}

// parameters parses the parameters of a def or a lambda up to the token that ends them.
func (p *parser) parameters(f *funcDef, end string) {
	for !p.isOp(end) {
		switch {
		case p.acceptOp("**"):
			f.double = p.name()
		case p.acceptOp("*"):
			if f.double != "" {
				p.fail("invalid syntax")
			}
			f.star = p.name()
		default:
			if f.star != "" || f.double != "" {
				p.fail("invalid syntax")
			}
			var nested expr
			name := ""
			if p.isOp("(") {
				nested = p.atom()
				name = fmt.Sprintf(".%d", len(f.params))
			} else {
				name = p.name()
			}
			f.params, f.nested = append(f.params, name), append(f.nested, nested)
			if p.isOp(":") && end == ")" {
				p.fail("annotations belong to Python 3; the shell speaks Python 2")
			}
			if p.acceptOp("=") {
				f.defaults = append(f.defaults, p.test())
			} else if len(f.defaults) > 0 {
				p.fail("non-default argument follows default argument")
			}
		}
		if !p.acceptOp(",") {
			break
		}
	}
}

// bindParameters adds the parameters to the names of the function's scope. It refuses a name that occurs twice.
func (p *parser) bindParameters(f *funcDef) {
	names := append([]string{}, f.params...)
	for _, n := range []string{f.star, f.double} {
		if n != "" {
			names = append(names, n)
		}
	}
	for _, n := range names {
		if f.scope.locals[n] {
			p.failAt(f.pos, "SyntaxError", "duplicate argument '%s' in function definition", n)
		}
		p.bind(n)
	}
	for i, x := range f.nested {
		if x == nil {
			continue
		}
		p.bindTarget(x)
		f.body = append(f.body, &assignStmt{node{x.at()}, []expr{x}, &nameExpr{node{x.at()}, f.params[i]}})
	}
}
