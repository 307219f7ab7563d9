package model_test

import (
	"context"
	"testing"
	"time"

	"github.com/widerow/widerow/backend/backendtest"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/internal/testkit/model"
)

// open opens a model whose clock stands until it is moved.
func open(t testing.TB, o backendtest.Options) backendtest.Target {
	t.Helper()
	p, err := partitioner.ByClass(o.Partitioner)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2012, 2, 29, 12, 0, 0, 0, time.UTC)
	s, err := model.New(model.Options{Partitioner: p, Now: func() time.Time { return now }})
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
