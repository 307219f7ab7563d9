package pool_test

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/widerow/widerow/pool"
)

// The only server breaks a call off, refuses connections for some time, and returns. The pool
// retries the call with the documented pauses, as often as documented.
func TestOnlyServerRestarts(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	timeout := &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
	for _, tt := range []struct {
		name    string
		retries int
		away    time.Duration // how long the server refuses connections
		with    error
		calls   int
		took    time.Duration // the upper bound, or the exact time if the call fails
		want    error
	}{
		{"at once", 0, 0, refused, 2, 20 * time.Millisecond, nil},
		{"after a while", 0, 300 * time.Millisecond, refused, 2, 620 * time.Millisecond, nil},
		{"for longer", 0, time.Hour, refused, 1, 620 * time.Millisecond, pool.ErrAllServersUnavailable},
		{"one retry", 1, time.Hour, refused, 1, 20 * time.Millisecond, pool.ErrAllServersUnavailable},
		{"no retries", pool.None, time.Hour, refused, 1, 0, pool.ErrMaximumRetry},
		{"unlimited", pool.Unlimited, time.Hour, refused, 2, time.Hour + time.Second, nil},
		{"silent", 0, time.Hour, timeout, 1, 20 * time.Millisecond, pool.ErrAllServersUnavailable},
		{"another failure", 0, time.Hour, errRequest, 1, 20 * time.Millisecond, pool.ErrAllServersUnavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster("a")
				back := time.Now()
				dial := func(ctx context.Context, server string) (*conn, error) {
					if time.Now().Before(back) {
						return nil, tt.with
					}
					return c.dial(ctx, server)
				}
				p, err := pool.New(t.Context(), pool.Servers("a"), dial, &pool.Options{
					Settings: pool.Settings{Size: 2, MaxRetries: tt.retries}, Classify: classify,
				})
				if err != nil {
					t.Fatal(err)
				}
				defer p.Dispose()
				start, calls := time.Now(), 0
				err = p.Do(t.Context(), pool.Call{}, func(context.Context, *conn) error {
					if calls++; calls == 1 {
						back = time.Now().Add(tt.away)
						c.mu.Lock()
						for _, k := range c.conns {
							k.stale = true
						}
						c.mu.Unlock()
						return errBroken
					}
					return nil
				})
				took := time.Since(start)
				if !errors.Is(err, tt.want) || calls != tt.calls || took > tt.took || tt.want != nil && took != tt.took {
					t.Errorf("%v after %d calls and %v, want %v after %d and %v", err, calls, took, tt.want, tt.calls, tt.took)
				}
				if err != nil && !errors.Is(err, errBroken) {
					t.Errorf("%v: the error does not report the failure of the call", err)
				}
			})
		})
	}
}

// A call that begins while the only server refuses connections waits for the server, too. A call
// whose context ends does not.
func TestCallBeginsWhileTheServerRefuses(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	synctest.Test(t, func(t *testing.T) {
		c := newCluster("a")
		back := time.Now().Add(200 * time.Millisecond)
		p, err := pool.New(t.Context(), pool.Servers("a"), func(ctx context.Context, server string) (*conn, error) {
			if time.Now().Before(back) {
				return nil, refused
			}
			return c.dial(ctx, server)
		}, &pool.Options{NoPrefill: true})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Dispose()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		none := func(context.Context, *conn) error { return nil }
		if err := p.Do(ctx, pool.Call{}, none); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the end of the context", err)
		}
		// Increments wait too, because nothing was sent.
		if err := p.Do(t.Context(), pool.Call{NoRetry: true}, none); err != nil {
			t.Error(err)
		}
	})
}
