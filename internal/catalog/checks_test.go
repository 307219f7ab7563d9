package catalog

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// requests returns a catalog whose families refuse the requests of the tests.
func requests(t testing.TB) *Catalog {
	return app(t,
		schema.Family{Name: "S", Comparator: "UTF8Type", DefaultValidator: "UTF8Type", Columns: []schema.Column{
			indexedColumn("age", "LongType"), {Name: []byte("n"), Validator: "Int32Type"}, indexedColumn("b", "BytesType"),
		}},
		schema.Family{Name: "L", Comparator: "LongType", DefaultValidator: "LongType", KeyValidator: "LongType"},
		schema.Family{Name: "Ascii", Comparator: "AsciiType", KeyValidator: "AsciiType"},
		schema.Family{Name: "Inet", Comparator: "InetAddressType"},
		schema.Family{Name: "Rev", Comparator: "ReversedType(LongType)"},
		schema.Family{Name: "Comp", Comparator: "CompositeType(LongType,UTF8Type)"},
		schema.Family{Name: "Sup", Type: schema.Super, Comparator: "UTF8Type", Subcomparator: "LongType", DefaultValidator: "UTF8Type"},
		schema.Family{Name: "C", Comparator: "UTF8Type", DefaultValidator: "CounterColumnType"},
		schema.Family{Name: "SC", Type: schema.Super, Comparator: "UTF8Type", Subcomparator: "UTF8Type", DefaultValidator: "CounterColumnType"},
		schema.Family{Name: "NR", Comparator: "UTF8Type", DefaultValidator: "CounterColumnType", ReplicateOnWrite: new(false)},
	)
}

// long packs a LongType.
func long(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// names returns names, or keys.
func names(s ...string) [][]byte {
	result := [][]byte{}
	for _, s := range s {
		result = append(result, []byte(s))
	}
	return result
}

func parent(family string) backend.Parent { return backend.Parent{Keyspace: "app", Family: family} }

func within(family, super string) backend.Parent {
	return backend.Parent{Keyspace: "app", Family: family, Super: []byte(super)}
}

func from(start string) backend.Predicate { return slice(start, "") }

func slice(start, finish string) backend.Predicate {
	return backend.Predicate{Start: []byte(start), Finish: []byte(finish), Count: 100}
}

var all = backend.Predicate{Count: 100}

// maxBytes has the maximum length of a name, and tooMany has one byte more.
var (
	maxBytes = string(bytes.Repeat([]byte("x"), 65535))
	tooMany  = maxBytes + "x"
)
