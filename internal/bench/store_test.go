package bench

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/model"
	"github.com/widerow/widerow/schema"
)

var rewrite = flag.Bool("rewrite", false, "rewrite testdata")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// store is the naive model with the latency and the faults of a test.
type store struct {
	backend.Backend
	latency time.Duration // of each read and each write
	calls   atomic.Int64  // reads and writes

	// Each hook may be nil. n counts calls from 1.
	onSlice  func(n int64, r *backend.SliceRequest, rows []backend.Row) ([]backend.Row, error)
	onMutate func(n int64, r *backend.MutateRequest, apply func() error) error
}

func newStore(t *testing.T, latency time.Duration) *store {
	t.Helper()
	m, err := model.New(model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return &store{Backend: m, latency: latency}
}

func (s *store) wait(ctx context.Context) (int64, error) {
	n := s.calls.Add(1)
	if !sleep(ctx, s.latency) {
		return n, ctx.Err()
	}
	return n, nil
}

func (s *store) Slice(ctx context.Context, r *backend.SliceRequest) ([]backend.Row, error) {
	n, err := s.wait(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.Backend.Slice(ctx, r)
	if err == nil && s.onSlice != nil {
		return s.onSlice(n, r, rows)
	}
	return rows, err
}

func (s *store) Mutate(ctx context.Context, r *backend.MutateRequest) error {
	n, err := s.wait(ctx)
	if err != nil {
		return err
	}
	if s.onMutate != nil {
		return s.onMutate(n, r, func() error { return s.Backend.Mutate(ctx, r) })
	}
	return s.Backend.Mutate(ctx, r)
}

// families returns the families of a keyspace, nil if it does not exist.
func (s *store) families(t *testing.T, keyspace string) []string {
	t.Helper()
	all, err := s.Keyspaces(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, k := range all {
		for _, f := range k.Families {
			if k.Name == keyspace {
				list = append(list, f.Name)
			}
		}
	}
	return list
}

func (s *store) create(t *testing.T, keyspace string, families ...schema.Family) {
	t.Helper()
	for i := range families {
		families[i].Keyspace = keyspace
	}
	_, err := s.Alter(context.Background(), schema.CreateKeyspace{Keyspace: schema.Keyspace{
		Name: keyspace, StrategyOptions: map[string]string{"replication_factor": "1"}, Families: families,
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// config is a small run: 4 workers for a second.
func config(workloads ...Workload) *Config {
	return &Config{
		Keyspace: "bench", Store: "model:", MaxErrors: 10,
		Params: Params{
			Workloads: workloads, Concurrency: 4, Duration: Duration(time.Second),
			Rows: 20, Columns: 3, ValueSize: 10, Slice: 5, Wide: 8, ReadShare: 0.5,
			Consistency: "ONE", Replication: 1, Seed: 7,
		},
	}
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (update it with go test -rewrite):\n%s", path, diff)
	}
}
