package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// terminal is a shell in tmux: keys go in, the screen comes out.
type terminal struct {
	t            *testing.T
	socket, home string
	bin          string
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	if os.Getenv("WIDEROW_TEST_TERMINAL") == "" {
		t.Skip("set WIDEROW_TEST_TERMINAL=1 to type into a real terminal, which needs tmux and an idle machine")
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed: the terminal is not tested")
	}
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The test binary is the program if it is called widerow.
	bin := filepath.Join(dir, "widerow")
	if err := os.Symlink(self, bin); err != nil {
		t.Skip("no symbolic links: ", err)
	}
	w := &terminal{t: t, socket: filepath.Join(dir, "tmux"), home: dir, bin: bin}
	t.Cleanup(func() { w.tmux("kill-server") })
	return w
}

func (w *terminal) tmux(args ...string) string {
	w.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", w.socket, "-f", "/dev/null"}, args...)...)
	cmd.Env = append(os.Environ(), "TMUX=", "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil && args[0] != "kill-server" {
		w.t.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return string(out)
}

// start runs a shell and waits for its prompt.
func (w *terminal) start(name, env string, args string) {
	w.t.Helper()
	w.run(name, env, "shell "+args)
	w.wait(name, "\n>>>")
}

// run runs the program in a separate terminal, on a store in memory.
func (w *terminal) run(name, env, args string) {
	w.t.Helper()
	w.tmux("-u", "new-session", "-d", "-s", name, "-x", "100", "-y", "30",
		"env HOME="+w.home+" XDG_STATE_HOME="+w.home+"/state LC_ALL=C.UTF-8 WIDEROW_STORE=memory: "+env+" "+w.bin+" "+args+"; echo ended $?; sleep 60")
}

// screen logs and returns the text that the terminal shows.
func (w *terminal) screen(name string) string {
	w.t.Helper()
	text := strings.TrimRight(w.tmux("capture-pane", "-p", "-t", name), "\n ")
	w.t.Logf("the screen of %s:\n%s", name, text)
	return text
}

// typed types a statement of one line and runs it.
func (w *terminal) typed(name, line string) {
	w.t.Helper()
	settle()
	w.keys(name, "-l", line)
	settle()
	w.keys(name, "Enter")
}

func (w *terminal) keys(name string, keys ...string) {
	w.t.Helper()
	w.tmux(append([]string{"send-keys", "-t", name}, keys...)...)
}

// wait waits until the screen shows a text.
func (w *terminal) wait(name, text string) {
	w.t.Helper()
	var screen string
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if screen = w.tmux("capture-pane", "-p", "-t", name); strings.Contains(screen, text) {
			return
		}
	}
	w.t.Fatalf("the screen does not show %q:\n%s", text, screen)
}

// until presses a key until the screen shows a text.
func (w *terminal) until(name, key, text string) {
	w.t.Helper()
	for range 100 {
		w.keys(name, key)
		for range 25 {
			if strings.Contains(w.tmux("capture-pane", "-p", "-t", name), text) {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	w.wait(name, text)
}

// settle waits as long as a person would before typing.
func settle() { time.Sleep(300 * time.Millisecond) }

// TestTerminal types into a real terminal.
func TestTerminal(t *testing.T) {
	w := newTerminal(t)
	w.start("a", "TERM=screen", "--demo")
	w.wait("a", "Try:")

	// Completion of a family, a method and an argument.
	w.keys("a", "USE", "Tab")
	w.wait("a", ">>> USERS")
	w.keys("a", ".", "Tab")
	w.wait("a", "get_indexed_slices") // the list of all methods
	settle()
	w.keys("a", "get_r", "Tab")
	w.wait("a", ">>> USERS.get_range")
	w.keys("a", "(", "Tab")
	w.wait("a", "row_count=") // the list of the arguments
	settle()
	w.keys("a", "row_c", "Tab")
	w.wait("a", ">>> USERS.get_range(row_count=")
	// The first Ctrl-C removes the completion, the second the line.
	w.until("a", "C-c", "KeyboardInterrupt")

	// A block ends with an empty line.
	w.keys("a", "for i in range(2):", "Enter")
	w.wait("a", "range(2):\n...")
	settle()
	w.keys("a", "    print i, u'gr\u00fcn'", "Enter")
	settle()
	w.keys("a", "Enter")
	w.wait("a", "1 gr\u00fcn")

	settle()
	// A pasted block is one entry.
	w.tmux("set-buffer", "def f(x):\n    if x:\n        return 'pasted'\n\nf(1)\n")
	w.tmux("paste-buffer", "-p", "-t", "a")
	settle()
	w.keys("a", "Enter")
	settle()
	w.keys("a", "Enter")
	w.wait("a", "\n'pasted'")

	// Ctrl-C ends a pure loop, and the shell goes on.
	settle()
	w.keys("a", "C-l")
	settle()
	w.keys("a", "while True: pass", "Enter")
	settle()
	w.keys("a", "Enter")
	w.until("a", "C-c", "KeyboardInterrupt\n>>>")

	// A long result stops at each screenful; q ends its statement.
	settle()
	w.keys("a", "for i in xrange(10 ** 12): print i", "Enter")
	settle()
	w.keys("a", "Enter")
	w.wait("a", "-- more")
	w.keys("a", "Space")
	w.wait("a", "\n40")
	w.keys("a", "q")
	settle()
	w.keys("a", "6 * 7", "Enter")
	w.wait("a", "\n42")
	settle()
	w.keys("a", "C-d")
	w.wait("a", "ended 0")

	// The next session has the lines of this one, on a terminal without colours too.
	w.start("b", "TERM=screen NO_COLOR=1", "")
	settle()
	w.keys("b", "Up")
	w.wait("b", ">>> 6 * 7")
	w.keys("b", "Enter")
	w.wait("b", "\n42")

	// A dumb terminal has prompts only.
	w.start("c", "TERM=dumb", "")
	w.keys("c", "if 1: print 'du' + 'mb'", "Enter", "Enter")
	w.wait("c", "dumb\n>>>")
	w.keys("c", "exit(3)", "Enter")
	w.wait("c", "ended 3")
}
