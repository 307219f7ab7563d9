package partitioner

import (
	"crypto/md5"
	"fmt"
	"math/big"

	"github.com/widerow/widerow/internal/ordered"
)

// random is Cassandra's RandomPartitioner. Its token is the absolute value of
// the key's MD5 as a signed number of 128 bits. The token of the empty key is -1. A row
// prefix stores token+1 in 16 bytes.
type random struct{}

const randomWidth = 16

var (
	one = big.NewInt(1)
	// maxRandom is the number in the row prefixes of the highest token, 2^127.
	maxRandom = new(big.Int).Add(new(big.Int).Lsh(one, 127), one)
)

func (random) Class() string   { return classPrefix + "RandomPartitioner" }
func (random) Name() string    { return "random" }
func (random) Preserves() bool { return false }

func (random) AppendKey(dst, key []byte) []byte {
	dst = appendRandom(dst, key)
	return ordered.AppendBytes(dst, key)
}

func appendRandom(dst, key []byte) []byte {
	if len(key) == 0 {
		return append(dst, make([]byte, randomWidth)...)
	}
	sum := md5.Sum(key)
	// abs(sum) + 1: the negative of two's complement is ^sum + 1.
	carry := uint16(1)
	if sum[0]&0x80 != 0 {
		for i := range sum {
			sum[i] = ^sum[i]
		}
		carry++
	}
	for i := len(sum) - 1; i >= 0; i-- {
		carry += uint16(sum[i])
		sum[i] = byte(carry)
		carry >>= 8
	}
	return append(dst, sum[:]...)
}

func (random) DecodeKey(dst, enc []byte) (key, rest []byte, err error) {
	return decodeHashed(dst, enc, randomWidth)
}

func (random) SkipKey(enc []byte) (rest []byte, err error) { return skipHashed(enc, randomWidth) }

func (random) Token(key []byte) string {
	token := new(big.Int).SetBytes(appendRandom(nil, key))
	return token.Sub(token, one).String()
}

func (random) MinToken() string { return "-1" }

func (random) CompareTokens(a, b string) (int, error) {
	x, err := parseRandom(a)
	if err != nil {
		return 0, err
	}
	y, err := parseRandom(b)
	if err != nil {
		return 0, err
	}
	return x.Cmp(y), nil
}

// AppendToken accepts every integer, as Cassandra does. An integer outside the range of tokens is a
// position before or after all rows.
func (random) AppendToken(dst []byte, token string, after bool) ([]byte, error) {
	x, err := parseRandom(token)
	if err != nil {
		return dst, err
	}
	x.Add(x, one)
	if after {
		x.Add(x, one)
	}
	if x.Sign() < 0 {
		x.SetInt64(0)
	} else if x.Cmp(maxRandom) > 0 {
		x.Add(maxRandom, one)
	}
	return append(dst, x.FillBytes(make([]byte, randomWidth))...), nil
}

// maxRandomText is longer than any token. It bounds the work of parsing a token.
const maxRandomText = 100

func parseRandom(token string) (*big.Int, error) {
	if len(token) <= maxRandomText {
		if x, ok := new(big.Int).SetString(token, 10); ok {
			return x, nil
		}
	}
	return nil, fmt.Errorf("%w: %.100q is not a whole number", errToken, token)
}

// decodeHashed decodes a row prefix that consists of a token of the given width and a key.
func decodeHashed(dst, enc []byte, width int) (key, rest []byte, err error) {
	if len(enc) < width {
		return dst, enc, ErrCorrupt
	}
	return ordered.DecodeBytes(dst, enc[width:])
}

func skipHashed(enc []byte, width int) (rest []byte, err error) {
	if len(enc) < width {
		return enc, ErrCorrupt
	}
	return ordered.SkipBytes(enc[width:])
}
