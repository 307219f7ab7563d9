package docs_test

import (
	"context"
	"log"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/shell"
)

// ctx is the context of the examples.
var ctx = context.Background()

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// demo opens a store in memory with the keyspace that `widerow shell --demo` fills.
func demo() (ks *widerow.Keyspace, done func()) {
	db, done := demoDB()
	return db.Keyspace(shell.DemoKeyspace), done
}

func demoDB() (db *widerow.DB, done func()) {
	store, err := embedded.OpenMemory(nil)
	check(err)
	s, err := shell.New(ctx, &shell.Options{Store: store})
	check(err)
	check(s.Run(ctx, "demo.py", shell.DemoScript))
	check(s.Close())
	db = widerow.New(store, nil)
	return db, func() { check(db.Close()) }
}
