package cqlclient_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"golang.org/x/sync/errgroup"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/internal/paging"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
)

// The families of the benchmarks: as many rows, with as many columns.
const (
	wideRows, wideColumns     = 200, 100
	narrowRows, narrowColumns = 2000, 10
)

// A comparison is a kind of call that the benchmarks compare.
type comparison struct {
	name    string
	each    int // calls of b.N for one of this kind
	columns int // that a call writes or reads
	ours    func(*storeSide, int) error
	hand    func(*handSide, int) error
}

var comparisons = []comparison{
	{"write", 1, 1, (*storeSide).write, (*handSide).write},
	{"read", 1, 1, (*storeSide).read, (*handSide).read},
	{"slice100", 2, wideColumns, (*storeSide).slice, (*handSide).slice},
	{"range1000", 100, 1000 * narrowColumns, (*storeSide).rows, (*handSide).rows},
	{"scan", 1000, narrowRows * narrowColumns, (*storeSide).scan, (*handSide).scan},
}

func (c *comparison) work(n int) work {
	return work{calls: max(4, n/c.each), workers: 1, columns: c.columns}
}

// BenchmarkBesideGocql compares the client with gocql as one writes it by hand, on a real node. Both sides give the same: names,
// values, timestamps and TTLs. The scan of a row reads WIDEROW_BENCH_COLUMNS columns, 20,000 by default:
//
//	WIDEROW_TEST_CASSANDRA=5.0 WIDEROW_BENCH_COLUMNS=1000000 go test -run '^$' -bench BesideGocql -benchtime 4000x ./cqlclient
func BenchmarkBesideGocql(b *testing.B) {
	for _, version := range realcass.Versions(b, lines...) {
		b.Run(version, func(b *testing.B) {
			cluster := realcass.Start(b, realcass.Config{Version: version, Optimize: true})
			client := openForBenchmark(b, cluster)
			ours := &storeSide{Backend: client, keyspace: fillForBenchmark(b, client), wide: "wide", long: longRow(b)}
			hand := &handSide{session: handSession(b, cluster), keyspace: ours.keyspace, wide: "wide", long: ours.long}
			compare := func(c comparison) {
				b.Run(c.name, func(b *testing.B) {
					inTurns(
						b, c.work(b.N),
						&side{name: "ours", do: func(i int) error { return c.ours(ours, i) }, node: pidOf(cluster)},
						&side{name: "hand", do: func(i int) error { return c.hand(hand, i) }, node: pidOf(cluster)},
					)
				})
			}
			for _, c := range comparisons {
				compare(c)
			}
			start := time.Now()
			ours.writeLong(b)
			took := time.Since(start)
			b.Run("writerow", func(b *testing.B) {
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(took.Seconds(), "s")
			})
			compare(comparison{"scanrow", 2000, ours.long, (*storeSide).scanRow, (*handSide).scanRow})
		})
	}
}

// longRow is how many columns the row has that a scan reads.
func longRow(b *testing.B) int {
	b.Helper()
	s := os.Getenv("WIDEROW_BENCH_COLUMNS")
	if s == "" {
		return 20_000
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		b.Fatalf("WIDEROW_BENCH_COLUMNS is %q, want a number", s)
	}
	return n
}

func openForBenchmark(b *testing.B, cluster *realcass.Cluster) *cqlclient.Client {
	b.Helper()
	client, err := cqlclient.Open(b.Context(), cluster.NativeAddrs(), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Close() })
	return client
}

func handSession(b *testing.B, cluster *realcass.Cluster) *gocql.Session {
	b.Helper()
	config := gocql.NewCluster(cluster.NativeAddrs()...)
	config.Timeout = 30 * time.Second
	config.Consistency = gocql.One
	config.WriteCoalesceWaitTime = 0 // as the client has it
	config.PoolConfig.HostSelectionPolicy = gocql.TokenAwareHostPolicy(gocql.RoundRobinHostPolicy())
	session, err := config.CreateSession()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(session.Close)
	return session
}

// fillForBenchmark creates the families and returns their keyspace.
func fillForBenchmark(b *testing.B, store backend.Backend) string {
	b.Helper()
	keyspace := createForBenchmark(b, store, texts("wide"), texts("narrow"), texts("long"))
	fillFamily(b, store, keyspace, "wide", wideRows, wideColumns, 0)
	fillFamily(b, store, keyspace, "narrow", narrowRows, narrowColumns, 0)
	return keyspace
}

func createForBenchmark(b *testing.B, store backend.Backend, families ...schema.Family) string {
	b.Helper()
	keyspace := schema.NewKeyspace(fmt.Sprintf("bench%d", time.Now().UnixNano()), 1)
	for _, f := range families {
		f.Keyspace = keyspace.Name
		keyspace.Families = append(keyspace.Families, f)
	}
	if _, err := store.Alter(b.Context(), schema.CreateKeyspace{Keyspace: keyspace}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = store.Alter(context.Background(), schema.DropKeyspace{Name: keyspace.Name}) })
	return keyspace.Name
}

// fillFamily writes rows of columns. A TTL of 0 means no expiry.
func fillFamily(b *testing.B, store backend.Backend, keyspace, family string, rows, columns int, ttl int32) {
	b.Helper()
	for i := range rows {
		row := backend.RowMutation{Family: family, Key: benchKey(i)}
		for j := range columns {
			row.Mutations = append(row.Mutations, backend.Mutation{
				Op: backend.Insert, Column: backend.Column{Name: benchName(j), Value: noiseAt(i*columns + j), Timestamp: timeAt(i*columns + j), TTL: ttl},
			})
		}
		if err := store.Mutate(b.Context(), &backend.MutateRequest{Keyspace: keyspace, Rows: []backend.RowMutation{row}}); err != nil {
			b.Fatal(err)
		}
	}
}

const valueSize = 100

var (
	benchValue = bytes.Repeat([]byte("v"), valueSize)
	// noise has the values of what is there before, which nodes cannot compress.
	noise = func() []byte {
		b := make([]byte, 1<<20)
		_, _ = rand.NewChaCha8([32]byte{}).Read(b) // it never fails
		return b
	}()
)

// noiseAt is the value of the i-th column.
func noiseAt(i int) []byte {
	at := i * valueSize % (len(noise) - valueSize)
	return noise[at : at+valueSize]
}

// timeAt is the timestamp of the i-th column, and rewrittenAt that of the i-th write later.
func timeAt(i int) int64      { return 1<<50 + 1009*int64(i) }
func rewrittenAt(i int) int64 { return 1<<51 + int64(i) }

func benchKey(i int) []byte  { return fmt.Appendf(nil, "k%05d", i) }
func benchName(i int) []byte { return fmt.Appendf(nil, "c%07d", i) }

// storeSide does it by a store.
type storeSide struct {
	backend.Backend
	keyspace string
	wide     string // the family of the wide rows
	ttl      int32  // the TTL of written columns; 0 means no expiry
	long     int    // columns of the long row
}

func (s *storeSide) parent(family string) backend.Parent {
	return backend.Parent{Keyspace: s.keyspace, Family: family}
}

func (s *storeSide) write(i int) error {
	return s.Mutate(context.Background(), &backend.MutateRequest{Keyspace: s.keyspace, Rows: []backend.RowMutation{
		{Family: s.wide, Key: benchKey(i % wideRows), Mutations: []backend.Mutation{
			{Op: backend.Insert, Column: backend.Column{Name: benchName(i % wideColumns), Value: benchValue, Timestamp: rewrittenAt(i), TTL: s.ttl}},
		}},
	}})
}

// writeLong writes the long row, in batches of a thousand columns.
func (s *storeSide) writeLong(b *testing.B) {
	b.Helper()
	const size = 1000
	group, ctx := errgroup.WithContext(b.Context())
	group.SetLimit(8)
	for from := 0; from < s.long; from += size {
		group.Go(func() error {
			row := backend.RowMutation{Family: "long", Key: benchKey(0)}
			for i := from; i < min(from+size, s.long); i++ {
				row.Mutations = append(row.Mutations, backend.Mutation{
					Op: backend.Insert, Column: backend.Column{Name: benchName(i), Value: noiseAt(i), Timestamp: timeAt(i)},
				})
			}
			return s.Mutate(ctx, &backend.MutateRequest{Keyspace: s.keyspace, Rows: []backend.RowMutation{row}})
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
}

func (s *storeSide) read(i int) error {
	return s.columns(i, 1, backend.Predicate{Names: [][]byte{benchName(i % wideColumns)}})
}

func (s *storeSide) slice(i int) error {
	return s.columns(i, wideColumns, backend.Predicate{Count: wideColumns})
}

func (s *storeSide) columns(i, want int, p backend.Predicate) error {
	rows, err := s.Slice(context.Background(), &backend.SliceRequest{Parent: s.parent(s.wide), Keys: [][]byte{benchKey(i % wideRows)}, Predicate: p})
	if err == nil && len(rows[0].Columns) != want {
		err = fmt.Errorf("there are %d columns, want %d", len(rows[0].Columns), want)
	}
	return err
}

func (s *storeSide) rows(int) error {
	rows, err := s.Range(context.Background(), &backend.RangeRequest{
		Parent: s.parent("narrow"), Range: backend.KeyRange{Count: 1000}, Predicate: backend.Predicate{Count: narrowColumns},
	})
	if err == nil && (len(rows) != 1000 || len(rows[999].Columns) != narrowColumns) {
		err = fmt.Errorf("there are %d rows, want 1000", len(rows))
	}
	return err
}

func (s *storeSide) scan(int) error {
	n, start := 0, []byte(nil)
	for {
		rows, err := s.Range(context.Background(), &backend.RangeRequest{
			Parent: s.parent("narrow"), Range: backend.KeyRange{StartKey: start, Count: 500}, Predicate: backend.Predicate{Count: 1000},
		})
		if err != nil {
			return err
		}
		for i := range rows {
			if i > 0 || start == nil {
				n += len(rows[i].Columns)
			}
		}
		if len(rows) < 500 {
			break
		}
		start = rows[len(rows)-1].Key
	}
	return wantCells(n, narrowRows*narrowColumns)
}

// scanPage is the columns of a page when a row is scanned: the driver's default.
const scanPage = 5000

func (s *storeSide) scanRow(int) error {
	columns := paging.ColumnsOf(
		s, &backend.SliceRequest{Parent: s.parent("long"), Keys: [][]byte{benchKey(0)}}, &paging.Slice{Limit: paging.NoLimit},
	)
	for n := 0; ; {
		page, err := columns.Next(context.Background(), scanPage)
		if err != nil {
			return err
		}
		if paging.Len(page) == 0 {
			return wantCells(n, s.long)
		}
		n += paging.Len(page)
	}
}

func wantCells(got, want int) error {
	if got != want {
		return fmt.Errorf("there are %d columns, want %d", got, want)
	}
	return nil
}

// handSide does it as one writes it by hand. It has the fields of a storeSide.
type handSide struct {
	session  *gocql.Session
	keyspace string
	wide     string
	ttl      int32
	long     int
}

// handColumn is a column that was read.
type handColumn struct {
	name  string
	value []byte
	time  int64
	ttl   *int
}

func (s *handSide) write(i int) error {
	key, name := string(benchKey(i%wideRows)), string(benchName(i%wideColumns))
	if s.ttl > 0 {
		return s.session.Query(`UPDATE "`+s.keyspace+`".`+s.wide+` USING TIMESTAMP ? AND TTL ? SET value = ? WHERE key = ? AND column1 = ?`,
			rewrittenAt(i), s.ttl, benchValue, key, name).Exec()
	}
	return s.session.Query(`UPDATE "`+s.keyspace+`".`+s.wide+` USING TIMESTAMP ? SET value = ? WHERE key = ? AND column1 = ?`,
		rewrittenAt(i), benchValue, key, name).Exec()
}

func (s *handSide) read(i int) error {
	var c handColumn
	return s.session.Query(`SELECT column1, value, WRITETIME(value), TTL(value) FROM "`+s.keyspace+`".`+s.wide+` WHERE key = ? AND column1 = ?`,
		string(benchKey(i%wideRows)), string(benchName(i%wideColumns))).Scan(&c.name, &c.value, &c.time, &c.ttl)
}

func (s *handSide) slice(i int) error {
	iter := s.session.Query(`SELECT column1, value, WRITETIME(value), TTL(value) FROM "`+s.keyspace+`".`+s.wide+` WHERE key = ? LIMIT ?`,
		string(benchKey(i%wideRows)), wideColumns).Iter()
	var list []handColumn
	var c handColumn
	for iter.Scan(&c.name, &c.value, &c.time, &c.ttl) {
		list = append(list, c)
		c = handColumn{}
	}
	if err := iter.Close(); err != nil {
		return err
	}
	return wantCells(len(list), wideColumns)
}

// each reads rows with up to limit columns each, and returns how many columns they have, up to a number of rows.
func (s *handSide) each(limit, rows int) (int, error) {
	iter := s.session.Query(`SELECT key, column1, value, WRITETIME(value), TTL(value) FROM "`+s.keyspace+`".narrow PER PARTITION LIMIT ?`, limit).Iter()
	last, key, n := "", "", 0
	var list []handColumn
	var c handColumn
	for iter.Scan(&key, &c.name, &c.value, &c.time, &c.ttl) {
		if key != last {
			if rows == 0 {
				break
			}
			rows--
			last = key
			n += len(list)
			list = nil
		}
		list = append(list, c)
		c = handColumn{}
	}
	return n + len(list), iter.Close()
}

func (s *handSide) rows(int) error {
	n, err := s.each(narrowColumns, 1000)
	if err != nil {
		return err
	}
	return wantCells(n, 1000*narrowColumns)
}

func (s *handSide) scan(int) error {
	n, err := s.each(1000, 1<<30)
	if err != nil {
		return err
	}
	return wantCells(n, narrowRows*narrowColumns)
}

func (s *handSide) scanRow(int) error {
	iter := s.session.Query(`SELECT column1, value, WRITETIME(value), TTL(value) FROM "`+s.keyspace+`".long WHERE key = ?`,
		string(benchKey(0))).PageSize(scanPage).Iter()
	n := 0
	var list []handColumn
	var c handColumn
	for iter.Scan(&c.name, &c.value, &c.time, &c.ttl) {
		if len(list) == scanPage {
			list = nil
		}
		list = append(list, c)
		c = handColumn{}
		n++
	}
	if err := iter.Close(); err != nil {
		return err
	}
	return wantCells(n, s.long)
}
