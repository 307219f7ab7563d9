package thriftserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
)

func client(s string) netip.Prefix {
	return clientOf(&net.TCPAddr{IP: net.ParseIP(s), Port: 1})
}

func TestClients(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "::1": "::1",
	} {
		if got := clientName(client(address)); got != want {
			t.Errorf("%s is %s, want %s", address, got, want)
		}
	}
	if got := clientName(clientOf(&net.UnixAddr{})); got != "local" {
		t.Errorf("a connection without an address is %s", got)
	}
}

// queue makes logins wait, and returns their names as they are admitted.
type queue struct {
	t        *testing.T
	l        *logins
	admitted chan string
}

func newQueue(t *testing.T) *queue {
	q := &queue{t: t, l: newLogins(1), admitted: make(chan string, 1000)}
	if err := q.l.acquire(t.Context(), nil, client("203.0.113.1"), 0); err != nil { // all others wait for this login
		t.Fatal(err)
	}
	return q
}

func (q *queue) waiting() (n int) {
	q.l.mu.Lock()
	defer q.l.mu.Unlock()
	for _, c := range q.l.turns {
		n += len(c.waiting)
	}
	return n
}

func (q *queue) add(name, from string, failures int) {
	before := q.waiting()
	go func() {
		if err := q.l.acquire(context.Background(), nil, client(from), failures); err != nil {
			q.t.Error(err)
		}
		q.admitted <- name
	}()
	for q.waiting() == before {
		time.Sleep(10 * time.Microsecond)
	}
}

// next ends the running check and returns the name of the next login.
func (q *queue) next() string {
	q.l.release()
	return <-q.admitted
}

// Clients take turns. Within one client, logins with earlier failures come last, and the newest
// login comes first.
func TestLoginTurns(t *testing.T) {
	q := newQueue(t)
	for i := range 300 {
		q.add(fmt.Sprintf("guess %d", i), "192.0.2.1", 1+i%2)
	}
	q.add("old", "192.0.2.1", 0)
	q.add("new", "192.0.2.1", 0)
	q.add("good", "192.0.2.2", 0)
	q.add("good too", "192.0.2.3", 0)
	var got []string
	for range 6 {
		got = append(got, q.next())
	}
	if want := []string{"new", "good", "good too", "old", "guess 298", "guess 296"}; !slices.Equal(got, want) {
		t.Errorf("admitted %q, want %q", got, want)
	}
	for range 298 {
		q.next()
	}
	q.l.release()
	if q.l.free != 1 || len(q.l.clients) != 0 || len(q.l.turns) != 0 {
		t.Errorf("in the end %d are free, %d clients are known and %d have turns", q.l.free, len(q.l.clients), len(q.l.turns))
	}
}

// A client that gives up leaves no state, and gets the error "try again later".
func TestLoginGivesUp(t *testing.T) {
	q := newQueue(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	gone := make(chan struct{})
	close(gone)
	for _, err := range []error{
		q.l.acquire(ctx, nil, client("192.0.2.1"), 0), q.l.acquire(context.Background(), gone, client("192.0.2.1"), 0),
	} {
		if !errors.Is(err, backend.ErrUnavailable) {
			t.Errorf("error %v, want one of unavailability", err)
		}
	}
	if q.waiting() != 0 || len(q.l.clients) != 0 {
		t.Error("a client that gave up is still known")
	}
	q.add("good", "192.0.2.2", 0)
	if got := q.next(); got != "good" {
		t.Errorf("%s is next", got)
	}
}

func TestLoginFailures(t *testing.T) {
	l := newLogins(1)
	now := time.Unix(1000, 0)
	var delays []time.Duration
	lines := 0
	for i := range 12 {
		n, d, log := l.failed(client("192.0.2.1"), now)
		if n != i+1 {
			t.Errorf("failure %d is counted as %d", i+1, n)
		}
		if log {
			lines++
		}
		delays = append(delays, d/time.Millisecond)
	}
	if want := []time.Duration{0, 0, 0, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000}; !slices.Equal(delays, want) {
		t.Errorf("delays %d, want %d", delays, want)
	}
	if lines != 4 {
		t.Errorf("%d lines, want those of failures 1, 2, 4 and 8", lines)
	}
	if n, d, _ := l.failed(client("192.0.2.2"), now); n != 1 || d != 0 {
		t.Errorf("another client has %d failures and waits %s", n, d)
	}
	if n, d, _ := l.failed(client("192.0.2.1"), now.Add(forgetFailures+1)); n != 1 || d != 0 {
		t.Errorf("after a while there are %d failures and a delay of %s", n, d)
	}

	// Any number of clients uses bounded memory and writes a bounded number of log lines.
	lines = 0
	later := now.Add(time.Hour)
	for i := range 3 * maxFailing {
		if _, _, log := l.failed(client(fmt.Sprintf("2001:db8:%x:%x::1", i>>8, i&255)), later); log {
			lines++
		}
	}
	if n := len(l.clients); n > maxFailing {
		t.Errorf("%d clients are remembered, want at most %d", n, maxFailing)
	}
	if lines > failureLines {
		t.Errorf("%d lines in a second, want at most %d", lines, failureLines)
	}
}

type nobody struct{}

func (nobody) Authenticate(context.Context, map[string]string) (string, error) {
	return "", &backend.Error{Kind: backend.KindAuthentication}
}

// A login that was not admitted in time, and tries again on the same connection, waits behind new
// logins.
func TestAttemptsInVain(t *testing.T) {
	q := newQueue(t)
	s := &session{server: &Server{logins: q.l}, conn: &conn{}, client: client("192.0.2.1")}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.authenticate(ended, nobody{}, nil); !errors.Is(err, backend.ErrUnavailable) {
		t.Fatalf("error %v, want one of unavailability", err)
	}
	again := make(chan error)
	go func() {
		_, err := s.authenticate(context.Background(), nobody{}, nil)
		again <- err
	}()
	for q.waiting() == 0 {
		time.Sleep(10 * time.Microsecond)
	}
	for i := range 3 {
		q.add(fmt.Sprint(i), "192.0.2.1", 0)
	}
	for _, want := range []string{"2", "1", "0"} {
		if got := q.next(); got != want {
			t.Errorf("%s is next, want %s", got, want)
		}
	}
	q.l.release()
	if err := <-again; !errors.Is(err, backend.ErrAuthentication) {
		t.Errorf("error %v", err)
	}
}
