// Command cmd fetches and starts real Cassandra for tests and by hand.
//
//	go run ./internal/testkit/realcass/cmd fetch [VERSION…]
//	go run ./internal/testkit/realcass/cmd run [flags] VERSION
//
// Ctrl-C ends run's nodes and removes their data.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/widerow/widerow/internal/testkit/realcass"
)

const usage = "usage: cmd fetch [VERSION…] | cmd run [flags] VERSION (run -h lists the flags)"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	switch args[0] {
	case "fetch":
		return realcass.Fetch(ctx, os.Stdout, args[1:]...)
	case "run":
		config, err := parse(args[1:])
		if err != nil {
			return err
		}
		return realcass.Run(ctx, os.Stdout, config)
	}
	return errors.New(usage)
}

func parse(args []string) (realcass.Config, error) {
	config := realcass.Config{YAML: map[string]string{}}
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.IntVar(&config.Nodes, "nodes", 1, "size of the ring")
	flags.IntVar(&config.HeapMB, "heap", 512, "heap of each node in `MiB`")
	flags.StringVar(&config.Partitioner, "partitioner", "", "simple name of the class")
	flags.BoolVar(&config.Auth, "auth", false, "ask for logins")
	flags.BoolVar(&config.Optimize, "optimize", false, "start slower and run faster, for measuring")
	flags.DurationVar(&config.RequestTimeout, "timeout", 0, "of requests (default 10s)")
	flags.Func("yaml", "`key=value` for cassandra.yaml, any number of times", func(s string) error {
		key, value, ok := strings.Cut(s, "=")
		if !ok {
			return errors.New("want key=value")
		}
		config.YAML[key] = value
		return nil
	})
	flags.Func("java", "`option` for the JVM, any number of times", func(s string) error {
		config.Java = append(config.Java, s)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return config, err
	}
	if flags.NArg() != 1 {
		return config, errors.New(usage)
	}
	config.Version = flags.Arg(0)
	return config, nil
}
