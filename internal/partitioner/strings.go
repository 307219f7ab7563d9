package partitioner

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"unicode/utf8"

	"github.com/widerow/widerow/internal/ordered"
)

// orderPreserving is Cassandra's OrderPreservingPartitioner. Its token is the
// key as a string or, if the key is not UTF-8, its hex digits.
//
// A row prefix is the token and a byte that records whether the key is UTF-8. A key that is not
// UTF-8 has the same token as the key that consists of its hex digits. The byte sorts the
// two keys in the order of their bytes.
type orderPreserving struct{}

const (
	hexBefore = iota // not UTF-8, and before the UTF-8 key with the same token
	plainText
	hexBehind
)

func (orderPreserving) Class() string   { return classPrefix + "OrderPreservingPartitioner" }
func (orderPreserving) Name() string    { return "orderpreserving" }
func (orderPreserving) Preserves() bool { return true }

func (orderPreserving) AppendKey(dst, key []byte) []byte {
	if utf8.Valid(key) {
		return append(appendText(dst, key), plainText)
	}
	token := hex.AppendEncode(nil, key)
	dst = appendText(dst, token)
	if bytes.Compare(key, token) < 0 {
		return append(dst, hexBefore)
	}
	return append(dst, hexBehind)
}

func (orderPreserving) DecodeKey(dst, enc []byte) (key, rest []byte, err error) {
	n := len(dst)
	key, rest, err = decodeText(dst, enc)
	if err != nil || len(rest) == 0 {
		return dst, enc, ErrCorrupt
	}
	switch rest[0] {
	case plainText:
		return key, rest[1:], nil
	case hexBefore, hexBehind:
		m, err := hex.Decode(key[n:], key[n:])
		if err != nil {
			return dst, enc, ErrCorrupt
		}
		return key[:n+m], rest[1:], nil
	}
	return dst, enc, ErrCorrupt
}

func (orderPreserving) SkipKey(enc []byte) (rest []byte, err error) {
	rest, err = ordered.SkipBytes(enc)
	if err != nil || len(rest) == 0 {
		return enc, ErrCorrupt
	}
	return rest[1:], nil
}

func (orderPreserving) Token(key []byte) string {
	if utf8.Valid(key) {
		return string(key)
	}
	return hex.EncodeToString(key)
}

func (orderPreserving) MinToken() string { return "" }

func (p orderPreserving) CompareTokens(a, b string) (int, error) {
	x, err := p.AppendToken(nil, a, false)
	if err != nil {
		return 0, err
	}
	y, err := p.AppendToken(nil, b, false)
	return bytes.Compare(x, y), err
}

func (orderPreserving) AppendToken(dst []byte, token string, after bool) ([]byte, error) {
	if !utf8.ValidString(token) {
		return dst, fmt.Errorf("%w: %q is not UTF-8", errToken, token)
	}
	return appendPosition(dst, appendText(nil, []byte(token)), after), nil
}

// Java orders strings by their UTF-16 units. In that order, the characters above U+FFFF,
// whose UTF-8 begins with f0 to f4, are before the characters from U+E000 to U+FFFF, whose
// UTF-8 begins with ee or ef. In valid UTF-8 these bytes occur only as the first byte of
// a character, and f5 and f6 do not occur. So it is enough to replace ee and ef by
// f5 and f6.
const (
	leadE000, leadF000   = 0xee, 0xef
	movedE000, movedF000 = 0xf5, 0xf6
)

// appendText encodes valid UTF-8 in Java's order.
func appendText(dst, text []byte) []byte {
	n := len(dst)
	dst = ordered.AppendBytes(dst, text)
	// The byte that marks a zero byte is not one of the replaced bytes.
	for i, b := range dst[n:] {
		if b == leadE000 || b == leadF000 {
			dst[n+i] = b - leadE000 + movedE000
		}
	}
	return dst
}

func decodeText(dst, enc []byte) (text, rest []byte, err error) {
	n := len(dst)
	text, rest, err = ordered.DecodeBytes(dst, enc)
	if err != nil {
		return dst, enc, err
	}
	for i, b := range text[n:] {
		switch b {
		case movedE000, movedF000:
			text[n+i] = b - movedE000 + leadE000
		case leadE000, leadF000:
			return dst, enc, ErrCorrupt
		}
	}
	if !utf8.Valid(text[n:]) {
		return dst, enc, ErrCorrupt
	}
	return text, rest, nil
}
