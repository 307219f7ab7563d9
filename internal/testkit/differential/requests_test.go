package differential_test

import (
	"encoding/binary"
	"strings"

	tw "github.com/widerow/widerow/internal/thriftwire"
)

// A request is one entry of the list that is sent to each server.
type request struct {
	args tw.Args
	// header is the header of an ordinary call, unless the request changes it.
	header tw.Header
}

// requests is a list of requests in their order. A change by one request is visible to all later
// ones.
type requests struct{ list []request }

func (r *requests) add(args ...tw.Args) {
	for _, a := range args {
		r.list = append(r.list, request{a, tw.Header{Method: a.Method(), Type: tw.Call}})
	}
}

// The constants are the keyspace of the requests and the consistency levels that they use.
const (
	diffKeyspace = "Differential"
	one          = tw.ConsistencyLevelOne
	quorum       = tw.ConsistencyLevelQuorum
)

// allRequests returns the whole list.
func allRequests() []request {
	var r requests
	r.withoutKeyspace()
	r.keyspaces()
	r.families()
	r.data()
	r.reads()
	r.ranges()
	r.indexes()
	r.paged()
	r.writes()
	r.batches()
	r.counters()
	r.removals()
	r.conditional()
	r.malformed()
	r.descriptions()
	r.alterations()
	r.drops()
	return r.list
}

func b(s string) []byte { return []byte(s) }

func long(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// comp packs a composite of a text and a long, with an end-of-component byte after the last.
func comp(s string, n int64, end byte) []byte {
	c := append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...)
	c = append(c, 0, 0, 8)
	return append(append(c, long(n)...), end)
}

func parent(family string) tw.ColumnParent { return tw.ColumnParent{ColumnFamily: family} }

func superParent(family, super string) tw.ColumnParent {
	return tw.ColumnParent{ColumnFamily: family, SuperColumn: b(super)}
}

func names(list ...string) tw.SlicePredicate {
	p := tw.SlicePredicate{ColumnNames: [][]byte{}}
	for _, n := range list {
		p.ColumnNames = append(p.ColumnNames, b(n))
	}
	return p
}

func sliceOf(start, finish string, reversed bool, count int32) tw.SlicePredicate {
	return tw.SlicePredicate{SliceRange: &tw.SliceRange{Start: b(start), Finish: b(finish), Reversed: reversed, Count: count}}
}

func all() tw.SlicePredicate { return sliceOf("", "", false, 100) }

func options(pairs ...string) []tw.Entry[string, string] {
	list := []tw.Entry[string, string]{}
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, tw.Entry[string, string]{Key: pairs[i], Value: pairs[i+1]})
	}
	return list
}

const simpleStrategy = "org.apache.cassandra.locator.SimpleStrategy"

func keyspaceDef(name, strategy string, opts []tw.Entry[string, string], families ...tw.CfDef) *tw.SystemAddKeyspaceArgs {
	return &tw.SystemAddKeyspaceArgs{KsDef: tw.KsDef{Name: name, StrategyClass: strategy, StrategyOptions: opts, CfDefs: append([]tw.CfDef{}, families...)}}
}

// withoutKeyspace adds requests of a connection that has chosen no keyspace.
func (r *requests) withoutKeyspace() {
	r.add(
		&tw.DescribeClusterNameArgs{},
		&tw.DescribePartitionerArgs{},
		&tw.DescribeSnitchArgs{},
		&tw.DescribeRingArgs{Keyspace: "system"},
		&tw.DescribeRingArgs{Keyspace: "absent"},
		&tw.DescribeKeyspaceArgs{Keyspace: "absent"},
		&tw.SetKeyspaceArgs{Keyspace: "absent"},
		&tw.SetKeyspaceArgs{Keyspace: ""},
		&tw.GetArgs{Key: b("k"), ColumnPath: tw.ColumnPath{ColumnFamily: "Std", Column: b("a")}, ConsistencyLevel: one},
		&tw.GetSliceArgs{Key: b("k"), ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
		&tw.GetCountArgs{Key: b("k"), ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
		&tw.GetRangeSlicesArgs{ColumnParent: parent("Std"), Predicate: all(), Range: tw.KeyRange{StartKey: b(""), EndKey: b(""), Count: 5}, ConsistencyLevel: one},
		&tw.InsertArgs{Key: b("k"), ColumnParent: parent("Std"), Column: column("a", "v", 1), ConsistencyLevel: one},
		&tw.RemoveArgs{Key: b("k"), ColumnPath: tw.ColumnPath{ColumnFamily: "Std"}, Timestamp: 1, ConsistencyLevel: one},
		&tw.BatchMutateArgs{MutationMap: batch("k", "Std", insertion(column("a", "v", 1))), ConsistencyLevel: one},
		&tw.TruncateArgs{Cfname: "Std"},
		&tw.SystemDropColumnFamilyArgs{ColumnFamily: "Std"},
		&tw.DescribeSplitsArgs{CfName: "Std", StartToken: "0", EndToken: "1", KeysPerSplit: 10},
	)
}

func (r *requests) keyspaces() {
	rf := options("replication_factor", "1")
	r.add(
		keyspaceDef(diffKeyspace, simpleStrategy, rf),
		keyspaceDef(diffKeyspace, simpleStrategy, rf),
		keyspaceDef(strings.ToLower(diffKeyspace), simpleStrategy, rf),
		&tw.SystemDropKeyspaceArgs{Keyspace: strings.ToLower(diffKeyspace)},
		keyspaceDef("", simpleStrategy, rf),
		keyspaceDef("with space", simpleStrategy, rf),
		keyspaceDef("with-dash", simpleStrategy, rf),
		keyspaceDef(strings.Repeat("k", 49), simpleStrategy, rf),
		keyspaceDef("system", simpleStrategy, rf),
		keyspaceDef("NoFactor", simpleStrategy, nil),
		keyspaceDef("BadFactor", simpleStrategy, options("replication_factor", "many")),
		keyspaceDef("NegativeFactor", simpleStrategy, options("replication_factor", "-1")),
		keyspaceDef("NoStrategy", "", rf),
		keyspaceDef("AbsentStrategy", "org.example.NoSuchStrategy", rf),
		keyspaceDef("ShortStrategy", "SimpleStrategy", rf),
		&tw.SystemDropKeyspaceArgs{Keyspace: "ShortStrategy"},
		keyspaceDef("OtherKeyspaces", simpleStrategy, rf, tw.CfDef{Keyspace: "elsewhere", Name: "F"}),
		&tw.SystemUpdateKeyspaceArgs{KsDef: tw.KsDef{Name: "absent", StrategyClass: simpleStrategy, StrategyOptions: rf, CfDefs: []tw.CfDef{}}},
		&tw.SystemDropKeyspaceArgs{Keyspace: "absent"},
		&tw.SystemDropKeyspaceArgs{Keyspace: "system"},
		&tw.SetKeyspaceArgs{Keyspace: diffKeyspace},
		&tw.DescribeRingArgs{Keyspace: diffKeyspace},
		&tw.DescribeLocalRingArgs{Keyspace: diffKeyspace},
	)
}

func def(name string, change func(*tw.CfDef)) *tw.SystemAddColumnFamilyArgs {
	d := tw.CfDef{Keyspace: diffKeyspace, Name: name}
	if change != nil {
		change(&d)
	}
	return &tw.SystemAddColumnFamilyArgs{CfDef: d}
}

func text(s string) tw.Optional[string] { return tw.Some(s) }

func described(name, validator string, index bool) tw.ColumnDef {
	d := tw.ColumnDef{Name: b(name), ValidationClass: validator}
	if index {
		d.IndexType = tw.Some(tw.IndexTypeKeys)
	}
	return d
}

func (r *requests) families() {
	r.add(
		def("Std", func(d *tw.CfDef) {
			d.ComparatorType, d.DefaultValidationClass, d.KeyValidationClass = text("UTF8Type"), text("UTF8Type"), text("UTF8Type")
			d.ColumnMetadata = []tw.ColumnDef{described("n", "LongType", false), described("i", "UTF8Type", true), described("j", "Int32Type", true)}
		}),
		def("Long", func(d *tw.CfDef) { d.ComparatorType = text("LongType") }),
		def("Sup", func(d *tw.CfDef) {
			d.ColumnType, d.ComparatorType, d.SubcomparatorType = text("Super"), text("UTF8Type"), text("LongType")
		}),
		def("Cnt", func(d *tw.CfDef) {
			d.ComparatorType, d.DefaultValidationClass = text("UTF8Type"), text("CounterColumnType")
		}),
		def("SupCnt", func(d *tw.CfDef) {
			d.ColumnType, d.ComparatorType, d.DefaultValidationClass = text("Super"), text("UTF8Type"), text("CounterColumnType")
		}),
		def("Comp", func(d *tw.CfDef) { d.ComparatorType = text("CompositeType(UTF8Type, LongType)") }),
		def("Uuid", func(d *tw.CfDef) { d.ComparatorType = text("TimeUUIDType") }),
		def("Rev", func(d *tw.CfDef) {
			d.ComparatorType, d.DefaultValidationClass = text("UTF8Type(reversed=true)"), text("UTF8Type")
		}),
		// These requests are refused.
		def("Std", nil),
		def("", nil),
		def("with-dash", nil),
		def(strings.Repeat("f", 49), nil),
		&tw.SystemAddColumnFamilyArgs{CfDef: tw.CfDef{Keyspace: "absent", Name: "F"}},
		def("Bad", func(d *tw.CfDef) { d.ComparatorType = text("NoSuchType") }),
		def("Bad", func(d *tw.CfDef) { d.ComparatorType = text("CounterColumnType") }),
		def("Bad", func(d *tw.CfDef) { d.ComparatorType = text("CompositeType()") }),
		def("Bad", func(d *tw.CfDef) { d.DefaultValidationClass = text("NoSuchType") }),
		def("Bad", func(d *tw.CfDef) { d.KeyValidationClass = text("NoSuchType") }),
		def("Bad", func(d *tw.CfDef) { d.KeyValidationClass = text("CounterColumnType") }),
		def("Bad", func(d *tw.CfDef) { d.ColumnType = text("Wide") }),
		def("Bad", func(d *tw.CfDef) { d.SubcomparatorType = text("LongType") }),
		def("Bad", func(d *tw.CfDef) { d.ColumnMetadata = []tw.ColumnDef{described("c", "NoSuchType", false)} }),
		def("Bad", func(d *tw.CfDef) { d.ColumnMetadata = []tw.ColumnDef{described("c", "CounterColumnType", false)} }),
		def("Bad", func(d *tw.CfDef) {
			d.ComparatorType, d.ColumnMetadata = text("LongType"), []tw.ColumnDef{described("c", "UTF8Type", false)}
		}),
		def("Bad", func(d *tw.CfDef) {
			d.DefaultValidationClass, d.ColumnMetadata = text("CounterColumnType"), []tw.ColumnDef{described("c", "CounterColumnType", true)}
		}),
		def("Bad", func(d *tw.CfDef) {
			d.ColumnType, d.ColumnMetadata = text("Super"), []tw.ColumnDef{described("c", "UTF8Type", true)}
		}),
		def("Bad", func(d *tw.CfDef) {
			c := described("c", "UTF8Type", false)
			c.IndexName = text("an_index")
			d.ColumnMetadata = []tw.ColumnDef{c}
		}),
		def("Bad", func(d *tw.CfDef) {
			c := described("c", "UTF8Type", true)
			c.IndexName = text("Std_i_idx")
			d.ColumnMetadata = []tw.ColumnDef{c}
		}),
		def("Bad", func(d *tw.CfDef) {
			d.MinCompactionThreshold, d.MaxCompactionThreshold = tw.Some(int32(8)), tw.Some(int32(4))
		}),
		def("Bad", func(d *tw.CfDef) { d.MinCompactionThreshold = tw.Some(int32(1)) }),
		def("Bad", func(d *tw.CfDef) { d.CompactionStrategy = text("NoSuchStrategy") }),
		def("Bad", func(d *tw.CfDef) { d.CompressionOptions = options("sstable_compression", "NoSuchCompressor") }),
		def("Bad", func(d *tw.CfDef) { d.CompressionOptions = options("chunk_length_kb", "3") }),
		def("Bad", func(d *tw.CfDef) {
			d.CompressionOptions = options("sstable_compression", "SnappyCompressor", "chunk_length_kb", "3")
		}),
		def("Bad", func(d *tw.CfDef) { d.BloomFilterFPChance = tw.Some(0.0) }),
		&tw.SystemDropColumnFamilyArgs{ColumnFamily: "Bad"}, // for a server that accepted one of the definitions above
	)
}

func column(name, value string, timestamp int64) tw.Column {
	return tw.Column{Name: b(name), Value: b(value), Timestamp: tw.Some(timestamp)}
}

func insertion(c tw.Column) tw.Mutation {
	return tw.Mutation{ColumnOrSupercolumn: &tw.ColumnOrSuperColumn{Column: &c}}
}

func deletion(timestamp int64, super []byte, p *tw.SlicePredicate) tw.Mutation {
	return tw.Mutation{Deletion: &tw.Deletion{Timestamp: tw.Some(timestamp), SuperColumn: super, Predicate: p}}
}

func batch(key, family string, mutations ...tw.Mutation) []tw.Entry[[]byte, []tw.Entry[string, []tw.Mutation]] {
	return []tw.Entry[[]byte, []tw.Entry[string, []tw.Mutation]]{{
		Key: b(key), Value: []tw.Entry[string, []tw.Mutation]{{Key: family, Value: append([]tw.Mutation{}, mutations...)}},
	}}
}

// data writes the data that the reads find.
func (r *requests) data() {
	for _, key := range []string{"k1", "k2", "k3"} {
		for _, name := range []string{"a", "b", "c", "d"} {
			r.add(&tw.InsertArgs{Key: b(key), ColumnParent: parent("Std"), Column: column(name, key+name, 10), ConsistencyLevel: one})
		}
	}
	for n := range int64(5) {
		r.add(&tw.InsertArgs{Key: b("k1"), ColumnParent: parent("Long"), Column: column(string(long(n-2)), "v", 10), ConsistencyLevel: one})
		r.add(&tw.InsertArgs{Key: b("k1"), ColumnParent: parent("Comp"), Column: column(string(comp("ab"[n%2:n%2+1], n, 0)), "v", 10), ConsistencyLevel: one})
	}
	for _, super := range []string{"s1", "s2", "s3"} {
		for n := range int64(3) {
			r.add(&tw.InsertArgs{Key: b("k1"), ColumnParent: superParent("Sup", super), Column: column(string(long(n)), super, 10), ConsistencyLevel: one})
		}
	}
	for _, name := range []string{"a", "b", "c"} {
		r.add(
			&tw.AddArgs{Key: b("k1"), ColumnParent: parent("Cnt"), Column: tw.CounterColumn{Name: b(name), Value: 5}, ConsistencyLevel: one},
			&tw.AddArgs{Key: b("k1"), ColumnParent: superParent("SupCnt", "s1"), Column: tw.CounterColumn{Name: b(name), Value: 7}, ConsistencyLevel: one},
			&tw.InsertArgs{Key: b("k1"), ColumnParent: parent("Rev"), Column: column(name, name, 10), ConsistencyLevel: one},
		)
	}
	for i, key := range []string{"i1", "i2", "i3", "i4"} {
		r.add(&tw.BatchMutateArgs{MutationMap: batch(key, "Std",
			insertion(column("i", "xy"[i%2:i%2+1], 10)), insertion(column("n", string(long(int64(i))), 10)),
			insertion(column("j", string([]byte{0, 0, 0, byte(i)}), 10))), ConsistencyLevel: one})
	}
}

// parents returns valid and invalid parents.
func parents() []tw.ColumnParent {
	return []tw.ColumnParent{
		parent("Std"), parent("Long"), parent("Sup"), superParent("Sup", "s1"), superParent("Sup", "absent"), parent("Cnt"),
		parent("SupCnt"), superParent("SupCnt", "s1"), parent("Rev"), parent("Comp"),
		superParent("Std", "s1"), superParent("Sup", ""), parent("Absent"), parent(""),
	}
}

// predicates returns valid and invalid predicates.
func predicates() []tw.SlicePredicate {
	both := sliceOf("", "", false, 10)
	both.ColumnNames = [][]byte{b("a")}
	return []tw.SlicePredicate{
		all(),
		names("b", "a", "absent", "b"),
		names(),
		names(""),
		names(strings.Repeat("x", 65536)),
		names(string(long(1)), string(long(0))),
		sliceOf("b", "c", false, 100),
		sliceOf("c", "b", true, 100),
		sliceOf("c", "b", false, 100),
		sliceOf("b", "", true, 1),
		sliceOf("", "", true, 2),
		sliceOf("", "", false, 0),
		sliceOf("", "", false, -1),
		sliceOf("b\xff", "", false, 10),
		sliceOf(string(long(0)), string(long(1)), false, 10),
		{},
		both,
	}
}

func (r *requests) reads() {
	for _, p := range parents() {
		for _, predicate := range predicates() {
			r.add(
				&tw.GetSliceArgs{Key: b("k1"), ColumnParent: p, Predicate: predicate, ConsistencyLevel: one},
				&tw.GetCountArgs{Key: b("k1"), ColumnParent: p, Predicate: predicate, ConsistencyLevel: one},
			)
		}
	}
	for _, key := range []string{"", "absent", strings.Repeat("k", 65536), "\xff"} {
		r.add(
			&tw.GetSliceArgs{Key: b(key), ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
			&tw.GetCountArgs{Key: b(key), ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
			&tw.GetArgs{Key: b(key), ColumnPath: tw.ColumnPath{ColumnFamily: "Std", Column: b("a")}, ConsistencyLevel: one},
			&tw.MultigetSliceArgs{Keys: [][]byte{b("k1"), b(key)}, ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
			&tw.MultigetCountArgs{Keys: [][]byte{b("k1"), b(key)}, ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
		)
	}
	for level := tw.ConsistencyLevelOne; level <= tw.ConsistencyLevelLocalOne; level++ {
		r.add(
			&tw.GetSliceArgs{Key: b("k1"), ColumnParent: parent("Std"), Predicate: names("a"), ConsistencyLevel: level},
			&tw.GetCountArgs{Key: b("k1"), ColumnParent: parent("Std"), Predicate: names("a"), ConsistencyLevel: level},
			&tw.InsertArgs{Key: b("k1"), ColumnParent: parent("Std"), Column: column("a", "k1a", 10), ConsistencyLevel: level},
			&tw.AddArgs{Key: b("levels"), ColumnParent: parent("Cnt"), Column: tw.CounterColumn{Name: b("a"), Value: 0}, ConsistencyLevel: level},
		)
	}
	for _, path := range paths() {
		r.add(&tw.GetArgs{Key: b("k1"), ColumnPath: path, ConsistencyLevel: one})
	}
	r.add(
		&tw.MultigetSliceArgs{Keys: [][]byte{}, ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
		&tw.MultigetSliceArgs{Keys: [][]byte{b("k2"), b("k1"), b("k2")}, ColumnParent: parent("Std"), Predicate: names("a"), ConsistencyLevel: quorum},
		&tw.MultigetCountArgs{Keys: [][]byte{}, ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
		&tw.GetSliceArgs{Key: b("k1"), ColumnParent: parent("Comp"), Predicate: tw.SlicePredicate{SliceRange: &tw.SliceRange{
			Start: b("\x00\x01a\x00"), Finish: b("\x00\x01a\x01"), Count: 10,
		}}, ConsistencyLevel: one},
		&tw.GetSliceArgs{Key: b("k1"), ColumnParent: parent("Comp"), Predicate: tw.SlicePredicate{SliceRange: &tw.SliceRange{
			Start: b("\x00\x01a\x01"), Finish: b(""), Count: 10,
		}}, ConsistencyLevel: one},
	)
}

// paths returns valid and invalid paths.
func paths() []tw.ColumnPath {
	return []tw.ColumnPath{
		{ColumnFamily: "Std", Column: b("a")},
		{ColumnFamily: "Std", Column: b("absent")},
		{ColumnFamily: "Std", Column: b("")},
		{ColumnFamily: "Std"},
		{ColumnFamily: "Std", SuperColumn: b("s"), Column: b("a")},
		{ColumnFamily: "Std", SuperColumn: b("s")},
		{ColumnFamily: "Long", Column: b("abc")},
		{ColumnFamily: "Sup", SuperColumn: b("s1")},
		{ColumnFamily: "Sup", SuperColumn: b("s1"), Column: long(1)},
		{ColumnFamily: "Sup", SuperColumn: b("s1"), Column: b("abc")},
		{ColumnFamily: "Sup", Column: b("a")},
		{ColumnFamily: "Sup"},
		{ColumnFamily: "Cnt", Column: b("a")},
		{ColumnFamily: "SupCnt", SuperColumn: b("s1"), Column: b("a")},
		{ColumnFamily: "SupCnt", SuperColumn: b("s1")},
		{ColumnFamily: "Absent", Column: b("a")},
	}
}

func (r *requests) ranges() {
	ranges := []tw.KeyRange{
		{StartKey: b(""), EndKey: b(""), Count: 100},
		{StartKey: b(""), EndKey: b(""), Count: 2},
		{StartKey: b("k1"), EndKey: b("k1"), Count: 100},
		{StartKey: b("k1"), EndKey: b(""), Count: 1},
		{StartKey: b(""), EndKey: b(""), Count: 0},
		{StartKey: b(""), EndKey: b(""), Count: -1},
		{StartToken: text("0"), EndToken: text("0"), Count: 100},
		{StartToken: text("0"), EndToken: text("85070591730234615865843651857942052864"), Count: 100},
		{StartToken: text("85070591730234615865843651857942052864"), EndToken: text("0"), Count: 100},
		{StartToken: text("nonsense"), EndToken: text("0"), Count: 100},
		{StartToken: text("0"), EndKey: b("k1"), Count: 100},
		{StartKey: b("k1"), EndToken: text("0"), Count: 100},
		{StartKey: b("k1"), StartToken: text("0"), EndToken: text("0"), Count: 100},
		{StartKey: b("k1"), Count: 100},
		{Count: 100},
		{StartKey: b(""), EndKey: b(""), Count: 100, RowFilter: []tw.IndexExpression{{ColumnName: b("a"), Op: tw.IndexOperatorEQ, Value: b("k1a")}}},
		{StartKey: b(""), EndKey: b(""), Count: 100, RowFilter: []tw.IndexExpression{{ColumnName: b("i"), Op: tw.IndexOperatorEQ, Value: b("x")}}},
		{StartKey: b(""), EndKey: b(""), Count: 100, RowFilter: []tw.IndexExpression{{ColumnName: b("n"), Op: tw.IndexOperatorEQ, Value: b("abc")}}},
	}
	for _, k := range ranges {
		r.add(&tw.GetRangeSlicesArgs{ColumnParent: parent("Std"), Predicate: sliceOf("", "", false, 2), Range: k, ConsistencyLevel: one})
	}
	everything := ranges[0]
	for _, p := range parents() {
		r.add(&tw.GetRangeSlicesArgs{ColumnParent: p, Predicate: sliceOf("", "", true, 2), Range: everything, ConsistencyLevel: one})
	}
	for _, predicate := range predicates() {
		r.add(&tw.GetRangeSlicesArgs{ColumnParent: parent("Std"), Predicate: predicate, Range: everything, ConsistencyLevel: one})
	}
}

func (r *requests) indexes() {
	eq := func(name, value string) tw.IndexExpression {
		return tw.IndexExpression{ColumnName: b(name), Op: tw.IndexOperatorEQ, Value: b(value)}
	}
	op := func(name string, o tw.IndexOperator, value []byte) tw.IndexExpression {
		return tw.IndexExpression{ColumnName: b(name), Op: o, Value: value}
	}
	for _, clause := range [][]tw.IndexExpression{
		{eq("i", "x")},
		{eq("i", "absent")},
		{eq("i", "x"), op("n", tw.IndexOperatorGT, long(0))},
		{eq("i", "x"), op("n", tw.IndexOperatorGTE, long(2))},
		{eq("i", "y"), op("n", tw.IndexOperatorLT, long(3))},
		{eq("i", "y"), op("n", tw.IndexOperatorLTE, long(3))},
		{eq("i", "x"), eq("j", "\x00\x00\x00\x02")},
		{eq("i", "x"), eq("absent", "z")},
		{eq("n", string(long(1)))},
		{op("i", tw.IndexOperatorGT, b("x"))},
		{},
		{eq("j", "abc")},
		{eq("i", "x"), op("n", tw.IndexOperatorGT, b("abc"))},
		{eq("", "x")},
		{eq("i", "")},
		{op("i", 9, b("x"))},
	} {
		r.add(&tw.GetIndexedSlicesArgs{
			ColumnParent: parent("Std"), IndexClause: tw.IndexClause{Expressions: clause, StartKey: b(""), Count: 100},
			ColumnPredicate: all(), ConsistencyLevel: one,
		})
	}
	for _, count := range []int32{1, 0, -1} {
		r.add(&tw.GetIndexedSlicesArgs{
			ColumnParent: parent("Std"), IndexClause: tw.IndexClause{Expressions: []tw.IndexExpression{eq("i", "x")}, StartKey: b(""), Count: count},
			ColumnPredicate: names("n"), ConsistencyLevel: one,
		})
	}
	for _, p := range parents() {
		r.add(&tw.GetIndexedSlicesArgs{
			ColumnParent: p, IndexClause: tw.IndexClause{Expressions: []tw.IndexExpression{eq("i", "x")}, StartKey: b(""), Count: 10},
			ColumnPredicate: all(), ConsistencyLevel: one,
		})
	}
}

func (r *requests) paged() {
	whole := tw.KeyRange{StartKey: b(""), EndKey: b(""), Count: 100}
	five := tw.KeyRange{StartKey: b(""), EndKey: b(""), Count: 5}
	fromK1 := tw.KeyRange{StartKey: b("k1"), EndKey: b(""), Count: 3}
	r.add(
		&tw.GetPagedSliceArgs{ColumnFamily: "Std", Range: whole, StartColumn: b(""), ConsistencyLevel: one},
		&tw.GetPagedSliceArgs{ColumnFamily: "Std", Range: five, StartColumn: b(""), ConsistencyLevel: one},
		&tw.GetPagedSliceArgs{ColumnFamily: "Std", Range: fromK1, StartColumn: b("c"), ConsistencyLevel: one},
		&tw.GetPagedSliceArgs{ColumnFamily: "Sup", Range: whole, StartColumn: b(""), ConsistencyLevel: one},
		&tw.GetPagedSliceArgs{ColumnFamily: "Cnt", Range: whole, StartColumn: b(""), ConsistencyLevel: one},
		&tw.GetPagedSliceArgs{ColumnFamily: "Absent", Range: whole, StartColumn: b(""), ConsistencyLevel: one},
		&tw.GetPagedSliceArgs{ColumnFamily: "Std", Range: tw.KeyRange{StartKey: b(""), EndKey: b(""), Count: 0}, StartColumn: b(""), ConsistencyLevel: one},
	)
	multi := func(change func(*tw.MultiSliceRequest)) {
		m := tw.MultiSliceRequest{
			Key: b("k1"), ColumnParent: &tw.ColumnParent{ColumnFamily: "Std"}, Count: tw.Some(int32(100)),
			Reversed: tw.Some(false), ConsistencyLevel: tw.Some(one),
			ColumnSlices: []tw.ColumnSlice{{Start: b("a"), Finish: b("b")}, {Start: b("d"), Finish: b("d")}},
		}
		change(&m)
		r.add(&tw.GetMultiSliceArgs{Request: m})
	}
	multi(func(m *tw.MultiSliceRequest) {})
	multi(func(m *tw.MultiSliceRequest) { m.Count = tw.Some(int32(1)) })
	multi(func(m *tw.MultiSliceRequest) {
		m.Reversed = tw.Some(true)
		m.ColumnSlices = []tw.ColumnSlice{{Start: b("d"), Finish: b("c")}, {Start: b("a"), Finish: b("")}}
	})
	multi(func(m *tw.MultiSliceRequest) {
		m.ColumnSlices = []tw.ColumnSlice{{Start: b("a"), Finish: b("c")}, {Start: b("b"), Finish: b("d")}}
	})
	multi(func(m *tw.MultiSliceRequest) { m.ColumnSlices = []tw.ColumnSlice{} })
	multi(func(m *tw.MultiSliceRequest) { m.ColumnParent = &tw.ColumnParent{ColumnFamily: "Absent"} })
}

func (r *requests) writes() {
	insert := func(key string, p tw.ColumnParent, c tw.Column) {
		r.add(&tw.InsertArgs{Key: b(key), ColumnParent: p, Column: c, ConsistencyLevel: one})
	}
	for _, p := range parents() {
		insert("w", p, column("a", "v", 1))
		insert("w", p, column(string(long(1)), "v", 1))
	}
	insert("", parent("Std"), column("a", "v", 1))
	insert(strings.Repeat("k", 65536), parent("Std"), column("a", "v", 1))
	insert("\xff", parent("Std"), column("a", "v", 1))
	insert("w", parent("Std"), column("", "v", 1))
	insert("w", parent("Std"), column(strings.Repeat("n", 65536), "v", 1))
	insert("w", parent("Std"), column("\xff", "v", 1))
	insert("w", parent("Std"), column("a", "\xff", 1))
	insert("w", parent("Std"), column("n", "abc", 1))
	insert("w", parent("Std"), column("n", "", 1))
	insert("w", parent("Std"), column("i", strings.Repeat("x", 65536), 1))
	insert("w", parent("Std"), tw.Column{Name: b("a"), Timestamp: tw.Some(int64(1))})
	insert("w", parent("Std"), tw.Column{Name: b("a"), Value: b("v")})
	insert("w", parent("Comp"), column(string(comp("a", 1, 1)), "v", 1))
	insert("w", parent("Comp"), column("nonsense", "v", 1))
	insert("w", parent("Uuid"), column("nonsense", "v", 1))
	insert("w", parent("Uuid"), column("0123456789abcdef", "v", 1))
	for _, ttl := range []int32{100000, 0, -1, 630720000, 630720001} {
		c := column("ttl", "v", 1)
		c.TTL = tw.Some(ttl)
		insert("ttl", parent("Std"), c)
	}
	insert("w", parent("Std"), column("min", "v", -1<<63))
	insert("w", parent("Std"), column("max", "v", 1<<63-1))
	r.add(&tw.GetSliceArgs{Key: b("w"), ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one})
}

func (r *requests) batches() {
	send := func(m []tw.Entry[[]byte, []tw.Entry[string, []tw.Mutation]]) {
		r.add(&tw.BatchMutateArgs{MutationMap: m, ConsistencyLevel: one})
	}
	c := column("a", "v", 1)
	super := &tw.SuperColumn{Name: b("s"), Columns: []tw.Column{column(string(long(1)), "v", 1)}}
	counter := &tw.CounterColumn{Name: b("a"), Value: 1}
	superCounter := &tw.CounterSuperColumn{Name: b("s"), Columns: []tw.CounterColumn{*counter}}
	values := []tw.ColumnOrSuperColumn{
		{Column: &c},
		{SuperColumn: super},
		{CounterColumn: counter},
		{CounterSuperColumn: superCounter},
		{Column: &c, SuperColumn: super},
		{Column: &c, CounterColumn: counter},
		{},
	}
	for _, family := range []string{"Std", "Sup", "Cnt", "SupCnt", "Absent"} {
		for i := range values {
			send(batch("b", family, tw.Mutation{ColumnOrSupercolumn: &values[i]}))
		}
		for _, p := range []*tw.SlicePredicate{nil, new(names("a")), new(names()), new(sliceOf("a", "b", false, 10)), new(all()), {}} {
			for _, s := range [][]byte{nil, b("s")} {
				send(batch("b", family, deletion(2, s, p)))
			}
		}
		send(batch("b", family, tw.Mutation{Deletion: &tw.Deletion{}}))
		send(batch("b", family, tw.Mutation{}))
		send(batch("b", family, tw.Mutation{ColumnOrSupercolumn: &values[0], Deletion: &tw.Deletion{Timestamp: tw.Some(int64(1))}}))
		send(batch("b", family))
	}
	send(batch("", "Std", insertion(c)))
	send([]tw.Entry[[]byte, []tw.Entry[string, []tw.Mutation]]{})
	bad := column("n", "abc", 1)
	send(batch("half", "Std", insertion(c), insertion(bad)))
	r.add(
		&tw.GetSliceArgs{Key: b("half"), ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
		&tw.AtomicBatchMutateArgs{MutationMap: batch("atomic", "Std", insertion(c), insertion(column("b", "v", 1))), ConsistencyLevel: one},
		&tw.AtomicBatchMutateArgs{MutationMap: batch("atomic", "Cnt", tw.Mutation{ColumnOrSupercolumn: &values[2]}), ConsistencyLevel: one},
		&tw.AtomicBatchMutateArgs{MutationMap: batch("atomic", "Std", insertion(c)), ConsistencyLevel: tw.ConsistencyLevelAny},
		&tw.GetSliceArgs{Key: b("atomic"), ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
	)
}

func (r *requests) counters() {
	add := func(p tw.ColumnParent, name string) {
		r.add(&tw.AddArgs{Key: b("c"), ColumnParent: p, Column: tw.CounterColumn{Name: b(name), Value: 3}, ConsistencyLevel: one})
	}
	for _, p := range parents() {
		add(p, "a")
	}
	add(parent("Cnt"), "")
	add(parent("Cnt"), "\xff")
	r.add(
		&tw.AddArgs{Key: b("c"), ColumnParent: parent("Cnt"), Column: tw.CounterColumn{Name: b("a"), Value: -10}, ConsistencyLevel: one},
		&tw.GetSliceArgs{Key: b("c"), ColumnParent: parent("Cnt"), Predicate: all(), ConsistencyLevel: one},
		&tw.GetSliceArgs{Key: b("c"), ColumnParent: parent("SupCnt"), Predicate: all(), ConsistencyLevel: one},
		&tw.InsertArgs{Key: b("c"), ColumnParent: parent("Cnt"), Column: column("a", string(long(1)), 1), ConsistencyLevel: one},
	)
	for _, path := range paths() {
		r.add(&tw.RemoveCounterArgs{Key: b("c"), Path: path, ConsistencyLevel: one})
	}
	r.add(
		&tw.GetSliceArgs{Key: b("c"), ColumnParent: parent("Cnt"), Predicate: all(), ConsistencyLevel: one},
		&tw.RemoveCounterArgs{Key: b("c"), Path: tw.ColumnPath{ColumnFamily: "SupCnt"}, ConsistencyLevel: one},
		&tw.GetSliceArgs{Key: b("c"), ColumnParent: parent("SupCnt"), Predicate: all(), ConsistencyLevel: one},
	)
}

func (r *requests) removals() {
	for _, path := range paths() {
		r.add(&tw.RemoveArgs{Key: b("k2"), ColumnPath: path, Timestamp: 5, ConsistencyLevel: one})
	}
	r.add(
		&tw.GetSliceArgs{Key: b("k2"), ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
		&tw.RemoveArgs{Key: b("k2"), ColumnPath: tw.ColumnPath{ColumnFamily: "Std", Column: b("a")}, Timestamp: 10, ConsistencyLevel: one},
		&tw.RemoveArgs{Key: b("k2"), ColumnPath: tw.ColumnPath{ColumnFamily: "Std", Column: b("b")}, Timestamp: 11},
		&tw.GetSliceArgs{Key: b("k2"), ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
		&tw.RemoveArgs{Key: b("k3"), ColumnPath: tw.ColumnPath{ColumnFamily: "Std"}, Timestamp: 20, ConsistencyLevel: one},
		&tw.RemoveArgs{Key: b(""), ColumnPath: tw.ColumnPath{ColumnFamily: "Std"}, Timestamp: 20, ConsistencyLevel: one},
		&tw.GetSliceArgs{Key: b("k3"), ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
		&tw.GetRangeSlicesArgs{ColumnParent: parent("Std"), Predicate: names("a"), Range: tw.KeyRange{StartKey: b(""), EndKey: b(""), Count: 100}, ConsistencyLevel: one},
	)
}

func (r *requests) conditional() {
	cas := func(family string, expected, updates []tw.Column) {
		r.add(&tw.CasArgs{
			Key: b("cas"), ColumnFamily: family, Expected: expected, Updates: updates,
			SerialConsistencyLevel: tw.ConsistencyLevelSerial, CommitConsistencyLevel: quorum,
		})
	}
	cas("Std", []tw.Column{}, []tw.Column{column("a", "1", 1)})
	cas("Std", []tw.Column{}, []tw.Column{column("a", "2", 2)})
	cas("Std", []tw.Column{column("a", "1", 0)}, []tw.Column{column("a", "2", 2)})
	cas("Std", []tw.Column{column("a", "1", 0)}, []tw.Column{column("a", "3", 3)})
	cas("Std", []tw.Column{column("b", "1", 0)}, []tw.Column{column("b", "3", 3)})
	cas("Cnt", []tw.Column{}, []tw.Column{column("a", "1", 1)})
	cas("Absent", []tw.Column{}, []tw.Column{column("a", "1", 1)})
	cas("Std", []tw.Column{}, []tw.Column{})
	cas("Std", []tw.Column{}, []tw.Column{column("n", "abc", 1)})
	r.add(&tw.CasArgs{
		Key: b("cas"), ColumnFamily: "Std", Expected: []tw.Column{}, Updates: []tw.Column{column("z", "1", 1)},
		SerialConsistencyLevel: quorum, CommitConsistencyLevel: quorum,
	})
}

// rawCall is a call with raw bytes as arguments and with the result of a method.
type rawCall struct {
	*tw.RawArgs
	typed tw.Args
}

// NewResult returns a result of the method.
func (c rawCall) NewResult() tw.Result { return c.typed.NewResult() }

func (r *requests) malformed() {
	raw := func(typed tw.Args, fields string) {
		r.add(rawCall{&tw.RawArgs{Name: typed.Method(), Struct: b(fields)}, typed})
	}
	key := "\x0b\x00\x01\x00\x00\x00\x02k1"
	unknown := "\x0b\x03\xe7\x00\x00\x00\x01x"
	raw(&tw.GetSliceArgs{}, "\x00")
	raw(&tw.GetSliceArgs{}, key+"\x00")
	raw(&tw.GetSliceArgs{}, key+"\x0c\x00\x02\x00"+"\x00")
	raw(&tw.SetKeyspaceArgs{}, "\x00")
	raw(&tw.SetKeyspaceArgs{}, "\x08\x00\x01\x00\x00\x00\x07\x00")
	raw(&tw.DescribeVersionArgs{}, unknown+"\x00")
	raw(&tw.DescribeClusterNameArgs{}, unknown+unknown+"\x00")
	raw(&tw.TruncateArgs{}, "\x00")
	raw(&tw.InsertArgs{}, key+"\x00")
	r.list = append(r.list,
		request{rawCall{&tw.RawArgs{Name: "no_such_method", Struct: b("\x00")}, &tw.DescribeVersionArgs{}}, tw.Header{Method: "no_such_method", Type: tw.Call}},
		request{&tw.DescribeClusterNameArgs{}, tw.Header{Method: "describe_cluster_name", Type: tw.Call, Old: true}},
		request{&tw.DescribeClusterNameArgs{}, tw.Header{Method: "describe_cluster_name", Type: tw.OneWay}},
		request{&tw.DescribeClusterNameArgs{}, tw.Header{Method: "describe_cluster_name", Type: tw.Reply}},
	)
}

func (r *requests) descriptions() {
	r.add(
		&tw.DescribeKeyspaceArgs{Keyspace: diffKeyspace},
		&tw.DescribeSchemaVersionsArgs{},
		&tw.DescribeTokenMapArgs{},
		&tw.DescribeSplitsArgs{CfName: "Absent", StartToken: "0", EndToken: "1", KeysPerSplit: 10},
		&tw.SetCQLVersionArgs{Version: "3.0.0"},
		&tw.ExecuteCQLQueryArgs{Query: b("SELECT * FROM Std"), Compression: tw.CompressionNone},
		&tw.ExecuteCQL3QueryArgs{Query: b("SELECT * FROM \"Std\""), Compression: tw.CompressionNone, Consistency: one},
		&tw.PrepareCQLQueryArgs{Query: b("SELECT * FROM Std"), Compression: tw.CompressionNone},
		&tw.PrepareCQL3QueryArgs{Query: b("SELECT * FROM \"Std\""), Compression: tw.CompressionNone},
		&tw.TraceNextQueryArgs{},
		&tw.LoginArgs{AuthRequest: tw.AuthenticationRequest{Credentials: options("username", "ann", "password", "secret")}},
	)
}

func (r *requests) alterations() {
	update := func(name string, change func(*tw.CfDef)) {
		d := tw.CfDef{Keyspace: diffKeyspace, Name: name}
		change(&d)
		r.add(&tw.SystemUpdateColumnFamilyArgs{CfDef: d})
	}
	update("Absent", func(d *tw.CfDef) {})
	update("Long", func(d *tw.CfDef) { d.ComparatorType, d.Comment = text("LongType"), text("altered") })
	update("Long", func(d *tw.CfDef) { d.ComparatorType = text("UTF8Type") })
	update("Long", func(d *tw.CfDef) { d.ComparatorType, d.GCGraceSeconds = text("LongType"), tw.Some(int32(5)) })
	update("Long", func(d *tw.CfDef) { d.ComparatorType, d.ColumnType = text("LongType"), text("Super") })
	update("Sup", func(d *tw.CfDef) {
		d.ColumnType, d.ComparatorType, d.SubcomparatorType = text("Super"), text("UTF8Type"), text("UTF8Type")
	})
	r.add(def("Turn", func(d *tw.CfDef) { d.DefaultValidationClass = text("CounterColumnType") }))
	update("Turn", func(d *tw.CfDef) { d.DefaultValidationClass = text("UTF8Type") })
	r.add(&tw.SystemDropColumnFamilyArgs{ColumnFamily: "Turn"})
	update("Std", func(d *tw.CfDef) {
		d.ComparatorType, d.DefaultValidationClass = text("UTF8Type"), text("UTF8Type")
		d.ColumnMetadata = []tw.ColumnDef{described("n", "LongType", true)}
	})
	r.add(
		&tw.DescribeKeyspaceArgs{Keyspace: diffKeyspace},
		&tw.SystemUpdateKeyspaceArgs{KsDef: tw.KsDef{Name: diffKeyspace, StrategyClass: simpleStrategy, StrategyOptions: options("replication_factor", "2"), CfDefs: []tw.CfDef{}}},
		&tw.SystemUpdateKeyspaceArgs{KsDef: tw.KsDef{Name: diffKeyspace, StrategyClass: simpleStrategy, StrategyOptions: options("replication_factor", "1"), CfDefs: []tw.CfDef{{Keyspace: diffKeyspace, Name: "Std"}}}},
		&tw.SystemUpdateKeyspaceArgs{KsDef: tw.KsDef{Name: diffKeyspace, StrategyClass: simpleStrategy, StrategyOptions: options("replication_factor", "1"), CfDefs: []tw.CfDef{}, DurableWrites: tw.Some(false)}},
	)
}

func (r *requests) drops() {
	r.add(
		&tw.TruncateArgs{Cfname: "Std"},
		&tw.TruncateArgs{Cfname: "Absent"},
		&tw.GetSliceArgs{Key: b("k1"), ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
		&tw.SystemDropColumnFamilyArgs{ColumnFamily: "Std"},
		&tw.SystemDropColumnFamilyArgs{ColumnFamily: "Std"},
		&tw.GetSliceArgs{Key: b("k1"), ColumnParent: parent("Std"), Predicate: all(), ConsistencyLevel: one},
		&tw.SystemDropKeyspaceArgs{Keyspace: diffKeyspace},
		&tw.GetSliceArgs{Key: b("k1"), ColumnParent: parent("Long"), Predicate: all(), ConsistencyLevel: one},
		&tw.SetKeyspaceArgs{Keyspace: diffKeyspace},
	)
}
