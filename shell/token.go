package shell

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.starlark.net/starlark"
)

// position is a position in a source text. Both numbers begin at 1.
type position struct{ line, col int32 }

// syntaxError is an error of the text that is found before the text runs.
type syntaxError struct {
	class string // SyntaxError or IndentationError
	msg   string
	pos   position
	// incomplete reports that more lines may mend the text.
	incomplete bool
}

func (e *syntaxError) Error() string {
	return fmt.Sprintf("%s: %s (line %d, column %d)", e.class, e.msg, e.pos.line, e.pos.col)
}

type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokNewline
	tokIndent
	tokDedent
	tokName
	tokNumber
	tokString
	tokOp
)

type token struct {
	kind  tokenKind
	text  string
	pos   position
	value starlark.Value // the value of a number or a string
}

// maxNesting bounds the number of open brackets, the levels of indentation and the depth of expressions.
const maxNesting = 100

// tokenizer turns Python 2 source into tokens.
type tokenizer struct {
	src      string
	off      int
	line     int32
	start    int // offset of the line's first byte
	brackets []token
	indents  []int
	tokens   []token
}

// tokenize splits a source text into tokens. The list ends with tokEOF, even if tokenize also returns an error.
func tokenize(src string) (tokens []token, err *syntaxError) {
	t := &tokenizer{src: src, line: 1, indents: []int{0}}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*syntaxError)
			if !ok {
				panic(r)
			}
			tokens, err = append(t.tokens, token{kind: tokEOF, pos: e.pos}), e
		}
	}()
	t.run()
	return t.tokens, nil
}

func (t *tokenizer) pos() position {
	return position{t.line, int32(utf8.RuneCountInString(t.src[t.start:t.off])) + 1}
}

func (t *tokenizer) fail(pos position, class, format string, args ...any) {
	panic(&syntaxError{class: class, msg: fmt.Sprintf(format, args...), pos: pos})
}

func (t *tokenizer) emit(kind tokenKind, text string, pos position) {
	t.tokens = append(t.tokens, token{kind: kind, text: text, pos: pos})
}

func (t *tokenizer) newLine() {
	t.line++
	t.start = t.off
}

func (t *tokenizer) run() {
	for t.off < len(t.src) {
		if t.indentation() {
			continue
		}
		t.logicalLine()
	}
	if len(t.brackets) > 0 {
		panic(&syntaxError{class: "SyntaxError", msg: fmt.Sprintf("%q is never closed", t.brackets[len(t.brackets)-1].text), pos: t.brackets[len(t.brackets)-1].pos, incomplete: true})
	}
	pos := t.pos()
	if n := len(t.tokens); n > 0 && t.tokens[n-1].kind != tokNewline {
		t.emit(tokNewline, "", pos)
	}
	for len(t.indents) > 1 {
		t.indents = t.indents[:len(t.indents)-1]
		t.emit(tokDedent, "", pos)
	}
	t.emit(tokEOF, "", pos)
}

// indentation reads the beginning of a logical line and reports whether the line was empty.
func (t *tokenizer) indentation() (empty bool) {
	width := 0
	for ; t.off < len(t.src); t.off++ {
		switch t.src[t.off] {
		case ' ':
			width++
			continue
		case '\t':
			width = (width/8 + 1) * 8
			continue
		case '\f':
			width = 0
			continue
		}
		break
	}
	if t.off == len(t.src) {
		return true
	}
	switch t.src[t.off] {
	case '#':
		t.comment()
		if t.off == len(t.src) {
			return true
		}
		t.off++
		t.newLine()
		return true
	case '\n':
		t.off++
		t.newLine()
		return true
	case '\r':
		t.off++
		return true
	}
	top := t.indents[len(t.indents)-1]
	switch {
	case width > top:
		if len(t.indents) > maxNesting {
			t.fail(t.pos(), "IndentationError", "too many levels of indentation")
		}
		t.indents = append(t.indents, width)
		t.emit(tokIndent, "", t.pos())
	case width < top:
		for width < t.indents[len(t.indents)-1] {
			t.indents = t.indents[:len(t.indents)-1]
			t.emit(tokDedent, "", t.pos())
		}
		if width != t.indents[len(t.indents)-1] {
			t.fail(t.pos(), "IndentationError", "unindent does not match any outer indentation level")
		}
	}
	return false
}

func (t *tokenizer) comment() {
	if i := strings.IndexByte(t.src[t.off:], '\n'); i >= 0 {
		t.off += i
	} else {
		t.off = len(t.src)
	}
}

// logicalLine reads tokens up to the end of a line that no bracket or backslash continues.
func (t *tokenizer) logicalLine() {
	for t.off < len(t.src) {
		c := t.src[t.off]
		switch {
		case c == '\n':
			pos := t.pos()
			t.off++
			t.newLine()
			if len(t.brackets) > 0 {
				continue
			}
			t.emit(tokNewline, "", pos)
			return
		case c == ' ' || c == '\t' || c == '\f' || c == '\r':
			t.off++
		case c == '#':
			t.comment()
		case c == '\\':
			rest := strings.TrimPrefix(t.src[t.off+1:], "\r")
			switch {
			case rest == "":
				panic(&syntaxError{class: "SyntaxError", msg: "unexpected end after a backslash", pos: t.pos(), incomplete: true})
			case rest[0] != '\n':
				t.fail(t.pos(), "SyntaxError", "unexpected character after line continuation character")
			}
			t.off = len(t.src) - len(rest) + 1
			t.newLine()
			if t.off == len(t.src) {
				panic(&syntaxError{class: "SyntaxError", msg: "unexpected end after a backslash", pos: t.pos(), incomplete: true})
			}
		case c >= '0' && c <= '9', c == '.' && t.off+1 < len(t.src) && isDigit(t.src[t.off+1]):
			t.number()
		case isNameStart(c):
			t.nameOrString()
		case c == '"' || c == '\'':
			t.str("")
		default:
			t.operator()
		}
	}
}

func isDigit(c byte) bool     { return c >= '0' && c <= '9' }
func isNameStart(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func isNameByte(c byte) bool  { return isNameStart(c) || isDigit(c) }

func (t *tokenizer) nameOrString() {
	end := t.off
	for end < len(t.src) && isNameByte(t.src[end]) {
		end++
	}
	word := t.src[t.off:end]
	if len(word) <= 2 && end < len(t.src) && (t.src[end] == '"' || t.src[end] == '\'') {
		switch strings.ToLower(word) {
		case "u", "b", "r", "ur", "br":
			t.str(strings.ToLower(word))
			return
		}
	}
	t.emit(tokName, word, t.pos())
	t.off = end
}

var operators = []string{
	"**=", "//=", "<<=", ">>=", "...",
	"**", "//", "<<", ">>", "<=", ">=", "==", "!=", "<>", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
	"+", "-", "*", "/", "%", "&", "|", "^", "~", "<", ">", "(", ")", "[", "]", "{", "}", ",", ":", ".", "`", "=", ";", "@",
}

func (t *tokenizer) operator() {
	pos := t.pos()
	for _, op := range operators {
		if !strings.HasPrefix(t.src[t.off:], op) {
			continue
		}
		switch op {
		case "(", "[", "{":
			if len(t.brackets) >= maxNesting {
				t.fail(pos, "SyntaxError", "brackets are nested too deeply")
			}
			t.brackets = append(t.brackets, token{text: op, pos: pos})
		case ")", "]", "}":
			n := len(t.brackets) - 1
			if n < 0 || closing[t.brackets[n].text] != op {
				t.fail(pos, "SyntaxError", "invalid syntax")
			}
			t.brackets = t.brackets[:n]
		case "<>":
			t.emit(tokOp, "!=", pos)
			t.off += 2
			return
		}
		t.emit(tokOp, op, pos)
		t.off += len(op)
		return
	}
	r, _ := utf8.DecodeRuneInString(t.src[t.off:])
	if unicode.IsPrint(r) {
		t.fail(pos, "SyntaxError", "invalid syntax")
	}
	t.fail(pos, "SyntaxError", "invalid character %U", r)
}

var closing = map[string]string{"(": ")", "[": "]", "{": "}"}

func (t *tokenizer) number() {
	pos, start := t.pos(), t.off
	s := t.src
	radix := 10
	if s[t.off] == '0' && t.off+1 < len(s) {
		switch s[t.off+1] | 0x20 {
		case 'x':
			radix = 16
		case 'o':
			radix = 8
		case 'b':
			radix = 2
		}
	}
	float := false
	if radix != 10 {
		t.off += 2
		for t.off < len(s) && isNameByte(s[t.off]) && s[t.off]|0x20 != 'l' {
			t.off++
		}
	} else {
		digits := func() {
			for t.off < len(s) && isDigit(s[t.off]) {
				t.off++
			}
		}
		digits()
		if t.off < len(s) && s[t.off] == '.' {
			float = true
			t.off++
			digits()
		}
		if t.off < len(s) && s[t.off]|0x20 == 'e' {
			i := t.off + 1
			if i < len(s) && (s[i] == '+' || s[i] == '-') {
				i++
			}
			if i < len(s) && isDigit(s[i]) {
				float = true
				t.off = i
				digits()
			}
		}
	}
	text := s[start:t.off]
	isLong := !float && t.off < len(s) && s[t.off]|0x20 == 'l'
	if isLong {
		t.off++
	}
	if t.off < len(s) && isNameStart(s[t.off]) {
		if s[t.off]|0x20 == 'j' {
			t.fail(pos, "SyntaxError", "complex numbers are not supported; use two floats")
		}
		t.fail(t.pos(), "SyntaxError", "invalid syntax")
	}
	tok := token{kind: tokNumber, text: text, pos: pos}
	if float {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil && !strings.Contains(err.Error(), "range") {
			t.fail(pos, "SyntaxError", "invalid number")
		}
		tok.value = starlark.Float(f)
	} else {
		digits := text
		switch {
		case radix != 10:
			digits = text[2:]
		case len(text) > 1 && text[0] == '0':
			radix, digits = 8, text[1:]
		}
		n, ok := new(big.Int).SetString(digits, radix)
		if !ok || strings.Contains(digits, "_") || len(digits) > 5000 {
			t.fail(pos, "SyntaxError", "invalid token")
		}
		tok.value = intFromBig(n)
		if isLong {
			tok.value = long{n}
		}
	}
	t.tokens = append(t.tokens, tok)
}

// str reads a string literal whose prefix, in lower case, is at the offset.
func (t *tokenizer) str(prefix string) {
	pos := t.pos()
	t.off += len(prefix)
	quote := t.src[t.off : t.off+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(t.src[t.off:], triple) {
		quote = triple
	}
	t.off += len(quote)
	start := t.off
	for {
		if t.off >= len(t.src) {
			if len(quote) == 3 {
				panic(&syntaxError{class: "SyntaxError", msg: "EOF while scanning triple-quoted string literal", pos: pos, incomplete: true})
			}
			t.fail(pos, "SyntaxError", "EOL while scanning string literal")
		}
		c := t.src[t.off]
		switch {
		case strings.HasPrefix(t.src[t.off:], quote):
			body := t.src[start:t.off]
			t.off += len(quote)
			t.literal(body, prefix, pos)
			return
		case c == '\\':
			t.off++
			if t.off < len(t.src) && t.src[t.off] == '\r' {
				t.off++
			}
			if t.off == len(t.src) {
				panic(&syntaxError{class: "SyntaxError", msg: "EOL while scanning string literal", pos: pos, incomplete: true})
			}
			t.off++
			if t.src[t.off-1] == '\n' {
				t.newLine()
			}
		case c == '\n':
			if len(quote) == 1 {
				t.fail(pos, "SyntaxError", "EOL while scanning string literal")
			}
			t.off++
			t.newLine()
		default:
			t.off++
		}
	}
}

func (t *tokenizer) literal(body, prefix string, pos position) {
	tok := token{kind: tokString, text: body, pos: pos}
	uni := strings.Contains(prefix, "u")
	if !strings.Contains(prefix, "r") {
		var msg string
		if body, msg = unescape(body, uni); msg != "" {
			t.fail(pos, "SyntaxError", "%s", msg)
		}
	}
	if uni {
		tok.value = unicodeStr(strings.ToValidUTF8(body, "\uFFFD"))
	} else {
		tok.value = str(body)
	}
	t.tokens = append(t.tokens, tok)
}

// unescape replaces the backslash escapes of a literal's body. On an error it returns a message, which is not empty.
func unescape(s string, uni bool) (out, msg string) {
	if !strings.Contains(s, `\`) {
		return s, ""
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		c := s[i]
		code := func(n int) (uint64, bool) {
			if i+1+n > len(s) {
				return 0, false
			}
			v, err := strconv.ParseUint(s[i+1:i+1+n], 16, 32)
			i += n
			return v, err == nil
		}
		put := func(v uint64) {
			if uni {
				b.WriteRune(rune(v))
			} else {
				b.WriteByte(byte(v))
			}
		}
		switch {
		case c == '\n':
		case c == '\r' && i+1 < len(s) && s[i+1] == '\n':
			i++
		case c == 'x':
			v, ok := code(2)
			if !ok {
				return "", "invalid \\x escape"
			}
			put(v)
		case c >= '0' && c <= '7':
			v, n := uint64(0), 0
			for n < 3 && i+n < len(s) && s[i+n] >= '0' && s[i+n] <= '7' {
				v = v*8 + uint64(s[i+n]-'0')
				n++
			}
			i += n - 1
			put(v & 0xff)
		case uni && (c == 'u' || c == 'U'):
			n := 4
			if c == 'U' {
				n = 8
			}
			v, ok := code(n)
			if !ok || v > unicode.MaxRune {
				return "", "truncated \\" + string(c) + " escape"
			}
			b.WriteRune(rune(v))
		case uni && c == 'N':
			return "", "\\N{…} is not supported; write \\uXXXX"
		default:
			if j := strings.IndexByte(`\'"abfnrtv`, c); j >= 0 {
				b.WriteByte("\\'\"\a\b\f\n\r\t\v"[j])
			} else {
				b.WriteByte('\\')
				b.WriteByte(c)
			}
		}
	}
	return b.String(), ""
}
