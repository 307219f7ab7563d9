package docs_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/thriftserver"
)

func Example_processesLock() {
	dir, err := os.MkdirTemp("", "widerow")
	check(err)
	defer os.RemoveAll(dir)
	url := "embedded:" + filepath.Join(dir, "data")
	db, err := connect.Open(ctx, url) // url is "embedded:" and a directory
	check(err)
	defer db.Close()
	_, err = connect.Open(ctx, url)
	fmt.Println(errors.Is(err, widerow.ErrUnavailable))
	// Output: true
}

func Example_processesServe() {
	db, done := demoDB()
	defer done()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	server, err := thriftserver.New(db.Backend(), nil)
	check(err)
	go server.Serve(listener) // server.ListenAndServe() listens on 127.0.0.1:9160
	defer server.Close()

	other, err := connect.Open(ctx, "thrift://"+listener.Addr().String()) // in another process
	check(err)
	defer other.Close()
	users, err := other.Keyspace("Demo").Family(ctx, "Users")
	check(err)
	fmt.Println(users.Count(ctx, "ann"))
	// Output: 3 <nil>
}
