package thriftserver_test

import (
	"encoding/binary"
	"fmt"
	"sync"
	"testing"

	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
)

func TestInsert(t *testing.T) {
	c := app(t)
	insert := func(p thriftwire.ColumnParent, change func(c *thriftwire.Column)) *thriftwire.InsertArgs {
		a := &thriftwire.InsertArgs{Key: b("k"), ColumnParent: p, Column: column("a", "1", 5), ConsistencyLevel: one}
		if change != nil {
			change(&a.Column)
		}
		return a
	}
	must[*thriftwire.InsertResult](c, insert(parent("Users"), func(c *thriftwire.Column) { c.TTL = thriftwire.Some[int32](9) }))
	must[*thriftwire.InsertResult](c, insert(parent("Groups", "s"), nil))
	want(t, "Users", c.slice("Users", "k", all()), "a=1@5+9")
	want(t, "Groups", c.slice("Groups", "k", all()), "s(a=1@5)")
	for _, tt := range []struct {
		p      thriftwire.ColumnParent
		change func(c *thriftwire.Column)
		why    string
	}{
		{parent("Users"), func(c *thriftwire.Column) { c.Value = nil }, "Column value is required"},
		{parent("Users"), func(c *thriftwire.Column) { c.Timestamp.Set = false }, "Column timestamp is required"},
		{parent("Users"), func(c *thriftwire.Column) { c.TTL = thriftwire.Some[int32](0) }, "ttl must be positive"},
		{parent("Users"), func(c *thriftwire.Column) { c.TTL = thriftwire.Some[int32](630720001) }, "ttl is too large. requested (630720001) maximum (630720000)"},
		{parent("Users"), func(c *thriftwire.Column) { c.Name = nil }, "column name must not be empty"},
		{parent("Users"), func(c *thriftwire.Column) { c.Value = b("\xff") }, "(String didn't validate.) [app][Users][a] failed validation"},
		{parent("Users", "s"), nil, "columnfamily alone is required for standard CF Users"},
		{parent("Groups"), nil, "missing mandatory super column name for super CF Groups"},
		{parent("Counts"), nil, "invalid operation for commutative columnfamily Counts"},
	} {
		c.refused(insert(tt.p, tt.change), tt.why)
	}
	serial := insert(parent("Users"), nil)
	serial.ConsistencyLevel = thriftwire.ConsistencyLevelSerial
	c.refused(serial, "You must use conditional updates for serializable writes")
}

func TestCounters(t *testing.T) {
	c := app(t)
	add := func(p thriftwire.ColumnParent, n int64) *thriftwire.AddArgs {
		return &thriftwire.AddArgs{Key: b("k"), ColumnParent: p, Column: thriftwire.CounterColumn{Name: b("n"), Value: n}, ConsistencyLevel: one}
	}
	remove := func(family string, super, name []byte) *thriftwire.RemoveCounterArgs {
		return &thriftwire.RemoveCounterArgs{Key: b("k"), Path: thriftwire.ColumnPath{ColumnFamily: family, SuperColumn: super, Column: name}, ConsistencyLevel: one}
	}
	for _, n := range []int64{5, -2, 1} {
		must[*thriftwire.AddResult](c, add(parent("Counts"), n))
		must[*thriftwire.AddResult](c, add(parent("GroupCounts", "s"), n))
	}
	want(t, "the counter", c.slice("Counts", "k", all()), "n=4")
	want(t, "the counter in a super column", c.slice("GroupCounts", "k", all()), "s(n=4)")
	must[*thriftwire.RemoveCounterResult](c, remove("Counts", nil, b("n")))
	must[*thriftwire.RemoveCounterResult](c, remove("GroupCounts", b("s"), b("n")))
	want(t, "a removed counter", c.slice("Counts", "k", all()), "")
	want(t, "a removed counter in a super column", c.slice("GroupCounts", "k", all()), "")

	c.refused(add(parent("Users"), 1), "invalid operation for non commutative columnfamily Users")
	c.refused(add(parent("GroupCounts"), 1), "missing mandatory super column name for super CF GroupCounts")
	c.refused(remove("Users", nil, b("n")), "invalid operation for non commutative columnfamily Users")
	c.refused(&thriftwire.RemoveArgs{Key: b("k"), ColumnPath: thriftwire.ColumnPath{ColumnFamily: "Counts"}}, "invalid operation for commutative columnfamily Counts")
}

func TestRemove(t *testing.T) {
	c := app(t)
	remove := func(family string, super, name string, timestamp int64) *thriftwire.RemoveArgs {
		a := &thriftwire.RemoveArgs{Key: b("k"), ColumnPath: thriftwire.ColumnPath{ColumnFamily: family}, Timestamp: timestamp, ConsistencyLevel: one}
		if super != "" {
			a.ColumnPath.SuperColumn = b(super)
		}
		if name != "" {
			a.ColumnPath.Column = b(name)
		}
		return a
	}
	c.insert("Users", "k", column("a", "1", 5), column("b", "2", 5))
	must[*thriftwire.RemoveResult](c, remove("Users", "", "a", 4)) // older than the column, so without effect
	want(t, "the row", c.slice("Users", "k", all()), "a=1@5 b=2@5")
	must[*thriftwire.RemoveResult](c, remove("Users", "", "a", 5))
	want(t, "the row", c.slice("Users", "k", all()), "b=2@5")
	must[*thriftwire.RemoveResult](c, remove("Users", "", "", 6))
	want(t, "the row", c.slice("Users", "k", all()), "")

	for _, super := range []string{"s", "t"} {
		for _, name := range []string{"a", "b"} {
			must[*thriftwire.InsertResult](c, &thriftwire.InsertArgs{Key: b("k"), ColumnParent: parent("Groups", super), Column: column(name, "", 1), ConsistencyLevel: one})
		}
	}
	must[*thriftwire.RemoveResult](c, remove("Groups", "s", "a", 2))
	want(t, "the supers", c.slice("Groups", "k", all()), "s(b=@1) t(a=@1 b=@1)")
	must[*thriftwire.RemoveResult](c, remove("Groups", "t", "", 2))
	want(t, "the supers", c.slice("Groups", "k", all()), "s(b=@1)")

	c.refused(remove("Users", "s", "a", 1), "supercolumn may not be specified for standard CF Users")
	c.refused(remove("Groups", "", "a", 1), "A column cannot be specified without specifying a super column for removal on super CF Groups")
}

type (
	batch   = []thriftwire.Entry[[]byte, []thriftwire.Entry[string, []thriftwire.Mutation]]
	changes = []thriftwire.Entry[string, []thriftwire.Mutation]
)

func inserts(columns ...thriftwire.Column) (list []thriftwire.Mutation) {
	for i := range columns {
		list = append(list, thriftwire.Mutation{ColumnOrSupercolumn: &thriftwire.ColumnOrSuperColumn{Column: &columns[i]}})
	}
	return list
}

func deletes(timestamp int64, p *thriftwire.SlicePredicate) []thriftwire.Mutation {
	return []thriftwire.Mutation{{Deletion: &thriftwire.Deletion{Timestamp: thriftwire.Some(timestamp), Predicate: p}}}
}

func TestBatchMutate(t *testing.T) {
	c := app(t)
	must[*thriftwire.BatchMutateResult](c, &thriftwire.BatchMutateArgs{ConsistencyLevel: one, MutationMap: batch{
		{Key: b("k"), Value: changes{
			{Key: "Users", Value: inserts(column("a", "1", 5), column("b", "2", 5), column("c", "3", 5), column("d", "4", 5))},
			{Key: "Log", Value: inserts(column("x", "9", 5))},
			{Key: "Counts", Value: []thriftwire.Mutation{{ColumnOrSupercolumn: &thriftwire.ColumnOrSuperColumn{CounterColumn: &thriftwire.CounterColumn{Name: b("n"), Value: 3}}}}},
		}},
		{Key: b("l"), Value: changes{{Key: "Users", Value: inserts(column("a", "7", 5))}, {Key: "Groups", Value: []thriftwire.Mutation{
			{ColumnOrSupercolumn: &thriftwire.ColumnOrSuperColumn{SuperColumn: &thriftwire.SuperColumn{Name: b("s"), Columns: []thriftwire.Column{column("m", "1", 5), column("o", "2", 5)}}}},
		}}}},
	}})
	for _, tt := range []struct{ family, key, want string }{
		{"Users", "k", "a=1@5 b=2@5 c=3@5 d=4@5"}, {"Log", "k", "x=9@5"}, {"Counts", "k", "n=3"}, {"Users", "l", "a=7@5"}, {"Groups", "l", "s(m=1@5 o=2@5)"},
	} {
		want(t, tt.family+" "+tt.key, c.slice(tt.family, tt.key, all()), tt.want)
	}

	// Test deletions of names, of a slice and of a row. One batch applies them together with its
	// other mutations.
	p := names("a")
	slice := from("b", "c", count)
	must[*thriftwire.AtomicBatchMutateResult](c, &thriftwire.AtomicBatchMutateArgs{ConsistencyLevel: one, MutationMap: batch{
		{Key: b("k"), Value: changes{{Key: "Users", Value: append(deletes(6, &p), deletes(6, &slice)...)}, {Key: "Log", Value: deletes(6, nil)}}},
	}})
	want(t, "Users", c.slice("Users", "k", all()), "d=4@5")
	want(t, "Log", c.slice("Log", "k", all()), "")

	must[*thriftwire.BatchMutateResult](c, &thriftwire.BatchMutateArgs{ConsistencyLevel: one})

	counter := []thriftwire.Mutation{{ColumnOrSupercolumn: &thriftwire.ColumnOrSuperColumn{CounterColumn: &thriftwire.CounterColumn{Name: b("n"), Value: 1}}}}
	c.refused(&thriftwire.AtomicBatchMutateArgs{ConsistencyLevel: one, MutationMap: batch{{Key: b("k"), Value: changes{{Key: "Counts", Value: counter}}}}},
		"Counter mutations are not allowed in atomic batches")
	for why, change := range map[string]changes{
		"unconfigured columnfamily None":                                             {{Key: "None", Value: inserts(column("a", "1", 1))}},
		"mutation must have one and only one of column_or_supercolumn or deletion":   {{Key: "Users", Value: []thriftwire.Mutation{{}}}},
		"invalid operation for non commutative columnfamily Users":                   {{Key: "Users", Value: counter}},
		"invalid operation for commutative columnfamily Counts":                      {{Key: "Counts", Value: inserts(column("a", "1", 1))}},
		"Deletion timestamp is not optional for non commutative column family Users": {{Key: "Users", Value: []thriftwire.Mutation{{Deletion: &thriftwire.Deletion{}}}}},
		"supercolumn parameter is not optional for super CF Groups":                  {{Key: "Groups", Value: inserts(column("a", "1", 1))}},
	} {
		c.refused(&thriftwire.BatchMutateArgs{ConsistencyLevel: one, MutationMap: batch{{Key: b("other"), Value: append(changes{{Key: "Log", Value: inserts(column("z", "", 1))}}, change...)}}}, why)
	}
	want(t, "a row of batches that were refused", c.slice("Log", "other", all()), "")
}

func TestTruncate(t *testing.T) {
	c := app(t)
	c.insert("Users", "k", column("a", "1", 5))
	must[*thriftwire.TruncateResult](c, &thriftwire.TruncateArgs{Cfname: "Users"})
	want(t, "the row", c.slice("Users", "k", all()), "")
	c.refused(&thriftwire.TruncateArgs{Cfname: "None"}, "unconfigured columnfamily None")
}

func casArgs(expected, updates []thriftwire.Column) *thriftwire.CasArgs {
	return &thriftwire.CasArgs{
		Key: b("k"), ColumnFamily: "Log", Expected: expected, Updates: updates,
		SerialConsistencyLevel: thriftwire.ConsistencyLevelSerial, CommitConsistencyLevel: one,
	}
}

func TestCas(t *testing.T) {
	c := app(t)
	set := []thriftwire.Column{column("a", "1", 0), column("b", "2", 0)}
	if !must[*thriftwire.CasResult](c, casArgs(nil, set)).Success.Success {
		t.Error("no row, but not set")
	}
	got := must[*thriftwire.CasResult](c, casArgs([]thriftwire.Column{column("b", "3", 0)}, set)).Success
	if got.Success || len(got.CurrentValues) != 1 || string(got.CurrentValues[0].Value) != "2" {
		t.Errorf("a different value: %+v", got)
	}
	c.refused(casArgs(nil, []thriftwire.Column{{Name: b("a"), Timestamp: thriftwire.Some[int64](1)}}), "Column value is required")
	level := casArgs(nil, set)
	level.SerialConsistencyLevel = one
	c.refused(level, "Invalid consistency for conditional update. Must be one of SERIAL or LOCAL_SERIAL")
	for family, why := range map[string]string{
		"Groups": "CAS does not support supercolumns", "Counts": "invalid operation for commutative columnfamily Counts", "None": "unconfigured columnfamily None",
	} {
		a := casArgs(nil, set)
		a.ColumnFamily = family
		c.refused(a, why)
	}
	// A store without compare-and-set reports that.
	c = dialApp(t, servertest.Start(t, &stub{Backend: appStore(t)}, nil))
	c.refused(casArgs(nil, set), "not supported by this store: cas")
}

func TestCasConcurrently(t *testing.T) {
	const workers, each = 4, 50
	s := servertest.Start(t, appStore(t), nil)
	number := func(n uint64) []thriftwire.Column {
		return []thriftwire.Column{column("n", string(binary.BigEndian.AppendUint64(nil, n)), 0)}
	}
	c := dialApp(t, s)
	must[*thriftwire.CasResult](c, casArgs(nil, number(0)))
	var wg sync.WaitGroup
	for range workers {
		c := dialApp(t, s)
		wg.Go(func() {
			n := uint64(0)
			for done := 0; done < each; {
				result, err := c.call(casArgs(number(n), number(n+1)))
				if err != nil {
					t.Error(err)
					return
				}
				if r := result.(*thriftwire.CasResult).Success; r.Success {
					done++
					n++
				} else {
					n = binary.BigEndian.Uint64(r.CurrentValues[0].Value)
				}
			}
		})
	}
	wg.Wait()
	got := must[*thriftwire.GetResult](c, &thriftwire.GetArgs{Key: b("k"), ColumnPath: thriftwire.ColumnPath{ColumnFamily: "Log", Column: b("n")}, ConsistencyLevel: one})
	want(t, "the sum", fmt.Sprint(binary.BigEndian.Uint64(got.Success.Column.Value)), fmt.Sprint(workers*each))
}

// TestDefaultTTL writes to families whose columns expire by default. A TTL of 0 turns expiry off,
// in these families only.
func TestDefaultTTL(t *testing.T) {
	c := app(t)
	def := thriftwire.CfDef{Keyspace: "app", Name: "Short", DefaultTimeToLive: thriftwire.Some[int32](60), SpeculativeRetry: thriftwire.Some("ALWAYS")}
	super := thriftwire.CfDef{Keyspace: "app", Name: "Shorts", ColumnType: thriftwire.Some("Super"), DefaultTimeToLive: thriftwire.Some[int32](60)}
	must[*thriftwire.SystemAddColumnFamilyResult](c, &thriftwire.SystemAddColumnFamilyArgs{CfDef: def})
	must[*thriftwire.SystemAddColumnFamilyResult](c, &thriftwire.SystemAddColumnFamilyArgs{CfDef: super})
	described := must[*thriftwire.DescribeKeyspaceResult](c, &thriftwire.DescribeKeyspaceArgs{Keyspace: "app"}).Success
	for _, f := range described.CfDefs {
		if f.Name == "Short" && (f.DefaultTimeToLive != def.DefaultTimeToLive || f.SpeculativeRetry != def.SpeculativeRetry) {
			t.Errorf("described with %v and %v", f.DefaultTimeToLive, f.SpeculativeRetry)
		}
	}
	cell := func(name string, ttl thriftwire.Optional[int32]) thriftwire.Column {
		col := column(name, "1", 5)
		col.TTL = ttl
		return col
	}
	none, zero, nine := thriftwire.Optional[int32]{}, thriftwire.Some[int32](0), thriftwire.Some[int32](9)
	insert := func(p thriftwire.ColumnParent, col thriftwire.Column) *thriftwire.InsertArgs {
		return &thriftwire.InsertArgs{Key: b("k"), ColumnParent: p, Column: col, ConsistencyLevel: one}
	}
	must[*thriftwire.InsertResult](c, insert(parent("Short"), cell("a", none)))
	must[*thriftwire.InsertResult](c, insert(parent("Short"), cell("b", zero)))
	must[*thriftwire.InsertResult](c, insert(parent("Short"), cell("c", nine)))
	must[*thriftwire.InsertResult](c, insert(parent("Shorts", "s"), cell("a", none)))
	must[*thriftwire.InsertResult](c, insert(parent("Shorts", "s"), cell("b", zero)))
	want(t, "Short", c.slice("Short", "k", all()), "a=1@5+60 b=1@5 c=1@5+9")
	want(t, "Shorts", c.slice("Shorts", "k", all()), "s(a=1@5+60 b=1@5)")
	c.refused(insert(parent("Short"), cell("d", thriftwire.Some[int32](-1))), "ttl must be positive")

	batch := func(family string, ttl thriftwire.Optional[int32]) *thriftwire.BatchMutateArgs {
		col := cell("e", ttl)
		return &thriftwire.BatchMutateArgs{ConsistencyLevel: one, MutationMap: []thriftwire.Entry[[]byte, []thriftwire.Entry[string, []thriftwire.Mutation]]{{
			Key: b("batch"), Value: []thriftwire.Entry[string, []thriftwire.Mutation]{{
				Key: family, Value: []thriftwire.Mutation{{ColumnOrSupercolumn: &thriftwire.ColumnOrSuperColumn{Column: &col}}},
			}},
		}}}
	}
	must[*thriftwire.BatchMutateResult](c, batch("Short", none))
	want(t, "a batch", c.slice("Short", "batch", all()), "e=1@5+60")
	must[*thriftwire.BatchMutateResult](c, batch("Short", zero))
	want(t, "a batch with a TTL of 0", c.slice("Short", "batch", all()), "e=1@5")
	c.refused(batch("Users", zero), "ttl must be positive")

	// An update without the attribute removes the family's default.
	def.DefaultTimeToLive = thriftwire.Optional[int32]{}
	must[*thriftwire.SystemUpdateColumnFamilyResult](c, &thriftwire.SystemUpdateColumnFamilyArgs{CfDef: def})
	must[*thriftwire.InsertResult](c, insert(parent("Short"), cell("f", none)))
	c.refused(insert(parent("Short"), cell("g", zero)), "ttl must be positive")
}
