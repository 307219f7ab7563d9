package docs_test

import (
	"fmt"
	"strconv"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

func Example_typesValues() {
	ks, done := demo()
	defer done()
	users, err := ks.Family(ctx, "Users")
	check(err)
	_, err = users.Insert(ctx, "finn", widerow.Values{{"born", uint16(1999)}}) // born is a LongType
	check(err)
	row, err := users.Get(ctx, "finn")
	check(err)
	fmt.Printf("%T %v\n", row.Value("born"), row.Value("born"))
	_, err = users.Insert(ctx, "finn", widerow.Values{{"born", "1999"}})
	fmt.Println(err)
	// Output:
	// int64 1999
	// widerow: insert Users["finn"]: invalid request: value of column "born": LongType takes an integer, not string
}

func Example_typesOrder() {
	ks, done := demo()
	defer done()
	sys := ks.DB().System()
	for name, comparator := range map[string]coltype.Type{"Text": coltype.UTF8, "Numbers": coltype.Long, "Latest": coltype.Reversed(coltype.Long)} {
		check(sys.CreateFamily(ctx, schema.Family{Keyspace: "Demo", Name: name, Comparator: comparator.String(), DefaultValidator: schema.UTF8Type}))
	}
	text, err := ks.Family(ctx, "Text")
	check(err)
	_, err = text.Insert(ctx, "k", widerow.Values{{"9", ""}, {"10", ""}})
	check(err)
	fmt.Println(text.Get(ctx, "k"))
	for _, name := range []string{"Numbers", "Latest"} {
		numbers, err := ks.Family(ctx, name)
		check(err)
		_, err = numbers.Insert(ctx, "k", widerow.Values{{9, ""}, {10, ""}})
		check(err)
		fmt.Println(numbers.Get(ctx, "k"))
	}
	// Output:
	// {'10': '', '9': ''} <nil>
	// {9: '', 10: ''} <nil>
	// {10: '', 9: ''} <nil>
}

func Example_typesColumn() {
	ks, done := demo()
	defer done()
	sys := ks.DB().System()
	check(sys.AlterColumn(ctx, "Demo", "Users", "admin", schema.BooleanType))
	users, err := ks.Family(ctx, "Users")
	check(err)
	_, err = users.Insert(ctx, "ann", widerow.Values{{"admin", true}})
	check(err)
	fmt.Println(users.Get(ctx, "ann", widerow.Names("admin", "city")))
	// Output: {'admin': True, 'city': 'Rome'} <nil>
}

type intString struct{}

func (intString) String() string          { return coltype.ASCII.String() }
func (intString) Validate(b []byte) error { return coltype.ASCII.Validate(b) }
func (intString) Compare(a, b []byte) int { return coltype.ASCII.Compare(a, b) }

func (intString) Append(dst []byte, v any) ([]byte, error) {
	n, ok := v.(int)
	if !ok {
		return dst, fmt.Errorf("intString cannot hold a %T", v)
	}
	return strconv.AppendInt(dst, int64(n), 10), nil
}

func (intString) Unpack(b []byte) (any, error) { return strconv.Atoi(string(b)) }

func Example_typesOwn() {
	ks, done := demo()
	defer done()
	users, err := ks.Family(ctx, "Users", widerow.ColumnType("visits", intString{}))
	check(err)
	_, err = users.Insert(ctx, "ann", widerow.Values{{"visits", 42}})
	check(err)
	row, err := users.Get(ctx, "ann", widerow.Names("visits"))
	check(err)
	fmt.Println(row.Value("visits").(int) + 1)
	// Output: 43
}
