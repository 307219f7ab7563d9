package backendtest

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"strconv"
	"strings"

	"github.com/gofrs/uuid/v5"
	"gopkg.in/inf.v0"

	"github.com/widerow/widerow/coltype"
)

// A literal is a value as a script writes it. Its bytes depend on the type of the name,
// key or value that it is written for; see [literal.pack].
//
//	'text'          text; the bytes of the text where the type is not one of text
//	-12, 1.5, true  numbers and booleans
//	f47ac10b-58cc-4372-a567-0e02b2c3d479   a UUID
//	x'00ff'         these bytes, whatever the type
//	'ab' * 1000     repeated
//	('a', 5)        a composite; followed by + or - the end of a slice that is
//	                after, or before, all names that begin with these components
//	(a:'x', LongType:5)   a dynamic composite, by aliases or class names
type literal interface {
	// pack returns the literal's bytes as a value of type t.
	pack(t coltype.Type) []byte
}

type (
	bytesLiteral  []byte
	textLiteral   string
	numberLiteral string
	boolLiteral   bool
	uuidLiteral   uuid.UUID
	tupleLiteral  struct {
		parts []part
		end   int8 // the last component's end-of-component byte
	}
	part struct {
		class string // the alias or class name in a dynamic composite
		value literal
	}
)

// literal takes a literal.
func (l *lexer) literal() literal {
	v := l.single()
	if !l.sign("*") {
		return v
	}
	n, err := strconv.Atoi(l.word(""))
	if err != nil {
		l.fail("expected a number")
	}
	switch v := v.(type) {
	case textLiteral:
		return textLiteral(strings.Repeat(string(v), n))
	case bytesLiteral:
		return bytesLiteral(strings.Repeat(string(v), n))
	}
	l.fail("cannot repeat %v", v)
	return nil
}

func (l *lexer) single() literal {
	l.space()
	switch {
	case strings.HasPrefix(l.rest, "'"):
		return textLiteral(l.text())
	case strings.HasPrefix(l.rest, "x'"):
		l.rest = l.rest[1:]
		b, err := hex.DecodeString(l.text())
		if err != nil {
			l.fail("not hexadecimal")
		}
		return bytesLiteral(b)
	case l.sign("("):
		return l.tuple()
	}
	w := l.word("-.")
	if id, err := uuid.FromString(w); err == nil && strings.Contains(w, "-") { // 32 digits are a number
		return uuidLiteral(id)
	}
	if w == "true" || w == "false" {
		return boolLiteral(w == "true")
	}
	if _, err := strconv.ParseFloat(w, 64); err != nil && !errors.Is(err, strconv.ErrRange) {
		l.rest = w + l.rest
		l.fail("expected a value")
	}
	return numberLiteral(w)
}

func (l *lexer) tuple() literal {
	var t tupleLiteral
	for !l.sign(")") {
		var p part
		if before, _, found := strings.Cut(l.rest, ":"); found && !strings.ContainsAny(before, "'(), ") {
			p.class = before
			l.expect(before)
			l.expect(":")
		}
		p.value = l.literal()
		t.parts = append(t.parts, p)
		l.sign(",")
	}
	switch {
	case l.sign("+"):
		t.end = 1
	case l.sign("-"):
		t.end = -1
	}
	return t
}

// literals takes literals with commas between them.
func (l *lexer) literals() []literal {
	list := []literal{l.literal()}
	for l.sign(",") {
		list = append(list, l.literal())
	}
	return list
}

func packAll(list []literal, t coltype.Type) [][]byte {
	packed := make([][]byte, len(list))
	for i, v := range list {
		packed[i] = v.pack(t)
	}
	return packed
}

func (b bytesLiteral) pack(coltype.Type) []byte { return []byte(b) }

func (s textLiteral) pack(t coltype.Type) []byte {
	if unreversed(t) == coltype.InetAddress {
		if a, err := netip.ParseAddr(string(s)); err == nil {
			return a.AsSlice()
		}
	}
	return []byte(s)
}

func (b boolLiteral) pack(coltype.Type) []byte {
	if b {
		return []byte{1}
	}
	return []byte{0}
}

func (u uuidLiteral) pack(coltype.Type) []byte { return u[:] }

func (n numberLiteral) pack(t coltype.Type) []byte {
	switch unreversed(t) {
	case coltype.Double:
		return binary.BigEndian.AppendUint64(nil, math.Float64bits(n.float()))
	case coltype.Float:
		return binary.BigEndian.AppendUint32(nil, math.Float32bits(float32(n.float())))
	case coltype.Decimal:
		d, ok := new(inf.Dec).SetString(string(n))
		if !ok {
			panic(syntaxError("not a decimal: " + string(n)))
		}
		return append(binary.BigEndian.AppendUint32(nil, uint32(d.Scale())), packVarint(d.UnscaledBig())...)
	case coltype.Integer:
		i, ok := new(big.Int).SetString(string(n), 10)
		if !ok {
			panic(syntaxError("not an integer: " + string(n)))
		}
		return packVarint(i)
	case coltype.Int32:
		return binary.BigEndian.AppendUint32(nil, uint32(n.int()))
	case coltype.Bytes, coltype.UTF8, coltype.ASCII:
		panic(syntaxError("the number " + string(n) + " where the type is " + t.String()))
	}
	return binary.BigEndian.AppendUint64(nil, uint64(n.int())) // dates are milliseconds
}

func (n numberLiteral) int() int64 {
	i, err := strconv.ParseInt(string(n), 10, 64)
	if err != nil {
		panic(syntaxError(err.Error()))
	}
	return i
}

func (n numberLiteral) float() float64 {
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil {
		panic(syntaxError(err.Error()))
	}
	return f
}

// packVarint returns the shortest two's complement of i, as Java's
// BigInteger.toByteArray.
func packVarint(i *big.Int) []byte {
	if i.Sign() >= 0 {
		b := i.Bytes()
		if len(b) == 0 || b[0] >= 0x80 {
			b = append([]byte{0}, b...)
		}
		return b
	}
	// -1 - i has the complement's bits.
	b := new(big.Int).Not(i).Bytes()
	if len(b) == 0 || b[0] >= 0x80 {
		b = append([]byte{0}, b...)
	}
	for k := range b {
		b[k] = ^b[k]
	}
	return b
}

// pack writes each component as its length, its bytes and the end-of-component
// byte (org.apache.cassandra.db.marshal.CompositeType); in a dynamic composite
// its alias or class comes first.
func (t tupleLiteral) pack(typ coltype.Type) []byte {
	var b []byte
	for i, p := range t.parts {
		var component coltype.Type
		switch typ := unreversed(typ).(type) {
		case *coltype.CompositeType:
			if i >= len(typ.Components()) {
				component = coltype.Bytes // one component too many, which the store refuses
			} else {
				component = typ.Components()[i]
			}
		case *coltype.DynamicCompositeType:
			if len(p.class) == 1 {
				component = typ.Aliases()[p.class[0]]
				b = append(b, 0x80, p.class[0])
			} else {
				parsed, err := coltype.Parse(p.class)
				if err != nil {
					panic(syntaxError(err.Error()))
				}
				component = parsed
				b = binary.BigEndian.AppendUint16(b, uint16(len(p.class)))
				b = append(b, p.class...)
			}
		default:
			panic(syntaxError("a tuple where the type is " + typ.String()))
		}
		value := p.value.pack(component)
		b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
		b = append(b, value...)
		if i == len(t.parts)-1 {
			b = append(b, byte(t.end))
		} else {
			b = append(b, 0)
		}
	}
	return b
}

func unreversed(t coltype.Type) coltype.Type {
	if r, ok := t.(*coltype.ReversedType); ok {
		return unreversed(r.Base())
	}
	return t
}
