package widerow_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/widerowtest"
)

func TestBatch(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		sf := s.family(t, superText("S"))
		insert(t, f, "old", widerow.Values{{"a", "1"}, {"b", "2"}, {"c", "3"}})
		var b widerow.Batch
		b.Insert(f, "key1", widerow.Values{{"col1", "value11"}, {"col2", "value21"}}).
			Insert(sf, "key1", widerow.Values{{"sub", widerow.Values{{"a", "1"}, {"b", "2"}}}}).
			Remove(f, "old", widerow.Names("a")).
			RemoveSlice(f, "old", "c", nil).
			Remove(f, "old", widerow.Names())
		if n := b.Len(); n != 4 {
			t.Errorf("Len() = %d, want 4: a removal of no columns does not count", n)
		}
		if n := must(f.Count(ctx, "key1"))(t); n != 0 {
			t.Error("sent before Send")
		}
		if err := b.Send(ctx); err != nil {
			t.Fatal(err)
		}
		if n := b.Len(); n != 0 {
			t.Errorf("Len() = %d after Send", n)
		}
		b.Remove(sf, "key1", widerow.Super("sub"), widerow.Names("a"))
		b.Insert(f, "key2", widerow.Values{{"x", "y"}}, widerow.TTL(15*time.Second), widerow.At(99))
		if err := b.Send(ctx); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(collect(t, f.Range(ctx)), collect(t, sf.Range(ctx))); got !=
			"[{'col1': 'value11', 'col2': 'value21'} {'x': 'y'} {'b': '2'}] [{'sub': {'b': '2'}}]" {
			t.Error(got)
		}
		row := must(f.Get(ctx, "key2"))(t)
		diff(t, "timestamp and TTL", row.Columns, []widerow.Column{{Name: "x", Value: "y", Timestamp: 99, TTL: 15}})
		if err := new(widerow.Batch).Remove(f, "key1").Remove(f, "key2").Remove(f, "old").Send(ctx); err != nil {
			t.Fatal(err)
		}
		if rows := collect(t, f.Range(ctx)); rows != nil {
			t.Errorf("rows %v", rows)
		}
		if err := new(widerow.Batch).Insert(f, "atomic", widerow.Values{{"a", "b"}}).Send(ctx, widerow.Atomic()); err != nil {
			t.Errorf("atomic: %v", err)
		}
	})
}

func TestBatchQueue(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	for _, tt := range []struct {
		size, n int
		sent    int // the number sent before the end
	}{
		{0, 250, 2},
		{10, 35, 3},
		{1, 4, 4},
		{-1, 500, 0},
	} {
		before := s.Calls(widerowtest.Mutate, "F")
		err := widerow.InBatch(ctx, tt.size, func(b *widerow.Batch) error {
			for i := range tt.n {
				b.Insert(f, fmt.Sprint(i), widerow.Values{{"a", "b"}})
			}
			if got := s.Calls(widerowtest.Mutate, "F") - before; got != tt.sent {
				t.Errorf("%d inserts: sent %d times by itself, want %d", tt.n, got, tt.sent)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(collect(t, f.Range(ctx))); n != tt.n {
			t.Errorf("%d rows of %d", n, tt.n)
		}
		if err := f.Truncate(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBatchErrors(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(text("F"), widerow.ColumnDef{Name: "n", Validator: schema.LongType})
	rows := func() int { return len(collect(t, f.Range(ctx))) }
	cols := widerow.Values{{"a", "b"}}

	// A write that cannot be packed fails the whole batch, and every later Send.
	b := new(widerow.Batch).Insert(f, "k1", cols).Insert(f, "k2", widerow.Values{{"n", "x"}}).Insert(f, "k3", cols)
	err := b.Send(ctx)
	if !errors.Is(err, widerow.ErrInvalidRequest) || !contains(err.Error(), `widerow: batch insert F["k2"]: `) {
		t.Errorf("a value that does not fit: %v", err)
	}
	if again := b.Send(ctx); again != err || b.Err() != err || rows() != 0 {
		t.Errorf("the error does not stick: %v, Err %v, %d rows", again, b.Err(), rows())
	}
	b.Reset()
	if err := b.Insert(f, "k3", cols).Send(ctx); err != nil || rows() != 1 {
		t.Errorf("after Reset: %v, %d rows", err, rows())
	}

	// A failed Send can be called again.
	b.Insert(f, "k4", cols)
	s.FailNext(widerowtest.Mutate, "F", widerow.ErrTimedOut)
	err = b.Send(ctx)
	if !errors.Is(err, widerow.ErrTimedOut) || !widerow.SafeToRetry(err) || b.Len() != 1 {
		t.Errorf("Send that times out: %v, %d queued", err, b.Len())
	}
	if err := b.Send(ctx); err != nil || rows() != 2 {
		t.Errorf("Send again: %v, %d rows", err, rows())
	}

	// If an automatic Send fails, the queue is kept, and the final Send retries.
	s.FailNext(widerowtest.Mutate, "F", widerow.ErrUnavailable)
	err = widerow.InBatch(ctx, 2, func(b *widerow.Batch) error {
		b.Insert(f, "k5", cols).Insert(f, "k6", cols)
		if err := b.Err(); !errors.Is(err, widerow.ErrUnavailable) || !widerow.SafeToRetry(err) || b.Len() != 2 {
			t.Errorf("Err after a send by itself that failed: %v, %d queued", err, b.Len())
		}
		b.Insert(f, "k7", cols)
		return nil
	})
	if err != nil || rows() != 5 {
		t.Errorf("InBatch whose first send failed: %v, %d rows", err, rows())
	}

	// If the last send fails, the batch keeps its writes.
	var kept *widerow.Batch
	s.FailNext(widerowtest.Mutate, "F", widerow.ErrTimedOut)
	err = widerow.InBatch(ctx, 0, func(b *widerow.Batch) error {
		kept = b.Insert(f, "k8", cols)
		return nil
	})
	if !errors.Is(err, widerow.ErrTimedOut) || kept.Len() != 1 {
		t.Errorf("InBatch whose last send failed: %v, %d queued", err, kept.Len())
	}
	if err := kept.Send(ctx); err != nil || rows() != 6 {
		t.Errorf("Send after that: %v, %d rows", err, rows())
	}

	// Contradictory options and nil families are refused.
	var noContext context.Context
	ok := func() *widerow.Batch { return new(widerow.Batch).Insert(f, "k", cols) }
	other := must(s.CreateFamily(ctx, schema.Family{Keyspace: "Other", Name: "O"}))(t)
	for want, err := range map[string]error{
		"Level: a batch has one consistency level":     new(widerow.Batch).Insert(f, "k", cols, widerow.Level(widerow.One)).Send(ctx),
		"Other.O is not of the batch's keyspace":       ok().Insert(other, "k", cols).Send(ctx),
		`Super("s"): F is not a super family`:          new(widerow.Batch).Remove(f, "k", widerow.Super("s")).Err(),
		"TTL(1ms)":                                     new(widerow.Batch).Insert(f, "k", cols, widerow.TTL(time.Millisecond)).Err(),
		"Super(nil): a super column needs a name":      new(widerow.Batch).RemoveSlice(f, "k", "a", "b", widerow.Super(nil)).Err(),
		`F is not a super family`:                      new(widerow.Batch).RemoveSlice(f, "k", "a", "b", widerow.Super("s")).Err(),
		"Super: this call has no use for it":           ok().Send(ctx, widerow.Super("s")),
		"the family is nil":                            new(widerow.Batch).Insert(nil, "k", cols).Send(ctx),
		"the context is nil":                           ok().Send(noContext),
		"an option is nil":                             new(widerow.Batch).Insert(f, "k", cols, nil).Err(),
		`column "age" has no value`:                    new(widerow.Batch).Insert(f, "k", widerow.Values{{"age"}}).Err(),
		"BytesType takes a []byte, a string or an arr": new(widerow.Batch).Insert(other, 5, cols).Err(),
	} {
		if !errors.Is(err, widerow.ErrInvalidRequest) || !contains(err.Error(), want) {
			t.Errorf("%v, want an invalid request: %s", err, want)
		}
	}
}

func TestBatchCounters(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	def := text("C")
	def.DefaultValidator = schema.CounterColumnType
	f := s.Family(def)
	s.Fail(widerowtest.Fault{Verb: widerowtest.Mutate, Err: widerow.ErrTimedOut, Times: 3})
	b := new(widerow.Batch).Insert(f, "k", widerow.Values{{"a", 1}})
	if err := b.Send(ctx); widerow.SafeToRetry(err) {
		t.Errorf("a batch of counters is safe to retry after %v", err)
	}
	if err := f.Add(ctx, "k", "a", 1); widerow.SafeToRetry(err) {
		t.Errorf("Add is safe to retry after %v", err)
	}
	if _, err := f.Insert(ctx, "k", widerow.Values{{"a", 1}}); widerow.SafeToRetry(err) {
		t.Errorf("Insert of counters is safe to retry after %v", err)
	}
	s.FailNext(widerowtest.Mutate, "", widerow.ErrUnavailable)
	if err := f.Add(ctx, "k", "a", 1); !widerow.SafeToRetry(err) {
		t.Errorf("Add is not safe to retry after %v, which was not tried", err)
	}
}

func TestInBatch(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		cols := widerow.Values{{"a", "b"}}
		err := widerow.InBatch(ctx, 10, func(b *widerow.Batch) error {
			b.Insert(f, "k1", cols).Insert(f, "k2", cols)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = widerow.InBatch(ctx, 0, func(b *widerow.Batch) error {
			b.Insert(f, "k3", cols)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		stop := errors.New("stop")
		err = widerow.InBatch(ctx, 0, func(b *widerow.Batch) error {
			b.Insert(f, "k4", cols)
			return stop
		})
		if err != stop {
			t.Errorf("InBatch returns %v, want the function's error", err)
		}
		diff(t, "rows", keys(collect(t, f.Range(ctx))), []string{"k1", "k2", "k3"})
		if err := widerow.InBatch(ctx, 0, func(*widerow.Batch) error { return nil }); err != nil {
			t.Errorf("an empty batch: %v", err)
		}
	})
}

func TestBatchConcurrent(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	err := widerow.InBatch(ctx, 7, func(b *widerow.Batch) error {
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				for i := range 50 {
					b.Insert(f, fmt.Sprint(g, "-", i), widerow.Values{{"a", "b"}})
				}
			})
		}
		wg.Wait()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(collect(t, f.Range(ctx))); n != 400 {
		t.Errorf("%d rows, want 400", n)
	}
}

// blocked is a backend whose Mutate waits until a test releases it.
type blocked struct {
	backend.Backend
	entered, leave chan struct{}
}

func (b *blocked) Mutate(ctx context.Context, r *backend.MutateRequest) error {
	b.entered <- struct{}{}
	<-b.leave
	return b.Backend.Mutate(ctx, r)
}

// TestBatchQueuesWhileItSends queues a write during a Send that then fails. The next Send has both
// writes, in the order in which they were queued.
func TestBatchQueuesWhileItSends(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	s.Family(text("F"))
	slow := &blocked{s.Backend(), make(chan struct{}), make(chan struct{})}
	f := must(widerow.New(slow, nil).Keyspace(widerowtest.DefaultKeyspace).Family(ctx, "F"))(t)
	var b widerow.Batch
	b.Insert(f, "k1", widerow.Values{{"a", "b"}})
	s.FailNext(widerowtest.Mutate, "F", widerow.ErrUnavailable)
	sent := make(chan error)
	go func() { sent <- b.Send(ctx) }()
	<-slow.entered
	b.Insert(f, "k2", widerow.Values{{"a", "b"}})
	slow.leave <- struct{}{}
	if err := <-sent; !errors.Is(err, widerow.ErrUnavailable) || b.Len() != 2 {
		t.Errorf("Send that fails: %v, %d queued", err, b.Len())
	}
	go func() { sent <- b.Send(ctx) }()
	<-slow.entered
	slow.leave <- struct{}{}
	if err := <-sent; err != nil || b.Len() != 0 {
		t.Errorf("Send again: %v, %d queued", err, b.Len())
	}
	diff(t, "rows", keys(collect(t, f.Range(ctx))), []string{"k1", "k2"})
}

// TestBatchResetWhileItSends calls Reset during a Send that then fails. The dropped writes must not
// return.
func TestBatchResetWhileItSends(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	s.Family(text("F"))
	slow := &blocked{s.Backend(), make(chan struct{}), make(chan struct{})}
	f := must(widerow.New(slow, nil).Keyspace(widerowtest.DefaultKeyspace).Family(ctx, "F"))(t)
	var b widerow.Batch
	b.Insert(f, "k1", widerow.Values{{"a", "b"}})
	s.FailNext(widerowtest.Mutate, "F", widerow.ErrUnavailable)
	sent := make(chan error)
	go func() { sent <- b.Send(ctx) }()
	<-slow.entered
	b.Reset()
	slow.leave <- struct{}{}
	if err := <-sent; !errors.Is(err, widerow.ErrUnavailable) {
		t.Errorf("Send: %v, want ErrUnavailable", err)
	}
	if n := b.Len(); n != 0 {
		t.Errorf("%d writes are queued again after Reset", n)
	}
	if err := b.Send(ctx); err != nil {
		t.Errorf("Send of the empty batch: %v", err)
	}
}

// TestUnsent closes a DB while a batch still holds writes.
func TestUnsent(t *testing.T) {
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	db := widerow.New(&blocked{Backend: s.Backend()}, nil)
	g := must(db.Keyspace(widerowtest.DefaultKeyspace).Family(t.Context(), f.Name()))(t)
	var b, dropped widerow.Batch
	b.Insert(g, "k1", widerow.Values{{"a", "b"}}).Remove(g, "k2")
	dropped.Remove(g, "k3").Reset()
	if err := db.Close(); err == nil || !contains(err.Error(), "2 writes were queued in batches and never sent") {
		t.Errorf("Close with an unsent batch: %v", err)
	}
}
