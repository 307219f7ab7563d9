// Command tour runs pycassa's tutorial on a store, in Go, and prints each step
// with its result: keyspaces and column families, inserting and getting, counting,
// typed names and values, super columns, composites, time UUIDs, secondary indexes,
// counters, batches, and structs as rows.
//
//	go run ./examples/tour
//	go run ./examples/tour --store embedded:data
//
// Without --store it uses a directory of its own, which it removes at the end. It
// works in the keyspace Keyspace1, which must not exist, and drops it at the end
// unless --keep is given.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/connect"
)

func main() {
	store := flag.String("store", "", "`URL` of the store (default: a new directory, removed at the end)")
	keep := flag.Bool("keep", false, "keep the keyspace Keyspace1 at the end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := open(ctx, *store, *keep, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tour:", err)
		os.Exit(1) //nolint:gocritic // the process ends, so stop need not run
	}
}

// open opens the store of a URL and runs the tour on it.
func open(ctx context.Context, url string, keep bool, out io.Writer) (err error) {
	if url == "" {
		dir, err := os.MkdirTemp("", "widerow-tour-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		url = "embedded:" + dir
		if keep {
			return errors.New("--keep needs a --store to keep")
		}
	}
	db, err := connect.Open(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return tour(ctx, db, keep, out)
}

// tour runs all chapters on a store that has no keyspace Keyspace1.
func tour(ctx context.Context, db *widerow.DB, keep bool, out io.Writer) (err error) {
	_, err = db.System().Keyspace(ctx, "Keyspace1")
	switch {
	case err == nil:
		return errors.New("the store has a keyspace Keyspace1 already: name another store, or drop it")
	case !errors.Is(err, widerow.ErrNotFound):
		return err
	}
	s := &stage{out: out}
	defer func() {
		if !keep {
			// The keyspace is dropped even if a chapter failed or was interrupted.
			err = errors.Join(err, db.System().DropKeyspace(context.WithoutCancel(ctx), "Keyspace1"))
		}
	}()
	for _, chapter := range []func(context.Context, *stage, *widerow.DB){
		keyspaces, inserting, getting, counting, types,
		superColumns, composites, timeUUIDs, indexes, counters, batches, structs,
	} {
		if s.err == nil {
			chapter(ctx, s, db)
		}
	}
	return s.err
}
