package thriftclient_test

import (
	"context"
	"fmt"
	"log"
	"net"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftclient"
	"github.com/widerow/widerow/thriftserver"
)

// serveMemory serves an empty store over Thrift, in place of a cluster.
func serveMemory() (address string, stop func()) {
	store, err := embedded.OpenMemory(nil)
	if err != nil {
		log.Fatal(err)
	}
	server, err := thriftserver.New(store, nil)
	if err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	return l.Addr().String(), func() {
		server.Close()
		<-served
		store.Close()
	}
}

// A client is a store for package widerow. The addresses name some of the nodes; the client
// discovers the others.
func ExampleOpen() {
	address, stop := serveMemory()
	defer stop()
	ctx := context.Background()

	client, err := thriftclient.Open(ctx, []string{address}, &thriftclient.Options{
		Timeout:  5 * time.Second,
		Settings: pool.Settings{Size: 2, MaxRetries: 3},
	})
	if err != nil {
		log.Fatal(err)
	}
	db := widerow.New(client, nil)
	defer db.Close() // closes the client
	if err := db.System().EnsureKeyspace(ctx, schema.NewKeyspace("Blog", 1)); err != nil {
		log.Fatal(err)
	}
	keyspaces, err := db.System().Keyspaces(ctx)
	if err != nil {
		log.Fatal(err)
	}
	state := client.State()
	fmt.Println(keyspaces, state.Size, state.Waiting)
	// Output: [Blog] 2 0
}

// Configure changes settings of the pool while calls run.
func ExampleClient_Configure() {
	address, stop := serveMemory()
	defer stop()
	client, err := thriftclient.Open(context.Background(), []string{address}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	err = client.Configure(func(s *pool.Settings) { s.MaxOverflow = 10 })
	fmt.Println(client.Settings().MaxOverflow, err)
	// Output: 10 <nil>
}
