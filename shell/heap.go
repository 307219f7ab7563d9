package shell

import (
	"context"
	"errors"
	"runtime"
	"runtime/metrics"
	"time"
)

// errHeap is the cause with which a run is cancelled if the heap grew by more than Options.MaxHeap.
var errHeap = errors.New("the heap grew beyond its limit")

// heapInterval is the interval between two checks of a run's heap.
const heapInterval = 50 * time.Millisecond

func heapBytes() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// watchHeap cancels a run whose heap grows too much. The returned function ends the watch.
func (s *Session) watchHeap(ctx context.Context, cancel context.CancelCauseFunc) func() {
	if s.opts.MaxHeap == 0 {
		return func() {}
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	limit := heapBytes() + s.opts.MaxHeap
	go func() {
		defer close(done)
		ticks := time.NewTicker(heapInterval)
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
			}
			if heapBytes() < limit {
				continue
			}
			runtime.GC() // unreachable objects do not count
			if heapBytes() >= limit {
				cancel(errHeap)
				return
			}
		}
	}()
	return func() {
		stop()
		<-done
	}
}
