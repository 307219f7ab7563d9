package docs_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/shell"
)

var rewrite = flag.Bool("rewrite", false, "write what the shell prints into the pages")

// clock is the time of a page: the shell's sleep moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns another microsecond each time, so that no two writes have one timestamp.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Microsecond)
	return c.now
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}

// statement is what is typed at a prompt, and what it prints.
type statement struct{ typed, printed string }

// statements divides what stands on a screen.
func statements(text string) []statement {
	var list []statement
	for line := range strings.Lines(text) {
		last := len(list) - 1
		switch {
		case strings.HasPrefix(line, ">>>"):
			list = append(list, statement{typed: line})
		case last >= 0 && list[last].printed == "" && strings.HasPrefix(line, "..."):
			list[last].typed += line
		case last >= 0:
			list[last].printed += line
		}
	}
	return list
}

var timestamp = regexp.MustCompile(`\b1[0-9]{15}\b`)

// same reports whether two statements are equal, whatever timestamps they print.
func same(a, b statement) bool {
	return a.typed == b.typed && timestamp.ReplaceAllString(a.printed, "T") == timestamp.ReplaceAllString(b.printed, "T")
}

// openStore opens a store in memory, or in a directory, with a clock that the shell's sleep moves.
func openStore(t *testing.T, dir string) *shell.Options {
	t.Helper()
	clock := &clock{now: time.Date(2024, 3, 15, 12, 0, 0, 0, time.UTC)}
	opts := &embedded.Options{Now: clock.Now}
	open := func() (*embedded.Store, error) { return embedded.OpenMemory(opts) }
	if dir != "" {
		open = func() (*embedded.Store, error) { return embedded.Open(dir, opts) }
	}
	store, err := open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &shell.Options{Store: store, Now: clock.Now, Sleep: clock.sleep}
}

// runShell types what the blocks of a page have behind prompts, and returns the statements with what they print.
func runShell(t *testing.T, opts shell.Options, sessions []block) []statement {
	t.Helper()
	demo, err := shell.New(t.Context(), &opts)
	if err != nil {
		t.Fatal(err)
	}
	defer demo.Close()
	if err := demo.Run(t.Context(), "demo.py", shell.DemoScript); err != nil {
		t.Fatal(err)
	}
	var typed strings.Builder
	for _, b := range sessions {
		typed.WriteString(shell.Pasted(b.text) + "\n")
	}
	opts.Keyspace = shell.DemoKeyspace
	var screen bytes.Buffer
	if err := shell.Transcript(t.Context(), &opts, strings.NewReader(typed.String()), &screen); err != nil {
		t.Fatal(err)
	}
	return statements(screen.String())
}

// shellPages returns the pages that have blocks of the shell, with these.
func shellPages(t *testing.T) map[string][]block {
	t.Helper()
	found := map[string][]block{}
	for _, page := range pages(t) {
		for _, b := range blocks(t, page) {
			if strings.Contains("\n"+b.text, "\n>>> ") {
				found[page] = append(found[page], b)
			}
		}
	}
	if len(found) == 0 {
		t.Error("no page has examples of the shell")
	}
	return found
}

// TestShellBlocks runs the shell's examples of each page, on a store in memory and on one in a directory.
func TestShellBlocks(t *testing.T) {
	for page, sessions := range shellPages(t) {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			for _, dir := range []string{"", filepath.Join(t.TempDir(), "store")} {
				got := runShell(t, *openStore(t, dir), sessions)
				if *rewrite {
					rewritePage(t, page, sessions, got)
					return
				}
				compare(t, page, sessions, got)
			}
		})
	}
}

// TestCassandra runs them on real nodes. Their rows are in the order of the keys, as the embedded store's are.
func TestCassandra(t *testing.T) {
	for _, version := range realcass.Versions(t, "1.2.19", "3.11.19", "5.0") {
		t.Run(version, func(t *testing.T) {
			cluster := realcass.Start(t, realcass.Config{Version: version, Partitioner: "ByteOrderedPartitioner"})
			db := openCassandra(t, cluster)
			for page, sessions := range shellPages(t) {
				t.Run(page, func(t *testing.T) {
					compare(t, page, sessions, runShell(t, shell.Options{Store: db.Backend()}, sessions))
				})
				keyspaces, err := db.System().Keyspaces(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, name := range keyspaces {
					if err := db.System().DropKeyspace(t.Context(), name); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}

// openCassandra connects to a cluster, by Thrift or, if the version has no Thrift interface, by CQL.
func openCassandra(t *testing.T, cluster *realcass.Cluster) *widerow.DB {
	t.Helper()
	url := "thrift://" + strings.Join(cluster.Addrs(), ",")
	if cluster.Version() >= "4" {
		url = "cql://" + strings.Join(cluster.NativeAddrs(), ",")
	}
	db, err := connect.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func compare(t *testing.T, page string, sessions []block, got []statement) {
	t.Helper()
	for _, b := range sessions {
		for _, want := range statements(b.text) {
			if len(got) == 0 {
				t.Fatalf("%s: the block at line %d is not run to its end", page, b.line)
			}
			if !same(got[0], want) {
				t.Errorf("%s, in the block at line %d:\n%sprints\n%swant\n%s", page, b.line, got[0].typed, got[0].printed, want.printed)
			}
			got = got[1:]
		}
	}
	if len(got) > 0 {
		t.Errorf("%s: more statements were run than the page has: %s", page, got[0].typed)
	}
}

// rewritePage replaces what the page says that the shell prints. Timestamps stay.
func rewritePage(t *testing.T, page string, sessions []block, got []statement) {
	t.Helper()
	text := readFile(t, page)
	for _, b := range sessions {
		var fresh strings.Builder
		for _, old := range statements(b.text) {
			if len(got) == 0 {
				t.Fatalf("%s: the block at line %d is not run to its end", page, b.line)
			}
			s := got[0]
			if same(old, s) {
				s = old
			}
			fresh.WriteString(s.typed + s.printed)
			got = got[1:]
		}
		text = strings.Replace(text, "\n"+b.text+"```", "\n"+fresh.String()+"```", 1)
	}
	if err := os.WriteFile(page, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
