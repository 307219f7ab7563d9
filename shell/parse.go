package shell

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// parser turns tokens into the syntax tree.
type parser struct {
	tokens []token
	next   int
	depth  int
	scopes []*scope
	lexErr *syntaxError
}

// parse parses a whole text.
func parse(src string) (list []stmt, err *syntaxError) {
	p := &parser{scopes: []*scope{{}}}
	p.tokens, p.lexErr = tokenize(src)
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*syntaxError)
			if !ok {
				panic(r)
			}
			list, err = nil, e
		}
	}()
	for p.peek().kind != tokEOF {
		if p.peek().kind == tokIndent {
			p.failAt(p.peek().pos, "IndentationError", "unexpected indent")
		}
		list = append(list, p.statement()...)
	}
	if p.lexErr != nil {
		return nil, p.lexErr
	}
	return list, nil
}

// compoundWords lists the words that begin a statement which a prompt continues until an empty line.
var compoundWords = map[string]bool{
	"if": true, "while": true, "for": true, "try": true, "with": true, "def": true, "class": true, "@": true,
}

// NeedsMore reports whether a prompt should read another line before it runs src, since a bracket,
// a string or a block is open. An empty line ends a block.
func NeedsMore(src string) bool {
	_, err := parse(src)
	if err != nil {
		return err.incomplete
	}
	tokens, _ := tokenize(src)
	if len(tokens) == 0 || !compoundWords[tokens[0].text] || tokens[0].kind == tokString {
		return false
	}
	i := strings.LastIndexByte(strings.TrimSuffix(src, "\n"), '\n')
	return i < 0 || strings.TrimSpace(src[i+1:]) != ""
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != tokEOF {
		p.next++
	}
	return t
}

func (p *parser) isOp(op string) bool {
	t := p.peek()
	return t.kind == tokOp && t.text == op
}

func (p *parser) isWord(word string) bool {
	t := p.peek()
	return t.kind == tokName && t.text == word
}

func (p *parser) acceptOp(op string) bool {
	if p.isOp(op) {
		p.next++
		return true
	}
	return false
}

func (p *parser) acceptWord(word string) bool {
	if p.isWord(word) {
		p.next++
		return true
	}
	return false
}

func (p *parser) expectOp(op string) {
	if !p.acceptOp(op) {
		p.fail("invalid syntax")
	}
}

func (p *parser) expectWord(word string) {
	if !p.acceptWord(word) {
		p.fail("invalid syntax")
	}
}

// fail reports an error at the next token. At the end of the text the error is incomplete: more lines may mend it.
func (p *parser) fail(format string, args ...any) {
	t := p.peek()
	if p.textEnds() && p.lexErr != nil {
		panic(p.lexErr)
	}
	panic(&syntaxError{class: "SyntaxError", msg: fmt.Sprintf(format, args...), pos: t.pos, incomplete: t.kind == tokEOF})
}

func (p *parser) failAt(pos position, class, format string, args ...any) {
	panic(&syntaxError{class: class, msg: fmt.Sprintf(format, args...), pos: pos})
}

// textEnds reports whether the rest of the text has no tokens except ends of lines and blocks.
func (p *parser) textEnds() bool {
	i := p.next
	for p.tokens[i].kind == tokNewline || p.tokens[i].kind == tokDedent {
		i++
	}
	return p.tokens[i].kind == tokEOF
}

func (p *parser) enter() {
	if p.depth++; p.depth > maxNesting {
		p.failAt(p.peek().pos, "SyntaxError", "the expression is nested too deeply")
	}
}

func (p *parser) leave() { p.depth-- }

func (p *parser) scope() *scope { return p.scopes[len(p.scopes)-1] }

func (p *parser) push(s *scope) *scope {
	s.locals, s.globals = map[string]bool{}, map[string]bool{}
	p.scopes = append(p.scopes, s)
	return s
}

func (p *parser) pop() { p.scopes = p.scopes[:len(p.scopes)-1] }

// bind records that the current scope assigns a name.
func (p *parser) bind(name string) {
	if s := p.scope(); s.locals != nil && !s.globals[name] {
		s.locals[name] = true
	}
}

// bindTarget records the names that a target assigns. It refuses an expression that cannot be assigned.
func (p *parser) bindTarget(x expr) {
	switch x := x.(type) {
	case *constExpr:
		if x.value == none {
			p.failAt(x.pos, "SyntaxError", "cannot assign to None")
		}
		p.failAt(x.pos, "SyntaxError", "can't assign to literal")
	case *nameExpr:
		if x.name == "None" || x.name == "__debug__" {
			p.failAt(x.pos, "SyntaxError", "cannot assign to %s", x.name)
		}
		p.bind(x.name)
	case *attrExpr, *indexExpr, *sliceExpr:
	case *tupleExpr:
		if len(x.list) == 0 {
			p.failAt(x.pos, "SyntaxError", "can't assign to ()")
		}
		for _, y := range x.list {
			p.bindTarget(y)
		}
	case *listExpr:
		for _, y := range x.list {
			p.bindTarget(y)
		}
	default:
		p.failAt(x.at(), "SyntaxError", "can't assign to %s", describeExpr(x))
	}
}

func describeExpr(x expr) string {
	switch x.(type) {
	case *constExpr:
		return "literal"
	case *callExpr:
		return "function call"
	case *lambdaExpr:
		return "lambda"
	case *compareExpr:
		return "comparison"
	case *condExpr:
		return "conditional expression"
	case *compExpr:
		return "comprehension"
	case *yieldExpr:
		return "yield expression"
	}
	return "operator"
}

// statement parses one line of simple statements, or a compound statement.
func (p *parser) statement() []stmt {
	p.enter()
	defer p.leave()
	t := p.peek()
	if t.kind == tokName {
		switch t.text {
		case "if":
			return []stmt{p.ifStatement()}
		case "while":
			return []stmt{p.whileStatement()}
		case "for":
			return []stmt{p.forStatement()}
		case "try":
			return []stmt{p.tryStatement()}
		case "with":
			return []stmt{p.withStatement()}
		case "def":
			return []stmt{p.defStatement(nil)}
		case "class":
			return []stmt{p.classStatement(nil)}
		case "async", "nonlocal", "match":
			if n := p.tokens[min(p.next+1, len(p.tokens)-1)]; n.kind == tokName {
				p.fail("%s belongs to Python 3; the shell speaks Python 2", t.text)
			}
		}
	}
	if t.kind == tokOp && t.text == "@" {
		return []stmt{p.decorated()}
	}
	if t.kind == tokNewline {
		p.next++
		return nil
	}
	var list []stmt
	for {
		list = append(list, p.simple()...)
		if p.acceptOp(";") {
			if p.peek().kind != tokNewline {
				continue
			}
		}
		break
	}
	if p.peek().kind != tokNewline {
		p.fail("invalid syntax")
	}
	p.next++
	return list
}

func (p *parser) simple() []stmt {
	t := p.peek()
	n := node{t.pos}
	if t.kind == tokName {
		switch t.text {
		case "print":
			return []stmt{p.printStatement()}
		case "pass", "break", "continue":
			p.next++
			if t.text != "pass" && p.scope().loops == 0 {
				if t.text == "continue" {
					p.failAt(t.pos, "SyntaxError", "'continue' not properly in loop")
				}
				p.failAt(t.pos, "SyntaxError", "'break' outside loop")
			}
			return []stmt{&wordStmt{n, t.text}}
		case "return":
			p.next++
			if !p.scope().isFunc {
				p.failAt(t.pos, "SyntaxError", "'return' outside function")
			}
			s := &returnStmt{node: n}
			if !p.atEnd() {
				s.x = p.testList()
			}
			return []stmt{s}
		case "raise":
			p.next++
			s := &raiseStmt{node: n}
			if !p.atEnd() {
				s.x = p.test()
				if p.acceptOp(",") {
					s.value = p.test()
					if p.acceptOp(",") {
						p.test()
					}
				}
			}
			return []stmt{s}
		case "global":
			p.next++
			for {
				name := p.name()
				if s := p.scope(); s.globals != nil {
					s.globals[name] = true
					delete(s.locals, name)
				}
				if !p.acceptOp(",") {
					break
				}
			}
			return []stmt{&wordStmt{n, "pass"}}
		case "del":
			p.next++
			x := p.targets()
			p.bindTarget(x)
			return []stmt{&delStmt{n, []expr{x}}}
		case "assert":
			p.next++
			s := &assertStmt{node: n, cond: p.test()}
			if p.acceptOp(",") {
				s.msg = p.test()
			}
			return []stmt{s}
		case "import":
			return p.importStatement()
		case "from":
			return []stmt{p.fromStatement()}
		case "exec":
			return []stmt{p.execStatement()}
		}
	}
	return []stmt{p.exprStatement()}
}

func (p *parser) execStatement() stmt {
	s := &execStmt{node: node{p.peek().pos}}
	p.next++
	s.code = p.orExpr(0)
	if p.isWord("in") {
		p.next++
		s.globals = p.test()
		if p.acceptOp(",") {
			s.locals = p.test()
		}
	}
	return s
}

func (p *parser) atEnd() bool {
	t := p.peek()
	return t.kind == tokNewline || t.kind == tokEOF || t.kind == tokOp && t.text == ";"
}

func (p *parser) name() string {
	t := p.peek()
	if t.kind != tokName || keywords[t.text] {
		p.fail("invalid syntax")
	}
	p.next++
	return t.text
}

func (p *parser) dotted() string {
	s := p.name()
	for p.acceptOp(".") {
		s += "." + p.name()
	}
	return s
}

func (p *parser) importStatement() []stmt {
	pos := p.take().pos
	var list []stmt
	for {
		s := &importStmt{node: node{pos}, module: p.dotted()}
		if p.acceptWord("as") {
			s.as = p.name()
			p.bind(s.as)
		} else {
			top, _, _ := strings.Cut(s.module, ".")
			p.bind(top)
		}
		list = append(list, s)
		if !p.acceptOp(",") {
			return list
		}
	}
}

func (p *parser) fromStatement() stmt {
	s := &fromStmt{node: node{p.take().pos}}
	for p.acceptOp(".") {
	}
	s.module = p.dotted()
	p.expectWord("import")
	if p.acceptOp("*") {
		s.names = []string{"*"}
		return s
	}
	paren := p.acceptOp("(")
	for {
		name := p.name()
		as := name
		if p.acceptWord("as") {
			as = p.name()
		}
		p.bind(as)
		s.names, s.as = append(s.names, name), append(s.as, as)
		if !p.acceptOp(",") || paren && p.isOp(")") {
			break
		}
	}
	if paren {
		p.expectOp(")")
	}
	return s
}

func (p *parser) printStatement() stmt {
	s := &printStmt{node: node{p.take().pos}, newline: true}
	if p.acceptOp(">>") {
		s.dest = p.test()
		if !p.acceptOp(",") {
			return s
		}
	}
	for !p.atEnd() {
		s.values = append(s.values, p.test())
		if !p.acceptOp(",") {
			return s
		}
		if p.atEnd() {
			s.newline = false
		}
	}
	return s
}

var augmented = map[string]bool{
	"+=": true, "-=": true, "*=": true, "/=": true, "//=": true, "%=": true, "**=": true, "&=": true, "|=": true, "^=": true, "<<=": true, ">>=": true,
}

func (p *parser) exprStatement() stmt {
	n := node{p.peek().pos}
	x := p.testListOrYield()
	t := p.peek()
	switch {
	case t.kind == tokOp && augmented[t.text]:
		switch x.(type) {
		case *nameExpr, *attrExpr, *indexExpr, *sliceExpr:
		default:
			p.failAt(x.at(), "SyntaxError", "illegal expression for augmented assignment")
		}
		p.bindTarget(x)
		p.next++
		return &augStmt{node{t.pos}, x, strings.TrimSuffix(t.text, "="), p.testListOrYield()}
	case t.kind == tokOp && t.text == "=":
		s := &assignStmt{node: n}
		for p.acceptOp("=") {
			p.bindTarget(x)
			s.targets = append(s.targets, x)
			x = p.testListOrYield()
		}
		s.value = x
		return s
	}
	return &exprStmt{n, x}
}

func (p *parser) testListOrYield() expr {
	if p.isWord("yield") {
		return p.yield()
	}
	return p.testList()
}

func (p *parser) yield() expr {
	pos := p.take().pos
	s := p.scope()
	if !s.isFunc {
		p.failAt(pos, "SyntaxError", "'yield' outside function")
	}
	s.yields = true
	y := &yieldExpr{node: node{pos}, x: &constExpr{node{pos}, starlark.None}}
	if !p.atEnd() && !p.isOp(")") {
		y.x = p.testList()
	}
	return y
}
