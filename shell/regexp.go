package shell

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"go.starlark.net/starlark"
)

// maxRegexps bounds the number of compiled expressions that a session caches.
const maxRegexps = 256

// regexpModule is the module on which library/re.py is built.
func (s *Session) regexpModule() *module {
	m := &module{}
	class := s.newClass("error", "sre_constants", s.exc.Exception)
	m.attrs.set("error", class)
	known := map[string]*regexp.Regexp{}
	compile := func(c *call) (*regexp.Regexp, error) {
		pattern, ok := textOf(c.args[0])
		if !ok {
			return nil, s.raise(s.exc.TypeError, "first argument must be string or compiled pattern")
		}
		flags, _ := smallInt(c.args[1])
		letters := ""
		for bit, letter := range map[int64]string{2: "i", 8: "m", 16: "s"} {
			if flags&bit != 0 {
				letters += letter
			}
		}
		if flags&64 != 0 {
			return nil, s.raise(class, "the shell's regular expressions have no VERBOSE; write the pattern in one line")
		}
		key := pattern
		if letters != "" {
			key = "(?" + letters + ")" + pattern
		}
		if re, ok := known[key]; ok {
			return re, nil
		}
		for _, part := range []string{"(?=", "(?!", "(?<=", "(?<!", "(?P=", "(?("} {
			if strings.Contains(pattern, part) {
				return nil, s.raise(class, "the shell's regular expressions have no %s…); match more, and look at the groups", part)
			}
		}
		re, err := regexp.Compile(strings.ReplaceAll(key, `\Z`, `\z`))
		if err != nil {
			return nil, s.raise(class, "%s", regexpError(err))
		}
		if len(known) >= maxRegexps {
			clear(known)
		}
		known[key] = re
		return re, nil
	}
	m.fn(s, "compile(pattern, flags)", func(c *call) (Value, error) {
		re, err := compile(c)
		if err != nil {
			return nil, err
		}
		names := newList()
		for i, n := range re.SubexpNames() {
			if n != "" {
				names.elems = append(names.elems, starlark.Tuple{str(n), intValue(i)})
			}
		}
		return starlark.Tuple{intValue(re.NumSubexp()), names}, nil
	})
	// subject returns the text after pos, the offset at which it begins, and a function that converts offsets of a match
	// to positions in the whole text.
	subject := func(c *call) (text string, begin int, spans func(at []int) Value, err error) {
		text, ok := textOf(c.args[2])
		if !ok {
			return "", 0, nil, s.raise(s.exc.TypeError, "expected string or buffer")
		}
		pos, _ := smallInt(c.args[3])
		_, uni := c.args[2].(unicodeStr)
		begin = int(min(max(pos, 0), int64(len(text))))
		if uni {
			runes, n := begin, 0
			for ; n < len(text) && runes > 0; runes-- {
				_, size := utf8.DecodeRuneInString(text[n:])
				n += size
			}
			begin = n
		}
		byteAt, runeAt := 0, 0
		place := func(i int) int {
			if !uni || i < 0 {
				return i
			}
			if i < byteAt {
				byteAt, runeAt = 0, 0
			}
			runeAt += utf8.RuneCountInString(text[byteAt:i])
			byteAt = i
			return runeAt
		}
		return text, begin, func(at []int) Value {
			out := newList()
			for i := 0; i < len(at); i += 2 {
				out.elems = append(out.elems, starlark.Tuple{intValue(place(at[i])), intValue(place(at[i+1]))})
			}
			return out
		}, nil
	}
	shift := func(at []int, by int) []int {
		for i := range at {
			if at[i] >= 0 {
				at[i] += by
			}
		}
		return at
	}
	m.fn(s, "find(pattern, flags, string, pos, begins)", func(c *call) (Value, error) {
		re, err := compile(c)
		if err != nil {
			return nil, err
		}
		text, begin, spans, err := subject(c)
		if err != nil {
			return nil, err
		}
		if c.args[4] == vtrue {
			anchored := *c
			anchored.args = append([]Value{str(`\A(?:` + re.String() + `)`), intValue(0)}, c.args[2:]...)
			if re, err = compile(&anchored); err != nil {
				return nil, err
			}
		}
		at := re.FindStringSubmatchIndex(text[begin:])
		if at == nil {
			return none, nil
		}
		return spans(shift(at, begin)), nil
	})
	m.fn(s, "findall(pattern, flags, string, pos)", func(c *call) (Value, error) {
		re, err := compile(c)
		if err != nil {
			return nil, err
		}
		text, begin, spans, err := subject(c)
		if err != nil {
			return nil, err
		}
		out := newList()
		for _, at := range re.FindAllStringSubmatchIndex(text[begin:], maxElements) {
			out.elems = append(out.elems, spans(shift(at, begin)))
		}
		return out, nil
	})
	return m
}

// regexpError words an error of a pattern as CPython does where both know the error.
func regexpError(err error) string {
	known := map[syntax.ErrorCode]string{
		syntax.ErrMissingParen: "unbalanced parenthesis", syntax.ErrUnexpectedParen: "unbalanced parenthesis",
		syntax.ErrMissingRepeatArgument: "nothing to repeat", syntax.ErrInvalidRepeatOp: "multiple repeat",
		syntax.ErrMissingBracket: "unexpected end of regular expression", syntax.ErrTrailingBackslash: "bogus escape (end of line)",
		syntax.ErrInvalidCharRange: "bad character range",
	}
	if e := (*syntax.Error)(nil); errors.As(err, &e) {
		if text, ok := known[e.Code]; ok {
			return text
		}
	}
	return strings.TrimPrefix(err.Error(), "error parsing regexp: ")
}
