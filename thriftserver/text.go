package thriftserver

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"
)

const (
	// maxReason is the longest reason that a client is given, in bytes, and maxLogged the longest value in the log.
	maxReason, maxLogged = 4096, 512
	// maxStack is the longest stack of a panic in the log.
	maxStack = 16 << 10
)

// reasonText returns a reason as a client is given it: with the names that clients made up as Java shows them, U+FFFD for each
// part that is not UTF-8, and cut after maxReason bytes.
func reasonText(s string) string { return javaText(clip(s, maxReason)) }

// clip cuts a text, between characters, that is longer than n bytes, and says how long it was.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	end := n
	for end > n-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d bytes)", s[:end], len(s))
}

// javaText decodes UTF-8 as Java does: the longest part that could begin a character, but does not, is one U+FFFD.
func javaText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n <= 1 {
			n = malformed(s)
		}
		b.WriteRune(r)
		s = s[n:]
	}
	return b.String()
}

// malformed returns the number of bytes at the beginning of s that Java replaces by one U+FFFD.
// Half of a surrogate pair counts as one replacement.
func malformed(s string) int {
	more := 0 // bytes that should follow
	lowest, highest := byte(0x80), byte(0xbf)
	switch c := s[0]; {
	case c == 0xe0:
		more, lowest = 2, 0xa0
	case c > 0xe0 && c <= 0xef:
		more = 2
	case c == 0xf0:
		more, lowest = 3, 0x90
	case c == 0xf4:
		more, highest = 3, 0x8f
	case c > 0xf0 && c < 0xf4:
		more = 3
	}
	n := 1
	for ; n <= more && n < len(s) && s[n] >= lowest && s[n] <= highest; n++ {
		lowest, highest = 0x80, 0xbf
	}
	return n
}

// boundedLog bounds the values that are logged: names and texts that clients make up may be megabytes long.
type boundedLog struct{ slog.Handler }

func (h boundedLog) Handle(ctx context.Context, r slog.Record) error {
	bounded := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		bounded.AddAttrs(boundedAttr(a))
		return true
	})
	return h.Handler.Handle(ctx, bounded)
}

func (h boundedLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return boundedLog{h.Handler.WithAttrs(attrs)}
}

func (h boundedLog) WithGroup(name string) slog.Handler { return boundedLog{h.Handler.WithGroup(name)} }

func boundedAttr(a slog.Attr) slog.Attr {
	n := maxLogged
	if a.Key == "stack" {
		n = maxStack
	}
	a.Value = a.Value.Resolve()
	switch a.Value.Kind() {
	case slog.KindString, slog.KindAny:
		if s := a.Value.String(); len(s) > n {
			a.Value = slog.StringValue(clip(s, n))
		}
	}
	return a
}
