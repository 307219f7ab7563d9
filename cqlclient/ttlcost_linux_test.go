package cqlclient_test

import (
	"os"
	"path/filepath"
	"testing"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/internal/testkit/realcass"
)

// BenchmarkTTLColumn measures what the ttl column costs. Ours are families with columns that never had a TTL, and with columns that have
// one; hand-written code uses the same tables without the column ttl. At the end the node flushes, and disk is the bytes of a column there:
//
//	WIDEROW_TEST_CASSANDRA=5.0 go test -run '^$' -bench TTLColumn -benchtime 4000x ./cqlclient
func BenchmarkTTLColumn(b *testing.B) {
	for _, version := range realcass.Versions(b, lines...) {
		b.Run(version, func(b *testing.B) {
			cluster := realcass.Start(b, realcass.Config{Version: version, Optimize: true})
			client, session := openForBenchmark(b, cluster), handSession(b, cluster)
			keyspace := createForBenchmark(b, client, texts("plain"), texts("expiring"))
			var families []string
			for _, use := range []struct {
				name, ours, hand string
				ttl              int32
			}{{"without", "plain", "byhandplain", 0}, {"with", "expiring", "byhandexpiring", 1_000_000}} {
				ours := &storeSide{Backend: client, keyspace: keyspace, wide: use.ours, ttl: use.ttl}
				hand := &handSide{session: session, keyspace: keyspace, wide: use.hand, ttl: use.ttl}
				fillFamily(b, client, keyspace, use.ours, wideRows, wideColumns, use.ttl)
				hand.fill(b)
				families = append(families, use.ours, use.hand)
				for _, c := range comparisons[:3] {
					b.Run(use.name+"/"+c.name, func(b *testing.B) {
						inTurns(
							b, c.work(b.N),
							&side{name: "ours", do: func(i int) error { return c.ours(ours, i) }, node: pidOf(cluster)},
							&side{name: "hand", do: func(i int) error { return c.hand(hand, i) }, node: pidOf(cluster)},
						)
					})
				}
			}
			sizes := sizesOf(b, cluster, keyspace, families)
			b.Run("disk", func(b *testing.B) {
				b.ReportMetric(0, "ns/op")
				for family, size := range sizes {
					b.ReportMetric(size, "bytes/column:"+family)
				}
			})
		})
	}
}

// fill creates the table and writes what fillFamily writes.
func (s *handSide) fill(b *testing.B) {
	b.Helper()
	table := `"` + s.keyspace + `".` + s.wide
	if err := s.session.Query(`CREATE TABLE ` + table + ` (key text, column1 text, value blob, PRIMARY KEY (key, column1))`).Exec(); err != nil {
		b.Fatal(err)
	}
	for i := range wideRows {
		batch := s.session.Batch(gocql.UnloggedBatch)
		for j := range wideColumns {
			batch.Query(`UPDATE `+table+` USING TIMESTAMP ? AND TTL ? SET value = ? WHERE key = ? AND column1 = ?`,
				timeAt(i*wideColumns+j), s.ttl, noiseAt(i*wideColumns+j), string(benchKey(i)), string(benchName(j)))
		}
		if err := batch.Exec(); err != nil {
			b.Fatal(err)
		}
	}
}

// sizesOf starts the node again, so that it flushes, and returns how many bytes on disk the families take for each column.
func sizesOf(b *testing.B, cluster *realcass.Cluster, keyspace string, families []string) map[string]float64 {
	b.Helper()
	sizes := make(map[string]float64)
	node := cluster.Node(0)
	node.Stop(b)
	node.Start(b)
	for _, family := range families {
		tables := node.Tables(b, keyspace, family)
		if len(tables) == 0 {
			b.Fatalf("family %s has no tables on disk", family)
		}
		var size int64
		files, _ := filepath.Glob(filepath.Join(filepath.Dir(tables[0]), "*"))
		for _, name := range files {
			if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
				size += info.Size()
			}
		}
		sizes[family] = float64(size) / (wideRows * wideColumns)
	}
	return sizes
}
