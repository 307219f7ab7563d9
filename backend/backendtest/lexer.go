package backendtest

import (
	"fmt"
	"strings"
)

// lexer splits a statement of a script into tokens: words, numbers, quoted
// texts, hexadecimal bytes and signs. Every method panics with a syntaxError,
// which the runner of statements recovers.
type lexer struct {
	rest string
}

type syntaxError string

func (l *lexer) fail(format string, args ...any) {
	where := l.rest
	if where == "" {
		where = "the end"
	}
	panic(syntaxError(fmt.Sprintf(format, args...) + " before " + where))
}

func (l *lexer) space() { l.rest = strings.TrimLeft(l.rest, " \t") }

// done reports whether the statement is at its end.
func (l *lexer) done() bool {
	l.space()
	return l.rest == ""
}

// end fails unless the statement is at its end.
func (l *lexer) end() {
	if !l.done() {
		l.fail("unexpected text")
	}
}

// sign takes the sign, or word, s if it is next.
func (l *lexer) sign(s string) bool {
	l.space()
	if !strings.HasPrefix(l.rest, s) || isWord(s[len(s)-1]) && len(l.rest) > len(s) && isWord(l.rest[len(s)]) {
		return false
	}
	l.rest = l.rest[len(s):]
	return true
}

// expect takes the sign s or fails.
func (l *lexer) expect(s string) {
	if !l.sign(s) {
		l.fail("expected %q", s)
	}
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// word takes letters, digits and the characters of extra. The word may be empty.
func (l *lexer) word(extra string) string {
	l.space()
	n := 0
	for n < len(l.rest) && (isWord(l.rest[n]) || strings.IndexByte(extra, l.rest[n]) >= 0) {
		n++
	}
	w := l.rest[:n]
	l.rest = l.rest[n:]
	return w
}

// text takes a text in single quotes. Two single quotes in the text stand for one.
func (l *lexer) text() string {
	l.expect("'")
	var b strings.Builder
	for {
		before, after, found := strings.Cut(l.rest, "'")
		if !found {
			l.fail("missing '")
		}
		b.WriteString(before)
		if !strings.HasPrefix(after, "'") {
			l.rest = after
			return b.String()
		}
		b.WriteByte('\'')
		l.rest = after[1:]
	}
}
