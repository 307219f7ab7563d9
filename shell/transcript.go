package shell

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Transcript runs a file of what a user types, line by line, and writes it to out as it would stand on the screen:
// each line behind a prompt, then what it prints, and of an exception the last line. A blank line ends a block. A line
// `$ pycassaShell [-k KEYSPACE]` ends the session and begins another, whose banner is printed. Errors of
// statements do not end the run.
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

// begin starts another session.
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

// typed takes a line, and runs the statement if it is complete.
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

// openText reports whether a string or a bracket is open at the end of src: a blank line is then part of it.
func openText(src string) bool {
	_, err := tokenize(src)
	return err != nil && err.incomplete
}

// EndLine ends a line that print with a last comma has left open.
func (s *Session) EndLine() error {
	if !s.out.softspace {
		return nil
	}
	return s.writeLine("")
}
