package embedded

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// TestReadOnlyAfterPowerLoss damages a store's logs by a power loss. It reads the store, copies it
// and opens it for writing. All three must find the same contents, a prefix of what was written.
func TestReadOnlyAfterPowerLoss(t *testing.T) {
	const rows = 60
	o := manual(newClock(), "")
	o.Durability = NoSync
	readers := readOnlyOptions(newClock())
	count := func(s *Store) (n int) {
		t.Helper()
		for n < rows && columns(t, s, "cf", fmt.Sprint(n)) != "" {
			n++
		}
		for i := n; i < rows; i++ {
			if columns(t, s, "cf", fmt.Sprint(i)) != "" {
				t.Errorf("row %d exists, and row %d is missing", i, n)
			}
		}
		return n
	}
	cut := 0
	// Which blocks are lost depends on when the log was written, too: a few rounds can pass without a damaged log.
	for seed := uint64(0); seed < 12 || cut == 0 && seed < 500; seed++ {
		random := rand.New(rand.NewPCG(seed, 3))
		disk := newCrashFS()
		s, err := open(disk, "store", o)
		if err != nil {
			t.Fatal(err)
		}
		alter(t, s, testKeyspace())
		for i := range rows {
			value := strings.Repeat(fmt.Sprint(i), 500+random.IntN(4000))
			mustMutate(t, s, mutate("cf", fmt.Sprint(i), ins("a", value, 1)))
		}
		left := disk.lose(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: random})
		mustClose(t, s)
		if s, err = open(left, "store", readers); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if _, ok := s.dir.fs.(*cutFS); ok {
			cut++
		}
		read := count(s)
		copied := filepath.Join(t.TempDir(), "copy")
		if err := s.Checkpoint(t.Context(), copied); err != nil {
			t.Fatal(err)
		}
		mustClose(t, s)
		if n := count(mustOpen(t, copied, readOnlyOptions(newClock()))); n != read {
			t.Errorf("seed %d: a copy has %d rows, want %d", seed, n, read)
		}
		if s, err = open(left, "store", o); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if n := count(s); n != read {
			t.Errorf("seed %d: the reader had %d rows, and the writer has %d", seed, read, n)
		}
		mustClose(t, s)
	}
	if cut == 0 {
		t.Error("no log was damaged")
	}
}
