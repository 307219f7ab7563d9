package thriftserver

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"
)

// The wanted texts are Cassandra 1.2.19's and 2.1.22's forms of these names.
func TestTextIsThatOfJava(t *testing.T) {
	for text, want := range map[string]string{
		"caf\u00e9": "caf\u00e9", "\xff\xfe": "\ufffd\ufffd", "\xe2\x82x": "\ufffdx", "\xed\xa0\x80": "\ufffd", "\xf0\x9f\x92": "\ufffd",
		"a\xc0\x80b": "a\ufffd\ufffdb", "\xf5\x80\x80\x80": "\ufffd\ufffd\ufffd\ufffd", "\ufffd": "\ufffd", "\xf4\x90\x80\x80": "\ufffd\ufffd\ufffd\ufffd",
	} {
		if got := reasonText(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestTextIsBounded(t *testing.T) {
	for _, s := range []string{"n", "\u00e9", "\U0001f4a9", "\xff", "\x80"} {
		long := strings.Repeat(s, 1<<20)
		if got := reasonText(long); len(got) > 3*maxReason+100 || !utf8.ValidString(got) || !strings.HasSuffix(got, " bytes)") {
			t.Errorf("%d bytes of %q became %d bytes", len(long), s, len(got))
		}
	}
	short := strings.Repeat("n", maxReason)
	if got := reasonText(short); got != short {
		t.Error("a reason of the greatest length is cut")
	}
}

// No value in a log line is longer than its bound, whichever logger is used.
func TestLogIsBounded(t *testing.T) {
	var out bytes.Buffer
	o := (&Options{Logger: slog.New(slog.NewTextHandler(&out, nil))}).withDefaults()
	long := strings.Repeat("x", 1<<20)
	o.Logger.With("a", 1).WithGroup("g").Warn("line", "family", long, "error", errors.New(long), "bytes", []byte(long), "stack", long, "n", 5)
	if n := out.Len(); n < maxStack || n > maxStack+3*maxLogged+1000 {
		t.Errorf("the line has %d bytes", n)
	}
	if !strings.Contains(out.String(), "g.n=5") || !strings.Contains(out.String(), "xxx… (1048576 bytes)") {
		t.Errorf("the line is %.2000s", &out)
	}
}
