package shell

import (
	"regexp"
	"strings"
)

// piece matches the coloured parts of a text: comments, strings, numbers and words.
var piece = regexp.MustCompile("(#[^\n]*)|([uUbBrR]{0,2}(?:'''(?s:.*?)(?:'''|$)|\"\"\"(?s:.*?)(?:\"\"\"|$)|'(?:\\\\.|[^'\\\\\n])*'?|\"(?:\\\\.|[^\"\\\\\n])*\"?))|(\\b[0-9][0-9a-fA-FxXlL.]*)|([A-Za-z_][A-Za-z0-9_]*)")

// The colours of a terminal.
const (
	colourComment = "\x1b[90m"
	colourString  = "\x1b[32m"
	colourNumber  = "\x1b[36m"
	colourKeyword = "\x1b[35m"
	colourFamily  = "\x1b[33m"
	colourOff     = "\x1b[0m"
)

// Highlight colours a text of the dialect with escape sequences of a terminal. It also colours the names of families.
func (s *Session) Highlight(text string) string {
	var b strings.Builder
	at := 0
	for _, m := range piece.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(text[at:m[0]])
		at = m[1]
		part, colour := text[m[0]:m[1]], ""
		switch {
		case m[2] >= 0:
			colour = colourComment
		case m[4] >= 0:
			colour = colourString
		case m[6] >= 0:
			colour = colourNumber
		case keywords[part]:
			colour = colourKeyword
		default:
			if o, ok := s.globals.vars[part].(*object); ok && o.class == s.py.family {
				colour = colourFamily
			}
		}
		if colour == "" {
			b.WriteString(part)
			continue
		}
		// An escape sequence does not span lines, since the terminal draws each line on its own.
		b.WriteString(colour + strings.ReplaceAll(part, "\n", colourOff+"\n"+colour) + colourOff)
	}
	b.WriteString(text[at:])
	return b.String()
}

// Indent returns the indentation with which the next line of an open block begins.
func Indent(src string) string {
	lines := strings.Split(strings.TrimRight(src, "\n"), "\n")
	last := lines[len(lines)-1]
	if openText(src) {
		return ""
	}
	indent := last[:len(last)-len(strings.TrimLeft(last, " \t"))]
	trimmed := strings.TrimSpace(last)
	if strings.HasSuffix(trimmed, ":") {
		return indent + "    "
	}
	for _, w := range []string{"return", "break", "continue", "pass", "raise"} {
		if (trimmed == w || strings.HasPrefix(trimmed, w+" ")) && len(indent) >= 4 {
			return indent[:len(indent)-4]
		}
	}
	return indent
}
