package pool_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/widerow/widerow/pool"
)

// panicking returns listeners that all panic, and a function that returns the names of the
// listeners called.
func panicking() (events pool.Events, called func() map[string]int) {
	var mu sync.Mutex
	counts := map[string]int{}
	v := reflect.ValueOf(&events).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		v.Field(i).Set(reflect.MakeFunc(v.Field(i).Type(), func([]reflect.Value) []reflect.Value {
			mu.Lock()
			counts[name]++
			mu.Unlock()
			panic("in a listener")
		}))
	}
	return events, func() map[string]int { mu.Lock(); defer mu.Unlock(); return counts }
}

// A pool whose listeners all panic goes through every event, and all its slots are free at the end.
func TestListenersThatPanic(t *testing.T) {
	events, called := panicking()
	var log bytes.Buffer
	opts := pool.Options{
		Settings: pool.Settings{Size: 2, WaitTimeout: time.Second, Recycle: 3, MaxRetries: 1}, Events: events,
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})),
	}
	synctest.Test(t, func(t *testing.T) {
		c := newCluster("a", "b")
		p := c.pool(t, opts)
		do := func(err error) error {
			return p.Do(t.Context(), pool.Call{}, func(context.Context, *conn) error { return err })
		}
		for range 20 {
			if err := do(nil); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		for _, fault := range []error{errRequest, errBroken, errHung} {
			if err := do(fault); !errors.Is(err, fault) {
				t.Errorf("%v, want %v", err, fault)
			}
		}
		time.Sleep(time.Minute) // until the hosts are up again
		l, m := get(t, p), get(t, p)
		if _, err := p.Get(t.Context(), nil); !errors.Is(err, pool.ErrNoConnectionAvailable) {
			t.Errorf("the third of two: %v", err)
		}
		release(t, l, nil)
		release(t, m, nil)
		c.stop("a")
		if err := do(nil); err != nil {
			t.Error(err)
		}
		c.start("a")
		time.Sleep(time.Minute)
		l, m = get(t, p), get(t, p)
		release(t, l, nil)
		release(t, m, nil)
		check(t, p, 2, 0, 0)
		p.Dispose()
		if n := c.total(); n != 0 {
			t.Errorf("%d connections are open after Dispose", n)
		}
	})
	for field := range reflect.TypeFor[pool.Events]().Fields() {
		if called()[field.Name] == 0 {
			t.Errorf("%s was not called", field.Name)
		}
	}
	if !strings.Contains(log.String(), `msg="a listener of the pool panicked" panic="in a listener"`) {
		t.Errorf("the log is %.2000s", log.String())
	}
}

type brokenHandler struct{ slog.Handler }

func (brokenHandler) Enabled(context.Context, slog.Level) bool  { return true }
func (brokenHandler) Handle(context.Context, slog.Record) error { panic("in a handler") }

// The same holds if the logger panics too.
func TestLoggerThatPanics(t *testing.T) {
	events, _ := panicking()
	run(t, 1, pool.Options{Settings: pool.Settings{Size: 1}, Events: events, Logger: slog.New(brokenHandler{})}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		for range 3 {
			release(t, get(t, p), nil)
		}
		check(t, p, 1, 0, 0)
	})
}

// A dialer that panics counts as one that fails, for callers and in the background.
func TestDialerThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster("a")
		var broken atomic.Bool
		broken.Store(true)
		dial := func(ctx context.Context, server string) (*conn, error) {
			if broken.Load() {
				panic("in a dialer")
			}
			return c.dial(ctx, server)
		}
		opts := &pool.Options{Settings: pool.Settings{Size: 2}, NoPrefill: true, Logger: slog.New(slog.DiscardHandler)}
		p, err := pool.New(t.Context(), pool.Servers("a"), dial, opts)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Dispose()
		for range 5 {
			if _, err := p.Get(t.Context(), nil); !errors.Is(err, pool.ErrAllServersUnavailable) || !strings.Contains(err.Error(), "the dialer panicked: in a dialer") {
				t.Errorf("error %v", err)
			}
		}
		time.Sleep(time.Minute) // the host is probed
		check(t, p, 0, 0, 0)
		broken.Store(false)
		time.Sleep(time.Minute)
		release(t, get(t, p), nil)
		check(t, p, 2, 0, 0)
	})
}

func TestServerListThatPanics(t *testing.T) {
	run(t, 1, pool.Options{Logger: slog.New(slog.DiscardHandler)}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		err := p.SetServers(t.Context(), func(context.Context) ([]string, error) { panic("in a list") })
		if err == nil || err.Error() != "the list of servers panicked: in a list" {
			t.Errorf("error %v", err)
		}
		release(t, get(t, p), nil)
	})
}

type fragile struct {
	*conn
	panics *atomic.Bool
}

func (f fragile) Close() error {
	_ = f.conn.Close()
	if f.panics.Load() {
		panic("in Close")
	}
	return nil
}

func (f fragile) Alive() bool {
	if f.panics.Load() {
		panic("in Alive")
	}
	return f.conn.Alive()
}

// A connection whose methods panic counts as dead. No slot is lost, and no connection stays open.
func TestConnectionsThatPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster("a")
		var panics atomic.Bool
		dial := func(ctx context.Context, server string) (fragile, error) {
			k, err := c.dial(ctx, server)
			return fragile{k, &panics}, err
		}
		p, err := pool.New(t.Context(), pool.Servers("a"), dial, &pool.Options{Settings: pool.Settings{Size: 2}, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		panics.Store(true)
		l, err := p.Get(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute) // the idle connection is swept
		panics.Store(false)
		if err := l.Release(nil); err != nil {
			t.Fatal(err)
		}
		if l, err = p.Get(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := l.Release(nil); err != nil || p.CheckedIn() != 2 || c.total() != 2 {
			t.Errorf("%v, %d are idle and %d open", err, p.CheckedIn(), c.total())
		}
		panics.Store(true)
		p.Dispose()
		if n := c.total(); n != 0 {
			t.Errorf("%d connections are open after Dispose", n)
		}
	})
}
