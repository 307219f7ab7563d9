package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/widerow/widerow/connect"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

const about = `Wide rows, Cassandra's way, without a server.

A store is a folder, or memory. --store or the variable WIDEROW_STORE name it:

  embedded:DIR[?partitioner=byteordered|orderpreserving|random|murmur3][&durability=sync|10s|none][&readonly=true]
  memory:[?partitioner=…]

Exit codes: 0 done, 1 failed, 2 wrong usage.`

// program is the command line.
type program struct {
	Store string `help:"Store to work on, as a URL (default: embedded:widerow-data)." env:"WIDEROW_STORE" default:"${store}" placeholder:"URL"`

	Load       loadCmd       `cmd:"" help:"Load rows from JSON Lines."`
	Dump       dumpCmd       `cmd:"" help:"Dump rows as JSON Lines."`
	Get        getCmd        `cmd:"" help:"Print columns of a row."`
	Shell      shellCmd      `cmd:"" help:"Open a shell on the store: pycassaShell's successor."`
	Describe   describeCmd   `cmd:"" help:"Print the definition of a keyspace or a column family."`
	Serve      serveCmd      `cmd:"" help:"Serve the store to Thrift clients, as a node of Cassandra."`
	Users      usersCmd      `cmd:"" help:"Keep the file of users that the server takes."`
	Bench      benchCmd      `cmd:"" help:"Measure the store."`
	Checkpoint checkpointCmd `cmd:"" help:"Copy the store."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Main runs the program with the process's arguments and returns its exit code. The
// first SIGINT or SIGTERM stops the command cleanly, the second kills it.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	defer stop()
	return Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// Run runs the program and returns its exit code.
func Run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) (code int) {
	// Kong exits after --help. The panic ends what would run on.
	type exited int
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(exited)
			if !ok {
				panic(r)
			}
			code = int(e)
		}
	}()
	var p program
	parser, err := kong.New(&p,
		kong.Name("widerow"), kong.Description(about), kong.UsageOnError(),
		kong.Writers(out, errs), kong.Exit(func(c int) { panic(exited(c)) }),
		kong.Vars{"store": connect.Default},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(errs, "widerow:", err)
		return exitFailed
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(errs, "widerow: %v\nwiderow --help lists the commands and their flags.\n", err)
		return exitUsage
	}
	command.BindTo(ctx, (*context.Context)(nil))
	if err := command.Run(&p, &streams{in: in, out: out, err: errs}); err != nil {
		var quit exitWith
		switch {
		case errors.As(err, &quit):
			return int(quit)
		case errors.Is(err, errReported):
			return exitFailed
		}
		// The front's errors begin with the name already.
		fmt.Fprintln(errs, "widerow:", strings.TrimPrefix(err.Error(), "widerow: "))
		if errors.As(err, new(usageError)) {
			return exitUsage
		}
		return exitFailed
	}
	return exitDone
}

// usageError is for wrong usage that the parser cannot see.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }
