package shell

import (
	"math"
	"math/big"
	"strings"

	"go.starlark.net/starlark"
)

// maxBits bounds the bits of a long, and maxBytes bounds the bytes of a string.
const (
	maxBits  = 1 << 22
	maxBytes = 1 << 28
)

var operatorMethods = map[string][2]string{
	"+": {"__add__", "__radd__"}, "-": {"__sub__", "__rsub__"}, "*": {"__mul__", "__rmul__"}, "/": {"__div__", "__rdiv__"},
	"//": {"__floordiv__", "__rfloordiv__"}, "%": {"__mod__", "__rmod__"}, "**": {"__pow__", "__rpow__"},
	"&": {"__and__", "__rand__"}, "|": {"__or__", "__ror__"}, "^": {"__xor__", "__rxor__"},
	"<<": {"__lshift__", "__rlshift__"}, ">>": {"__rshift__", "__rrshift__"},
}

// binary is x op y.
func (s *Session) binary(op string, x, y Value) (Value, error) {
	a, aSmall := x.(starlark.Int)
	b, bSmall := y.(starlark.Int)
	if aSmall && bSmall {
		if v := smallArith(op, a, b); v != nil {
			return v, nil
		}
	}
	if isNumber(x) && isNumber(y) {
		return s.numbers(op, x, y)
	}
	methods := operatorMethods[op]
	for i, o := range []Value{x, y} {
		other := y
		if i == 1 {
			other = x
		}
		r, ok, err := s.special(o, methods[i], other)
		if err != nil {
			return nil, err
		}
		if ok && r != s.notImplemented {
			return r, nil
		}
		if obj, ok := o.(*object); ok {
			if d, ok := obj.data.(arithmetic); ok {
				r, err := d.arith(s, op, x, y)
				if r != nil || err != nil {
					return r, err
				}
			}
		}
	}
	switch op {
	case "+":
		if v, err := s.add(x, y); v != nil || err != nil {
			return v, err
		}
	case "*":
		if v, err := s.repeat(x, y); v != nil || err != nil {
			return v, err
		}
		if v, err := s.repeat(y, x); v != nil || err != nil {
			return v, err
		}
	case "%":
		if _, ok := textOf(x); ok {
			return s.formatPercent(x, y)
		}
	case "-", "&", "|", "^":
		if a, ok := x.(*set); ok {
			if b, ok := y.(*set); ok {
				return s.setOp(op, a, b.elems())
			}
		}
	}
	switch op {
	case "**":
		op = "** or pow()"
	case "+":
		if _, ok := x.(str); ok {
			return nil, s.raise(s.exc.TypeError, "cannot concatenate 'str' and '%s' objects", s.typeName(y))
		}
		if _, ok := x.(unicodeStr); ok {
			return nil, s.raise(s.exc.TypeError, "coercing to Unicode: need string or buffer, %s found", s.typeName(y))
		}
		if l, ok := sequenceName(x); ok {
			return nil, s.raise(s.exc.TypeError, `can only concatenate %s (not "%s") to %s`, l, s.typeName(y), l)
		}
	case "*":
		if _, ok := sequenceName(x); ok {
			return nil, s.raise(s.exc.TypeError, "can't multiply sequence by non-int of type '%s'", s.typeName(y))
		}
		if _, ok := textOf(x); ok {
			return nil, s.raise(s.exc.TypeError, "can't multiply sequence by non-int of type '%s'", s.typeName(y))
		}
	}
	return nil, s.raise(s.exc.TypeError, "unsupported operand type(s) for %s: '%s' and '%s'", op, s.typeName(x), s.typeName(y))
}

func sequenceName(v Value) (string, bool) {
	switch v.(type) {
	case *list:
		return "list", true
	case starlark.Tuple:
		return "tuple", true
	}
	return "", false
}

// arithmetic is the data of an object that has operators. A nil result means that the object does not support the
// operands.
type arithmetic interface {
	arith(s *Session, op string, x, y Value) (Value, error)
}

// smallArith adds, subtracts and multiplies ints that cannot overflow.
func smallArith(op string, a, b starlark.Int) Value {
	x, ok1 := a.Int64()
	y, ok2 := b.Int64()
	const limit = 1 << 31
	if !ok1 || !ok2 || x > limit || x < -limit || y > limit || y < -limit {
		return nil
	}
	switch op {
	case "+":
		return intValue(x + y)
	case "-":
		return intValue(x - y)
	case "*":
		return intValue(x * y)
	}
	return nil
}

// numbers computes with ints, longs, booleans and floats.
func (s *Session) numbers(op string, x, y Value) (Value, error) {
	_, fx := x.(starlark.Float)
	_, fy := y.(starlark.Float)
	if fx || fy {
		a, _ := floatOf(x)
		b, _ := floatOf(y)
		return s.floats(op, a, b, x, y)
	}
	a, _ := bigOf(x)
	b, _ := bigOf(y)
	_, lx := x.(long)
	_, ly := y.(long)
	wrap := func(n *big.Int) (Value, error) {
		if n.BitLen() > maxBits {
			return nil, s.raiseValue(s.exc.MemoryError)
		}
		if lx || ly {
			return long{n}, nil
		}
		return intFromBig(n), nil
	}
	n := new(big.Int)
	switch op {
	case "+":
		return wrap(n.Add(a, b))
	case "-":
		return wrap(n.Sub(a, b))
	case "*":
		if a.BitLen()+b.BitLen() > maxBits {
			return nil, s.raiseValue(s.exc.MemoryError)
		}
		return wrap(n.Mul(a, b))
	case "/", "//", "%":
		if b.Sign() == 0 {
			if lx || ly {
				return nil, s.raise(s.exc.ZeroDivisionError, "long division or modulo by zero")
			}
			return nil, s.raise(s.exc.ZeroDivisionError, "integer division or modulo by zero")
		}
		q, r := floorDiv(a, b)
		if op == "%" {
			return wrap(r)
		}
		return wrap(q)
	case "**":
		if b.Sign() < 0 {
			f, _ := floatOf(x)
			g, _ := floatOf(y)
			return s.floats(op, f, g, x, y)
		}
		if a.BitLen() > 1 && (!b.IsInt64() || int64(a.BitLen())*b.Int64() > maxBits) {
			return nil, s.raiseValue(s.exc.MemoryError)
		}
		return wrap(n.Exp(a, b, nil))
	case "&", "|", "^":
		switch op {
		case "&":
			n.And(a, b)
		case "|":
			n.Or(a, b)
		default:
			n.Xor(a, b)
		}
		_, bx := x.(starlark.Bool)
		_, by := y.(starlark.Bool)
		if bx && by {
			return boolean(n.Sign() != 0), nil
		}
		return wrap(n)
	case "<<", ">>":
		if b.Sign() < 0 {
			return nil, s.raise(s.exc.ValueError, "negative shift count")
		}
		if op == ">>" {
			if !b.IsInt64() || b.Int64() > maxBits {
				b = big.NewInt(maxBits)
			}
			return wrap(n.Rsh(a, uint(b.Int64())))
		}
		if !b.IsInt64() || b.Int64() > maxBits {
			return nil, s.raiseValue(s.exc.MemoryError)
		}
		return wrap(n.Lsh(a, uint(b.Int64())))
	}
	return nil, s.raise(s.exc.TypeError, "unsupported operator %s", op)
}

// floorDiv divides towards minus infinity, as Python does.
func floorDiv(a, b *big.Int) (q, r *big.Int) {
	q, r = new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Sign() != 0 && r.Sign() != b.Sign() {
		q.Sub(q, big.NewInt(1))
		r.Add(r, b)
	}
	return q, r
}

func (s *Session) floats(op string, a, b float64, x, y Value) (Value, error) {
	switch op {
	case "+":
		return starlark.Float(a + b), nil
	case "-":
		return starlark.Float(a - b), nil
	case "*":
		return starlark.Float(a * b), nil
	case "/":
		if b == 0 {
			return nil, s.raise(s.exc.ZeroDivisionError, "float division by zero")
		}
		return starlark.Float(a / b), nil
	case "//", "%":
		if b == 0 {
			what := "float modulo"
			if op == "//" {
				what = "float divmod()"
			}
			return nil, s.raise(s.exc.ZeroDivisionError, "%s", what)
		}
		r := math.Mod(a, b)
		if r != 0 && (r < 0) != (b < 0) {
			r += b
		}
		if op == "%" {
			return starlark.Float(r), nil
		}
		return starlark.Float(math.Floor((a-r)/b + 0.5)), nil
	case "**":
		if a == 0 && b < 0 {
			return nil, s.raise(s.exc.ZeroDivisionError, "0.0 cannot be raised to a negative power")
		}
		if a < 0 && b != math.Trunc(b) {
			return nil, s.raise(s.exc.ValueError, "negative number cannot be raised to a fractional power")
		}
		p := math.Pow(a, b)
		if math.IsInf(p, 0) && !math.IsInf(a, 0) && !math.IsInf(b, 0) {
			return nil, s.raiseValue(s.exc.OverflowError, intValue(34), str("Numerical result out of range"))
		}
		return starlark.Float(p), nil
	}
	return nil, s.raise(s.exc.TypeError, "unsupported operand type(s) for %s: '%s' and '%s'", op, s.typeName(x), s.typeName(y))
}

func negate(v Value) (Value, error) {
	switch v := v.(type) {
	case starlark.Float:
		return -v, nil
	case long:
		n := new(big.Int).Neg(v.Int)
		return long{n}, nil
	case starlark.Int:
		n, _ := bigOf(v)
		return intFromBig(new(big.Int).Neg(n)), nil
	}
	return nil, errInterrupted
}

// unary is -x, +x or ~x.
func (s *Session) unary(op string, x Value) (Value, error) {
	if b, ok := x.(starlark.Bool); ok {
		n := int64(0)
		if b {
			n = 1
		}
		x = intValue(n)
	}
	name := map[string]string{"-": "__neg__", "+": "__pos__", "~": "__invert__"}[op]
	if r, ok, err := s.special(x, name); ok || err != nil {
		return r, err
	}
	if isNumber(x) {
		switch op {
		case "-":
			return negate(x)
		case "+":
			return x, nil
		}
		if n, ok := bigOf(x); ok {
			m := new(big.Int).Not(n)
			if _, isLong := x.(long); isLong {
				return long{m}, nil
			}
			return intFromBig(m), nil
		}
	}
	if o, ok := x.(*object); ok && op == "-" {
		if d, ok := o.data.(arithmetic); ok {
			if r, err := d.arith(s, "neg", x, x); r != nil || err != nil {
				return r, err
			}
		}
	}
	return nil, s.raise(s.exc.TypeError, "bad operand type for unary %s: '%s'", op, s.typeName(x))
}

// add concatenates two sequences. A nil result means that the operands cannot be concatenated.
func (s *Session) add(x, y Value) (Value, error) {
	a, ok1 := textOf(x)
	b, ok2 := textOf(y)
	if ok1 && ok2 {
		if len(a)+len(b) > maxBytes {
			return nil, s.raiseValue(s.exc.MemoryError)
		}
		_, u1 := x.(unicodeStr)
		_, u2 := y.(unicodeStr)
		if !u1 && !u2 {
			return str(a + b), nil
		}
		for _, v := range []Value{x, y} {
			if _, err := s.toUnicode(v); err != nil {
				return nil, err
			}
		}
		return unicodeStr(a + b), nil
	}
	switch a := x.(type) {
	case *list:
		if b, ok := y.(*list); ok {
			return s.boundedList(append(append(make([]Value, 0, len(a.elems)+len(b.elems)), a.elems...), b.elems...))
		}
	case starlark.Tuple:
		if b, ok := y.(starlark.Tuple); ok {
			return append(append(make(starlark.Tuple, 0, len(a)+len(b)), a...), b...), nil
		}
	}
	return nil, nil
}

func (s *Session) boundedList(elems []Value) (Value, error) {
	if len(elems) > maxElements {
		return nil, s.raiseValue(s.exc.MemoryError)
	}
	return &list{elems: elems}, nil
}

// repeat is sequence * count. A nil result means that the operands are not a sequence and a count.
func (s *Session) repeat(x, y Value) (Value, error) {
	if _, isFloat := y.(starlark.Float); isFloat {
		return nil, nil
	}
	n, ok := smallInt(y)
	if !ok {
		return nil, nil
	}
	n = max(n, 0)
	size := func(length int, limit int64) error {
		if int64(length) > 0 && n > limit/int64(length) {
			return s.raiseValue(s.exc.MemoryError)
		}
		return nil
	}
	switch v := x.(type) {
	case str:
		if err := size(len(v), maxBytes); err != nil {
			return nil, err
		}
		if v == "" {
			return v, nil
		}
		return str(strings.Repeat(string(v), int(n))), nil
	case unicodeStr:
		if err := size(len(v), maxBytes); err != nil {
			return nil, err
		}
		if v == "" {
			return v, nil
		}
		return unicodeStr(strings.Repeat(string(v), int(n))), nil
	case *list:
		if err := size(len(v.elems), maxElements); err != nil {
			return nil, err
		}
		return &list{elems: repeated(v.elems, n)}, nil
	case starlark.Tuple:
		if err := size(len(v), maxElements); err != nil {
			return nil, err
		}
		return starlark.Tuple(repeated(v, n)), nil
	}
	return nil, nil
}

func repeated(elems []Value, n int64) []Value {
	if len(elems) == 0 {
		return nil
	}
	out := make([]Value, 0, len(elems)*int(n))
	for range n {
		out = append(out, elems...)
	}
	return out
}

// inplace is x op= y. It changes lists and sets in place, and evaluates x op y for all other values.
func (s *Session) inplace(op string, x, y Value) (Value, error) {
	if o, ok := x.(*object); ok {
		name := strings.Replace(operatorMethods[op][0], "__", "__i", 1)
		if r, ok, err := s.special(o, name, y); ok || err != nil {
			return r, err
		}
	}
	switch a := x.(type) {
	case *list:
		if op == "+" {
			elems, err := s.collect(y)
			if err != nil {
				return nil, err
			}
			if len(a.elems)+len(elems) > maxElements {
				return nil, s.raiseValue(s.exc.MemoryError)
			}
			a.elems = append(a.elems, elems...)
			return a, nil
		}
	case *set:
		if b, ok := y.(*set); ok && !a.class.derives(s.types.frozenset) && (op == "|" || op == "&" || op == "-" || op == "^") {
			r, err := s.setOp(op, a, b.elems())
			if err != nil {
				return nil, err
			}
			a.table = r.table
			return a, nil
		}
	}
	return s.binary(op, x, y)
}

// setOp combines a set with the elements of another.
func (s *Session) setOp(op string, a *set, b []Value) (*set, error) {
	out := &set{class: a.class}
	other, err := s.newSet(b...)
	if err != nil {
		return nil, err
	}
	keep := func(elems []Value, in *set, want bool) error {
		for _, x := range elems {
			e, err := in.lookup(s, x)
			if err != nil {
				return err
			}
			if (e != nil) == want {
				if err := out.insert(s, x, none); err != nil {
					return err
				}
			}
		}
		return nil
	}
	empty, _ := s.newSet()
	switch op {
	case "&":
		return out, keep(b, a, true)
	case "-":
		return out, keep(a.elems(), other, false)
	case "^":
		if err := keep(a.elems(), other, false); err != nil {
			return nil, err
		}
		return out, keep(other.elems(), a, false)
	}
	if err := keep(a.elems(), empty, false); err != nil {
		return nil, err
	}
	return out, keep(b, empty, false)
}
