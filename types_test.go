package widerow_test

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

// intString is the custom type of pycassa's documentation: an integer as text.
type intString struct{}

func (intString) String() string { return "com.example.IntString" }

func (intString) Append(dst []byte, v any) ([]byte, error) {
	i, ok := v.(int)
	if !ok {
		return dst, fmt.Errorf("IntString takes an int, not %T", v)
	}
	return strconv.AppendInt(dst, int64(i), 10), nil
}

func (intString) Unpack(b []byte) (any, error) { return strconv.Atoi(string(b)) }

func (intString) Validate(b []byte) error {
	_, err := strconv.Atoi(string(b))
	return err
}

func (intString) Compare(a, b []byte) int { return bytes.Compare(a, b) }

func TestCustomType(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := must(s.family(t, schema.Family{Name: "F"}).Using(
			widerow.KeyType(intString{}), widerow.NameType(intString{}), widerow.ValueType(intString{}),
		))(t)
		insert(t, f, 1, widerow.Values{{2, 3}, {10, 20}})
		row := must(f.Get(ctx, 1))(t)
		if row.Key != 1 || row.String() != "{10: 20, 2: 3}" {
			t.Errorf("row %v of %v", row, row.Key)
		}
		v := must(widerow.Typed[int, int, int](f))(t)
		if cell := must(v.Get(ctx, 1, 10))(t); cell.Value != 20 {
			t.Errorf("cell %v", cell)
		}
		if _, err := f.Insert(ctx, 1, widerow.Values{{2, "x"}}); !errors.Is(err, widerow.ErrInvalidRequest) {
			t.Errorf("a value that the type refuses: %v", err)
		}
		raw := must(f.Using(widerow.RawValues()))(t)
		insert(t, raw, 1, widerow.Values{{2, "x"}})
		if _, err := f.Get(ctx, 1); !errors.Is(err, widerow.ErrCorrupt) {
			t.Errorf("a value that the type cannot read: %v", err)
		}
	})
}

// TestDates converts dates from pycassa's old form to Cassandra's.
func TestDates(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"), widerow.ColumnDef{Name: "at", Validator: schema.DateType})
		old := must(f.Using(widerow.ColumnType("at", coltype.OldPycassaDate)))(t)
		between := must(f.Using(widerow.ColumnType("at", coltype.IntermediateDate)))(t)
		at := time.Date(2011, 5, 6, 7, 8, 9, 0, time.UTC)
		read := func(f *widerow.Family) time.Time {
			t.Helper()
			return must(f.Get(ctx, "k"))(t).Value("at").(time.Time)
		}
		insert(t, old, "k", widerow.Values{{"at", at}})
		if got := read(old); !got.Equal(at) {
			t.Errorf("old %v", got)
		}
		if got := read(between); !got.Equal(at) {
			t.Errorf("between, old form: %v", got)
		}
		if got := read(f); got.Equal(at) {
			t.Error("the two forms are the same")
		}
		insert(t, between, "k", widerow.Values{{"at", read(between)}})
		if got := read(between); !got.Equal(at) {
			t.Errorf("between, new form: %v", got)
		}
		if got := read(f); !got.Equal(at) {
			t.Errorf("new %v", got)
		}
	})
}

func TestDynamicComposite(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		def := text("F")
		def.Comparator = "DynamicCompositeType(l=>LongType,u=>UTF8Type)"
		f := s.family(t, def)
		insert(t, f, "k", widerow.Values{
			{coltype.Tuple{coltype.Alias('l', 1), coltype.Alias('u', "a")}, "x"},
			{coltype.Tuple{coltype.Alias('l', 2)}, "y"},
			{coltype.Tuple{coltype.As(coltype.Long, 3)}, "z"},
		})
		row := must(f.Get(ctx, "k"))(t)
		if len(row.Columns) != 3 || row.Columns[0].Value != "x" || row.Columns[2].Value != "z" {
			t.Errorf("row %v", row)
		}
		end := coltype.Tuple{coltype.Alias('l', 1)}
		if n := must(f.Count(ctx, "k", widerow.Slice(end, end)))(t); n != 1 {
			t.Errorf("a partial end selects %d columns", n)
		}
		name := row.Columns[0].Name
		if got := must(f.Get(ctx, "k", widerow.Names(name)))(t); got.Columns[0].Value != "x" {
			t.Errorf("by the name returned: %v", got)
		}
	})
}

func TestBuffersOfFamilies(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("F"))
		numbered(t, f, "k", 5)
		insert(t, f, "l", widerow.Values{{"a", "b"}})
		for _, n := range []int{-5, 0, 1, 2, 3} {
			g := must(f.Using(widerow.RowBuffer(n), widerow.ColumnBuffer(n)))(t)
			if got := len(collect(t, g.Columns(ctx, "k"))); got != 5 {
				t.Errorf("ColumnBuffer(%d): %d columns", n, got)
			}
			if got := len(collect(t, g.Range(ctx))); got != 2 {
				t.Errorf("RowBuffer(%d): %d rows", n, got)
			}
			if got := must(g.MultiGet(ctx, []any{"k", "l"}))(t); len(got) != 2 {
				t.Errorf("RowBuffer(%d): MultiGet has %d rows", n, len(got))
			}
		}
	})
}
