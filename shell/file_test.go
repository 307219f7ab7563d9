package shell_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/widerow/widerow/shell"
)

// fileSession is a session that reads and writes files of a directory.
func fileSession(t *testing.T, out io.Writer, dir string) *shell.Session {
	t.Helper()
	s, err := shell.New(t.Context(), &shell.Options{
		Store: openStore(t, "").b, Out: out, Echo: true,
		ReadFile: func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, name)) },
		WriteFile: func(name string, appendTo bool) (io.WriteCloser, error) {
			how := os.O_TRUNC
			if appendTo {
				how = os.O_APPEND
			}
			return os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_WRONLY|how, 0o666)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFiles writes and reads files as a script does.
func TestFiles(t *testing.T) {
	var out bytes.Buffer
	dir := t.TempDir()
	s := fileSession(t, &out, dir)
	for _, step := range []struct{ src, want string }{
		{"f = open('a', 'w')\nf.write('one\\ntwo\\n')\nf.writelines(['three', '\\n'])\nprint >>f, 'four', 5\nf.close()\n", ""},
		{"f.closed, f.name, f.mode\n", "(True, 'a', 'w')\n"},
		{"open('a').read()\n", `'one\ntwo\nthree\nfour 5\n'` + "\n"},
		{"for line in open('a'): print line,\n", "one\ntwo\nthree\nfour 5\n"},
		{"with open('a') as f: print [f.readline(), f.read(2), f.tell()], f.readlines()\n", `['one\n', 'tw', 6] ['o\n', 'three\n', 'four 5\n']` + "\n"},
		{"with open('a', 'a') as f: f.write('end')\n", ""},
		{"open('a').readlines()[-1]\n", "'end'\n"},
		{"f.write('x')\n", "ValueError: I/O operation on closed file"},
		{"open('a').write('x')\n", "IOError: File not open for writing"},
		{"open('a', 'w').read()\n", "IOError: File not open for reading"},
		{"open('none')\n", "IOError: [Errno 2] No such file or directory: 'none'"},
		{"open('none/x', 'w')\n", "IOError: [Errno 2] No such file or directory: 'none/x'"},
		{"open('a', 'q')\n", "ValueError: mode string must begin with one of 'r', 'w', 'a' or 'U', not 'q'"},
		{"open('a', 'r+')\n", "NotImplementedError: a file of the shell is read or written, not both: mode 'r+' is not supported"},
		{"import json\njson.dump({'k': [1]}, open('j', 'w'))\n", ""},
		{"held = open('held', 'w')\nheld.write('kept')\n", ""},
	} {
		out.Reset()
		err := s.Run(t.Context(), "<test>", step.src)
		var e *shell.Error
		if got := out.String(); errors.As(err, &e) && e.Error() != step.want || err == nil && got != step.want {
			t.Errorf("%s\nprints %q, %v, want %q", step.src, got, err, step.want)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "held")); err != nil || string(text) != "kept" {
		t.Errorf("a file that was left open holds %q, %v", text, err)
	}
}

// TestNoFiles checks that a session without ReadFile and WriteFile refuses to open files.
func TestNoFiles(t *testing.T) {
	for src, want := range map[string]string{
		"open('a')\n": "IOError: this shell reads no files", "open('a', 'w')\n": "IOError: this shell writes no files",
	} {
		var out bytes.Buffer
		if err := newSession(t, &out).Run(t.Context(), "<test>", src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", src, err, want)
		}
	}
}

// TestExec runs texts inside of the running text.
func TestExec(t *testing.T) {
	var out bytes.Buffer
	s := newSession(t, &out)
	src := `
def f(a):
    b = 2
    exec 'c = a + b'
    return c, eval('a * b'), sorted(locals())
print f(3)
d = {'n': 1}
exec 'm = n + 1; del n' in d
print d
print eval('n', {'n': 5}), eval('n + m', {'n': 5}, {'m': 6})
def g():
    yield locals().keys()
print list(g()), 'd' in globals()
try:
    exec 'x ='
except SyntaxError, e:
    print e
class Meta(object):
    def __new__(cls, n): return 'made %d' % n
print Meta(4)
class D(dict):
    def __init__(self, n): self.n = n; self['n'] = n
    def __getitem__(self, k): return dict.__getitem__(self, k) * 2
print D(3), D(3)['n'], D(3).n
`
	want := "(5, 6, ['a', 'b', 'c'])\n{'m': 2}\n5 11\n[[]] True\ninvalid syntax (<string>, line 1)\nmade 4\n{'n': 3} 6 3\n"
	if err := s.Run(t.Context(), "<test>", src); err != nil || out.String() != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out.String(), want)
	}
}
