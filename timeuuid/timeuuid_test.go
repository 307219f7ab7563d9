package timeuuid_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow/timeuuid"
)

var noon = time.Date(2012, 5, 6, 12, 0, 0, 123456789, time.UTC)

func TestTime(t *testing.T) {
	tests := []struct{ uuid, time string }{
		{"00000000-0000-1000-8080-808080808080", "1582-10-15T00:00:00Z"},
		{"13814000-1dd2-11b2-8000-000000000000", "1970-01-01T00:00:00Z"},
		{"13814001-1dd2-11b2-8000-000000000000", "1970-01-01T00:00:00.0000001Z"},
		{"d2177dd0-eaa2-11de-a572-001b779c76e3", "2009-12-17T00:26:29.805Z"},
		{"ffffffff-ffff-1fff-bf7f-7f7f7f7f7f7f", "5236-03-31T21:21:00.6846975Z"},
	}
	for _, tt := range tests {
		got, err := timeuuid.Time(uuid.Must(uuid.FromString(tt.uuid)))
		if err != nil || got.Format(time.RFC3339Nano) != tt.time {
			t.Errorf("Time(%s) = %s, %v, want %s", tt.uuid, got.Format(time.RFC3339Nano), err, tt.time)
		}
	}
	if _, err := timeuuid.Time(uuid.Must(uuid.NewV4())); err == nil {
		t.Error("Time of a UUID of version 4: no error")
	}
}

func TestFromTime(t *testing.T) {
	u, err := timeuuid.FromTime(time.Unix(0, 0), 0xffff, [6]byte{1, 2, 3, 4, 5, 6})
	if want := "13814000-1dd2-11b2-bfff-010203040506"; err != nil || u.String() != want {
		t.Errorf("FromTime = %v, %v, want %s", u, err, want)
	}
	first := time.Date(1582, 10, 15, 0, 0, 0, 0, time.UTC)
	last := time.Date(5236, 3, 31, 21, 21, 0, 684697599, time.UTC)
	for _, tt := range []struct {
		time time.Time
		ok   bool
	}{
		{first, true}, {first.Add(-1), false}, {last, true}, {last.Add(1), false}, {time.Time{}, false},
	} {
		u, err := timeuuid.FromTime(tt.time, 0, [6]byte{})
		if (err == nil) != tt.ok {
			t.Errorf("FromTime(%v): error %v, want ok %v", tt.time, err, tt.ok)
		}
		if err != nil {
			continue
		}
		if back, _ := timeuuid.Time(u); !back.Equal(tt.time.Truncate(100)) {
			t.Errorf("FromTime(%v) has the time %v", tt.time, back)
		}
	}
}

func TestBounds(t *testing.T) {
	low, high := timeuuid.Lowest(noon), timeuuid.Highest(noon)
	if got, _ := timeuuid.Time(low); !got.Equal(noon.Truncate(time.Microsecond)) {
		t.Errorf("Lowest has the time %v", got)
	}
	if got, _ := timeuuid.Time(high); !got.Equal(noon.Truncate(time.Microsecond).Add(900)) {
		t.Errorf("Highest has the time %v", got)
	}
	for range 10000 {
		u, err := timeuuid.Random(noon)
		if err != nil {
			t.Fatal(err)
		}
		if u.Version() != 1 || u.Variant() != uuid.VariantRFC9562 || u[10]&1 == 0 {
			t.Fatalf("Random = %v: version %d, variant %d, node %x", u, u.Version(), u.Variant(), u[10:])
		}
		if timeuuid.Compare(low, u) >= 0 || timeuuid.Compare(u, high) >= 0 {
			t.Fatalf("%v is not between %v and %v", u, low, high)
		}
	}
	if u := timeuuid.Lowest(time.Time{}); u != timeuuid.MinUUID {
		t.Errorf("Lowest of the year 1 = %v, want %v", u, timeuuid.MinUUID)
	}
	if u := timeuuid.Highest(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)); u != timeuuid.MaxUUID {
		t.Errorf("Highest of the year 9999 = %v, want %v", u, timeuuid.MaxUUID)
	}
}

func TestRandomDiffers(t *testing.T) {
	seen := map[uuid.UUID]bool{}
	for range 1000 {
		u, err := timeuuid.Random(noon)
		if err != nil || seen[u] {
			t.Fatalf("Random = %v again, or error %v", u, err)
		}
		seen[u] = true
	}
}

func TestCompare(t *testing.T) {
	ascending := []string{
		"00000000-0000-1000-8080-808080808080",
		"ffffffff-0000-1000-8080-808080808080",
		"00000000-0001-1000-8080-808080808080",
		"00000000-0000-1001-8080-808080808080",
		"00000000-0000-1001-8000-000000000000",
		"00000000-0000-1001-8001-000000000000",
		"00000000-0000-1001-bfff-ffffffffffff",
		"00000000-0000-1001-bf7f-7f7f7f7f7f7f",
		"ffffffff-ffff-1fff-bf7f-7f7f7f7f7f7f",
	}
	for i, a := range ascending {
		for j, b := range ascending {
			got := timeuuid.Compare(uuid.Must(uuid.FromString(a)), uuid.Must(uuid.FromString(b)))
			if want := min(1, max(-1, i-j)); got != want {
				t.Errorf("Compare(%s, %s) = %d, want %d", a, b, got, want)
			}
		}
	}
}

func Example() {
	day := time.Date(2012, 5, 6, 0, 0, 0, 0, time.UTC)
	from, to := timeuuid.Lowest(day), timeuuid.Highest(day)
	fmt.Println(from)
	fmt.Println(to)
	first, _ := timeuuid.Time(from)
	last, _ := timeuuid.Time(to)
	fmt.Println(last.Sub(first))
	// Output:
	// 6c4ac000-970e-11e1-8080-808080808080
	// 6c4ac009-970e-11e1-bf7f-7f7f7f7f7f7f
	// 900ns
}

func BenchmarkRandom(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := timeuuid.Random(noon); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	b.ReportAllocs()
	x, y := timeuuid.Lowest(noon), timeuuid.Highest(noon)
	for b.Loop() {
		timeuuid.Compare(x, y)
	}
}
