package widerow_test

import (
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/uuid/v5"
	"gopkg.in/inf.v0"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/widerowtest"
)

func TestTyped(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		def := text("F")
		def.Comparator = schema.LongType
		f := s.family(t, def)
		v := must(widerow.Typed[string, int64, string](f))(t)
		if v.Family() != f {
			t.Error("Family() returns a different family")
		}
		var cells []widerow.Cell[int64, string]
		for i := range int64(10) {
			cells = append(cells, widerow.Cell[int64, string]{Name: i, Value: fmt.Sprint("v", i)})
		}
		cells[3].Timestamp, cells[4].TTL = 1<<60, 60
		ts := must(v.Insert(ctx, "k", cells))(t)
		got := must(v.Slice(ctx, "k"))(t)
		want := append(cells[:0:0], cells...)
		for i := range want {
			if i != 3 {
				want[i].Timestamp = ts
			}
		}
		diff(t, "Slice", got, want)
		// The front reads the rows that the view wrote.
		if n := must(f.Count(ctx, "k"))(t); n != 10 {
			t.Errorf("%d columns", n)
		}
		cell := must(v.Get(ctx, "k", 7))(t)
		diff(t, "Get", cell, want[7])
		if _, err := v.Get(ctx, "k", 77); !errors.Is(err, widerow.ErrNotFound) || err.Error() != `widerow: get F["k"]: not found` {
			t.Errorf("a column that does not exist: %v", err)
		}
		got = must(v.AppendSlice(ctx, got[:0], "k", widerow.Slice(8, 5), widerow.Reversed(), widerow.Limit(2)))(t)
		diff(t, "AppendSlice", got, []widerow.Cell[int64, string]{want[8], want[7]})
		if got := must(v.Slice(ctx, "gone"))(t); len(got) != 0 {
			t.Errorf("a row that does not exist: %v", got)
		}
		for buffer := 1; buffer < 12; buffer++ {
			all := collect(t, v.Columns(ctx, "k", widerow.Buffer(buffer), widerow.From(1)))
			diff(t, fmt.Sprintf("Columns, Buffer(%d)", buffer), all, want[1:])
		}
		must(v.Insert(ctx, "l", cells[:1], widerow.At(5)))(t)
		rows := collect(t, v.Range(ctx, widerow.Buffer(2), widerow.Names(0)))
		diff(t, "Rows", rows, []widerow.CellRow[string, int64, string]{
			{Key: "k", Cells: want[:1]}, {Key: "l", Cells: []widerow.Cell[int64, string]{{Name: 0, Value: "v0", Timestamp: 5}}},
		})
		must(v.Insert(ctx, "none", nil))(t)
		if _, err := v.Slice(ctx, "k", widerow.Names(1), widerow.Reversed()); !errors.Is(err, widerow.ErrInvalidRequest) {
			t.Errorf("options that contradict each other: %v", err)
		}
	})
}

func TestTypedColumns(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"), widerow.ColumnDef{Name: "n", Validator: schema.LongType})
		if _, err := widerow.Typed[string, string, string](f); !errors.Is(err, widerow.ErrInvalidRequest) || !contains(err.Error(), `values of column "n"`) {
			t.Errorf("a column of a different type: %v", err)
		}
		if _, err := widerow.Typed[int64, string, any](f); !errors.Is(err, widerow.ErrInvalidRequest) || !contains(err.Error(), "keys") {
			t.Errorf("a wrong type of keys: %v", err)
		}
		if _, err := widerow.Typed[string, float64, any](f); !errors.Is(err, widerow.ErrInvalidRequest) || !contains(err.Error(), "column names") {
			t.Errorf("a wrong type of names: %v", err)
		}
		v := must(widerow.Typed[string, string, any](f))(t)
		must(v.Insert(ctx, "k", []widerow.Cell[string, any]{{Name: "n", Value: 5}, {Name: "t", Value: "x"}}, widerow.At(1)))(t)
		diff(t, "cells", must(v.Slice(ctx, "k"))(t), []widerow.Cell[string, any]{
			{Name: "n", Value: int64(5), Timestamp: 1}, {Name: "t", Value: "x", Timestamp: 1},
		})
		raw := must(widerow.Typed[[]byte, []byte, []byte](must(f.Using(widerow.Raw()))(t)))(t)
		cells := must(raw.Slice(ctx, []byte("k"), widerow.Names("n")))(t)
		diff(t, "raw", cells[0].Value, []byte{0, 0, 0, 0, 0, 0, 0, 5})

		def := text("C")
		def.DefaultValidator = schema.CounterColumnType
		c := must(widerow.Typed[string, string, int64](s.family(t, def)))(t)
		for range 2 {
			must(c.Insert(ctx, "k", []widerow.Cell[string, int64]{{Name: "a", Value: 3}}))(t)
		}
		if cell := must(c.Get(ctx, "k", "a"))(t); cell.Value != 6 {
			t.Errorf("counter %d", cell.Value)
		}
		boxed := must(widerow.Typed[string, string, any](c.Family()))(t)
		if _, err := boxed.Insert(ctx, "k", []widerow.Cell[string, any]{{Name: "a"}}); !errors.Is(err, widerow.ErrInvalidRequest) {
			t.Errorf("nothing to add: %v", err)
		}

		sf := s.family(t, superText("S"))
		insert(t, sf, "k", widerow.Values{{"s", widerow.Values{{"a", "1"}, {"b", "2"}}}})
		sv := must(widerow.Typed[string, string, string](sf))(t)
		if cell := must(sv.Get(ctx, "k", "b", widerow.Super("s")))(t); cell.Value != "2" {
			t.Errorf("in a super column: %v", cell)
		}
		if n := len(collect(t, sv.Columns(ctx, "k", widerow.Super("s")))); n != 2 {
			t.Errorf("%d columns of a super column", n)
		}
		if _, err := sv.Slice(ctx, "k"); !errors.Is(err, widerow.ErrInvalidRequest) {
			t.Errorf("a super family without Super: %v", err)
		}
		for _, err := range sv.Range(ctx) {
			if !errors.Is(err, widerow.ErrInvalidRequest) {
				t.Errorf("rows of a super family without Super: %v", err)
			}
		}
		if _, err := sv.Insert(ctx, "k", nil); !errors.Is(err, widerow.ErrInvalidRequest) {
			t.Errorf("insert into a super family: %v", err)
		}
	})
}

func TestTypedStops(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	numbered(t, f, "k", 10)
	v := must(widerow.Typed[string, string, string](f))(t)
	for range v.Columns(ctx, "k", widerow.Buffer(3)) {
		break
	}
	s.Fail(widerowtest.Fault{Verb: widerowtest.Slice, Skip: 1, Err: widerow.ErrTimedOut})
	n := 0
	for _, err := range v.Columns(ctx, "k", widerow.Buffer(3)) {
		if err != nil {
			if !errors.Is(err, widerow.ErrTimedOut) || n != 3 {
				t.Errorf("after %d columns: %v", n, err)
			}
			return
		}
		n++
	}
	t.Error("no error")
}

// TestTypedNamesWhatFits opens views with a type that fits no column type. The error must name the
// types that fit, and those types must fit.
func TestTypedNamesWhatFits(t *testing.T) {
	type misfit struct{ _ chan int }
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	fits := map[string]func(*widerow.Family) error{
		"string": fit[string], "[]byte": fit[[]byte], "any": fit[any], "int64": fit[int64], "int": fit[int], "int32": fit[int32],
		"*big.Int": fit[*big.Int], "float64": fit[float64], "float32": fit[float32], "*inf.Dec": fit[*inf.Dec], "bool": fit[bool],
		"time.Time": fit[time.Time], "uuid.UUID": fit[uuid.UUID], "[16]byte": fit[[16]byte], "netip.Addr": fit[netip.Addr],
		"coltype.Tuple": fit[coltype.Tuple],
	}
	for class, want := range map[string]string{
		schema.BytesType: "string, []byte or any", schema.ASCIIType: "string, []byte or any", schema.UTF8Type: "string, []byte or any",
		schema.LongType: "int64, int, int32 or any", schema.Int32Type: "int64, int, int32 or any",
		schema.IntegerType: "int64, int, int32, *big.Int or any",
		schema.DoubleType:  "float64 or any", schema.FloatType: "float32, float64 or any",
		schema.DecimalType: "*inf.Dec or any", schema.BooleanType: "bool or any", schema.DateType: "time.Time or any",
		schema.TimestampType: "time.Time or any", schema.UUIDType: "uuid.UUID, [16]byte or any",
		schema.TimeUUIDType: "uuid.UUID, [16]byte or any", schema.LexicalUUIDType: "uuid.UUID, [16]byte or any",
		schema.InetAddressType: "netip.Addr or any", "CompositeType(LongType)": "coltype.Tuple or any",
		"DynamicCompositeType(a=>LongType)": "coltype.Tuple or any", "LongType(reversed=true)": "int64, int, int32 or any",
	} {
		g := must(f.Using(widerow.ValueType(coltypeOf(t, class))))(t)
		_, err := widerow.Typed[string, string, misfit](g)
		if !errors.Is(err, widerow.ErrInvalidRequest) || !strings.HasSuffix(err.Error(), "do not fit widerow_test.misfit: want "+want) {
			t.Errorf("%s: %v, want an error that ends with %s", class, err, want)
		}
		for _, name := range strings.Split(strings.ReplaceAll(want, " or ", ", "), ", ") {
			if err := fits[name](g); err != nil {
				t.Errorf("%s is said to fit %s: %v", name, class, err)
			}
		}
	}
}

// fit returns the error of a view of f with values of type V.
func fit[V any](f *widerow.Family) error {
	_, err := widerow.Typed[string, string, V](f)
	return err
}
