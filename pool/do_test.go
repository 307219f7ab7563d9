package pool_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/pool"
)

func TestDoRetriesOnAnotherServer(t *testing.T) {
	for _, tt := range []struct {
		name    string
		fault   error
		retries int
		noRetry bool
		fails   int // the number of calls that fail
		calls   int
		err     error
	}{
		{"success", errBusy, 5, false, 0, 1, nil},
		{"once", errBusy, 5, false, 1, 2, nil},
		{"dead connection", errBroken, 5, false, 2, 3, nil},
		{"bad host", errHung, 5, false, 2, 3, nil},
		{"too often", errBusy, 2, false, 99, 3, pool.ErrMaximumRetry},
		{"default", errBroken, 0, false, 99, 6, pool.ErrMaximumRetry},
		{"no retries", errBusy, pool.None, false, 99, 1, pool.ErrMaximumRetry},
		{"counter", errBroken, 5, true, 99, 1, pool.ErrMaximumRetry},
		{"unlimited", errBusy, pool.Unlimited, false, 50, 51, nil},
		{"request", errRequest, 5, false, 99, 1, errRequest},
		{"cancelled", context.Canceled, 5, false, 99, 1, context.Canceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run(t, 3, pool.Options{Settings: pool.Settings{Size: 3, MaxRetries: tt.retries}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
				var used []string
				err := p.Do(t.Context(), pool.Call{NoRetry: tt.noRetry}, func(_ context.Context, k *conn) error {
					used = append(used, k.server)
					if len(used) <= tt.fails {
						return tt.fault
					}
					return nil
				})
				if !errors.Is(err, tt.err) || len(used) != tt.calls {
					t.Errorf("%v after %d calls, want %v after %d", err, len(used), tt.err, tt.calls)
				}
				for i := 1; i < len(used); i++ {
					if used[i] == used[i-1] {
						t.Errorf("try %d was on the same server: %v", i, used)
						break
					}
				}
				var most *pool.MaximumRetryError
				if errors.As(err, &most) && (most.Retries != tt.calls-1 || !errors.Is(err, tt.fault) || most.Server != used[len(used)-1]) {
					t.Errorf("%+v, want %d retries, of %v, on %s", most, tt.calls-1, tt.fault, used[len(used)-1])
				}
				if out := p.CheckedOut(); out != 0 {
					t.Errorf("%d connections were not given back", out)
				}
			})
		})
	}
}

// A retry goes to another server even if the pool is full of connections to the server that failed.
func TestRetryMakesRoom(t *testing.T) {
	run(t, 2, pool.Options{Settings: pool.Settings{Size: 1}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		var used []string
		err := p.Do(t.Context(), pool.Call{}, func(_ context.Context, k *conn) error {
			used = append(used, k.server)
			if k.server == "a" {
				return errBusy
			}
			return nil
		})
		if diff := cmp.Diff([]string{"a", "b"}, used); err != nil || diff != "" {
			t.Errorf("%v: %s", err, diff)
		}
		check(t, p, 1, 0, 0)
	})
}

func TestBackoff(t *testing.T) {
	run(t, 1, pool.Options{Settings: pool.Settings{MaxRetries: 9}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		var pauses []time.Duration
		last := time.Now()
		err := p.Do(t.Context(), pool.Call{}, func(context.Context, *conn) error {
			pauses = append(pauses, time.Since(last))
			last = time.Now()
			return errBusy
		})
		if !errors.Is(err, pool.ErrMaximumRetry) {
			t.Error(err)
		}
		const ms = time.Millisecond
		want := []time.Duration{0, 20 * ms, 40 * ms, 80 * ms, 160 * ms, 320 * ms, 640 * ms, time.Second, time.Second, time.Second}
		if diff := cmp.Diff(want, pauses); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDoObeysItsContext(t *testing.T) {
	opts := pool.Options{Settings: pool.Settings{Size: 2, MaxRetries: pool.Unlimited, WaitTimeout: pool.Forever, MinAside: time.Hour, MaxAside: time.Hour}}
	for name, block := range map[string]func(*cluster, *pool.Pool[*conn]) func(context.Context, *conn) error{
		"call": func(*cluster, *pool.Pool[*conn]) func(context.Context, *conn) error {
			return func(ctx context.Context, _ *conn) error {
				<-ctx.Done()
				return os.ErrDeadlineExceeded // as a socket does after the deadline that the client has set
			}
		},
		"pause": func(*cluster, *pool.Pool[*conn]) func(context.Context, *conn) error {
			return func(context.Context, *conn) error { return errBusy }
		},
		"dial": func(c *cluster, p *pool.Pool[*conn]) func(context.Context, *conn) error {
			c.stop("a")
			c.set("a", func(n *node) { n.hung = true })
			return func(context.Context, *conn) error { return nil }
		},
		"line": func(_ *cluster, p *pool.Pool[*conn]) func(context.Context, *conn) error {
			for range 2 {
				l, _ := p.Get(context.Background(), nil)
				time.AfterFunc(time.Hour, func() { _ = l.Release(nil) })
			}
			return func(context.Context, *conn) error { return nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, 1, opts, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
				f := block(c, p)
				for _, want := range []error{context.DeadlineExceeded, context.Canceled} {
					ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
					if want == context.Canceled {
						cancel()
						ctx, cancel = context.WithCancel(t.Context())
						time.AfterFunc(700*time.Millisecond, cancel)
					}
					start := time.Now()
					err := p.Do(ctx, pool.Call{}, f)
					if got := time.Since(start); !errors.Is(err, want) || got != 700*time.Millisecond {
						t.Errorf("%v after %v, want %v after 700ms", err, got, want)
					}
					cancel()
				}
				c.set("a", func(n *node) { n.hung, n.down = false, false })
				time.Sleep(2 * time.Hour)
				if err := p.Fill(t.Context()); err != nil {
					t.Fatal(err)
				}
				check(t, p, 2, 0, 0)
			})
		})
	}
}

// If a caller's own deadline ends its call, the pool must not set the host aside before it has
// probed the host.
func TestShortDeadlinesDoNotSetHostsAside(t *testing.T) {
	cut := func(ctx context.Context, _ *conn) error {
		<-ctx.Done()
		return os.ErrDeadlineExceeded
	}
	run(t, 2, pool.Options{Settings: pool.Settings{Size: 2}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		var stats pool.Stats
		p.Listen(stats.Events())
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			if err := p.Do(ctx, pool.Call{}, cut); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			cancel()
			synctest.Wait()
		}
		if n := stats.Counts().HostsDown; n != 0 {
			t.Errorf("hosts that work were set aside %d times", n)
		}
		c.set("a", func(n *node) { n.hung = true })
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			_ = p.Do(ctx, pool.Call{}, cut)
			cancel()
		}
		time.Sleep(3 * time.Second)
		if diff := cmp.Diff([]string{"a"}, down(p)); diff != "" {
			t.Errorf("the host that hangs is not found out: %s", diff)
		}
	})
}

func TestDoAfterAPanic(t *testing.T) {
	run(t, 1, pool.Options{Settings: pool.Settings{Size: 1}}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = p.Do(t.Context(), pool.Call{}, func(context.Context, *conn) error { panic("in a call") })
		}()
		check(t, p, 0, 0, 0)
		release(t, get(t, p), nil)
	})
}

func TestLoginIsNotRetried(t *testing.T) {
	c := newCluster("a", "b")
	dials := 0
	_, err := pool.New(t.Context(), pool.Servers("a", "b"), func(context.Context, string) (*conn, error) {
		dials++
		return nil, errLogin
	}, &pool.Options{Classify: classify})
	if !errors.Is(err, errLogin) || errors.Is(err, pool.ErrAllServersUnavailable) || dials != 1 {
		t.Errorf("%v after %d dials, want %v after 1", err, dials, errLogin)
	}
	if c.total() != 0 {
		t.Error("connections are open")
	}
}

func TestNetworkFault(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want pool.Fault
	}{
		{nil, 0},
		{errRequest, 0},
		{io.EOF, pool.Retry | pool.ConnDead},
		{fmt.Errorf("read: %w", io.ErrUnexpectedEOF), pool.Retry | pool.ConnDead},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, pool.Retry | pool.ConnDead},
		{syscall.EPIPE, pool.Retry | pool.ConnDead},
		{net.ErrClosed, pool.Retry | pool.ConnDead},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, pool.Retry | pool.ConnDead | pool.HostDown},
		{context.DeadlineExceeded, pool.Retry | pool.ConnDead | pool.HostDown},
		{fmt.Errorf("read: %w", context.Canceled), pool.ConnDead},
	} {
		if got := pool.NetworkFault(tt.err); got != tt.want {
			t.Errorf("NetworkFault(%v) = %b, want %b", tt.err, got, tt.want)
		}
	}
}
