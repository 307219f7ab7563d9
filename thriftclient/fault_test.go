package thriftclient_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/faultproxy"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/thriftclient"
)

// Each kind of fault begins during use. Calls must end in time with the right error, counter
// increments must be sent at most once, and after the fault all calls must succeed again.
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault func(*faultproxy.Proxy)
		// If works is true, calls are answered, perhaps late.
		works bool
	}{
		{"delay", func(p *faultproxy.Proxy) { p.Delay(faultproxy.Down, 20*time.Millisecond) }, true},
		{"throttle", func(p *faultproxy.Proxy) { p.Throttle(faultproxy.Up, 10_000) }, true},
		{"stalled requests", func(p *faultproxy.Proxy) { p.Stall(faultproxy.Up, true) }, false},
		{"stalled replies", func(p *faultproxy.Proxy) { p.Stall(faultproxy.Down, true) }, false},
		{"black hole", func(p *faultproxy.Proxy) { p.BlackHole(true) }, false},
		{"cut", func(p *faultproxy.Proxy) { p.Cut() }, true},
		{"reset", func(p *faultproxy.Proxy) { p.Reset() }, true},
		{"half closed by the server", func(p *faultproxy.Proxy) { p.HalfClose(faultproxy.Down) }, true},
		{"half closed by the client", func(p *faultproxy.Proxy) { p.HalfClose(faultproxy.Up) }, true},
		{"refused", func(p *faultproxy.Proxy) { _ = p.Refuse(true); p.Reset() }, false},
		{"corrupt requests", func(p *faultproxy.Proxy) { p.Corrupt(faultproxy.Up, 1<<30) }, false},
		{"corrupt replies", func(p *faultproxy.Proxy) { p.Corrupt(faultproxy.Down, 1<<30) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := startNode(t, nodeOptions{}, nil)
			proxy := faultproxy.New(t, n.addr)
			opts := fast()
			if !tt.works {
				opts.Timeout, opts.DialTimeout = 100*time.Millisecond, 100*time.Millisecond
			}
			opts.NoPrefill = true // on a busy machine, a dial may take longer
			c, err := thriftclient.Open(t.Context(), []string{proxy.Addr()}, opts)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = c.Close() })
			wait(t, "calls work", func() bool { return get(t.Context(), c, "k") == nil })
			n.called()

			tt.fault(proxy)
			failed := 0
			for i := range 6 {
				limit := 2 * time.Second
				if tt.works {
					limit = time.Minute
				}
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				start := time.Now()
				var err error
				if i%2 == 0 {
					err = get(ctx, c, "k")
				} else {
					err = c.Mutate(ctx, add("k"))
					if count := len(without(n.called(), "set_keyspace", "get_slice")); count > 1 {
						t.Errorf("an addition was sent %d times", count)
					}
				}
				cancel()
				if took := time.Since(start); took > limit+20*time.Second {
					t.Errorf("a call with a deadline of %v took %v", limit, took)
				}
				if err != nil {
					failed++
					if !errors.Is(err, backend.ErrUnavailable) && !errors.Is(err, backend.ErrTimedOut) && !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("error %v", err)
					}
				}
			}
			if tt.works && failed > 0 {
				t.Errorf("%d of 6 calls failed", failed)
			}
			if !tt.works && failed < 6 {
				t.Errorf("only %d of 6 calls failed", failed)
			}

			if err := proxy.Heal(); err != nil {
				t.Fatal(err)
			}
			wait(t, "calls work again, all of them", func() bool {
				for range 10 {
					if get(t.Context(), c, "k") != nil || c.Mutate(t.Context(), add("k")) != nil {
						return false
					}
				}
				return true
			})
		})
	}
}

// If a server hangs during use, its callers together lose one timeout, not one each.
func TestHungServerIsSetAside(t *testing.T) {
	good, bad := startNode(t, nodeOptions{}, nil), startNode(t, nodeOptions{}, nil)
	proxy := faultproxy.New(t, bad.addr)
	opts := fast()
	opts.Size, opts.Timeout, opts.DialTimeout = 4, time.Second, time.Second
	var cut atomic.Int32
	opts.Events.Failed = func(e pool.FailedEvent) {
		if e.Server == proxy.Addr() && e.Conn.ID != 0 {
			cut.Add(1)
		}
	}
	c, err := thriftclient.Open(t.Context(), []string{good.addr, proxy.Addr()}, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	proxy.BlackHole(true)
	for range 50 {
		if err := get(t.Context(), c, "k"); err != nil {
			t.Fatal(err)
		}
	}
	if n := cut.Load(); n < 1 || n > 2 {
		t.Errorf("%d of 50 calls waited for the server that hangs", n)
	}
	proxy.BlackHole(false)
	wait(t, "the server is back in use", func() bool {
		for _, h := range c.State().Hosts {
			if !h.Up {
				return false
			}
		}
		return get(t.Context(), c, "k") == nil && len(bad.called()) > 0
	})
}
