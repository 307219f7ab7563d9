// Package servertest serves stores to Thrift clients in tests.
package servertest

import (
	"errors"
	"net"
	"sync"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/thriftserver"
)

// Start serves a store on a free port of 127.0.0.1 until the test ends, and returns the running server.
// The test must close the store in a Cleanup that it registers before it calls Start: then the server ends first.
func Start(t testing.TB, store backend.Backend, opts *thriftserver.Options) *thriftserver.Server {
	t.Helper()
	s, err := thriftserver.New(store, opts)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	Serve(t, s, l)
	return s
}

// Serve serves a listener until the test ends. When Serve returns, the server has the listener's address.
func Serve(t testing.TB, s *thriftserver.Server, l net.Listener) {
	t.Helper()
	accepting := &accepting{Listener: l, begun: make(chan struct{})}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(accepting) }()
	select {
	case <-accepting.begun:
	case err := <-ended:
		t.Fatalf("Serve: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := <-ended; !errors.Is(err, thriftserver.ErrServerClosed) {
			t.Errorf("Serve: %v, want ErrServerClosed", err)
		}
	})
}

// accepting is a listener that reports the first Accept.
type accepting struct {
	net.Listener
	once  sync.Once
	begun chan struct{}
}

func (a *accepting) Accept() (net.Conn, error) {
	a.once.Do(func() { close(a.begun) })
	return a.Listener.Accept()
}
