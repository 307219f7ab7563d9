package embedded

import (
	"strings"
	"testing"
	"time"
)

func TestDurabilityText(t *testing.T) {
	for _, d := range []Durability{Sync, NoSync, Periodic(10 * time.Second), Periodic(50 * time.Millisecond)} {
		got, err := ParseDurability(d.String())
		if err != nil || got != d {
			t.Errorf("ParseDurability(%q) = %v, %v", d, got, err)
		}
	}
	for _, s := range []string{"often", "-1s", "0s"} {
		if d, err := ParseDurability(s); err == nil {
			t.Errorf("ParseDurability(%q) = %v, want an error", s, d)
		}
	}
}

func TestValidate(t *testing.T) {
	for want, o := range map[string]*Options{
		"partitioner":  {Partitioner: "alphabetical"},
		"interval":     {Durability: Periodic(0)},
		"MemTableSize": {MemTableSize: 2 << 30},
	} {
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Validate(%+v) = %v, want an error about %q", o, err, want)
		}
		if _, err := OpenMemory(o); err == nil {
			t.Errorf("OpenMemory(%+v) has no error", o)
		}
	}
}

// TestPeriodicSync opens a store with periodic syncs and closes it at once.
func TestPeriodicSync(t *testing.T) {
	o := manual(newClock(), "")
	o.Durability = Periodic(time.Millisecond)
	dir := t.TempDir()
	s := mustOpen(t, dir, o)
	alter(t, s, testKeyspace())
	for range 100 {
		mustMutate(t, s, mutate("cf", "k", ins("a", "1", 1)))
	}
	mustClose(t, s)
	if got := columns(t, mustOpen(t, dir, o), "cf", "k"); got != "a=1" {
		t.Errorf("after reopening the row is %q", got)
	}
}
