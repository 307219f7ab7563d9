package shell

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"go.starlark.net/starlark"
)

// decimalData is the data of a Decimal: coef * 10^exp. The sign is a field of its own, since -0 exists.
type decimalData struct {
	neg  bool
	coef *big.Int
	exp  int64
}

// maxDecimal bounds exponents and the number of digits.
const maxDecimal = 100000

func (s *Session) newDecimal(d *decimalData) Value { return &object{class: s.py.decimal, data: d} }

func decimalOf(v Value) (*decimalData, bool) {
	if o, ok := v.(*object); ok {
		d, ok := o.data.(*decimalData)
		return d, ok
	}
	if n, ok := bigOf(v); ok {
		return &decimalData{n.Sign() < 0, new(big.Int).Abs(n), 0}, true
	}
	return nil, false
}

// parseDecimal parses the text of a Decimal.
func parseDecimal(text string) (*decimalData, bool) {
	t := strings.ToLower(strings.TrimSpace(text))
	d := &decimalData{}
	if strings.HasPrefix(t, "-") || strings.HasPrefix(t, "+") {
		d.neg, t = t[0] == '-', t[1:]
	}
	mantissa, exponent, hasExp := strings.Cut(t, "e")
	if hasExp {
		e, err := strconv.ParseInt(exponent, 10, 32)
		if err != nil {
			return nil, false
		}
		d.exp = e
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	digits := whole + frac
	d.exp -= int64(len(frac))
	if digits == "" || strings.Trim(digits, "0123456789") != "" || len(digits) > maxDecimal || d.exp > maxDecimal || d.exp < -maxDecimal {
		return nil, false
	}
	d.coef, _ = new(big.Int).SetString(digits, 10)
	return d, true
}

// signed is the coefficient with its sign.
func (d *decimalData) signed() *big.Int {
	if d.neg {
		return new(big.Int).Neg(d.coef)
	}
	return d.coef
}

func (d *decimalData) str(*object) string {
	digits := d.coef.String()
	sign := ""
	if d.neg {
		sign = "-"
	}
	left := d.exp + int64(len(digits)) // digits before the point
	if d.exp <= 0 && left > -6 {
		switch {
		case d.exp == 0:
			return sign + digits
		case left <= 0:
			return sign + "0." + strings.Repeat("0", int(-left)) + digits
		}
		return sign + digits[:left] + "." + digits[left:]
	}
	text := digits[:1]
	if len(digits) > 1 {
		text += "." + digits[1:]
	}
	e := left - 1
	plus := "+"
	if e < 0 {
		plus = ""
	}
	return sign + text + "E" + plus + strconv.FormatInt(e, 10)
}

func (d *decimalData) repr(*Session, *object) (string, error) {
	return "Decimal('" + d.str(nil) + "')", nil
}

func (d *decimalData) truth() bool { return d.coef.Sign() != 0 }

func (d *decimalData) toInt() *big.Int {
	n := d.signed()
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(d.exp, -d.exp)), nil)
	if d.exp >= 0 {
		return new(big.Int).Mul(n, scale)
	}
	return new(big.Int).Quo(n, scale)
}

func (d *decimalData) toFloat() float64 {
	f, _ := strconv.ParseFloat(d.str(nil), 64)
	return f
}

func (d *decimalData) hash() int64 {
	if d.exp >= 0 || new(big.Int).Mod(d.coef, big.NewInt(10)).Sign() == 0 && d.isInt() {
		return hashInt(d.toInt())
	}
	if f := d.toFloat(); strconv.FormatFloat(f, 'f', -1, 64) == strings.TrimRight(d.str(nil), "0") {
		return hashFloat(f)
	}
	return hashBytes(d.str(nil))
}

func (d *decimalData) isInt() bool {
	x, _ := align(&decimalData{d.neg, d.coef, d.exp}, &decimalData{false, d.toInt(), 0})
	y, _ := align(&decimalData{false, d.toInt(), 0}, d)
	return x.Cmp(y) == 0
}

// align returns the coefficients of two decimals, scaled to the smaller exponent of both.
func align(a, b *decimalData) (x, y *big.Int) {
	e := min(a.exp, b.exp)
	scale := func(d *decimalData) *big.Int {
		return new(big.Int).Mul(d.signed(), new(big.Int).Exp(big.NewInt(10), big.NewInt(d.exp-e), nil))
	}
	return scale(a), scale(b)
}

func (d *decimalData) compare(s *Session, self *object, other Value, onlyEqual bool) (int, error) {
	o, ok := decimalOf(other)
	if !ok {
		if f, isFloat := other.(starlark.Float); isFloat && !isInf(float64(f)) {
			return big.NewFloat(d.toFloat()).Cmp(big.NewFloat(float64(f))), nil
		}
		if onlyEqual {
			return 1, nil
		}
		return s.byType(self, other), nil
	}
	x, y := align(d, o)
	return x.Cmp(y), nil
}

// fromBig makes a decimal and rounds it to the context's 28 digits, half to even.
func fromBig(n *big.Int, exp int64) *decimalData {
	d := &decimalData{n.Sign() < 0, new(big.Int).Abs(n), exp}
	if extra := int64(len(d.coef.String())) - 28; extra > 0 {
		return d.rounded(extra)
	}
	return d
}

// rounded drops digits and rounds half to even.
func (d *decimalData) rounded(drop int64) *decimalData {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(drop), nil)
	q, r := new(big.Int).QuoRem(d.coef, scale, new(big.Int))
	half := new(big.Int).Lsh(r, 1).Cmp(scale)
	if half > 0 || half == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	return &decimalData{d.neg, q, d.exp + drop}
}

func (d *decimalData) arith(s *Session, op string, x, y Value) (Value, error) {
	if op == "neg" {
		return s.newDecimal(&decimalData{!d.neg && d.coef.Sign() != 0, d.coef, d.exp}), nil
	}
	a, ok1 := decimalOf(x)
	b, ok2 := decimalOf(y)
	if !ok1 || !ok2 {
		return nil, nil
	}
	switch op {
	case "+", "-":
		p, q := align(a, b)
		n := new(big.Int).Add(p, q)
		if op == "-" {
			n.Sub(p, q)
		}
		return s.newDecimal(fromBig(n, min(a.exp, b.exp))), nil
	case "*":
		return s.newDecimal(fromBig(new(big.Int).Mul(a.signed(), b.signed()), a.exp+b.exp)), nil
	case "/", "//", "%":
		if b.coef.Sign() == 0 {
			return nil, s.raise(s.exc.DivisionByZero, "x / 0")
		}
		if op != "/" {
			p, q := align(a, b)
			quo, rem := new(big.Int).QuoRem(p, q, new(big.Int))
			if op == "//" {
				return s.newDecimal(fromBig(quo, 0)), nil
			}
			return s.newDecimal(fromBig(rem, min(a.exp, b.exp))), nil
		}
		shift := max(int64(len(b.coef.String())-len(a.coef.String()))+29, 0)
		n := new(big.Int).Mul(a.signed(), new(big.Int).Exp(big.NewInt(10), big.NewInt(shift), nil))
		q, r := new(big.Int).QuoRem(n, b.signed(), new(big.Int))
		exp := a.exp - b.exp - shift
		if r.Sign() != 0 {
			// The division has a remainder. One more digit that is not 0 keeps the cut part from being exactly half.
			q.Mul(q, big.NewInt(10)).Add(q, big.NewInt(int64(q.Sign())))
			exp--
			return s.newDecimal(fromBig(q, exp)), nil
		}
		for exp < a.exp-b.exp {
			t, m := new(big.Int).QuoRem(q, big.NewInt(10), new(big.Int))
			if m.Sign() != 0 {
				break
			}
			q, exp = t, exp+1
		}
		return s.newDecimal(fromBig(q, exp)), nil
	case "**":
		n, ok := smallInt(y)
		if !ok || n < 0 || n > 1000 || len(a.coef.String()) > 1000 {
			return nil, s.raise(s.exc.NotImplementedError, "Decimal ** wants a small int")
		}
		return s.newDecimal(fromBig(new(big.Int).Exp(a.signed(), big.NewInt(n), nil), a.exp*n)), nil
	}
	return nil, nil
}

func (s *Session) initDecimal() {
	c := s.newClass("Decimal", "decimal")
	s.py.decimal = c
	s.constructor(c, "(value='0')", func(_ *class, c *call) (Value, error) {
		switch v := c.args[0].(type) {
		case str, unicodeStr:
			text, _ := textOf(v)
			d, ok := parseDecimal(text)
			if !ok {
				return nil, s.raise(s.exc.InvalidOperation, "Invalid literal for Decimal: %s", v.String())
			}
			return s.newDecimal(d), nil
		case starlark.Float:
			if isInf(float64(v)) || math.IsNaN(float64(v)) {
				return nil, s.raise(s.exc.InvalidOperation, "the shell's Decimal has no NaN and no infinity")
			}
			exact := new(big.Float).SetPrec(2000).SetFloat64(float64(v)).Text('f', 1100)
			text := strings.TrimRight(exact, "0")
			d, ok := parseDecimal(strings.TrimSuffix(text, "."))
			if !ok {
				return nil, s.raise(s.exc.InvalidOperation, "Invalid literal for Decimal")
			}
			return s.newDecimal(d), nil
		case starlark.Tuple:
			if len(v) == 3 {
				sign, _ := smallInt(v[0])
				exp, _ := smallInt(v[2])
				digits := ""
				if err := s.each(v[1], func(x Value) error { digits += x.String(); return nil }); err != nil {
					return nil, err
				}
				if d, ok := parseDecimal(digits + "e" + strconv.FormatInt(exp, 10)); ok {
					d.neg = sign == 1
					return s.newDecimal(d), nil
				}
			}
		}
		if d, ok := decimalOf(c.args[0]); ok {
			return s.newDecimal(d), nil
		}
		return nil, s.raise(s.exc.TypeError, "Cannot convert %s to Decimal", c.args[0].String())
	})
	c.def("as_tuple(self)", func(a *call) (Value, error) {
		d, _ := decimalOf(a.args[0])
		digits := starlark.Tuple{}
		for _, r := range d.coef.String() {
			digits = append(digits, intValue(r-'0'))
		}
		sign := 0
		if d.neg {
			sign = 1
		}
		return s.instantiate(s.py.decimalTuple, []Value{intValue(sign), digits, intValue(d.exp)}, nil)
	})
	c.def("normalize(self)", func(a *call) (Value, error) {
		d, _ := decimalOf(a.args[0])
		coef, exp, ten := new(big.Int).Set(d.coef), d.exp, big.NewInt(10)
		for coef.Sign() != 0 {
			q, r := new(big.Int).QuoRem(coef, ten, new(big.Int))
			if r.Sign() != 0 {
				break
			}
			coef, exp = q, exp+1
		}
		if coef.Sign() == 0 {
			exp = 0
		}
		return s.newDecimal(&decimalData{d.neg, coef, exp}), nil
	})
	c.def("__format__(self, format)", func(a *call) (Value, error) {
		f, _ := textOf(a.args[1])
		if f == "" {
			text, err := s.str(a.args[0])
			return str(text), err
		}
		v, err := s.float(a.args[0])
		if err != nil {
			return nil, err
		}
		text, err := s.formatValue(starlark.Float(v), f)
		return str(text), err
	})
	c.def("quantize(self, exp)", func(a *call) (Value, error) {
		d, _ := decimalOf(a.args[0])
		e, ok := decimalOf(a.args[1])
		if !ok {
			return nil, s.raise(s.exc.TypeError, "Unable to convert %s to Decimal", a.args[1].String())
		}
		if e.exp > d.exp {
			return s.newDecimal(d.rounded(e.exp - d.exp)), nil
		}
		x, _ := align(d, e)
		return s.newDecimal(&decimalData{d.neg, new(big.Int).Abs(x), min(d.exp, e.exp)}), nil
	})
	s.py.decimalTuple = s.structClass("DecimalTuple", "decimal", "sign", "digits", "exponent")
}

func (s *Session) decimalModule() *module {
	m := &module{}
	m.attrs.set("Decimal", s.py.decimal)
	m.attrs.set("InvalidOperation", s.exc.InvalidOperation)
	return m
}
