package widerowtest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/widerowtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(schema.Family{Name: "F", Comparator: schema.LongType}, widerow.ColumnDef{Name: 1, Validator: schema.UTF8Type})
	if _, err := f.Insert(ctx, "k", widerow.Values{{2, "b"}, {1, "a"}}, widerow.TTL(time.Minute)); err != nil {
		t.Fatal(err)
	}
	row, err := f.Get(ctx, "k")
	if err != nil || row.String() != "{1: 'a', 2: 'b'}" {
		t.Errorf("%v, %v", row, err)
	}
	if !s.Now().Equal(widerowtest.Epoch) {
		t.Errorf("the clock begins at %v", s.Now())
	}
	s.Advance(59 * time.Second)
	if n, err := f.Count(ctx, "k"); n != 2 || err != nil {
		t.Errorf("%d columns before their time, %v", n, err)
	}
	s.Advance(time.Second)
	if n, err := f.Count(ctx, "k"); n != 0 || err != nil {
		t.Errorf("%d columns after their time, %v", n, err)
	}
	if got := s.Now().Sub(widerowtest.Epoch); got != time.Minute {
		t.Errorf("the clock went on by %v", got)
	}
	if _, err := s.CreateFamily(ctx, schema.Family{Name: "F"}); !errors.Is(err, widerow.ErrInvalidRequest) {
		t.Errorf("a family that exists: %v", err)
	}
	if _, err := s.CreateFamily(ctx, schema.Family{Keyspace: "Other", Name: "F"}); err != nil {
		t.Errorf("a family in a keyspace of its own: %v", err)
	}
	if err := s.Backend().(backend.Checkpointer).Checkpoint(ctx, t.TempDir()+"/copy"); err != nil && !errors.Is(err, widerow.ErrUnsupported) {
		t.Errorf("Checkpoint: %v", err)
	}
	splits, err := s.Backend().(backend.Splitter).Splits(ctx, &backend.SplitsRequest{Keyspace: widerowtest.DefaultKeyspace, Family: "F", KeysPerSplit: 10})
	if err != nil || len(splits) == 0 {
		t.Errorf("Splits: %v, %v", splits, err)
	}
}

func TestOptions(t *testing.T) {
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	s := widerowtest.New(t, widerowtest.Partitioner("murmur3"), widerowtest.StartAt(start), widerowtest.Front(widerow.Options{Read: widerow.Quorum}))
	if p, err := s.System().Partitioner(t.Context()); err != nil || p != "org.apache.cassandra.dht.Murmur3Partitioner" {
		t.Errorf("partitioner %s, %v", p, err)
	}
	if !s.Now().Equal(start) || s.Timestamp() != start.UnixMicro() {
		t.Errorf("the clock begins at %v, timestamps at %d", s.Now(), s.Timestamp())
	}
	if _, err := widerowtest.Open(widerowtest.Partitioner("nope")); err == nil {
		t.Error("a partitioner that does not exist")
	}
	if _, err := widerowtest.Open(nil); !errors.Is(err, widerow.ErrInvalidRequest) {
		t.Errorf("a nil option: %v", err)
	}
}

func TestFaults(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(schema.Family{Name: "F"})
	g := s.Family(schema.Family{Name: "G"})
	cols := widerow.Values{{"a", "x"}}
	put := func(f *widerow.Family) error { _, err := f.Insert(ctx, "k", cols); return err }
	get := func(f *widerow.Family) error { _, err := f.Get(ctx, "k"); return err }

	next := s.FailNext(widerowtest.Mutate, "F", widerow.ErrTimedOut)
	if err := put(g); err != nil {
		t.Errorf("a different family fails: %v", err)
	}
	if err := get(f); !errors.Is(err, widerow.ErrNotFound) {
		t.Errorf("a different verb fails: %v", err)
	}
	if err := put(f); !errors.Is(err, widerow.ErrTimedOut) || next.Hits() != 1 {
		t.Errorf("%v, %d hits", err, next.Hits())
	}
	if err := get(f); !errors.Is(err, widerow.ErrNotFound) {
		t.Errorf("a write that failed was applied: %v", err)
	}
	if err := put(f); err != nil || next.Hits() != 1 {
		t.Errorf("the call after: %v", err)
	}

	// The write is applied although it returns an error.
	s.Fail(widerowtest.Fault{Verb: widerowtest.Mutate, Applied: true, Err: widerow.ErrTimedOut})
	if _, err := f.Remove(ctx, "k"); !errors.Is(err, widerow.ErrTimedOut) {
		t.Errorf("Remove: %v", err)
	}
	if err := get(f); !errors.Is(err, widerow.ErrNotFound) {
		t.Errorf("the write was not applied: %v", err)
	}

	// Two calls succeed, three fail, and all later calls succeed.
	i := s.Fail(widerowtest.Fault{Skip: 2, Times: 3})
	var errs []bool
	for range 7 {
		errs = append(errs, errors.Is(get(g), widerow.ErrUnavailable))
	}
	if got := fmt.Sprint(errs); got != "[false false true true true false false]" || i.Hits() != 3 {
		t.Errorf("calls that fail: %s, %d hits", got, i.Hits())
	}

	// All matching calls fail until the fault is stopped.
	i = s.Fail(widerowtest.Fault{Times: -1, Match: func(c widerowtest.Call) bool {
		r, ok := c.Request.(*backend.SliceRequest)
		return ok && string(r.Keys[0]) == "bad" && c.Keyspace == widerowtest.DefaultKeyspace
	}})
	for range 3 {
		if _, err := f.Get(ctx, "bad"); !errors.Is(err, widerow.ErrUnavailable) {
			t.Errorf("a call that matches: %v", err)
		}
		if err := get(g); err != nil {
			t.Errorf("a call that does not match: %v", err)
		}
	}
	i.Stop()
	if _, err := f.Get(ctx, "bad"); !errors.Is(err, widerow.ErrNotFound) || i.Hits() != 3 {
		t.Errorf("after Stop: %v, %d hits", err, i.Hits())
	}
}

func TestFaultVerbs(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(schema.Family{Name: "F"})
	sys := s.System()
	for verb, call := range map[widerowtest.Verb]func() error{
		widerowtest.Slice: func() error { _, err := f.MultiGet(ctx, []any{"k"}); return err },
		widerowtest.Count: func() error { _, err := f.Count(ctx, "k"); return err },
		widerowtest.Range: func() error {
			for _, err := range f.Range(ctx) {
				return err
			}
			return nil
		},
		widerowtest.Index: func() error {
			for _, err := range f.Where(ctx, widerow.Eq("a", "b")) {
				return err
			}
			return nil
		},
		widerowtest.Compare: func() error {
			_, _, err := f.CompareAndSet(ctx, "k", nil, widerow.Values{{"a", "b"}})
			return err
		},
		widerowtest.Mutate:    func() error { _, err := f.Remove(ctx, "k"); return err },
		widerowtest.Truncate:  func() error { return f.Truncate(ctx) },
		widerowtest.Keyspaces: func() error { return f.Reload(ctx) },
		widerowtest.Alter:     func() error { return sys.DropKeyspace(ctx, "nope") },
		widerowtest.Describe:  func() error { _, err := sys.Snitch(ctx); return err },
	} {
		before := s.Calls(verb, "")
		i := s.FailNext(verb, "", widerow.ErrAuthorization)
		if err := call(); !errors.Is(err, widerow.ErrAuthorization) {
			t.Errorf("%s: %v", verb, err)
		}
		if i.Hits() != 1 || s.Calls(verb, "") != before+1 {
			t.Errorf("%s: %d hits, %d calls", verb, i.Hits(), s.Calls(verb, "")-before)
		}
	}
	if n := s.Calls(widerowtest.AnyVerb, "F"); n < 6 {
		t.Errorf("%d calls about F", n)
	}
}

// fatal is a test that records its end.
type fatal struct {
	testing.TB
	failed string
}

func (f *fatal) Helper()          {}
func (f *fatal) Cleanup(c func()) { f.TB.Cleanup(c) }
func (f *fatal) Fatal(v ...any)   { f.failed = fmt.Sprint(v...); panic(f) }

func TestFamilyFails(t *testing.T) {
	outer := &fatal{TB: t}
	s := widerowtest.New(outer)
	func() {
		defer func() {
			if recover() != any(outer) || outer.failed == "" {
				t.Errorf("Family does not end the test: %q", outer.failed)
			}
		}()
		s.Family(schema.Family{Name: "F", Comparator: "NoSuchThing("})
	}()
	open, err := widerowtest.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	defer func() {
		if recover() == nil {
			t.Error("Family does not panic without a test")
		}
	}()
	open.Family(schema.Family{})
}

// A test of a program that uses widerow begins with New(t). An example has no test, so it opens and
// closes the store itself.
func Example() {
	store, err := widerowtest.Open()
	if err != nil {
		panic(err)
	}
	defer store.Close()
	ctx := context.Background()
	sessions := store.Family(schema.Family{Name: "Sessions", Comparator: schema.UTF8Type, DefaultValidator: schema.UTF8Type})
	_, err = sessions.Insert(ctx, "s1", widerow.Values{{"user", "thobbs"}}, widerow.TTL(time.Hour))
	fmt.Println(err)

	store.FailNext(widerowtest.Slice, "Sessions", widerow.ErrTimedOut)
	_, err = sessions.Get(ctx, "s1")
	fmt.Println(err)

	row, err := sessions.Get(ctx, "s1")
	fmt.Println(row, err)

	store.Advance(time.Hour)
	_, err = sessions.Get(ctx, "s1")
	fmt.Println(err)
	// Output:
	// <nil>
	// widerow: get Sessions["s1"]: timed out waiting for replicas
	// {'user': 'thobbs'} <nil>
	// widerow: get Sessions["s1"]: not found
}
