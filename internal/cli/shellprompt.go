package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/reeflective/readline"
	"github.com/reeflective/readline/inputrc"
	"golang.org/x/term"

	"github.com/widerow/widerow/shell"
)

// editor reads statements with the line editor, for a terminal that supports it.
type editor struct {
	rl *readline.Shell
	sh *shell.Session
}

// canEdit reports whether the input and the output are a terminal that can move its cursor.
func canEdit(s *streams) bool {
	t := os.Getenv("TERM")
	out, ok := s.out.(*os.File)
	return ok && term.IsTerminal(int(out.Fd())) && s.in == io.Reader(os.Stdin) && t != "" && t != "dumb"
}

// newEditor sets the line editor up: several lines in one entry, completion, history, colours.
func newEditor(sh *shell.Session) *editor {
	rl := readline.NewShell(inputrc.WithApp("widerow"))
	e := &editor{rl: rl, sh: sh}
	for name, v := range map[string]any{
		"convert-meta": false, "input-meta": true, "output-meta": true, "enable-bracketed-paste": true, "history-autosuggest": false,
		"autocomplete": false, "usage-hint-always": false, "multiline-column-custom": "... ",
	} {
		if err := rl.Config.Set(name, v); err != nil {
			continue // an older line editor lacks the setting
		}
	}
	rl.Prompt.Primary(func() string { return ">>> " })
	rl.Prompt.Secondary(func() string { return "... " })
	rl.AcceptMultiline = func(line []rune) bool {
		src := string(line) + "\n"
		if strings.TrimSpace(src) == "" || !shell.NeedsMore(src) {
			return true
		}
		if indent := shell.Indent(src); indent != "" {
			rl.Keys.Feed(true, []rune(indent)...)
		}
		return false
	}
	if os.Getenv("NO_COLOR") == "" {
		rl.SyntaxHighlighter = func(line []rune) string { return sh.Highlight(string(line)) }
	}
	rl.Completer = e.complete
	if file := historyFile(); file != "" {
		rl.History.AddFromFile("widerow", file)
	}
	return e
}

// historyFile returns the path of the file of earlier sessions' lines. It is empty if the system names no directory for it.
func historyFile() string {
	dir := os.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	dir = filepath.Join(dir, "widerow")
	if os.MkdirAll(dir, 0o700) != nil {
		return ""
	}
	file := filepath.Join(dir, "history")
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return ""
	}
	if f.Close() != nil {
		return ""
	}
	return file
}

func (e *editor) complete(line []rune, cursor int) readline.Completions {
	text := string(line[:min(cursor, len(line))])
	if last := text[strings.LastIndexByte(text, '\n')+1:]; strings.TrimSpace(last) == "" {
		// Tab at the beginning of a line indents.
		return readline.CompleteRaw([]readline.Completion{{Value: "    "}})
	}
	word, list := e.sh.Complete(text)
	raw := make([]readline.Completion, 0, len(list))
	for _, c := range list {
		raw = append(raw, readline.Completion{Value: c.Text, Display: c.Text, Description: c.Info, Tag: "names"})
	}
	out := readline.CompleteRaw(raw)
	out.PREFIX = word
	return out
}

// prompt reads and runs statements until the end of the input or exit().
func (c *shellCmd) prompt(ctx context.Context, sh *shell.Session, s *streams, page *screen) error {
	banner, err := sh.Banner()
	if err != nil {
		return err
	}
	if c.Demo {
		banner += shell.DemoHints + "\n"
	}
	if _, err := io.WriteString(s.out, banner+"help() explains the shell; exit() or Ctrl-D ends it.\n"); err != nil {
		return err
	}
	// Ctrl-C ends the running statement, not the shell.
	ctx = context.WithoutCancel(ctx)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	read := newPlainReader(s)
	if canEdit(s) {
		read = newEditor(sh).rl.Readline
	}
	for ctx.Err() == nil {
		src, err := read()
		switch {
		case errors.Is(err, readline.ErrInterrupt):
			if _, err := fmt.Fprintln(s.out, "KeyboardInterrupt"); err != nil {
				return err
			}
			continue
		case errors.Is(err, io.EOF):
			_, err := io.WriteString(s.out, "\n")
			return err
		case err != nil:
			return err
		}
		if err := c.statement(ctx, sh, shell.Pasted(src), s, page, interrupts); err != nil {
			return err
		}
	}
	return nil
}

// statement runs a typed statement. It returns an error only if the shell must end.
func (c *shellCmd) statement(ctx context.Context, sh *shell.Session, src string, s *streams, page *screen, interrupts <-chan os.Signal) error {
	if strings.TrimSpace(src) == "" {
		return nil
	}
	run, cancel := context.WithCancel(ctx)
	defer cancel()
	select {
	case <-interrupts: // an interrupt that arrived before the statement
	default:
	}
	ended := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-interrupts:
			cancel()
		case <-ended:
		}
	}()
	page.begin(cancel)
	err := c.run(run, sh, "<stdin>", src, page.errors(s.err))
	close(ended)
	<-done
	if errors.Is(err, errReported) {
		return nil
	}
	return err
}
