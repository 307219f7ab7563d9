package pool_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/pool"
)

// The test checks the order and the fields of all events in a short life of a pool.
func TestEvents(t *testing.T) {
	var got []string
	say := func(i pool.Info, format string, args ...any) {
		if i.Pool != "life" {
			got = append(got, "wrong pool "+i.Pool)
		}
		got = append(got, i.Level.String()+" "+fmt.Sprintf(format, args...))
	}
	events := pool.Events{
		CheckedOut:   func(e pool.ConnEvent) { say(e.Info, "out %d", e.Conn.ID) },
		CheckedIn:    func(e pool.ConnEvent) { say(e.Info, "in %d", e.Conn.ID) },
		Created:      func(e pool.ConnEvent) { say(e.Info, "created %d %s", e.Conn.ID, e.Conn.Server) },
		Disposed:     func(e pool.DisposedEvent) { say(e.Info, "disposed %d: %s", e.Conn.ID, e.Message) },
		Recycled:     func(e pool.RecycledEvent) { say(e.Info, "recycled %d by %d", e.Old.ID, e.New.ID) },
		Failed:       func(e pool.FailedEvent) { say(e.Info, "failed %s %d: %v", e.Server, e.Conn.ID, e.Err) },
		ServerList:   func(e pool.ServerListEvent) { say(e.Info, "servers %v", e.Servers) },
		PoolDisposed: func(i pool.Info) { say(i, "pool disposed") },
		PoolAtMax:    func(e pool.AtMaxEvent) { say(e.Info, "at max %d", e.Max) },
		HostDown:     func(e pool.HostEvent) { say(e.Info, "down %s: %v", e.Server, e.Err) },
		HostUp:       func(e pool.HostEvent) { say(e.Info, "up %s", e.Server) },
	}
	opts := pool.Options{Settings: pool.Settings{Name: "life", Size: 1, Recycle: 2, WaitTimeout: pool.NoWait}, Events: events}
	run(t, 1, opts, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		l := get(t, p)
		if _, err := p.Get(t.Context(), nil); err == nil {
			t.Error("no error at the limit")
		}
		release(t, l, nil)
		release(t, get(t, p), nil)
		synctest.Wait() // wait for the replacement
		c.set("a", func(n *node) { n.down = true })
		release(t, get(t, p), errHung)
		c.start("a")
		time.Sleep(time.Second)
		p.Dispose()
	})
	want := []string{
		"DEBUG servers [a]", "DEBUG created 1 a",
		"DEBUG out 1", "INFO at max 1", "DEBUG in 1", "DEBUG out 1", "DEBUG in 1",
		"DEBUG created 2 a", "DEBUG recycled 1 by 2", "DEBUG disposed 1: it was replaced",
		"DEBUG out 2", "INFO failed a 2: i/o timeout", "WARN down a: i/o timeout", "DEBUG disposed 2: it failed",
		"DEBUG created 3 a", "INFO up a", "DEBUG disposed 3: the pool is disposed", "INFO pool disposed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLogAndListeners(t *testing.T) {
	var text bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	run(t, 1, pool.Options{Settings: pool.Settings{Name: "reads", Size: 1}, Logger: logger}, func(t *testing.T, c *cluster, p *pool.Pool[*conn]) {
		var stats pool.Stats
		remove := p.Listen(stats.Events())
		release(t, get(t, p), nil)
		remove()
		release(t, get(t, p), nil)
		if got := stats.Counts(); got.CheckedOut != 1 || got.CheckedIn != 1 {
			t.Errorf("%+v, want 1 out and in while it listened", got)
		}
		stats.Reset()
		if got := stats.Counts(); got != (pool.Counts{}) {
			t.Errorf("after Reset: %+v", got)
		}
		// A listener may call the pool.
		p.Listen(pool.Events{CheckedIn: func(pool.ConnEvent) { _ = p.State() }})
		release(t, get(t, p), nil)
	})
	for _, want := range []string{
		"level=DEBUG msg=\"connection opened\" conn.id=1 conn.server=a pool=reads",
		"level=INFO msg=\"pool disposed\" pool=reads",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, text.String())
		}
	}
}

func ExamplePool_Do() {
	ctx := context.Background()
	dial := func(_ context.Context, server string) (nothing, error) { return nothing{}, nil }
	p, err := pool.New(ctx, pool.Servers("cass1:9160"), dial, &pool.Options{Settings: pool.Settings{Size: 2}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Dispose()
	err = p.Do(ctx, pool.Call{}, func(context.Context, nothing) error {
		fmt.Println(p.CheckedIn(), "idle,", p.CheckedOut(), "in use")
		return nil
	})
	fmt.Println(err)
	// Output:
	// 1 idle, 1 in use
	// <nil>
}
