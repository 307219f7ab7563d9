package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/widerow/widerow/backend"
)

const (
	// firstPause and longestPause bound the pauses between retries while the store cannot be reached.
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

// patience retries calls that failed because the store could not be reached, for example while the
// only server restarts. It is safe for concurrent use.
type patience struct {
	limit time.Duration // time after the first failure during which a call is retried
	errs  io.Writer
	now   func() time.Time
	// sleep waits. It returns false if the context ends first.
	sleep func(ctx context.Context, d time.Duration) bool

	mu   sync.Mutex
	away bool // a message has reported that the store cannot be reached
}

func newPatience(limit time.Duration, errs io.Writer) *patience {
	return &patience{limit: limit, errs: errs, now: time.Now, sleep: sleep}
}

// do calls f until f succeeds, fails for another reason, or has failed for p.limit. The pauses
// double. After ctx ends, f is not retried. If f is not idempotent, it is retried only if it cannot have
// written anything.
func (p *patience) do(ctx context.Context, idempotent bool, f func() error) error {
	var end time.Time
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := f()
		if err == nil || !unreachable(err, idempotent) {
			p.say(false, err)
			return err
		}
		now := p.now()
		if end.IsZero() {
			end = now.Add(p.limit)
		}
		if !now.Before(end) {
			return err
		}
		p.say(true, err)
		if !p.sleep(ctx, min(pause, end.Sub(now))) {
			return fmt.Errorf("%w while waiting for the store: %w", ctx.Err(), err)
		}
	}
}

// unreachable reports whether a call that failed with err may succeed soon. Such errors are safe to retry and
// are caused by servers.
func unreachable(err error, idempotent bool) bool {
	return backend.SafeToRetry(err, idempotent) &&
		(errors.Is(err, backend.ErrUnavailable) || errors.Is(err, backend.ErrTimedOut))
}

// say prints a message when the store can no longer be reached, and when it can be reached again.
func (p *patience) say(away bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case away == p.away:
		return
	case away:
		fmt.Fprintf(p.errs, "the store cannot be reached, trying again for up to %v: %v\n", p.limit, err)
	case err == nil:
		fmt.Fprintln(p.errs, "the store is back")
	}
	p.away = away
}

// sleep waits for d. It returns false if ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
