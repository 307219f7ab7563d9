// Command timeline keeps short posts of users: newest first, page by page, and by tag.
// It is a small program to copy from. It shows one family for each question, structs, typed
// columns, counters, columns that expire, and an import.
//
//	go run ./examples/timeline join ann
//	go run ./examples/timeline post ann "my first #post"
//	go run ./examples/timeline read ann
//	go run ./examples/timeline --store thrift://127.0.0.1:9160 read ann
//
// Without --store it keeps its data in the directory timeline-data.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/pool"
)

const usage = `usage: timeline [--store URL] [--for DURATION] [--stats] COMMAND
  join USER             add a user
  bio USER [TEXT]       set what a user says of itself; without TEXT remove it
  post USER TEXT        add a post, with --for one that disappears
  read USER [BOOKMARK]  print a page of posts, newest first
  tag TAG USER [SINCE]  print posts of a user with a tag, from a time such as 2026-01-31T00:00:00Z on
  import                add posts from lines "USER<tab>TEXT" of standard input
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, time.Now)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "timeline:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer, now func() time.Time) (err error) {
	flags := flag.NewFlagSet("timeline", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() { fmt.Fprint(out, usage) }
	store := flags.String("store", "embedded:timeline-data", "")
	live := flags.Duration("for", 0, "")
	showStats := flags.Bool("stats", false, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var stats pool.Stats
	db, err := connect.Open(ctx, *store, connect.Events(stats.Events()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	t, err := Open(ctx, db, now)
	if err != nil {
		return err
	}
	if err := t.command(ctx, flags.Args(), in, out, *live); err != nil {
		return err
	}
	if *showStats {
		c := stats.Counts()
		fmt.Fprintf(out, "%d connections opened, %d calls, %d failures\n", c.Created.Success, c.CheckedOut, c.Failed)
	}
	return nil
}

// command runs one command.
func (t *Timeline) command(ctx context.Context, args []string, in io.Reader, out io.Writer, live time.Duration) error {
	args = append(args, "", "", "", "")
	switch user, rest := args[1], args[2]; args[0] {
	case "join":
		return t.Join(ctx, user)
	case "bio":
		if rest == "" {
			return t.SetBio(ctx, user, nil)
		}
		return t.SetBio(ctx, user, &rest)
	case "post":
		return t.Post(ctx, user, rest, live)
	case "read":
		return t.print(ctx, out, user, rest)
	case "tag":
		return t.printTag(ctx, out, args[1], args[2], args[3])
	case "import":
		n, err := t.Import(ctx, in)
		fmt.Fprintln(out, n, "posts")
		return err
	}
	fmt.Fprint(out, usage)
	return fmt.Errorf("unknown command %q", args[0])
}

// print prints a user and a page of posts.
func (t *Timeline) print(ctx context.Context, out io.Writer, name, bookmark string) error {
	user, err := t.users.Get(ctx, name)
	if err != nil {
		return err
	}
	n, err := t.Posts(ctx, name)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s, since %s, %d posts", user.Name, user.Joined.Format(time.DateOnly), n)
	if user.Bio != nil {
		fmt.Fprint(out, ": ", *user.Bio)
	}
	fmt.Fprintln(out)
	page, err := t.Page(ctx, name, bookmark)
	if err != nil {
		return err
	}
	for _, text := range page.All() {
		fmt.Fprintln(out, "-", text)
	}
	for what, bookmark := range map[string]string{"older": page.Next, "newer": page.Prev} {
		if bookmark != "" {
			fmt.Fprintln(out, what+": read", name, bookmark)
		}
	}
	return nil
}

func (t *Timeline) printTag(ctx context.Context, out io.Writer, tag, user, since string) error {
	from := time.Unix(0, 0)
	if since != "" {
		var err error
		if from, err = time.Parse(time.RFC3339, since); err != nil {
			return err
		}
	}
	return t.Tagged(ctx, strings.TrimPrefix(tag, "#"), user, from, t.now(), func(at time.Time, text string) {
		fmt.Fprintln(out, at.Format(time.RFC3339), text)
	})
}
