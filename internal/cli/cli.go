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
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

const about = `Wide rows, Cassandra's way: a store in a local directory or in memory, or a cluster.

--store or the variable WIDEROW_STORE names the store:

  embedded:DIR[?partitioner=byteordered|orderpreserving|random|murmur3][&durability=sync|10s|none][&readonly=true]
  memory:[?partitioner=…]
  thrift://[USER:PASSWORD@]HOST[:PORT][,HOST…][/KEYSPACE][?…]   Cassandra 0.7 to 3.11, or widerow serve
  cql://[USER:PASSWORD@]HOST[:PORT][,HOST…][/KEYSPACE][?…]      Cassandra 3.11, 4 and 5 over CQL

go doc github.com/widerow/widerow/connect lists all parameters.

Exit codes: 0 done, 1 failed, 2 wrong usage.`

// program is the command line.
type program struct {
	Store   string           `help:"Store to work on, as a URL (default: embedded:widerow-data)." env:"WIDEROW_STORE" default:"${store}" placeholder:"URL" complete:"embedded:,memory:,thrift://,cql://"`
	Version kong.VersionFlag `help:"Print the version."`

	Load       loadCmd       `cmd:"" help:"Load rows."`
	Dump       dumpCmd       `cmd:"" help:"Dump rows."`
	Get        getCmd        `cmd:"" help:"Print columns of a row."`
	Shell      shellCmd      `cmd:"" help:"Open a shell on the store: pycassaShell's successor."`
	Describe   describeCmd   `cmd:"" help:"Print the definition of a keyspace or a column family."`
	Serve      serveCmd      `cmd:"" help:"Serve the store to Thrift clients, as a node of Cassandra."`
	Users      usersCmd      `cmd:"" help:"Manage the file of the server's users."`
	Bench      benchCmd      `cmd:"" help:"Measure the store."`
	Checkpoint checkpointCmd `cmd:"" help:"Copy the store."`
	Adopt      adoptCmd      `cmd:"" help:"Convert a CQL table to one of widerow's own."`
	Completion completionCmd `cmd:"" help:"Print the completion script of a shell."`
	Help       helpCmd       `cmd:"" help:"Print help on a command."`
	VersionCmd versionCmd    `cmd:"" name:"version" help:"Print the version."`
}

// streams are the standard input, output and error of a command.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Main runs the program with the process's arguments and returns its exit code. The
// first SIGINT or SIGTERM stops the command cleanly. The second signal kills the process.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	defer stop()
	return Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// Run runs the program and returns its exit code.
func Run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) (code int) {
	if len(args) > 0 && args[0] == completeCommand {
		return complete(args[1:], out, errs)
	}
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
	parser, err := newParser(&p, out, errs)
	if err != nil {
		fmt.Fprintln(errs, "widerow:", err)
		return exitFailed
	}
	command, err := parser.Parse(markNegative(args))
	if err != nil {
		if node := noCommand(err); node != nil {
			return listCommands(node, errs)
		}
		fmt.Fprintf(errs, "widerow: %s\n%s\n", unmark(err.Error()), usageHint(err))
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
		// The errors of the front begin with "widerow: " already.
		fmt.Fprintln(errs, "widerow:", strings.TrimPrefix(err.Error(), "widerow: "))
		if errors.As(err, new(usageError)) {
			fmt.Fprintf(errs, "%s --help describes the command.\n", commandPath(command.Selected()))
			return exitUsage
		}
		return exitFailed
	}
	return exitDone
}

// usageError is the error of a wrong usage that the parser cannot detect.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }
