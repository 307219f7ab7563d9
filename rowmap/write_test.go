package rowmap_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/rowmap"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/widerowtest"
)

type profile struct {
	Key   string  `widerow:",key"`
	Name  string  `widerow:"name"`
	Email *string `widerow:"email"`
	City  string  `widerow:"city,omitempty"`
}

func TestReplace(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(schema.Family{Name: "P", Comparator: schema.UTF8Type, KeyValidator: schema.UTF8Type})
	m := must(rowmap.New[profile](f))(t)
	row := func() string { return must(m.Family().Get(ctx, "k"))(t).String() }

	must(m.Insert(ctx, profile{Key: "k", Name: "Ann", Email: new("a@x"), City: "Oslo"}))(t)
	must(f.Insert(ctx, "k", widerow.Values{{"other", "stays"}}))(t)
	must(m.Insert(ctx, profile{Key: "k", Name: "Anna"}))(t)
	if got, want := row(), "{'city': 'Oslo', 'email': 'a@x', 'name': 'Anna', 'other': 'stays'}"; got != want {
		t.Errorf("Insert leaves %s, want %s", got, want)
	}
	calls := s.Calls(widerowtest.Mutate, "")
	if err := m.Replace(ctx, profile{Key: "k", Name: "Anne"}, widerow.TTL(time.Hour), widerow.At(1<<60)); err != nil {
		t.Fatal(err)
	}
	if got, want := row(), "{'name': 'Anne', 'other': 'stays'}"; got != want {
		t.Errorf("Replace leaves %s, want %s", got, want)
	}
	if n := s.Calls(widerowtest.Mutate, "") - calls; n != 1 {
		t.Errorf("Replace made %d calls, want 1", n)
	}
	must(m.RemoveKey(ctx, "k", widerow.At(1<<61)))(t)
	if n := must(f.Count(ctx, "k"))(t); n != 0 {
		t.Errorf("%d columns after RemoveKey", n)
	}

	var b widerow.Batch
	for i := range 3 {
		if err := m.QueueInsert(&b, profile{Key: fmt.Sprint("q", i), Name: "Q"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.QueueReplace(&b, profile{Key: "q1", Name: "R"}); err != nil {
		t.Fatal(err)
	}
	if err := b.Send(ctx); err != nil {
		t.Fatal(err)
	}
	if got := must(m.Get(ctx, "q1"))(t); got.Name != "R" {
		t.Errorf("after a batch of structs: %v", got)
	}
}

// TestWriteOptions writes structs with a timestamp, a TTL and a consistency level.
func TestWriteOptions(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(schema.Family{Name: "P", Comparator: schema.UTF8Type, KeyValidator: schema.UTF8Type})
	m := must(rowmap.New[profile](f))(t)
	var levels []widerow.Consistency
	s.Fail(widerowtest.Fault{Verb: widerowtest.Mutate, Times: -1, Match: func(c widerowtest.Call) bool {
		levels = append(levels, c.Request.(*backend.MutateRequest).Consistency)
		return false
	}})
	opts := []widerow.WriteOption{widerow.At(7), widerow.TTL(time.Minute), widerow.Level(widerow.All)}
	if ts := must(m.Insert(ctx, profile{Key: "a", Name: "Ann"}, opts...))(t); ts != 7 {
		t.Errorf("Insert at 7 returns %d", ts)
	}
	if ts := must(m.BatchInsert(ctx, []profile{{Key: "b", Name: "Bob"}}, opts...))(t); ts != 7 {
		t.Errorf("BatchInsert at 7 returns %d", ts)
	}
	for _, key := range []string{"a", "b"} {
		if c, _ := must(f.Get(ctx, key))(t).Get("name"); c.Timestamp != 7 || c.TTL != 60 {
			t.Errorf("row %s is written at %d for %d s", key, c.Timestamp, c.TTL)
		}
	}
	must(m.Remove(ctx, profile{Key: "a"}, widerow.At(8), widerow.Level(widerow.Quorum)))(t)
	diff(t, "levels", levels, []widerow.Consistency{widerow.All, widerow.All, widerow.Quorum})
}

// TestGetAllOfMany reads a row of more super columns than the default limit.
func TestGetAllOfMany(t *testing.T) {
	type letter struct {
		Row  string `widerow:",key"`
		Name string `widerow:",super"`
		A    string
	}
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(schema.Family{
		Name: "S", Type: schema.Super, Comparator: schema.UTF8Type, Subcomparator: schema.UTF8Type, KeyValidator: schema.UTF8Type,
	})
	m := must(rowmap.New[letter](f))(t)
	var letters []letter
	for i := range 250 {
		letters = append(letters, letter{"k", fmt.Sprintf("%04d", i), "a"})
	}
	must(m.BatchInsert(ctx, letters))(t)
	if all := must(m.GetAll(ctx, "k"))(t); len(all) != 250 {
		t.Errorf("GetAll found %d of 250 super columns", len(all))
	}
	if some := must(m.GetAll(ctx, "k", widerow.Limit(10)))(t); len(some) != 10 {
		t.Errorf("GetAll with Limit(10) found %d", len(some))
	}
}
