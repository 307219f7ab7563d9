package docs_test

import (
	"fmt"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

func Example_compositesDefine() {
	ks, done := demo()
	defer done()
	comparator := coltype.Composite(coltype.UTF8, coltype.Integer)
	check(ks.DB().System().CreateFamily(ctx, schema.Family{
		Keyspace: "Demo", Name: "Climate",
		KeyValidator: schema.UTF8Type, Comparator: comparator.String(), DefaultValidator: schema.DoubleType,
	}))
	climate, err := ks.Family(ctx, "Climate")
	check(err)
	_, err = climate.Insert(ctx, "rome", widerow.Values{{coltype.Tuple{"attic", 1}, 22.5}, {coltype.Tuple{"cellar", 1}, 13}})
	check(err)
	row, err := climate.Get(ctx, "rome")
	check(err)
	fmt.Println(row)
	fmt.Println(row.Columns[0].Name.(coltype.Tuple)[0])
	// Output:
	// {('attic', 1): 22.5, ('cellar', 1): 13.0}
	// attic
}

func Example_compositesSlices() {
	ks, done := demo()
	defer done()
	weather, err := ks.Family(ctx, "Weather")
	check(err)
	attic := coltype.Tuple{"attic"}
	n, err := weather.Count(ctx, "rome", widerow.Slice(attic, attic)) // all of one sensor
	check(err)
	fmt.Println(n)
	row, err := weather.Get(ctx, "rome", widerow.Slice(coltype.Tuple{"attic", 9}, coltype.Tuple{"cellar", 2})) // across two
	check(err)
	fmt.Println(row)
	row, err = weather.Get(ctx, "rome", widerow.Slice(coltype.Tuple{"attic", 8}, coltype.Tuple{"attic", coltype.Exclusive(10)}))
	check(err)
	fmt.Println(row)
	// Output:
	// 10
	// {('attic', 9): 22.5, ('attic', 10): 21.0, ('cellar', 1): 13.5, ('cellar', 2): 14.5}
	// {('attic', 8): 21.5, ('attic', 9): 22.5}
}

func Example_compositesDynamic() {
	ks, done := demo()
	defer done()
	comparator := coltype.DynamicComposite(map[byte]coltype.Type{'t': coltype.UTF8, 'l': coltype.Long})
	check(ks.DB().System().CreateFamily(ctx, schema.Family{Keyspace: "Demo", Name: "Mixed", Comparator: comparator.String(), DefaultValidator: schema.UTF8Type}))
	mixed, err := ks.Family(ctx, "Mixed")
	check(err)
	_, err = mixed.Insert(ctx, "k", widerow.Values{
		{coltype.Tuple{coltype.Alias('t', "by name")}, "x"},
		{coltype.Tuple{coltype.Alias('l', 2024), coltype.Alias('t', "march")}, "y"},
	})
	check(err)
	for col, err := range mixed.Columns(ctx, "k") {
		check(err)
		for _, part := range col.Name.(coltype.Tuple) {
			fmt.Print(part.(coltype.Part).Value, " ")
		}
		fmt.Println(col.Value)
	}
	// Output:
	// 2024 march y
	// by name x
}
