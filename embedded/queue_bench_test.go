package embedded

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// queueKinds names the ways to remove the first element of a queue kept in a row: remove its
// column, remove a slice up to it, or remove its super column.
var queueKinds = []string{"column", "slice", "super"}

func queueName(i int) []byte { return fmt.Appendf(nil, "%09d", i) }

// push returns the mutation that appends element i.
func push(kind string, i int) backend.Mutation {
	m := backend.Mutation{Op: backend.Insert, Column: backend.Column{Name: queueName(i), Value: []byte("v"), Timestamp: int64(2 * i)}}
	if kind == "super" {
		m.Super, m.Column.Name = m.Column.Name, []byte("c")
	}
	return m
}

// pop returns the mutation that removes element i, the first one.
func pop(kind string, i int) backend.Mutation {
	m := backend.Mutation{Op: backend.Delete, Timestamp: int64(2*i + 1)}
	switch kind {
	case "column":
		m.Columns = &backend.Predicate{Names: [][]byte{queueName(i)}}
	case "slice":
		m.Columns = &backend.Predicate{Finish: queueName(i)}
	case "super":
		m.Super = queueName(i)
	}
	return m
}

func queueStore(b testing.TB) *Store {
	b.Helper()
	s := mustOpen(b, b.TempDir(), benchOptions(NoSync))
	ks := schema.Keyspace{Name: "ks", StrategyOptions: map[string]string{"replication_factor": "1"}}
	for _, kind := range queueKinds {
		f := schema.Family{Keyspace: "ks", Name: kind, Comparator: "UTF8Type"}
		if kind == "super" {
			f.Type = schema.Super
		}
		ks.Families = append(ks.Families, f)
	}
	alter(b, s, schema.CreateKeyspace{Keyspace: ks})
	return s
}

// first reads the first element of a queue, which must be i.
func first(b testing.TB, s *Store, kind, key string, i int) {
	b.Helper()
	rows, err := s.Slice(context.Background(), slice(kind, 1, key))
	if err != nil {
		b.Fatal(err)
	}
	var name []byte
	if kind == "super" && len(rows[0].Supers) == 1 {
		name = rows[0].Supers[0].Name
	} else if len(rows[0].Columns) == 1 {
		name = rows[0].Columns[0].Name
	}
	if string(name) != string(queueName(i)) {
		b.Fatalf("the first element of %s is %q, want %d", kind, name, i)
	}
}

// BenchmarkQueue appends an element to a row of ten elements, reads the first and removes it, as
// one operation. It also reports the time of the last tenth of the operations divided by that of
// the first tenth.
func BenchmarkQueue(b *testing.B) {
	for _, kind := range queueKinds {
		b.Run(kind, func(b *testing.B) {
			s := queueStore(b)
			const ahead = 10
			for i := range ahead {
				mustMutate(b, s, mutate(kind, "k", push(kind, i)))
			}
			b.ResetTimer()
			var tenths [10]time.Duration
			for t := range tenths {
				start := time.Now()
				for i := t * b.N / 10; i < (t+1)*b.N/10; i++ {
					mustMutate(b, s, mutate(kind, "k", push(kind, i+ahead)))
					first(b, s, kind, "k", i)
					mustMutate(b, s, mutate(kind, "k", pop(kind, i)))
				}
				tenths[t] = time.Since(start)
			}
			b.ReportMetric(float64(tenths[9])/float64(tenths[0]), "last-times-first")
		})
	}
}

// BenchmarkQueueDrained removes WIDEROW_BENCH_REMOVALS elements of a row, by default 100,000,
// without reading it. Then it reads the first element left, and compares the time with that of a
// newly filled row.
func BenchmarkQueueDrained(b *testing.B) {
	n := 100_000
	if v := os.Getenv("WIDEROW_BENCH_REMOVALS"); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil {
			b.Fatal(err)
		}
	}
	for _, kind := range queueKinds {
		b.Run(kind, func(b *testing.B) {
			s := queueStore(b)
			for i := range n {
				mustMutate(b, s, mutate(kind, "k", push(kind, i+1), pop(kind, i)))
			}
			mustMutate(b, s, mutate(kind, "fresh", push(kind, n)))
			// Report the slowest read that ends with its context, and the time until reads are fast
			// again.
			var slowest time.Duration
			begin := time.Now()
			for fast := 0; fast < 100; {
				ctx, cancel := context.WithCancel(context.Background())
				timer := time.AfterFunc(time.Millisecond, cancel)
				start := time.Now()
				_, err := s.Slice(ctx, slice(kind, 1, "k"))
				took := time.Since(start)
				timer.Stop()
				cancel()
				slowest = max(slowest, took)
				if fast++; err != nil || took > time.Millisecond {
					fast = 0
				}
				if time.Since(begin) > time.Minute {
					b.Fatalf("a read takes %v after a minute (%v)", took, err)
				}
			}
			read := func(key string) func(int) { return func(int) { first(b, s, kind, key, n) } }
			beside(b, 1, func(int) {}, side{name: "drained", op: read("k")}, side{name: "fresh", op: read("fresh")})
			b.ReportMetric(float64(slowest.Microseconds())/1000-1, "slowest-cancel-ms")
			b.ReportMetric(time.Since(begin).Seconds()-b.Elapsed().Seconds(), "settled-s")
		})
	}
}
