package model_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/backend/backendtest"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/internal/testkit/model"
	"github.com/widerow/widerow/schema"
)

// open opens a model whose clock stands until it is moved.
func open(t testing.TB, o backendtest.Options) backendtest.Target {
	t.Helper()
	return openWith(t, o, model.Options{})
}

// open4 opens one that has no ghosts and decides ties as Cassandra 4 does.
func open4(t testing.TB, o backendtest.Options) backendtest.Target {
	t.Helper()
	target := openWith(t, o, model.Options{NoGhosts: true, Ties4: true})
	for feature, why := range map[backendtest.Feature]string{
		backendtest.Ghosts:     "NoGhosts",
		backendtest.SignedTies: "Ties4",
		backendtest.TTLTies:    "Ties4",
		backendtest.ExactTies:  "Ties4",
	} {
		target.Lacks[feature] = why
	}
	return target
}

func openWith(t testing.TB, o backendtest.Options, options model.Options) backendtest.Target {
	t.Helper()
	p, err := partitioner.ByClass(o.Partitioner)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2012, 2, 29, 12, 0, 0, 0, time.UTC)
	options.Partitioner, options.Now = p, func() time.Time { return now }
	s, err := model.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return backendtest.Target{
		Backend: s,
		Advance: func(d time.Duration) { now = now.Add(d) },
		Purge:   s.Purge,
		Lacks:   map[backendtest.Feature]string{backendtest.Reopen: "a model is in memory only"},
	}
}

func TestScripts(t *testing.T) { backendtest.Run(t, open) }

func TestScripts4(t *testing.T) { backendtest.Run(t, open4) }

// TestTies4 tests what the scripts want of Cassandra 4 alone.
func TestTies4(t *testing.T) {
	target := open4(t, backendtest.Options{Partitioner: "ByteOrderedPartitioner"})
	_, err := target.Backend.Alter(t.Context(), schema.CreateKeyspace{Keyspace: schema.Keyspace{
		Name: "ks", Strategy: schema.SimpleStrategy, StrategyOptions: map[string]string{"replication_factor": "1"},
		Families: []schema.Family{{Keyspace: "ks", Name: "F"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	column := func(value string, ttl int32) backend.Column {
		return backend.Column{Name: []byte("c"), Value: []byte(value), Timestamp: 1, TTL: ttl}
	}
	for _, tt := range []struct {
		name        string
		loses, wins backend.Column
	}{
		{"unsigned", column("\x7f", 0), column("\x80", 0)},
		{"one expires", column("z", 0), column("a", 10)},
		{"one expires later", column("z", 10), column("a", 20)},
		{"both expire at once", column("a", 10), column("z", 10)},
	} {
		for i, order := range [][]backend.Column{{tt.loses, tt.wins}, {tt.wins, tt.loses}} {
			key := fmt.Appendf(nil, "%s %d", tt.name, i)
			for _, c := range order {
				err := target.Backend.Mutate(t.Context(), &backend.MutateRequest{
					Keyspace: "ks", Consistency: backend.One,
					Rows: []backend.RowMutation{{Key: key, Family: "F", Mutations: []backend.Mutation{{Op: backend.Insert, Column: c}}}},
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			rows, err := target.Backend.Slice(t.Context(), &backend.SliceRequest{
				Parent: backend.Parent{Keyspace: "ks", Family: "F"}, Keys: [][]byte{key},
				Predicate: backend.Predicate{Count: 1}, Consistency: backend.One,
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]backend.Column{tt.wins}, rows[0].Columns); diff != "" {
				t.Errorf("%s (-want +got):\n%s", key, diff)
			}
		}
	}
}

func TestClosed(t *testing.T) {
	target := open(t, backendtest.Options{Partitioner: "ByteOrderedPartitioner"})
	for range 2 {
		if err := target.Backend.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := target.Backend.Keyspaces(context.Background()); err == nil {
		t.Error("Keyspaces after Close gives no error")
	}
}

func TestRandom(t *testing.T) { backendtest.Random(t, open) }

func TestRandom4(t *testing.T) { backendtest.Random(t, open4) }
