package thriftserver_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/thriftserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a clock that tests move.
type clock struct{ nanos atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.nanos.Store(time.Date(2013, 5, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(0, c.nanos.Load()) }
func (c *clock) Advance(d time.Duration) { c.nanos.Add(int64(d)) }

// openMemory opens a store that closes when the test ends, after everything that the test starts
// later has ended.
func openMemory(t testing.TB, c *clock, partitioner string) *embedded.Store {
	t.Helper()
	s, err := embedded.OpenMemory(&embedded.Options{
		Partitioner: partitioner, Now: c.Now, PurgeInterval: -1, CacheSize: 8 << 20, MemTableSize: 1 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}

// client sends and receives raw messages.
type client struct {
	t       testing.TB
	nc      net.Conn
	r       *thriftwire.Reader
	framing thriftwire.Framing
	old     bool
	seq     int32
}

func dial(t testing.TB, s *thriftserver.Server) *client {
	t.Helper()
	nc, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, nc, thriftwire.Framed)
}

func newClient(t testing.TB, nc net.Conn, f thriftwire.Framing) *client {
	t.Cleanup(func() { _ = nc.Close() })
	return &client{t: t, nc: nc, r: thriftwire.NewReader(nc, f, 1<<30), framing: f}
}

// send sends a call.
func (c *client) send(args thriftwire.Args) {
	c.t.Helper()
	c.seq++
	message, err := c.framing.Append(nil, thriftwire.Header{Method: args.Method(), Type: thriftwire.Call, Seq: c.seq, Old: c.old}, args, 1<<30)
	if err != nil {
		c.t.Fatal(err)
	}
	c.write(message)
}

func (c *client) write(b []byte) {
	c.t.Helper()
	if _, err := c.nc.Write(b); err != nil {
		c.t.Fatal(err)
	}
}

// receive returns the next message.
func (c *client) receive() []byte {
	c.t.Helper()
	message, err := c.message()
	if err != nil {
		c.t.Fatal(err)
	}
	return message
}

func (c *client) message() ([]byte, error) {
	const patience = 20 * time.Second
	if err := c.nc.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	return c.r.Next(nil)
}

// call makes a call and returns its result and its exception. The exception is the method's or
// Thrift's own.
func (c *client) call(args thriftwire.Args) (thriftwire.Result, error) {
	c.t.Helper()
	c.send(args)
	result := args.NewResult()
	if err := thriftwire.DecodeReply(c.receive(), args.Method(), c.seq, result); err != nil {
		return result, err
	}
	return result, result.Err()
}

// must makes a call and fails the test if the call fails.
func must[R thriftwire.Result](c *client, args thriftwire.Args) R {
	c.t.Helper()
	result, err := c.call(args)
	if err != nil {
		c.t.Fatalf("%s: %v", args.Method(), err)
	}
	return result.(R)
}

// refused makes a call that must fail as an invalid request with the given reason.
func (c *client) refused(args thriftwire.Args, why string) {
	c.t.Helper()
	_, err := c.call(args)
	var e *thriftwire.InvalidRequestException
	if !errors.As(err, &e) {
		c.t.Errorf("%s: %v, want an invalid request: %s", args.Method(), err, why)
	} else if e.Why != why {
		c.t.Errorf("%s: invalid request %q, want %q", args.Method(), e.Why, why)
	}
}

// logs collects a log for the test to read.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logs) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// stub is a store whose methods a test replaces.
type stub struct {
	backend.Backend
	slice func(ctx context.Context, r *backend.SliceRequest) ([]backend.Row, error)
}

func (s *stub) Slice(ctx context.Context, r *backend.SliceRequest) ([]backend.Row, error) {
	return s.slice(ctx, r)
}
