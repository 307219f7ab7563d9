// Package partitioner orders rows as Cassandra's partitioners do: by the token
// of the row's key, then by the key's bytes.
//
// [Partitioner.AppendKey] writes the prefix of a row in an ordered store. Row prefixes
// delimit themselves and sort as the rows do, and the key can be decoded from them. They
// are an on-disk format and do not change.
//
// A range of tokens, with an exclusive start and an inclusive end, is a half-open range
// of row prefixes between two positions of [Partitioner.AppendToken]. If the start of a
// range is not before its end, the range wraps around the ring. The caller must split
// such a range.
package partitioner

import (
	"errors"
	"fmt"
	"strings"

	"github.com/widerow/widerow/internal/ordered"
)

// Partitioner is an order of rows. It is safe for concurrent use.
type Partitioner interface {
	// Class returns the full class name, such as
	// "org.apache.cassandra.dht.Murmur3Partitioner".
	Class() string
	// Name returns the short name in store URLs, such as "murmur3".
	Name() string
	// Preserves reports whether rows are in the order of their keys. Only then are
	// ranges of keys useful.
	Preserves() bool

	// AppendKey appends the row prefix of a key.
	AppendKey(dst, key []byte) []byte
	// DecodeKey decodes the row prefix at the front of enc and appends its key to
	// dst. It returns the extended dst and the rest of enc. It never panics. Its
	// errors match [ErrCorrupt].
	DecodeKey(dst, enc []byte) (key, rest []byte, err error)
	// SkipKey returns the rest of enc after the row prefix at its front.
	SkipKey(enc []byte) (rest []byte, err error)

	// Token returns a key's token as text, in the form of describe_ring and KeyRange.
	Token(key []byte) string
	// MinToken returns the text of the token before all rows.
	MinToken() string
	// CompareTokens orders two tokens by their texts.
	CompareTokens(a, b string) (int, error)
	// AppendToken appends a position in the order of row prefixes: directly before
	// all rows with the token or, if after is set, directly after them. There need not
	// be a row with the token.
	AppendToken(dst []byte, token string, after bool) ([]byte, error)
}

// ErrCorrupt is matched by every error of DecodeKey and SkipKey.
var ErrCorrupt = ordered.ErrCorrupt

// The partitioners of Cassandra.
var (
	// ByteOrdered orders rows by the bytes of their keys. A token is the key in hex.
	ByteOrdered Partitioner = byteOrdered{}
	// OrderPreserving orders rows by their keys as Java orders strings: by UTF-16
	// units. A token is the key or, if the key is not UTF-8, the key in hex.
	OrderPreserving Partitioner = orderPreserving{}
	// Random orders rows by the MD5 of their keys. A token is a number from 0 to 2^127.
	Random Partitioner = random{}
	// Murmur3 orders rows by a hash of their keys. A token is a signed 64-bit number.
	Murmur3 Partitioner = murmur3{}
)

const classPrefix = "org.apache.cassandra.dht."

// ByClass returns the partitioner with a class name, full or short, or with a name
// of store URLs.
func ByClass(name string) (Partitioner, error) {
	short := strings.TrimPrefix(name, classPrefix)
	var names []string
	for _, p := range []Partitioner{ByteOrdered, OrderPreserving, Random, Murmur3} {
		if short == strings.TrimPrefix(p.Class(), classPrefix) || name == p.Name() {
			return p, nil
		}
		names = append(names, p.Name())
	}
	return nil, fmt.Errorf("unknown partitioner %q (want %s, or a class name of Cassandra's)", name, strings.Join(names, ", "))
}

var errToken = errors.New("invalid token")
