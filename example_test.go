package widerow_test

import (
	"context"
	"fmt"
	"log"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/widerowtest"
)

var ctx = context.Background()

// open opens the store of an example, in memory.
func open() *widerowtest.Store {
	store, err := widerowtest.Open(widerowtest.Partitioner("orderpreserving"))
	check(err)
	return store
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// example opens a store with one family of text.
func example(name string) (*widerowtest.Store, *widerow.Family) {
	store := open()
	return store, store.Family(text(name))
}

func Example() {
	store := open() // connect.Open(ctx, "embedded:data") in a program
	defer store.Close()

	sys := store.System()
	check(sys.CreateKeyspace(ctx, schema.Keyspace{
		Name: "Keyspace1", StrategyOptions: map[string]string{"replication_factor": "1"},
	}))
	check(sys.CreateFamily(ctx, schema.Family{
		Keyspace: "Keyspace1", Name: "Users",
		Comparator: schema.UTF8Type, KeyValidator: schema.UTF8Type, DefaultValidator: schema.UTF8Type,
	}, widerow.ColumnDef{Name: "age", Validator: schema.LongType}))

	users, err := store.Keyspace("Keyspace1").Family(ctx, "Users")
	check(err)
	_, err = users.Insert(ctx, "thobbs", widerow.Values{{"name", "Tyler"}, {"age", 24}})
	check(err)
	row, err := users.Get(ctx, "thobbs")
	check(err)
	fmt.Println(row)
	fmt.Println(row.Value("age").(int64) + 1)
	// Output:
	// {'age': 24, 'name': 'Tyler'}
	// 25
}

func ExampleKeyspace_Family() {
	store := open()
	defer store.Close()
	store.Family(schema.Family{Name: "StandardInt", Comparator: schema.IntegerType})

	ints, err := store.Keyspace("Keyspace1").Family(ctx, "StandardInt", widerow.ReadLevel(widerow.Quorum))
	check(err)
	_, err = ints.Insert(ctx, "row_key", widerow.Values{{42, "some_val"}})
	check(err)
	fmt.Println(ints.Get(ctx, "row_key"))

	_, err = store.Keyspace("Keyspace1").Family(ctx, "Nope")
	fmt.Println(err)
	// Output:
	// {42: 'some_val'} <nil>
	// widerow: read schema of Keyspace1.Nope: not found: column family Nope
}

func ExampleKeyspace_Families() {
	store := open()
	defer store.Close()
	store.Family(schema.Family{Name: "Users"})
	store.Family(schema.Family{Name: "Letters", Type: schema.Super})

	families, err := store.Keyspace("Keyspace1").Families(ctx)
	check(err)
	for _, f := range families {
		fmt.Println(f.Name(), f.IsSuper())
	}
	// Output:
	// Letters true
	// Users false
}

func ExampleFamily_Using() {
	store := open()
	defer store.Close()
	// The definition names no types, so keys, names and values are bytes.
	untyped := store.Family(schema.Family{Name: "Untyped"})

	typed, err := untyped.Using(
		widerow.NameType(coltypeLong), widerow.ValueType(coltypeDouble), widerow.WriteLevel(widerow.Quorum),
	)
	check(err)
	_, err = typed.Insert(ctx, "k", widerow.Values{{7, 2.5}})
	check(err)
	fmt.Println(typed.Get(ctx, "k"))
	fmt.Println(untyped.Get(ctx, "k"))
	// Output:
	// {7: 2.5} <nil>
	// {'\x00\x00\x00\x00\x00\x00\x00\x07': '@\x04\x00\x00\x00\x00\x00\x00'} <nil>
}

func ExampleFamily_Reload() {
	store := open()
	defer store.Close()
	users := store.Family(schema.Family{Name: "Users", Comparator: schema.UTF8Type})
	check(store.System().AlterColumn(ctx, "Keyspace1", "Users", "age", schema.LongType))

	check(users.Reload(ctx))
	_, err := users.Insert(ctx, "thobbs", widerow.Values{{"age", 24}})
	check(err)
	fmt.Println(users.Get(ctx, "thobbs"))
	// Output:
	// {'age': 24} <nil>
}

func ExampleTyped() {
	store := open()
	defer store.Close()
	def := text("Temperatures")
	def.Comparator, def.DefaultValidator = schema.LongType, schema.DoubleType
	family := store.Family(def)

	temperatures, err := widerow.Typed[string, int64, float64](family)
	check(err)
	_, err = temperatures.Insert(ctx, "cellar", []widerow.Cell[int64, float64]{{Name: 1, Value: 11.5}, {Name: 2, Value: 11.75}, {Name: 3, Value: 12}})
	check(err)

	sum := 0.0
	cells, err := temperatures.Slice(ctx, "cellar", widerow.From(2))
	check(err)
	for _, cell := range cells {
		sum += cell.Value
	}
	fmt.Println(sum)
	last, err := temperatures.Get(ctx, "cellar", 3)
	check(err)
	fmt.Println(last.Name, last.Value)
	// Output:
	// 23.75
	// 3 12
}

func ExampleView_Columns() {
	store := open()
	defer store.Close()
	def := text("Temperatures")
	def.Comparator, def.DefaultValidator = schema.LongType, schema.DoubleType
	temperatures, err := widerow.Typed[string, int64, float64](store.Family(def))
	check(err)
	for i := range int64(5000) {
		_, err := temperatures.Insert(ctx, "cellar", []widerow.Cell[int64, float64]{{Name: i, Value: float64(i) / 2}})
		check(err)
	}
	highest := 0.0
	for cell, err := range temperatures.Columns(ctx, "cellar") {
		check(err)
		highest = max(highest, cell.Value)
	}
	fmt.Println(highest)
	// Output:
	// 2499.5
}

func ExampleView_Range() {
	store, family := example("Names")
	defer store.Close()
	names, err := widerow.Typed[string, string, string](family)
	check(err)
	for _, key := range []string{"b", "a"} {
		_, err := names.Insert(ctx, key, []widerow.Cell[string, string]{{Name: "name", Value: key + key}})
		check(err)
	}
	for row, err := range names.Range(ctx) {
		check(err)
		fmt.Println(row.Key, row.Cells[0].Value)
	}
	// Output:
	// a aa
	// b bb
}

func ExampleSafeToRetry() {
	store, users := example("Users")
	defer store.Close()
	store.FailNext(widerowtest.Mutate, "Users", widerow.ErrTimedOut)

	insert := func() error {
		_, err := users.Insert(ctx, "thobbs", widerow.Values{{"name", "Tyler"}})
		return err
	}
	err := insert()
	fmt.Println(err)
	if widerow.SafeToRetry(err) {
		fmt.Println(insert())
	}
	_, err = users.Get(ctx, "thobbs", widerow.Limit(1), widerow.Names("name"))
	fmt.Println(widerow.SafeToRetry(err), err)
	// Output:
	// widerow: insert Users["thobbs"]: timed out waiting for replicas
	// <nil>
	// false widerow: get Users["thobbs"]: invalid request: Names and Limit contradict each other
}
