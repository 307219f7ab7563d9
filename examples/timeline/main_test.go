package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/widerowtest"
)

// TestCommands uses the program as a person does, on a store that is closed after each command.
func TestCommands(t *testing.T) {
	commands(t, "embedded:"+filepath.Join(t.TempDir(), "data"), time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC))
}

// TestCommandsOnCassandra uses the program on real nodes, by CQL.
func TestCommandsOnCassandra(t *testing.T) {
	for _, version := range realcass.Versions(t, "4.1", "5.0") {
		t.Run(version, func(t *testing.T) {
			cluster := realcass.Start(t, realcass.Config{Version: version})
			// The cluster's own clock gives the timestamp of a compare and set. Later writes must have later timestamps.
			commands(t, "cql://"+strings.Join(cluster.NativeAddrs(), ","), time.Now().UTC().Truncate(time.Second))
		})
	}
}

func commands(t *testing.T, store string, start time.Time) {
	now, day := start, start.Format(time.DateOnly)
	at := func(n int) string { return start.Add(time.Duration(n) * time.Minute).Format(time.RFC3339) }
	do := func(args ...string) string {
		t.Helper()
		now = now.Add(time.Minute)
		var out strings.Builder
		in := strings.NewReader("ann\tfrom a file #old\nbob\thello\n")
		if err := run(t.Context(), append([]string{"--store", store}, args...), in, &out, func() time.Time { return now }); err != nil {
			fmt.Fprintln(&out, err)
		}
		return out.String()
	}
	steps := []struct{ command, want string }{
		{"join ann", ""},
		{"join bob", ""},
		{"join ann", "the name \"ann\" is taken\n"},
		{"bio ann gardener", ""},
		{"post ann one_#tag", ""},
		{"import", "2 posts\n"},
		{"read ann", "ann, since " + day + ", 2 posts: gardener\n- from a file #old\n- one_#tag\n"},
		{"bio ann", ""},
		{"read bob", "bob, since " + day + ", 1 posts\n- hello\n"},
		{"tag #tag ann", at(5) + " one_#tag\n"},
		{"tag tag ann " + at(6), ""},
		{"read nobody", "not found"},
		{"dance", "unknown command \"dance\""},
	}
	for _, step := range steps {
		got := do(strings.Fields(step.command)...)
		if step.want == "" && got != "" || !strings.Contains(got, step.want) {
			t.Errorf("%s: %q, want %q", step.command, got, step.want)
		}
	}
	// The next command continues at the bookmark of this one.
	for i := range 11 {
		do("post", "bob", fmt.Sprint("post ", i))
	}
	page := do("read", "bob")
	var seen []string
	for {
		for line := range strings.Lines(page) {
			if text, ok := strings.CutPrefix(line, "- "); ok {
				seen = append(seen, strings.TrimSpace(text))
			}
		}
		_, rest, ok := strings.Cut(page, "older: ")
		if !ok {
			break
		}
		older, _, _ := strings.Cut(rest, "\n")
		page = do(strings.Fields(older)...)
	}
	if len(seen) != 12 || seen[0] != "post 10" || seen[11] != "hello" || !strings.Contains(page, "newer: ") {
		t.Errorf("pages have %v, and the last one is\n%s", seen, page)
	}
}

// TestExpiry moves the clock of a store in memory.
func TestExpiry(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	app, err := Open(ctx, s.DB, s.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Post(ctx, "ann", "gone soon #x", time.Hour); err != nil {
		t.Fatal(err)
	}
	count := func() (posts, tagged int) {
		page, err := app.Page(ctx, "ann", "")
		if err != nil {
			t.Fatal(err)
		}
		err = app.Tagged(ctx, "x", "ann", s.Now().Add(-2*time.Hour), s.Now(), func(time.Time, string) { tagged++ })
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Columns), tagged
	}
	if posts, tagged := count(); posts != 1 || tagged != 1 {
		t.Errorf("%d posts, %d with the tag, want 1 each", posts, tagged)
	}
	s.Advance(time.Hour)
	if posts, tagged := count(); posts != 0 || tagged != 0 {
		t.Errorf("%d posts, %d with the tag after an hour, want none", posts, tagged)
	}
	if n, err := app.Posts(ctx, "ann"); n != 1 || err != nil {
		t.Errorf("counted %d posts, %v; want 1", n, err)
	}
}

// TestFailure posts while the store fails and checks that no part of the post is stored.
func TestFailure(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	app, err := Open(ctx, s.DB, s.Now)
	if err != nil {
		t.Fatal(err)
	}
	s.FailNext(widerowtest.Mutate, "", widerow.ErrUnavailable)
	err = app.Post(ctx, "ann", "lost #x", 0)
	if !errors.Is(err, widerow.ErrUnavailable) || !widerow.SafeToRetry(err) {
		t.Errorf("Post: %v", err)
	}
	if page, err := app.Page(ctx, "ann", ""); err != nil || len(page.Columns) != 0 {
		t.Errorf("the page has %v, %v", page, err)
	}
}

// TestMove opens the application on another kind of store by its URL.
func TestMove(t *testing.T) {
	db, err := connect.Open(t.Context(), "memory:?partitioner=murmur3")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	app, err := Open(t.Context(), db, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Join(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
}
