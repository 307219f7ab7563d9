package embedded_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/schema"
)

// Use a store through package widerow, or directly with raw bytes.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := embedded.Open(filepath.Join(dir, "data"), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	ctx := context.Background()
	_, err = store.Alter(ctx, schema.CreateKeyspace{Keyspace: schema.Keyspace{
		Name: "Keyspace1", StrategyOptions: map[string]string{"replication_factor": "1"},
		Families: []schema.Family{{Keyspace: "Keyspace1", Name: "Users", Comparator: "UTF8Type"}},
	}})
	if err != nil {
		log.Fatal(err)
	}
	err = store.Mutate(ctx, &backend.MutateRequest{Keyspace: "Keyspace1", Rows: []backend.RowMutation{{
		Family: "Users", Key: []byte("thobbs"),
		Mutations: []backend.Mutation{{Op: backend.Insert, Column: backend.Column{Name: []byte("name"), Value: []byte("Tyler"), Timestamp: 1}}},
	}}})
	if err != nil {
		log.Fatal(err)
	}
	rows, err := store.Slice(ctx, &backend.SliceRequest{
		Parent: backend.Parent{Keyspace: "Keyspace1", Family: "Users"},
		Keys:   [][]byte{[]byte("thobbs")}, Predicate: backend.Predicate{Count: 10},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range rows[0].Columns {
		fmt.Printf("%s = %s\n", c.Name, c.Value)
	}
	// Output: name = Tyler
}

// A checkpoint is a store of its own.
func ExampleStore_Checkpoint() {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := embedded.OpenMemory(&embedded.Options{Partitioner: "murmur3"})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	backup := filepath.Join(dir, "backup")
	if err := store.Checkpoint(context.Background(), backup); err != nil {
		log.Fatal(err)
	}
	copied, err := embedded.Open(backup, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer copied.Close()
	c, err := copied.Describe(context.Background(), &backend.DescribeRequest{Facts: backend.FactPartitioner})
	fmt.Println(c.Partitioner, err)
	// Output: org.apache.cassandra.dht.Murmur3Partitioner <nil>
}
