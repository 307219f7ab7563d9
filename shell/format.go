package shell

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.starlark.net/starlark"
)

// maxWidth bounds the width and the precision of a format.
const maxWidth = 1 << 20

// spec is a parsed format of a value, of % or of {}.
type spec struct {
	fill             string
	align            byte // < > ^ = or 0
	sign             byte // + - or space
	alt, zero, comma bool
	width, prec      int // -1 means that it is not set
	verb             byte
}

// formatPercent is text % values.
func (s *Session) formatPercent(format, values Value) (Value, error) {
	t, _ := textOf(format)
	_, uni := format.(unicodeStr)
	args, isTuple := values.(starlark.Tuple)
	if !isTuple {
		args = starlark.Tuple{values}
	}
	used := 0
	mapping := false
	next := func() (Value, error) {
		if used >= len(args) {
			return nil, s.raise(s.exc.TypeError, "not enough arguments for format string")
		}
		used++
		return args[used-1], nil
	}
	var b strings.Builder
	for i := 0; i < len(t); i++ {
		if t[i] != '%' {
			b.WriteByte(t[i])
			continue
		}
		i++
		f := spec{fill: " ", align: '>', width: -1, prec: -1, sign: '-'}
		var v Value
		if i < len(t) && t[i] == '(' {
			end, depth := i+1, 1
			for ; end < len(t); end++ {
				if t[end] == '(' {
					depth++
				} else if t[end] == ')' {
					if depth--; depth == 0 {
						break
					}
				}
			}
			if end == len(t) {
				return nil, s.raise(s.exc.ValueError, "incomplete format key")
			}
			switch values.(type) {
			case *dict, *object:
			default:
				return nil, s.raise(s.exc.TypeError, "format requires a mapping")
			}
			var err error
			if v, err = s.getitem(values, textValue(t[i+1:end], uni)); err != nil {
				return nil, err
			}
			mapping = true
			i = end + 1
		}
		for ; i < len(t); i++ {
			switch t[i] {
			case '-':
				f.align = '<'
				continue
			case '+', ' ':
				if f.sign != '+' {
					f.sign = t[i]
				}
				continue
			case '#':
				f.alt = true
				continue
			case '0':
				f.zero = true
				continue
			}
			break
		}
		number := func() (int, error) {
			if i < len(t) && t[i] == '*' {
				i++
				w, err := next()
				if err != nil {
					return 0, err
				}
				n, ok := smallInt(w)
				if !ok || n > maxWidth || n < -maxWidth {
					return 0, s.raise(s.exc.TypeError, "* wants int")
				}
				return int(n), nil
			}
			n := 0
			for ; i < len(t) && isDigit(t[i]); i++ {
				if n = n*10 + int(t[i]-'0'); n > maxWidth {
					return 0, s.raise(s.exc.ValueError, "width too big")
				}
			}
			return n, nil
		}
		var err error
		if f.width, err = number(); err != nil {
			return nil, err
		}
		if f.width < 0 {
			f.align, f.width = '<', -f.width
		}
		if i < len(t) && t[i] == '.' {
			i++
			if f.prec, err = number(); err != nil {
				return nil, err
			}
			f.prec = max(f.prec, 0)
		}
		for i < len(t) && strings.IndexByte("hlL", t[i]) >= 0 {
			i++
		}
		if i >= len(t) {
			return nil, s.raise(s.exc.ValueError, "incomplete format")
		}
		f.verb = t[i]
		if f.verb == '%' {
			b.WriteByte('%')
			continue
		}
		if v == nil {
			if v, err = next(); err != nil {
				return nil, err
			}
		}
		text, isUni, err := s.percentVerb(&f, v, i)
		if err != nil {
			return nil, err
		}
		uni = uni || isUni
		b.WriteString(text)
		if b.Len() > maxBytes {
			return nil, s.raiseValue(s.exc.MemoryError)
		}
	}
	if used < len(args) && !mapping {
		switch values.(type) {
		case *dict, *object:
			if used == 0 {
				return textValue(b.String(), uni), nil
			}
		}
		return nil, s.raise(s.exc.TypeError, "not all arguments converted during string formatting")
	}
	if uni {
		return unicodeStr(strings.ToValidUTF8(b.String(), "\uFFFD")), nil
	}
	return str(b.String()), nil
}

func (s *Session) percentVerb(f *spec, v Value, at int) (text string, uni bool, err error) {
	switch f.verb {
	case 's', 'r':
		if u, ok := v.(unicodeStr); ok && f.verb == 's' {
			text, uni = string(u), true
		} else if f.verb == 's' {
			text, err = s.str(v)
		} else {
			text, err = s.repr(v)
		}
		if err != nil {
			return "", false, err
		}
		if f.prec >= 0 && utf8.RuneCountInString(text) > f.prec {
			text = string([]rune(text)[:f.prec])
		}
		return f.pad(text), uni, nil
	case 'c':
		if n, ok := smallInt(v); ok {
			if n < 0 || n > 255 {
				return "", false, s.raise(s.exc.OverflowError, "unsigned byte integer is greater than maximum")
			}
			return f.pad(string([]byte{byte(n)})), false, nil
		}
		if t, ok := textOf(v); ok && utf8.RuneCountInString(t) == 1 {
			return f.pad(t), false, nil
		}
		return "", false, s.raise(s.exc.TypeError, "%%c requires int or char")
	case 'd', 'i', 'u', 'x', 'X', 'o':
		n, ok := bigOf(v)
		if fl, isFloat := v.(starlark.Float); isFloat && !isInf(float64(fl)) {
			n, _ = big.NewFloat(float64(fl)).Int(nil)
			ok = true
		}
		if o, isObj := v.(*object); isObj {
			if i, err := s.toInt(o, none, "int"); err == nil {
				n, ok = bigOf(i)
			}
		}
		if !ok {
			return "", false, s.raise(s.exc.TypeError, "%%%c format: a number is required, not %s", f.verb, s.typeName(v))
		}
		return f.integer(n, f.verb), false, nil
	case 'e', 'E', 'f', 'F', 'g', 'G':
		x, err := s.float(v)
		if err != nil || !isNumber(v) {
			if o, isObj := v.(*object); !isObj || o == nil || err != nil {
				return "", false, s.raise(s.exc.TypeError, "float argument required, not %s", s.typeName(v))
			}
		}
		return f.float(x, f.verb), false, nil
	}
	return "", false, s.raise(s.exc.ValueError, "unsupported format character '%c' (0x%x) at index %d", f.verb, f.verb, at)
}

// integer formats digits with sign, prefix and padding.
func (f *spec) integer(n *big.Int, verb byte) string {
	abs := new(big.Int).Abs(n)
	var digits, prefix string
	switch verb {
	case 'x', 'X':
		digits, prefix = fmt.Sprintf("%x", abs), "0x"
		if verb == 'X' {
			digits, prefix = strings.ToUpper(digits), "0X"
		}
	case 'o':
		digits, prefix = fmt.Sprintf("%o", abs), "0"
	case 'b':
		digits, prefix = fmt.Sprintf("%b", abs), "0b"
	default:
		digits = abs.String()
	}
	if len(digits) < f.prec {
		digits = strings.Repeat("0", f.prec-len(digits)) + digits
	}
	if f.comma {
		digits = commas(digits)
	}
	if !f.alt {
		prefix = ""
	}
	return f.number(n.Sign() < 0, prefix, digits)
}

func commas(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func (f *spec) number(negative bool, prefix, digits string) string {
	sign := ""
	switch {
	case negative:
		sign = "-"
	case f.sign != '-' && f.sign != 0:
		sign = string(f.sign)
	}
	head := sign + prefix
	missing := f.width - len(head) - len(digits)
	if missing > 0 && (f.zero && f.align != '<' || f.align == '=') {
		fill := "0"
		if f.align == '=' && !f.zero {
			fill = f.fill
		}
		return head + strings.Repeat(fill, missing) + digits
	}
	return f.pad(head + digits)
}

func (f *spec) float(x float64, verb byte) string {
	negative := x < 0 || x == 0 && 1/x < 0
	if negative {
		x = -x
	}
	text, special := specialFloat(x)
	if !special {
		prec := f.prec
		if prec < 0 {
			prec = 6
		}
		prec = min(prec, 500)
		switch verb {
		case 'f', 'F':
			text = strconv.FormatFloat(x, 'f', prec, 64)
		case 'e', 'E':
			text = strconv.FormatFloat(x, 'e', prec, 64)
		case '%':
			text = strconv.FormatFloat(x*100, 'f', prec, 64) + "%"
		default:
			text = generalFloat(x, max(prec, 1), f.alt)
		}
		if verb == 'E' || verb == 'G' {
			text = strings.ToUpper(text)
		}
		if f.comma {
			whole, rest, dot := strings.Cut(text, ".")
			text = commas(whole)
			if dot {
				text += "." + rest
			}
		}
	}
	return f.number(negative, "", text)
}

// generalFloat is %g.
func generalFloat(x float64, prec int, alt bool) string {
	e := strconv.FormatFloat(x, 'e', prec-1, 64)
	_, exponent, _ := strings.Cut(e, "e")
	exp, _ := strconv.Atoi(exponent)
	trim := func(t string) string {
		if alt || !strings.Contains(t, ".") {
			return t
		}
		return strings.TrimRight(strings.TrimRight(t, "0"), ".")
	}
	if exp < -4 || exp >= prec {
		mantissa, _, _ := strings.Cut(e, "e")
		return trim(mantissa) + "e" + exponent
	}
	return trim(strconv.FormatFloat(x, 'f', prec-1-exp, 64))
}

func (f *spec) pad(text string) string {
	missing := f.width - utf8.RuneCountInString(text)
	if missing <= 0 {
		return text
	}
	switch f.align {
	case '<':
		return text + strings.Repeat(f.fill, missing)
	case '^':
		return strings.Repeat(f.fill, missing/2) + text + strings.Repeat(f.fill, missing-missing/2)
	}
	return strings.Repeat(f.fill, missing) + text
}

// formatBraces is text.format(...).
func (s *Session) formatBraces(t string, uni bool, args []Value, kw []kwarg) (Value, error) {
	auto := 0
	text, err := s.braces(t, args, kw, &auto, &uni, 2)
	if err != nil {
		return nil, err
	}
	return textValue(text, uni), nil
}

func (s *Session) braces(t string, args []Value, kw []kwarg, auto *int, uni *bool, depth int) (string, error) {
	if depth < 0 {
		return "", s.raise(s.exc.ValueError, "Max string recursion exceeded")
	}
	var b strings.Builder
	for i := 0; i < len(t); i++ {
		switch c := t[i]; {
		case (c == '{' || c == '}') && i+1 < len(t) && t[i+1] == c:
			b.WriteByte(c)
			i++
		case c == '}':
			return "", s.raise(s.exc.ValueError, "Single '}' encountered in format string")
		case c == '{':
			end, level := i+1, 1
			for ; end < len(t); end++ {
				if t[end] == '{' {
					level++
				} else if t[end] == '}' {
					if level--; level == 0 {
						break
					}
				}
			}
			if end >= len(t) {
				return "", s.raise(s.exc.ValueError, "Single '{' encountered in format string")
			}
			text, err := s.field(t[i+1:end], args, kw, auto, uni, depth)
			if err != nil {
				return "", err
			}
			b.WriteString(text)
			i = end
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

// field formats a replacement field. t is the text between the braces: name, conversion and spec.
func (s *Session) field(t string, args []Value, kw []kwarg, auto *int, uni *bool, depth int) (string, error) {
	name, formatting, _ := strings.Cut(t, ":")
	name, conversion, _ := strings.Cut(name, "!")
	v, err := s.fieldValue(name, args, kw, auto)
	if err != nil {
		return "", err
	}
	switch conversion {
	case "r":
		text, err := s.repr(v)
		if err != nil {
			return "", err
		}
		v = str(text)
	case "s":
		text, err := s.str(v)
		if err != nil {
			return "", err
		}
		v = str(text)
	case "":
	default:
		return "", s.raise(s.exc.ValueError, "Unknown conversion specifier %s", conversion)
	}
	if formatting, err = s.braces(formatting, args, kw, auto, uni, depth-1); err != nil {
		return "", err
	}
	if u, ok := v.(unicodeStr); ok && !*uni {
		if _, err := s.encodeASCII(u); err != nil {
			return "", err
		}
	}
	return s.formatValue(v, formatting)
}

func (s *Session) fieldValue(name string, args []Value, kw []kwarg, auto *int) (Value, error) {
	first := name
	if i := strings.IndexAny(name, ".["); i >= 0 {
		first = name[:i]
	}
	rest := name[len(first):]
	var v Value
	n, err := strconv.Atoi(first)
	switch {
	case first == "" && *auto < 0:
		return nil, s.raise(s.exc.ValueError, "cannot switch from manual field specification to automatic field numbering")
	case err == nil && *auto > 0:
		return nil, s.raise(s.exc.ValueError, "cannot switch from automatic field numbering to manual field specification")
	case first == "":
		n, err = *auto, nil
		*auto++
	case err == nil:
		*auto = -1
	}
	if err == nil {
		if n < 0 || n >= len(args) {
			return nil, s.raise(s.exc.IndexError, "tuple index out of range")
		}
		v = args[n]
	} else {
		for _, k := range kw {
			if k.name == first {
				v = k.value
			}
		}
		if v == nil {
			return nil, s.raiseValue(s.exc.KeyError, str(first))
		}
	}
	for rest != "" {
		var err error
		if rest[0] == '.' {
			end := strings.IndexAny(rest[1:], ".[") + 1
			if end == 0 {
				end = len(rest)
			}
			v, err = s.getattr(v, rest[1:end])
			rest = rest[end:]
		} else {
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return nil, s.raise(s.exc.ValueError, "Missing ']' in format string")
			}
			key := Value(str(rest[1:end]))
			if n, aerr := strconv.Atoi(rest[1:end]); aerr == nil {
				key = intValue(n)
			}
			v, err = s.getitem(v, key)
			rest = rest[end+1:]
		}
		if err != nil {
			return nil, err
		}
	}
	return v, nil
}
