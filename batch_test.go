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
		insert(t, f, "old", widerow.Columns{{"a", "1"}, {"b", "2"}, {"c", "3"}})
		b := f.Keyspace().Batch()
		b.Insert(ctx, f, "key1", widerow.Columns{{"col1", "value11"}, {"col2", "value21"}}).
			Insert(ctx, sf, "key1", widerow.Columns{{"sub", widerow.Columns{{"a", "1"}, {"b", "2"}}}}).
			Remove(ctx, f, "old", widerow.Names("a")).
			RemoveSlice(ctx, f, "old", "c", nil).
			Remove(ctx, f, "old", widerow.Names())
		if n := b.Len(); n != 4 {
			t.Errorf("Len() = %d, want 4: a removal of nothing is none", n)
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
		b.Remove(ctx, sf, "key1", widerow.Super("sub"), widerow.Names("a"))
		b.Insert(ctx, f, "key2", widerow.Columns{{"x", "y"}}, widerow.TTL(15*time.Second), widerow.At(99))
		if err := b.Send(ctx); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(collect(t, f.Range(ctx)), collect(t, sf.Range(ctx))); got !=
			"[{'col1': 'value11', 'col2': 'value21'} {'x': 'y'} {'b': '2'}] [{'sub': {'b': '2'}}]" {
			t.Error(got)
		}
		row := must(f.Get(ctx, "key2"))(t)
		diff(t, "timestamp and TTL", row.Columns, []widerow.Column{{Name: "x", Value: "y", Timestamp: 99, TTL: 15}})
		if err := f.Batch().Remove(ctx, "key1").Remove(ctx, "key2").Remove(ctx, "old").Send(ctx); err != nil {
			t.Fatal(err)
		}
		if rows := collect(t, f.Range(ctx)); rows != nil {
			t.Errorf("rows %v", rows)
		}
		if err := f.Batch(widerow.Atomic()).Insert(ctx, "atomic", widerow.Columns{{"a", "b"}}).Send(ctx); err != nil {
			t.Errorf("atomic: %v", err)
		}
	})
}

func TestBatchQueue(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	for _, tt := range []struct {
		opts []widerow.BatchOption
		n    int
		sent int // by itself
	}{
		{nil, 250, 2},
		{[]widerow.BatchOption{widerow.QueueSize(10)}, 35, 3},
		{[]widerow.BatchOption{widerow.QueueSize(1)}, 4, 4},
		{[]widerow.BatchOption{widerow.QueueSize(0)}, 500, 0},
	} {
		before := s.Calls(widerowtest.Mutate, "F")
		b := f.Batch(tt.opts...)
		for i := range tt.n {
			b.Insert(ctx, fmt.Sprint(i), widerow.Columns{{"a", "b"}})
		}
		if got := s.Calls(widerowtest.Mutate, "F") - before; got != tt.sent {
			t.Errorf("%d inserts: sent %d times by itself, want %d", tt.n, got, tt.sent)
		}
		if err := b.Send(ctx); err != nil {
			t.Fatal(err)
		}
		if err := b.Send(ctx); err != nil {
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
	f := s.Family(text("F"), widerow.ColumnDef{Name: "n", Validator: widerow.LongType})
	rows := func() int { return len(collect(t, f.Range(ctx))) }
	cols := widerow.Columns{{"a", "b"}}

	// What cannot be packed fails the whole batch, and sticks.
	b := f.Batch().Insert(ctx, "k1", cols).Insert(ctx, "k2", widerow.Columns{{"n", "x"}}).Insert(ctx, "k3", cols)
	err := b.Send(ctx)
	if !errors.Is(err, widerow.ErrInvalidRequest) || !contains(err.Error(), `widerow: batch insert F["k2"]: `) {
		t.Errorf("a value that does not fit: %v", err)
	}
	if again := b.Send(ctx); again != err || b.Err() != err || rows() != 0 {
		t.Errorf("the error does not stick: %v, Err %v, %d rows", again, b.Err(), rows())
	}
	b.Reset()
	if err := b.Insert(ctx, "k3", cols).Send(ctx); err != nil || rows() != 1 {
		t.Errorf("after Reset: %v, %d rows", err, rows())
	}

	// A Send that failed can be called again.
	b.Insert(ctx, "k4", cols)
	s.FailNext(widerowtest.Mutate, "F", widerow.ErrTimedOut)
	err = b.Send(ctx)
	if !errors.Is(err, widerow.ErrTimedOut) || !widerow.SafeToRetry(err) || b.Len() != 1 {
		t.Errorf("Send that times out: %v, %d queued", err, b.Len())
	}
	if err := b.Send(ctx); err != nil || rows() != 2 {
		t.Errorf("Send again: %v, %d rows", err, rows())
	}

	// A sending by itself that failed refuses more.
	b = f.Batch(widerow.QueueSize(2))
	fail := s.Fail(widerowtest.Fault{Verb: widerowtest.Mutate, Err: widerow.ErrUnavailable})
	b.Insert(ctx, "k5", cols).Insert(ctx, "k6", cols)
	if fail.Hits() != 1 || !errors.Is(b.Err(), widerow.ErrUnavailable) {
		t.Errorf("%d hits, Err %v", fail.Hits(), b.Err())
	}
	b.Insert(ctx, "k7", cols)
	if err := b.Send(ctx); !errors.Is(err, widerow.ErrUnavailable) || rows() != 2 {
		t.Errorf("Send after that: %v, %d rows", err, rows())
	}

	// Options and families that make no sense.
	other := must(s.CreateFamily(ctx, schema.Family{Keyspace: "Other", Name: "O"}))(t)
	for want, err := range map[string]error{
		"With: a batch has one consistency level":      f.Batch().Insert(ctx, "k", cols, widerow.With(widerow.One)).Send(ctx),
		"Other.O is not of the batch's keyspace":       f.Keyspace().Batch().Insert(ctx, other, "k", cols).Send(ctx),
		`Super("s"): F is not a super family`:          f.Batch().Remove(ctx, "k", widerow.Super("s")).Err(),
		"TTL(-1s)":                                     f.Batch().Insert(ctx, "k", cols, widerow.TTL(-time.Second)).Err(),
		"Super(nil): a super column needs a name":      f.Batch().RemoveSlice(ctx, "k", "a", "b", widerow.Super(nil)).Err(),
		`F is not a super family`:                      f.Batch().RemoveSlice(ctx, "k", "a", "b", widerow.Super("s")).Err(),
		"QueueSize(-1): must not be negative":          f.Batch(widerow.QueueSize(-1)).Err(),
		"BytesType takes a []byte, a string or an arr": other.Batch().Insert(ctx, 5, cols).Err(),
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
	def.DefaultValidator = widerow.CounterColumnType
	f := s.Family(def)
	s.Fail(widerowtest.Fault{Verb: widerowtest.Mutate, Err: widerow.ErrTimedOut, Times: 3})
	if err := f.Batch().Insert(ctx, "k", widerow.Columns{{"a", 1}}).Send(ctx); widerow.SafeToRetry(err) {
		t.Errorf("a batch of counters is safe to retry after %v", err)
	}
	if err := f.Add(ctx, "k", "a", 1); widerow.SafeToRetry(err) {
		t.Errorf("Add is safe to retry after %v", err)
	}
	if _, err := f.Insert(ctx, "k", widerow.Columns{{"a", 1}}); widerow.SafeToRetry(err) {
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
		cols := widerow.Columns{{"a", "b"}}
		err := f.InBatch(ctx, func(b *widerow.FamilyBatch) error {
			b.Insert(ctx, "k1", cols).Insert(ctx, "k2", cols)
			return nil
		}, widerow.QueueSize(10))
		if err != nil {
			t.Fatal(err)
		}
		err = f.Keyspace().InBatch(ctx, func(b *widerow.Batch) error {
			b.Insert(ctx, f, "k3", cols)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		stop := errors.New("stop")
		err = f.InBatch(ctx, func(b *widerow.FamilyBatch) error {
			b.Insert(ctx, "k4", cols)
			return stop
		})
		if err != stop {
			t.Errorf("InBatch returns %v, want the function's error", err)
		}
		diff(t, "rows", keys(collect(t, f.Range(ctx))), []string{"k1", "k2", "k3"})
		if err := f.InBatch(ctx, func(*widerow.FamilyBatch) error { return nil }); err != nil {
			t.Errorf("an empty batch: %v", err)
		}
	})
}

func TestBatchConcurrent(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	b := f.Batch(widerow.QueueSize(7))
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				b.Insert(ctx, fmt.Sprint(g, "-", i), widerow.Columns{{"a", "b"}})
			}
		})
	}
	wg.Wait()
	if err := b.Send(ctx); err != nil {
		t.Fatal(err)
	}
	if n := len(collect(t, f.Range(ctx))); n != 400 {
		t.Errorf("%d rows, want 400", n)
	}
}

// blocked is a backend whose Mutate waits until it is let go.
type blocked struct {
	backend.Backend
	entered, leave chan struct{}
}

func (b *blocked) Mutate(ctx context.Context, r *backend.MutateRequest) error {
	b.entered <- struct{}{}
	<-b.leave
	return b.Backend.Mutate(ctx, r)
}

// TestBatchWait cancels an operation that waits while another sends: it is lost,
// which the batch must say.
func TestBatchWait(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	s.Family(text("F"))
	slow := &blocked{s.Backend(), make(chan struct{}), make(chan struct{})}
	f := must(widerow.New(slow, nil).Keyspace(widerowtest.DefaultKeyspace).Family(ctx, "F"))(t)
	b := f.Batch()
	b.Insert(ctx, "k1", widerow.Columns{{"a", "b"}})
	sent := make(chan error)
	go func() { sent <- b.Send(ctx) }()
	<-slow.entered
	late, cancel := context.WithCancel(ctx)
	cancel()
	b.Insert(late, "k2", widerow.Columns{{"a", "b"}})
	if err := b.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("an operation was lost: %v", err)
	}
	if err := b.Send(late); !errors.Is(err, context.Canceled) {
		t.Errorf("Send that waits, cancelled: %v", err)
	}
	close(slow.leave)
	if err := <-sent; err != nil {
		t.Errorf("the Send that ran: %v", err)
	}
	if err := b.Send(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Send of a batch that lost an operation: %v", err)
	}
}
