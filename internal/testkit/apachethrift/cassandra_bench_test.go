//go:build apache && linux

package apachethrift

import (
	"context"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
)

// BenchmarkCallCassandra reads from a real Cassandra node, if the environment asks for one.
func BenchmarkCallCassandra(b *testing.B) {
	for _, version := range realcass.Versions(b, "1.2", "2.0", "2.1", "2.2", "3.11") {
		b.Run(version, func(b *testing.B) {
			addr := realcass.Start(b, realcass.Config{Version: version, Optimize: true}).Addrs()[0]
			writeRow(b, addr)
			benchmarkCalls(b, addr)
		})
	}
}

// writeRow creates the family and the row that the benchmark reads.
func writeRow(b *testing.B, addr string) {
	b.Helper()
	ctx := context.Background()
	client := dialOurs(ctx, b, addr)
	_, err := client.Alter(ctx, schema.CreateKeyspace{Keyspace: schema.Keyspace{
		Name: keyspace, StrategyOptions: map[string]string{"replication_factor": "1"},
		Families: []schema.Family{{Keyspace: keyspace, Name: family}},
	}})
	if err != nil {
		b.Fatal(err)
	}
	row := backend.RowMutation{Family: family, Key: rowKey}
	for _, c := range columns(100) {
		row.Mutations = append(row.Mutations, backend.Mutation{
			Op: backend.Insert, Column: backend.Column{Name: c.Column.Name, Value: c.Column.Value, Timestamp: c.Column.Timestamp.V},
		})
	}
	if err := client.Mutate(ctx, &backend.MutateRequest{Keyspace: keyspace, Rows: []backend.RowMutation{row}, Consistency: backend.One}); err != nil {
		b.Fatal(err)
	}
}
