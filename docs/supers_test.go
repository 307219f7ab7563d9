package docs_test

import (
	"fmt"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/rowmap"
	"github.com/widerow/widerow/schema"
)

func Example_supersLetters() {
	ks, done := demo()
	defer done()
	check(ks.DB().System().CreateFamily(ctx, schema.Family{
		Keyspace: "Demo", Name: "Letters", Type: schema.Super,
		KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type, Subcomparator: schema.UTF8Type, DefaultValidator: schema.UTF8Type,
	}))
	letters, err := ks.Family(ctx, "Letters")
	check(err)
	_, err = letters.Insert(ctx, "latin", widerow.Values{
		{"lower", widerow.Values{{"a", "1"}, {"b", "2"}, {"c", "3"}}},
		{"upper", widerow.Values{{"A", "1"}}},
	})
	check(err)
	fmt.Println(letters.Get(ctx, "latin"))
	fmt.Println(letters.Get(ctx, "latin", widerow.Names("upper")))
	fmt.Println(letters.Get(ctx, "latin", widerow.Super("lower"), widerow.From("b")))
	// Output:
	// {'lower': {'a': '1', 'b': '2', 'c': '3'}, 'upper': {'A': '1'}} <nil>
	// {'upper': {'A': '1'}} <nil>
	// {'b': '2', 'c': '3'} <nil>
}

func Example_supersRemove() {
	letters, done := letters()
	defer done()
	var err error
	_, err = letters.Remove(ctx, "latin", widerow.Super("lower"), widerow.Names("a")) // a column
	check(err)
	_, err = letters.Remove(ctx, "latin", widerow.Super("upper")) // a super column
	check(err)
	fmt.Println(letters.Get(ctx, "latin"))
	fmt.Println(letters.Count(ctx, "latin", widerow.Super("lower")))
	// Output:
	// {'lower': {'b': '2', 'c': '3'}} <nil>
	// 2 <nil>
}

// letters returns the family that the first example of the page fills.
func letters() (family *widerow.Family, done func()) {
	ks, done := demo()
	check(ks.DB().System().CreateFamily(ctx, schema.Family{
		Keyspace: "Demo", Name: "Letters", Type: schema.Super,
		KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type, Subcomparator: schema.UTF8Type, DefaultValidator: schema.UTF8Type,
	}))
	letters, err := ks.Family(ctx, "Letters")
	check(err)
	_, err = letters.Insert(ctx, "latin", widerow.Values{
		{"lower", widerow.Values{{"a", "1"}, {"b", "2"}, {"c", "3"}}},
		{"upper", widerow.Values{{"A", "1"}}},
	})
	check(err)
	return letters, done
}

type Alphabet struct {
	Script string `widerow:",key"`
	Name   string `widerow:",super"`
	First  string `widerow:"first"`
}

func Example_supersStructs() {
	letters, done := letters()
	defer done()
	_, err := letters.Remove(ctx, "latin")
	check(err)
	alphabets, err := rowmap.New[Alphabet](letters)
	check(err)
	_, err = alphabets.BatchInsert(ctx, []Alphabet{{"latin", "lower", "a"}, {"latin", "upper", "A"}})
	check(err)
	fmt.Println(alphabets.GetAll(ctx, "latin"))
	// Output: [{latin lower a} {latin upper A}] <nil>
}
