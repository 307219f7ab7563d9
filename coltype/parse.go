package coltype

import (
	"fmt"
	"strings"
)

// simpleTypes has the types without parameters, by short and full class name.
var simpleTypes = func() map[string]Type {
	types := map[string]Type{}
	for _, t := range []Type{
		Bytes, ASCII, UTF8, Empty, Long, Int32, Integer, CounterColumn, Double, Float, Boolean, Decimal,
		UUID, TimeUUID, LexicalUUID, Date, Timestamp, InetAddress,
	} {
		types[t.String()] = t
		types[shortName(t)] = t
	}
	return types
}()

// Parse reads a class name as Cassandra and its clients write it: short or in full, with
// or without parameters, and with or without blanks:
//
//	LongType
//	org.apache.cassandra.db.marshal.LongType
//	LongType(reversed=true)
//	ReversedType(LongType)
//	CompositeType(LongType(reversed=true), AsciiType)
//	DynamicCompositeType(a=>AsciiType, t=>TimeUUIDType)
//
// An empty name is BytesType. Parse returns a class that this package does not know as an
// [UnknownType] with its parameters, so an error always means that the form is wrong.
// Unlike Cassandra, Parse refuses text after the end of a class name.
func Parse(class string) (Type, error) {
	if t, ok := simpleTypes[class]; ok {
		return t, nil
	}
	p := parser{s: class}
	if p.blanks(); p.i == len(p.s) {
		return Bytes, nil
	}
	t, err := p.parse(0)
	if err != nil {
		return nil, err
	}
	if p.blanks(); p.i < len(p.s) {
		return nil, p.errorf("expected the end")
	}
	return t, nil
}

// maxDepth bounds how deep types may be nested. Real ones are three deep.
const maxDepth = 32

type parser struct {
	s string
	i int
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("class name %.200q, at byte %d: %s", p.s, p.i, fmt.Sprintf(format, args...))
}

// parse reads one type.
func (p *parser) parse(depth int) (Type, error) {
	if depth > maxDepth {
		return nil, p.errorf("types are nested more than %d deep", maxDepth)
	}
	p.blanks()
	name := p.identifier()
	if name == "" {
		return nil, p.errorf("expected a class name")
	}
	p.blanks()
	switch strings.TrimPrefix(name, marshal) {
	case "CompositeType":
		components, err := p.types(depth)
		return &CompositeType{components}, err
	case "DynamicCompositeType":
		aliases, err := p.aliases(depth)
		return &DynamicCompositeType{aliases}, err
	case "ReversedType":
		bases, err := p.types(depth)
		switch {
		case err != nil:
			return nil, err
		case len(bases) != 1:
			return nil, p.errorf("ReversedType takes exactly one argument, %d given", len(bases))
		}
		return Reversed(bases[0]), nil
	}
	if t, ok := simpleTypes[name]; ok {
		reversed, err := p.options()
		if err != nil || !reversed {
			return t, err
		}
		return Reversed(t), nil
	}
	params, err := p.raw()
	if err != nil {
		return nil, err
	}
	if !strings.Contains(name, ".") {
		name = marshal + name
	}
	return Unknown(name + params), nil
}

// params reads a list in parentheses, if there is one. It calls each at the beginning of
// every item. Items are separated by a comma, blanks or both.
func (p *parser) params(each func() error) error {
	if !p.skip("(") {
		return nil
	}
	for {
		if p.separator(); p.skip(")") {
			return nil
		}
		if p.i == len(p.s) {
			return p.errorf("expected )")
		}
		if err := each(); err != nil {
			return err
		}
	}
}

// types reads the parameters of a composite.
func (p *parser) types(depth int) (types []Type, err error) {
	err = p.params(func() error {
		t, err := p.parse(depth + 1)
		types = append(types, t)
		return err
	})
	return types, err
}

// aliases reads the parameters of a dynamic composite. A later alias replaces
// an earlier one.
func (p *parser) aliases(depth int) (map[byte]Type, error) {
	aliases := map[byte]Type{}
	err := p.params(func() error {
		alias := p.identifier()
		if len(alias) != 1 {
			return p.errorf("an alias should be a single character in [0..9a..zA..Z-+._&]")
		}
		if p.blanks(); !p.skip("=>") {
			return p.errorf("expected =>")
		}
		t, err := p.parse(depth + 1)
		aliases[alias[0]] = t
		return err
	})
	return aliases, err
}

// options reads the parameters of a simple type. Cassandra knows only one: reversed.
func (p *parser) options() (reversed bool, err error) {
	err = p.params(func() error {
		key, value := p.identifier(), ""
		if key == "" {
			return p.errorf("expected a name")
		}
		if p.blanks(); p.skip("=") {
			p.blanks()
			value = p.identifier()
		}
		if key == "reversed" {
			reversed = value == "" || value == "true"
		}
		return nil
	})
	return reversed, err
}

// raw reads parameters of any form, with balanced parentheses.
func (p *parser) raw() (string, error) {
	start, depth := p.i, 0
	for ; p.i < len(p.s); p.i++ {
		switch p.s[p.i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		switch {
		case depth < 0 || depth == 0 && p.i == start:
			return "", nil // if parameters follow, they belong to an outer type
		case depth == 0:
			p.i++
			return p.s[start:p.i], nil
		}
	}
	if depth > 0 {
		return "", p.errorf("expected )")
	}
	return "", nil
}

func (p *parser) identifier() string {
	start := p.i
	for p.i < len(p.s) && isIdentifier(p.s[p.i]) {
		p.i++
	}
	return p.s[start:p.i]
}

// isIdentifier is Cassandra's TypeParser.isIdentifierChar.
func isIdentifier(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("-+._&", c) >= 0
}

func (p *parser) blanks() {
	for p.i < len(p.s) && strings.IndexByte(" \t\n", p.s[p.i]) >= 0 {
		p.i++
	}
}

// separator skips blanks and at most one comma.
func (p *parser) separator() {
	if p.blanks(); p.skip(",") {
		p.blanks()
	}
}

func (p *parser) skip(token string) bool {
	if !strings.HasPrefix(p.s[p.i:], token) {
		return false
	}
	p.i += len(token)
	return true
}
