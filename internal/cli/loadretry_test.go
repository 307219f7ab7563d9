package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/internal/testkit/faultproxy"
	"github.com/widerow/widerow/internal/testkit/servertest"
)

// TestPatience holds the clock.
func TestPatience(t *testing.T) {
	gone := &backend.Error{Kind: backend.KindUnavailable, Why: "refused"}
	cut := &backend.Error{Kind: backend.KindTimedOut, Why: "cut short"}
	for _, tt := range []struct {
		name       string
		limit      time.Duration
		idempotent bool
		fails      int
		err        error
		pauses     []time.Duration // in tenths of a second
		ok         bool
		said       string
	}{
		{"works", time.Minute, true, 0, gone, nil, true, ""},
		{"soon back", time.Minute, true, 3, gone, []time.Duration{1, 2, 4}, true, "the store cannot be reached, trying again for up to 1m0s: unavailable: refused\nthe store is back\n"},
		{"cut short", time.Minute, true, 1, cut, []time.Duration{1}, true, "the store cannot be reached, trying again for up to 1m0s: timed out waiting for replicas: cut short\nthe store is back\n"},
		{"counts that may be there", time.Minute, false, 1, cut, nil, false, ""},
		{"counts that are not there", time.Minute, false, 1, gone, []time.Duration{1}, true, "the store cannot be reached, trying again for up to 1m0s: unavailable: refused\nthe store is back\n"},
		{"gone", 20 * time.Second, true, 99, gone, []time.Duration{1, 2, 4, 8, 16, 32, 50, 50, 37}, false, "the store cannot be reached, trying again for up to 20s: unavailable: refused\n"},
		{"no patience", 0, true, 1, gone, nil, false, ""},
		{"a bad request", time.Minute, true, 1, backend.ErrInvalidRequest, nil, false, ""},
		{"a full disk", time.Minute, true, 1, backend.ErrNoWrites, nil, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var said bytes.Buffer
			var pauses []time.Duration
			now := time.Unix(0, 0)
			p := newPatience(tt.limit, &said)
			p.now = func() time.Time { return now }
			p.sleep = func(_ context.Context, d time.Duration) bool {
				now = now.Add(d)
				pauses = append(pauses, d/(100*time.Millisecond))
				return true
			}
			calls := 0
			err := p.do(t.Context(), tt.idempotent, func() error {
				if calls++; calls <= tt.fails {
					return tt.err
				}
				return nil
			})
			if (err == nil) != tt.ok || err != nil && !errors.Is(err, tt.err) {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(tt.pauses, pauses); diff != "" || said.String() != tt.said {
				t.Errorf("said %q; pauses (-want +got):\n%s", said.String(), diff)
			}
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		calls := 0
		err := newPatience(time.Hour, io.Discard).do(ctx, true, func() error { calls++; return gone })
		if !errors.Is(err, context.Canceled) || !errors.Is(err, gone) || calls != 1 {
			t.Errorf("%v after %d calls", err, calls)
		}
	})
}

// A script is input that calls a function after it was read up to an offset.
type script struct {
	io.Reader
	at int
	do func()
}

func (s *script) Read(p []byte) (int, error) {
	if s.at <= 0 && s.do != nil {
		s.do()
		s.do = nil
	}
	n, err := s.Reader.Read(p[:min(len(p), 8<<10)])
	s.at -= n
	return n, err
}

// heard is output that calls a function after a text was written to it.
type heard struct {
	mu   sync.Mutex
	b    bytes.Buffer
	text string
	do   func()
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n, err := h.b.Write(p)
	if h.do != nil && strings.Contains(h.b.String(), h.text) {
		h.do()
		h.do = nil
	}
	return n, err
}

// serveMemory serves a store in memory until the test ends, and returns its address.
func serveMemory(t *testing.T) string {
	t.Helper()
	store, err := connect.Backend(t.Context(), "memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return servertest.Start(t, store, nil).Addr().String()
}

// TestLoadWhileTheServerRestarts stops the only server in the middle of a load, and starts it again
// after the load reports that it waits.
func TestLoadWhileTheServerRestarts(t *testing.T) {
	proxy := faultproxy.New(t, serveMemory(t))
	store := "--store=thrift://" + proxy.Addr() + "?discovery=false&max_retries=0&pool_size=4"
	lines := slices.DeleteFunc(strings.SplitAfter(rowLines(10_000), "\n"), func(l string) bool { return strings.Contains(l, "Hits") })
	rows := strings.Join(lines, "")
	input := &script{strings.NewReader(usersSchema + rows), len(rows) / 2, func() {
		if err := proxy.Refuse(true); err != nil {
			t.Error(err)
		}
		proxy.Reset()
	}}
	errs := &heard{text: "the store cannot be reached", do: func() {
		if err := proxy.Heal(); err != nil {
			t.Error(err)
		}
	}}
	if code := Run(t.Context(), []string{store, "load"}, input, io.Discard, errs); code != exitDone {
		t.Fatalf("the load ends with %d: %s", code, errs.b.String())
	}
	if errs.do != nil || !strings.Contains(errs.b.String(), "the store is back") {
		t.Errorf("the load prints %s", errs.b.String())
	}
	code, out, said := run(t, t.Context(), "", store, "dump", "--schema", "without", "Keyspace1", "Users")
	if code != exitDone || out != rows {
		t.Errorf("dump ends with %d, %s, and has %d bytes, want %d", code, said, len(out), len(rows))
	}
}

// TestLoadGivesUp stops the server for good. The load ends as after an interruption and can be resumed.
func TestLoadGivesUp(t *testing.T) {
	proxy := faultproxy.New(t, serveMemory(t))
	store := "--store=thrift://" + proxy.Addr() + "?discovery=false&max_retries=0"
	state := filepath.Join(t.TempDir(), "state")
	input := &script{strings.NewReader(usersSchema + rowLines(10_000)), 500_000, func() {
		if err := proxy.Refuse(true); err != nil {
			t.Error(err)
		}
		proxy.Reset()
	}}
	var errs bytes.Buffer
	code := Run(t.Context(), []string{store, "load", "--retry", "0", "--state", state}, input, io.Discard, &errs)
	if code != exitFailed || !strings.Contains(errs.String(), "give --resume to go on from there") {
		t.Errorf("the load ends with %d: %s", code, errs.String())
	}
	if _, err := os.Stat(state); err != nil {
		t.Error(err)
	}
}
