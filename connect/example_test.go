package connect_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/schema"
)

// Open a store in a local directory. With another URL, such as "thrift://cass1,cass2", the same
// program works on a cluster.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "widerow")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	db, err := connect.Open(ctx, "embedded:"+filepath.Join(dir, "data"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if err := db.System().EnsureKeyspace(ctx, schema.NewKeyspace("Blog", 1)); err != nil {
		log.Fatal(err)
	}
	if err := db.System().EnsureFamily(ctx, schema.Family{
		Keyspace: "Blog", Name: "Posts",
		KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type, DefaultValidator: schema.UTF8Type,
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
	// Output: {'author': 'ann', 'title': 'Hello'}
}

// Existing turns a wrong path into an error, where the default is to create an empty store.
func ExampleExisting() {
	_, err := connect.Open(context.Background(), "embedded:no/such/directory", connect.Existing())
	fmt.Println(errors.Is(err, widerow.ErrNotFound))
	// Output: true
}

// Redact hides the password of a URL that a program logs.
func ExampleRedact() {
	fmt.Println(connect.Redact("thrift://ann:secret@cass1:9160/Blog"))
	// Output: thrift://ann:xxxxx@cass1:9160/Blog
}
