package docs_test

import (
	"fmt"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/rowmap"
)

type User struct {
	Name string `widerow:",key"`
	Full string `widerow:"name"`
	City string `widerow:"city"`
	Born *int64 `widerow:"born"`
	Lang string `widerow:"lang,default=en"`
}

func Example_mapsInsert() {
	ks, done := demo()
	defer done()
	family, err := ks.Family(ctx, "Users")
	check(err)
	users, err := rowmap.New[User](family)
	check(err)

	_, err = users.Insert(ctx, User{Name: "finn", Full: "Finn Berg", City: "Oslo", Lang: "no"})
	check(err)
	ann, err := users.Get(ctx, "ann")
	check(err)
	fmt.Println(ann.Full, ann.City, *ann.Born, ann.Lang)
	for user, err := range users.Where(ctx, widerow.Eq("city", "Oslo")) {
		check(err)
		fmt.Println(user.Full, user.Born != nil, user.Lang)
	}
	// Output:
	// Ann Bell Rome 1975 en
	// Bob Reyes true en
	// Emil Grün true en
	// Finn Berg false no
}

func Example_mapsReplace() {
	ks, done := demo()
	defer done()
	family, err := ks.Family(ctx, "Users")
	check(err)
	users, err := rowmap.New[User](family)
	check(err)

	ann, err := users.Get(ctx, "ann")
	check(err)
	ann.Born = nil
	check(users.Replace(ctx, ann))
	fmt.Println(family.Get(ctx, "ann"))

	_, err = users.Only("city").Insert(ctx, User{Name: "ann", City: "Turin"})
	check(err)
	fmt.Println(family.Get(ctx, "ann"))

	_, err = users.Remove(ctx, ann)
	check(err)
	_, err = users.Get(ctx, "ann")
	fmt.Println(err)
	// Output:
	// {'city': 'Rome', 'lang': 'en', 'name': 'Ann Bell'} <nil>
	// {'city': 'Turin', 'lang': 'en', 'name': 'Ann Bell'} <nil>
	// widerow: get Users["ann"]: not found
}
