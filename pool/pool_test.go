package pool_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/pool"
)

func TestPrefillSpreadsOverServers(t *testing.T) {
	run(t, 3, pool.Options{Settings: pool.Settings{Size: 6}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		check(t, p, 6, 0, 0)
		if diff := cmp.Diff(map[string]int{"a": 2, "b": 2, "c": 2}, c.open()); diff != "" {
			t.Error(diff)
		}
	})
}

// Without prefill, each of the first operations opens a connection (pycassa 1.2).
func TestNoPrefillGrowsByUse(t *testing.T) {
	run(t, 2, pool.Options{Settings: pool.Settings{Size: 3}, NoPrefill: true}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		for _, want := range []int{1, 2, 3, 3} {
			release(t, get(t, p), nil)
			check(t, p, want, 0, 0)
		}
		if err := p.Configure(func(s *pool.Settings) { s.Size = 5 }); err != nil {
			t.Fatal(err)
		}
		check(t, p, 3, 0, 0)
		l := get(t, p)
		if err := p.Fill(t.Context()); err != nil {
			t.Fatal(err)
		}
		check(t, p, 4, 1, 0)
		release(t, l, nil)
	})
}

func TestIdleConnectionsAreAQueue(t *testing.T) {
	run(t, 5, pool.Options{}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		used := map[string]int{}
		for range 100 {
			l := get(t, p)
			used[l.Server()]++
			release(t, l, nil)
		}
		if diff := cmp.Diff(map[string]int{"a": 20, "b": 20, "c": 20, "d": 20, "e": 20}, used); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOverflow(t *testing.T) {
	run(t, 1, pool.Options{Settings: pool.Settings{Size: 2, MaxOverflow: 1, WaitTimeout: pool.NoWait}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		leases := []pool.Lease[*conn]{get(t, p), get(t, p), get(t, p)}
		check(t, p, 0, 3, 1)
		_, err := p.Get(t.Context(), nil)
		var full *pool.NoConnectionAvailableError
		if !errors.Is(err, pool.ErrNoConnectionAvailable) || !errors.As(err, &full) || full.Size != 2 || full.MaxOverflow != 1 {
			t.Errorf("Get of a full pool: %v", err)
		}
		if err := p.Configure(func(s *pool.Settings) { s.MaxOverflow = pool.Unlimited }); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			leases = append(leases, get(t, p))
		}
		check(t, p, 0, 8, 6)
		for _, l := range leases {
			release(t, l, nil)
		}
		check(t, p, 2, 0, 0)
	})
}

func TestTimeout(t *testing.T) {
	for _, tt := range []struct {
		timeout, ctx, want time.Duration
		err                error
	}{
		{0, time.Hour, 30 * time.Second, pool.ErrNoConnectionAvailable},
		{3 * time.Second, time.Hour, 3 * time.Second, pool.ErrNoConnectionAvailable},
		{pool.NoWait, time.Hour, 0, pool.ErrNoConnectionAvailable},
		{pool.Forever, time.Hour, time.Hour, context.DeadlineExceeded},
		{3 * time.Second, time.Second, time.Second, context.DeadlineExceeded},
	} {
		run(t, 1, pool.Options{Settings: pool.Settings{Size: 1, WaitTimeout: tt.timeout}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
			l := get(t, p)
			start := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), tt.ctx)
			defer cancel()
			_, err := p.Get(ctx, nil)
			if got := time.Since(start); got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("timeout %v, context %v: %v after %v, want %v after %v", tt.timeout, tt.ctx, err, got, tt.err, tt.want)
			}
			release(t, l, nil)
			check(t, p, 1, 0, 0)
		})
	}
}

func TestWaitersAreServedInOrder(t *testing.T) {
	run(t, 2, pool.Options{Settings: pool.Settings{Size: 1}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		l := get(t, p)
		var order []int
		done := make(chan struct{})
		for i := range 10 {
			go func() {
				l := get(t, p)
				order = append(order, i) // with one connection, one caller runs at a time
				time.Sleep(time.Millisecond)
				release(t, l, nil)
				done <- struct{}{}
			}()
			synctest.Wait()
		}
		release(t, l, nil)
		// A new caller must not go before waiting callers.
		late := get(t, p)
		if len(order) != 10 {
			t.Errorf("a newcomer went before %d others", 10-len(order))
		}
		release(t, late, nil)
		for range 10 {
			<-done
		}
		if diff := cmp.Diff([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, order); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRecycleLosesNothing(t *testing.T) {
	run(t, 2, pool.Options{Settings: pool.Settings{Size: 2, Recycle: 10}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		var stats pool.Stats
		p.Listen(stats.Events())
		use := func(n int) {
			for range n {
				release(t, get(t, p), nil)
				synctest.Wait()
			}
		}
		use(20)
		check(t, p, 2, 0, 0)
		if got := stats.Counts(); got.Recycled != 2 || got.Created.Success != 2 || got.Disposed.Success != 2 {
			t.Errorf("after 10 operations on each of 2: %+v", got)
		}
		// No server accepts connections; the open connections stay in use.
		c.set("a", func(n *node) { n.down = true })
		c.set("b", func(n *node) { n.down = true })
		before := c.total()
		l := get(t, p)
		l.Count(100)
		release(t, l, nil)
		synctest.Wait()
		if got := stats.Counts(); got.Recycled != 2 || got.Failed == 0 || before != 2 {
			t.Errorf("without servers: %+v, %d were open", got, before)
		}
	})
}

func TestDispose(t *testing.T) {
	run(t, 1, pool.Options{Settings: pool.Settings{Size: 2}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		l1, l2 := get(t, p), get(t, p)
		waited := make(chan error)
		go func() {
			_, err := p.Get(t.Context(), nil)
			waited <- err
		}()
		synctest.Wait()
		release(t, l1, nil)
		synctest.Wait()
		if err := <-waited; err != nil {
			t.Fatal(err) // the waiting caller has the connection of l1
		}
		go func() {
			_, err := p.Get(t.Context(), nil)
			waited <- err
		}()
		synctest.Wait()
		p.Dispose()
		if err := <-waited; !errors.Is(err, pool.ErrClosed) {
			t.Errorf("a waiter got %v, want ErrClosed", err)
		}
		if _, err := p.Get(t.Context(), nil); !errors.Is(err, pool.ErrClosed) {
			t.Errorf("Get after Dispose: %v", err)
		}
		if err := p.Fill(t.Context()); !errors.Is(err, pool.ErrClosed) {
			t.Errorf("Fill after Dispose: %v", err)
		}
		if c.total() != 2 {
			t.Errorf("%d connections in use are open, want 2", c.total())
		}
		release(t, l2, nil)
		if c.total() != 1 {
			t.Errorf("%d connections are open after one was returned, want 1", c.total())
		}
		if err := l2.Release(nil); !errors.Is(err, pool.ErrReleased) {
			t.Errorf("second Release: %v", err)
		}
		q, err := p.Recreate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		check(t, q, 2, 0, 0)
		if q.Settings().Name != p.Settings().Name {
			t.Errorf("the new pool is called %q, the old one %q", q.Settings().Name, p.Settings().Name)
		}
		q.Dispose()
		for _, k := range c.conns { // the connection whose lease the test has lost
			if !k.closed {
				_ = k.Close()
			}
		}
	})
}

func TestStaleLeaseIsNotTheNextOnes(t *testing.T) {
	run(t, 1, pool.Options{Settings: pool.Settings{Size: 1}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		old := get(t, p)
		release(t, old, nil)
		l := get(t, p)
		if err := old.Release(nil); !errors.Is(err, pool.ErrReleased) {
			t.Errorf("Release of an old lease: %v", err)
		}
		check(t, p, 0, 1, 0)
		release(t, l, nil)
		if err := (pool.Lease[*conn]{}).Release(nil); !errors.Is(err, pool.ErrReleased) {
			t.Errorf("Release of no lease: %v", err)
		}
	})
}

func TestConfigureSmaller(t *testing.T) {
	run(t, 1, pool.Options{Settings: pool.Settings{Size: 5, MaxOverflow: 5}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		l1, l2 := get(t, p), get(t, p)
		if err := p.Configure(func(s *pool.Settings) { s.Size, s.MaxOverflow = 1, 0 }); err != nil {
			t.Fatal(err)
		}
		check(t, p, 0, 2, 1)
		release(t, l1, nil)
		check(t, p, 0, 1, 0)
		release(t, l2, nil)
		check(t, p, 1, 0, 0)
	})
}

func TestSettingsValidate(t *testing.T) {
	for name, s := range map[string]pool.Settings{
		"Size":        {Size: -1},
		"MaxOverflow": {MaxOverflow: -2},
		"WaitTimeout": {WaitTimeout: -3},
		"MinAside":    {MinAside: 2 * time.Second},
	} {
		_, err := pool.New(t.Context(), pool.Servers("a"), newCluster("a").dial, &pool.Options{Settings: s})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want an error that names it", name, err)
		}
		if name == "MinAside" && (err == nil || !strings.Contains(err.Error(), "MaxAside")) {
			t.Errorf("%v does not name MaxAside, which MinAside contradicts", err)
		}
	}
}

// The defaults are pycassa's, for all settings that pycassa has.
func TestDefaultSettings(t *testing.T) {
	run(t, 1, pool.Options{}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		got := p.Settings()
		if got.Name == "" {
			t.Error("the pool has no name")
		}
		want := pool.Settings{
			Name: got.Name, Size: 5, WaitTimeout: 30 * time.Second, MaxWaiters: 10_000, Recycle: 10_000, MaxRetries: 5,
			Backoff: 10 * time.Millisecond, MaxBackoff: time.Second, DialTimeout: 2 * time.Second,
			MinAside: 100 * time.Millisecond, MaxAside: time.Second, Sweep: got.Sweep,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		check(t, p, 5, 0, 0) // prefilled
	})
}

func TestSetServers(t *testing.T) {
	run(t, 3, pool.Options{Settings: pool.Settings{Size: 6}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		l := get(t, p) // a connection to a
		if err := p.SetServers(t.Context(), pool.Servers("b", "c")); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]int{"a": 1, "b": 2, "c": 2}, c.open()); diff != "" {
			t.Error(diff)
		}
		release(t, l, nil)
		if n := c.open()["a"]; n != 0 {
			t.Errorf("%d connections are open to a server that left the list", n)
		}
		errList := errors.New("no list")
		for _, list := range []pool.ServerList{pool.Servers(), func(context.Context) ([]string, error) { return nil, errList }} {
			if err := p.SetServers(t.Context(), list); err == nil {
				t.Error("SetServers without servers: no error")
			}
		}
		release(t, get(t, p), nil) // nothing has changed
		if err := p.SetServers(t.Context(), pool.Servers("a", "b", "c")); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			release(t, get(t, p), nil)
			synctest.Wait()
		}
		if diff := cmp.Diff(map[string]int{"a": 2, "b": 2, "c": 2}, c.open()); diff != "" {
			t.Errorf("a new server did not get its share: %s", diff)
		}
	})
}

func TestPrefer(t *testing.T) {
	run(t, 3, pool.Options{Settings: pool.Settings{Size: 6}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		l1, l2 := get(t, p, "b", "c"), get(t, p, "b", "c")
		l3 := get(t, p, "b", "c")
		if l1.Server() != "b" || l2.Server() != "b" || l3.Server() != "c" {
			t.Errorf("got %s, %s, %s; want b, b and then c", l1.Server(), l2.Server(), l3.Server())
		}
		l4, l5 := get(t, p, "c"), get(t, p, "c", "no such server")
		if l4.Server() != "c" || l5.Server() != "a" {
			t.Errorf("got %s, %s; want the last of c, and then any", l4.Server(), l5.Server())
		}
		for _, l := range []pool.Lease[*conn]{l1, l2, l3, l4, l5} {
			release(t, l, nil)
		}
		release(t, get(t, p, "b"), errHung) // sets b aside
		if l := get(t, p, "b"); l.Server() == "b" {
			t.Error("got a connection to a host that is set aside")
		} else {
			release(t, l, nil)
		}
	})
}
