package docs_test

import (
	"errors"
	"testing"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/widerowtest"
)

func TestFollow(t *testing.T) {
	store := widerowtest.New(t)
	followers := store.Family(schema.Family{
		Name:         "Followers",
		KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type, DefaultValidator: schema.UTF8Type,
	})

	_, err := followers.Insert(t.Context(), "ann", widerow.Values{{"bob", "since today"}})
	if err != nil {
		t.Fatal(err)
	}
	row, err := followers.Get(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	if got := row.String(); got != "{'bob': 'since today'}" {
		t.Errorf("ann's followers: %s", got)
	}
}

func TestCodeExpires(t *testing.T) {
	store := widerowtest.New(t)
	codes := store.Family(schema.Family{Name: "Codes", KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type})
	_, err := codes.Insert(t.Context(), "ann", widerow.Values{{"code", []byte("1234")}}, widerow.TTL(time.Minute))
	if err != nil {
		t.Fatal(err)
	}

	store.Advance(time.Minute)

	if _, err := codes.Get(t.Context(), "ann"); !errors.Is(err, widerow.ErrNotFound) {
		t.Errorf("after a minute: %v", err)
	}
}

func TestRetriesInsert(t *testing.T) {
	store := widerowtest.New(t)
	users := store.Family(schema.Family{Name: "Users", KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type})
	store.FailNext(widerowtest.Mutate, "Users", widerow.ErrUnavailable)

	insert := func() error {
		_, err := users.Insert(t.Context(), "ann", widerow.Values{{"x", []byte("1")}})
		return err
	}
	err := insert()
	if !widerow.SafeToRetry(err) {
		t.Fatalf("the first insert: %v", err)
	}
	if err := insert(); err != nil {
		t.Error(err)
	}
	if n := store.Calls(widerowtest.Mutate, "Users"); n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
}
