package embedded

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/widerow/widerow/backend"
)

// waiting returns how many callers wait for their part of the budget.
func (w *writeBudget) waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.queue)
}

// TestLargeWritesTakeTurns writes values while another caller holds the lock of writers. As many
// values as the budget allows are in memory. The other writes wait until their contexts end or the
// budget has room.
func TestLargeWritesTakeTurns(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	built := byState("Utah")
	built.Family = "indexed"
	if _, err := s.Index(t.Context(), built); err != nil { // once the index is built, the background does not use the lock
		t.Fatal(err)
	}
	s.large.from, s.large.total = 10_000, 50_000
	if err := s.writers.Lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	big := func(name string) *backend.MutateRequest {
		return mutate("cf", "k", ins(name, string(make([]byte, 20_000)), 1))
	}
	var writes sync.WaitGroup
	errs := make(chan error, 10)
	write := func(ctx context.Context, r *backend.MutateRequest) {
		writes.Go(func() { errs <- s.Mutate(ctx, r) })
	}
	for _, name := range []string{"a", "b", "c", "d"} {
		write(t.Context(), big(name))
	}
	for s.large.waiting() < 2 {
		runtime.Gosched()
	}
	ctx, cancel := context.WithCancel(t.Context())
	write(ctx, big("e"))
	for s.large.waiting() < 3 {
		runtime.Gosched()
	}
	cancel()
	if err := <-errs; !errors.Is(err, context.Canceled) {
		t.Errorf("a write that waits for its turn: %v, want context.Canceled", err)
	}
	s.large.mu.Lock()
	if s.large.taken > s.large.total || len(s.large.queue) != 2 {
		t.Errorf("writes hold %d bytes of %d, and %d wait", s.large.taken, s.large.total, len(s.large.queue))
	}
	s.large.mu.Unlock()
	s.writers.Unlock()
	writes.Wait()
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	// A write larger than the whole budget runs alone. Small and refused writes leave the budget
	// unchanged.
	mustMutate(t, s, mutate("cf", "k", ins("f", string(make([]byte, 100_000)), 1)))
	mustMutate(t, s, mutate("cf", "k", ins("g", "small", 1)))
	if err := s.Mutate(t.Context(), mutate("none", "k", ins("h", string(make([]byte, 20_000)), 1))); !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("a write to a missing family: %v", err)
	}
	if s.large.taken != 0 || s.large.waiting() != 0 {
		t.Errorf("after all writes %d bytes are held, and %d wait", s.large.taken, s.large.waiting())
	}
}

// TestBatchSize compares the estimated memory of a write with its real memory. A batch that grows
// would be in memory twice.
func TestBatchSize(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	zeros := string(make([]byte, 1000)) // zeros have the longest encoding
	many := mutate("cf", zeros)
	for i := range 100 {
		many.Rows[0].Mutations = append(many.Rows[0].Mutations, ins(zeros+string(rune(i)), "v", 1))
	}
	for name, r := range map[string]*backend.MutateRequest{
		"a large value": mutate("cf", "k", ins("a", string(make([]byte, 100_000)), 1)),
		"long names":    many,
		"deletions": mutate("cf", "k",
			backend.Mutation{Op: backend.Delete, Columns: &backend.Predicate{Names: [][]byte{[]byte(zeros), []byte("b")}}},
			backend.Mutation{Op: backend.Delete, Columns: &backend.Predicate{Start: []byte(zeros), Finish: []byte(zeros)}}),
	} {
		b, err := s.newBatch(t.Context(), 0, deletesSlices(r)) // without a size, so that it grows
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.apply(t.Context(), r, b.Batch); err != nil {
			t.Fatal(err)
		}
		if size := batchSize(&r.Rows[0]); b.Len() > size || size > 2*b.Len()+200 {
			t.Errorf("%s: a batch of %d bytes, expected are %d", name, b.Len(), size)
		}
		if err := s.inLog(b); err != nil {
			t.Fatal(err)
		}
	}
}
