package docs_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/metrics"
	"github.com/widerow/widerow/pool"
)

// plain is a log without times and the numbers of pools.
func plain(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "pool" {
			return slog.Attr{}
		}
		return a
	}}))
}

func Example_loggingLog() {
	hosts, done := cluster()
	defer done()
	logger := plain(os.Stdout)
	db, err := connect.Open(ctx, "thrift://"+hosts, connect.Logger(logger)) // logger is a *slog.Logger
	check(err)
	check(db.Close())
	// Output: level=INFO msg="pool disposed"
}

func Example_loggingStats() {
	hosts, done := cluster()
	defer done()
	var stats pool.Stats
	db, err := connect.Open(ctx, "thrift://"+hosts+"?pool_size=2&discovery=false", connect.Events(stats.Events()))
	check(err)
	users, err := db.Keyspace("Demo").Family(ctx, "Users")
	check(err)
	for range 10 {
		_, err := users.Get(ctx, "ann")
		check(err)
	}
	check(db.Close())
	counts := stats.Counts()
	fmt.Println(counts.CheckedOut, counts.Failed, counts.Opened.Max)
	// Output: 11 0 2
}

func Example_loggingMetrics() {
	store, err := embedded.OpenMemory(nil)
	check(err)
	defer store.Close()
	handler := metrics.Handler(metrics.Store(store)) // store is an *embedded.Store
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "widerow_store_takes_writes ") {
			fmt.Print(line)
		}
	}
	// Output: widerow_store_takes_writes 1
}
