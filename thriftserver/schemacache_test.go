package thriftserver_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftserver"
)

// slowSchema is a store that returns its definitions late.
type slowSchema struct {
	backend.Backend
	asked   atomic.Int32
	proceed chan struct{}
}

func (s *slowSchema) Keyspaces(ctx context.Context, names ...string) ([]schema.Keyspace, error) {
	s.asked.Add(1)
	select {
	case <-s.proceed:
		return s.Backend.Keyspaces(ctx, names...)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// One caller asks the store. The others wait for its answer, at most as long as a call may take.
func TestSchemaIsAskedForOnce(t *testing.T) {
	store := &slowSchema{Backend: appStore(t), proceed: make(chan struct{})}
	s := servertest.Start(t, store, nil)
	var clients []*client
	for range 5 {
		c := dial(t, s)
		c.send(&thriftwire.SetKeyspaceArgs{Keyspace: "app"})
		clients = append(clients, c)
	}
	until(t, "all calls run", func() bool { return s.Stats().Calls == len(clients) })
	close(store.proceed)
	for _, c := range clients {
		result := &thriftwire.SetKeyspaceResult{}
		if err := thriftwire.DecodeReply(c.receive(), "set_keyspace", c.seq, result); err != nil || result.Err() != nil {
			t.Errorf("%v, %v", err, result.Err())
		}
	}
	if n := store.asked.Load(); n != 1 {
		t.Errorf("the store was asked %d times, want once", n)
	}
}

// lateSchema is a remote store that has not noticed other clients' schema changes: its version
// stays old.
type lateSchema struct{ backend.Backend }

func (lateSchema) SchemaVersion() string { return "old" }

// A family that another client created is served although the store still reports the old schema
// version.
func TestSchemaVersionIsLate(t *testing.T) {
	store := appStore(t)
	c := dialApp(t, servertest.Start(t, lateSchema{store}, nil))
	count := func(family string) error {
		_, err := c.call(&thriftwire.GetCountArgs{
			Key: b("k"), ColumnParent: parent(family), Predicate: all(), ConsistencyLevel: one,
		})
		return err
	}
	if err := count("Users"); err != nil {
		t.Fatal(err)
	}
	if err := count("New"); err == nil {
		t.Fatal("a family that does not exist")
	}
	_, err := store.Alter(t.Context(), schema.CreateFamily{Family: schema.Family{Keyspace: "app", Name: "New"}})
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the new family is served", func() bool { return count("New") == nil })
}

func TestSchemaDoesNotCome(t *testing.T) {
	store := &slowSchema{Backend: appStore(t), proceed: make(chan struct{})}
	s := servertest.Start(t, store, &thriftserver.Options{CallTimeout: 100 * time.Millisecond})
	for range 2 {
		c := dial(t, s)
		if _, err := c.call(&thriftwire.SetKeyspaceArgs{Keyspace: "app"}); err == nil {
			t.Error("a keyspace although the store does not answer")
		}
		ping(c)
	}
}
