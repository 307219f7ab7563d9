// Package guard calls code of the user, such as listeners, and recovers its panics. A panic
// would otherwise leave the caller's counts and locks in a wrong state, or end the process.
package guard

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
)

// Call calls f, if f is not nil. If f panics, Call logs the panic and returns. The parameter what is the name of f in
// the log.
func Call[E any](log *slog.Logger, what string, f func(E), e E) {
	if f == nil {
		return
	}
	defer Recover(log, what, nil)
	f(e)
}

// Recover must be deferred by a function that calls the user's code. It recovers a panic and logs it with its stack. If
// err is not nil, Recover sets *err to an error about the panic.
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

// Logger returns a logger that writes to the handler of l. If the handler panics, the record is lost and the panic is
// recovered. If l is nil, Logger uses the default logger.
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
