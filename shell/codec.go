package shell

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// codec is the name of an encoding in lower case, without the characters that Python ignores.
func codec(v Value) string {
	name, _ := textOf(v)
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
}

// encode is u.encode(encoding). A str is first decoded as ASCII, as in Python 2.
func (s *Session) encode(v, encoding, errs Value) (Value, error) {
	name := codec(encoding)
	switch name {
	case "hex":
		t, err := s.str(v)
		return str(hex.EncodeToString([]byte(t))), err
	case "base64":
		t, err := s.str(v)
		return str(base64.StdEncoding.EncodeToString([]byte(t)) + "\n"), err
	}
	u, err := s.toUnicode(v)
	if err != nil {
		return nil, err
	}
	mode, _ := textOf(errs)
	limit := rune(0x80)
	switch name {
	case "utf8":
		return str(u), nil
	case "ascii", "usascii":
	case "latin1", "iso88591":
		limit = 0x100
		name = "latin-1"
	default:
		n, _ := textOf(encoding)
		return nil, s.raise(s.exc.LookupError, "unknown encoding: %s", n)
	}
	var b []byte
	i := 0
	for _, r := range string(u) {
		switch {
		case r < limit:
			b = append(b, byte(r))
		case mode == "ignore":
		case mode == "replace":
			b = append(b, '?')
		case mode == "xmlcharrefreplace":
			b = fmt.Appendf(b, "&#%d;", r)
		case mode == "backslashreplace":
			b = append(b, escapeUnicode(string(r))...)
		default:
			return nil, s.raise(s.exc.UnicodeEncodeError, "'%s' codec can't encode character %s in position %d: ordinal not in range(%d)", name, reprUnicode(string(r)), i, limit)
		}
		i++
	}
	return str(b), nil
}

// decode is b.decode(encoding).
func (s *Session) decode(v, encoding, errs Value) (Value, error) {
	b, err := s.str(v)
	if err != nil {
		return nil, err
	}
	mode, _ := textOf(errs)
	switch codec(encoding) {
	case "utf8":
		switch mode {
		case "ignore":
			return unicodeStr(strings.ToValidUTF8(b, "")), nil
		case "replace":
			return unicodeStr(strings.ToValidUTF8(b, "\uFFFD")), nil
		}
		return s.decodeUTF8(b)
	case "ascii", "usascii":
		if mode == "ignore" || mode == "replace" {
			return unicodeStr(strings.Map(func(r rune) rune {
				if r >= 0x80 {
					return -1
				}
				return r
			}, strings.ToValidUTF8(b, "\uFFFD"))), nil
		}
		return s.toUnicode(str(b))
	case "latin1", "iso88591":
		runes := make([]rune, len(b))
		for i := range len(b) {
			runes[i] = rune(b[i])
		}
		return unicodeStr(runes), nil
	case "hex":
		raw, err := hex.DecodeString(b)
		if err != nil {
			return nil, s.raise(s.exc.TypeError, "Non-hexadecimal digit found")
		}
		return str(raw), nil
	case "base64":
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(b))
		if err != nil {
			return nil, s.raise(s.exc.ValueError, "Incorrect padding")
		}
		return str(raw), nil
	}
	n, _ := textOf(encoding)
	return nil, s.raise(s.exc.LookupError, "unknown encoding: %s", n)
}
