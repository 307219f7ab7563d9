package docs_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/thriftclient"
	"github.com/widerow/widerow/thriftserver"
)

// cluster serves a store with the keyspace Demo, and returns the server's address.
func cluster() (hosts string, done func()) {
	db, closeStore := demoDB()
	server, err := thriftserver.New(db.Backend(), nil)
	check(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	return listener.Addr().String(), func() {
		check(server.Close())
		if err := <-ended; !errors.Is(err, thriftserver.ErrServerClosed) {
			check(err)
		}
		closeStore()
	}
}

func Example_poolConnect() {
	hosts, done := cluster()
	defer done()
	db, err := connect.Open(ctx, "thrift://"+hosts+"?pool_size=10&max_retries=3")
	check(err)
	defer db.Close()
	users, err := db.Keyspace("Demo").Family(ctx, "Users")
	check(err)
	fmt.Println(users.Get(ctx, "bob"))
	// Output: {'born': 1982, 'city': 'Oslo', 'name': 'Bob Reyes'} <nil>
}

func Example_poolOptions() {
	hosts, done := cluster()
	defer done()
	client, err := thriftclient.Open(ctx, strings.Split(hosts, ","), &thriftclient.Options{
		Settings:   pool.Settings{Size: 10, MaxAside: 5 * time.Second},
		FrameLimit: 64 << 20,
	})
	check(err)
	db := widerow.New(client, &widerow.Options{Read: widerow.LocalQuorum, Write: widerow.LocalQuorum})
	defer db.Close()

	check(client.Configure(func(s *pool.Settings) { s.MaxOverflow = 10 })) // while calls run
	fmt.Println(client.Settings().Size, client.Settings().MaxOverflow)
	// Output: 10 10
}
