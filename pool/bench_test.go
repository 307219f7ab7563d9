package pool_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/widerow/widerow/pool"
)

type nothing struct{}

func (nothing) Close() error { return nil }
func (nothing) Alive() bool  { return true }

func benchPool(b *testing.B, size int) *pool.Pool[nothing] {
	b.Helper()
	p, err := pool.New(b.Context(), pool.Servers("a", "b", "c"),
		func(context.Context, string) (nothing, error) { return nothing{}, nil },
		&pool.Options{Settings: pool.Settings{Size: size, Recycle: pool.Unlimited, WaitTimeout: pool.Forever}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.Dispose)
	return p
}

// BenchmarkGet takes and returns a connection: with one connection for each goroutine, and with
// fewer connections.
func BenchmarkGet(b *testing.B) {
	for _, tt := range []struct{ goroutines, size int }{{1, 5}, {32, 32}, {32, 5}} {
		for _, prefer := range [][]string{nil, {"b"}} {
			b.Run(fmt.Sprintf("goroutines=%d/size=%d/prefer=%d", tt.goroutines, tt.size, len(prefer)), func(b *testing.B) {
				p := benchPool(b, tt.size)
				ctx := b.Context()
				b.ReportAllocs()
				var wg sync.WaitGroup
				b.ResetTimer()
				for range tt.goroutines {
					wg.Go(func() {
						for range b.N / tt.goroutines {
							l, err := p.Get(ctx, prefer)
							if err != nil {
								b.Error(err)
								return
							}
							_ = l.Release(nil)
						}
					})
				}
				wg.Wait()
			})
		}
	}
}

func BenchmarkDo(b *testing.B) {
	p := benchPool(b, 5)
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Do(ctx, pool.Call{}, func(context.Context, nothing) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
