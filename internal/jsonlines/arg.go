package jsonlines

import "bytes"

// ParseArg reads a value as it is typed on a command line: as in a line, but
// without quotation marks around a string. Text that begins with {"hex" is
// hexadecimal for every type.
func (f *Format) ParseArg(arg string) ([]byte, error) {
	text := []byte(arg)
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte(`{"hex"`)) {
		switch f.kind {
		case asText, asBytes:
			return text, nil
		case asDate, asUUID, asInet, asDecimal:
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
