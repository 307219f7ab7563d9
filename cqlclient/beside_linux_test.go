package cqlclient_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
)

// The families of the benchmarks: as many rows, with as many columns.
const (
	wideRows, wideColumns     = 200, 100
	narrowRows, narrowColumns = 2000, 10
)

// side is one of two ways to do the same.
type side struct {
	name string
	do   func(i int) error
	cost cost
}

// cost is what a side took.
type cost struct {
	wall, client, node time.Duration
	calls              int
}

// BenchmarkBesideGocql compares the client with gocql as one writes it by hand, on a real node. Both sides give the same: names,
// values, timestamps and TTLs. The sides take turns in a random order, so that whatever else the machine does hits both:
//
//	WIDEROW_TEST_CASSANDRA=5.0 go test -run '^$' -bench BesideGocql -benchtime 4000x ./cqlclient
func BenchmarkBesideGocql(b *testing.B) {
	for _, version := range realcass.Versions(b, lines...) {
		b.Run(version, func(b *testing.B) {
			cluster := realcass.Start(b, realcass.Config{Version: version})
			client, err := cqlclient.Open(b.Context(), cluster.NativeAddrs(), nil)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = client.Close() })
			hand := handSession(b, cluster)
			keyspace := fillForBenchmark(b, client)
			o, h := &ourSide{client, keyspace}, &handSide{hand, keyspace}
			pid := 0
			if nodes := cluster.Nodes(); len(nodes) > 0 {
				pid = nodes[0].PID()
			}
			for _, bench := range []struct {
				name       string
				each       int // calls of b.N for one of this
				ours, hand func(i int) error
			}{
				{"write", 1, o.write, h.write},
				{"read", 1, o.read, h.read},
				{"slice100", 2, o.slice, h.slice},
				{"range1000", 100, o.rows, h.rows},
				{"scan", 1000, o.scan, h.scan},
			} {
				b.Run(bench.name, func(b *testing.B) {
					inTurns(b, pid, max(4, b.N/bench.each), &side{name: "ours", do: bench.ours}, &side{name: "hand", do: bench.hand})
				})
			}
		})
	}
}

// inTurns makes n calls of both sides and reports what they cost, and how many times the other's cost the first one's is.
func inTurns(b *testing.B, pid, n int, ours, hand *side) {
	turn := max(1, min(200, n/10))
	for _, s := range []*side{ours, hand} { // prepares the statements, and lets the node compile
		for i := range turn {
			if err := s.do(i); err != nil {
				b.Fatal(err)
			}
		}
	}
	for done := 0; done < n; done += turn {
		sides := []*side{ours, hand}
		rand.Shuffle(2, func(i, j int) { sides[i], sides[j] = sides[j], sides[i] })
		for _, s := range sides {
			wall, client, node := time.Now(), cpuOfProcess(b), cpuOf(b, pid)
			for i := range turn {
				if err := s.do(done + i); err != nil {
					b.Fatal(s.name, err)
				}
			}
			s.cost.wall += time.Since(wall)
			s.cost.client += cpuOfProcess(b) - client
			s.cost.node += cpuOf(b, pid) - node
			s.cost.calls += turn
		}
	}
	for _, figure := range []struct {
		name string
		of   func(c cost) time.Duration
	}{
		{"", func(c cost) time.Duration { return c.wall }},
		{"client-cpu-", func(c cost) time.Duration { return c.client }},
		{"node-cpu-", func(c cost) time.Duration { return c.node }},
	} {
		if figure.of(hand.cost) == 0 {
			continue // the node runs elsewhere
		}
		b.ReportMetric(float64(figure.of(ours.cost).Microseconds())/float64(ours.cost.calls), figure.name+"ours-us/op")
		b.ReportMetric(float64(figure.of(ours.cost))/float64(figure.of(hand.cost)), figure.name+"times-hand")
	}
	b.ReportMetric(0, "ns/op") // of both together: of no use
}

func cpuOfProcess(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// cpuOf is the processor time of another process, or 0 if it is unknown.
func cpuOf(b *testing.B, pid int) time.Duration {
	b.Helper()
	if pid == 0 {
		return 0
	}
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil {
		b.Fatal(err)
	}
	var sum time.Duration
	for _, file := range threads {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		first, _, _ := strings.Cut(string(text), " ")
		ns, _ := strconv.ParseInt(first, 10, 64)
		sum += time.Duration(ns)
	}
	return sum
}

func handSession(b *testing.B, cluster *realcass.Cluster) *gocql.Session {
	b.Helper()
	config := gocql.NewCluster(cluster.NativeAddrs()...)
	config.Timeout = 30 * time.Second
	config.Consistency = gocql.One
	config.PoolConfig.HostSelectionPolicy = gocql.TokenAwareHostPolicy(gocql.RoundRobinHostPolicy())
	session, err := config.CreateSession()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(session.Close)
	return session
}

// fillForBenchmark creates the families and returns their keyspace.
func fillForBenchmark(b *testing.B, client *cqlclient.Client) string {
	b.Helper()
	keyspace := schema.NewKeyspace(fmt.Sprintf("bench%d", time.Now().UnixNano()), 1)
	keyspace.Families = []schema.Family{texts("wide"), texts("narrow")}
	if _, err := client.Alter(b.Context(), schema.CreateKeyspace{Keyspace: keyspace}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = client.Alter(context.Background(), schema.DropKeyspace{Name: keyspace.Name}) })
	for _, f := range []struct {
		name          string
		rows, columns int
	}{{"wide", wideRows, wideColumns}, {"narrow", narrowRows, narrowColumns}} {
		for i := range f.rows {
			row := backend.RowMutation{Family: f.name, Key: benchKey(i)}
			for j := range f.columns {
				row.Mutations = append(row.Mutations, backend.Mutation{
					Op: backend.Insert, Column: backend.Column{Name: benchName(j), Value: benchValue, Timestamp: 1},
				})
			}
			if err := client.Mutate(b.Context(), &backend.MutateRequest{Keyspace: keyspace.Name, Rows: []backend.RowMutation{row}}); err != nil {
				b.Fatal(err)
			}
		}
	}
	return keyspace.Name
}

var benchValue = bytes.Repeat([]byte("v"), 100)

func benchKey(i int) []byte  { return fmt.Appendf(nil, "k%05d", i) }
func benchName(i int) []byte { return fmt.Appendf(nil, "c%05d", i) }

// ourSide does it by the client.
type ourSide struct {
	*cqlclient.Client
	keyspace string
}

func (s *ourSide) parent(family string) backend.Parent {
	return backend.Parent{Keyspace: s.keyspace, Family: family}
}

func (s *ourSide) write(i int) error {
	return s.Mutate(context.Background(), &backend.MutateRequest{Keyspace: s.keyspace, Rows: []backend.RowMutation{
		{Family: "wide", Key: benchKey(i % wideRows), Mutations: []backend.Mutation{
			{Op: backend.Insert, Column: backend.Column{Name: benchName(i % wideColumns), Value: benchValue, Timestamp: int64(i) + 2}},
		}},
	}})
}

func (s *ourSide) read(i int) error {
	return s.columns(i, 1, backend.Predicate{Names: [][]byte{benchName(i % wideColumns)}})
}

func (s *ourSide) slice(i int) error {
	return s.columns(i, wideColumns, backend.Predicate{Count: wideColumns})
}

func (s *ourSide) columns(i, want int, p backend.Predicate) error {
	rows, err := s.Slice(context.Background(), &backend.SliceRequest{Parent: s.parent("wide"), Keys: [][]byte{benchKey(i % wideRows)}, Predicate: p})
	if err == nil && len(rows[0].Columns) != want {
		err = fmt.Errorf("there are %d columns, want %d", len(rows[0].Columns), want)
	}
	return err
}

func (s *ourSide) rows(int) error {
	rows, err := s.Range(context.Background(), &backend.RangeRequest{
		Parent: s.parent("narrow"), Range: backend.KeyRange{Count: 1000}, Predicate: backend.Predicate{Count: narrowColumns},
	})
	if err == nil && (len(rows) != 1000 || len(rows[999].Columns) != narrowColumns) {
		err = fmt.Errorf("there are %d rows, want 1000", len(rows))
	}
	return err
}

func (s *ourSide) scan(int) error {
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

func wantCells(got, want int) error {
	if got != want {
		return fmt.Errorf("there are %d columns, want %d", got, want)
	}
	return nil
}

// handSide does it as one writes it by hand.
type handSide struct {
	session  *gocql.Session
	keyspace string
}

// handColumn is a column that was read.
type handColumn struct {
	name  string
	value []byte
	time  int64
	ttl   *int
}

func (s *handSide) write(i int) error {
	return s.session.Query(`UPDATE "`+s.keyspace+`".wide USING TIMESTAMP ? SET value = ? WHERE key = ? AND column1 = ?`,
		int64(i)+2, benchValue, string(benchKey(i%wideRows)), string(benchName(i%wideColumns))).Exec()
}

func (s *handSide) read(i int) error {
	var c handColumn
	return s.session.Query(`SELECT column1, value, WRITETIME(value), TTL(value) FROM "`+s.keyspace+`".wide WHERE key = ? AND column1 = ?`,
		string(benchKey(i%wideRows)), string(benchName(i%wideColumns))).Scan(&c.name, &c.value, &c.time, &c.ttl)
}

func (s *handSide) slice(i int) error {
	iter := s.session.Query(`SELECT column1, value, WRITETIME(value), TTL(value) FROM "`+s.keyspace+`".wide WHERE key = ? LIMIT ?`,
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
