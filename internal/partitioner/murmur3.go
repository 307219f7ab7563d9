package partitioner

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"strconv"

	"github.com/widerow/widerow/internal/ordered"
)

// murmur3 is Cassandra's Murmur3Partitioner. Its token is the first half of a
// 128-bit Murmur3 hash. Only the empty key has the lowest number as its token.
//
// A row prefix stores token - lowest - 1 in 8 bytes, so that one number remains
// after the highest token. The empty key has the same number as the next token.
// It is the first key with that number.
type murmur3 struct{}

const murmurWidth = 8

func (murmur3) Class() string   { return classPrefix + "Murmur3Partitioner" }
func (murmur3) Name() string    { return "murmur3" }
func (murmur3) Preserves() bool { return false }

func (murmur3) AppendKey(dst, key []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, murmurPosition(murmurToken(key)))
	return ordered.AppendBytes(dst, key)
}

func murmurPosition(token int64) uint64 {
	if token == math.MinInt64 {
		return 0
	}
	return uint64(token) + 1<<63 - 1
}

func (murmur3) DecodeKey(dst, enc []byte) (key, rest []byte, err error) {
	return decodeHashed(dst, enc, murmurWidth)
}

func (murmur3) SkipKey(enc []byte) (rest []byte, err error) { return skipHashed(enc, murmurWidth) }

func (murmur3) Token(key []byte) string { return strconv.FormatInt(murmurToken(key), 10) }
func (murmur3) MinToken() string        { return strconv.FormatInt(math.MinInt64, 10) }

func (murmur3) CompareTokens(a, b string) (int, error) {
	x, err := parseMurmur(a)
	if err != nil {
		return 0, err
	}
	y, err := parseMurmur(b)
	return cmp.Compare(x, y), err
}

func (murmur3) AppendToken(dst []byte, token string, after bool) ([]byte, error) {
	x, err := parseMurmur(token)
	if err != nil {
		return dst, err
	}
	position := murmurPosition(x)
	if after && x != math.MinInt64 {
		position++
	}
	dst = binary.BigEndian.AppendUint64(dst, position)
	if between := x == math.MinInt64 && after || x == math.MinInt64+1 && !after; between {
		// The position after the empty key and before the other keys with the same number.
		dst = appendPosition(dst, ordered.AppendBytes(nil, nil), true)
	}
	return dst, nil
}

func parseMurmur(token string) (int64, error) {
	x, err := strconv.ParseInt(token, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w for Murmur3Partitioner. Got %.100q but expected a long value (unsigned 8 bytes integer)", errToken, token)
	}
	return x, nil
}

// murmurToken returns the token of a key. Cassandra replaces a hash that is the
// lowest number by the highest number.
func murmurToken(key []byte) int64 {
	if len(key) == 0 {
		return math.MinInt64
	}
	if h := murmurHash(key); h != math.MinInt64 {
		return h
	}
	return math.MaxInt64
}

// murmurHash returns the first half of MurmurHash3_x64_128 with seed 0 as
// Cassandra computes it. Unlike the original, Cassandra treats the bytes of the
// last incomplete block as signed. So a byte of 80 (hex) or more changes the bytes above
// it (see MurmurHash.hash3_x64_128 and CASSANDRA-2975).
func murmurHash(key []byte) int64 {
	const c1, c2 = 0x87c37b91114253d5, 0x4cf5ad432745937f
	var h1, h2 uint64
	b := key
	for ; len(b) >= 16; b = b[16:] {
		k1, k2 := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		h1 ^= bits.RotateLeft64(k1*c1, 31) * c2
		h1 = (bits.RotateLeft64(h1, 27)+h2)*5 + 0x52dce729
		h2 ^= bits.RotateLeft64(k2*c2, 33) * c1
		h2 = (bits.RotateLeft64(h2, 31)+h1)*5 + 0x38495ab5
	}
	var k1, k2 uint64
	for i := len(b) - 1; i >= 8; i-- {
		k2 ^= uint64(int8(b[i])) << (8 * (i - 8))
	}
	for i := min(len(b), 8) - 1; i >= 0; i-- {
		k1 ^= uint64(int8(b[i])) << (8 * i)
	}
	h2 ^= bits.RotateLeft64(k2*c2, 33) * c1
	h1 ^= bits.RotateLeft64(k1*c1, 31) * c2

	n := uint64(len(key))
	h1, h2 = h1^n, h2^n
	h1 += h2
	h2 += h1
	h1, h2 = mix(h1), mix(h2)
	return int64(h1 + h2)
}

func mix(k uint64) uint64 {
	k ^= k >> 33
	k *= 0xff51afd7ed558ccd
	k ^= k >> 33
	k *= 0xc4ceb9fe1a85ec53
	return k ^ k>>33
}
