package catalog

import (
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
)

func TestSliceReasons(t *testing.T) {
	c := requests(t)
	reversed := slice("a", "b")
	reversed.Reversed = true
	for _, test := range []struct {
		name string
		r    backend.SliceRequest
		want string
	}{
		{"plain", backend.SliceRequest{Parent: parent("S"), Predicate: all}, ""},
		{"count 0", backend.SliceRequest{Parent: parent("S")}, ""},
		{"no keys", backend.SliceRequest{Parent: parent("S"), Keys: names(), Predicate: all}, ""},
		{"keyspace", backend.SliceRequest{Parent: backend.Parent{Keyspace: "nope", Family: "S"}}, "Keyspace 'nope' does not exist"},
		{"no keyspace", backend.SliceRequest{}, "no keyspace has been specified"},
		{"family", backend.SliceRequest{Parent: parent("Nope")}, "unconfigured columnfamily Nope"},
		{"no family", backend.SliceRequest{Parent: parent("")}, "non-empty columnfamily is required"},

		{"empty key", backend.SliceRequest{Parent: parent("S"), Keys: names("k", "")}, "Key may not be empty"},
		{"longest key", backend.SliceRequest{Parent: parent("S"), Keys: names(maxBytes)}, ""},
		{"key too long", backend.SliceRequest{Parent: parent("S"), Keys: names(tooMany)}, "Key length of 65536 is longer than maximum of 65535"},
		{"key not a long", backend.SliceRequest{Parent: parent("L"), Keys: names("abc")}, "Expected 8 or 0 byte long (3)"},
		{"key not ASCII", backend.SliceRequest{Parent: parent("Ascii"), Keys: names("\xff")}, "Invalid byte for ascii: -1"},

		{"super of standard", backend.SliceRequest{Parent: within("S", "x")}, "columnfamily alone is required for standard CF S"},
		{"empty super of standard", backend.SliceRequest{Parent: within("S", "")}, "columnfamily alone is required for standard CF S"},
		{"super", backend.SliceRequest{Parent: within("Sup", "s"), Predicate: all}, ""},
		{"empty super", backend.SliceRequest{Parent: within("Sup", "")}, "column name must not be empty"},
		{"super too long", backend.SliceRequest{Parent: within("Sup", tooMany)}, "column name length must not be greater than 65535"},
		{"super not text", backend.SliceRequest{Parent: within("Sup", "\xff")}, "String didn't validate."},

		{"names", backend.SliceRequest{Parent: parent("S"), Predicate: backend.Predicate{Names: names("a", "b", maxBytes), Count: -1}}, ""},
		{"no names", backend.SliceRequest{Parent: parent("S"), Predicate: backend.Predicate{Names: names()}}, ""},
		{"empty name", backend.SliceRequest{Parent: parent("S"), Predicate: backend.Predicate{Names: names("a", "")}}, "column name must not be empty"},
		{"name too long", backend.SliceRequest{Parent: parent("S"), Predicate: backend.Predicate{Names: names(tooMany)}}, "column name length must not be greater than 65535"},
		{"name not text", backend.SliceRequest{Parent: parent("S"), Predicate: backend.Predicate{Names: names("\xff")}}, "String didn't validate."},
		{"name of super", backend.SliceRequest{Parent: parent("Sup"), Predicate: backend.Predicate{Names: names("abc")}}, ""},
		{"name in super", backend.SliceRequest{Parent: within("Sup", "s"), Predicate: backend.Predicate{Names: names("abc")}}, "Expected 8 or 0 byte long (3)"},
		{"composite name", backend.SliceRequest{Parent: parent("Comp"), Predicate: backend.Predicate{Names: names("abc")}}, "Not enough bytes to read value of component 0"},

		{"count below 0", backend.SliceRequest{Parent: parent("L"), Predicate: backend.Predicate{Start: []byte("abc"), Count: -1}}, "get_slice requires non-negative count"},
		{"longest bound", backend.SliceRequest{Parent: parent("S"), Predicate: from(maxBytes)}, ""},
		{"start too long", backend.SliceRequest{Parent: parent("S"), Predicate: from(tooMany)}, "range start length cannot be larger than 65535"},
		{"finish too long", backend.SliceRequest{Parent: parent("S"), Predicate: slice("", tooMany)}, "range finish length cannot be larger than 65535"},
		{"start", backend.SliceRequest{Parent: parent("L"), Predicate: from("abc")}, "Expected 8 or 0 byte long (3)"},
		{"finish", backend.SliceRequest{Parent: parent("L"), Predicate: slice("", "abc")}, "Expected 8 or 0 byte long (3)"},
		{"start in super", backend.SliceRequest{Parent: within("Sup", "s"), Predicate: from("abc")}, "Expected 8 or 0 byte long (3)"},
		{"start of super", backend.SliceRequest{Parent: parent("Sup"), Predicate: from("abc")}, ""},
		{"1.2: Expected 4 or 16 byte inetaddress; got ", backend.SliceRequest{Parent: parent("Inet"), Predicate: all}, ""},
		{"bound of inet", backend.SliceRequest{Parent: parent("Inet"), Predicate: from("abc")}, "Expected 4 or 16 byte inetaddress; got 616263"},
		{"one name", backend.SliceRequest{Parent: parent("S"), Predicate: slice("a", "a")}, ""},
		{"order", backend.SliceRequest{Parent: parent("S"), Predicate: slice("b", "a")}, "range finish must come after start in the order of traversal"},
		{"reversed order", backend.SliceRequest{Parent: parent("S"), Predicate: reversed}, "range finish must come after start in the order of traversal"},
		{"order in super", backend.SliceRequest{Parent: within("Sup", "s"), Predicate: slice(string(long(2)), string(long(1)))}, "range finish must come after start in the order of traversal"},
		{"order by value", backend.SliceRequest{Parent: parent("L"), Predicate: slice(string(long(-1)), string(long(1)))}, ""},
		{"order of reversed type", backend.SliceRequest{Parent: parent("Rev"), Predicate: slice(string(long(2)), string(long(1)))}, ""},
		{"order of reversed type, too", backend.SliceRequest{Parent: parent("Rev"), Predicate: slice(string(long(1)), string(long(2)))}, "range finish must come after start in the order of traversal"},

		{"QUORUM", backend.SliceRequest{Parent: parent("S"), Consistency: backend.LocalQuorum}, ""},
		{"ANY", backend.SliceRequest{Parent: parent("S"), Consistency: backend.Any}, "ANY ConsistencyLevel is only supported for writes"},
		{"EACH_QUORUM", backend.SliceRequest{Parent: parent("S"), Consistency: backend.EachQuorum}, "EACH_QUORUM ConsistencyLevel is only supported for writes"},
		{"1.2: unknown", backend.SliceRequest{Parent: parent("S"), Consistency: backend.Serial}, ""},
		{"unknown level", backend.SliceRequest{Parent: parent("S"), Consistency: 99}, "Unknown code 99 for a consistency level"},

		{"parent before predicate", backend.SliceRequest{Parent: within("S", "x"), Predicate: backend.Predicate{Count: -1}}, "columnfamily alone is required for standard CF S"},
		{"predicate before level", backend.SliceRequest{Parent: parent("S"), Predicate: slice("b", "a"), Consistency: backend.Any}, "range finish must come after start in the order of traversal"},
		{"level before key", backend.SliceRequest{Parent: parent("S"), Keys: names(""), Consistency: backend.Any}, "ANY ConsistencyLevel is only supported for writes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.r.Keys == nil {
				test.r.Keys = [][]byte{long(1)}
			}
			f, err := c.CheckSlice(&test.r)
			checkReason(t, err, test.want)
			if (f == nil) != (err != nil) || f != nil && f.Def.Name != test.r.Family {
				t.Errorf("family = %v", f)
			}
		})
	}
}

func TestRangeReasons(t *testing.T) {
	const (
		either  = "exactly one each of {start key, start token} and {end key, end token} must be specified"
		ordered = "start key must sort before (or equal to) finish key in your partitioner!"
		random  = "start key's token sorts after end key's token.  this is not allowed; you probably should not specify end key at all except with an ordered partitioner"
		token   = "Start key's token sorts after end token"
	)
	keys := func(start, end string) backend.KeyRange {
		return backend.KeyRange{StartKey: []byte(start), EndKey: []byte(end), Count: 1}
	}
	tokens := func(start, end string) backend.KeyRange {
		return backend.KeyRange{StartToken: start, EndToken: end, Count: 1}
	}
	keyToken := func(start, end string) backend.KeyRange {
		return backend.KeyRange{StartKey: []byte(start), EndToken: end, Count: 1}
	}
	eq := func(name, value string) []backend.Expression {
		return []backend.Expression{{Name: []byte(name), Value: []byte(value)}}
	}
	c := requests(t)
	byteOrdered, md5 := partitioner.ByteOrdered, partitioner.Random
	for _, test := range []struct {
		name string
		ring Ring
		r    backend.RangeRequest
		want string
	}{
		{"whole ring", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: backend.KeyRange{Count: 1}}, ""},
		{"keys", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keys("a", "b")}, ""},
		{"to the end", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keys("b", "")}, ""},
		{"one key", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keys("a", "a")}, ""},
		{"keys, no order", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keys("b", "a")}, ordered},
		{"keys, random order", md5, backend.RangeRequest{Parent: parent("S"), Range: keys("a", "b")}, ""},
		{"keys, no random order", md5, backend.RangeRequest{Parent: parent("S"), Range: keys("b", "a")}, random},
		{"to the end of random", md5, backend.RangeRequest{Parent: parent("S"), Range: keys("b", "")}, ""},
		{"order unchecked", nil, backend.RangeRequest{Parent: parent("S"), Range: keys("b", "a")}, ""},
		{"tokens", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: tokens("61", "62")}, ""},
		{"tokens wrap", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: tokens("62", "61")}, ""},
		{"token twice", md5, backend.RangeRequest{Parent: parent("S"), Range: tokens("0", "0")}, ""},
		{"1.2: drops the connection", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: tokens("zz", "61")}, badToken(byteOrdered, "zz")},
		{"1.2: drops the connection, too", md5, backend.RangeRequest{Parent: parent("S"), Range: tokens("0", "x y")}, badToken(md5, "x y")},
		{"key to token", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keyToken("a", "62")}, ""},
		{"key to its token", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keyToken("a", "61")}, ""},
		{"first key to token", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keyToken("", "61")}, ""},
		{"key to token before", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keyToken("c", "62")}, token},
		{"key to random token before", md5, backend.RangeRequest{Parent: parent("S"), Range: keyToken("a", "62")}, token},
		{"key to least token", md5, backend.RangeRequest{Parent: parent("S"), Range: keyToken("a", md5.MinToken())}, ""},
		{"two starts", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: backend.KeyRange{StartKey: []byte("a"), StartToken: "61", EndToken: "62"}}, either},
		{"two ends", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: backend.KeyRange{StartKey: []byte("a"), EndKey: []byte("b"), EndToken: "62"}}, either},
		{"token to key", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: backend.KeyRange{StartToken: "61", EndKey: []byte("b")}}, "start token + end key is not a supported key range"},
		{"count 0", byteOrdered, backend.RangeRequest{Parent: parent("S")}, "maxRows must be positive"},
		{"count below 0", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: backend.KeyRange{Count: -1}}, "maxRows must be positive"},
		{"1.2: times out", byteOrdered, backend.RangeRequest{Parent: parent("L"), Range: keys("abc", "")}, "Expected 8 or 0 byte long (3)"},
		{"1.2: finds nothing", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keys("", tooMany)}, "Key length of 65536 is longer than maximum of 65535"},

		{"super of standard", byteOrdered, backend.RangeRequest{Parent: within("S", "x")}, "columnfamily alone is required for standard CF S"},
		{"predicate", byteOrdered, backend.RangeRequest{Parent: parent("S"), Predicate: backend.Predicate{Count: -1}}, "get_slice requires non-negative count"},
		{"level", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keys("", ""), Consistency: backend.Any}, "ANY ConsistencyLevel is only supported for writes"},
		{"count before level", byteOrdered, backend.RangeRequest{Parent: parent("S"), Consistency: backend.Any}, "maxRows must be positive"},
		{"family", byteOrdered, backend.RangeRequest{Parent: parent("Nope")}, "unconfigured columnfamily Nope"},

		{"filter by index", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keys("", ""), Filter: eq("age", string(long(1)))}, ""},
		{"filter without index", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keys("", ""), Filter: eq("n", "\x00\x00\x00\x01")}, ""},
		{"filter without EQ", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keys("", ""), Filter: []backend.Expression{{Name: []byte("age"), Op: backend.GT, Value: long(1)}}}, ""},
		{"no filter", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keys("", ""), Filter: []backend.Expression{}}, ""},
		{"filter value before count", byteOrdered, backend.RangeRequest{Parent: parent("S"), Filter: eq("age", "x")}, "[616765]=[78] failed value validation (Expected 8 or 0 byte long (1))"},
		{"order before filter", byteOrdered, backend.RangeRequest{Parent: parent("S"), Range: keys("b", "a"), Filter: eq("age", "x")}, ordered},
		{"filter in super", byteOrdered, backend.RangeRequest{Parent: within("Sup", "s"), Filter: eq("s", "x")}, "super columns are not supported for indexing"},
		{"1.2: times out, too", byteOrdered, backend.RangeRequest{Parent: parent("Sup"), Filter: eq("s", "x")}, "super columns are not supported for indexing"},
		{"1.2: finds nothing, too", byteOrdered, backend.RangeRequest{Parent: parent("C"), Filter: eq("s", string(long(1)))}, "invalid operation for commutative columnfamily C"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := c.CheckRange(&test.r, test.ring)
			checkReason(t, err, test.want)
			if (f == nil) != (err != nil) {
				t.Errorf("family = %v", f)
			}
		})
	}
}

// badToken is the error of a partitioner that refuses a token.
func badToken(ring Ring, token string) string {
	_, err := ring.CompareTokens(token, token)
	return err.Error()
}
