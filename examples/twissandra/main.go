// Command twissandra is a small Twitter on wide rows.
//
//	go run ./examples/twissandra --seed 1
//	go run ./examples/twissandra --store thrift://127.0.0.1:9160
//
// Then open http://127.0.0.1:8080. Without --store it keeps its data in twissandra-data.
//
// Read internal/model first: it has the schema and all code that calls the store. This package
// has the pages: site.go routes requests, visit.go finds out who makes them, pages.go writes
// HTML, and there is a file for each kind of page. docs/twissandra.md explains both packages.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/examples/twissandra/internal/model"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "twissandra:", err)
		os.Exit(1)
	}
}

// run serves until the context ends, and then waits until running requests are finished.
func run(ctx context.Context, args []string, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("twissandra", flag.ContinueOnError)
	flags.SetOutput(stderr)
	store := flags.String("store", "embedded:twissandra-data", "`URL` of the store")
	listen := flags.String("listen", "127.0.0.1:8080", "`address` to serve on")
	seed := flags.Uint64("seed", 0, "fill an empty store with the sample data of this `number`; 0 means none")
	poll := flags.Duration("poll", 10*time.Second, "how often pages ask for new tweets")
	proxy := flags.Bool("behind-proxy", false, "a proxy in front speaks HTTPS and sets X-Forwarded-For")
	if err := flags.Parse(args); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	db, err := connect.Open(ctx, *store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	m, err := model.Open(ctx, db, time.Now, bcrypt.DefaultCost)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	if *seed != 0 {
		log.Info("planting sample users", "password", seedPassword)
		if err := plant(ctx, m, *seed, time.Now()); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	site := &site{model: m, log: log, poll: *poll, proxy: *proxy}
	log.Info("listening", "url", "http://"+listener.Addr().String(), "store", connect.Redact(*store))
	return serve(ctx, listener, site.handler(), log)
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      45 * time.Second, // more than publishTimeout
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		log.Info("shutting down")
		last, cancel := context.WithTimeout(context.Background(), publishTimeout)
		defer cancel()
		stopped <- server.Shutdown(last)
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
