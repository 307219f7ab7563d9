// Package partitioner orders rows as Cassandra's partitioners do: by the token
// of the row's key, then by the key's bytes.
//
// What [Partitioner.AppendKey] writes is a row's prefix in an ordered store: it
// delimits itself, sorts as the rows do, and gives the key back. It is an
// on-disk format and does not change.
//
// A range of tokens, from one exclusive to one inclusive, is a half-open range
// of such prefixes, between two positions of [Partitioner.AppendToken]. Ranges
// that wrap around the ring, whose start is not before their end, are for the
// caller to take apart.
package partitioner

import (
	"errors"
	"fmt"
	"strings"

	"github.com/widerow/widerow/internal/ordered"
)

// Partitioner is one way to order rows. It is safe for concurrent use.
type Partitioner interface {
	// Class returns the class name in full, such as
	// "org.apache.cassandra.dht.Murmur3Partitioner".
	Class() string
	// Name returns the short name that store URLs use, such as "murmur3".
	Name() string
	// Preserves reports whether rows are in the order of their keys, so that
	// ranges by key make sense.
	Preserves() bool

	// AppendKey appends the row prefix of a key.
	AppendKey(dst, key []byte) []byte
	// DecodeKey takes a row prefix from the front of enc, appends the key to
	// dst and returns that and the rest. It never panics; its errors match
	// [ErrCorrupt].
	DecodeKey(dst, enc []byte) (key, rest []byte, err error)
	// SkipKey returns what follows the row prefix at the front of enc.
	SkipKey(enc []byte) (rest []byte, err error)

	// Token returns a key's token as text, as describe_ring and KeyRange have it.
	Token(key []byte) string
	// MinToken returns the text of the token that is before all rows.
	MinToken() string
	// CompareTokens orders two tokens by their texts.
	CompareTokens(a, b string) (int, error)
	// AppendToken appends a position in the order of row prefixes: right before
	// all rows of the token or, if after is set, right behind them. The token
	// need not be that of any row.
	AppendToken(dst []byte, token string, after bool) ([]byte, error)
}

// ErrCorrupt is matched by every error of DecodeKey and SkipKey.
var ErrCorrupt = ordered.ErrCorrupt

// The partitioners of Cassandra.
var (
	// ByteOrdered orders rows by their keys as bytes. A token is the key, in hex.
	ByteOrdered Partitioner = byteOrdered{}
	// OrderPreserving orders rows by their keys as Java orders strings: by UTF-16
	// units. A token is the key or, if that is not UTF-8, its hex digits.
	OrderPreserving Partitioner = orderPreserving{}
	// Random orders rows by the MD5 of their keys. A token is a number of 0 to 2^127.
	Random Partitioner = random{}
	// Murmur3 orders rows by a hash of their keys. A token is a signed 64-bit number.
	Murmur3 Partitioner = murmur3{}
)

const classPrefix = "org.apache.cassandra.dht."

// ByClass returns a partitioner by its class name, in full or short, or by the
// name that store URLs use.
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
