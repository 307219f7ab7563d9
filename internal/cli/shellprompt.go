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
	"unicode/utf8"

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
		"menu-complete-display-prefix": true,
	} {
		if err := rl.Config.Set(name, v); err != nil {
			continue // an older line editor lacks the setting
		}
	}
	// Tab completes what all candidates have in common and lists them. Another Tab chooses the next one.
	for _, keymap := range []string{"emacs", "vi-insert"} {
		if err := rl.Config.Bind(keymap, "\t", "menu-complete", false); err != nil {
			continue // Tab then chooses without a list
		}
	}
	rl.Prompt.Primary(e.primary)
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

const primaryPrompt = ">>> "

// read reads a statement.
func (e *editor) read() (string, error) {
	e.rl.Line().Set() // the statement before
	return e.rl.Readline()
}

// primary returns the prompt, each time that the line editor draws it.
//
// By default, the line editor asks the terminal for the row of the cursor before it draws, and loses the keys that
// arrive together with the answer. It needs the row to scroll at the bottom of the screen. So primary turns the
// question off, and the prompt begins with codes that make room for the entry and for the row below it: they move the
// cursor down, which scrolls at the bottom, and up again. Only a menu needs the row itself: it must know how many
// rows are free.
func (e *editor) primary() string {
	menu := e.rl.Keymap.Local() != ""
	if err := e.rl.Config.Set("cursor-position-probe", menu); err != nil || menu {
		return primaryPrompt
	}
	width, _, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil || width < 1 {
		return primaryPrompt
	}
	rows := entryRows(string(*e.rl.Line()), width)
	return strings.Repeat("\x1bD", rows) + fmt.Sprintf("\x1b[%dA", rows) + primaryPrompt
}

// entryRows returns the number of rows that an entry takes on a screen of a width. A character that may be wide
// counts as wide.
func entryRows(entry string, width int) int {
	rows := 0
	for line := range strings.SplitSeq(entry, "\n") {
		columns := len(primaryPrompt)
		for _, r := range line {
			switch {
			case r == '\t':
				columns += 5 // as the line editor shows it
			case r < 0x1100:
				columns++
			default:
				columns += 2
			}
		}
		rows += 1 + columns/width
	}
	return rows
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
	// The line editor replaces a prefix that it measures in bytes in a line that it measures in characters, and it takes
	// an empty prefix for all text since the last space. So the prefix is the last character of the text, if it is ASCII.
	last := text[len(text)-1:]
	if last[0] >= utf8.RuneSelf {
		return readline.Completions{}
	}
	word, list := e.sh.Complete(text)
	raw := make([]readline.Completion, 0, len(list))
	for _, c := range list {
		value := last + strings.TrimPrefix(c.Text, word)
		candidate := readline.Completion{Value: value, Display: c.Text, Description: c.Info, Tag: "names"}
		if strings.HasSuffix(c.Text, "=") {
			candidate.Description, candidate.Tag = "", "arguments" // candidates without a description are not cut
		}
		raw = append(raw, candidate)
	}
	out := readline.CompleteRaw(raw)
	out.PREFIX = last
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
		read = newEditor(sh).read
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
