package guard_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/widerow/widerow/internal/guard"
)

func TestCall(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	sum := 0
	guard.Call(log, "the listener", func(n int) { sum += n }, 3)
	guard.Call(log, "the listener", nil, 3)
	if sum != 3 || out.Len() > 0 {
		t.Errorf("the sum is %d, the log %q", sum, out.String())
	}
	guard.Call(log, "the listener", func(int) { panic("of the user") }, 3)
	if got := out.String(); !strings.Contains(got, `msg="the listener panicked" panic="of the user"`) || !strings.Contains(got, "guard_test.go") {
		t.Errorf("the log is %q", got)
	}
}

func TestRecover(t *testing.T) {
	err := func() (err error) {
		defer guard.Recover(guard.Logger(slog.New(slog.DiscardHandler)), "the dialer", &err)
		panic("of the user")
	}()
	if err == nil || err.Error() != "the dialer panicked: of the user" {
		t.Errorf("error %v", err)
	}
}

type broken struct{ slog.Handler }

func (broken) Enabled(context.Context, slog.Level) bool  { return true }
func (broken) Handle(context.Context, slog.Record) error { panic("of the handler") }
func (b broken) WithAttrs([]slog.Attr) slog.Handler      { return b }
func (b broken) WithGroup(string) slog.Handler           { return b }

type disabled struct{ broken }

func (disabled) Enabled(context.Context, slog.Level) bool { panic("of the handler") }

func TestLogger(t *testing.T) {
	for _, h := range []slog.Handler{broken{}, disabled{}} {
		log := guard.Logger(slog.New(h))
		log.Error("nobody hears it")
		log.With("a", 1).WithGroup("g").Info("nor this")
		if guard.Logger(log) != log {
			t.Error("a guarded logger is guarded again")
		}
		guard.Call(log, "the listener", func(int) { panic("of the user") }, 3)
	}
	var out bytes.Buffer
	guard.Logger(slog.New(slog.NewTextHandler(&out, nil))).With("a", 1).WithGroup("g").Info("heard", "b", 2)
	if !strings.Contains(out.String(), "msg=heard a=1 g.b=2") {
		t.Errorf("the log is %q", out.String())
	}
	if guard.Logger(nil) == nil {
		t.Error("there is no default")
	}
}
