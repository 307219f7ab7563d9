package coltype

import (
	"bytes"
	"fmt"
	"reflect"
	"unicode/utf8"
)

// Types of bytes and text.
var (
	// Bytes is any bytes. It takes strings, []byte and arrays of byte, and
	// unpacks to []byte.
	Bytes Type = bytesType{}
	// ASCII is ASCII text. It takes and unpacks to strings, and takes []byte.
	ASCII Type = asciiType{}
	// UTF8 is text. It takes and unpacks to strings, and takes []byte. It accepts the
	// same bytes as Cassandra's own check, which accepts a little more than UTF-8:
	// surrogates, code points above U+10FFFF and some overlong forms.
	UTF8 Type = utf8Type{}
	// Empty has no value except empty bytes. It takes nil, and unpacks to nil. It
	// is the validator of columns that carry data in their names only.
	Empty Type = emptyType{}
)

type bytesType struct{}

func (bytesType) String() string          { return marshal + "BytesType" }
func (bytesType) Validate([]byte) error   { return nil }
func (bytesType) Compare(a, b []byte) int { return bytes.Compare(a, b) }

func (t bytesType) Append(dst []byte, v any) ([]byte, error) {
	if s, b, ok := text(v); ok {
		return append(append(dst, s...), b...), nil
	}
	rv := reflect.ValueOf(v)
	if !rv.IsValid() || rv.Kind() != reflect.Array || rv.Type().Elem().Kind() != reflect.Uint8 {
		return dst, mismatch(t, v, "a []byte, a string or an array of byte")
	}
	for i := range rv.Len() {
		dst = append(dst, byte(rv.Index(i).Uint()))
	}
	return dst, nil
}

func (bytesType) Unpack(b []byte) (any, error) { return append([]byte{}, b...), nil }

// appendText packs v as text that valid accepts.
func appendText(t Type, dst []byte, v any) ([]byte, error) {
	s, b, ok := text(v)
	if !ok {
		return dst, mismatch(t, v, "a string or a []byte")
	}
	n := len(dst)
	out := append(append(dst, s...), b...)
	if err := t.Validate(out[n:]); err != nil {
		return dst, fmt.Errorf("pack %s: %w", shortName(t), err)
	}
	return out, nil
}

func unpackText(t Type, b []byte) (any, error) {
	if err := t.Validate(b); err != nil {
		return nil, malformed(t, err)
	}
	return string(b), nil
}

type asciiType struct{}

func (asciiType) String() string                             { return marshal + "AsciiType" }
func (t asciiType) Append(dst []byte, v any) ([]byte, error) { return appendText(t, dst, v) }
func (t asciiType) Unpack(b []byte) (any, error)             { return unpackText(t, b) }
func (asciiType) Compare(a, b []byte) int                    { return bytes.Compare(a, b) }

func (asciiType) Validate(b []byte) error {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return inCassandrasWords("Invalid byte for ascii: %d", int8(c))
		}
	}
	return nil
}

type utf8Type struct{}

func (utf8Type) String() string                             { return marshal + "UTF8Type" }
func (t utf8Type) Append(dst []byte, v any) ([]byte, error) { return appendText(t, dst, v) }
func (t utf8Type) Unpack(b []byte) (any, error)             { return unpackText(t, b) }
func (utf8Type) Compare(a, b []byte) int                    { return bytes.Compare(a, b) }

var errNotUTF8 = inCassandrasWords("String didn't validate.")

func (utf8Type) Validate(b []byte) error {
	if !utf8.Valid(b) && !looseUTF8(b) {
		return errNotUTF8
	}
	return nil
}

// looseUTF8 is the check of Cassandra's UTF8Type$UTF8Validator, including its faults:
// data that a cluster accepted must be accepted here too.
func looseUTF8(b []byte) bool {
	for len(b) > 0 {
		c, n := b[0], 0
		switch {
		case c < 0x80:
			b = b[1:]
			continue
		case c == 0xc0, c >= 0xc2 && c <= 0xdf:
			n = 2
		case c >= 0xe0 && c <= 0xef:
			n = 3
		case c >= 0xf0 && c <= 0xf7:
			n = 4
		default:
			return false
		}
		if len(b) < n {
			return false
		}
		// After E0 and F0 Cassandra intends to refuse overlong forms, but checks only
		// a few bits, and so accepts bytes that are not continuation bytes.
		switch {
		case c == 0xe0:
			if b[1]&0xe0 == 0x80 {
				return false
			}
		case c == 0xf0:
			if b[1]&0x30 == 0 {
				return false
			}
		case b[1]&0xc0 != 0x80:
			return false
		}
		for _, c := range b[2:n] {
			if c&0xc0 != 0x80 {
				return false
			}
		}
		b = b[n:]
	}
	return true
}

type emptyType struct{}

func (emptyType) String() string { return marshal + "EmptyType" }

func (t emptyType) Append(dst []byte, v any) ([]byte, error) {
	if s, b, ok := text(v); !isNil(v) && (!ok || s != "" || len(b) > 0) {
		return dst, mismatch(t, v, "nil or empty bytes")
	}
	return dst, nil
}

func (t emptyType) Unpack(b []byte) (any, error) {
	if err := t.Validate(b); err != nil {
		return nil, malformed(t, err)
	}
	return nil, nil
}

var errNotEmpty = inCassandrasWords("EmptyType only accept empty values")

func (emptyType) Validate(b []byte) error {
	if len(b) > 0 {
		return errNotEmpty
	}
	return nil
}

// Compare finds all equal, as Cassandra does.
func (emptyType) Compare(a, b []byte) int { return 0 }
