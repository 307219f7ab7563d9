package shell

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.starlark.net/starlark"
)

// reprStr is repr of a str.
func reprStr(s string) string {
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	b := make([]byte, 0, len(s)+2)
	b = append(b, quote)
	for i := range len(s) {
		switch c := s[i]; {
		case c == quote || c == '\\':
			b = append(b, '\\', c)
		case c == '\t':
			b = append(b, `\t`...)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c < ' ' || c >= 0x7f:
			b = fmt.Appendf(b, `\x%02x`, c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, quote))
}

// reprUnicode is repr of a unicode.
func reprUnicode(s string) string {
	quote := '\''
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	b := []byte{'u', byte(quote)}
	for _, r := range s {
		switch {
		case r == quote || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r < ' ' || r >= 0x7f && r < 0x100:
			b = fmt.Appendf(b, `\x%02x`, r)
		case r >= 0x10000:
			b = fmt.Appendf(b, `\U%08x`, r)
		case r >= 0x100:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = append(b, byte(r))
		}
	}
	return string(append(b, byte(quote)))
}

// escapeUnicode writes characters outside of ASCII as escapes.
func escapeUnicode(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// reprFloat is the shortest text that parses to the same float.
func reprFloat(f float64) string {
	if text, ok := specialFloat(f); ok {
		return text
	}
	return pythonExponent(strconv.FormatFloat(f, 'e', -1, 64), 16)
}

// strFloat is str of a float, which has twelve digits.
func strFloat(f float64) string {
	if text, ok := specialFloat(f); ok {
		return text
	}
	e := strconv.FormatFloat(f, 'e', 11, 64)
	digits, exp, _ := strings.Cut(e, "e")
	digits = strings.TrimRight(strings.TrimRight(digits, "0"), ".")
	return pythonExponent(digits+"e"+exp, 11)
}

func specialFloat(f float64) (string, bool) {
	switch {
	case math.IsNaN(f):
		return "nan", true
	case math.IsInf(f, 1):
		return "inf", true
	case math.IsInf(f, -1):
		return "-inf", true
	}
	return "", false
}

// pythonExponent writes d.ddde±xx as Python does: without an exponent from 1e-4 up to limit digits.
func pythonExponent(e string, limit int) string {
	mantissa, exponent, _ := strings.Cut(e, "e")
	exp, _ := strconv.Atoi(exponent)
	sign := ""
	if strings.HasPrefix(mantissa, "-") {
		sign, mantissa = "-", mantissa[1:]
	}
	digits := strings.Replace(mantissa, ".", "", 1)
	if exp < -4 || exp >= limit {
		if len(digits) > 1 {
			digits = digits[:1] + "." + digits[1:]
		}
		expSign := "+"
		if exp < 0 {
			expSign, exp = "-", -exp
		}
		return fmt.Sprintf("%s%se%s%02d", sign, digits, expSign, exp)
	}
	switch {
	case exp < 0:
		return sign + "0." + strings.Repeat("0", -exp-1) + digits
	case exp+1 >= len(digits):
		return sign + digits + strings.Repeat("0", exp+1-len(digits)) + ".0"
	}
	return sign + digits[:exp+1] + "." + digits[exp+1:]
}

// repr is repr(v).
func (s *Session) repr(v Value) (string, error) {
	var b strings.Builder
	err := s.writeRepr(&b, v)
	return b.String(), err
}

// writeRepr writes repr(v).
func (s *Session) writeRepr(b *strings.Builder, v Value) error {
	if b.Len() > maxBytes {
		return s.raiseValue(s.exc.MemoryError)
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if err := s.interrupted(); err != nil {
		return err
	}
	switch v := v.(type) {
	case starlark.NoneType:
		b.WriteString("None")
	case starlark.Bool:
		b.WriteString(v.String())
	case starlark.Int:
		b.WriteString(v.String())
	case starlark.Float:
		b.WriteString(reprFloat(float64(v)))
	case str, unicodeStr, long:
		b.WriteString(v.String())
	case starlark.Tuple:
		b.WriteByte('(')
		if err := s.writeList(b, v); err != nil {
			return err
		}
		if len(v) == 1 {
			b.WriteByte(',')
		}
		b.WriteByte(')')
	case *list:
		return s.guarded(b, v, "[...]", func() error {
			b.WriteByte('[')
			err := s.writeList(b, v.elems)
			b.WriteByte(']')
			return err
		})
	case *dict:
		if r, ok, err := s.special(v, "__repr__"); ok || err != nil {
			text, _ := textOf(r)
			b.WriteString(text)
			return err
		}
		return s.writeDict(b, v)
	case *set:
		b.WriteString(v.class.name + "([")
		err := s.writeList(b, v.elems())
		b.WriteString("])")
		return err
	case *object:
		return s.writeObject(b, v)
	default:
		b.WriteString(s.describe(v))
	}
	return nil
}

// guarded writes a container. If the container is being written already, since it contains itself, guarded writes again
// instead.
func (s *Session) guarded(b *strings.Builder, v any, again string, write func() error) error {
	if s.inRepr[v] {
		b.WriteString(again)
		return nil
	}
	s.inRepr[v] = true
	defer delete(s.inRepr, v)
	return write()
}

func (s *Session) writeList(b *strings.Builder, list []Value) error {
	for i, x := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		if err := s.writeRepr(b, x); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) writeDict(b *strings.Builder, d *dict) error {
	return s.guarded(b, d, "{...}", func() error {
		if d.ordered {
			b.WriteString(d.class.name + "(")
			if d.live > 0 {
				b.WriteByte('[')
				for i, e := range d.items() {
					if i > 0 {
						b.WriteString(", ")
					}
					if err := s.writeRepr(b, starlark.Tuple{e.key, e.value}); err != nil {
						return err
					}
				}
				b.WriteByte(']')
			}
			b.WriteByte(')')
			return nil
		}
		if d.factory != nil {
			b.WriteString("defaultdict(")
			if err := s.writeRepr(b, d.factory); err != nil {
				return err
			}
			b.WriteString(", ")
			defer b.WriteByte(')')
		}
		b.WriteByte('{')
		for i, e := range d.items() {
			if i > 0 {
				b.WriteString(", ")
			}
			if err := s.writeRepr(b, e.key); err != nil {
				return err
			}
			b.WriteString(": ")
			if err := s.writeRepr(b, e.value); err != nil {
				return err
			}
		}
		b.WriteByte('}')
		return nil
	})
}

// printer is the data of an object that defines its own repr.
type printer interface {
	repr(s *Session, self *object) (string, error)
}

func (s *Session) writeObject(b *strings.Builder, o *object) error {
	r, ok, err := s.special(o, "__repr__")
	if err != nil {
		return err
	}
	if ok {
		text, isText := textOf(r)
		if !isText {
			return s.raise(s.exc.TypeError, "__repr__ returned non-string (type %s)", s.typeName(r))
		}
		if u, ok := r.(unicodeStr); ok {
			if text, err = s.encodeASCII(u); err != nil {
				return err
			}
		}
		b.WriteString(text)
		return nil
	}
	if p, ok := o.data.(printer); ok {
		text, err := p.repr(s, o)
		b.WriteString(text)
		return err
	}
	if o.class.derives(s.exc.BaseException) {
		args := exceptionArgs(o)
		b.WriteString(o.class.name)
		if len(args) == 0 {
			b.WriteString("()")
			return nil
		}
		return s.writeRepr(b, args)
	}
	if o.class.old {
		fmt.Fprintf(b, "<%s.%s instance at %s>", o.class.module, o.class.name, address(o))
		return nil
	}
	fmt.Fprintf(b, "<%s object at %s>", o.class.qualified(), address(o))
	return nil
}

func (c *class) qualified() string {
	if c.module == "__builtin__" {
		return c.name
	}
	return c.module + "." + c.name
}

// describe is the repr of values whose contents are not shown.
func (s *Session) describe(v Value) string {
	switch v := v.(type) {
	case *class:
		switch {
		case v.builtin:
			return "<type '" + v.qualified() + "'>"
		case v.old:
			return fmt.Sprintf("<class %s at %s>", v.qualified(), address(v))
		}
		return "<class '" + v.qualified() + "'>"
	case *function:
		return fmt.Sprintf("<function %s at %s>", v.name, address(v))
	case *native:
		if v.shown != "" {
			return v.shown
		}
		if !v.builtin {
			return fmt.Sprintf("<function %s at %s>", v.name, address(v))
		}
		return fmt.Sprintf("<built-in function %s>", v.name)
	case *method:
		if v.self == nil && v.class != nil && v.class.builtin {
			return fmt.Sprintf("<method '%s' of '%s' objects>", s.callableName(v.fn), v.class.name)
		}
		if v.self == nil {
			return fmt.Sprintf("<unbound method %s.%s>", v.class.name, s.callableName(v.fn))
		}
		if v.class != nil && v.class.builtin {
			return fmt.Sprintf("<built-in method %s of %s object at %s>", s.callableName(v.fn), v.class.name, address(v))
		}
		self, err := s.repr(v.self)
		if err != nil {
			self = "?"
		}
		return fmt.Sprintf("<bound method %s.%s of %s>", v.class.name, s.callableName(v.fn), self)
	case *generator:
		return fmt.Sprintf("<generator object %s at %s>", v.name, address(v))
	case *module:
		return fmt.Sprintf("<module '%s' (built-in)>", v.name)
	case *iterObject:
		if v.kind != "" {
			return fmt.Sprintf("<%s object at %s>", v.kind, address(v))
		}
	case *xrange:
		switch {
		case v.step != 1:
			return fmt.Sprintf("xrange(%d, %d, %d)", v.start, v.start+v.len()*v.step, v.step)
		case v.start != 0:
			return fmt.Sprintf("xrange(%d, %d)", v.start, v.stop)
		}
		return fmt.Sprintf("xrange(%d)", v.stop)
	case *sliceValue:
		return fmt.Sprintf("slice(%s, %s, %s)", v.lo, v.hi, v.step)
	case *fileValue:
		return v.describe()
	}
	return fmt.Sprintf("<%s object at %s>", s.classOf(v).name, address(v))
}

// str is str(v) as bytes.
func (s *Session) str(v Value) (string, error) {
	switch v := v.(type) {
	case str:
		return string(v), nil
	case unicodeStr:
		return s.encodeASCII(v)
	case starlark.Float:
		return strFloat(float64(v)), nil
	case long:
		return v.Int.String(), nil
	case *dict:
		if r, ok, err := s.special(v, "__str__"); ok || err != nil {
			text, _ := textOf(r)
			return text, err
		}
	case *object:
		r, ok, err := s.special(v, "__str__")
		if err != nil {
			return "", err
		}
		if ok {
			text, isText := textOf(r)
			if !isText {
				return "", s.raise(s.exc.TypeError, "__str__ returned non-string (type %s)", s.typeName(r))
			}
			if u, ok := r.(unicodeStr); ok {
				return s.encodeASCII(u)
			}
			return text, nil
		}
		if p, ok := v.data.(interface{ str(*object) string }); ok {
			return p.str(v), nil
		}
		if v.class.derives(s.exc.BaseException) {
			return s.exceptionText(v)
		}
	case *class:
		if v.old {
			return v.qualified(), nil
		}
	}
	return s.repr(v)
}

// encodeASCII is str(u) of a unicode.
func (s *Session) encodeASCII(u unicodeStr) (string, error) {
	i := 0
	for _, r := range string(u) {
		if r >= 0x80 {
			esc := reprUnicode(string(r))
			return "", s.raise(s.exc.UnicodeEncodeError, "'ascii' codec can't encode character %s in position %d: ordinal not in range(128)", esc, i)
		}
		i++
	}
	return string(u), nil
}

// toUnicode is unicode(v) of a str or a unicode.
func (s *Session) toUnicode(v Value) (unicodeStr, error) {
	if u, ok := v.(unicodeStr); ok {
		return u, nil
	}
	text, err := s.str(v)
	if err != nil {
		return "", err
	}
	for i := range len(text) {
		if text[i] >= 0x80 {
			return "", s.raise(s.exc.UnicodeDecodeError, "'ascii' codec can't decode byte 0x%02x in position %d: ordinal not in range(128)", text[i], i)
		}
	}
	return unicodeStr(text), nil
}

// decodeUTF8 is b.decode('utf-8').
func (s *Session) decodeUTF8(b string) (Value, error) {
	if utf8.ValidString(b) {
		return unicodeStr(b), nil
	}
	i := 0
	for i < len(b) {
		r, n := utf8.DecodeRuneInString(b[i:])
		if r == unicode.ReplacementChar && n == 1 {
			break
		}
		i += n
	}
	why := "invalid start byte"
	if c := b[i]; c >= 0xc2 && c < 0xf5 {
		why = "invalid continuation byte"
		if need := map[bool]int{true: 2, false: 3}[c < 0xe0]; len(b)-i < need {
			why = "unexpected end of data"
		}
	}
	return nil, s.raise(s.exc.UnicodeDecodeError, "'utf8' codec can't decode byte 0x%02x in position %d: %s", b[i], i, why)
}
