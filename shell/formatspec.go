package shell

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"go.starlark.net/starlark"
)

// formatValue is format(v, text).
func (s *Session) formatValue(v Value, text string) (string, error) {
	if r, ok, err := s.special(v, "__format__", str(text)); ok || err != nil {
		out, _ := textOf(r)
		return out, err
	}
	f := spec{fill: " ", width: -1, prec: -1, sign: '-'}
	rest := text
	if r, n := utf8.DecodeRuneInString(rest); n > 0 && len(rest) > n && strings.IndexByte("<>^=", rest[n]) >= 0 {
		f.fill, f.align, rest = string(r), rest[n], rest[n+1:]
	} else if rest != "" && strings.IndexByte("<>^=", rest[0]) >= 0 {
		f.align, rest = rest[0], rest[1:]
	}
	take := func(set string) byte {
		if rest != "" && strings.IndexByte(set, rest[0]) >= 0 {
			c := rest[0]
			rest = rest[1:]
			return c
		}
		return 0
	}
	if c := take("+- "); c != 0 {
		f.sign = c
	}
	f.alt = take("#") != 0
	f.zero = take("0") != 0
	number := func() (int, bool) {
		i := 0
		for i < len(rest) && isDigit(rest[i]) {
			i++
		}
		n, err := strconv.Atoi(rest[:i])
		rest = rest[i:]
		return min(n, maxWidth), err == nil
	}
	if n, ok := number(); ok {
		f.width = n
	}
	f.comma = take(",") != 0
	if take(".") != 0 {
		n, ok := number()
		if !ok {
			return "", s.raise(s.exc.ValueError, "Format specifier missing precision")
		}
		f.prec = n
	}
	if len(rest) > 1 {
		return "", s.raise(s.exc.ValueError, "Invalid conversion specification")
	}
	if rest != "" {
		f.verb = rest[0]
	}
	if isNumber(v) {
		if _, isBool := v.(starlark.Bool); !isBool || text != "" {
			return s.formatNumber(&f, v)
		}
	}
	if text != "" && f.verb != 's' && f.verb != 0 {
		return "", s.raise(s.exc.ValueError, "Unknown format code '%c' for object of type '%s'", f.verb, s.typeName(v))
	}
	out, err := s.printed(v)
	if err != nil {
		return "", err
	}
	if f.prec >= 0 && utf8.RuneCountInString(out) > f.prec {
		out = string([]rune(out)[:f.prec])
	}
	if f.align == 0 {
		f.align = '<'
	}
	return f.pad(out), nil
}

func (s *Session) formatNumber(f *spec, v Value) (string, error) {
	if f.align == 0 {
		f.align = '>'
	} else if f.align != '=' {
		f.zero = false
	}
	n, isInt := bigOf(v)
	switch f.verb {
	case 0, 'd', 'x', 'X', 'o', 'b', 'n', 'c':
		if isInt {
			if f.verb == 'c' {
				return f.pad(string(rune(n.Int64()))), nil
			}
			return f.integer(n, f.verb), nil
		}
		if f.verb == 0 {
			x, _ := floatOf(v)
			if f.prec < 0 {
				text := strFloat(x)
				return f.number(strings.HasPrefix(text, "-"), "", strings.TrimPrefix(text, "-")), nil
			}
			return f.float(x, 'g'), nil
		}
		if f.verb == 'n' {
			x, _ := floatOf(v)
			return f.float(x, 'g'), nil
		}
	case 'e', 'E', 'f', 'F', 'g', 'G', '%':
		x, _ := floatOf(v)
		return f.float(x, f.verb), nil
	}
	return "", s.raise(s.exc.ValueError, "Unknown format code '%c' for object of type '%s'", f.verb, s.typeName(v))
}
