//go:build apache && linux

package apachethrift

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/apachethrift/cassandra"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/thriftclient"
)

const (
	keyspace = "widerow_bench"
	family   = "columns"
)

var rowKey = []byte("a row of columns")

// BenchmarkCall reads from a node that holds prepared answers.
func BenchmarkCall(b *testing.B) { benchmarkCalls(b, startNode(b)) }

// benchmarkCalls compares our client with Apache's framed transport. Each reads one column, and
// then 100 columns, from a node over one connection.
func benchmarkCalls(b *testing.B, addr string) {
	ctx, cancel := context.WithCancel(b.Context()) // as a server's request has
	defer cancel()
	ours := dialOurs(ctx, b, addr)
	theirs := dialApache(ctx, b, addr)
	names := [][]byte{[]byte("column0000000000")}
	for _, bm := range []struct {
		name   string
		ours   backend.Predicate
		apache *cassandra.SlicePredicate
		want   int
	}{
		{"column", backend.Predicate{Names: names}, &cassandra.SlicePredicate{ColumnNames: names}, 1},
		{"slice=100", backend.Predicate{Count: 100}, &cassandra.SlicePredicate{SliceRange: &cassandra.SliceRange{Count: 100}}, 100},
	} {
		b.Run(bm.name, func(b *testing.B) {
			inTurns(b, func() error {
				rows, err := ours.Slice(ctx, &backend.SliceRequest{
					Parent: backend.Parent{Keyspace: keyspace, Family: family}, Keys: [][]byte{rowKey},
					Predicate: bm.ours, Consistency: backend.One,
				})
				if err == nil && len(rows[0].Columns) != bm.want {
					err = fmt.Errorf("%d columns, want %d", len(rows[0].Columns), bm.want)
				}
				return err
			}, func() error {
				list, err := theirs.GetSlice(ctx, rowKey, &cassandra.ColumnParent{ColumnFamily: family}, bm.apache, cassandra.ConsistencyLevel_ONE)
				if err == nil && len(list) != bm.want {
					err = fmt.Errorf("Apache has %d columns, want %d", len(list), bm.want)
				}
				return err
			}, processTime)
		})
	}
}

// dialOurs opens a client with one connection.
func dialOurs(ctx context.Context, b *testing.B, addr string) *thriftclient.Client {
	b.Helper()
	client, err := thriftclient.Open(ctx, []string{addr}, &thriftclient.Options{
		Settings: pool.Settings{Size: 1},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Close() })
	return client
}

// dialApache opens a connection with Apache's library. Its timeout equals our default.
func dialApache(ctx context.Context, b *testing.B, addr string) *cassandra.CassandraClient {
	b.Helper()
	config := &thrift.TConfiguration{ConnectTimeout: 10 * time.Second, SocketTimeout: thriftclient.DefaultTimeout}
	transport := thrift.NewTFramedTransportConf(thrift.NewTSocketConf(addr, config), config)
	if err := transport.Open(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = transport.Close() })
	client := cassandra.NewCassandraClientFactory(transport, thrift.NewTBinaryProtocolFactoryConf(config))
	if err := client.SetKeyspace(ctx, keyspace); err != nil {
		b.Fatal(err)
	}
	return client
}
