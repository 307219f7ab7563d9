package widerow_test

import (
	"fmt"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/schema"
)

func ExampleFamily_Insert() {
	store, family := example("ColumnFamily1")
	defer store.Close()

	timestamp, err := family.Insert(ctx, "row_key", widerow.Values{{"col_name", "col_val"}, {"col_name2", "col_val2"}})
	check(err)
	row, err := family.Get(ctx, "row_key")
	check(err)
	fmt.Println(row, row.Columns[0].Timestamp == timestamp)

	_, err = family.Insert(ctx, "brief", map[string]string{"a": "1"}, widerow.TTL(15*time.Second))
	check(err)
	store.Advance(15 * time.Second)
	fmt.Println(family.Count(ctx, "brief"))
	// Output:
	// {'col_name': 'col_val', 'col_name2': 'col_val2'} true
	// 0 <nil>
}

func ExampleFamily_Insert_map() {
	store, family := example("ColumnFamily1")
	defer store.Close()
	_, err := family.Insert(ctx, "key", map[string]string{"b": "2", "a": "1"})
	check(err)
	fmt.Println(family.Get(ctx, "key"))
	// Output:
	// {'a': '1', 'b': '2'} <nil>
}

func ExampleFamily_BatchInsert() {
	store, family := example("ColumnFamily1")
	defer store.Close()
	_, err := family.BatchInsert(ctx, widerow.Values{
		{"row1", widerow.Values{{"name1", "val1"}, {"name2", "val2"}}},
		{"row2", map[string]string{"foo": "bar"}},
	})
	check(err)
	for row, err := range family.Range(ctx) {
		check(err)
		fmt.Println(row.Key, row)
	}
	// Output:
	// row1 {'name1': 'val1', 'name2': 'val2'}
	// row2 {'foo': 'bar'}
}

func ExampleFamily_Add() {
	store := open()
	defer store.Close()
	def := text("Hits")
	def.DefaultValidator = schema.CounterColumnType
	hits := store.Family(def)

	check(hits.Add(ctx, "2012-12-03", "/index", 1))
	check(hits.Add(ctx, "2012-12-03", "/index", 4))
	check(hits.Add(ctx, "2012-12-03", "/index", -2))
	// Insert increments counters; one call may increment several.
	_, err := hits.Insert(ctx, "2012-12-03", widerow.Values{{"/index", 10}, {"/about", 1}})
	check(err)
	fmt.Println(hits.Get(ctx, "2012-12-03"))
	// Output:
	// {'/about': 1, '/index': 13} <nil>
}

func ExampleFamily_RemoveCounter() {
	store := open()
	defer store.Close()
	def := text("Hits")
	def.DefaultValidator = schema.CounterColumnType
	hits := store.Family(def)
	_, err := hits.Insert(ctx, "2012-12-03", widerow.Values{{"/index", 10}, {"/about", 1}})
	check(err)
	check(hits.RemoveCounter(ctx, "2012-12-03", "/about"))
	fmt.Println(hits.Get(ctx, "2012-12-03"))
	// Output:
	// {'/index': 10} <nil>
}

func ExampleFamily_Remove() {
	store, family := example("ColumnFamily1")
	defer store.Close()
	_, err := family.Insert(ctx, "row_key", widerow.Values{{"a", "1"}, {"b", "2"}, {"c", "3"}})
	check(err)

	_, err = family.Remove(ctx, "row_key", widerow.Names("a", "c"))
	check(err)
	fmt.Println(family.Get(ctx, "row_key"))
	_, err = family.Remove(ctx, "row_key")
	check(err)
	_, err = family.Get(ctx, "row_key")
	fmt.Println(err)
	// Output:
	// {'b': '2'} <nil>
	// widerow: get ColumnFamily1["row_key"]: not found
}

func ExampleFamily_RemoveSlice() {
	store, family := example("Log")
	defer store.Close()
	_, err := family.Insert(ctx, "2012", widerow.Values{{"01-15", "a"}, {"02-20", "b"}, {"02-28", "c"}, {"03-01", "d"}})
	check(err)
	_, err = family.RemoveSlice(ctx, "2012", "02", "03")
	check(err)
	fmt.Println(family.Get(ctx, "2012"))
	// Output:
	// {'01-15': 'a', '03-01': 'd'} <nil>
}

func ExampleFamily_Truncate() {
	store, family := example("ColumnFamily1")
	defer store.Close()
	_, err := family.Insert(ctx, "row_key", widerow.Values{{"a", "1"}})
	check(err)
	check(family.Truncate(ctx))
	fmt.Println(family.Count(ctx, "row_key"))
	// Output:
	// 0 <nil>
}

func ExampleBatch() {
	store, family := example("ColumnFamily1")
	defer store.Close()
	letters := store.Family(superText("Letters"))

	var b widerow.Batch
	b.Insert(family, "key1", widerow.Values{{"col1", "value11"}, {"col2", "value21"}})
	b.Insert(family, "key2", widerow.Values{{"col1", "value12"}}, widerow.TTL(15*time.Second))
	b.Insert(letters, "key1", widerow.Values{{"lower", widerow.Values{{"a", "1"}, {"b", "2"}}}})
	b.Remove(family, "key1", widerow.Names("col2"))
	check(b.Send(ctx, widerow.Atomic()))
	fmt.Println(family.MultiGet(ctx, []any{"key1", "key2"}))
	fmt.Println(letters.Get(ctx, "key1"))

	check(new(widerow.Batch).Remove(family, "key1").Remove(family, "key2").Send(ctx))
	fmt.Println(family.MultiGet(ctx, []any{"key1", "key2"}))
	// Output:
	// [{'col1': 'value11'} {'col1': 'value12'}] <nil>
	// {'lower': {'a': '1', 'b': '2'}} <nil>
	// [] <nil>
}

func ExampleInBatch() {
	store, family := example("ColumnFamily1")
	defer store.Close()
	// The batch makes one call for every 1000 writes, and one for the rest.
	err := widerow.InBatch(ctx, 1000, func(b *widerow.Batch) error {
		for i := range 2500 {
			b.Insert(family, fmt.Sprintf("key%04d", i), widerow.Values{{"n", fmt.Sprint(i)}})
		}
		return nil
	})
	check(err)
	fmt.Println(family.Get(ctx, "key2499"))
	// Output:
	// {'n': '2499'} <nil>
}

func ExampleSystemManager() {
	store := open()
	defer store.Close()
	sys := store.System()
	check(sys.CreateKeyspace(ctx, schema.Keyspace{
		Name: "TestKeyspace", StrategyOptions: map[string]string{"replication_factor": "1"},
	}))
	check(sys.CreateFamily(ctx, schema.Family{Keyspace: "TestKeyspace", Name: "TestCF", Comparator: schema.LongType}))
	check(sys.AlterFamily(ctx, schema.Family{Keyspace: "TestKeyspace", Name: "TestCF", GCGraceSeconds: new(int32(1000))}))
	families, err := sys.Families(ctx, "TestKeyspace")
	check(err)
	fmt.Println(*families["TestCF"].GCGraceSeconds)
	fmt.Println(sys.Keyspaces(ctx))
	check(sys.DropFamily(ctx, "TestKeyspace", "TestCF"))
	check(sys.DropKeyspace(ctx, "TestKeyspace"))
	fmt.Println(sys.Keyspaces(ctx))
	// Output:
	// 1000
	// [TestKeyspace] <nil>
	// [] <nil>
}

func ExampleSystemManager_CreateIndex() {
	store, users := example("Users")
	defer store.Close()
	_, err := users.Insert(ctx, "thobbs", widerow.Values{{"state", "Texas"}})
	check(err)

	sys := store.System()
	check(sys.CreateIndex(ctx, "Keyspace1", "Users", "state", schema.UTF8Type, &widerow.IndexOptions{Name: "state_index"}))
	for user, err := range users.Where(ctx, widerow.Eq("state", "Texas")) {
		fmt.Println(user.Key, err)
	}
	check(sys.DropIndex(ctx, "Keyspace1", "Users", "state"))
	for _, err := range users.Where(ctx, widerow.Eq("state", "Texas")) {
		fmt.Println(err)
	}
	// Output:
	// thobbs <nil>
	// widerow: where Users: invalid request: No indexed columns present in index clause with operator EQ
}

func ExampleSystemManager_Partitioner() {
	store := open()
	defer store.Close()
	fmt.Println(store.System().Partitioner(ctx))
	// Output:
	// org.apache.cassandra.dht.OrderPreservingPartitioner <nil>
}
