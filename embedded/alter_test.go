package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// hookedClock calls a hook each time it is asked for the time. A reader asks between reading the
// schema and reading the data.
type hookedClock struct {
	*clock
	hook atomic.Pointer[func()]
}

func (c *hookedClock) Now() time.Time {
	if hook := c.hook.Swap(nil); hook != nil {
		(*hook)()
	}
	return c.clock.Now()
}

// TestAlterDuringRead changes the schema during reads.
func TestAlterDuringRead(t *testing.T) {
	c := &hookedClock{clock: newClock()}
	o := manual(c.clock, "")
	o.Now = c.Now
	s := mustOpenMemory(t, o)
	alter(t, s, testKeyspace())
	alter(t, s, withIndex())
	mustMutate(t, s, mutate("cf", "k", ins("state", "Utah", 1)))
	if _, err := s.Index(t.Context(), byState("Utah")); err != nil { // the query waits until the index is built
		t.Fatal(err)
	}
	during := func(changes ...schema.Change) {
		hook := func() {
			for _, change := range changes {
				alter(t, s, change)
			}
		}
		c.hook.Store(&hook)
	}
	noIndex := schema.AlterFamily{Family: schema.Family{Keyspace: "ks", Name: "cf"}}

	during(noIndex, withIndex())
	if rows, err := s.Index(t.Context(), byState("Utah")); err != nil || len(rows) != 1 {
		t.Errorf("a query while its index was rebuilt finds %d rows (%v), want 1", len(rows), err)
	}
	during(noIndex)
	if rows, err := s.Index(t.Context(), byState("Utah")); !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("a query while its index was dropped: %d rows, %v, want an invalid request", len(rows), err)
	}
	during(schema.DropFamily{Keyspace: "ks", Name: "cf"})
	if rows, err := s.Slice(t.Context(), slice("cf", 10, "k")); !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("a slice while its family was dropped: %v, %v, want an invalid request", rows, err)
	}
}

// TestDropIndexThatIsAwaited drops an index while a query waits for its build.
func TestDropIndexThatIsAwaited(t *testing.T) {
	c := &hookedClock{clock: newClock()}
	o := manual(c.clock, "")
	o.Now = c.Now
	s := mustOpenMemory(t, o)
	alter(t, s, testKeyspace())
	other := byState("Utah")
	other.Family = "indexed"
	if _, err := s.Index(t.Context(), other); err != nil { // the query waits for the first index; the hook stops the build of the second
		t.Fatal(err)
	}
	building, goOn := make(chan struct{}), make(chan struct{})
	hook := func() { close(building); <-goOn }
	c.hook.Store(&hook)
	alter(t, s, withIndex())
	<-building
	done := make(chan error)
	go func() { _, err := s.Index(t.Context(), byState("Utah")); done <- err }()
	alter(t, s, schema.AlterFamily{Family: schema.Family{Keyspace: "ks", Name: "cf"}})
	close(goOn)
	if err := <-done; !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("a query that waited for an index that was dropped: %v, want an invalid request", err)
	}
}

// TestIndexedNameInTwoForms writes the indexed column with other bytes that are the same name.
func TestIndexedNameInTwoForms(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	alter(t, s, schema.CreateFamily{Family: schema.Family{
		Keyspace: "ks", Name: "ints", Comparator: "IntegerType",
		Columns: []schema.Column{{Name: []byte{1}, Validator: "UTF8Type", Index: schema.KeysIndex, IndexName: "ints_1"}},
	}})
	mustMutate(t, s, mutate("ints", "k", ins("\x00\x01", "Utah", 1)))
	rows, err := s.Index(t.Context(), &backend.IndexRequest{
		Parent:      backend.Parent{Keyspace: "ks", Family: "ints"},
		Expressions: []backend.Expression{{Name: []byte{1}, Value: []byte("Utah")}},
		Count:       10, Predicate: backend.Predicate{Count: 10},
	})
	if err != nil || len(rows) != 1 {
		t.Errorf("the query finds %d rows (%v), want 1", len(rows), err)
	}
}

// TestLockByAnotherName opens a directory by a symbolic link while it is open.
func TestLockByAnotherName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	mustOpen(t, dir, nil)
	if err := os.Symlink(dir, dir+"-link"); err != nil {
		t.Skip(err)
	}
	if _, err := Open(dir+"-link", nil); !errors.Is(err, backend.ErrUnavailable) {
		t.Errorf("Open through a second name: %v, want ErrUnavailable", err)
	}
}

// TestCheckpointOfMemory copies a store in memory to disk.
func TestCheckpointOfMemory(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	mustMutate(t, s, mutate("cf", "k", ins("a", "1", 1)))
	for range 2 {
		dir := filepath.Join(t.TempDir(), "copy")
		if err := s.Checkpoint(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		if got := columns(t, mustOpen(t, dir, nil), "cf", "k"); got != "a=1" {
			t.Errorf("the copy has %q, want a=1", got)
		}
	}
}
