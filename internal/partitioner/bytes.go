package partitioner

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/widerow/widerow/internal/ordered"
)

// byteOrdered is Cassandra's ByteOrderedPartitioner.
type byteOrdered struct{}

func (byteOrdered) Class() string   { return classPrefix + "ByteOrderedPartitioner" }
func (byteOrdered) Name() string    { return "byteordered" }
func (byteOrdered) Preserves() bool { return true }

func (byteOrdered) AppendKey(dst, key []byte) []byte { return ordered.AppendBytes(dst, key) }

func (byteOrdered) DecodeKey(dst, enc []byte) (key, rest []byte, err error) {
	return ordered.DecodeBytes(dst, enc)
}

func (byteOrdered) SkipKey(enc []byte) (rest []byte, err error) { return ordered.SkipBytes(enc) }

func (byteOrdered) Token(key []byte) string { return hex.EncodeToString(key) }
func (byteOrdered) MinToken() string        { return "" }

func (byteOrdered) CompareTokens(a, b string) (int, error) {
	x, err := parseHex(a)
	if err != nil {
		return 0, err
	}
	y, err := parseHex(b)
	return strings.Compare(x, y), err
}

func (byteOrdered) AppendToken(dst []byte, token string, after bool) ([]byte, error) {
	key, err := parseHex(token)
	if err != nil {
		return dst, err
	}
	return appendPosition(dst, ordered.AppendBytes(nil, []byte(key)), after), nil
}

// parseHex parses a token. Like Cassandra, it prepends a 0 to an odd number of
// digits.
func parseHex(token string) (string, error) {
	s := token
	if len(s)%2 == 1 {
		s = "0" + s
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return "", fmt.Errorf("%w: %q contains non-hex digits", errToken, token)
	}
	return string(b), nil
}

// appendPosition appends prefix, the position before all bytes that begin with prefix. If
// after is set, it appends the lowest bytes that are after all of them.
func appendPosition(dst, prefix []byte, after bool) []byte {
	dst = append(dst, prefix...)
	if !after {
		return dst
	}
	// No prefix consists only of ff, so a byte remains that the carry can increment.
	i := len(dst) - 1
	for ; dst[i] == 0xff; i-- {
	}
	dst[i]++
	return dst[:i+1]
}
