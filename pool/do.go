package pool

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Call configures a call of [Pool.Do].
type Call struct {
	// Prefer are the servers to use if they are up, in this order.
	Prefer []string
	// NoRetry makes the call at most once. It is for calls that must not be made twice,
	// such as an increment of a counter. A connection that is found dead before the call
	// does not count.
	NoRetry bool
}

// errAbandoned is the error of a call that did not return.
var errAbandoned = errors.New("the call panicked")

// Do takes a connection, calls f with it and gives the connection back.
//
// If f fails with an error that is classified as [Retry], Do pauses and calls f again with
// a connection to another server, if there is one, up to [Settings.MaxRetries] times. If f
// still fails, Do returns a [*MaximumRetryError] with the last failure. Do returns other
// errors of f unchanged.
//
// If every server refuses the connection, for example while the only server restarts, Do
// treats this like a failure of f: it pauses and connects again. If the dials ended because
// of [Settings.DialTimeout], the caller has waited already, and Do returns the error.
//
// When ctx ends, Do returns an error that matches ctx.Err() and the last failure, if there
// is one. F must return when ctx ends. If an interrupted call leaves an error that is
// classified as [ConnDead], its connection is closed.
func (p *Pool[C]) Do(ctx context.Context, call Call, f func(ctx context.Context, c C) error) error {
	t := target{prefer: call.Prefer}
	var last error
	for try := 0; ; try++ {
		l, err := p.acquire(ctx, t)
		switch {
		case err != nil && (!p.mayReturn(err) || try >= p.set.Load().maxRetries()):
			return after(err, last)
		case err == nil:
			server := l.Server()
			fault, err := p.call(ctx, l, f)
			switch {
			case fault&Retry == 0:
				return err
			case call.NoRetry, try >= p.set.Load().maxRetries():
				return &MaximumRetryError{Retries: try, Server: server, Err: err}
			}
			last = err
			t.avoid = p.avoid(t.avoid, server)
		}
		if err := p.pause(ctx, p.set.Load().pause(try+1)); err != nil {
			return after(err, last)
		}
	}
}

// mayReturn reports whether err, an error of connecting, means that the servers refuse connections for now.
func (p *Pool[C]) mayReturn(err error) bool {
	return errors.Is(err, ErrAllServersUnavailable) && p.fault(err)&(Retry|HostDown) == Retry
}

// after adds the failure of the previous try, if there was one, to err.
func after(err, last error) error {
	if last == nil {
		return err
	}
	return fmt.Errorf("%w; the last failure was: %w", err, last)
}

// call makes one try.
func (p *Pool[C]) call(ctx context.Context, l Lease[C], f func(context.Context, C) error) (fault Fault, err error) {
	returned := false
	defer func() {
		if !returned {
			_ = p.release(l, ConnDead, errAbandoned)
		}
	}()
	err = f(ctx, l.Conn())
	returned = true
	fault = p.fault(err)
	if cut := ctx.Err(); cut != nil && fault&ConnDead != 0 {
		// If the caller's time is over, this says nothing about the host.
		fault &^= Retry | HostDown
		p.mu.Lock()
		p.suspectLocked(ctx, l.c.host)
		p.mu.Unlock()
		if !errors.Is(err, cut) {
			err = fmt.Errorf("%w: %w", cut, err)
		}
	}
	_ = p.release(l, fault, err)
	return fault, err
}

// avoid adds server to the servers that have failed. If all servers have failed, they
// may be used again, the last one last.
func (p *Pool[C]) avoid(failed []string, server string) []string {
	failed = append(failed, server)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.alternativeLocked(failed) {
		return []string{server}
	}
	return failed
}

func (p *Pool[C]) pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-p.life.Done():
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("waiting to retry: %w", ctx.Err())
	}
}
