package catalog

import (
	"testing"

	"github.com/widerow/widerow/backend"
)

func TestIndexReasons(t *testing.T) {
	const none = "No indexed columns present in index clause with operator EQ"
	ex := func(name string, op backend.Operator, value string) backend.Expression {
		return backend.Expression{Name: []byte(name), Op: op, Value: []byte(value)}
	}
	clause := func(e ...backend.Expression) []backend.Expression { return e }
	one, number := string(long(1)), "\x00\x00\x00\x01"
	c := requests(t)
	for _, test := range []struct {
		name string
		r    backend.IndexRequest
		want string
	}{
		{"EQ", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("age", backend.EQ, one)), Count: 1}, ""},
		{"EQ of an empty value", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("age", backend.EQ, ""))}, ""},
		{"EQ and others", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("n", backend.GT, number), ex("age", backend.EQ, one), ex("age", backend.LTE, one))}, ""},
		{"EQ twice", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("age", backend.EQ, one), ex("age", backend.EQ, one))}, ""},
		{"start", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("age", backend.EQ, one)), StartKey: []byte("k")}, ""},
		{"nothing", backend.IndexRequest{Parent: parent("S")}, "index clause list may not be empty"},
		{"GT", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("age", backend.GT, one))}, none},
		{"EQ without index", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("n", backend.EQ, number))}, none},
		{"EQ of an unknown column", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("zz", backend.EQ, "x"))}, none},
		{"empty name", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("", backend.EQ, "x"))}, none},
		{"name", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("\xff", backend.EQ, "x"))}, "[ff]=[78] failed name validation (String didn't validate.)"},
		{"name of a long", backend.IndexRequest{Parent: parent("L"), Expressions: clause(ex("abc", backend.EQ, one))}, "[616263]=[0000000000000001] failed name validation (Expected 8 or 0 byte long (3))"},
		{"value", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("age", backend.EQ, "x"))}, "[616765]=[78] failed value validation (Expected 8 or 0 byte long (1))"},
		{"value of another", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("age", backend.EQ, one), ex("n", backend.GT, "x"))}, "[6e]=[78] failed value validation (Expected 4 or 0 byte int (1))"},
		{"longest value", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("b", backend.EQ, maxBytes))}, ""},
		{"value too long", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("b", backend.EQ, tooMany))}, "Index expression values may not be larger than 64K"},
		{"1.2: refused by Thrift", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("age", 9, one))}, "unknown index operator 9"},
		{"count 0", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("age", backend.EQ, one))}, ""},
		{"1.2: drops the connection", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("age", backend.EQ, one)), Count: -1}, "get_indexed_slices requires non-negative count"},
		{"1.2: finds nothing", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("age", backend.EQ, one)), StartKey: []byte(tooMany)}, "Key length of 65536 is longer than maximum of 65535"},
		{"family", backend.IndexRequest{Parent: parent("Nope")}, "unconfigured columnfamily Nope"},
		{"super of standard", backend.IndexRequest{Parent: within("S", "x")}, "columnfamily alone is required for standard CF S"},
		{"super family", backend.IndexRequest{Parent: parent("Sup"), Expressions: clause(ex("s", backend.EQ, "x"))}, none},
		{"in super", backend.IndexRequest{Parent: within("Sup", "s"), Expressions: clause(ex("s", backend.EQ, "x"))}, none},
		{"counters", backend.IndexRequest{Parent: parent("C"), Expressions: clause(ex("s", backend.EQ, one))}, "invalid operation for commutative columnfamily C"},
		{"predicate", backend.IndexRequest{Parent: parent("S"), Predicate: slice("b", "a")}, "range finish must come after start in the order of traversal"},
		{"clause before level", backend.IndexRequest{Parent: parent("S"), Consistency: backend.Any}, "index clause list may not be empty"},
		{"level", backend.IndexRequest{Parent: parent("S"), Expressions: clause(ex("age", backend.EQ, one)), Consistency: backend.Any}, "ANY ConsistencyLevel is only supported for writes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := c.CheckIndex(&test.r)
			checkReason(t, err, test.want)
			if (f == nil) != (err != nil) {
				t.Errorf("family = %v", f)
			}
		})
	}
}
