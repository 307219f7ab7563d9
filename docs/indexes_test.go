package docs_test

import (
	"fmt"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/schema"
)

func Example_indexesQuery() {
	ks, done := demo()
	defer done()
	users, err := ks.Family(ctx, "Users")
	check(err)
	for user, err := range users.Where(ctx, widerow.Eq("city", "Rome"), widerow.Gt("born", 1980)) {
		check(err)
		fmt.Println(user.Key, user.Value("name"))
	}
	// Output: cleo Cleo Wu
}

func Example_indexesRefused() {
	ks, done := demo()
	defer done()
	users, err := ks.Family(ctx, "Users")
	check(err)
	for _, err := range users.Where(ctx, widerow.Gt("born", 1980)) {
		fmt.Println(err)
	}
	// Output: widerow: where Users: invalid request: No indexed columns present in index clause with operator EQ
}

func Example_indexesCreate() {
	ks, done := demo()
	defer done()
	users, err := ks.Family(ctx, "Users")
	check(err)
	sys := ks.DB().System()
	check(sys.CreateIndex(ctx, "Demo", "Users", "born", schema.LongType, &widerow.IndexOptions{Name: "users_born"}))
	for user, err := range users.Where(ctx, widerow.Eq("born", 1990)) {
		check(err)
		fmt.Println(user.Key)
	}
	check(sys.DropIndex(ctx, "Demo", "Users", "born"))
	// Output: cleo
}
