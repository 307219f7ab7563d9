package embedded

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestIdleStoreKeepsNoLog lets a store be idle. Its memory is flushed to tables once, so that an
// opening after a kill has no log to replay.
func TestIdleStoreKeepsNoLog(t *testing.T) {
	o := manual(newClock(), "")
	o.MemTableSize = 16 << 20
	s := mustOpen(t, filepath.Join(t.TempDir(), "store"), o)
	alter(t, s, testKeyspace())
	var seen int64
	if s.idle(&seen); s.idle(&seen) {
		t.Error("a store with a short log asks for a flush")
	}
	for i := 0; s.health.room.total.Load()-s.health.room.sealed.Load() < 2*idleLog; i++ {
		mustMutate(t, s, mutate("cf", fmt.Sprint(i), ins("a", strings.Repeat("x", 10_000), 1)))
	}
	if s.idle(&seen) {
		t.Error("a store that was just written to counts as idle")
	}
	if !s.idle(&seen) {
		t.Fatal("an idle store with a long log does not count as idle")
	}
	if err := s.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.idle(&seen) {
		t.Error("an idle store asks for a second flush")
	}
	if size := s.db.Metrics().WAL.Size; size >= idleLog {
		t.Errorf("the log has %d bytes after the flush", size)
	}
}
