package widerow_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

var (
	coltypeLong   = coltype.Long
	coltypeDouble = coltype.Double
)

func ExampleFamily_Get() {
	store, family := example("ColumnFamily1")
	defer store.Close()
	for i := 1; i < 10; i++ {
		_, err := family.Insert(ctx, "row_key", widerow.Values{{fmt.Sprint(i), "val"}})
		check(err)
	}

	row, err := family.Get(ctx, "row_key", widerow.Names("1", "9"))
	fmt.Println(row, err)
	row, err = family.Get(ctx, "row_key", widerow.Slice("5", "7"))
	fmt.Println(row, err)
	row, err = family.Get(ctx, "row_key", widerow.Reversed(), widerow.Limit(3))
	fmt.Println(row, err)

	_, err = family.Get(ctx, "no such row")
	fmt.Println(errors.Is(err, widerow.ErrNotFound), err)
	// Output:
	// {'1': 'val', '9': 'val'} <nil>
	// {'5': 'val', '6': 'val', '7': 'val'} <nil>
	// {'9': 'val', '8': 'val', '7': 'val'} <nil>
	// true widerow: get ColumnFamily1["no such row"]: not found
}

func ExampleFamily_Get_super() {
	store := open()
	defer store.Close()
	letters := store.Family(superText("Letters"))
	_, err := letters.Insert(ctx, "row_key", widerow.Values{
		{"lowercase", widerow.Values{{"a", "1"}, {"b", "2"}, {"c", "3"}}},
	})
	check(err)

	fmt.Println(letters.Get(ctx, "row_key"))
	fmt.Println(letters.Get(ctx, "row_key", widerow.Super("lowercase")))
	fmt.Println(letters.Get(ctx, "row_key", widerow.Super("lowercase"), widerow.To("b"), widerow.Reversed()))
	// Output:
	// {'lowercase': {'a': '1', 'b': '2', 'c': '3'}} <nil>
	// {'a': '1', 'b': '2', 'c': '3'} <nil>
	// {'c': '3', 'b': '2'} <nil>
}

func ExampleFamily_Get_composite() {
	store := open()
	defer store.Close()
	def := text("CF1")
	def.Comparator = coltype.Composite(coltype.Reversed(coltype.Long), coltype.ASCII).String()
	family := store.Family(def)
	_, err := family.Insert(ctx, "key", widerow.Values{
		{coltype.Tuple{1234, "abc"}, "colval"}, {coltype.Tuple{1234, "abd"}, "other"}, {coltype.Tuple{1235, "a"}, "first"},
	})
	check(err)
	fmt.Println(family.Get(ctx, "key"))
	only := coltype.Tuple{1234}
	fmt.Println(family.Get(ctx, "key", widerow.Slice(only, only)))
	fmt.Println(family.Get(ctx, "key", widerow.Slice(only, coltype.Tuple{1234, coltype.Exclusive("abd")})))
	// Output:
	// {(1235, 'a'): 'first', (1234, 'abc'): 'colval', (1234, 'abd'): 'other'} <nil>
	// {(1234, 'abc'): 'colval', (1234, 'abd'): 'other'} <nil>
	// {(1234, 'abc'): 'colval'} <nil>
}

func ExampleFamily_Get_timeline() {
	store := open()
	defer store.Close()
	def := text("Userline")
	def.Comparator = schema.TimeUUIDType
	line := store.Family(def)
	today := time.Date(2010, 12, 11, 8, 2, 15, 0, time.UTC)
	yesterday := today.AddDate(0, 0, -1)
	_, err := line.Insert(ctx, "__PUBLIC__", widerow.Values{
		{yesterday.Add(time.Hour), "some tweet stuff here"}, {today.Add(time.Hour), "too late"},
	})
	check(err)
	// A time stands for all time UUIDs of its instant.
	row, err := line.Get(ctx, "__PUBLIC__", widerow.Slice(yesterday, today))
	check(err)
	for _, tweet := range row.All() {
		fmt.Println(tweet)
	}
	// Output:
	// some tweet stuff here
}

func ExampleFamily_MultiGet() {
	store, family := example("ColumnFamily1")
	defer store.Close()
	_, err := family.BatchInsert(ctx, widerow.Values{
		{"row1", widerow.Values{{"name1", "val1"}, {"name2", "val2"}}},
		{"row2", widerow.Values{{"foo", "bar"}}},
	})
	check(err)

	rows, err := family.MultiGet(ctx, []any{"row2", "no such row", "row1"})
	check(err)
	for _, row := range rows {
		fmt.Println(row.Key, row)
	}
	// Output:
	// row2 {'foo': 'bar'}
	// row1 {'name1': 'val1', 'name2': 'val2'}
}

func ExampleAnys() {
	store, family := example("ColumnFamily1")
	defer store.Close()
	_, err := family.Insert(ctx, "row1", widerow.Values{{"foo", "bar"}})
	check(err)
	keys := []string{"row1", "row2"}
	fmt.Println(family.MultiGet(ctx, widerow.Anys(keys)))
	// Output:
	// [{'foo': 'bar'}] <nil>
}

func ExampleFamily_Columns() {
	store, family := example("Wide")
	defer store.Close()
	var batch widerow.Batch
	for i := range 5000 {
		batch.Insert(family, "row_key", widerow.Values{{fmt.Sprintf("%04d", i), "val"}})
	}
	check(batch.Send(ctx))

	n, last := 0, ""
	for col, err := range family.Columns(ctx, "row_key", widerow.From("1000"), widerow.Buffer(500)) {
		check(err)
		n, last = n+1, col.Name.(string)
	}
	fmt.Println(n, last)
	// Output:
	// 4000 4999
}

func ExampleFamily_Count() {
	store, family := example("ColumnFamily1")
	defer store.Close()
	_, err := family.Insert(ctx, "row_key", widerow.Values{{"bar", "1"}, {"foo", "2"}, {"zip", "3"}})
	check(err)
	fmt.Println(family.Count(ctx, "row_key"))
	fmt.Println(family.Count(ctx, "row_key", widerow.Names("foo", "bar")))
	fmt.Println(family.Count(ctx, "row_key", widerow.From("foo")))
	fmt.Println(family.Count(ctx, "row_key", widerow.Limit(1)))
	fmt.Println(family.Count(ctx, "no such row"))
	// Output:
	// 3 <nil>
	// 2 <nil>
	// 2 <nil>
	// 1 <nil>
	// 0 <nil>
}

func ExampleFamily_MultiCount() {
	store, family := example("ColumnFamily1")
	defer store.Close()
	for i, n := range []int{1, 1, 2, 3, 5} {
		for c := range n {
			_, err := family.Insert(ctx, fmt.Sprint("fib", i), widerow.Values{{fmt.Sprint("col", c+1), "val"}})
			check(err)
		}
	}
	keys := []any{"fib0", "fib1", "fib2", "fib3", "fib4"}
	fmt.Println(family.MultiCount(ctx, keys))
	fmt.Println(family.MultiCount(ctx, keys, widerow.Slice("col1", "col3")))
	// Output:
	// [1 1 2 3 5] <nil>
	// [1 1 2 3 3] <nil>
}

func ExampleFamily_Range() {
	store, family := example("ColumnFamily1")
	defer store.Close()
	for i := 1; i < 10; i++ {
		_, err := family.Insert(ctx, fmt.Sprint("row_key", i), widerow.Values{{"name", "val"}})
		check(err)
	}
	for row, err := range family.Range(ctx, widerow.KeyRange("row_key5", "row_key7")) {
		check(err)
		fmt.Println(widerow.Repr(row.Key), "=>", row)
	}
	// Output:
	// 'row_key5' => {'name': 'val'}
	// 'row_key6' => {'name': 'val'}
	// 'row_key7' => {'name': 'val'}
}

func ExampleFamily_Where() {
	store := open()
	defer store.Close()
	users := store.Family(
		text("Users"),
		widerow.ColumnDef{Name: "state", Validator: schema.UTF8Type, Index: schema.KeysIndex},
		widerow.ColumnDef{Name: "birthdate", Validator: schema.LongType},
	)
	_, err := users.BatchInsert(ctx, widerow.Values{
		{"jsmith", widerow.Values{{"name", "John Smith"}, {"state", "Utah"}, {"birthdate", 1971}}},
		{"mscott", widerow.Values{{"name", "Mike Scott"}, {"state", "Utah"}, {"birthdate", 1980}}},
		{"jbird", widerow.Values{{"name", "Jeff Bird"}, {"state", "Utah"}, {"birthdate", 1969}}},
		{"tex", widerow.Values{{"name", "Tex"}, {"state", "Texas"}, {"birthdate", 1980}}},
	})
	check(err)

	for user, err := range users.Where(ctx, widerow.Eq("state", "Utah"), widerow.Gt("birthdate", 1970), widerow.RowLimit(20)) {
		check(err)
		fmt.Printf("%v, %v %v\n", user.Value("name"), user.Value("state"), user.Value("birthdate"))
	}
	// Output:
	// John Smith, Utah 1971
	// Mike Scott, Utah 1980
}

func ExampleRow() {
	store, family := example("ColumnFamily1")
	defer store.Close()
	_, err := family.Insert(ctx, "row_key", widerow.Values{{"b", "2"}, {"a", "1"}}, widerow.At(1354459123410932), widerow.TTL(time.Hour))
	check(err)
	row, err := family.Get(ctx, "row_key")
	check(err)
	fmt.Println(row.Key, row)
	for name, value := range row.All() {
		fmt.Println(name, value)
	}
	col, ok := row.Get("a")
	fmt.Println(col.Value, col.Timestamp, col.Time().Year(), col.TTL, ok)
	fmt.Println(row.Value("nope"))
	// Output:
	// row_key {'a': '1', 'b': '2'}
	// a 1
	// b 2
	// 1 1354459123410932 2012 3600 true
	// <nil>
}

func ExampleRepr() {
	fmt.Println(widerow.Repr("text"), widerow.Repr(42), widerow.Repr(24.0), widerow.Repr(coltype.Tuple{1234, "abc"}))
	fmt.Println(widerow.Repr(time.Date(2010, 12, 11, 8, 2, 15, 0, time.UTC)))
	// Output:
	// 'text' 42 24.0 (1234, 'abc')
	// datetime.datetime(2010, 12, 11, 8, 2, 15)
}

func ExampleFamily_Page() {
	store, family := example("Timeline")
	defer store.Close()
	for i := range 5 {
		_, err := family.Insert(ctx, "ann", widerow.Values{{fmt.Sprint("post", i), "…"}})
		check(err)
	}
	// A web page shows the newest two posts, with links to page.Next and page.Prev.
	page, err := family.Page(ctx, "ann", "", widerow.Reversed(), widerow.Limit(2))
	fmt.Println(page, err)
	page, err = family.Page(ctx, "ann", page.Next, widerow.Reversed(), widerow.Limit(2))
	fmt.Println(page, err)
	page, err = family.Page(ctx, "ann", page.Prev, widerow.Reversed(), widerow.Limit(2))
	fmt.Println(page, err)
	// Output:
	// {'post4': '…', 'post3': '…'} <nil>
	// {'post2': '…', 'post1': '…'} <nil>
	// {'post4': '…', 'post3': '…'} <nil>
}

func ExampleFamily_RangePage() {
	store, family := example("Users")
	defer store.Close()
	for _, name := range []string{"ann", "bob", "cid"} {
		_, err := family.Insert(ctx, name, widerow.Values{{"x", "1"}})
		check(err)
	}
	page, err := family.RangePage(ctx, "", widerow.RowLimit(2))
	check(err)
	fmt.Println(page.Rows[0].Key, page.Rows[1].Key)
	page, err = family.RangePage(ctx, page.Next, widerow.RowLimit(2))
	check(err)
	fmt.Println(page.Rows[0].Key)
	// Output:
	// ann bob
	// cid
}
