package model

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Problem is an error in what a user typed.
type Problem struct {
	Field string // the name of the form's field
	Why   string // a sentence for the user
}

// Error returns Why.
func (p *Problem) Error() string { return p.Why }

// text returns s without space around it, if it has an allowed number of characters.
func text(field, s string, from, to int) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	switch n := utf8.RuneCountInString(s); {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		return "", &Problem{field, "Control characters are not allowed."}
	case n > to:
		return "", &Problem{field, fmt.Sprintf("This has %d characters; %d are allowed.", n, to)}
	case n < from:
		return "", &Problem{field, "Please write something."}
	}
	return s, nil
}
