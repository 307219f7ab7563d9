package coltype_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/timeuuid"
)

func TestTuples(t *testing.T) {
	dynamic := DynamicComposite(map[byte]Type{'l': Long, 'a': ASCII})
	three := Composite(Long, ASCII, Long)
	const one, two = "0008000000000000000100", "0008000000000000000200"
	tests := []struct {
		typ  Type
		in   any
		hex  string
		want any
	}{
		{three, Tuple{1, "b", 2}, one + "00016200" + two, Tuple{int64(1), "b", int64(2)}},
		{three, []any{1, "b"}, one + "00016200", Tuple{int64(1), "b"}},
		{three, [1]int{2}, two, Tuple{int64(2)}},
		{three, Tuple{}, "", Tuple{}},
		{three, Tuple{1, ""}, one + "000000", Tuple{int64(1), ""}},
		{three, Tuple{Edge{1, -1}}, "00080000000000000001ff", Tuple{Edge{int64(1), -1}}},
		{
			dynamic,
			Tuple{Alias('l', 1), As(UTF8, "é")},
			"806c" + one + "0028" + fmt.Sprintf("%x", UTF8.String()) + "0002c3a900",
			Tuple{Part{'l', Long, int64(1)}, Part{0, UTF8, "é"}},
		},
		{Reversed(three), Tuple{1}, one, Tuple{int64(1)}},
	}
	for _, tt := range tests {
		b, err := Pack(tt.typ, tt.in)
		if err != nil || fmt.Sprintf("%x", b) != tt.hex {
			t.Errorf("Pack(%v, %v) = %x, %v, want %s", tt.typ, tt.in, b, err, tt.hex)
			continue
		}
		got, err := tt.typ.Unpack(b)
		if diff := cmp.Diff(tt.want, got, compared); err != nil || diff != "" {
			t.Errorf("%v.Unpack(%x): %v, difference:\n%s", tt.typ, b, err, diff)
		}
	}
}

// TestBounds packs ends of slices and checks which names are between them.
func TestBounds(t *testing.T) {
	pair, pairReversed := Composite(Long, ASCII), Composite(Reversed(Long), ASCII)
	names := []Tuple{{1, "a"}, {1, "b"}, {1, "c"}, {2, "a"}, {2, "b"}, {3, "a"}}
	tests := []struct {
		typ      Type
		from, to Tuple
		want     string
	}{
		{pair, Tuple{1}, Tuple{1}, "[[1 a] [1 b] [1 c]]"},
		{pair, Tuple{1}, Tuple{2}, "[[1 a] [1 b] [1 c] [2 a] [2 b]]"},
		{pair, Tuple{1}, Tuple{Exclusive(2)}, "[[1 a] [1 b] [1 c]]"},
		{pair, Tuple{Exclusive(1)}, Tuple{3}, "[[2 a] [2 b] [3 a]]"},
		{pair, Tuple{1, "b"}, Tuple{2, "a"}, "[[1 b] [1 c] [2 a]]"},
		{pair, Tuple{1, Exclusive("b")}, Tuple{2, Exclusive("a")}, "[[1 c]]"},
		{pair, Tuple{}, Tuple{1, "b"}, "[[1 a] [1 b]]"},
		{pairReversed, Tuple{2}, Tuple{Exclusive(1)}, "[[2 a] [2 b]]"},
		{pairReversed, Tuple{2}, Tuple{1, "a"}, "[[1 a] [2 a] [2 b]]"},
		{Reversed(pair), Tuple{2}, Tuple{1, Exclusive("b")}, "[[1 c] [2 a] [2 b]]"},
		{Reversed(pair), Tuple{Exclusive(2)}, Tuple{1}, "[[1 a] [1 b] [1 c]]"},
		{Composite(pair, Long), Tuple{Tuple{1, "b"}, 5}, Tuple{Tuple{1, "c"}, 5}, "[[1 b] [1 c]]"},
	}
	for _, tt := range tests {
		from, err := PackBound(tt.typ, tt.from, Lower)
		if err != nil {
			t.Fatal(err)
		}
		to, err := PackBound(tt.typ, tt.to, Upper)
		if err != nil {
			t.Fatal(err)
		}
		in := []Tuple{}
		for _, name := range names {
			var v any = name
			if c, ok := tt.typ.(*CompositeType); ok && Equal(c.Components()[0], pair) {
				v = Tuple{name, 5}
			}
			b, err := Pack(tt.typ, v)
			if err != nil {
				t.Fatal(err)
			}
			if tt.typ.Compare(from, b) <= 0 && tt.typ.Compare(b, to) <= 0 {
				in = append(in, name)
			}
		}
		if got := fmt.Sprint(in); got != tt.want {
			t.Errorf("%v from %v to %v: %s, want %s", tt.typ, tt.from, tt.to, got, tt.want)
		}
	}
	// The wanted bytes are pycassa's for (1, "b") and (1, ("b", False)).
	for _, tt := range []struct {
		v    Tuple
		b    Bound
		want string
	}{
		{Tuple{1, "b"}, Lower, "0008000000000000000100000162ff"},
		{Tuple{1, "b"}, Upper, "000800000000000000010000016201"},
		{Tuple{1, Exclusive("b")}, Lower, "000800000000000000010000016201"},
		{Tuple{1, Exclusive("b")}, Upper, "0008000000000000000100000162ff"},
	} {
		if b, err := PackBound(pair, tt.v, tt.b); err != nil || fmt.Sprintf("%x", b) != tt.want {
			t.Errorf("PackBound(%v, %d) = %x, %v, want %s", tt.v, tt.b, b, err, tt.want)
		}
	}
}

// TestTimeBounds packs a time as the end of a slice of time UUIDs, also in composites and reversed.
func TestTimeBounds(t *testing.T) {
	wrap := func(v any) any { return Tuple{v} }
	exclusive := func(v any) any { return Tuple{Exclusive(v)} }
	same := func(v any) any { return v }
	name, err := timeuuid.Random(someTime)
	if err != nil {
		t.Fatal(err)
	}
	seconds := float64(someTime.UnixMicro()) / 1e6
	for _, tt := range []struct {
		typ       Type
		name, end func(any) any
		within    bool
	}{
		{TimeUUID, same, same, true},
		{UUID, same, same, true},
		{Reversed(TimeUUID), same, same, true},
		{Reversed(Reversed(TimeUUID)), same, same, true},
		{Composite(TimeUUID), wrap, wrap, true},
		{Composite(TimeUUID), wrap, exclusive, false},
		{Composite(Reversed(TimeUUID)), wrap, wrap, true},
		{Composite(Reversed(TimeUUID)), wrap, exclusive, false},
		{Reversed(Composite(TimeUUID)), wrap, wrap, true},
		{Reversed(Composite(TimeUUID)), wrap, exclusive, false},
	} {
		for _, moment := range []any{someTime, someTime.In(tokyo), seconds} {
			b, err := Pack(tt.typ, tt.name(name))
			if err != nil {
				t.Fatal(err)
			}
			from, err := PackBound(tt.typ, tt.end(moment), Lower)
			if err != nil {
				t.Fatal(err)
			}
			to, err := PackBound(tt.typ, tt.end(moment), Upper)
			if err != nil {
				t.Fatal(err)
			}
			if got := tt.typ.Compare(from, b) < 0 && tt.typ.Compare(b, to) < 0; got != tt.within {
				t.Errorf("%v: the UUID is within its time: %v, want %v", tt.typ, got, tt.within)
			}
		}
	}
	a, _ := Pack(TimeUUID, time.Unix(1, 0))
	b, _ := Pack(TimeUUID, time.Unix(1, 0))
	if string(a) == string(b) {
		t.Error("two names of one time are the same")
	}
}

func TestNext(t *testing.T) {
	dynamic := DynamicComposite(map[byte]Type{'l': Long})
	b, err := Pack(dynamic, Tuple{Alias('l', 1), Edge{As(ASCII, "x"), 1}})
	if err != nil {
		t.Fatal(err)
	}
	first, rest, err := dynamic.Next(0, b)
	if err != nil || first.Type != Long || string(first.Header) != "\x80l" || len(first.Value) != 8 || first.End != 0 {
		t.Errorf("Next = %+v, %v", first, err)
	}
	second, rest, err := dynamic.Next(1, rest)
	if err != nil || second.Type != ASCII || string(second.Value) != "x" || second.End != 1 || len(rest) != 0 {
		t.Errorf("Next = %+v, %x, %v", second, rest, err)
	}
}
