package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/scanner"
)

// file holds the declarations of an interface description, in their order.
type file struct {
	enums   []enum
	structs []structure
	methods []method
}

type enum struct {
	name   string
	values []enumValue
}

type enumValue struct {
	name  string
	value int
}

// structure is a struct or an exception.
type structure struct {
	name      string
	exception bool
	fields    []field
}

type field struct {
	id          int
	name        string
	typ         typ
	requirement string // "required", "optional" or empty
	standard    string // the enum value that an absent field has, or empty
}

// typ is a base type, an enum or struct by name, a list or a map.
type typ struct {
	name      string // "list" or "map" for a container
	key, elem *typ   // key is nil for a list
}

func (t typ) String() string {
	switch t.name {
	case "list":
		return "list<" + t.elem.String() + ">"
	case "map":
		return "map<" + t.key.String() + "," + t.elem.String() + ">"
	}
	return t.name
}

type method struct {
	name   string
	result *typ // nil for void
	args   []field
	throws []field
	traits []string // the annotations of the method
}

// parser reads the part of Thrift's language that the interface uses: enums, structs, exceptions
// and one service. It reads annotations of methods only and defaults of enums only. It reads no
// constants and no includes. It reports an error as a panic with a parseError.
type parser struct {
	s   scanner.Scanner
	tok string // the current token; empty at the end
}

type parseError string

func parse(name, text string) (f *file, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case parseError:
			err = errors.New(string(e))
		default:
			panic(e)
		}
	}()
	p := &parser{}
	p.s.Init(strings.NewReader(text))
	p.s.Filename = name
	p.s.Mode = scanner.ScanIdents | scanner.ScanInts | scanner.ScanStrings | scanner.ScanComments | scanner.SkipComments
	p.next()
	f = new(file)
	for p.tok != "" {
		switch kind := p.take(); kind {
		case "namespace":
			p.take()
			p.take()
		case "enum":
			f.enums = append(f.enums, p.enum())
		case "struct", "exception":
			s := structure{name: p.take(), exception: kind == "exception"}
			p.expect("{")
			s.fields = p.fields("}")
			f.structs = append(f.structs, s)
		case "service":
			p.take()
			p.expect("{")
			for !p.accept("}") {
				f.methods = append(f.methods, p.method())
			}
		default:
			p.fail("%q does not begin a declaration", kind)
		}
	}
	return f, nil
}

func (p *parser) fail(format string, args ...any) {
	panic(parseError(p.s.Position.String() + ": " + fmt.Sprintf(format, args...)))
}

func (p *parser) next() {
	if p.s.Scan() == scanner.EOF {
		p.tok = ""
		return
	}
	p.tok = p.s.TokenText()
}

func (p *parser) take() string {
	if p.tok == "" {
		p.fail("unexpected end")
	}
	tok := p.tok
	p.next()
	return tok
}

func (p *parser) accept(tok string) bool {
	if p.tok != tok {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(tok string) {
	if !p.accept(tok) {
		p.fail("%q, want %q", p.tok, tok)
	}
}

func (p *parser) number() int {
	n, err := strconv.Atoi(p.tok)
	if err != nil {
		p.fail("%q, want a number", p.tok)
	}
	p.next()
	return n
}

func (p *parser) enum() enum {
	e := enum{name: p.take()}
	p.expect("{")
	for !p.accept("}") {
		v := enumValue{name: p.take()}
		p.expect("=")
		v.value = p.number()
		e.values = append(e.values, v)
		p.accept(",")
	}
	return e
}

func (p *parser) fields(end string) []field {
	var fields []field
	for !p.accept(end) {
		f := field{id: p.number()}
		p.expect(":")
		if p.tok == "required" || p.tok == "optional" {
			f.requirement = p.take()
		}
		f.typ = p.typ()
		f.name = p.take()
		if p.accept("=") {
			p.expect(f.typ.name)
			p.expect(".")
			f.standard = p.take()
		}
		p.accept(",")
		fields = append(fields, f)
	}
	return fields
}

func (p *parser) typ() typ {
	t := typ{name: p.take()}
	switch t.name {
	case "list":
		p.expect("<")
		elem := p.typ()
		t.elem = &elem
		p.expect(">")
	case "map":
		p.expect("<")
		key := p.typ()
		p.expect(",")
		elem := p.typ()
		t.key, t.elem = &key, &elem
		p.expect(">")
	}
	return t
}

func (p *parser) method() method {
	var m method
	if !p.accept("void") {
		result := p.typ()
		m.result = &result
	}
	m.name = p.take()
	p.expect("(")
	m.args = p.fields(")")
	if p.accept("throws") {
		p.expect("(")
		m.throws = p.fields(")")
	}
	if p.accept("(") {
		for !p.accept(")") {
			m.traits = append(m.traits, p.take())
			p.expect("=")
			p.expect(`"true"`)
			p.accept(",")
		}
	}
	p.accept(",")
	return m
}
