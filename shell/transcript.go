package shell

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Transcript runs a file of lines that a user types and writes to out what the screen would show: each line after a prompt,
// then its output and, if it raises an exception, the last line of the traceback. A blank line ends a block. A line
// `$ pycassaShell [-k KEYSPACE]` ends the session and starts another session, whose banner is printed. An error of a
// statement does not end the run.
func Transcript(ctx context.Context, opts *Options, text io.Reader, out io.Writer) (err error) {
	t := &transcript{opts: *opts, out: out}
	t.opts.Out, t.opts.Err, t.opts.Echo = out, out, true
	defer func() {
		if t.s != nil {
			err = errors.Join(err, t.s.Close())
		}
	}()
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, maxBytes)
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), "\r")
		var err error
		switch {
		case t.block == "" && strings.HasPrefix(line, "$ pycassaShell"):
			err = t.begin(ctx, line)
		case t.block == "" && strings.TrimSpace(line) == "":
		default:
			err = t.typed(ctx, line)
		}
		if err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if t.block != "" {
		return t.typed(ctx, "")
	}
	return nil
}

type transcript struct {
	opts  Options
	out   io.Writer
	s     *Session
	block string
}

// begin ends the session and starts another session.
func (t *transcript) begin(ctx context.Context, line string) error {
	if t.s != nil {
		if err := t.s.Close(); err != nil {
			return err
		}
	}
	t.opts.Keyspace = ""
	words := strings.Fields(line)[2:]
	for i, w := range words {
		if (w == "-k" || w == "--keyspace") && i+1 < len(words) {
			t.opts.Keyspace = words[i+1]
		} else if rest, ok := strings.CutPrefix(w, "--keyspace="); ok {
			t.opts.Keyspace = rest
		}
	}
	var err error
	if t.s, err = New(ctx, &t.opts); err != nil {
		return err
	}
	banner, err := t.s.Banner()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%s\n%s", line, banner)
	return err
}

// typed adds a line to the statement. If the statement is complete, typed runs it.
func (t *transcript) typed(ctx context.Context, line string) error {
	if t.s == nil {
		var err error
		if t.s, err = New(ctx, &t.opts); err != nil {
			return err
		}
	}
	prompt := ">>> "
	if t.block != "" {
		prompt = "... "
	}
	if _, err := fmt.Fprintln(t.out, strings.TrimRight(prompt+line, " ")); err != nil {
		return err
	}
	t.block += line + "\n"
	if NeedsMore(t.block) && !(line == "" && !openText(t.block)) {
		return nil
	}
	src := t.block
	t.block = ""
	err := t.s.Run(ctx, "<stdin>", src)
	if nl := t.s.EndLine(); nl != nil {
		return nl
	}
	var e *Error
	var quit *ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &quit):
		t.s.Close()
		t.s = nil
		return nil
	case errors.As(err, &e) && !errors.Is(err, ErrInterrupted):
		_, err = fmt.Fprintln(t.out, e.Error())
	}
	return err
}

// openText reports whether a string or a bracket is open at the end of src. If so, a blank line does not end the statement.
func openText(src string) bool {
	_, err := tokenize(src)
	return err != nil && err.incomplete
}

// EndLine ends a line that a print statement with a trailing comma left open.
func (s *Session) EndLine() error {
	if !s.out.softspace {
		return nil
	}
	return s.writeLine("")
}
