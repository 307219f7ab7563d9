package docs_test

import (
	"errors"
	"fmt"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/schema"
)

// blog is the tutorial's family of posts, after its first program and, if more is true, its inserts.
func blog(more bool) (posts *widerow.Family, done func()) {
	db, err := connect.Open(ctx, "memory:")
	check(err)
	check(db.System().EnsureKeyspace(ctx, schema.Keyspace{Name: "Blog", Families: []schema.Family{
		{Name: "Posts", KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type, DefaultValidator: schema.UTF8Type},
	}}))
	posts, err = db.Keyspace("Blog").Family(ctx, "Posts")
	check(err)
	_, err = posts.Insert(ctx, "ann", widerow.Values{{"2024-03-01", "Hello"}, {"2024-03-02", "Rain"}})
	check(err)
	if more {
		insertMore(posts)
	}
	return posts, func() { check(db.Close()) }
}

func insertMore(posts *widerow.Family) {
	_, err := posts.Insert(ctx, "ann", widerow.Values{{"2024-03-03", "Snow"}, {"2024-03-04", "Thaw"}, {"2024-03-05", "Sun"}})
	check(err)
	_, err = posts.Insert(ctx, "bob", widerow.Values{{"2024-03-02", "First!"}})
	check(err)
}

func Example_tutorialInsert() {
	posts, done := blog(false)
	defer done()
	var err error
	_, err = posts.BatchInsert(ctx, widerow.Values{
		{"ann", widerow.Values{{"2024-03-03", "Snow"}, {"2024-03-04", "Thaw"}, {"2024-03-05", "Sun"}}},
		{"bob", widerow.Values{{"2024-03-02", "First!"}}},
	})
	check(err)
	fmt.Println(posts.Get(ctx, "bob"))
	// Output: {'2024-03-02': 'First!'} <nil>
}

func Example_tutorialGet() {
	posts, done := blog(true)
	defer done()
	row, err := posts.Get(ctx, "ann", widerow.Names("2024-03-01", "2024-03-05"))
	check(err)
	fmt.Println(row)
	row, err = posts.Get(ctx, "ann", widerow.Slice("2024-03-02", "2024-03-04"))
	check(err)
	fmt.Println(row)
	row, err = posts.Get(ctx, "ann", widerow.Reversed(), widerow.Limit(2)) // the latest two
	check(err)
	fmt.Println(row)
	// Output:
	// {'2024-03-01': 'Hello', '2024-03-05': 'Sun'}
	// {'2024-03-02': 'Rain', '2024-03-03': 'Snow', '2024-03-04': 'Thaw'}
	// {'2024-03-05': 'Sun', '2024-03-04': 'Thaw'}
}

func Example_tutorialNotFound() {
	posts, done := blog(true)
	defer done()
	var err error
	_, err = posts.Get(ctx, "nobody")
	fmt.Println(errors.Is(err, widerow.ErrNotFound), err)
	// Output:
	// true widerow: get Posts["nobody"]: not found
}

func Example_tutorialRow() {
	posts, done := blog(true)
	defer done()
	ann, err := posts.Get(ctx, "ann")
	check(err)
	fmt.Println(ann.Value("2024-03-01").(string), len(ann.Columns))
	for name, value := range ann.All() {
		fmt.Println(name, value)
	}
	// Output:
	// Hello 5
	// 2024-03-01 Hello
	// 2024-03-02 Rain
	// 2024-03-03 Snow
	// 2024-03-04 Thaw
	// 2024-03-05 Sun
}

func Example_tutorialRows() {
	posts, done := blog(true)
	defer done()
	rows, err := posts.MultiGet(ctx, []any{"ann", "bob", "nobody"}, widerow.Limit(1))
	check(err)
	for _, row := range rows {
		fmt.Println(row.Key, row)
	}
	for row, err := range posts.Range(ctx, widerow.KeyRange("b", "d")) {
		check(err)
		fmt.Println(row.Key, row)
	}
	// Output:
	// ann {'2024-03-01': 'Hello'}
	// bob {'2024-03-02': 'First!'}
	// bob {'2024-03-02': 'First!'}
}

func Example_tutorialCount() {
	posts, done := blog(true)
	defer done()
	n, err := posts.Count(ctx, "ann")
	check(err)
	since, err := posts.Count(ctx, "ann", widerow.From("2024-03-04"))
	check(err)
	fmt.Println(n, since)
	// Output: 5 2
}

func Example_tutorialRemove() {
	posts, done := blog(true)
	defer done()
	var err error
	_, err = posts.Remove(ctx, "ann", widerow.Names("2024-03-02"))
	check(err)
	_, err = posts.Remove(ctx, "bob") // the whole row
	check(err)
	for row, err := range posts.Range(ctx) {
		check(err)
		fmt.Println(row.Key, row)
	}
	// Output:
	// ann {'2024-03-01': 'Hello', '2024-03-03': 'Snow', '2024-03-04': 'Thaw', '2024-03-05': 'Sun'}
}
