package catalog

import (
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/schema"
)

// fuzzed returns a catalog with a family for each type that the fuzz tests use.
func fuzzed(t testing.TB) (*Catalog, []string) {
	var families []schema.Family
	var names []string
	for i, class := range []string{
		"BytesType", "UTF8Type", "LongType", "IntegerType", "DecimalType", "TimeUUIDType", "InetAddressType", "BooleanType", "DoubleType",
		"CompositeType(LongType,UTF8Type)", "DynamicCompositeType(a=>UTF8Type,b=>ReversedType(LongType))", "ReversedType(UTF8Type)",
	} {
		name := string(rune('A' + i))
		standard := schema.Family{Name: name, Comparator: class, DefaultValidator: class, KeyValidator: class}
		super := schema.Family{Name: name + "S", Type: schema.Super, Comparator: class, Subcomparator: class, DefaultValidator: class}
		counter := schema.Family{Name: name + "C", Comparator: class, DefaultValidator: "CounterColumnType"}
		families = append(families, standard, super, counter)
		names = append(names, standard.Name, super.Name, counter.Name)
	}
	return app(t, families...), names
}

// FuzzCheckMutate looks for panics, and for accepted bytes that the types
// refuse.
func FuzzCheckMutate(f *testing.F) {
	f.Add(uint8(9), uint8(1), []byte("k"), []byte(nil), []byte("\x00\x08\x00\x00\x00\x00\x00\x00\x00\x07\x00"), []byte("v"), int32(0), false)
	f.Add(uint8(1), uint8(3), []byte("k"), []byte("s"), []byte("a"), []byte("b"), int32(-1), true)
	c, families := fuzzed(f)
	f.Fuzz(func(t *testing.T, which, op uint8, key, super, name, value []byte, ttl int32, predicate bool) {
		if len(super) == 0 && op&16 == 0 {
			super = nil
		}
		m := backend.Mutation{Op: backend.Op(op & 3), Super: super, Column: backend.Column{Name: name, Value: value, TTL: ttl}}
		if predicate {
			m.Columns = &backend.Predicate{Start: name, Finish: value}
			if op&32 != 0 {
				m.Columns = &backend.Predicate{Names: [][]byte{name, value}}
			}
		}
		r := &backend.MutateRequest{Keyspace: "app", Rows: []backend.RowMutation{
			{Family: families[int(which)%len(families)], Key: key, Mutations: []backend.Mutation{m}},
		}}
		got, err := c.CheckMutate(nil, r)
		if err != nil {
			return
		}
		fam := got[0]
		valid(t, fam.KeyValidator, key)
		if super != nil {
			valid(t, fam.Comparator, super)
		}
		switch {
		case m.Op == backend.Insert:
			valid(t, fam.ColumnNames(), name)
			valid(t, fam.Validator(name), value)
			if ttl < 0 || fam.Counter || fam.Super != (super != nil) {
				t.Errorf("let pass into %s: %+v", fam.Def.Name, m)
			}
		case m.Op == backend.Add:
			valid(t, fam.ColumnNames(), name)
			if !fam.Counter || fam.Super != (super != nil) {
				t.Errorf("let pass into %s: %+v", fam.Def.Name, m)
			}
		case predicate && m.Columns.Names != nil:
			valid(t, fam.Names(super), name)
			valid(t, fam.Names(super), value)
		case predicate:
			validBounds(t, fam, super, m.Columns)
		}
	})
}

// FuzzCheckSlice does the same for reads.
func FuzzCheckSlice(f *testing.F) {
	f.Add(uint8(9), []byte("k"), []byte(nil), []byte("\x00\x08\x00\x00\x00\x00\x00\x00\x00\x07\x00"), []byte("b"), 10, false)
	f.Add(uint8(1), []byte("k"), []byte("s"), []byte("a"), []byte("b"), -1, true)
	c, families := fuzzed(f)
	f.Fuzz(func(t *testing.T, which uint8, key, super, start, finish []byte, count int, reversed bool) {
		if len(super) == 0 && reversed {
			super = nil
		}
		where := backend.Parent{Keyspace: "app", Family: families[int(which)%len(families)], Super: super}
		p := backend.Predicate{Start: start, Finish: finish, Count: count, Reversed: reversed}
		if fam, err := c.CheckSlice(&backend.SliceRequest{Parent: where, Keys: [][]byte{key}, Predicate: p}); err == nil {
			valid(t, fam.KeyValidator, key)
			validBounds(t, fam, super, &p)
		}
		named := backend.Predicate{Names: [][]byte{start, finish}}
		if fam, err := c.CheckSlice(&backend.SliceRequest{Parent: where, Predicate: named}); err == nil {
			valid(t, fam.Names(super), start)
			valid(t, fam.Names(super), finish)
		}
		keys := backend.KeyRange{StartKey: start, EndKey: finish, Count: count}
		_, _ = c.CheckRange(&backend.RangeRequest{Parent: where, Range: keys}, partitioner.OrderPreserving)
		tokens := backend.KeyRange{StartToken: string(start), EndToken: string(finish), Count: count}
		_, _ = c.CheckRange(&backend.RangeRequest{Parent: where, Range: tokens}, partitioner.Random)
		expressions := []backend.Expression{{Name: start, Value: finish, Op: backend.Operator(which)}}
		_, _ = c.CheckIndex(&backend.IndexRequest{Parent: where, Expressions: expressions, Count: count})
	})
}

// FuzzApply changes the schema at random and compiles the resulting definitions again.
func FuzzApply(f *testing.F) {
	f.Add("F", "UTF8Type", "LongType", []byte("a"), uint8(0))
	f.Add("F", "CompositeType(LongType)", "CounterColumnType", []byte("\xff"), uint8(7))
	f.Fuzz(func(t *testing.T, name, class, validator string, column []byte, flags uint8) {
		def := schema.Family{Keyspace: "app", Name: name, Comparator: class, DefaultValidator: validator, Comment: validator}
		if flags&1 != 0 {
			def.Type, def.Subcomparator = schema.Super, class
		}
		if flags&2 != 0 {
			def.Columns = []schema.Column{{Name: column, Validator: validator, Index: schema.IndexType(flags >> 6)}}
		}
		if flags&4 != 0 {
			def.KeyAlias, def.KeyValidator = column, class
		}
		c := app(t, schema.Family{Name: "Other"})
		for _, change := range []schema.Change{schema.CreateFamily{Family: def}, schema.AlterFamily{Family: schema.Family{Keyspace: "app", Name: name, Comparator: validator}}} {
			next, err := c.Apply(change)
			if err != nil {
				continue
			}
			c = next
			definitions, err := c.Keyspaces()
			if err != nil {
				t.Fatal(err)
			}
			if again, err := New(definitions); err != nil || again.Version() != c.Version() {
				t.Errorf("%+v compiles to a different schema: %v", definitions, err)
			}
		}
	})
}

func valid(t *testing.T, typ interface{ Validate([]byte) error }, b []byte) {
	t.Helper()
	if err := typ.Validate(b); err != nil {
		t.Errorf("%q was let pass: %v", b, err)
	}
}

func validBounds(t *testing.T, fam *Family, super []byte, p *backend.Predicate) {
	t.Helper()
	for _, bound := range [][]byte{p.Start, p.Finish} {
		if len(bound) > 0 {
			valid(t, fam.Names(super), bound)
		}
	}
}
