package cli

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// script writes a script for -f.
func (w *terminal) script(text string) string {
	w.t.Helper()
	file := filepath.Join(w.home, "before.py")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		w.t.Fatal(err)
	}
	return file
}

// TestTerminalLostServer stops the server of a shell. The shell reports it, and continues after the server is back.
func TestTerminalLostServer(t *testing.T) {
	w := newTerminal(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	serve := fmt.Sprintf("serve --listen 127.0.0.1:%d", port)
	w.run("server", "TERM=screen", serve)
	w.wait("server", "serving")
	w.start("a", "TERM=screen", fmt.Sprintf("-H 127.0.0.1 -p %d", port))
	w.typed("a", "SYSTEM_MANAGER.create_keyspace('Ks', strategy_options={'replication_factor': '1'})")
	w.typed("a", "SYSTEM_MANAGER.list_keyspaces()")
	w.wait("a", "['Ks']")
	w.keys("server", "C-c")
	w.wait("server", "ended 0")
	w.typed("a", "SYSTEM_MANAGER.list_keyspaces()")
	w.wait("a", "AllServersUnavailable: An attempt was made to connect to each of the servers")
	w.wait("a", fmt.Sprintf(":%d\n>>>", port))
	w.screen("a")
	w.run("again", "TERM=screen", serve)
	w.wait("again", "serving")
	w.typed("a", "SYSTEM_MANAGER.list_keyspaces(), 'again'")
	w.wait("a", "([], 'again')\n>>>")
	w.screen("a")
}

// TestTerminalResize makes the window smaller and larger between statements and while a long text waits for a key.
func TestTerminalResize(t *testing.T) {
	w := newTerminal(t)
	w.start("a", "TERM=screen", "")
	w.tmux("resize-window", "-t", "a", "-x", "40", "-y", "10")
	w.typed("a", "for i in range(100): print i")
	settle()
	w.keys("a", "Enter")
	w.wait("a", "-- more")
	if text := w.screen("a"); strings.Count(text, "\n") > 10 || !strings.Contains(text, "\n5\n") {
		t.Errorf("a screenful of 10 lines is\n%s", text)
	}
	w.tmux("resize-window", "-t", "a", "-x", "120", "-y", "60")
	w.keys("a", "Space")
	w.wait("a", "\n60\n")
	w.screen("a")
	w.keys("a", "q")
	w.typed("a", "'a line that is longer than the forty columns of the window before ' + 'end'")
	w.wait("a", "before end'\n>>>")
}

// TestTerminalNames types and prints names that are not ASCII: in two bytes, three, four, and of two columns.
func TestTerminalNames(t *testing.T) {
	w := newTerminal(t)
	w.start("a", "TERM=screen", "-f "+w.script(`
SYSTEM_MANAGER.create_keyspace('Ks', SIMPLE_STRATEGY, {'replication_factor': '1'})
SYSTEM_MANAGER.create_column_family('Ks', 'Cf', comparator_type=UTF8_TYPE, key_validation_class=UTF8_TYPE, default_validation_class=UTF8_TYPE)
cf = ColumnFamily(ConnectionPool('Ks'), 'Cf')
`))
	w.typed("a", "ts = cf.insert(u'größe', {u'ключ': u'值', u'😀': u'é'})")
	w.typed("a", "cf.get(u'größe')")
	w.wait("a", `OrderedDict([(u'\u043a\u043b\u044e\u0447', u'\u503c'), (u'\U0001f600', u'\xe9')])`)
	w.typed("a", "for k, v in cf.get(u'größe').items(): print k, '=', v")
	settle()
	w.keys("a", "Enter")
	w.wait("a", "\nключ = 值\n😀 = é\n>>>")
	w.screen("a")
	// Backspace deletes a whole letter.
	settle()
	w.keys("a", "-l", "'äö'")
	settle()
	w.keys("a", "Left", "BSpace", "Enter")
	w.wait("a", `'\xc3\xa4'`+"\n>>>")
}

// TestTerminalWideRow prints a row of 300,000 columns, and interrupts an endless scan of it.
func TestTerminalWideRow(t *testing.T) {
	w := newTerminal(t)
	w.start("a", "TERM=screen", "-f "+w.script(`
SYSTEM_MANAGER.create_keyspace('Ks', SIMPLE_STRATEGY, {'replication_factor': '1'})
SYSTEM_MANAGER.create_column_family('Ks', 'Cf', comparator_type=INT_TYPE)
cf = ColumnFamily(ConnectionPool('Ks'), 'Cf')
for i in range(0, 300000, 10000):
    ts = cf.insert('wide', dict((n, 'value') for n in range(i, i + 10000)))
`))
	w.typed("a", "len(cf.get('wide', column_count=300000)), cf.get_count('wide')")
	w.wait("a", "(300000, 300000)\n>>>")
	w.typed("a", "cf.get('wide', column_count=300000)")
	w.wait("a", "-- more")
	w.screen("a")
	w.until("a", "Space", "more bytes; -c or a script prints the whole line")
	w.screen("a")
	w.typed("a", "for name, value in cf.xget('wide'): print name, value")
	settle()
	w.keys("a", "Enter")
	w.wait("a", "-- more")
	w.keys("a", "q")
	settle()
	w.keys("a", "C-l")
	w.typed("a", "while True: n = sum(1 for c in cf.xget('wide'))")
	settle()
	w.keys("a", "Enter")
	w.until("a", "C-c", "KeyboardInterrupt\n>>>")
	w.screen("a")
	w.typed("a", "6 * 7")
	w.wait("a", "\n42\n>>>")
}
