package cqlclient

import (
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
)

func TestSpans(t *testing.T) {
	b := func(s string) []byte { return []byte(s) }
	for _, test := range []struct {
		what string
		r    backend.KeyRange
		want []span
	}{
		{"all", backend.KeyRange{}, []span{{}}},
		{"keys", backend.KeyRange{StartKey: b("a"), EndKey: b("b")}, []span{{firstKey: b("a"), lastKey: b("b")}}},
		{"from a key", backend.KeyRange{StartKey: b("a")}, []span{{firstKey: b("a")}}},
		{"from an empty key to a token", backend.KeyRange{StartKey: b(""), EndToken: "5"}, []span{{firstKey: b(""), upTo: "5"}}},
		{"from a key to the lowest token", backend.KeyRange{StartKey: b("a"), EndToken: "-9223372036854775808"}, []span{{firstKey: b("a")}}},
		{"tokens", backend.KeyRange{StartToken: "-5", EndToken: "5"}, []span{{after: "-5", upTo: "5"}}},
		{"tokens around the ring", backend.KeyRange{StartToken: "5", EndToken: "-5"}, []span{{after: "5"}, {upTo: "-5"}}},
		{"equal tokens", backend.KeyRange{StartToken: "5", EndToken: "5"}, []span{{after: "5"}, {upTo: "5"}}},
		{"from the lowest token", backend.KeyRange{StartToken: "-9223372036854775808", EndToken: "5"}, []span{{upTo: "5"}}},
		{"to the lowest token", backend.KeyRange{StartToken: "5", EndToken: "-9223372036854775808"}, []span{{after: "5"}}},
	} {
		if diff := cmp.Diff(test.want, spansOf(partitioner.Murmur3, &test.r), cmp.AllowUnexported(span{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.what, diff)
		}
	}
}

func TestSpanHas(t *testing.T) {
	ring := partitioner.OrderPreserving // "\xff" and "ff" have one token
	first := span{firstKey: []byte("ff")}
	behind := span{firstKey: []byte("ff"), behind: true}
	last := span{lastKey: []byte("ff")}
	for _, test := range []struct {
		key                 string
		first, behind, last bool
	}{
		{"ff", true, false, true},
		{"\xff", true, true, false},
		{"a", true, true, true}, // the server has compared the tokens of the other bounds
	} {
		got := []bool{first.has(ring, []byte(test.key)), behind.has(ring, []byte(test.key)), last.has(ring, []byte(test.key))}
		if want := []bool{test.first, test.behind, test.last}; !cmp.Equal(got, want) {
			t.Errorf("%q: %v, want %v", test.key, got, want)
		}
	}
}

func TestTokenBytes(t *testing.T) {
	for _, test := range []struct {
		ring  partitioner.Partitioner
		token string
		want  string
	}{
		{partitioner.Murmur3, "-2", "fffffffffffffffe"},
		{partitioner.Random, "255", "00ff"},
		{partitioner.Random, "170141183460469231731687303715884105728", "0080000000000000000000000000000000"},
		{partitioner.ByteOrdered, "0aff", "0aff"},
		{partitioner.ByteOrdered, "aff", "0aff"},
		{partitioner.OrderPreserving, "key", "6b6579"},
	} {
		if got := hex.EncodeToString(tokenBytes(test.ring, test.token)); got != test.want {
			t.Errorf("%s: token %s is %s, want %s", test.ring.Name(), test.token, got, test.want)
		}
	}
}
