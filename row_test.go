package widerow_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/uuid/v5"
	"gopkg.in/inf.v0"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

func TestRepr(t *testing.T) {
	for _, tt := range []struct {
		v    any
		want string
	}{
		{nil, "None"},
		{"Tyler", "'Tyler'"},
		{[]byte("Tyler"), "'Tyler'"},
		{"it's", `"it's"`},
		{`it's "x"`, `'it\'s "x"'`},
		{"a\n\t\r\\\x00\x7f\xff", `'a\n\t\r\\\x00\x7f\xff'`},
		{"grün 日本", "'grün 日本'"},
		{"\u200b\u0085\U000e0001", `'\u200b\x85\U000e0001'`},
		{int64(42), "42"},
		{int32(-7), "-7"},
		{big.NewInt(1 << 40), "1099511627776"},
		{true, "True"},
		{false, "False"},
		{5.9, "5.9"},
		{float32(5.9), "5.9"},
		{24.0, "24.0"},
		{0.0, "0.0"},
		{1e16, "1e+16"},
		{123456789012345.0, "123456789012345.0"},
		{0.0001, "0.0001"},
		{0.00001, "1e-05"},
		{math.NaN(), "nan"},
		{math.Inf(1), "inf"},
		{math.Inf(-1), "-inf"},
		{inf.NewDec(100, 2), "Decimal('1.00')"},
		{inf.NewDec(15, math.MaxInt32), "Decimal('15E-2147483647')"},
		{inf.NewDec(15, math.MinInt32), "Decimal('15E2147483648')"},
		{new(big.Int).Lsh(big.NewInt(1), 1<<20), "0x1" + strings.Repeat("0", 1<<18)},
		{uuid.Must(uuid.FromString("13814000-1dd2-11b2-8080-808080808080")), "UUID('13814000-1dd2-11b2-8080-808080808080')"},
		{time.Date(2010, 12, 11, 8, 2, 15, 0, time.UTC), "datetime.datetime(2010, 12, 11, 8, 2, 15)"},
		{time.Date(2010, 12, 11, 8, 2, 0, 0, time.UTC), "datetime.datetime(2010, 12, 11, 8, 2)"},
		{time.Date(2010, 12, 11, 8, 2, 0, 5000, time.UTC), "datetime.datetime(2010, 12, 11, 8, 2, 0, 5)"},
		{coltype.Tuple{int64(1234), "abc"}, "(1234, 'abc')"},
		{coltype.Tuple{int64(1)}, "(1,)"},
		{coltype.Tuple{coltype.As(coltype.Long, 5), coltype.Alias('u', "x")}, "(('LongType', 5), ('u', 'x'))"},
		{netip.MustParseAddr("10.0.0.1"), "'10.0.0.1'"},
		{widerow.Row{Columns: []widerow.Column{{Name: "a", Value: int64(1)}}}, "{'a': 1}"},
	} {
		if got := widerow.Repr(tt.v); got != tt.want {
			t.Errorf("Repr(%#v) = %s, want %s", tt.v, got, tt.want)
		}
	}
}

func TestRow(t *testing.T) {
	id := uuid.Must(uuid.NewV4())
	row := widerow.Row{Key: "k", Columns: []widerow.Column{
		{Name: "text", Value: "a"},
		{Name: []byte("bytes"), Value: []byte("b")},
		{Name: int64(42), Value: int64(1)},
		{Name: big.NewInt(43), Value: int64(2)},
		{Name: coltype.Tuple{int64(1), "x"}, Value: int64(3)},
		{Name: id, Value: int64(4)},
		{Name: time.Unix(1, 0).UTC(), Value: int64(5)},
	}}
	for _, tt := range []struct {
		name any
		want any
	}{
		{"text", "a"},
		{[]byte("text"), "a"},
		{42, int64(1)},
		{uint8(42), int64(1)},
		{big.NewInt(42), int64(1)},
		{43, int64(2)},
		{coltype.Tuple{1, "x"}, int64(3)},
		{[]any{int32(1), []byte("x")}, int64(3)},
		{id, int64(4)},
		{time.Unix(1, 0), int64(5)},
		{"42", nil},
		{coltype.Tuple{1}, nil},
		{nil, nil},
		{3.5, nil},
	} {
		if got := row.Value(tt.name); got != tt.want {
			t.Errorf("Value(%#v) = %v, want %v", tt.name, got, tt.want)
		}
		if _, ok := row.Get(tt.name); ok != (tt.want != nil) {
			t.Errorf("Get(%#v) ok = %v", tt.name, ok)
		}
	}
	if got := row.Value("bytes"); string(got.([]byte)) != "b" {
		t.Errorf(`Value("bytes") = %v`, got)
	}
	m := row.Map()
	if m["text"] != "a" || m["42"] != int64(1) || m["(1, 'x')"] != int64(3) {
		t.Errorf("Map() = %v", m)
	}
	n := 0
	for name, value := range row.All() {
		if n++; value == nil || name == nil {
			t.Errorf("All yields %v, %v", name, value)
		}
		if n == 3 {
			break
		}
	}
	super := widerow.Row{Columns: []widerow.Column{{Name: "s", Columns: row.Columns[:1]}}}
	if got := fmt.Sprint(super.Map()); got != "map[s:map[text:a]]" {
		t.Errorf("Map of a super row: %s", got)
	}
	s, _ := super.Get("s")
	if c, ok := s.Get("text"); !ok || c.Value != "a" || !s.IsSuper() || s.Map()["text"] != "a" {
		t.Errorf("super column %v", s)
	}
	for name, value := range super.All() {
		if name != "s" || value.([]widerow.Column)[0].Value != "a" {
			t.Errorf("All of a super row yields %v, %v", name, value)
		}
	}
}

func TestErrorText(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		f := s.family(t, text("Users"))
		long := string(make([]byte, 500))
		for key, want := range map[any]string{
			"k":        `widerow: get Users["k"]: not found`,
			"\x01\x02": `widerow: get Users["\x01\x02"]: not found`,
			5:          `widerow: get Users[5]: invalid request: key 5: `,
		} {
			_, err := f.Get(ctx, key)
			if err == nil || !contains(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		}
		if _, err := f.Get(ctx, long); len(err.Error()) > 600 {
			t.Errorf("a long key makes an error of %d bytes", len(err.Error()))
		}
		raw := s.family(t, schema.Family{Name: "Raw"})
		_, err := raw.Get(ctx, []byte{0xff, 0xfe})
		if err == nil || err.Error() != "widerow: get Raw[0xfffe]: not found" {
			t.Errorf("a key that is not text: %v", err)
		}
		e, ok := errors.AsType[*widerow.Error](err)
		if !ok || e.Op != "get" || e.Target != "Raw[0xfffe]" {
			t.Errorf("error %+v", e)
		}
		se, ok := errors.AsType[*widerow.StoreError](err)
		if !ok || se.Kind != backend.KindNotFound {
			t.Errorf("store error %+v", se)
		}
		if widerow.SafeToRetry(err) || widerow.SafeToRetry(nil) || widerow.SafeToRetry(errors.New("other")) {
			t.Error("a call that would fail again is reported as safe to retry")
		}
	})
}

// TestTypes stores a name, key and value of every type.
func TestTypes(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		v1 := uuid.Must(uuid.NewV1())
		v4 := uuid.Must(uuid.NewV4())
		at := time.Date(2010, 12, 11, 8, 2, 15, 7e6, time.UTC)
		for i, tt := range []struct {
			class     string
			in, other any // other is a second value that packs to the same bytes
			want      any
		}{
			{schema.ASCIIType, "abc", []byte("abc"), "abc"},
			{schema.UTF8Type, "grün", []byte("grün"), "grün"},
			{schema.LongType, 42, uint16(42), int64(42)},
			{schema.Int32Type, 42, int64(42), int32(42)},
			{schema.DoubleType, 2.5, float32(2.5), 2.5},
			{schema.FloatType, float32(2.5), 2.5, float32(2.5)},
			{schema.BooleanType, true, true, true},
			{schema.DateType, at, at.In(time.FixedZone("x", 3600)), at},
			{schema.UUIDType, v4, v4, v4},
			{schema.TimeUUIDType, v1, v1, v1},
			{schema.LexicalUUIDType, v4, v4, v4},
			{schema.InetAddressType, netip.MustParseAddr("::1"), "::1", netip.MustParseAddr("::1")},
			{"CompositeType(LongType(reversed=true),AsciiType)", coltype.Tuple{1234, "abc"}, []any{1234, "abc"}, "(1234, 'abc')"},
			{schema.IntegerType, 1 << 40, big.NewInt(1 << 40), "1099511627776"},
			{schema.DecimalType, inf.NewDec(150, 2), inf.NewDec(150, 2), "Decimal('1.50')"},
		} {
			f := s.family(t, typedFamily(fmt.Sprint("F", i), tt.class))
			insert(t, f, tt.in, widerow.Values{{tt.in, tt.in}})
			row := must(f.Get(ctx, tt.other, widerow.Names(tt.other)))(t)
			for what, got := range map[string]any{"key": row.Key, "name": row.Columns[0].Name, "value": row.Columns[0].Value} {
				if fmt.Sprintf("%T", tt.want) == "string" && fmt.Sprintf("%T", got) != "string" {
					got = widerow.Repr(got)
				}
				if got != tt.want {
					t.Errorf("%s: the %s is %T %v, want %v", tt.class, what, got, got, tt.want)
				}
			}
			if n := len(collect(t, f.Columns(ctx, tt.in, widerow.Slice(tt.in, tt.in)))); n != 1 {
				t.Errorf("%s: a slice of the name alone has %d columns", tt.class, n)
			}
		}
	})
}

// TestCompositeSlices checks pycassa's slices of composites: partial and exclusive ends, and pages
// between them.
func TestCompositeSlices(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		def := text("F")
		def.Comparator = "CompositeType(LongType,AsciiType,LongType)"
		f := s.family(t, def)
		var cols widerow.Values
		for _, a := range []int{122, 123, 124} {
			for _, b := range []string{"a", "b", "c"} {
				for c := range 2 {
					cols = append(cols, [2]any{coltype.Tuple{a, b, c}, "v"})
				}
			}
		}
		insert(t, f, "k", cols)
		for _, tt := range []struct {
			name     string
			from, to any
			first    string
			n        int
		}{
			{"one component", coltype.Tuple{123}, coltype.Tuple{123}, "(123, 'a', 0)", 6},
			{"two components", coltype.Tuple{123, "b"}, coltype.Tuple{123, "b"}, "(123, 'b', 0)", 2},
			{"inclusive", nil, coltype.Tuple{123, "b"}, "(122, 'a', 0)", 10},
			{"exclusive end", coltype.Tuple{123}, coltype.Tuple{123, coltype.Exclusive("b")}, "(123, 'a', 0)", 2},
			{"exclusive start", coltype.Tuple{123, coltype.Exclusive("a")}, coltype.Tuple{123}, "(123, 'b', 0)", 4},
		} {
			for buffer := 1; buffer < 5; buffer++ {
				got := collect(t, f.Columns(ctx, "k", widerow.Slice(tt.from, tt.to), widerow.Buffer(buffer)))
				if len(got) != tt.n || widerow.Repr(got[0].Name) != tt.first {
					t.Errorf("%s: %d columns from %v, want %d from %s", tt.name, len(got), got[0], tt.n, tt.first)
				}
				if tt.from == nil {
					continue
				}
				back := collect(t, f.Columns(ctx, "k", widerow.Slice(tt.to, tt.from), widerow.Buffer(buffer), widerow.Reversed()))
				if len(back) != tt.n || widerow.Repr(back[tt.n-1].Name) != tt.first {
					t.Errorf("%s backwards: %v", tt.name, back)
				}
			}
		}
	})
}

// TestTimeSlices checks pycassa's slices of time UUIDs that end at a time.
func TestTimeSlices(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		for i, class := range []string{schema.TimeUUIDType, "TimeUUIDType(reversed=true)"} {
			def := text(fmt.Sprint("Line", i))
			def.Comparator = class
			f := s.family(t, def)
			at := time.Date(2010, 12, 11, 8, 2, 15, 0, time.UTC)
			for m := range 5 {
				insert(t, f, "line", widerow.Values{{at.Add(time.Duration(m) * time.Minute), fmt.Sprint(m)}})
			}
			insert(t, f, "line", widerow.Values{{at.Add(time.Minute), "twin"}})
			from, to := at.Add(time.Minute), at.Add(3*time.Minute)
			if i == 1 {
				from, to = to, from
			}
			got := collect(t, f.Columns(ctx, "line", widerow.Slice(from, to)))
			if len(got) != 4 {
				t.Errorf("%s: %d columns from minute 1 to 3, want 4", class, len(got))
			}
			if got := collect(t, f.Columns(ctx, "line", widerow.Slice(at, at))); len(got) != 1 || got[0].Value != "0" {
				t.Errorf("%s: columns of one instant: %v", class, got)
			}
		}
	})
}
