package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/shell"
)

// BenchmarkPrompt opens an embedded store and starts the shell on it, up to the end of the first prompt. The metric
// open-ms is the time of opening, and prompt-ms the time from then to the prompt. The store has WIDEROW_BENCH_COLUMNS
// columns, 20,000 by default:
//
//	WIDEROW_BENCH_COLUMNS=10000000 go test ./internal/cli -run '^$' -bench Prompt -benchtime 20x
func BenchmarkPrompt(b *testing.B) {
	url := "embedded:" + b.TempDir()
	fillForPrompt(b, url+"?durability=none")
	var opening, prompt time.Duration
	for b.Loop() {
		begin := time.Now()
		db, err := connect.Open(b.Context(), url)
		if err != nil {
			b.Fatal(err)
		}
		opened := time.Now()
		s := &streams{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
		page := newScreen(s)
		sh, err := shell.New(b.Context(), &shell.Options{Store: db.Backend(), Keyspace: "K", Out: page, Err: s.err, Echo: true})
		if err != nil {
			b.Fatal(err)
		}
		// The prompt ends at once, because the input is empty.
		if err := new(shellCmd).prompt(b.Context(), sh, s, page); err != nil {
			b.Fatal(err)
		}
		opening += opened.Sub(begin)
		prompt += time.Since(opened)
		if err := sh.Close(); err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	ms := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(b.N) }
	b.ReportMetric(ms(opening), "open-ms")
	b.ReportMetric(ms(prompt), "prompt-ms")
}

// fillForPrompt creates a store with rows of 1000 columns.
func fillForPrompt(b *testing.B, url string) {
	b.Helper()
	columns := 20_000
	if s := os.Getenv("WIDEROW_BENCH_COLUMNS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1000 {
			b.Fatalf("WIDEROW_BENCH_COLUMNS is %q, want a number of at least 1000", s)
		}
		columns = n
	}
	if err := fillRows(b.Context(), url, columns/1000); err != nil {
		b.Fatal(err)
	}
}

func fillRows(ctx context.Context, url string, rows int) (err error) {
	db, err := connect.Open(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.System().CreateKeyspace(ctx, schema.NewKeyspace("K", 1)); err != nil {
		return err
	}
	if err := db.System().CreateFamily(ctx, schema.Family{Keyspace: "K", Name: "F", Comparator: schema.LongType}); err != nil {
		return err
	}
	f, err := db.Keyspace("K").Family(ctx, "F")
	if err != nil {
		return err
	}
	for row := range rows {
		values := make(widerow.Values, 1000)
		for i := range values {
			values[i] = [2]any{i, fmt.Sprintf("%032d", i)}
		}
		if _, err := f.Insert(ctx, fmt.Sprintf("row%d", row), values); err != nil {
			return err
		}
	}
	return nil
}
