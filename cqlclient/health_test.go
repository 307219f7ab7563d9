package cqlclient

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
)

// lines is a log in memory.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *lines) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// TestHealth checks that a client whose schema watch gets no answer is unhealthy, and that the log has one line when this begins and one
// line when it ends.
func TestHealth(t *testing.T) {
	var log lines
	c := offline(t, &Options{Logger: log.logger()})
	w := &c.schema
	w.started = time.Now().Add(-time.Hour)
	answered := func(ago time.Duration) { w.confirmed.Store(int64(time.Since(w.started) - ago)) }
	failing := false
	check := func() error {
		err := c.Health()
		failing = logHealth(c.opts.Logger, failing, err)
		return err
	}
	answered(0)
	w.looked(errors.New("of a moment"))
	if err := check(); err != nil {
		t.Errorf("after one failure: %v", err)
	}
	answered(7 * time.Second)
	for range 3 {
		err := check()
		if !errors.Is(err, backend.ErrUnavailable) || !strings.Contains(err.Error(), "for 7s") || !strings.Contains(err.Error(), "of a moment") {
			t.Errorf("7 s without an answer: %v", err)
		}
	}
	answered(0)
	for range 3 {
		if err := check(); err != nil {
			t.Errorf("after an answer: %v", err)
		}
	}
	if text := log.String(); strings.Count(text, "\n") != 2 || strings.Count(text, "does not answer") != 1 || strings.Count(text, "answers again") != 1 {
		t.Errorf("the log is\n%s", text)
	}
	c.closed.Store(true)
	if err := c.Health(); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// TestStatesOfNodes reports the states of a node repeatedly, as the driver does. Each change must be counted, reported and logged once.
func TestStatesOfNodes(t *testing.T) {
	var log lines
	var up, down int
	o := &Options{Logger: log.logger(), Events: Events{HostUp: func(HostEvent) { up++ }, HostDown: func(HostEvent) { down++ }}}
	w := newWatcher(o)
	host := new(gocql.HostInfo)
	refused := gocql.ObservedConnect{Host: host, Err: errors.New("connection refused")}
	w.ObserveConnect(refused) // while the client opens
	w.opened.Store(true)
	w.OnHostUp(gocql.HostUpEvent{Host: host}) // the first connection
	for range 2 {
		for range 3 {
			w.ObserveConnect(refused)
			w.OnHostDown(gocql.HostDownEvent{Host: host})
		}
		for range 3 {
			w.ObserveConnect(gocql.ObservedConnect{Host: host})
			w.OnHostUp(gocql.HostUpEvent{Host: host})
		}
	}
	if up != 2 || down != 2 || w.stats.hostsDown.Load() != 2 || w.stats.connectFailures.Load() != 7 {
		t.Errorf("%d up, %d down, %d counted, %d failures", up, down, w.stats.hostsDown.Load(), w.stats.connectFailures.Load())
	}
	text := log.String()
	if strings.Count(text, "level=WARN msg=\"cannot connect to a node\"") != 2 || strings.Count(text, "connected to the node again") != 2 || strings.Count(text, "\n") != 4 {
		t.Errorf("the log is\n%s", text)
	}
}

// TestQuietDriver opens and closes a client: the log must have no line of the driver.
func TestQuietDriver(t *testing.T) {
	var log lines
	c, _ := onFakeNode(t, standard, &Options{Logger: log.logger()})
	if _, err := c.Slice(t.Context(), sliceOf(1, "k")); err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	if text := log.String(); text != "" {
		t.Errorf("the log is\n%s", text)
	}
}
