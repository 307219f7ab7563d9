package embedded

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// These benchmarks compare the engine with raw Pebble in one run. Short turns of both alternate, so
// that the machine's other load affects both alike. docs/performance.md explains the figures.

// longRow is the number of columns of the long row, from the environment.
func longRow(b *testing.B) int {
	b.Helper()
	s := os.Getenv("WIDEROW_BENCH_COLUMNS")
	if s == "" {
		return 200_000
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 10_000 {
		b.Fatalf("WIDEROW_BENCH_COLUMNS is %q, want a number of at least 10000", s)
	}
	return n
}

func benchOptions(d Durability) *Options {
	return &Options{PurgeInterval: -1, Durability: d}
}

func benchStore(b *testing.B, dir string, o *Options) *Store {
	b.Helper()
	s := mustOpen(b, dir, o)
	alter(b, s, schema.CreateKeyspace{Keyspace: schema.Keyspace{
		Name: "ks", StrategyOptions: map[string]string{"replication_factor": "1"},
		Families: []schema.Family{{Keyspace: "ks", Name: "cf", Comparator: "UTF8Type"}},
	}})
	return s
}

// rawStore opens Pebble alone with the options of the store s, except its merger.
func rawStore(b *testing.B, s *Store) *pebble.DB {
	b.Helper()
	cache := pebble.NewCache(s.opts.CacheSize)
	defer cache.Unref()
	o := s.pebbleOptions(cache)
	o.Lock, o.Merger, o.EventListener = nil, nil, nil
	db, err := pebble.Open(filepath.Join(b.TempDir(), "raw"), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	return db
}

// pair is a key and a value as the store writes them.
type pair struct{ key, value []byte }

// pairs returns what the store writes for a request that only inserts.
func pairs(b *testing.B, s *Store, r *backend.MutateRequest) []pair {
	b.Helper()
	batch := s.db.NewBatch()
	defer batch.Close()
	t := s.tables.Load()
	families, err := t.cat.CheckMutate(nil, r)
	if err != nil {
		b.Fatal(err)
	}
	w := &writer{s: s, b: batch, now: s.now()}
	for i := range r.Rows {
		if err := w.row(t.family(families[i]), &r.Rows[i]); err != nil {
			b.Fatal(err)
		}
	}
	var all []pair
	for reader := batch.Reader(); ; {
		_, key, value, ok, err := reader.Next()
		if err != nil {
			b.Fatal(err)
		}
		if !ok {
			return all
		}
		all = append(all, pair{append([]byte(nil), key...), append([]byte(nil), value...)})
	}
}

func benchRow(key string, columns int, random *rand.Rand) *backend.MutateRequest {
	ms := make([]backend.Mutation, columns)
	for i := range ms {
		value := make([]byte, 100)
		for j := range value {
			value[j] = byte(random.Uint32())
		}
		ms[i] = ins(benchColumn(i), string(value), 1_700_000_000_000_000)
	}
	return mutate("cf", key, ms...)
}

func benchColumn(i int) string { return fmt.Sprintf("column%08d", i) }

// turn is the number of operations that one side runs before the other side's turn.
const turn = 256

// beside runs b.N prepared operations of each of two sides, in turns, on the given number of
// workers. It reports the time of one operation on each side, and the ratio y/x twice: over all
// turns, and between the sides' median turns.
func beside(b *testing.B, workers int, prepare func(n int), x, y side) {
	b.Helper()
	run := func(n int, op func(i int)) time.Duration {
		start := time.Now()
		if workers == 1 {
			for i := range n {
				op(i)
			}
			return time.Since(start)
		}
		var next atomic.Int64
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for i := next.Add(1); i <= int64(n); i = next.Add(1) {
					op(int(i - 1))
				}
			})
		}
		wg.Wait()
		return time.Since(start)
	}
	// The first turn runs with cold caches and is not measured.
	prepare(turn)
	run(turn, x.op)
	run(turn, y.op)
	b.ResetTimer()
	b.StopTimer()
	for done, round := 0, 0; done < b.N; round++ {
		n := min(turn, b.N-done)
		done += n
		prepare(n)
		b.StartTimer()
		// In every second round, y goes first.
		if round%2 == 0 {
			x.add(run(n, x.op), n)
			y.add(run(n, y.op), n)
		} else {
			y.add(run(n, y.op), n)
			x.add(run(n, x.op), n)
		}
		b.StopTimer()
	}
	for _, s := range []side{x, y} {
		b.ReportMetric(float64(s.time.Nanoseconds())/float64(b.N), s.name+"-ns/op")
	}
	b.ReportMetric(float64(x.time)/float64(y.time), "times-"+y.name)
	b.ReportMetric(x.median()/y.median(), "median-times-"+y.name)
	b.ReportMetric(0, "ns/op") // the sum of both sides means nothing
}

// side is one of two things to compare: run executes operation i of a turn, and total sums the
// time.
type side struct {
	name  string
	op    func(i int)
	time  time.Duration
	turns []float64 // the time of one operation in each turn, in nanoseconds
}

func (s *side) add(d time.Duration, n int) {
	s.time += d
	s.turns = append(s.turns, float64(d.Nanoseconds())/float64(n))
}

func (s *side) median() float64 {
	slices.Sort(s.turns)
	return s.turns[len(s.turns)/2]
}

// BenchmarkWrite writes rows of 10 columns of 100 bytes. Raw Pebble writes the same keys and values
// in batches of 10 with the same durability.
func BenchmarkWrite(b *testing.B) {
	for _, bm := range []struct {
		name    string
		d       Durability
		options *pebble.WriteOptions
		workers int
	}{
		{"sync/goroutines=1", Sync, pebble.Sync, 1},
		{"sync/goroutines=32", Sync, pebble.Sync, 32},
		{"nosync/goroutines=1", NoSync, pebble.NoSync, 1},
		{"nosync/goroutines=32", NoSync, pebble.NoSync, 32},
	} {
		b.Run(bm.name, func(b *testing.B) {
			s := benchStore(b, b.TempDir(), benchOptions(bm.d))
			db := rawStore(b, s)
			random := rand.New(rand.NewPCG(1, 2))
			var requests [turn]*backend.MutateRequest
			var written [turn][]pair
			prepare := func(n int) {
				for i := range n {
					requests[i] = benchRow(fmt.Sprintf("user:%016x", random.Uint64()), 10, random)
					written[i] = pairs(b, s, requests[i])
				}
			}
			ours := side{name: "ours", op: func(i int) {
				if err := s.Mutate(context.Background(), requests[i]); err != nil {
					b.Error(err)
				}
			}}
			raw := side{name: "raw", op: func(i int) {
				batch := db.NewBatch()
				for _, p := range written[i] {
					if err := batch.Set(p.key, p.value, nil); err != nil {
						b.Error(err)
					}
				}
				if err := errors.Join(batch.Commit(bm.options), batch.Close()); err != nil {
					b.Error(err)
				}
			}}
			beside(b, bm.workers, prepare, ours, raw)
		})
	}
}

// benchRows is the number of rows of 100 columns that the reads choose from.
const benchRows = 2_000

// BenchmarkRead reads whole rows of 100 columns, and single columns. Raw Pebble iterates over the
// same keys, or gets one, and copies nothing.
func BenchmarkRead(b *testing.B) {
	s := benchStore(b, b.TempDir(), benchOptions(NoSync))
	db := rawStore(b, s)
	random := rand.New(rand.NewPCG(1, 2))
	f := s.tables.Load().sorted()[0]
	for i := range benchRows {
		r := benchRow(fmt.Sprintf("row%08d", i), 100, random)
		mustMutate(b, s, r)
		batch := db.NewBatch()
		for _, p := range pairs(b, s, r) {
			if err := batch.Set(p.key, p.value, nil); err != nil {
				b.Fatal(err)
			}
		}
		if err := batch.Commit(pebble.NoSync); err != nil {
			b.Fatal(err)
		}
	}
	for _, d := range []*pebble.DB{s.db, db} {
		if err := errors.Join(d.Flush(), d.Compact(b.Context(), []byte{0}, []byte{0xff}, false)); err != nil {
			b.Fatal(err)
		}
	}

	var rows [turn]string
	var names [turn][]byte
	var prefixes, keys [turn][]byte
	prepare := func(n int) {
		for i := range n {
			rows[i] = fmt.Sprintf("row%08d", random.IntN(benchRows))
			names[i] = []byte(benchColumn(random.IntN(100)))
			prefixes[i] = append(f.appendRow(nil, s.part, []byte(rows[i])), secCells)
			keys[i], _, _ = appendName(append([]byte(nil), prefixes[i]...), f.names, names[i])
		}
	}
	b.Run("slice=100", func(b *testing.B) {
		ours := side{name: "ours", op: func(i int) {
			got, err := s.Slice(context.Background(), slice("cf", 100, rows[i]))
			if err != nil || len(got[0].Columns) != 100 {
				b.Fatal(err, len(got[0].Columns))
			}
		}}
		raw := side{name: "raw", op: func(i int) {
			it, err := db.NewIter(&pebble.IterOptions{LowerBound: prefixes[i], UpperBound: prefixEnd(nil, prefixes[i])})
			if err != nil {
				b.Fatal(err)
			}
			n, size := 0, 0
			for ok := it.First(); ok; ok = it.Next() {
				size += len(it.Key()) + len(it.Value())
				n++
			}
			if err := it.Close(); err != nil || n != 100 {
				b.Fatal(err, n, size)
			}
		}}
		beside(b, 1, prepare, ours, raw)
	})
	b.Run("column", func(b *testing.B) {
		ours := side{name: "ours", op: func(i int) {
			r := slice("cf", 0, rows[i])
			r.Predicate = backend.Predicate{Names: names[i : i+1]}
			got, err := s.Slice(context.Background(), r)
			if err != nil || len(got[0].Columns) != 1 {
				b.Fatal(err, len(got[0].Columns))
			}
		}}
		raw := side{name: "raw", op: func(i int) {
			value, closer, err := db.Get(keys[i])
			if err != nil || len(value) < 100 {
				b.Fatal(err, len(value))
			}
			if err := closer.Close(); err != nil {
				b.Fatal(err)
			}
		}}
		beside(b, 1, prepare, ours, raw)
	})
}

// BenchmarkLongRow measures a row of WIDEROW_BENCH_COLUMNS columns, by default 200,000: opening its
// store, reading a slice from its middle (compared with the middle of a row of 1,000 columns), and
// reading the whole row.
func BenchmarkLongRow(b *testing.B) {
	const short = 1000
	long := longRow(b)
	dir := filepath.Join(b.TempDir(), "store")
	s, err := Open(dir, benchOptions(NoSync))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { mustClose(b, s) }()
	alter(b, s, schema.CreateKeyspace{Keyspace: schema.Keyspace{
		Name: "ks", StrategyOptions: map[string]string{"replication_factor": "1"},
		Families: []schema.Family{{Keyspace: "ks", Name: "cf", Comparator: "UTF8Type"}},
	}})
	value := make([]byte, 32)
	fill := func(key string, n int) {
		for first := 0; first < n; first += short {
			ms := make([]backend.Mutation, short)
			for i := range ms {
				ms[i] = ins(benchColumn(first+i), string(value), 1)
			}
			mustMutate(b, s, mutate("cf", key, ms...))
		}
	}
	fill("long", long)
	fill("short", short)

	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			mustClose(b, s)
			b.StartTimer()
			if s, err = Open(dir, benchOptions(NoSync)); err != nil {
				b.Fatal(err)
			}
		}
	})
	if err := errors.Join(s.db.Flush(), s.db.Compact(b.Context(), []byte{0}, []byte{0xff}, false)); err != nil {
		b.Fatal(err)
	}

	b.Run("slice=100", func(b *testing.B) {
		random := rand.New(rand.NewPCG(1, 2))
		var offsets [turn]int
		prepare := func(n int) {
			for i := range n {
				offsets[i] = random.IntN(short/2) - short/4
			}
		}
		read := func(key string, n int) func(i int) {
			return func(i int) {
				r := slice("cf", 100, key)
				r.Predicate.Start = []byte(benchColumn(n/2 + offsets[i]))
				got, err := s.Slice(context.Background(), r)
				if err != nil || len(got[0].Columns) != 100 {
					b.Fatal(err, len(got[0].Columns))
				}
			}
		}
		beside(b, 1, prepare, side{name: "long", op: read("long", long)}, side{name: "short", op: read("short", short)})
	})

	// The benchmark reports the peak memory in use while a tenth of the row, and then the whole
	// row, is read in pages. The cache is smaller than a tenth of the row.
	b.Run("scan", func(b *testing.B) {
		mustClose(b, s)
		o := benchOptions(NoSync)
		o.CacheSize = 1 << 20
		if s, err = Open(dir, o); err != nil {
			b.Fatal(err)
		}
		var tenth, whole uint64
		for b.Loop() {
			tenth = max(tenth, scan(b, s, long/10))
			whole = max(whole, scan(b, s, long))
		}
		b.ReportMetric(float64(tenth)/(1<<20), "tenth-live-MiB")
		b.ReportMetric(float64(whole)/(1<<20), "whole-live-MiB")
		b.ReportMetric(float64(long+long/10)*float64(b.N)/b.Elapsed().Seconds(), "columns/s")
	})
}

// scan reads the first n columns of the long row in pages of 1,000 and returns the largest heap
// that a garbage collection left.
func scan(b *testing.B, s *Store, n int) (most uint64) {
	b.Helper()
	const page = 1000
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	r := slice("cf", page+1, "long")
	for read := 0; read < n; {
		got, err := s.Slice(context.Background(), r)
		if err != nil {
			b.Fatal(err)
		}
		columns := got[0].Columns
		read += min(len(columns), page)
		r.Predicate.Start = columns[len(columns)-1].Name
		if read%(n/10) == 0 {
			runtime.GC()
			metrics.Read(live)
			most = max(most, live[0].Value.Uint64())
		}
	}
	return most
}

// BenchmarkOpenEmpty opens an empty store.
func BenchmarkOpenEmpty(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "store")
	for b.Loop() {
		s, err := Open(dir, benchOptions(Sync))
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		mustClose(b, s)
		b.StartTimer()
	}
}

// BenchmarkAlter creates and drops a family beside others.
func BenchmarkAlter(b *testing.B) {
	for _, families := range []int{10, 5000} {
		b.Run(fmt.Sprint(families), func(b *testing.B) {
			s := mustOpen(b, b.TempDir(), manual(newClock(), ""))
			alter(b, s, testKeyspace())
			for i := range families {
				alter(b, s, schema.CreateFamily{Family: schema.Family{Keyspace: "ks", Name: fmt.Sprint("family", i)}})
			}
			for b.Loop() {
				alter(b, s, schema.CreateFamily{Family: schema.Family{Keyspace: "ks", Name: "new"}})
				alter(b, s, schema.DropFamily{Keyspace: "ks", Name: "new"})
			}
		})
	}
}
