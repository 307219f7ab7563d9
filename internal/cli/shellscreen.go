package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// screen writes to a terminal and stops after each screenful. Space shows the next screenful, Enter the next line, and q
// ends the running statement. A line that fills many screens is cut on the terminal; files and pipes get the whole line.
type screen struct {
	out      io.Writer
	in, term *os.File // nil if there is no terminal: then the screen does not stop
	rows     int      // rows shown since the last stop
	quit     bool
	cancel   context.CancelFunc
}

// newScreen returns a screen. The screen stops only if the input and the output are terminals.
func newScreen(s *streams) *screen {
	p := &screen{out: s.out}
	in, ok1 := s.in.(*os.File)
	out, ok2 := s.out.(*os.File)
	if ok1 && ok2 && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd())) && os.Getenv("TERM") != "dumb" {
		p.in, p.term = in, out
	}
	return p
}

// begin starts a statement. The screen calls cancel to end it.
func (p *screen) begin(cancel context.CancelFunc) {
	p.rows, p.quit, p.cancel = 0, false, cancel
}

func (p *screen) Write(b []byte) (int, error) {
	if p.term == nil || p.cancel == nil {
		return p.out.Write(b)
	}
	width, height, err := term.GetSize(int(p.term.Fd()))
	if err != nil || width < 1 || height < 3 {
		return p.out.Write(b)
	}
	text := string(b)
	for text != "" && !p.quit {
		line, rest, ended := strings.Cut(text, "\n")
		text = rest
		if limit := 4 * width * height; len(line) > limit {
			cut := limit
			for cut > 0 && !utf8.RuneStart(line[cut]) {
				cut--
			}
			line = fmt.Sprintf("%s … %d more bytes; -c or a script prints the whole line", line[:cut], len(line)-cut)
		}
		rows := 1 + max(utf8.RuneCountInString(line)-1, 0)/width
		if err := p.show(line, rows, width, height); err != nil {
			return 0, err
		}
		if ended && !p.quit {
			if _, err := io.WriteString(p.out, "\n"); err != nil {
				return 0, err
			}
		} else if !ended {
			p.rows -= rows - 1
			p.rows--
		}
	}
	return len(b), nil
}

// show writes a line, a screenful at a time.
func (p *screen) show(line string, rows, width, height int) error {
	for p.rows+rows >= height {
		head := max(height-1-p.rows, 0) * width
		runes := []rune(line)
		head = min(head, len(runes))
		if _, err := io.WriteString(p.out, string(runes[:head])); err != nil {
			return err
		}
		line = string(runes[head:])
		rows -= head / width
		if head > 0 && len(line) > 0 {
			if _, err := io.WriteString(p.out, "\n"); err != nil {
				return err
			}
		}
		if err := p.wait(); err != nil || p.quit {
			return err
		}
		if line == "" {
			return nil
		}
		rows = 1 + max(utf8.RuneCountInString(line)-1, 0)/width
	}
	p.rows += rows
	_, err := io.WriteString(p.out, line)
	return err
}

// wait asks for a key.
func (p *screen) wait() error {
	state, err := term.MakeRaw(int(p.in.Fd()))
	if err != nil {
		p.rows = 0
		return nil
	}
	const text = "-- more: space, Enter, q --"
	_, err = io.WriteString(p.out, "\x1b[7m"+text+"\x1b[0m")
	key := []byte{'q'}
	if err == nil {
		_, err = p.in.Read(key)
	}
	if rerr := term.Restore(int(p.in.Fd()), state); err == nil {
		err = rerr
	}
	if err != nil {
		return err
	}
	if _, err := io.WriteString(p.out, "\r"+strings.Repeat(" ", len(text))+"\r"); err != nil {
		return err
	}
	switch key[0] {
	case 'q', 'Q', 3, 27:
		p.quit = true
		p.cancel()
	case '\r', '\n':
		p.rows--
	default:
		p.rows = 0
	}
	return nil
}

// errors returns a writer for the errors of a statement. After q it discards them.
func (p *screen) errors(w io.Writer) io.Writer { return &quietAfter{p, w} }

type quietAfter struct {
	p *screen
	w io.Writer
}

func (q *quietAfter) Write(b []byte) (int, error) {
	if q.p.quit {
		return len(b), nil
	}
	return q.w.Write(b)
}
