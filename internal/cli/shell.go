package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // for systems without time zone files

	"golang.org/x/term"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/shell"
)

type shellCmd struct {
	Script string `arg:"" optional:"" complete:"file" help:"Script to run (default: a prompt)."`

	Command    string `short:"c" placeholder:"CODE" help:"Run CODE, print the values of its expressions, and exit."`
	Keyspace   string `short:"k" placeholder:"NAME" help:"Keyspace whose families become objects."`
	Host       string `short:"H" placeholder:"HOST" help:"Host of a Cassandra to connect to over Thrift, instead of --store."`
	Port       int    `short:"p" default:"9160" help:"Thrift port of --host."`
	User       string `short:"u" placeholder:"NAME" help:"User to log in as."`
	Passwd     string `short:"P" placeholder:"PASSWORD" help:"Password of --user."`
	Framed     bool   `short:"F" xor:"transport" help:"Use the framed transport, which is the default."`
	Streaming  bool   `short:"S" xor:"transport" help:"Use the unframed transport of Cassandra 0.6 and 0.7."`
	File       string `short:"f" placeholder:"FILE" help:"Script to run before the prompt."`
	Zone       string `default:"UTC" placeholder:"NAME" help:"Time zone of local times, such as Europe/Berlin, or Local for the system's zone (default: UTC)."`
	Demo       bool   `help:"Fill the keyspace Demo with a small social network and print what to try."`
	Transcript string `placeholder:"FILE" help:"Run the statements that FILE lists, and print them with their output as a terminal would show them."`
}

// Help is shown by widerow shell --help.
func (c *shellCmd) Help() string {
	return `Opens a prompt in the language of pycassaShell, which is Python 2 with pycassa's classes.
docs/shell.md describes it. If the standard input is no terminal, the shell reads statements from it.

  widerow shell --demo
  widerow shell -k Keyspace1
  widerow shell -k Keyspace1 -c "USERS.get('thobbs')"
  widerow shell -H cassandra1 -k Keyspace1 report.py`
}

func (c *shellCmd) Validate() error {
	switch {
	case c.User != "" && c.Passwd == "":
		return fmt.Errorf("--user %s needs a --passwd", c.User)
	case c.User == "" && c.Passwd != "":
		return errors.New("--passwd needs a --user")
	case c.Host == "" && (c.User != "" || c.Streaming || c.Framed):
		return errors.New("--user, --framed and --streaming belong to --host; a --store URL carries its own")
	case c.Demo && (c.Keyspace != "" || c.Transcript != ""):
		return errors.New("--demo contradicts --keyspace and --transcript: it uses the keyspace Demo")
	case countSet(c.Script, c.Command, c.Transcript) > 1:
		return errors.New("a script, --command and --transcript contradict each other")
	}
	return nil
}

func countSet(list ...string) (n int) {
	for _, s := range list {
		if s != "" {
			n++
		}
	}
	return n
}

func (c *shellCmd) Run(ctx context.Context, p *program, s *streams) (err error) {
	store := p.Store
	host := shell.DefaultServer
	if c.Host != "" {
		host = net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
		store = c.thriftURL(host, c.User, c.Passwd)
	}
	db, err := connect.Open(ctx, store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return fmt.Errorf("invalid time zone %q: %w", c.Zone, err)
	}
	opts := &shell.Options{
		Store: db.Backend(), Host: host, Zone: zone, MaxHeap: maxHeap, Keyspace: c.Keyspace, Out: s.out, Err: s.err, Echo: c.Script == "", ReadFile: os.ReadFile, WriteFile: writeFile,
		Open: func(ctx context.Context, server, user, password string) (backend.Backend, error) {
			return connect.Backend(ctx, c.thriftURL(server, user, password))
		},
	}
	if c.Transcript != "" {
		f, err := os.Open(c.Transcript)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		return shell.Transcript(ctx, opts, f, s.out)
	}
	if c.Demo {
		if err := fillDemo(ctx, *opts, s); err != nil {
			return err
		}
		opts.Keyspace = shell.DemoKeyspace
	}
	return c.session(ctx, opts, s)
}

// maxHeap bounds what a statement takes, so that a mistake does not take the machine.
const maxHeap = 4 << 30

// writeFile opens a file that a script writes.
func writeFile(name string, appendTo bool) (io.WriteCloser, error) {
	how := os.O_TRUNC
	if appendTo {
		how = os.O_APPEND
	}
	return os.OpenFile(name, os.O_CREATE|os.O_WRONLY|how, 0o666)
}

// fillDemo runs the script that creates the keyspace of --demo.
func fillDemo(ctx context.Context, opts shell.Options, s *streams) (err error) {
	opts.Echo = false
	sh, err := shell.New(ctx, &opts)
	if err != nil {
		return shellError(err, s.err)
	}
	defer func() { err = errors.Join(err, sh.Close()) }()
	return shellError(sh.Run(ctx, "demo.py", shell.DemoScript), s.err)
}

func (c *shellCmd) thriftURL(server, user, password string) string {
	u := url.URL{Scheme: "thrift", Host: server}
	if user != "" {
		u.User = url.UserPassword(user, password)
	}
	if c.Streaming {
		u.RawQuery = "framed=false"
	}
	return u.String()
}

// session runs --command, a script, the standard input or a prompt.
func (c *shellCmd) session(ctx context.Context, opts *shell.Options, s *streams) (err error) {
	page := newScreen(s)
	opts.Out = page
	sh, err := shell.New(ctx, opts)
	if err != nil {
		return shellError(err, s.err)
	}
	defer func() { err = errors.Join(err, sh.Close()) }()
	if c.File != "" {
		if err := runFile(ctx, sh, c.File, s.err); err != nil {
			return err
		}
	}
	switch {
	case c.Command != "":
		return c.run(ctx, sh, "<command>", c.Command, s.err)
	case c.Script != "":
		return runFile(ctx, sh, c.Script, s.err)
	case isTerminal(s.in):
		return c.prompt(ctx, sh, s, page)
	}
	return c.lines(ctx, sh, s)
}

func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func runFile(ctx context.Context, sh *shell.Session, name string, errs io.Writer) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return (*shellCmd)(nil).run(ctx, sh, name, string(text), errs)
}

func (*shellCmd) run(ctx context.Context, sh *shell.Session, name, src string, errs io.Writer) error {
	if !strings.HasSuffix(src, "\n") {
		src += "\n"
	}
	err := sh.Run(ctx, name, src)
	if end := sh.EndLine(); err == nil {
		err = end
	}
	return shellError(err, errs)
}

// errReported is the error of a statement whose own error was printed already.
var errReported = errors.New("the statement failed")

// shellError prints an error of a statement with its position, and returns the error that ends the program.
func shellError(err error, errs io.Writer) error {
	var e *shell.Error
	var quit *shell.ExitError
	switch {
	case errors.As(err, &quit):
		return exitWith(quit.Code)
	case errors.As(err, &e):
		if _, werr := fmt.Fprintf(errs, "%s%s\n", e.Caret(), e.Error()); werr != nil {
			return werr
		}
		return errReported
	}
	return err
}

// exitWith is the exit code of a call to exit().
type exitWith int

func (e exitWith) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// lines runs the statements of the standard input, up to the first statement that fails.
func (c *shellCmd) lines(ctx context.Context, sh *shell.Session, s *streams) error {
	in := bufio.NewReader(s.in)
	first, n := 1, 0
	block := ""
	for {
		line, err := in.ReadString('\n')
		if err != nil && err != io.EOF {
			return err
		}
		n++
		block += line
		ended := err == io.EOF
		if strings.TrimSpace(block) != "" && (ended || !shell.NeedsMore(block)) {
			if err := c.run(ctx, sh, "<stdin>", strings.Repeat("\n", first-1)+block, s.err); err != nil {
				return err
			}
			block, first = "", n+1
		} else if strings.TrimSpace(block) == "" {
			block, first = "", n+1
		}
		if ended {
			return nil
		}
	}
}
