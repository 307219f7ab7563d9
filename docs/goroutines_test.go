package docs_test

import (
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/widerow/widerow"
)

func Example_goroutinesErrgroup() {
	ks, done := demo()
	defer done()
	users, err := ks.Family(ctx, "Users")
	check(err)
	timeline, err := ks.Family(ctx, "Timeline")
	check(err)

	var posts atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for user, err := range users.Range(ctx, widerow.Names("name")) {
		if err != nil {
			g.Go(func() error { return err })
			break
		}
		g.Go(func() error {
			n, err := timeline.Count(ctx, user.Key)
			posts.Add(int64(n))
			return err
		})
	}
	check(g.Wait())
	fmt.Println(posts.Load())
	// Output: 40
}

func Example_goroutinesBatch() {
	ks, done := demo()
	defer done()
	visits, err := ks.Family(ctx, "Visits")
	check(err)
	err = widerow.InBatch(ctx, 100, func(b *widerow.Batch) error {
		var g errgroup.Group
		for hour := range 24 {
			g.Go(func() error {
				for range 60 {
					b.Add(visits, "2024-03-02", fmt.Sprintf("%02d", hour), 1)
				}
				return b.Err()
			})
		}
		return g.Wait()
	})
	check(err)
	fmt.Println(visits.Get(ctx, "2024-03-02", widerow.Limit(2)))
	// Output: {'00': 60, '01': 60} <nil>
}
