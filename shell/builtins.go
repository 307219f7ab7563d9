package shell

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"go.starlark.net/starlark"
)

func (s *Session) initTypes() {
	t := &s.types
	define := func(c **class, name string, bases ...*class) {
		k := s.newClass(name, "__builtin__", bases...)
		k.builtin = true
		*c = k
	}
	define(&t.object, "object")
	for name, c := range map[string]**class{
		"type": &t.typ, "classobj": &t.classobj, "NoneType": &t.none, "int": &t.int, "long": &t.long, "float": &t.float,
		"basestring": &t.basestring, "tuple": &t.tuple, "list": &t.list, "dict": &t.dict, "set": &t.set, "frozenset": &t.frozenset,
		"function": &t.function, "builtin_function_or_method": &t.builtin, "instancemethod": &t.method, "generator": &t.generator,
		"iterator": &t.iterator, "xrange": &t.xrange, "module": &t.module, "property": &t.property, "staticmethod": &t.staticmethod,
		"classmethod": &t.classmethod, "slice": &t.slice, "file": &t.file, "NotImplementedType": &t.notImplemented,
	} {
		define(c, name)
	}
	define(&t.bool, "bool", t.int)
	define(&t.str, "str", t.basestring)
	define(&t.unicode, "unicode", t.basestring)
	t.ordered = s.newClass("OrderedDict", "collections", t.dict)
	define(&t.defaultdict, "defaultdict", t.dict)
	t.defaultdict.module = "collections"
	s.notImplemented = &object{class: t.notImplemented}
	for _, c := range []*class{
		t.object, t.typ, t.int, t.long, t.float, t.bool, t.str, t.unicode, t.basestring, t.tuple, t.list, t.dict, t.set, t.frozenset,
		t.xrange, t.property, t.staticmethod, t.classmethod, t.slice, t.file,
	} {
		s.builtins[c.name] = c
	}
}

// builtin defines a function of Python's builtin namespace.
func (s *Session) builtin(header, doc string, fn func(*call) (Value, error)) {
	n := s.native(header, fn)
	n.doc, n.builtin = doc, true
	s.builtins[n.name] = n
}

func (s *Session) initBuiltins() {
	s.builtins["True"], s.builtins["False"], s.builtins["None"] = starlark.True, starlark.False, none
	s.builtins["NotImplemented"] = s.notImplemented
	ellipsis := s.newClass("ellipsis", "__builtin__")
	ellipsis.builtin = true
	s.builtins["Ellipsis"] = &object{class: ellipsis}
	for _, name := range []string{"NotImplemented", "Ellipsis"} {
		s.builtins[name].(*object).class.def("__repr__(self)", func(*call) (Value, error) { return str(name), nil })
	}
	s.builtin("format(value, format_spec='')", "The value as str.format writes it.", func(c *call) (Value, error) {
		spec, ok := textOf(c.args[1])
		if !ok {
			return nil, s.raise(s.exc.TypeError, "format() argument 2 must be string, not %s", s.typeName(c.args[1]))
		}
		text, err := s.formatValue(c.args[0], spec)
		_, uni := c.args[0].(unicodeStr)
		return textValue(text, uni), err
	})
	s.initConstructors()
	s.initStrMethods()
	s.initContainerMethods()
	s.initNumberFunctions()
	s.initIterFunctions()
	s.initObjectFunctions()
	s.newObject = &staticMethod{fn: s.native("__new__(cls, *args, **kwargs)", func(c *call) (Value, error) {
		k, ok := c.args[0].(*class)
		if !ok || k.old || k.construct != nil && k != s.types.object {
			return nil, s.raise(s.exc.TypeError, "object.__new__(X): X is not a class of objects (%s)", s.typeName(c.args[0]))
		}
		return &object{class: k}, nil
	})}
	s.types.object.attrs.set("__new__", s.newObject)
	s.initExec()
	s.initFiles()
	s.initZone()
}

// initNumberAttributes defines the attributes of Python's number classes.
func (s *Session) initNumberAttributes() {
	for _, c := range []*class{s.types.int, s.types.long, s.types.float} {
		c.prop("real", func(v Value) (Value, error) { return s.unary("+", v) }, nil)
		c.prop("imag", func(v Value) (Value, error) { return s.binary("*", v, intValue(0)) }, nil)
		c.def("bit_length(self)", func(a *call) (Value, error) {
			n, ok := bigOf(a.args[0])
			if !ok {
				return nil, s.noAttr(a.args[0], "bit_length")
			}
			return intValue(n.BitLen()), nil
		})
		if c == s.types.float {
			c.def("as_integer_ratio(self)", func(a *call) (Value, error) { return s.integerRatio(a.args[0]) })
		}
		c.def("is_integer(self)", func(a *call) (Value, error) {
			f, ok := floatOf(a.args[0])
			return boolean(ok && f == math.Trunc(f)), nil
		})
	}
}

// integerRatio returns the numerator and the denominator of a float.
func (s *Session) integerRatio(v Value) (Value, error) {
	f, _ := floatOf(v)
	r := new(big.Rat).SetFloat64(f)
	switch {
	case f != f:
		return nil, s.raise(s.exc.ValueError, "Cannot pass NaN to float.as_integer_ratio.")
	case r == nil:
		return nil, s.raise(s.exc.OverflowError, "Cannot pass infinity to float.as_integer_ratio.")
	}
	return starlark.Tuple{intFromBig(r.Num()), intFromBig(r.Denom())}, nil
}

func (s *Session) initNumberFunctions() {
	s.initNumberAttributes()
	s.builtin("abs(x)", "The distance of a number from 0.", func(c *call) (Value, error) {
		x := c.args[0]
		if r, ok, err := s.special(x, "__abs__"); ok || err != nil {
			return r, err
		}
		zero := intValue(0)
		if !isNumber(x) {
			if o, ok := x.(*object); !ok || o.data == nil {
				return nil, s.raise(s.exc.TypeError, "bad operand type for abs(): '%s'", s.typeName(x))
			}
		} else if n, err := s.cmp(x, zero); err != nil || n >= 0 {
			return s.unaryOr(x, err)
		}
		return s.unary("-", x)
	})
	s.builtins["bytes"] = s.types.str
	s.builtin("apply(function, args=(), kwargs=None)", "function(*args, **kwargs).", func(c *call) (Value, error) {
		return s.callWith([]Value{c.args[1], c.args[2], intValue(0), starlark.Tuple{}, c.args[0]})
	})
	s.builtin("intern(text)", "The text.", func(c *call) (Value, error) {
		if _, ok := c.args[0].(str); !ok {
			return nil, s.raise(s.exc.TypeError, "intern() argument 1 must be string, not %s", s.typeName(c.args[0]))
		}
		return c.args[0], nil
	})
	s.builtin("divmod(x, y)", "(x // y, x % y).", func(c *call) (Value, error) {
		q, err := s.binary("//", c.args[0], c.args[1])
		if err != nil {
			return nil, err
		}
		r, err := s.binary("%", c.args[0], c.args[1])
		return starlark.Tuple{q, r}, err
	})
	s.builtin("pow(x, y, z=None)", "x ** y, or x ** y % z.", func(c *call) (Value, error) {
		if c.args[2] != none {
			x, ok1 := bigOf(c.args[0])
			y, ok2 := bigOf(c.args[1])
			z, ok3 := bigOf(c.args[2])
			if !ok1 || !ok2 || !ok3 || y.Sign() < 0 || y.BitLen() > 10000 || x.BitLen() > 10000 || z.BitLen() > 10000 {
				return nil, s.raise(s.exc.TypeError, "pow() 3rd argument not allowed unless all arguments are integers")
			}
			if z.Sign() == 0 {
				return nil, s.raise(s.exc.ValueError, "pow() 3rd argument cannot be 0")
			}
			_, r := floorDiv(new(big.Int).Exp(x, y, new(big.Int).Abs(z)), z)
			return intFromBig(r), nil
		}
		return s.binary("**", c.args[0], c.args[1])
	})
	s.builtin("round(number, ndigits=0)", "A float rounded to so many digits.", func(c *call) (Value, error) {
		f, err := s.float(c.args[0])
		if err != nil {
			return nil, err
		}
		n, _ := smallInt(c.args[1])
		if n > 300 || math.IsInf(f, 0) || math.IsNaN(f) {
			return starlark.Float(f), nil
		}
		// A half is rounded away from zero.
		b := new(big.Float).SetPrec(2000).SetFloat64(math.Abs(f))
		scale := new(big.Float).SetPrec(2000).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(max(n, -n)), nil))
		if n < -400 {
			return starlark.Float(0), nil
		}
		if n >= 0 {
			b.Mul(b, scale)
		} else {
			b.Quo(b, scale)
		}
		i, _ := b.Add(b, big.NewFloat(0.5)).Int(nil)
		b.SetInt(i)
		if n >= 0 {
			b.Quo(b, scale)
		} else {
			b.Mul(b, scale)
		}
		out, _ := b.Float64()
		return starlark.Float(math.Copysign(out, f)), nil
	})
	for _, f := range []struct {
		header, format, prefix string
	}{{"hex(number)", "%x", "0x"}, {"oct(number)", "%o", "0"}, {"bin(number)", "%b", "0b"}} {
		s.builtin(f.header, "The number's digits as text.", func(c *call) (Value, error) {
			n, ok := bigOf(c.args[0])
			if !ok {
				return nil, s.raise(s.exc.TypeError, "%s() argument can't be converted to %[1]s", strings.SplitN(f.header, "(", 2)[0])
			}
			sign := ""
			if n.Sign() < 0 {
				sign = "-"
			}
			if f.prefix == "0" && n.Sign() == 0 {
				return str("0"), nil
			}
			text := sign + f.prefix + fmt.Sprintf(f.format, new(big.Int).Abs(n))
			if _, isLong := c.args[0].(long); isLong && f.prefix != "0b" {
				text += "L"
			}
			return str(text), nil
		})
	}
	s.builtin("chr(i)", "The str of one byte.", func(c *call) (Value, error) {
		n, ok := smallInt(c.args[0])
		if !ok {
			return nil, s.raise(s.exc.TypeError, "an integer is required")
		}
		if n < 0 || n > 255 {
			return nil, s.raise(s.exc.ValueError, "chr() arg not in range(256)")
		}
		return str([]byte{byte(n)}), nil
	})
	s.builtin("unichr(i)", "The unicode of one code point.", func(c *call) (Value, error) {
		n, ok := smallInt(c.args[0])
		if !ok {
			return nil, s.raise(s.exc.TypeError, "an integer is required")
		}
		if n < 0 || n > 0x10ffff {
			return nil, s.raise(s.exc.ValueError, "unichr() arg not in range(0x110000) (wide Python build)")
		}
		return unicodeStr(rune(n)), nil
	})
	s.builtin("ord(c)", "The number of a character.", func(c *call) (Value, error) {
		switch v := c.args[0].(type) {
		case str:
			if len(v) == 1 {
				return intValue(int(v[0])), nil
			}
			return nil, s.raise(s.exc.TypeError, "ord() expected a character, but string of length %d found", len(v))
		case unicodeStr:
			if r := []rune(string(v)); len(r) == 1 {
				return intValue(r[0]), nil
			}
		}
		return nil, s.raise(s.exc.TypeError, "ord() expected string of length 1, but %s found", s.typeName(c.args[0]))
	})
	s.builtin("cmp(x, y)", "-1, 0 or 1, as x is less than, equal to or greater than y.", func(c *call) (Value, error) {
		n, err := s.cmp(c.args[0], c.args[1])
		return intValue(max(-1, min(n, 1))), err
	})
	s.builtin("hash(object)", "The object's hash.", func(c *call) (Value, error) {
		h, err := s.hash(c.args[0])
		return intValue(h), err
	})
}

func (s *Session) unaryOr(v Value, err error) (Value, error) {
	if err != nil {
		return nil, err
	}
	return s.unary("+", v)
}

func (s *Session) initIterFunctions() {
	s.builtin("all(iterable)", "Whether all are true.", func(c *call) (Value, error) { return s.anyAll(c.args[0], false) })
	s.builtin("any(iterable)", "Whether one is true.", func(c *call) (Value, error) { return s.anyAll(c.args[0], true) })
	s.builtin("len(object)", "The number of elements.", func(c *call) (Value, error) {
		n, err := s.length(c.args[0])
		return intValue(n), err
	})
	s.builtin("iter(o, sentinel=None)", "An iterator over o.", func(c *call) (Value, error) {
		if c.args[1] != none {
			return &iterObject{it: iterFunc(func() (Value, error) {
				v, err := s.call(c.args[0])
				if err != nil {
					return nil, err
				}
				if eq, err := s.equal(v, c.args[1]); eq || err != nil {
					return nil, err
				}
				return v, nil
			})}, nil
		}
		switch c.args[0].(type) {
		case *generator, *iterObject:
			return c.args[0], nil
		}
		it, err := s.iter(c.args[0])
		return &iterObject{it: it}, err
	})
	s.builtin("next(iterator, *default)", "The next value of an iterator.", func(c *call) (Value, error) {
		v, err := s.nextOf(c.args[0])
		if err != nil || v != nil {
			return v, err
		}
		if len(c.extra) > 0 {
			return c.extra[0], nil
		}
		return nil, s.raiseValue(s.exc.StopIteration)
	})
	s.builtin("range(start, *more)", "The list of numbers from start, or 0, up to the end.", func(c *call) (Value, error) {
		r, err := s.xrange(c, "range")
		if err != nil {
			return nil, err
		}
		if r.len() > maxElements {
			return nil, s.raiseValue(s.exc.MemoryError)
		}
		out := make([]Value, 0, r.len())
		for i := range r.len() {
			out = append(out, intValue(r.start+i*r.step))
		}
		return &list{elems: out}, nil
	})
	s.builtin("enumerate(sequence, start=0)", "Pairs of a number and a value.", func(c *call) (Value, error) {
		it, err := s.iter(c.args[0])
		n, _ := smallInt(c.args[1])
		return &iterObject{kind: "enumerate", it: iterFunc(func() (Value, error) {
			v, err := it.next()
			if v == nil || err != nil {
				return nil, err
			}
			n++
			return starlark.Tuple{intValue(n - 1), v}, nil
		})}, err
	})
	s.builtin("zip(*sequences)", "The list of tuples of the first values, the second values, …", func(c *call) (Value, error) {
		out := newList()
		it, err := s.zip(c.extra)
		if err != nil || it == nil {
			return out, err
		}
		out.elems, err = s.collect(&iterObject{it: it})
		return out, err
	})
	s.builtin("map(function, sequence, *more)", "The list of what the function makes of each value.", func(c *call) (Value, error) {
		if len(c.extra) > 0 {
			return s.mapMany(c)
		}
		out := newList()
		return out, s.each(c.args[1], func(v Value) (err error) {
			if c.args[0] != none {
				if v, err = s.call(c.args[0], v); err != nil {
					return err
				}
			}
			out.elems = append(out.elems, v)
			return s.bounded(len(out.elems))
		})
	})
	s.builtin("filter(function, sequence)", "The values for which the function is true.", func(c *call) (Value, error) {
		out := newList()
		err := s.each(c.args[1], func(v Value) error {
			keep := v
			if c.args[0] != none {
				var err error
				if keep, err = s.call(c.args[0], v); err != nil {
					return err
				}
			}
			ok, err := s.truth(keep)
			if ok {
				out.elems = append(out.elems, v)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		switch src := c.args[1].(type) {
		case starlark.Tuple:
			return starlark.Tuple(out.elems), nil
		case str, unicodeStr:
			_, uni := src.(unicodeStr)
			return s.joinText(textValue("", uni), out.elems)
		}
		return out, nil
	})
	s.builtin("reduce(function, sequence, *initial)", "The values folded from the left.", func(c *call) (Value, error) {
		var acc Value
		if len(c.extra) > 0 {
			acc = c.extra[0]
		}
		err := s.each(c.args[1], func(v Value) (err error) {
			if acc == nil {
				acc = v
				return nil
			}
			acc, err = s.call(c.args[0], acc, v)
			return err
		})
		if err == nil && acc == nil {
			err = s.raise(s.exc.TypeError, "reduce() of empty sequence with no initial value")
		}
		return acc, err
	})
	s.builtin("sum(sequence, start=0)", "The sum of the values.", func(c *call) (Value, error) {
		acc := c.args[1]
		if _, ok := textOf(acc); ok {
			return nil, s.raise(s.exc.TypeError, "sum() can't sum strings [use ''.join(seq) instead]")
		}
		err := s.each(c.args[0], func(v Value) (err error) {
			acc, err = s.binary("+", acc, v)
			return err
		})
		return acc, err
	})
	s.builtin("sorted(iterable, cmp=None, key=None, reverse=False)", "The values in a sorted list.", func(c *call) (Value, error) {
		elems, err := s.collect(c.args[0])
		if err != nil {
			return nil, err
		}
		l := &list{elems: elems}
		return l, s.sort(l, c.args[1], c.args[2], c.args[3])
	})
	s.builtin("reversed(sequence)", "An iterator over the values backwards.", func(c *call) (Value, error) {
		if r, ok, err := s.special(c.args[0], "__reversed__"); ok || err != nil {
			return r, err
		}
		switch v := c.args[0].(type) {
		case *generator, *iterObject, *set, starlark.Int, long, starlark.Float, starlark.Bool, starlark.NoneType:
			return nil, s.raise(s.exc.TypeError, "argument to reversed() must be a sequence")
		case *dict:
			if !v.ordered {
				return nil, s.raise(s.exc.TypeError, "argument to reversed() must be a sequence")
			}
		}
		elems, err := s.collect(c.args[0])
		slices.Reverse(elems)
		it, _ := s.iter(&list{elems: elems})
		return &iterObject{it: it}, err
	})
	for name, sign := range map[string]int{"min": -1, "max": 1} {
		s.builtin(name+"(*args, **options)", "The "+name+"imum of the values.", func(c *call) (Value, error) { return s.extreme(c, name, sign) })
	}
}

func (s *Session) bounded(n int) error {
	if n > maxElements {
		return s.raiseValue(s.exc.MemoryError)
	}
	return nil
}

func (s *Session) anyAll(v Value, want bool) (Value, error) {
	it, err := s.iter(v)
	if err != nil {
		return nil, err
	}
	for {
		x, err := it.next()
		if err != nil {
			return nil, err
		}
		if x == nil {
			return boolean(!want), nil
		}
		b, err := s.truth(x)
		if err != nil {
			return nil, err
		}
		if b == want {
			return boolean(want), nil
		}
		if err := s.interrupted(); err != nil {
			return nil, err
		}
	}
}

// nextOf is v.next(). It returns nil at the end.
func (s *Session) nextOf(v Value) (Value, error) {
	switch v := v.(type) {
	case *generator:
		return v.next()
	case *iterObject:
		return v.it.next()
	case *object:
		fn, err := s.findattr(v, "next")
		if err != nil {
			return nil, err
		}
		if fn != nil {
			return s.call(fn)
		}
	}
	return nil, s.raise(s.exc.TypeError, "%s object is not an iterator", s.typeName(v))
}

// xrange reads the arguments of range and xrange.
func (s *Session) xrange(c *call, name string) (*xrange, error) {
	args := append([]Value{c.args[0]}, c.extra...)
	if len(args) > 3 {
		return nil, s.raise(s.exc.TypeError, "%s expected at most 3 arguments, got %d", name, len(args))
	}
	var n [3]int64
	for i, a := range args {
		if _, isFloat := a.(starlark.Float); isFloat || !isNumber(a) {
			what := [3]string{"start", "end", "step"}[i]
			if len(args) == 1 {
				what = "end"
			}
			return nil, s.raise(s.exc.TypeError, "%s() integer %s argument expected, got %s.", name, what, s.typeName(a))
		}
		v, ok := smallInt(a)
		if !ok || v > 1<<53 || v < -1<<53 {
			return nil, s.raise(s.exc.OverflowError, "Python int too large to convert to C long")
		}
		n[i] = v
	}
	r := &xrange{start: n[0], stop: n[1], step: 1}
	if len(args) == 1 {
		r.start, r.stop = 0, n[0]
	}
	if len(args) == 3 {
		if n[2] == 0 {
			return nil, s.raise(s.exc.ValueError, "%s() step argument must not be zero", name)
		}
		r.step = n[2]
	}
	return r, nil
}
