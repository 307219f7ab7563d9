package widerow_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/schema"
)

func TestCompareAndSet(t *testing.T) {
	ctx := t.Context()
	db, err := connect.Open(ctx, "memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f := store{DB: db}.family(t, text("F"), widerow.ColumnDef{Name: "n", Validator: schema.LongType})
	try := func(expected, values any, want bool, current string) {
		t.Helper()
		applied, row, err := f.CompareAndSet(ctx, "k", expected, values)
		if err != nil || applied != want || !applied && row.String() != current {
			t.Errorf("CompareAndSet(%v, %v) = %v, %v, %v; want %v, %s", expected, values, applied, row, err, want, current)
		}
	}
	try(nil, widerow.Values{{"n", 1}}, true, "")
	try(nil, widerow.Values{{"n", 2}}, false, "{'n': 1}")
	try(widerow.Values{{"n", 1}, {"x", nil}}, map[string]any{"n": 2}, true, "")
	try(widerow.Values{{"n", 1}}, widerow.Values{{"n", 3}}, false, "{'n': 2}")
	if v := must(f.Get(ctx, "k"))(t).Value("n"); v != int64(2) {
		t.Errorf("value %v, want 2", v)
	}
	for _, opts := range [][]widerow.WriteOption{{widerow.At(1)}, {nil}} {
		if _, _, err := f.CompareAndSet(ctx, "k", nil, nil, opts...); !errors.Is(err, widerow.ErrInvalidRequest) {
			t.Errorf("options %v: %v", opts, err)
		}
	}
	sf := store{DB: db}.family(t, superText("S"))
	if _, _, err := sf.CompareAndSet(ctx, "k", nil, nil); !errors.Is(err, widerow.ErrInvalidRequest) {
		t.Errorf("in a super family: %v", err)
	}
	plain := must(widerow.New(struct{ backend.Backend }{db.Backend()}, nil).Keyspace("K").Family(ctx, "F"))(t)
	if _, _, err := plain.CompareAndSet(ctx, "k", nil, nil); !errors.Is(err, widerow.ErrUnsupported) {
		t.Errorf("on a store without it: %v", err)
	}
	if err := plain.Keyspace().DB().Checkpoint(ctx, "x"); !errors.Is(err, widerow.ErrUnsupported) {
		t.Errorf("Checkpoint of a store without it: %v", err)
	}
}

func TestCheckpoint(t *testing.T) {
	ctx := t.Context()
	db, err := connect.Open(ctx, "embedded:"+filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f := store{DB: db}.family(t, text("F"))
	insert(t, f, "k", widerow.Values{{"a", "1"}})
	dir := filepath.Join(t.TempDir(), "copy")
	if err := db.Checkpoint(ctx, dir); err != nil {
		t.Fatal(err)
	}
	insert(t, f, "k", widerow.Values{{"a", "2"}})
	copied, err := connect.Open(ctx, "embedded:"+dir, connect.Existing())
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	g := must(copied.Keyspace("K").Family(ctx, "F"))(t)
	if got := must(g.Get(ctx, "k"))(t).String(); got != "{'a': '1'}" {
		t.Errorf("the copy has %s", got)
	}
}
