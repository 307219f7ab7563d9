package pool_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/widerow/widerow/pool"
)

// echo is a connection that returns the name of its server.
type echo struct{ server string }

func (e *echo) Close() error { return nil }
func (e *echo) Alive() bool  { return true }

func dialEcho(_ context.Context, server string) (*echo, error) { return &echo{server}, nil }

// A pool shares connections of any kind. Do takes a connection, and gives it back when the function returns.
func ExampleNew() {
	ctx := context.Background()
	p, err := pool.New(ctx, pool.Servers("cass1:9160"), dialEcho, &pool.Options{
		Settings: pool.Settings{Name: "main", Size: 2},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Dispose()
	err = p.Do(ctx, pool.Call{}, func(_ context.Context, c *echo) error {
		fmt.Println("called", c.server)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.State().CheckedOut, "in use")
	// Output:
	// called cass1:9160
	// 0 in use
}

// Stats counts the events of a pool.
func ExampleStats() {
	ctx := context.Background()
	var stats pool.Stats
	p, err := pool.New(ctx, pool.Servers("cass1:9160"), dialEcho, &pool.Options{Events: stats.Events()})
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		if err := p.Do(ctx, pool.Call{}, func(context.Context, *echo) error { return nil }); err != nil {
			log.Fatal(err)
		}
	}
	p.Dispose()
	fmt.Println(stats.Counts().CheckedOut, stats.Counts().Opened.Current)
	// Output: 3 0
}

// Errors of a pool match one of its Err values, and their types have the details.
func ExampleAllServersUnavailableError() {
	refuse := func(context.Context, string) (*echo, error) { return nil, errors.New("connection refused") }
	_, err := pool.New(context.Background(), pool.Servers("cass1:9160"), refuse, nil)
	var all *pool.AllServersUnavailableError
	fmt.Println(errors.Is(err, pool.ErrAllServersUnavailable), errors.As(err, &all))
	fmt.Println(all.Server, all.Err)
	// Output:
	// true true
	// cass1:9160 connection refused
}
