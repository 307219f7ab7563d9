package ringtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
)

// A load is the calls of all workers. Each worker writes its own keys, whose values only grow.
type load struct {
	t       *testing.T
	client  backend.Backend
	family  string
	allowed []error

	calls, failed atomic.Int64
	longest       atomic.Int64 // nanoseconds of the longest call that succeeded
	mu            sync.Mutex
	rows          []row
	kinds         map[string]int // number of errors, by kind
}

// A row is a row with the bounds of its value: the value is at least acked and at most tried.
type row struct {
	key          []byte
	acked, tried uint64
}

// with returns a load of another client that has made no calls.
func (l *load) with(client backend.Backend) *load {
	return &load{t: l.t, client: client, family: l.family, allowed: l.allowed}
}

// start starts the workers, lets them warm up, and returns a function that ends them. The first worker has the number first.
func (l *load) start(first int) (stop func()) {
	ctx, cancel := context.WithCancel(l.t.Context())
	var wg sync.WaitGroup
	for i := range Workers {
		wg.Go(func() { l.worker(ctx, first+i) })
	}
	time.Sleep(3 * time.Second)
	return func() {
		cancel()
		wg.Wait()
	}
}

func (l *load) worker(ctx context.Context, id int) {
	const keys = 20
	rows := make([]row, keys)
	for i := range rows {
		rows[i].key = fmt.Appendf(nil, "row-%d-%d", id, i)
	}
	for n := uint64(1); ctx.Err() == nil; n++ {
		row := &rows[n%keys]
		row.tried = n
		err := l.call(func(ctx context.Context) error {
			return l.client.Mutate(ctx, &backend.MutateRequest{
				Keyspace: keyspace, Consistency: backend.Quorum,
				Rows: []backend.RowMutation{{Family: l.family, Key: row.key, Mutations: []backend.Mutation{{Op: backend.Insert, Column: backend.Column{
					Name: []byte("n"), Value: binary.BigEndian.AppendUint64(nil, n), Timestamp: int64(n),
				}}}}},
			})
		})
		if err == nil {
			row.acked = n
		}
		l.read(&rows[rand.IntN(keys)])
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = append(l.rows, rows...)
}

// read reads a row and checks its value. It reports whether the call succeeded.
func (l *load) read(row *row) bool {
	var value uint64
	err := l.call(func(ctx context.Context) error {
		rows, err := l.client.Slice(ctx, &backend.SliceRequest{
			Parent: backend.Parent{Keyspace: keyspace, Family: l.family}, Keys: [][]byte{row.key},
			Predicate: backend.Predicate{Names: [][]byte{[]byte("n")}}, Consistency: backend.Quorum,
		})
		if err == nil && len(rows[0].Columns) > 0 {
			value = binary.BigEndian.Uint64(rows[0].Columns[0].Value)
		}
		return err
	})
	if err == nil && (value < row.acked || value > row.tried) {
		l.t.Errorf("%s is %d, but %d was acknowledged and %d was the last number sent", row.key, value, row.acked, row.tried)
	}
	return err == nil
}

// call makes a call with a timeout of 10 s and counts the call. If the run ends during the call, call
// still waits for its result, so that the test knows whether a write was applied.
func (l *load) call(f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	start := time.Now()
	err := f(ctx)
	took := int64(time.Since(start))
	l.calls.Add(1)
	if err == nil {
		for {
			longest := l.longest.Load()
			if took <= longest || l.longest.CompareAndSwap(longest, took) {
				return nil
			}
		}
	}
	l.failed.Add(1)
	kind := "none"
	for _, k := range l.allowed {
		if errors.Is(err, k) {
			kind = k.Error()
			break
		}
	}
	if kind == "none" {
		l.t.Errorf("an error without a kind: %v", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kinds == nil {
		l.kinds = map[string]int{}
	}
	l.kinds[kind]++
	return err
}

// rate returns the number of calls per second, measured over d.
func (l *load) rate(d time.Duration) float64 {
	before, start := l.calls.Load(), time.Now()
	time.Sleep(d)
	return float64(l.calls.Load()-before) / time.Since(start).Seconds()
}

func (l *load) report(t *testing.T) {
	calls, failed := l.calls.Load(), l.failed.Load()
	t.Logf("%d calls, %d failed (%.4f%%) %v; the longest that succeeded took %v",
		calls, failed, 100*float64(failed)/float64(calls), l.kinds, time.Duration(l.longest.Load()).Round(time.Millisecond))
}

// check reads all rows again while all nodes are up.
func (l *load) check(t *testing.T) {
	if len(l.rows) == 0 {
		t.Fatal("nothing was written")
	}
	for i := range l.rows {
		answered := false
		for try := 0; try < 5 && !answered; try++ {
			answered = l.read(&l.rows[i])
		}
		if !answered {
			t.Errorf("%s cannot be read", l.rows[i].key)
		}
	}
}
