package jsonlines

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a skipped value. A row needs five levels, and one
// more for each level of composites.
const maxDepth = 64

// scanner reads JSON text from left to right. The caller requests the token that it
// expects. If the text has another token, the error reports that token and its position,
// counted in bytes from 1. Text must be valid UTF-8.
//
// encoding/json is not used because it changes data: it replaces invalid UTF-8, uses
// the last of two equal fields and rounds numbers.
type scanner struct {
	text []byte
	pos  int
}

func (s *scanner) errorf(format string, args ...any) error {
	return fmt.Errorf("at byte %d: %s", s.pos+1, fmt.Sprintf(format, args...))
}

// peek returns the first byte of the next token, or 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; c {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// accept consumes the byte c if it is the next token.
func (s *scanner) accept(c byte) bool {
	if s.peek() != c || s.pos == len(s.text) {
		return false
	}
	s.pos++
	return true
}

// expect consumes the byte c. If c is not the next token, it returns an error.
func (s *scanner) expect(c byte) error {
	if s.accept(c) {
		return nil
	}
	return s.errorf("want %q, have %s", string(c), s.have())
}

// have describes the next token, for errors.
func (s *scanner) have() string {
	switch c := s.peek(); {
	case s.pos == len(s.text):
		return "the end of the line"
	case c == '"':
		return "a string"
	case c == '{':
		return "an object"
	case c == '[':
		return "an array"
	case c == '-' || '0' <= c && c <= '9':
		return "a number"
	case c == 't' || c == 'f':
		return "a boolean"
	case c == 'n':
		return "null"
	default:
		r, _ := utf8.DecodeRune(s.text[s.pos:])
		return fmt.Sprintf("%q", r)
	}
}

// end returns an error unless all text was read.
func (s *scanner) end() error {
	if s.peek(); s.pos < len(s.text) {
		return s.errorf("want the end of the line, have %s", s.have())
	}
	return nil
}

// element moves to the next element of an array, after its '[' or an element was
// consumed. If there is no next element, it consumes ']' and returns false.
func (s *scanner) element(first bool) (bool, error) {
	if s.accept(']') {
		return false, nil
	}
	if first {
		return true, nil
	}
	if s.accept(',') {
		return true, nil
	}
	return false, s.errorf("want \",\" or \"]\", have %s", s.have())
}

// field moves to the next field of an object and returns its name, after its '{' or a
// value was consumed. If there is no next field, it consumes '}', and ok is false.
func (s *scanner) field(first bool) (name []byte, ok bool, err error) {
	switch {
	case s.accept('}'):
		return nil, false, nil
	case !first && !s.accept(','):
		return nil, false, s.errorf("want \",\" or \"}\", have %s", s.have())
	}
	if name, err = s.str(); err != nil {
		return nil, false, err
	}
	return name, true, s.expect(':')
}

// literal consumes a word such as null.
func (s *scanner) literal(word string) error {
	s.peek()
	if rest := s.text[s.pos:]; len(rest) < len(word) || string(rest[:len(word)]) != word {
		return s.errorf("want %s, have %s", word, s.have())
	}
	s.pos += len(word)
	return nil
}

// number consumes a number and returns its text. The text aliases the input.
func (s *scanner) number() ([]byte, error) {
	if c := s.peek(); c != '-' && (c < '0' || c > '9') {
		return nil, s.errorf("want a number, have %s", s.have())
	}
	begin := s.pos
	if s.text[s.pos] == '-' {
		s.pos++
	}
	digits := func() int {
		from := s.pos
		for s.pos < len(s.text) && '0' <= s.text[s.pos] && s.text[s.pos] <= '9' {
			s.pos++
		}
		return s.pos - from
	}
	at := s.pos
	if n := digits(); n == 0 || n > 1 && s.text[at] == '0' {
		return nil, s.errorf("bad number")
	}
	if s.pos < len(s.text) && s.text[s.pos] == '.' {
		s.pos++
		if digits() == 0 {
			return nil, s.errorf("bad number")
		}
	}
	if s.pos < len(s.text) && (s.text[s.pos] == 'e' || s.text[s.pos] == 'E') {
		s.pos++
		if s.pos < len(s.text) && (s.text[s.pos] == '+' || s.text[s.pos] == '-') {
			s.pos++
		}
		if digits() == 0 {
			return nil, s.errorf("bad number")
		}
	}
	return s.text[begin:s.pos], nil
}

// str consumes a string and returns its content. The result aliases the
// input if the string contains no escapes.
func (s *scanner) str() ([]byte, error) {
	if s.peek() != '"' {
		return nil, s.errorf("want a string, have %s", s.have())
	}
	s.pos++
	begin := s.pos
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == '"':
			s.pos++
			return s.text[begin : s.pos-1 : s.pos-1], nil
		case c == '\\':
			return s.unescape(append([]byte(nil), s.text[begin:s.pos]...))
		case c < ' ':
			return nil, s.errorf("control character %#02x in a string", c)
		case c < utf8.RuneSelf:
			s.pos++
		default:
			if err := s.rune(); err != nil {
				return nil, err
			}
		}
	}
	return nil, s.errorf("the line ends in a string")
}

// rune moves past a character of several bytes.
func (s *scanner) rune() error {
	r, n := utf8.DecodeRune(s.text[s.pos:])
	if r == utf8.RuneError && n == 1 {
		return s.errorf("byte %#02x is not UTF-8", s.text[s.pos])
	}
	s.pos += n
	return nil
}

// unescape reads the rest of a string from its first escape on.
func (s *scanner) unescape(out []byte) ([]byte, error) {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == '"':
			s.pos++
			return out, nil
		case c == '\\':
			r, err := s.escape()
			if err != nil {
				return nil, err
			}
			out = utf8.AppendRune(out, r)
		case c < ' ':
			return nil, s.errorf("control character %#02x in a string", c)
		default:
			from := s.pos
			if err := s.rune(); err != nil {
				return nil, err
			}
			out = append(out, s.text[from:s.pos]...)
		}
	}
	return nil, s.errorf("the line ends in a string")
}

// escape reads one escape, or the two escapes of a surrogate pair.
func (s *scanner) escape() (rune, error) {
	if s.pos+1 >= len(s.text) {
		return 0, s.errorf("the line ends in a string")
	}
	c := s.text[s.pos+1]
	if c != 'u' {
		for i, e := range `"\/bfnrt` {
			if byte(e) == c {
				s.pos += 2
				return rune("\"\\/\b\f\n\r\t"[i]), nil
			}
		}
		return 0, s.errorf("unknown escape")
	}
	r, err := s.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if s.pos+1 < len(s.text) && s.text[s.pos] == '\\' && s.text[s.pos+1] == 'u' {
		low, err := s.hex4()
		if err != nil {
			return 0, err
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, nil
		}
	}
	return 0, s.errorf("half of a surrogate pair")
}

// hex4 reads \uXXXX.
func (s *scanner) hex4() (rune, error) {
	if len(s.text)-s.pos < 6 {
		return 0, s.errorf("the line ends in a string")
	}
	var r rune
	for _, c := range s.text[s.pos+2 : s.pos+6] {
		d := unhex(c)
		if d < 0 {
			return 0, s.errorf("bad escape")
		}
		r = r<<4 | rune(d)
	}
	s.pos += 6
	return r, nil
}

// unhex returns the value of a hexadecimal digit, or -1.
func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// skip consumes one value and returns its text. The text aliases the input.
func (s *scanner) skip() ([]byte, error) {
	s.peek()
	begin := s.pos
	if err := s.skipValue(0); err != nil {
		return nil, err
	}
	return s.text[begin:s.pos], nil
}

func (s *scanner) skipValue(depth int) error {
	if depth > maxDepth {
		return s.errorf("nested more than %d levels deep", maxDepth)
	}
	var err error
	switch c := s.peek(); c {
	case '"':
		_, err = s.str()
	case 't':
		err = s.literal("true")
	case 'f':
		err = s.literal("false")
	case 'n':
		err = s.literal("null")
	case '[':
		s.pos++
		for first := true; ; first = false {
			ok, err := s.element(first)
			if err != nil || !ok {
				return err
			}
			if err := s.skipValue(depth + 1); err != nil {
				return err
			}
		}
	case '{':
		s.pos++
		for first := true; ; first = false {
			_, ok, err := s.field(first)
			if err != nil || !ok {
				return err
			}
			if err := s.skipValue(depth + 1); err != nil {
				return err
			}
		}
	default:
		if c != '-' && (c < '0' || c > '9') {
			return s.errorf("want a value, have %s", s.have())
		}
		_, err = s.number()
	}
	return err
}
