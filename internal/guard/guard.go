// Package guard calls code of the user, such as listeners, without letting its panics
// through: they would leave counts and locks of the caller as they are, or end the process.
package guard

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
)

// Call calls f, if it is not nil. If f panics, the panic is logged and goes no further. What names f in
// the log.
func Call[E any](log *slog.Logger, what string, f func(E), e E) {
	if f == nil {
		return
	}
	defer Recover(log, what, nil)
	f(e)
}

// Recover is deferred around a call of the user's code. It logs a panic, with its stack, and puts an error in
// its place unless err is nil.
func Recover(log *slog.Logger, what string, err *error) {
	p := recover()
	if p == nil {
		return
	}
	log.Error(what+" panicked", "panic", p, "stack", string(debug.Stack()))
	if err != nil {
		*err = fmt.Errorf("%s panicked: %v", what, p)
	}
}

// Logger returns a logger that writes where l does. A panic of the handler of l loses the record and goes no
// further. Nil is the default logger.
func Logger(l *slog.Logger) *slog.Logger {
	if l == nil {
		l = slog.Default()
	}
	if _, ok := l.Handler().(handler); ok {
		return l
	}
	return slog.New(handler{l.Handler()})
}

type handler struct{ slog.Handler }

func (h handler) Enabled(ctx context.Context, level slog.Level) (enabled bool) {
	defer func() { _ = recover() }()
	return h.Handler.Enabled(ctx, level)
}

func (h handler) Handle(ctx context.Context, r slog.Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the handler panicked: %v", p)
		}
	}()
	return h.Handler.Handle(ctx, r)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
