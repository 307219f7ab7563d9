package embedded

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// TestLockEndsWithContext waits for a lock that another caller holds.
func TestLockEndsWithContext(t *testing.T) {
	closing := make(chan struct{})
	l := &lock{closing: closing}
	if err := l.Lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error)
	go func() { got <- l.Lock(ctx) }()
	l.await(1)
	go func() { got <- l.RLock(t.Context()) }() // queued behind the caller that gives up
	l.await(2)
	cancel()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Errorf("Lock: %v, want context.Canceled", err)
	}
	l.Unlock()
	if err := <-got; err != nil {
		t.Errorf("RLock: %v", err)
	}
	go func() { got <- l.Lock(t.Context()) }()
	l.await(1)
	close(closing)
	if err := <-got; !errors.Is(err, backend.ErrClosed) {
		t.Errorf("Lock of a store that is closed: %v, want ErrClosed", err)
	}
}

// await returns once n callers wait for the lock.
func (l *lock) await(n int) {
	for {
		l.mu.Lock()
		waiting := len(l.queue)
		l.mu.Unlock()
		if waiting == n {
			return
		}
		runtime.Gosched()
	}
}

// TestLockExcludes lets readers and writers compete for a lock. Some of them give up.
func TestLockExcludes(t *testing.T) {
	l := &lock{closing: make(chan struct{})}
	n := 0
	var work sync.WaitGroup
	var written sync.Map
	for g := range 8 {
		work.Go(func() {
			count := 0
			for i := range 2000 {
				ctx, cancel := context.WithCancel(context.Background())
				if i%3 == 0 {
					go cancel()
				}
				if i%2 == 0 {
					if l.Lock(ctx) == nil {
						n++
						count++
						l.Unlock()
					}
				} else if l.RLock(ctx) == nil {
					_ = n
					l.RUnlock()
				}
				cancel()
			}
			written.Store(g, count)
		})
	}
	work.Wait()
	sum := 0
	written.Range(func(_, count any) bool { sum += count.(int); return true })
	if n != sum {
		t.Errorf("n is %d, want %d", n, sum)
	}
	if err := l.Lock(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestWaitForWritersEnds calls the methods that need the lock of writers while another caller holds
// it. The calls end with their contexts.
func TestWaitForWritersEnds(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	awaitIndexes(t, s)
	if err := s.writers.Lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer s.writers.Unlock()
	cas := &backend.CompareRequest{Keyspace: "ks", Family: "cf", Key: []byte("k"), Updates: []backend.Column{{Name: []byte("a"), Value: []byte("1")}}}
	for name, call := range map[string]func(context.Context) error{
		"Mutate":        func(ctx context.Context) error { return s.Mutate(ctx, mutate("cf", "k", ins("a", "1", 1))) },
		"Truncate":      func(ctx context.Context) error { return s.Truncate(ctx, "ks", "cf") },
		"Alter":         func(ctx context.Context) error { _, err := s.Alter(ctx, schema.DropKeyspace{Name: "ks"}); return err },
		"CompareAndSet": func(ctx context.Context) error { _, err := s.CompareAndSet(ctx, cas); return err },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan error)
		go func() { got <- call(ctx) }()
		s.writers.await(1)
		cancel()
		if err := <-got; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", name, err)
		}
	}
}
