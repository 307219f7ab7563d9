package cli

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/widerow/widerow/connect"
)

// exited is the panic with which the parser ends the program after it has printed help.
type exited int

// newParser returns the parser of the command line, which fills p.
func newParser(p *program, out, errs io.Writer) (*kong.Kong, error) {
	return kong.New(p,
		kong.Name("widerow"), kong.Description(about),
		kong.Writers(out, errs), kong.Exit(func(code int) { panic(exited(code)) }),
		kong.Vars{"store": connect.Default, "version": versionText()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Help(printHelp),
		kong.KindMapper(reflect.String, value("value", func(s string) (string, error) { return s, nil })),
		kong.KindMapper(reflect.Int, value("number", strconv.Atoi)),
		kong.KindMapper(reflect.Int64, value("number", func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) })),
		kong.KindMapper(reflect.Uint64, value("number", func(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) })),
		kong.KindMapper(reflect.Float64, value("number", func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), value("duration", time.ParseDuration)),
	)
}

// value converts an argument to a Go value. Its errors replace those of kong.
func value[T any](what string, parse func(string) (T, error)) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		token, err := ctx.Scan.PopValue(what)
		if err != nil {
			return fmt.Errorf("needs a %s", what)
		}
		text := unmark(token.String())
		v, err := parse(text)
		switch {
		case errors.Is(err, strconv.ErrRange):
			return fmt.Errorf("%s %q is out of range", what, text)
		case err != nil && what == "duration":
			return fmt.Errorf("invalid duration %q: write a number and a unit such as 500ms, 30s or 1h", text)
		case err != nil:
			return fmt.Errorf("invalid %s %q", what, text)
		}
		target.Set(reflect.ValueOf(v).Convert(target.Type()))
		return nil
	}
}

// negativeMark is put before each argument that is a negative number while the arguments are parsed, so that the
// parser does not treat the number as a flag. The arguments of a process cannot contain negativeMark.
const negativeMark = "\x00"

// markNegative marks the negative numbers among args: no flag begins with a digit.
func markNegative(args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		if len(arg) > 1 && arg[0] == '-' && (arg[1] == '.' || '0' <= arg[1] && arg[1] <= '9') {
			arg = negativeMark + arg
		}
		out[i] = arg
	}
	return out
}

func unmark(arg string) string { return strings.ReplaceAll(arg, negativeMark, "") }

// storeless lists the commands that open no store.
var storeless = []string{"users", "completion", "help", "version"}

// printHelp prints help on a command. If the command opens no store, the help does not list --store.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	top := ctx.Selected()
	for top != nil && top.Parent != nil && top.Parent.Type != kong.ApplicationNode {
		top = top.Parent
	}
	for _, name := range storeless {
		if top == nil || top.Name != name {
			continue
		}
		for _, flag := range ctx.Model.Flags {
			flag.Hidden = flag.Hidden || flag.Name == "store"
		}
	}
	return kong.DefaultHelpPrinter(options, ctx)
}

// usageHint returns the line after a usage error. It names the help of the command.
func usageHint(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) {
		if node := parse.Context.Selected(); node != nil {
			return fmt.Sprintf("%s --help describes the command.", commandPath(node))
		}
	}
	return "widerow --help lists the commands and their flags."
}

// commandPath returns the words that call a command, without its arguments.
func commandPath(node *kong.Node) string {
	path := node.Name
	for n := node.Parent; n != nil; n = n.Parent {
		path = n.Name + " " + path
	}
	return path
}

// noCommand returns the command whose subcommand is missing if err reports a missing subcommand. Otherwise it returns nil.
func noCommand(err error) *kong.Node {
	var parse *kong.ParseError
	if !errors.As(err, &parse) || parse.Context.Error != nil {
		return nil
	}
	node := parse.Context.Selected()
	if node == nil {
		node = parse.Context.Model.Node
	}
	if node.Leaf() {
		return nil
	}
	return node
}

// listCommands prints the help on a command that needs a subcommand, and returns the exit code. A missing subcommand is
// wrong usage.
func listCommands(node *kong.Node, errs io.Writer) int {
	if err := showHelp(strings.Fields(commandPath(node))[1:], errs, errs); err != nil {
		fmt.Fprintln(errs, "widerow:", err)
		return exitFailed
	}
	return exitUsage
}

// showHelp prints the help on a command.
func showHelp(command []string, out, errs io.Writer) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(exited); !ok {
				panic(r)
			}
		}
	}()
	parser, err := newParser(new(program), out, errs)
	if err != nil {
		return err
	}
	_, err = parser.Parse(append(slices.Clip(command), "--help"))
	return err
}

type helpCmd struct {
	Command []string `arg:"" optional:"" complete:"command" help:"Command to describe (default: the program)."`
}

func (c *helpCmd) Run(s *streams) error {
	if err := showHelp(c.Command, s.out, s.err); err != nil {
		fmt.Fprintf(s.err, "widerow: help: %v\n%s\n", err, usageHint(err))
		return exitWith(exitUsage)
	}
	return nil
}
