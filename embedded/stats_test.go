package embedded

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
)

// TestStats checks the figures of a store after a bit of everything.
func TestStats(t *testing.T) {
	c := newClock()
	s := mustOpen(t, t.TempDir(), manual(c, ""))
	defer mustClose(t, s)
	alter(t, s, testKeyspace())
	if st := s.Stats(); !st.TakesWrites || st.Purges != 0 || !st.LastPurge.IsZero() || st.Flushed != 0 {
		t.Errorf("the figures of a new store are %+v", st)
	}
	for _, name := range []string{"a", "b", "c"} {
		mustMutate(t, s, mutate("cf", "k", ins(name, "1", 1)))
	}
	if st := s.Stats(); st.LogSize == 0 || st.MemTables == 0 || st.MemTableSize == 0 {
		t.Errorf("after writes: %+v", st)
	}
	mustMutate(t, s, mutate("cf", "k", backend.Mutation{Op: backend.Delete, Timestamp: 2}))
	if err := s.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Advance(afterGrace)
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	st := s.Stats()
	if st.Tables == 0 || st.TableSize == 0 || st.DiskSize < st.TableSize || st.Flushes == 0 || st.Flushed == 0 || st.YoungTables == 0 {
		t.Errorf("after a flush: %+v", st)
	}
	if st.DiskFree <= 0 {
		t.Errorf("%d bytes of the disk are free", st.DiskFree)
	}
	if st.Purges != 1 || st.PurgesFailed != 0 || st.Purged != 4 || st.LastPurge.IsZero() {
		t.Errorf("after a purge of 3 columns and a tombstone: %+v", st)
	}
	if st.WritesDelayed != 0 || st.WritesRefused != 0 || st.IndexBuilds != 0 || st.IndexesFailed != 0 {
		t.Errorf("nothing was delayed, refused or built: %+v", st)
	}
}

// TestStatsOfIndexes counts indexes that are being built and indexes that cannot be built.
func TestStatsOfIndexes(t *testing.T) {
	s := mustOpenMemory(t, manual(newClock(), ""))
	alter(t, s, testKeyspace())
	if got := s.Stats().DiskFree; got != -1 {
		t.Errorf("a store in memory has %d bytes of a disk, want -1", got)
	}
	for s.Stats().IndexBuilds > 0 { // wait for the indexes of the keyspace
		time.Sleep(time.Millisecond)
	}
	building := &index{build: &build{done: make(chan struct{}), failed: make(chan struct{})}}
	f := s.tables.Load().sorted()[0]
	f.indexes = append(f.indexes, building)
	if st := s.Stats(); st.IndexBuilds != 1 || st.IndexesFailed != 0 {
		t.Errorf("%d builds, %d failed, want 1 and 0", st.IndexBuilds, st.IndexesFailed)
	}
	close(building.build.failed)
	if st := s.Stats(); st.IndexBuilds != 0 || st.IndexesFailed != 1 {
		t.Errorf("%d builds, %d failed, want 0 and 1", st.IndexBuilds, st.IndexesFailed)
	}
	f.indexes = f.indexes[:len(f.indexes)-1]
	mustClose(t, s)
	if st := s.Stats(); st != (backend.Stats{}) {
		t.Errorf("the figures of a closed store are %+v", st)
	}
}

// TestStatsOfWrites counts writes that wait and writes that are refused.
func TestStatsOfWrites(t *testing.T) {
	s, _ := openFaulty(t)
	defer mustClose(t, s)
	s.health.room.deep.Store(true)
	got := make(chan error)
	go func() { got <- s.Mutate(t.Context(), mutate("cf", "k", ins("a", "1", 1))) }()
	for s.counts.delayed.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	s.health.room.deep.Store(false)
	s.health.roomChanged()
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	s.health.breaks(syscall.EIO)
	if err := s.Mutate(t.Context(), mutate("cf", "k", ins("a", "1", 1))); !errors.Is(err, backend.ErrNoWrites) {
		t.Errorf("Mutate: %v, want ErrNoWrites", err)
	}
	st := s.Stats()
	s.health.broken.Store(nil)
	if st.TakesWrites || st.WritesDelayed != 1 || st.WriteDelay <= 0 || st.WritesRefused != 1 {
		t.Errorf("after one write waited and one was refused: %+v", st)
	}
}

// TestStatsWhileManifestFails asks for figures while Pebble cannot report them.
func TestStatsWhileManifestFails(t *testing.T) {
	s, fs := openFaulty(t)
	defer mustClose(t, s)
	mustMutate(t, s, mutate("cf", "k", ins("a", "1", 1)))
	before := s.Stats()
	fs.fault.Store(forLong(&fault{err: syscall.ENOSPC, names: "MANIFEST", write: true, sync: true, create: true}))
	if _, err := s.db.AsyncFlush(); err != nil {
		t.Fatal(err)
	}
	for s.health.troubles[manifestTrouble].Load() == nil {
		time.Sleep(time.Millisecond)
	}
	if st := s.Stats(); st.MemTableSize != before.MemTableSize || st.Age < statsPatience {
		t.Errorf("the figures are %+v, want the earlier ones, %+v", st, before)
	}
	fs.fault.Store(nil)
	for s.health.inTrouble() { // Close does not wait for the end of the trouble
		time.Sleep(time.Millisecond)
	}
}

func BenchmarkStats(b *testing.B) {
	s := mustOpen(b, b.TempDir(), nil)
	defer mustClose(b, s)
	b.ReportAllocs()
	for b.Loop() {
		_ = s.Stats()
	}
}
