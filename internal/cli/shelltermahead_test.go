package cli

import (
	"fmt"
	"strings"
	"testing"
)

// TestTerminalTypedAhead types 200 characters in bursts while a statement runs, and then while the line editor draws at
// the bottom of the screen. Every key must arrive.
func TestTerminalTypedAhead(t *testing.T) {
	w := newTerminal(t)
	w.start("a", "TERM=screen", "")
	w.typed("a", "for i in range(25): print 'line', i")
	w.keys("a", "Enter")
	w.wait("a", "line 24\n>>>")

	var numbers strings.Builder
	for i := range 50 {
		fmt.Fprintf(&numbers, "%03d,", i)
	}
	bursts := func(text string) {
		for len(text) > 0 {
			n := min(10, len(text))
			w.keys("a", "-l", text[:n])
			text = text[n:]
		}
		w.keys("a", "Enter")
	}
	w.keys("a", "-l", "import time; time.sleep(3)")
	w.keys("a", "Enter")
	for _, name := range []string{"ahead", "edited"} {
		bursts(name + " = '" + numbers.String() + "'")
		bursts("print '" + name + "', " + name + " == ''.join(['%03d,' % i for i in range(50)]), len(" + name + ")")
		w.wait("a", "\n"+name+" True 200\n>>>")
	}
	// The screen shows an entry of several rows, and what is above it.
	bursts("def f(x):")
	bursts("return x")
	w.keys("a", "Enter")
	bursts("print 'f', f(7)")
	w.wait("a", "\nf 7\n>>>")
	if screen := w.screen("a"); !strings.Contains(screen, "\nedited True 200\n>>> def f(x):\n") {
		t.Error("the rows above the entry are not on the screen")
	}
}
