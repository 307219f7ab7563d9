package widerow_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/widerowtest"
)

// These tests cover lines of docs/pycassa.md that no other test covers.

// TestSelectionOfEveryRead reads with each parameter that pycassa's reads share, by each verb. All
// verbs must select the same columns as Get.
func TestSelectionOfEveryRead(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(text("F"), widerow.ColumnDef{Name: "state", Validator: schema.UTF8Type, Index: schema.KeysIndex})
	sf := s.Family(superText("S"))
	numbered(t, f, "k", 5)
	insert(t, f, "k", widerow.Values{{"state", "Utah"}})
	insert(t, sf, "k", widerow.Values{{"s", widerow.Values{{"a", "1"}, {"b", "2"}, {"c", "3"}}}, {"t", widerow.Values{{"a", "4"}}}})
	var levels []widerow.Consistency
	s.Fail(widerowtest.Fault{Times: -1, Match: func(c widerowtest.Call) bool {
		levels = append(levels, levelOf(c))
		return false
	}})
	type selection interface {
		widerow.ReadOption
		widerow.ScanOption
	}
	for _, tt := range []struct {
		name string
		of   *widerow.Family
		opts []selection
		want string
	}{
		{"columns", f, []selection{widerow.Names("c001", "c003")}, "{'c001': '1', 'c003': '3'}"},
		{"column_start", f, []selection{widerow.From("c004")}, "{'c004': '4', 'state': 'Utah'}"},
		{"column_finish", f, []selection{widerow.To("c000")}, "{'c000': '0'}"},
		{"both", f, []selection{widerow.Slice("c001", "c002")}, "{'c001': '1', 'c002': '2'}"},
		{"column_reversed", f, []selection{widerow.Slice("c002", "c001"), widerow.Reversed()}, "{'c002': '2', 'c001': '1'}"},
		{"column_count", f, []selection{widerow.Limit(1)}, "{'c000': '0'}"},
		{"read_consistency_level", f, []selection{widerow.Limit(1), widerow.Level(widerow.Quorum)}, "{'c000': '0'}"},
		{"super_column", sf, []selection{widerow.Super("s"), widerow.From("b")}, "{'b': '2', 'c': '3'}"},
		{"super columns", sf, []selection{widerow.Names("t")}, "{'t': {'a': '4'}}"},
	} {
		var reads []widerow.ReadOption
		var scans []widerow.ScanOption
		for _, o := range tt.opts {
			reads, scans = append(reads, o), append(scans, o)
		}
		got := map[string]string{
			"Get":      must(tt.of.Get(ctx, "k", reads...))(t).String(),
			"MultiGet": must(tt.of.MultiGet(ctx, []any{"k"}, reads...))(t)[0].String(),
			"Range":    collect(t, tt.of.Range(ctx, scans...))[0].String(),
		}
		if tt.name != "columns" && tt.name != "super columns" { // xget takes no names
			got["Columns"] = widerow.Row{Columns: collect(t, tt.of.Columns(ctx, "k", reads...))}.String()
		}
		if tt.of == f {
			got["Where"] = collect(t, f.Where(ctx, append(scans, widerow.Eq("state", "Utah"))...))[0].String()
		}
		for verb, row := range got {
			if row != tt.want {
				t.Errorf("%s: %s reads %s, want %s", tt.name, verb, row, tt.want)
			}
		}
		n := len(must(tt.of.Get(ctx, "k", reads...))(t).Columns)
		if got := must(tt.of.Count(ctx, "k", reads...))(t); got != n {
			t.Errorf("%s: Count = %d, want %d", tt.name, got, n)
		}
		diff(t, tt.name+": MultiCount", must(tt.of.MultiCount(ctx, []any{"k"}, reads...))(t), []int{n})
		want := widerow.One
		if tt.name == "read_consistency_level" {
			want = widerow.Quorum
		}
		for _, level := range levels {
			if level != want {
				t.Errorf("%s: a call with level %v, want %v", tt.name, level, want)
			}
		}
		levels = nil
	}
}

// TestBatchOptions sends a batch with each option of pycassa's Mutator.
func TestBatchOptions(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	var got []backend.MutateRequest
	s.Fail(widerowtest.Fault{Verb: widerowtest.Mutate, Times: -1, Match: func(c widerowtest.Call) bool {
		got = append(got, *c.Request.(*backend.MutateRequest))
		return false
	}})
	fill := func(b *widerow.Batch) error {
		b.Insert(f, "k", widerow.Values{{"a", "b"}}, widerow.At(5), widerow.TTL(time.Minute))
		return nil
	}
	send := func(opts ...widerow.WriteOption) error {
		var b widerow.Batch
		_ = fill(&b)
		return b.Send(ctx, opts...)
	}
	for _, err := range []error{
		send(), send(widerow.Atomic(), widerow.Level(widerow.Quorum)),
		widerow.InBatch(ctx, 1, fill, widerow.Atomic(), widerow.Level(widerow.All)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != 3 {
		t.Fatalf("%d requests, want 3", len(got))
	}
	for i, want := range []struct {
		atomic bool
		level  widerow.Consistency
	}{{false, widerow.One}, {true, widerow.Quorum}, {true, widerow.All}} {
		if r := got[i]; r.Atomic != want.atomic || r.Consistency != want.level {
			t.Errorf("request %d: atomic %v at %v, want %v at %v", i, r.Atomic, r.Consistency, want.atomic, want.level)
		}
		if c := got[i].Rows[0].Mutations[0].Column; c.Timestamp != 5 || c.TTL != 60 {
			t.Errorf("request %d: the column is written at %d for %d s", i, c.Timestamp, c.TTL)
		}
	}
}

// TestExpressions compares the operators of pycassa.index with ours by their numbers in Thrift.
func TestExpressions(t *testing.T) {
	for _, tt := range []struct {
		got    widerow.Expression
		number int32
		text   string
	}{
		{widerow.Eq("a", 1), 0, "'a' EQ 1"},
		{widerow.Gte("a", 1), 1, "'a' GTE 1"},
		{widerow.Gt("a", 1), 2, "'a' GT 1"},
		{widerow.Lte("a", 1), 3, "'a' LTE 1"},
		{widerow.Lt("a", 1), 4, "'a' LT 1"},
	} {
		if int32(tt.got.Op) != tt.number || tt.got.String() != tt.text || tt.got != (widerow.Expression{Name: "a", Op: tt.got.Op, Value: 1}) {
			t.Errorf("%v has operator %d, want %s with %d", tt.got, tt.got.Op, tt.text, tt.number)
		}
	}
}

// TestConsistencyLevels compares the levels with pycassa's, by name and by number in Thrift.
func TestConsistencyLevels(t *testing.T) {
	for i, want := range []widerow.Consistency{
		widerow.One, widerow.Quorum, widerow.LocalQuorum, widerow.EachQuorum, widerow.All, widerow.Any,
		widerow.Two, widerow.Three, widerow.Serial, widerow.LocalSerial, widerow.LocalOne,
	} {
		if int(want) != i+1 {
			t.Errorf("%v is number %d, want %d", want, want, i+1)
		}
		if got, err := widerow.ParseConsistency(want.String()); err != nil || got != want {
			t.Errorf("ParseConsistency(%q) = %v, %v", want, got, err)
		}
	}
}

// TestNamesOfSchema uses the names of strategies, indexes and types in pycassa.system_manager,
// short and full.
func TestNamesOfSchema(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	for i, strategy := range []string{
		schema.SimpleStrategy, schema.NetworkTopologyStrategy, schema.OldNetworkTopologyStrategy,
		"SimpleStrategy", "NetworkTopologyStrategy", "OldNetworkTopologyStrategy",
	} {
		def := schema.Keyspace{Name: fmt.Sprint("K", i), Strategy: strategy}
		if schema.ShortClass(strategy) != "NetworkTopologyStrategy" {
			def.StrategyOptions = map[string]string{"replication_factor": "1"}
		}
		if err := s.System().CreateKeyspace(ctx, def); err != nil {
			t.Errorf("%s: %v", strategy, err)
			continue
		}
		if got := must(s.System().Keyspace(ctx, def.Name))(t).Strategy; schema.ShortClass(got) != schema.ShortClass(strategy) {
			t.Errorf("%s became %s", strategy, got)
		}
	}
	for i, index := range []schema.IndexType{schema.KeysIndex, schema.CustomIndex, schema.CompositesIndex} {
		if want := []string{"KEYS", "CUSTOM", "COMPOSITES"}[i]; index.String() != want || int(index) == int(schema.NoIndex) {
			t.Errorf("index type %d is %v, want %s", i, index, want)
		}
	}
	for _, class := range []string{
		schema.BytesType, schema.ASCIIType, schema.UTF8Type, schema.LongType, schema.IntegerType, schema.Int32Type,
		schema.DoubleType, schema.FloatType, schema.DecimalType, schema.BooleanType, schema.DateType, schema.TimestampType,
		schema.UUIDType, schema.TimeUUIDType, schema.LexicalUUIDType, schema.InetAddressType, schema.CounterColumnType,
		coltype.Composite(coltype.Long, coltype.Reversed(coltype.UTF8)).String(),
	} {
		for _, name := range []string{class, schema.ShortClass(class)} {
			if got, err := coltype.Parse(name); err != nil || schema.ShortClass(got.String()) != schema.ShortClass(class) {
				t.Errorf("Parse(%q) = %v, %v", name, got, err)
			}
		}
	}
}

// TestWritesOfManyRows writes rows with each option of pycassa's batch_insert.
func TestWritesOfManyRows(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	var level widerow.Consistency
	s.Fail(widerowtest.Fault{Verb: widerowtest.Mutate, Times: -1, Match: func(c widerowtest.Call) bool {
		level = levelOf(c)
		return false
	}})
	for _, rows := range []any{
		widerow.Values{{"k", widerow.Values{{"a", "1"}}}, {"l", map[string]string{"a": "2"}}},
		map[string]any{"k": widerow.Values{{"a", "1"}}, "l": map[string]string{"a": "2"}},
	} {
		ts := must(f.BatchInsert(ctx, rows, widerow.At(9), widerow.TTL(time.Minute), widerow.Level(widerow.All)))(t)
		if ts != 9 || level != widerow.All {
			t.Errorf("written at %d with level %v", ts, level)
		}
		for key, want := range map[string]string{"k": "1", "l": "2"} {
			diff(t, key, must(f.Get(ctx, key))(t).Columns, []widerow.Column{{Name: "a", Value: want, Timestamp: 9, TTL: 60}})
		}
		if err := f.Truncate(ctx); err != nil {
			t.Fatal(err)
		}
	}
}
