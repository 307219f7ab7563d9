package shell_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/widerow/widerow/shell"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newSession(t testing.TB, out *bytes.Buffer) *shell.Session {
	t.Helper()
	s, err := shell.New(t.Context(), &shell.Options{Store: openStore(t, "").b, Out: out, Echo: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestInterrupt ends loops of every kind by the context of the run, and uses the session afterwards.
func TestInterrupt(t *testing.T) {
	for _, src := range []string{
		"while True: pass\n",
		"def f():\n    while 1:\n        try:\n            pass\n        except:\n            pass\nf()\n",
		"while True:\n    try:\n        while True: pass\n    except: pass\n    finally: pass\n",
		"sum(xrange(10 ** 15))\n",
		"for x in (y for y in iter(lambda: 1, 2)): pass\n",
		"from itertools import count\nlist(x for x in count() if x < 0)\n",
		"[1 for x in xrange(10 ** 15) if x < 0]\n",
		"def g():\n    while True: yield 1\nfor x in g(): pass\n",
		"import time\ntime.sleep(1000)\n",
		"sorted(xrange(10 ** 9), key=lambda x: -x)\n",
		"max(x for x in xrange(10 ** 15))\n",
		"0 in iter(lambda: 1, 2)\n",
	} {
		var out bytes.Buffer
		s := newSession(t, &out)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		err := s.Run(ctx, "<test>", src)
		cancel()
		if !errors.Is(err, shell.ErrInterrupted) {
			t.Errorf("Run(%q) = %v, want ErrInterrupted", src, err)
		}
		out.Reset()
		if err := s.Run(t.Context(), "<test>", "1 + 1\n"); err != nil || out.String() != "2\n" {
			t.Errorf("after %q: %q, %v", src, out.String(), err)
		}
	}
}

// TestLimits checks that the session refuses texts which would exhaust the memory or the stack.
func TestLimits(t *testing.T) {
	for src, class := range map[string]string{
		"def f(): return f()\n\nf()\n": "RuntimeError",
		"'x' * 10 ** 12\n":             "MemoryError",
		"[0] * 10 ** 12\n":             "MemoryError",
		"range(10 ** 12)\n":            "MemoryError",
		"2 ** 10 ** 9\n":               "MemoryError",
		"1 << 10 ** 12\n":              "MemoryError",
		"'%*d' % (10 ** 9, 1)\n":       "TypeError",
		"x = []\nfor i in range(2000): x = [x]\n\nrepr(x)\n":                   "RuntimeError",
		"x = []\nfor i in range(2000): x = [x]\n\nx == [x]\n":                  "",
		strings.Repeat("(", 200):                                               "SyntaxError",
		strings.Repeat("-", 5000) + "1\n":                                      "SyntaxError",
		"class A(object):\n    def __repr__(self): return repr(self)\n\nA()\n": "RuntimeError",
	} {
		var out bytes.Buffer
		err := newSession(t, &out).Run(t.Context(), "<test>", src)
		var e *shell.Error
		if class == "" {
			if err != nil && !errors.As(err, &e) {
				t.Errorf("Run(%.40q) = %v", src, err)
			}
			continue
		}
		if !errors.As(err, &e) || e.Class != class {
			t.Errorf("Run(%.40q) = %v, want %s", src, err, class)
		}
	}
}

// TestErrorPlaces checks the line and the column of errors.
func TestErrorPlaces(t *testing.T) {
	for _, test := range []struct {
		src, want string
	}{
		{"x = 1\nprint x, nope\n", "  <test>, line 2\n    print x, nope\n             ^\nNameError: name 'nope' is not defined"},
		{"def f():\n    return 1 / 0\nf()\n", "  <test>, line 2\n    return 1 / 0\n             ^\nZeroDivisionError: integer division or modulo by zero"},
		{"if x\n    pass\n", "  <test>, line 1\n    if x\n        ^\nSyntaxError: invalid syntax"},
		{"print f'a'\n", "  <test>, line 1\n    print f'a'\n           ^\nSyntaxError: f'…' belongs to Python 3; use '…' % values or '…'.format(values)"},
		{"x = 1j\n", "  <test>, line 1\n    x = 1j\n        ^\nSyntaxError: complex numbers are not supported; use two floats"},
	} {
		var out bytes.Buffer
		err := newSession(t, &out).Run(t.Context(), "<test>", test.src)
		var e *shell.Error
		if !errors.As(err, &e) {
			t.Errorf("Run(%q) = %v", test.src, err)
			continue
		}
		if got := e.Caret() + e.Error(); got != test.want {
			t.Errorf("Run(%q):\n%s\nwant\n%s", test.src, got, test.want)
		}
	}
}

func TestNeedsMore(t *testing.T) {
	for src, want := range map[string]bool{
		"1\n": false, "\n": false, "# x\n": false, "for x in y:\n": true, "for x in y:\n    z\n": true, "for x in y:\n    z\n\n": false,
		"if x: y\n": true, "if x: y\n\n": false, "f(1,\n": true, "'''a\n": true, "'a\n": false, "x = \\\n": true,
		"for x in y z\n": false, "try:\n    x\n": true, "@d\n": true, "class A:\n    @p\n": true, "for x in y:\n    for z in x:\n": true, ")": false,
	} {
		if got := shell.NeedsMore(src); got != want {
			t.Errorf("NeedsMore(%q) = %t, want %t", src, got, want)
		}
	}
}

func TestComplete(t *testing.T) {
	var out bytes.Buffer
	demo := newSession(t, &out)
	if err := demo.Run(t.Context(), "demo.py", shell.DemoScript+"\nu = ColumnFamily(ConnectionPool('Demo'), 'Users')\n_ = u.get('ann')\n"); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"SYSTEM_M": "SYSTEM_MANAGER", "u.ge": "get get_count get_indexed_slices get_range", "u.get('x', colu": "column_count= column_finish= column_reversed= column_start= columns=",
		"u.get('an": "ann", "ConnectionPool('De": "Demo", "'abc'.star": "startswith", "pycassa.pool.Conn": "ConnectionPool ConnectionWrapper",
		"nope.x": "", "1 + ": "*", "u.get(column_count=1, column_c": "", "SYSTEM_MANAGER.create_column_family('a', 'b', compr": "compression_options=",
		"SYSTEM_MANAGER.create_keyspace(":         "durable_writes= name= replication_strategy= strategy_options=",
		"SYSTEM_MANAGER.create_index(":            "column= column_family= index_name= index_type= keyspace= value_type=",
		"SYSTEM_MANAGER.alter_column_family(keys": "keyspace=",
	} {
		_, list := demo.Complete(text)
		var got []string
		for _, c := range list {
			got = append(got, c.Text)
		}
		if want == "*" {
			if len(got) < 100 {
				t.Errorf("Complete(%q) has %d candidates", text, len(got))
			}
			continue
		}
		slices.Sort(got)
		if g := strings.Join(got, " "); g != want {
			t.Errorf("Complete(%q) = %q, want %q", text, g, want)
		}
	}
}

// TestTwoSessions runs sessions side by side and checks that they share no names.
func TestTwoSessions(t *testing.T) {
	var a, b bytes.Buffer
	x, y := newSession(t, &a), newSession(t, &b)
	for _, s := range []*shell.Session{x, y} {
		if err := s.Run(t.Context(), "<test>", "import random\nrandom.mine = 1\nv = 5\n"); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Run(t.Context(), "<test>", "del v\n"); err != nil {
		t.Fatal(err)
	}
	if err := y.Run(t.Context(), "<test>", "v\n"); err != nil || b.String() != "5\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}

// TestMaxHeap ends runs that take too much memory, and uses the session afterwards.
func TestMaxHeap(t *testing.T) {
	var out bytes.Buffer
	s, err := shell.New(t.Context(), &shell.Options{Store: openStore(t, "").b, Out: &out, Echo: true, MaxHeap: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range []string{
		"x = []\nwhile True: x.append('a' * 1000000 + str(len(x)))\n",
		"try:\n    x = ['a' * 1000000 + str(i) for i in xrange(10 ** 9)]\nexcept: pass\n",
	} {
		var e *shell.Error
		if err := s.Run(t.Context(), "<test>", src); !errors.As(err, &e) || e.Error() != "MemoryError: the statement takes more than 64 MiB" {
			t.Errorf("Run(%q) = %v", src, err)
		}
		if err := s.Run(t.Context(), "<test>", "x = None\n1 + 1\n"); err != nil || out.String() != "2\n" {
			t.Errorf("afterwards: %q, %v", out.String(), err)
		}
		out.Reset()
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
