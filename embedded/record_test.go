package embedded

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/ordered"
)

func encode(r record) []byte { return append(r.appendHead(nil), r.value...) }

func column(value string, ts int64) []byte {
	return encode(record{timestamp: ts, value: []byte(value)})
}

func expiring(value string, ts, expires int64) []byte {
	return encode(record{kind: kindExpiring, timestamp: ts, value: []byte(value), expires: expires, ttl: 10})
}

func tombstone(ts, at int64) []byte {
	return encode(record{kind: kindDeleted, timestamp: ts, deletedAt: at})
}

func counter(n int64) []byte { return encode(record{kind: kindCounter, timestamp: n}) }

func mark(ts, at int64) []byte {
	return encode(record{kind: kindMark, timestamp: ts, deletedAt: at})
}

// mergeAll merges records, the oldest first.
func mergeAll(t testing.TB, records ...[]byte) []byte {
	t.Helper()
	m, err := (&Store{}).merger().Merge([]byte("key"), records[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records[1:] {
		if err := m.MergeNewer(r); err != nil {
			t.Fatal(err)
		}
	}
	value, closer, err := m.Finish(true)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	return bytes.Clone(value)
}

func TestMerge(t *testing.T) {
	tests := []struct {
		name     string
		old, new []byte
		want     []byte
	}{
		{"the higher timestamp wins", column("a", 2), column("b", 1), column("a", 2)},
		{"whichever came first", column("b", 1), column("a", 2), column("a", 2)},
		{"negative timestamps", column("a", -2), column("b", -1), column("b", -1)},
		{"the lowest timestamp", column("a", math.MinInt64), column("b", math.MaxInt64), column("b", math.MaxInt64)},
		{"a tombstone wins a tie", column("a", 2), tombstone(2, 7), tombstone(2, 7)},
		{"and if it came first", tombstone(2, 7), column("a", 2), tombstone(2, 7)},
		{"but not against a newer column", tombstone(2, 7), column("a", 3), column("a", 3)},
		{"the larger value wins a tie", column("b", 2), column("a", 2), column("b", 2)},
		{"by signed bytes", column("\x80", 2), column("\x7f", 2), column("\x7f", 2)},
		{"the longer value", column("aa", 2), column("a", 2), column("aa", 2)},
		{"expiry does not matter to a tie", expiring("b", 2, 1), column("a", 2), expiring("b", 2, 1)},
		{"the later of two equal ones", expiring("a", 2, 1), expiring("a", 2, 5), expiring("a", 2, 5)},
		{"the later tombstone", tombstone(2, 9), tombstone(2, 7), tombstone(2, 9)},
		{"counters add up", counter(2), counter(-5), counter(-3)},
		{"from zero after a tombstone", encode(record{kind: kindCounter | kindDeleted, deletedAt: 5}), counter(4), counter(4)},
		{"marks keep both maxima", mark(5, 1), mark(3, 2), mark(5, 2)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := mergeAll(t, tt.old, tt.new); !bytes.Equal(got, tt.want) {
				t.Errorf("merged %x and %x into %x, want %x", tt.old, tt.new, got, tt.want)
			}
		})
	}
}

func TestMergeRefusesDamage(t *testing.T) {
	for _, pair := range [][2][]byte{
		{column("a", 1), nil},
		{column("a", 1), counter(1)},
		{mark(1, 1), column("a", 1)},
		{{0xff, 0, 0, 0, 0, 0, 0, 0, 0}, column("a", 1)},
	} {
		m, err := (&Store{}).merger().Merge(nil, pair[0])
		if err == nil {
			err = m.MergeNewer(pair[1])
		}
		if !errors.Is(err, errRecord) {
			t.Errorf("merging %x and %x: %v, want errRecord", pair[0], pair[1], err)
		}
	}
}

// FuzzMerge checks that the order of merging does not change the result.
func FuzzMerge(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		kind := rnd.IntN(3)
		list := make([][]byte, 2+rnd.IntN(5))
		for i := range list {
			ts, at := rnd.Int64N(3), rnd.Int64N(3)
			switch {
			case kind == 0:
				list[i] = counter(rnd.Int64())
			case kind == 1:
				list[i] = mark(ts, at)
			case rnd.IntN(3) == 0:
				list[i] = tombstone(ts, at)
			case rnd.IntN(2) == 0:
				list[i] = expiring(string(rune('a'+rnd.IntN(3))), ts, at)
			default:
				list[i] = column(string(rune('a'+rnd.IntN(3))), ts)
			}
		}
		want := mergeAll(t, list...)
		// Merge the middle first, as a compaction may do.
		i := 1 + rnd.IntN(len(list)-1)
		j := i + rnd.IntN(len(list)-i) + 1
		parts := append(slices.Clone(list[:i]), mergeAll(t, list[i:j]...))
		if got := mergeAll(t, append(parts, list[j:]...)...); !bytes.Equal(got, want) {
			t.Errorf("%x with %d to %d first is %x, want %x", list, i, j, got, want)
		}
		// Merge from the newest to the oldest.
		m, err := (&Store{}).merger().Merge(nil, list[len(list)-1])
		if err != nil {
			t.Fatal(err)
		}
		for k := len(list) - 2; k >= 0; k-- {
			if err := m.MergeOlder(list[k]); err != nil {
				t.Fatal(err)
			}
		}
		if got := m.(*merging).value; !bytes.Equal(got, want) {
			t.Errorf("%x backwards is %x, want %x", list, got, want)
		}
	})
}

func FuzzRecord(f *testing.F) {
	for _, b := range [][]byte{
		column("value", 1), tombstone(1, 2), expiring("v", 1, 2), counter(7), mark(1, 2),
		encode(record{kind: kindNamed | kindSuperNamed, name: []byte("n"), super: []byte("s"), value: []byte("v")}),
	} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var r record
		if err := r.decode(b); err != nil {
			return
		}
		if got := encode(r); len(got) != r.headSize()+len(r.value) {
			t.Errorf("%x has size %d, and headSize says %d", b, len(got), r.headSize()+len(r.value))
		}
		var again record
		if err := again.decode(encode(r)); err != nil {
			t.Fatalf("decoding the encoding of %x: %v", b, err)
		}
		if diff := cmp.Diff(r, again, cmp.AllowUnexported(record{})); diff != "" {
			t.Error(diff)
		}
	})
}

// FuzzMarkKey decodes keys of slice tombstones.
func FuzzMarkKey(f *testing.F) {
	c, err := ordered.New(coltype.UTF8)
	if err != nil {
		f.Fatal(err)
	}
	for _, ends := range [][2]string{{"", ""}, {"a", ""}, {"", "b"}, {"a", "b"}} {
		key, err := appendSliceMark(nil, c, []byte(ends[0]), []byte(ends[1]))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := decodeSliceMark(c, b)
		if err != nil && !errors.Is(err, errKey) {
			t.Errorf("%x: %v, want errKey", b, err)
		}
		v.holds([]byte("x"))
	})
}

// FuzzSchemaRecord decodes the records of the schema and of the format.
func FuzzSchemaRecord(f *testing.F) {
	f.Add([]byte(`{"format":1,"partitioner":"x","last_id":3,"families":[{"keyspace":"ks","name":"cf","id":1}],"keyspaces":[]}`))
	f.Add([]byte(`{"format":9}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := decodeSchema(b); err != nil && !errors.Is(err, backend.ErrCorrupt) && !errors.Is(err, backend.ErrUnsupported) {
			t.Errorf("%q: %v, want ErrCorrupt or ErrUnsupported", b, err)
		}
		if _, err := decodeFormat(b); err != nil && !errors.Is(err, backend.ErrCorrupt) && !errors.Is(err, backend.ErrUnsupported) {
			t.Errorf("%q: %v, want ErrCorrupt or ErrUnsupported", b, err)
		}
	})
}

// FuzzStored puts any key and value into a family and an index. A read must return the right data
// or report that the data is damaged.
func FuzzStored(f *testing.F) {
	f.Add(byte(tagData), []byte("row\x00\x00\x02name\x00\x00"), column("v", 1))
	f.Add(byte(tagIndex), []byte("\x00\x00\x00\x06Utah\x00\x00row\x00\x00"), []byte(nil))
	s, err := OpenMemory(manual(newClock(), ""))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { mustClose(f, s) })
	alter(f, s, testKeyspace())
	f.Fuzz(func(t *testing.T, tag byte, key, value []byte) {
		for _, family := range s.tables.Load().sorted() {
			k := append(appendFamily(nil, tagData+tag%2, family.id), key...)
			if err := s.db.Set(k, value, nil); err != nil {
				t.Fatal(err)
			}
		}
		check := func(what string, err error) {
			t.Helper()
			if err != nil && !errors.Is(err, backend.ErrCorrupt) {
				t.Errorf("%s: %v, want no error or ErrCorrupt", what, err)
			}
		}
		for _, family := range s.tables.Load().sorted() {
			parent := backend.Parent{Keyspace: "ks", Family: family.def.Def.Name}
			_, err := s.Range(t.Context(), &backend.RangeRequest{Parent: parent, Range: backend.KeyRange{Count: 10}, Predicate: backend.Predicate{Count: 10}})
			check("Range", err)
			_, err = s.Range(t.Context(), &backend.RangeRequest{Parent: parent, Range: backend.KeyRange{Count: 10}, Predicate: backend.Predicate{Count: 10, Reversed: true}})
			check("Range reversed", err)
		}
		_, err := s.Index(t.Context(), &backend.IndexRequest{
			Parent:      backend.Parent{Keyspace: "ks", Family: "indexed"},
			Expressions: []backend.Expression{{Name: []byte("state"), Value: []byte("Utah")}},
			Count:       10, Predicate: backend.Predicate{Count: 10},
		})
		check("Index", err)
		check("Purge", s.Purge(t.Context()))
		for _, family := range s.tables.Load().sorted() {
			if err := s.Truncate(t.Context(), "ks", family.def.Def.Name); err != nil {
				t.Fatal(err)
			}
		}
	})
}
