//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package users

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lockDir locks a directory by flock(2), which hinders nobody else in it, and returns what unlocks it. A lock of the
// users' file itself would not do: each change replaces that file.
func lockDir(ctx context.Context, dir string) (unlock func() error, err error) {
	const pause = 5 * time.Millisecond // a change takes some 50 ms
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return f.Close, nil
		case !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR):
			return nil, errors.Join(&os.PathError{Op: "lock", Path: dir, Err: err}, f.Close())
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("another program changes the users in %s: %w", dir, ctx.Err()), f.Close())
		}
	}
}
