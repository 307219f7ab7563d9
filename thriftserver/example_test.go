package thriftserver_test

import (
	"context"
	"fmt"
	"log"
	"net"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftserver"
)

// The example serves a store in memory. Its client is package widerow; it could be any client of
// Cassandra.
func Example() {
	ctx := context.Background()
	store, err := embedded.OpenMemory(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	server, err := thriftserver.New(store, &thriftserver.Options{SlowCall: time.Second})
	if err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()

	db, err := connect.Open(ctx, "thrift://"+l.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if err := db.System().CreateKeyspace(ctx, schema.Keyspace{
		Name: "Blog", StrategyOptions: map[string]string{"replication_factor": "1"},
		Families: []schema.Family{{Name: "Posts", KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type, DefaultValidator: schema.UTF8Type}},
	}); err != nil {
		log.Fatal(err)
	}
	posts, err := db.Keyspace("Blog").Family(ctx, "Posts")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := posts.Insert(ctx, "first", widerow.Values{{"title", "Hello"}, {"author", "ann"}}); err != nil {
		log.Fatal(err)
	}
	row, err := posts.Get(ctx, "first")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(row)

	// Running calls have a second to finish.
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(<-ended)
	// Output:
	// {'author': 'ann', 'title': 'Hello'}
	// thriftserver: server closed
}
