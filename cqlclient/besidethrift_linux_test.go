package cqlclient_test

import (
	"bufio"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/thriftclient"
)

// BenchmarkBesideThrift compares the client with thriftclient, on the same node of Cassandra 3.11. The side compact reads and writes the
// family that thrift made, and the side cql a family of its own:
//
//	WIDEROW_TEST_CASSANDRA=3.11 go test -run '^$' -bench BesideThrift -benchtime 4000x ./cqlclient
func BenchmarkBesideThrift(b *testing.B) {
	for _, version := range realcass.Versions(b, "3.11") {
		b.Run(version, func(b *testing.B) {
			config := murmur3(version)
			config.Optimize = true
			cluster := realcass.Start(b, config)
			thrift := openThrift(b, cluster.Addrs()[0])
			family := fillForBenchmark(b, thrift)
			client := openForBenchmark(b, cluster)
			own := fillForBenchmark(b, client)
			for _, c := range comparisons {
				b.Run(c.name, func(b *testing.B) {
					one := func(name string, store backend.Backend, keyspace string) *side {
						s := &storeSide{Backend: store, keyspace: keyspace, wide: "wide"}
						return &side{name: name, do: func(i int) error { return c.ours(s, i) }, node: pidOf(cluster)}
					}
					inTurns(b, c.work(b.N), one("cql", client, own), one("compact", client, family), one("thrift", thrift, family))
				})
			}
		})
	}
}

// BenchmarkGateway measures what it costs a Thrift client that widerow serve is between it and the cluster: the same client on Cassandra
// 3.11, on a gateway before a node of 5.0, and on a gateway before the node of 3.11. The gateway is a process of its own. The calls are
// those of widerow bench, by one goroutine and by 16:
//
//	WIDEROW_TEST_CASSANDRA=3.11,5.0 go test -run '^$' -bench Gateway -benchtime 20000x ./cqlclient
func BenchmarkGateway(b *testing.B) {
	old := realcass.Start(b, realcass.Config{Version: realcass.Versions(b, "3.11")[0], Optimize: true})
	today := realcass.Start(b, realcass.Config{Version: realcass.Versions(b, "5.0")[0], Optimize: true})
	program := filepath.Join(b.TempDir(), "widerow")
	if out, err := exec.Command("go", "build", "-o", program, "../cmd/widerow").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	type way struct {
		side  side
		store *storeSide
	}
	through := func(name string, cluster *realcass.Cluster) way {
		pid, addr := startGateway(b, program, "cql://"+cluster.NativeAddrs()[0])
		return way{side{name: name, node: pidOf(cluster), gateway: pid}, storeOver(b, addr)}
	}
	ways := []way{
		through("gateway-5.0", today),
		through("gateway-3.11", old),
		{side{name: "3.11", node: pidOf(old)}, storeOver(b, old.Addrs()[0])},
	}
	var rows atomic.Int64
	for _, c := range []struct {
		name    string
		each    int
		columns int
		do      func(*storeSide, int) error
	}{
		{"read", 1, 1, (*storeSide).read},
		{"slice100", 2, wideColumns, (*storeSide).slice},
		{"write10", 1, narrowColumns, func(s *storeSide, _ int) error { return s.writeRow(int(rows.Add(1))) }},
	} {
		for _, workers := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/%d", c.name, workers), func(b *testing.B) {
				sides := make([]*side, len(ways))
				for i := range ways {
					s := ways[i].side
					s.do = func(n int) error { return c.do(ways[i].store, n) }
					sides[i] = &s
				}
				inTurns(b, work{calls: max(4, b.N/c.each), workers: workers, columns: c.columns}, sides...)
			})
		}
	}
}

func openThrift(b *testing.B, addr string) *thriftclient.Client {
	b.Helper()
	client, err := thriftclient.Open(b.Context(), []string{addr}, &thriftclient.Options{NoDiscovery: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Close() })
	return client
}

// storeOver is a keyspace with the families of the benchmarks behind a Thrift server.
func storeOver(b *testing.B, addr string) *storeSide {
	b.Helper()
	client := openThrift(b, addr)
	return &storeSide{Backend: client, keyspace: fillForBenchmark(b, client), wide: "wide"}
}

// writeRow writes a new row.
func (s *storeSide) writeRow(i int) error {
	row := backend.RowMutation{Family: "long", Key: benchKey(i)}
	for j := range narrowColumns {
		row.Mutations = append(row.Mutations, backend.Mutation{
			Op: backend.Insert, Column: backend.Column{Name: benchName(j), Value: noiseAt(i*narrowColumns + j), Timestamp: timeAt(i)},
		})
	}
	return s.Mutate(context.Background(), &backend.MutateRequest{Keyspace: s.keyspace, Rows: []backend.RowMutation{row}})
}

// startGateway runs widerow serve before a store, and returns the process and the address.
func startGateway(b *testing.B, program, store string) (pid int, addr string) {
	b.Helper()
	cmd := exec.Command(program, "--store", store, "serve", "--listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	_, addr, found := strings.Cut(strings.TrimSpace(line), " on ")
	if !found {
		b.Fatalf("widerow serve prints %q", line)
	}
	return cmd.Process.Pid, addr
}
