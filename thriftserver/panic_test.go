package thriftserver_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/thriftserver"
)

// nobody refuses every login.
type nobody struct{}

func (nobody) Authenticate(context.Context, map[string]string) (string, error) {
	return "", errors.New("wrong password")
}

type brokenHandler struct{ slog.Handler }

func (brokenHandler) Enabled(context.Context, slog.Level) bool  { return true }
func (brokenHandler) Handle(context.Context, slog.Record) error { panic("in a handler") }

// A server whose listeners and logger panic keeps serving, and all its slots are free at the end.
func TestListenersThatPanic(t *testing.T) {
	for _, broken := range []bool{false, true} {
		var l logs
		log := slog.New(slog.NewTextHandler(&l, nil))
		if broken {
			log = slog.New(brokenHandler{})
		}
		s := servertest.Start(t, appStore(t), &thriftserver.Options{MaxConnections: 2, MaxCalls: 1, Logger: log, Events: &thriftserver.Events{
			Connected:    func(net.Addr) { panic("connected") },
			Disconnected: func(net.Addr) { panic("disconnected") },
			Refused:      func(net.Addr) { panic("refused") },
			Call:         func(thriftserver.CallInfo) { panic("call") },
		}})
		first, second := dialApp(t, s), dialApp(t, s)
		third := dial(t, s)
		if _, err := third.message(); err == nil {
			t.Error("the third of two connections is not closed")
		}
		for range 5 {
			must[*thriftwire.DescribeVersionResult](first, &thriftwire.DescribeVersionArgs{})
			must[*thriftwire.DescribeVersionResult](second, &thriftwire.DescribeVersionArgs{})
		}
		_ = first.nc.Close()
		until(t, "the connection is gone", func() bool { return s.Stats().Connections == 1 })
		must[*thriftwire.DescribeVersionResult](dial(t, s), &thriftwire.DescribeVersionArgs{})
		if broken {
			continue
		}
		until(t, "all panics are logged", func() bool {
			text := l.String()
			for _, panic := range []string{"connected", "disconnected", "refused", "call"} {
				if !strings.Contains(text, `msg="a listener of the server panicked" panic=`+panic) {
					return false
				}
			}
			return true
		})
	}
}

func TestLoginListenerThatPanics(t *testing.T) {
	s := servertest.Start(t, appStore(t), &thriftserver.Options{Authenticator: nobody{}, Events: &thriftserver.Events{
		LoginFailed: func(string) { panic("login") },
	}})
	_, err := dial(t, s).call(&thriftwire.LoginArgs{AuthRequest: thriftwire.AuthenticationRequest{Credentials: []thriftwire.Entry[string, string]{{Key: "username", Value: "ann"}}}})
	if _, ok := errors.AsType[*thriftwire.AuthenticationException](err); !ok {
		t.Errorf("error %v, want a failed login", err)
	}
}
