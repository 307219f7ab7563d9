package pool_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/pool"
)

// Users of other clients have reported the faults that these tests check for.

func ok(context.Context, *conn) error { return nil }

// pycassa#242: after a restart of the server, a large pool hangs, because each dead connection
// costs a try and a pause. pycassa#222: connections stay half closed for hours.
func TestRestartedServerCostsNoCall(t *testing.T) {
	run(t, 2, pool.Options{Settings: pool.Settings{Size: 32}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		c.stop("a")
		c.start("a")
		start := time.Now()
		calls := 0
		for range 64 {
			if err := p.Do(t.Context(), pool.Call{NoRetry: true}, func(_ context.Context, k *conn) error {
				calls++
				if k.stale {
					return errBroken
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if took := time.Since(start); took != 0 || calls != 64 {
			t.Errorf("64 calls took %v and %d tries", took, calls)
		}
		if diff := cmp.Diff(map[string]int{"a": 16, "b": 16}, c.open()); diff != "" {
			t.Error(diff)
		}
		// An idle pool closes its dead connections by itself.
		c.stop("b")
		time.Sleep(11 * time.Second)
		if n := c.open()["b"]; n != 0 {
			t.Errorf("%d connections to a server that closed them are open", n)
		}
	})
}

// pycassa#199, Astyanax#124: a server refuses a request by closing the connection, and the client
// marks the host as down.
func TestClosedConnectionIsNotADeadHost(t *testing.T) {
	run(t, 3, pool.Options{}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		err := p.Do(t.Context(), pool.Call{}, func(context.Context, *conn) error { return errBroken })
		if !errors.Is(err, pool.ErrMaximumRetry) || !errors.Is(err, errBroken) {
			t.Error(err)
		}
		if got := down(p); len(got) != 0 {
			t.Errorf("%v are set aside", got)
		}
	})
}

// hector#394, gocql#915: a client that was started before its servers, or that saw all of them
// fail, does not work until it is restarted.
func TestAllServersReturn(t *testing.T) {
	run(t, 3, pool.Options{NoPrefill: true}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		for range 2 {
			for _, s := range names(3) {
				c.stop(s)
			}
			for range 20 {
				err := p.Do(t.Context(), pool.Call{}, ok)
				var all *pool.AllServersUnavailableError
				if !errors.Is(err, pool.ErrAllServersUnavailable) || !errors.As(err, &all) || all.Servers != 3 || !errors.Is(err, errRefused) {
					t.Fatalf("without servers: %v", err)
				}
			}
			time.Sleep(time.Hour)
			if diff := cmp.Diff(names(3), down(p)); diff != "" {
				t.Error(diff)
			}
			// Servers set aside are tried all the same: the first call after one of them returns
			// succeeds.
			c.start("b")
			if err := p.Do(t.Context(), pool.Call{}, ok); err != nil {
				t.Fatal(err)
			}
			c.start("a")
			c.start("c")
			time.Sleep(2 * time.Second)
			if got := down(p); len(got) != 0 {
				t.Errorf("%v are aside 2 s after their return", got)
			}
		}
	})
}

// Astyanax#112: calls pile up in memory behind a host that is down.
func TestLineIsBounded(t *testing.T) {
	run(t, 1, pool.Options{Settings: pool.Settings{Size: 1, MaxWaiters: 3, WaitTimeout: time.Minute}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		l := get(t, p)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				l := get(t, p)
				release(t, l, nil)
			})
		}
		synctest.Wait()
		start := time.Now()
		_, err := p.Get(t.Context(), nil)
		var full *pool.NoConnectionAvailableError
		if !errors.As(err, &full) || full.Waiting != 3 || time.Since(start) != 0 {
			t.Errorf("the fourth waiter got %v after %v", err, time.Since(start))
		}
		release(t, l, nil)
		wg.Wait()
		if n := p.State().Waiting; n != 0 {
			t.Errorf("%d wait", n)
		}
	})
}

// Astyanax#552: a host that is marked down is still dialed.
func TestHostAsideIsLeftAlone(t *testing.T) {
	run(t, 3, pool.Options{Settings: pool.Settings{Size: 6}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		var stats pool.Stats
		p.Listen(stats.Events())
		c.stop("a")
		for range 1000 {
			if err := p.Do(t.Context(), pool.Call{Prefer: []string{"a"}}, ok); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		// Ten seconds of calls allow one dial a second, plus the first retries at 0.1, 0.3, 0.7 and
		// 1.5 s.
		if n := c.dials("a"); n < 10 || n > 2+15 {
			t.Errorf("a host that is down was dialed %d times in 10 s", n)
		}
		if n := c.total(); n != 6 {
			t.Errorf("%d connections are open, want 6", n)
		}
		if got := stats.Counts().HostsDown; got != 1 {
			t.Errorf("set aside %d times", got)
		}
		// The pool notices the host's return and gives the host its share of connections.
		c.start("a")
		for range 120 {
			if err := p.Do(t.Context(), pool.Call{}, ok); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if diff := cmp.Diff(map[string]int{"a": 2, "b": 2, "c": 2}, c.open()); diff != "" {
			t.Errorf("1.2 s after the return: %s", diff)
		}
		if got := stats.Counts().HostsUp; got != 1 {
			t.Errorf("back %d times", got)
		}
	})
}

// A paused process accepts connections and never answers. The first calls lose their timeout; later
// calls go elsewhere.
func TestHungHost(t *testing.T) {
	run(t, 3, pool.Options{Settings: pool.Settings{Size: 30}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		c.set("a", func(n *node) { n.hung = true })
		hung := 0
		for range 300 {
			if err := p.Do(t.Context(), pool.Call{}, func(_ context.Context, k *conn) error {
				if k.server == "a" && p.State().Hosts[0].Up {
					hung++
					time.Sleep(500 * time.Millisecond)
					return errHung
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		if hung != 1 {
			t.Errorf("%d calls in a row used the host that hangs", hung)
		}
		c.set("a", func(n *node) { n.hung = false })
		time.Sleep(3 * time.Second) // a dial that hangs, and the next dial
		if got := down(p); len(got) != 0 {
			t.Errorf("%v are aside after their return", got)
		}
	})
}

// gocql#1614: "The host is in a stuck state where the pool is empty". When a dial fails, a waiting
// caller must get its slot.
func TestFailedDialFreesItsPlace(t *testing.T) {
	run(t, 1, pool.Options{Settings: pool.Settings{Size: 2}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		leases := []pool.Lease[*conn]{get(t, p), get(t, p)}
		errs := make(chan error)
		for range 8 {
			go func() { errs <- p.Do(t.Context(), pool.Call{}, ok) }()
		}
		synctest.Wait()
		c.stop("a")
		for _, l := range leases {
			release(t, l, errBroken)
		}
		start := time.Now()
		for range 8 {
			if err := <-errs; !errors.Is(err, pool.ErrAllServersUnavailable) {
				t.Error(err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("waiters learned it after %v", took)
		}
		check(t, p, 0, 0, 0)
	})
}

// gocql#1919: idle connections are closed and dialed again and again. gocql#1127: a long garbage
// collection delays calls, and the client sets the host aside and closes all its connections.
func TestNoNeedlessReconnects(t *testing.T) {
	run(t, 3, pool.Options{Settings: pool.Settings{Size: 6}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		time.Sleep(24 * time.Hour)
		for _, s := range names(3) {
			if n := c.dials(s); n != 2 {
				t.Errorf("%s was dialed %d times by a pool of 2 connections each that rested a day", s, n)
			}
		}
		slow, late := get(t, p, "a"), get(t, p, "a")
		release(t, late, errHung)
		if diff := cmp.Diff([]string{"a"}, down(p)); diff != "" {
			t.Error(diff)
		}
		release(t, slow, nil) // the answer came late, but it came
		if got := down(p); len(got) != 0 {
			t.Errorf("%v are aside though they answer", got)
		}
		if n := c.open()["a"]; n != 1 {
			t.Errorf("%d connections to the host are open, want the 1 that works", n)
		}
	})
}

// A dial whose caller gives up must leave neither a connection nor a slot that stays taken.
func TestCancelledDialDoesNotLeak(t *testing.T) {
	run(t, 1, pool.Options{Settings: pool.Settings{Size: 3}, NoPrefill: true}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		c.set("a", func(n *node) { n.delay = 50 * time.Millisecond })
		for range 20 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(20*time.Millisecond, cancel)
			start := time.Now()
			_, err := p.Get(ctx, nil)
			if !errors.Is(err, context.Canceled) || time.Since(start) != 20*time.Millisecond {
				t.Fatalf("%v after %v", err, time.Since(start))
			}
			check(t, p, 0, 0, 0)
		}
		if n := c.total(); n != 0 {
			t.Errorf("%d connections are open", n)
		}
	})
}

// Callers whose deadlines are shorter than a dial must not starve. The probe that checks whether
// the host is at fault stays as a connection.
func TestDeadlinesShorterThanADial(t *testing.T) {
	run(t, 1, pool.Options{NoPrefill: true}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		c.set("a", func(n *node) { n.delay = 50 * time.Millisecond })
		get := func() error {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			return p.Do(ctx, pool.Call{}, ok)
		}
		if err := get(); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		time.Sleep(100 * time.Millisecond)
		if err := get(); err != nil {
			t.Error(err)
		}
	})
}
