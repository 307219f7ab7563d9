package cqlclient

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"strconv"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/partitioner"
)

// span is a part of the ring that does not wrap around. It begins at firstKey or behind the token after. It ends at lastKey or at the
// token upTo.
type span struct {
	// after and upTo are tokens. If a token is "", that end of the span is open.
	after, upTo string
	// firstKey and lastKey are keys. If a key is empty, that end of the span is open. A row with the token of firstKey is in the span
	// only if its key is not before firstKey; a row with the token of lastKey only if its key is not behind lastKey.
	firstKey, lastKey []byte
	// behind excludes firstKey itself.
	behind bool
}

// spansOf divides a checked range into spans, in order.
func spansOf(ring partitioner.Partitioner, r *backend.KeyRange) []span {
	if r.StartKey == nil && r.StartToken == "" && r.EndToken == "" || len(r.EndKey) > 0 || r.StartKey != nil {
		s := span{firstKey: r.StartKey, lastKey: r.EndKey}
		if r.EndToken != "" && !atMin(ring, r.EndToken) {
			s.upTo = r.EndToken
		}
		return []span{s}
	}
	// A range of tokens begins behind its start and includes its end. If the end is the lowest token, the range ends at the ring's end.
	start, end := r.StartToken, r.EndToken
	if atMin(ring, end) {
		end = ""
	}
	if atMin(ring, start) {
		start = ""
	}
	if start == "" || end == "" {
		return []span{{after: start, upTo: end}}
	}
	if order, _ := ring.CompareTokens(start, end); order < 0 {
		return []span{{after: start, upTo: end}}
	}
	return []span{{after: start}, {upTo: end}}
}

// atMin reports whether a token is before all rows.
func atMin(ring partitioner.Partitioner, token string) bool {
	order, err := ring.CompareTokens(token, ring.MinToken())
	return err == nil && order <= 0
}

// add adds the bounds of a span to a selection.
func (s *span) add(ring partitioner.Partitioner, sel *selection, a *arguments) {
	switch {
	case len(s.firstKey) > 0:
		sel.from = including
		a.add(tokenBytes(ring, ring.Token(s.firstKey)))
	case s.after != "":
		sel.from = excluding
		a.add(tokenBytes(ring, s.after))
	}
	switch {
	case len(s.lastKey) > 0:
		sel.upTo = true
		a.add(tokenBytes(ring, ring.Token(s.lastKey)))
	case s.upTo != "":
		sel.upTo = true
		a.add(tokenBytes(ring, s.upTo))
	}
}

// has reports whether the span contains a key that the server found between the span's tokens.
func (s *span) has(ring partitioner.Partitioner, key []byte) bool {
	if len(s.firstKey) > 0 {
		order := bytes.Compare(key, s.firstKey)
		if order == 0 {
			return !s.behind
		}
		if order < 0 && ring.Token(key) == ring.Token(s.firstKey) {
			return false
		}
	}
	return len(s.lastKey) == 0 || bytes.Compare(key, s.lastKey) <= 0 || ring.Token(key) != ring.Token(s.lastKey)
}

// tokenBytes returns a valid token as a value of its CQL type.
func tokenBytes(ring partitioner.Partitioner, token string) []byte {
	switch ring {
	case partitioner.Murmur3:
		n, _ := strconv.ParseInt(token, 10, 64)
		return binary.BigEndian.AppendUint64(nil, uint64(n))
	case partitioner.Random:
		n, _ := new(big.Int).SetString(token, 10)
		b, _ := coltype.Pack(coltype.Integer, n)
		return b
	case partitioner.ByteOrdered:
		if len(token)%2 == 1 {
			token = "0" + token
		}
		b, _ := hex.DecodeString(token)
		return b
	}
	return []byte(token)
}
