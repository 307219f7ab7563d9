package faultproxy_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/widerow/widerow/internal/testkit/faultproxy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo starts a server that sends back what it receives.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func dial(t *testing.T, p *faultproxy.Proxy) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c.(*net.TCPConn)
}

func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("received %q, %v; want %q", got, err, want)
	}
}

// silent checks that no data arrives for some time.
func silent(t *testing.T, c net.Conn) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	n, err := c.Read(make([]byte, 1))
	if n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("read %d bytes, %v; want nothing", n, err)
	}
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
}

func TestPassesOn(t *testing.T) {
	p := faultproxy.New(t, echo(t))
	c := dial(t, p)
	data := bytes.Repeat([]byte("0123456789"), 100_000)
	go func() {
		_, _ = c.Write(data)
		_ = c.CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("received %d bytes, %v; want the %d that were sent", len(got), err, len(data))
	}
	_ = c.Close()
	for p.Open() != 0 {
		time.Sleep(time.Millisecond)
	}
	if n := p.Accepted(); n != 1 {
		t.Errorf("accepted %d connections", n)
	}
}

func TestDelayAndThrottle(t *testing.T) {
	p := faultproxy.New(t, echo(t))
	c := dial(t, p)
	for _, tt := range []struct {
		name     string
		on, off  func(faultproxy.Direction)
		atLeast  time.Duration
		messages string
	}{
		{
			"delay", func(d faultproxy.Direction) { p.Delay(d, 40*time.Millisecond) },
			func(d faultproxy.Direction) { p.Delay(d, 0) }, 40 * time.Millisecond, "hello",
		},
		{
			"throttle", func(d faultproxy.Direction) { p.Throttle(d, 100) },
			func(d faultproxy.Direction) { p.Throttle(d, 0) }, 100 * time.Millisecond, "hello, hello, hello!",
		},
	} {
		for _, dir := range []faultproxy.Direction{faultproxy.Up, faultproxy.Down} {
			tt.on(dir)
			start := time.Now()
			send(t, c, tt.messages)
			receive(t, c, tt.messages)
			if took := time.Since(start); took < tt.atLeast {
				t.Errorf("%s of direction %d: took %v, want at least %v", tt.name, dir, took, tt.atLeast)
			}
			tt.off(dir)
		}
	}
}

func TestStall(t *testing.T) {
	p := faultproxy.New(t, echo(t))
	c := dial(t, p)
	for _, dir := range []faultproxy.Direction{faultproxy.Up, faultproxy.Down} {
		p.Stall(dir, true)
		send(t, c, "held")
		silent(t, c)
		p.Stall(dir, false)
		receive(t, c, "held")
	}
}

func TestCorrupt(t *testing.T) {
	p := faultproxy.New(t, echo(t))
	c := dial(t, p)
	for _, dir := range []faultproxy.Direction{faultproxy.Up, faultproxy.Down} {
		p.Corrupt(dir, 1)
		send(t, c, "abc")
		receive(t, c, "\x9ebc")
		send(t, c, "abc")
		receive(t, c, "abc")
	}
}

func TestBlackHole(t *testing.T) {
	p := faultproxy.New(t, echo(t))
	old := dial(t, p)
	send(t, old, "x")
	receive(t, old, "x")
	p.BlackHole(true)
	c := dial(t, p)
	send(t, c, "anyone?")
	send(t, old, "still there?")
	silent(t, c)
	silent(t, old)
	if err := p.Heal(); err != nil {
		t.Fatal(err)
	}
	receive(t, c, "anyone?")
	receive(t, old, "still there?")
}

func TestCutAndReset(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*faultproxy.Proxy)
		want error
	}{
		{"cut", (*faultproxy.Proxy).Cut, io.EOF},
		{"reset", (*faultproxy.Proxy).Reset, syscall.ECONNRESET},
	} {
		p := faultproxy.New(t, echo(t))
		c := dial(t, p)
		send(t, c, "x")
		receive(t, c, "x")
		tt.do(p)
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		c = dial(t, p)
		send(t, c, "again")
		receive(t, c, "again")
	}
}

func TestHalfClose(t *testing.T) {
	p := faultproxy.New(t, echo(t))
	c := dial(t, p)
	send(t, c, "x")
	receive(t, c, "x")
	p.HalfClose(faultproxy.Down)
	if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("read %d bytes, %v; want the end", n, err)
	}
	if _, err := io.WriteString(c, "the other direction goes on"); err != nil {
		t.Error(err)
	}
}

func TestRefuse(t *testing.T) {
	p := faultproxy.New(t, echo(t))
	c := dial(t, p)
	send(t, c, "x")
	receive(t, c, "x")
	for range 2 { // the second time changes nothing
		if err := p.Refuse(true); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialing: %v", err)
	}
	send(t, c, "open ones stay")
	receive(t, c, "open ones stay")
	if err := p.Heal(); err != nil {
		t.Fatal(err)
	}
	c = dial(t, p)
	send(t, c, "back")
	receive(t, c, "back")
}

// A server that resets or refuses looks the same through the proxy.
func TestServerThatIsGone(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := faultproxy.New(t, l.Addr().String())
	c := dial(t, p)
	send(t, c, "x")
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	receive(t, server, "x")
	_ = server.(*net.TCPConn).SetLinger(0)
	_ = server.Close()
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read after the server's reset: %v", err)
	}
	_ = l.Close()
	// The reset may arrive before dialing has ended.
	gone, err := net.Dial("tcp", p.Addr())
	if err == nil {
		defer gone.Close()
		_, err = gone.Read(make([]byte, 1))
	}
	if err == nil {
		t.Error("read without a server: no error")
	}
}

func TestEndsWithItsTest(t *testing.T) {
	var p *faultproxy.Proxy
	var c net.Conn
	t.Run("", func(t *testing.T) {
		p = faultproxy.New(t, echo(t))
		var err error
		if c, err = net.Dial("tcp", p.Addr()); err != nil {
			t.Fatal(err)
		}
		send(t, c, "x")
		receive(t, c, "x")
		p.BlackHole(true)
	})
	defer c.Close()
	if n := p.Open(); n != 0 {
		t.Errorf("%d connections are open", n)
	}
	if _, err := net.Dial("tcp", p.Addr()); err == nil {
		t.Error("it still listens")
	}
}
