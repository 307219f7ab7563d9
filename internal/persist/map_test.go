package persist

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
)

// TestMap makes the same random changes to a Map and to a Go map, and compares all old versions too.
func TestMap(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	type version struct {
		m    Map[int]
		want map[string]int
	}
	var versions []version
	var m Map[int]
	want := map[string]int{}
	for i := range 20_000 {
		key := fmt.Sprint(rnd.IntN(3000))
		if grow := i/5000%2 == 0; rnd.IntN(10) < 7 == grow {
			m = m.Set(key, i)
			want[key] = i
		} else {
			m = m.Delete(key)
			delete(want, key)
		}
		if i%1000 == 0 {
			versions = append(versions, version{m, maps.Clone(want)})
		}
	}
	for key := range want {
		m = m.Delete(key)
	}
	versions = append(versions, version{m, map[string]int{}})
	for i, v := range versions {
		if got := maps.Collect(v.m.All()); !maps.Equal(got, v.want) || v.m.Len() != len(v.want) {
			t.Fatalf("version %d has %d keys, and says %d; want %d", i, len(got), v.m.Len(), len(v.want))
		}
		for key, value := range v.want {
			if got, ok := v.m.Get(key); !ok || got != value {
				t.Fatalf("version %d has %d, %v for %s, want %d", i, got, ok, key, value)
			}
		}
		if _, ok := v.m.Get("none"); ok {
			t.Errorf("version %d has a key that was never set", i)
		}
	}
	for range versions[3].m.All() {
		break
	}
}

func BenchmarkGet(b *testing.B) {
	for _, n := range []int{1, 8, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var m Map[int]
			for i := range n {
				m = m.Set(fmt.Sprint("family", i), i)
			}
			for b.Loop() {
				m.Get("family0")
			}
		})
	}
}

func BenchmarkSet(b *testing.B) {
	for _, n := range []int{1, 8, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var m Map[int]
			for i := range n {
				m = m.Set(fmt.Sprint("family", i), i)
			}
			for b.Loop() {
				m.Set("family0", 1)
			}
		})
	}
}
