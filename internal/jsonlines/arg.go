package jsonlines

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"unicode/utf8"
)

// ParseArg parses a value of a command line. The value is written as in a line, but
// without quotation marks around a string. Text that begins with {"hex" is
// hexadecimal for every type.
func (f *Format) ParseArg(arg string) ([]byte, error) {
	text := []byte(arg)
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte(`{"hex"`)) {
		switch f.kind {
		case asText, asBytes:
			return text, nil
		case asDate, asUUID, asInet, asDecimal:
			if _, err := strconv.ParseInt(arg, 10, 64); err == nil && f.kind == asDate {
				break // milliseconds
			}
			text = appendString(nil, bytes.ToValidUTF8(text, []byte("?")))
		case asDouble, asFloat:
			if word := bytes.TrimPrefix(text, []byte("-")); len(word) > 0 && (word[0] == nanWord[0] || word[0] == infinityWord[0]) {
				text = appendString(nil, bytes.ToValidUTF8(text, []byte("?")))
			}
		}
	}
	s := &scanner{text: text}
	b, err := f.read(nil, s)
	if err != nil {
		return nil, err
	}
	return b, s.end()
}

// AppendArg writes a value so that ParseArg returns the same bytes. The value is written as in a
// line, but without quotation marks around a string. An empty value is written as empty text.
// Unless the type is a text type, the caller of ParseArg must handle empty text itself.
func (f *Format) AppendArg(dst, b []byte) []byte {
	if len(b) == 0 {
		return dst
	}
	isHex := bytes.HasPrefix(bytes.TrimSpace(b), []byte(`{"hex"`))
	switch {
	case f.kind == asText && utf8.Valid(b) && !isHex, f.kind == asBytes && printable(b) && !isHex:
		return append(dst, b...)
	case f.kind == asText || f.kind == asBytes:
		return append(hex.AppendEncode(append(dst, `{"hex":"`...), b), `"}`...)
	}
	from := len(dst)
	dst = f.Append(dst, b)
	// Strings of the other types contain no escapes.
	if n := len(dst); dst[from] == '"' {
		return append(dst[:from], dst[from+1:n-1]...)
	}
	return dst
}
