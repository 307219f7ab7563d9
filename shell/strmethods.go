package shell

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"go.starlark.net/starlark"
)

const spaces = " \t\n\r\v\f"

// textMethod is a method of str and unicode that turns a text into another text.
func (s *Session) textMethod(header string, fn func(text string, uni bool, c *call) (Value, error)) {
	for _, k := range []*class{s.types.str, s.types.unicode} {
		k.def(header, func(c *call) (Value, error) {
			text, ok := textOf(c.args[0])
			if !ok {
				return nil, s.raise(s.exc.TypeError, "descriptor requires a '%s' object but received a '%s'", k.name, s.typeName(c.args[0]))
			}
			_, uni := c.args[0].(unicodeStr)
			return fn(text, uni, c)
		})
	}
}

func textValue(text string, uni bool) Value {
	if uni {
		return unicodeStr(text)
	}
	return str(text)
}

// textArg reads an argument that must be a text. If the text is unicode, it sets uni.
func (s *Session) textArg(v Value, uni *bool) (string, error) {
	text, ok := textOf(v)
	if !ok {
		return "", s.raise(s.exc.TypeError, "expected a character buffer object")
	}
	if _, ok := v.(unicodeStr); ok {
		*uni = true
	}
	return text, nil
}

// mapText applies a function to the letters of a text. In a str it applies to ASCII letters only.
func mapText(text string, uni bool, fn func(rune) rune) string {
	if uni {
		return strings.Map(fn, text)
	}
	b := []byte(text)
	for i, c := range b {
		if c < utf8.RuneSelf {
			b[i] = byte(fn(rune(c)))
		}
	}
	return string(b)
}

func (s *Session) initStrMethods() {
	for name, fn := range map[string]func(rune) rune{"upper": unicode.ToUpper, "lower": unicode.ToLower, "swapcase": func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}} {
		s.textMethod(name+"(self)", func(t string, uni bool, _ *call) (Value, error) {
			return textValue(mapText(t, uni, fn), uni), nil
		})
	}
	titled := func(first bool) func(string, bool, *call) (Value, error) {
		return func(t string, uni bool, _ *call) (Value, error) {
			inWord, n := false, 0
			return textValue(mapText(t, uni, func(r rune) rune {
				up := !inWord
				if first {
					up = n == 0
				}
				inWord = unicode.IsLetter(r)
				n++
				if up {
					return unicode.ToUpper(r)
				}
				return unicode.ToLower(r)
			}), uni), nil
		}
	}
	s.textMethod("title(self)", titled(false))
	s.textMethod("capitalize(self)", titled(true))
	for name, is := range map[string]func(rune) bool{
		"isdigit": unicode.IsDigit, "isalpha": unicode.IsLetter, "isspace": unicode.IsSpace,
		"isalnum": func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) },
	} {
		s.textMethod(name+"(self)", func(t string, _ bool, _ *call) (Value, error) {
			return boolean(t != "" && strings.IndexFunc(t, func(r rune) bool { return !is(r) }) < 0), nil
		})
	}
	s.textMethod("isupper(self)", func(t string, _ bool, _ *call) (Value, error) {
		return boolean(strings.ToUpper(t) == t && strings.ToLower(t) != t), nil
	})
	s.textMethod("islower(self)", func(t string, _ bool, _ *call) (Value, error) {
		return boolean(strings.ToLower(t) == t && strings.ToUpper(t) != t), nil
	})
	s.textMethod("istitle(self)", func(t string, _ bool, _ *call) (Value, error) {
		inWord, cased := false, false
		for _, r := range t {
			upper := unicode.IsUpper(r)
			if unicode.IsLetter(r) && upper == inWord {
				return boolean(false), nil
			}
			inWord = unicode.IsLetter(r)
			cased = cased || inWord
		}
		return boolean(cased), nil
	})
	s.textMethod("expandtabs(self, tabsize=8)", func(t string, uni bool, c *call) (Value, error) {
		size, ok := smallInt(c.args[1])
		if !ok || size > maxWidth {
			return nil, s.raise(s.exc.TypeError, "an integer is required")
		}
		var b strings.Builder
		col := 0
		for _, r := range t {
			switch {
			case r == '\t' && size > 0:
				n := int(size) - col%int(size)
				b.WriteString(strings.Repeat(" ", n))
				col += n
				if b.Len() > maxBytes {
					return nil, s.raiseValue(s.exc.MemoryError)
				}
			case r == '\t':
			default:
				b.WriteRune(r)
				if col++; r == '\n' || r == '\r' {
					col = 0
				}
			}
		}
		return textValue(b.String(), uni), nil
	})
	s.types.str.def("translate(self, table, deletechars='')", func(c *call) (Value, error) {
		text, _ := textOf(c.args[0])
		table, hasTable := textOf(c.args[1])
		if !hasTable && c.args[1] != none {
			return nil, s.raise(s.exc.TypeError, "expected a character buffer object")
		}
		if hasTable && len(table) != 256 {
			return nil, s.raise(s.exc.ValueError, "translation table must be 256 characters long")
		}
		drop, _ := textOf(c.args[2])
		out := make([]byte, 0, len(text))
		for i := range len(text) {
			switch b := text[i]; {
			case strings.IndexByte(drop, b) >= 0:
			case hasTable:
				out = append(out, table[b])
			default:
				out = append(out, b)
			}
		}
		return str(out), nil
	})
	s.initStrip()
	s.initSearch()
	s.initSplit()
	s.initPad()
	s.textMethod("join(self, iterable)", func(t string, uni bool, c *call) (Value, error) {
		if _, err := s.iter(c.args[1]); err != nil {
			return nil, s.raise(s.exc.TypeError, "can only join an iterable")
		}
		elems, err := s.collect(c.args[1])
		if err != nil {
			return nil, err
		}
		return s.joinText(textValue(t, uni), elems)
	})
	s.textMethod("replace(self, old, new, count=-1)", func(t string, uni bool, c *call) (Value, error) {
		old, err := s.textArg(c.args[1], &uni)
		if err != nil {
			return nil, err
		}
		repl, err := s.textArg(c.args[2], &uni)
		if err != nil {
			return nil, err
		}
		n, _ := smallInt(c.args[3])
		if len(repl) > 0 && strings.Count(t, old) > maxBytes/len(repl) {
			return nil, s.raiseValue(s.exc.MemoryError)
		}
		return textValue(strings.Replace(t, old, repl, int(n)), uni), nil
	})
	s.textMethod("encode(self, encoding='ascii', errors='strict')", func(t string, uni bool, c *call) (Value, error) {
		return s.encode(textValue(t, uni), c.args[1], c.args[2])
	})
	s.textMethod("decode(self, encoding='ascii', errors='strict')", func(t string, uni bool, c *call) (Value, error) {
		return s.decode(textValue(t, uni), c.args[1], c.args[2])
	})
	s.textMethod("format(self, *args, **kwargs)", func(t string, uni bool, c *call) (Value, error) {
		return s.formatBraces(t, uni, c.extra, c.kw)
	})
	s.textMethod("__len__(self)", func(_ string, _ bool, c *call) (Value, error) {
		n, err := s.length(c.args[0])
		return intValue(n), err
	})
}

// joinText joins texts. If one of the texts is unicode, the result is unicode.
func (s *Session) joinText(sep Value, elems []Value) (Value, error) {
	var uni bool
	glue, _ := s.textArg(sep, &uni)
	var b strings.Builder
	for i, e := range elems {
		t, ok := textOf(e)
		if !ok {
			return nil, s.raise(s.exc.TypeError, "sequence item %d: expected string, %s found", i, s.typeName(e))
		}
		if _, ok := e.(unicodeStr); ok {
			uni = true
		}
		if i > 0 {
			b.WriteString(glue)
		}
		b.WriteString(t)
		if b.Len() > maxBytes {
			return nil, s.raiseValue(s.exc.MemoryError)
		}
	}
	if uni {
		for _, e := range elems {
			if _, err := s.toUnicode(e); err != nil {
				return nil, err
			}
		}
	}
	return textValue(b.String(), uni), nil
}

func (s *Session) initStrip() {
	for name, fn := range map[string]func(string, string) string{
		"strip": strings.Trim, "lstrip": strings.TrimLeft, "rstrip": strings.TrimRight,
	} {
		s.textMethod(name+"(self, chars=None)", func(t string, uni bool, c *call) (Value, error) {
			chars := spaces
			if c.args[1] != none {
				var err error
				if chars, err = s.textArg(c.args[1], &uni); err != nil {
					return nil, err
				}
			}
			return textValue(fn(t, chars), uni), nil
		})
	}
}

// window returns the part of a text from start to end. Both count characters.
func (s *Session) window(t string, uni bool, start, end Value) (string, int, error) {
	v := textValue(t, uni)
	n, _ := s.length(v)
	lo, hi, _, err := s.bounds(&sliceValue{lo: start, hi: end}, n)
	if err != nil {
		return "", 0, err
	}
	cut, err := s.getslice(v, &sliceValue{lo: intValue(lo), hi: intValue(hi)})
	if err != nil {
		return "", 0, err
	}
	text, _ := textOf(cut)
	return text, lo, nil
}

func (s *Session) initSearch() {
	find := func(last, fail bool) func(string, bool, *call) (Value, error) {
		return func(t string, uni bool, c *call) (Value, error) {
			was := uni
			sub, err := s.textArg(c.args[1], &uni)
			if err != nil {
				return nil, err
			}
			cut, lo, err := s.window(t, was, c.args[2], c.args[3])
			if err != nil {
				return nil, err
			}
			i := strings.Index(cut, sub)
			if last {
				i = strings.LastIndex(cut, sub)
			}
			if i < 0 {
				if fail {
					return nil, s.raise(s.exc.ValueError, "substring not found")
				}
				return intValue(-1), nil
			}
			if was {
				i = utf8.RuneCountInString(cut[:i])
			}
			return intValue(lo + i), nil
		}
	}
	s.textMethod("find(self, sub, start=None, end=None)", find(false, false))
	s.textMethod("rfind(self, sub, start=None, end=None)", find(true, false))
	s.textMethod("index(self, sub, start=None, end=None)", find(false, true))
	s.textMethod("rindex(self, sub, start=None, end=None)", find(true, true))
	s.textMethod("count(self, sub, start=None, end=None)", func(t string, uni bool, c *call) (Value, error) {
		was := uni
		sub, err := s.textArg(c.args[1], &uni)
		if err != nil {
			return nil, err
		}
		cut, _, err := s.window(t, was, c.args[2], c.args[3])
		return intValue(strings.Count(cut, sub)), err
	})
	for name, has := range map[string]func(string, string) bool{"startswith": strings.HasPrefix, "endswith": strings.HasSuffix} {
		s.textMethod(name+"(self, part, start=None, end=None)", func(t string, uni bool, c *call) (Value, error) {
			cut, _, err := s.window(t, uni, c.args[2], c.args[3])
			if err != nil {
				return nil, err
			}
			parts, ok := c.args[1].(starlark.Tuple)
			if !ok {
				parts = starlark.Tuple{c.args[1]}
			}
			for _, p := range parts {
				sub, ok := textOf(p)
				if !ok {
					return nil, s.raise(s.exc.TypeError, "%s first arg must be str, unicode, or tuple, not %s", name, s.typeName(c.args[1]))
				}
				if has(cut, sub) {
					return vtrue, nil
				}
			}
			return boolean(false), nil
		})
	}
}

func (s *Session) initSplit() {
	split := func(right bool) func(string, bool, *call) (Value, error) {
		return func(t string, uni bool, c *call) (Value, error) {
			n, _ := smallInt(c.args[2])
			var parts []string
			if c.args[1] == none {
				parts = splitSpaces(t, int(n), right)
			} else {
				sep, err := s.textArg(c.args[1], &uni)
				if err != nil {
					return nil, err
				}
				if sep == "" {
					return nil, s.raise(s.exc.ValueError, "empty separator")
				}
				parts = splitText(t, sep, int(n), right)
			}
			return texts(parts, uni), nil
		}
	}
	s.textMethod("split(self, sep=None, maxsplit=-1)", split(false))
	s.textMethod("rsplit(self, sep=None, maxsplit=-1)", split(true))
	s.textMethod("splitlines(self, keepends=False)", func(t string, uni bool, c *call) (Value, error) {
		keep, err := s.truth(c.args[1])
		var parts []string
		for t != "" {
			i := strings.IndexAny(t, "\r\n")
			if i < 0 {
				parts = append(parts, t)
				break
			}
			end := i + 1
			if strings.HasPrefix(t[i:], "\r\n") {
				end++
			}
			if keep {
				parts = append(parts, t[:end])
			} else {
				parts = append(parts, t[:i])
			}
			t = t[end:]
		}
		return texts(parts, uni), err
	})
	partition := func(cut func(string, string) (string, string, bool), right bool) func(string, bool, *call) (Value, error) {
		return func(t string, uni bool, c *call) (Value, error) {
			sep, err := s.textArg(c.args[1], &uni)
			if err != nil {
				return nil, err
			}
			if sep == "" {
				return nil, s.raise(s.exc.ValueError, "empty separator")
			}
			a, b, ok := cut(t, sep)
			parts := []string{a, sep, b}
			if !ok {
				parts = []string{t, "", ""}
				if right {
					parts = []string{"", "", t}
				}
			}
			return starlark.Tuple(texts(parts, uni).elems), nil
		}
	}
	s.textMethod("partition(self, sep)", partition(strings.Cut, false))
	s.textMethod("rpartition(self, sep)", partition(func(t, sep string) (string, string, bool) {
		i := strings.LastIndex(t, sep)
		if i < 0 {
			return t, "", false
		}
		return t[:i], t[i+len(sep):], true
	}, true))
}

func texts(parts []string, uni bool) *list {
	l := newList()
	for _, p := range parts {
		l.elems = append(l.elems, textValue(p, uni))
	}
	return l
}

func splitSpaces(t string, n int, right bool) []string {
	fields := strings.FieldsFunc(t, func(r rune) bool { return strings.ContainsRune(spaces, r) })
	if n < 0 || len(fields) <= n+1 {
		if n == 0 && len(fields) > 0 {
			return []string{strings.Trim(t, spaces)}
		}
		return fields
	}
	var out []string
	if right {
		rest := strings.TrimRight(t, spaces)
		for range n {
			i := strings.LastIndexAny(rest, spaces)
			out = append([]string{rest[i+1:]}, out...)
			rest = strings.TrimRight(rest[:i], spaces)
		}
		return append([]string{rest}, out...)
	}
	rest := strings.TrimLeft(t, spaces)
	for range n {
		i := strings.IndexAny(rest, spaces)
		out = append(out, rest[:i])
		rest = strings.TrimLeft(rest[i:], spaces)
	}
	return append(out, rest)
}

func splitText(t, sep string, n int, right bool) []string {
	if n < 0 || !right {
		if n >= 0 {
			n++
		}
		return strings.SplitN(t, sep, n)
	}
	var out []string
	for range n {
		i := strings.LastIndex(t, sep)
		if i < 0 {
			break
		}
		out = append([]string{t[i+len(sep):]}, out...)
		t = t[:i]
	}
	return append([]string{t}, out...)
}

func (s *Session) initPad() {
	pad := func(place func(missing int, fill string) (string, string)) func(string, bool, *call) (Value, error) {
		return func(t string, uni bool, c *call) (Value, error) {
			n, ok := smallInt(c.args[1])
			if !ok {
				return nil, s.raise(s.exc.TypeError, "an integer is required")
			}
			fill, err := s.textArg(c.args[2], &uni)
			if err != nil || utf8.RuneCountInString(fill) != 1 {
				return nil, s.raise(s.exc.TypeError, "must be char, not %s", s.typeName(c.args[2]))
			}
			if n > maxBytes {
				return nil, s.raiseValue(s.exc.MemoryError)
			}
			size, _ := s.length(c.args[0])
			left, right := place(max(int(n)-size, 0), fill)
			return textValue(left+t+right, uni), nil
		}
	}
	s.textMethod("ljust(self, width, fill=' ')", pad(func(n int, fill string) (string, string) { return "", strings.Repeat(fill, n) }))
	s.textMethod("rjust(self, width, fill=' ')", pad(func(n int, fill string) (string, string) { return strings.Repeat(fill, n), "" }))
	s.textMethod("center(self, width, fill=' ')", pad(func(n int, fill string) (string, string) {
		return strings.Repeat(fill, n/2), strings.Repeat(fill, n-n/2)
	}))
	s.textMethod("zfill(self, width)", func(t string, uni bool, c *call) (Value, error) {
		n, ok := smallInt(c.args[1])
		if !ok || n > maxBytes {
			return nil, s.raise(s.exc.TypeError, "an integer is required")
		}
		sign := ""
		if strings.HasPrefix(t, "-") || strings.HasPrefix(t, "+") {
			sign, t = t[:1], t[1:]
		}
		return textValue(sign+strings.Repeat("0", max(int(n)-len(sign)-len(t), 0))+t, uni), nil
	})
}
