package thriftserver

import (
	"bytes"
	"strings"
)

// A selection is a CQL 3 statement. The server understands only this form:
//
//	SELECT column [, column]… FROM [keyspace.]table WHERE column = 'text' [AND column = 'text']… [;]
//
// The columns may be *.
type selection struct {
	keyspace, table string   // keyspace is empty if the statement does not name it
	columns         []string // nil for *
	where           map[string]string
}

// maxStatement is the length of the longest statement that is parsed.
const maxStatement = 64 << 10

// parseSelect parses a statement. It returns false if the statement has another form, whether it is CQL or not.
func parseSelect(statement []byte) (s selection, ok bool) {
	if len(statement) > maxStatement {
		return selection{}, false
	}
	p := cqlScanner{rest: statement}
	p.next()
	if !p.keyword("select") {
		return selection{}, false
	}
	if !p.symbol("*") {
		for more := true; more; more = p.symbol(",") {
			s.columns = append(s.columns, p.name())
		}
	}
	if !p.keyword("from") {
		return selection{}, false
	}
	s.table = p.name()
	if p.symbol(".") {
		s.keyspace, s.table = s.table, p.name()
	}
	if !p.keyword("where") {
		return selection{}, false
	}
	s.where = map[string]string{}
	for more := true; more; more = p.keyword("and") {
		column := p.name()
		_, again := s.where[column]
		if again || !p.symbol("=") {
			return selection{}, false
		}
		s.where[column] = p.text()
	}
	p.symbol(";")
	return s, p.kind == cqlEnd && !p.bad
}

// cqlKind is the kind of a token.
type cqlKind int

const (
	cqlEnd    cqlKind = iota
	cqlWord           // a keyword or a name, in lower case
	cqlQuoted         // a name in double quotes
	cqlText           // a text in single quotes
	cqlSymbol         // one character
)

// A cqlScanner reads a statement token by token.
type cqlScanner struct {
	rest  []byte
	kind  cqlKind // of the current token
	token string
	bad   bool // a token was not the expected one
}

// next moves to the next token.
func (p *cqlScanner) next() {
	p.rest = bytes.TrimLeft(p.rest, " \t\r\n")
	if len(p.rest) == 0 {
		p.kind, p.token = cqlEnd, ""
		return
	}
	switch c := p.rest[0]; {
	case c == '\'':
		p.kind = cqlText
		p.quoted(c)
	case c == '"':
		p.kind = cqlQuoted
		p.quoted(c)
	case isLetter(c):
		n := 1
		for n < len(p.rest) && (isLetter(p.rest[n]) || p.rest[n] == '_' || '0' <= p.rest[n] && p.rest[n] <= '9') {
			n++
		}
		p.kind, p.token, p.rest = cqlWord, strings.ToLower(string(p.rest[:n])), p.rest[n:]
	default:
		p.kind, p.token, p.rest = cqlSymbol, string(p.rest[:1]), p.rest[1:]
	}
}

// quoted reads up to the closing quote. Two quotes in a row are one quote of the text.
func (p *cqlScanner) quoted(quote byte) {
	var token []byte
	for i := 1; i < len(p.rest); i++ {
		if p.rest[i] == quote {
			if i+1 == len(p.rest) || p.rest[i+1] != quote {
				p.token, p.rest = string(token), p.rest[i+1:]
				return
			}
			i++
		}
		token = append(token, p.rest[i])
	}
	p.bad, p.rest = true, nil
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// keyword skips the keyword if it is the current token.
func (p *cqlScanner) keyword(word string) bool { return p.pass(cqlWord, word) }

// symbol skips the symbol if it is the current token.
func (p *cqlScanner) symbol(symbol string) bool { return p.pass(cqlSymbol, symbol) }

func (p *cqlScanner) pass(kind cqlKind, token string) bool {
	if p.kind != kind || p.token != token {
		return false
	}
	p.next()
	return true
}

// name skips the current token, which must be a name.
func (p *cqlScanner) name() string { return p.must(cqlWord, cqlQuoted) }

// text skips the current token, which must be a text.
func (p *cqlScanner) text() string { return p.must(cqlText, cqlText) }

func (p *cqlScanner) must(kind, or cqlKind) string {
	if p.kind != kind && p.kind != or {
		p.bad = true
		return ""
	}
	token := p.token
	p.next()
	return token
}
