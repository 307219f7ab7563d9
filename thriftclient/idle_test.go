package thriftclient_test

import (
	"context"
	"testing"
	"time"

	"github.com/widerow/widerow/pool"
)

// A connection stays usable if it was idle for longer than a call may take, although the deadline
// of its last call has passed.
func TestIdleForLongerThanTheTimeout(t *testing.T) {
	n := startNode(t, nodeOptions{}, nil)
	opts := fast()
	opts.Timeout = 500 * time.Millisecond
	c := connect(t, opts, n)
	var stats pool.Stats
	c.Listen(stats.Events())
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if err := get(ctx, c, "k"); err != nil {
			t.Fatal(err)
		}
		cancel()
		time.Sleep(opts.Timeout + 5*time.Millisecond)
	}
	if got, none := stats.Counts(), (pool.Counts{}); got.Created != none.Created || got.Disposed != none.Disposed {
		t.Errorf("opened %+v, closed %+v connections in that time, want none", got.Created, got.Disposed)
	}
}
