package docs_test

import (
	"fmt"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
)

func Example_batchesSend() {
	ks, done := demo()
	defer done()
	users, err := ks.Family(ctx, "Users")
	check(err)
	followers, err := ks.Family(ctx, "Followers")
	check(err)

	var b widerow.Batch
	b.Insert(users, "finn", widerow.Values{{"name", "Finn"}, {"city", "Oslo"}})
	b.Insert(followers, "ann", widerow.Values{{"finn", time.Date(2024, 3, 15, 0, 0, 0, 0, time.UTC)}})
	b.Remove(users, "emil", widerow.Names("born"))
	check(b.Send(ctx))

	fmt.Println(users.Get(ctx, "emil"))
	// Output: {'city': 'Oslo', 'name': 'Emil Grün'} <nil>
}

func Example_batchesStream() {
	ks, done := demo()
	defer done()
	weather, err := ks.Family(ctx, "Weather")
	check(err)
	err = widerow.InBatch(ctx, 100, func(b *widerow.Batch) error {
		for day := range 365 {
			b.Insert(weather, "oslo", widerow.Values{{coltype.Tuple{"roof", day}, float64(day%30) - 10}})
		}
		return nil
	})
	check(err)
	fmt.Println(weather.Count(ctx, "oslo"))
	// Output: 365 <nil>
}

func Example_batchesFails() {
	ks, done := demo()
	defer done()
	users, err := ks.Family(ctx, "Users")
	check(err)
	var b widerow.Batch
	b.Insert(users, "finn", widerow.Values{{"born", "last year"}})
	fmt.Println(b.Send(ctx))
	b.Reset()
	fmt.Println(b.Len(), b.Err())
	// Output:
	// widerow: batch insert Users["finn"]: invalid request: value of column "born": LongType takes an integer, not string
	// 0 <nil>
}
