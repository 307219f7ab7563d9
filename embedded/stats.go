package embedded

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/widerow/widerow/backend"
)

// counts are the figures that the store itself counts; the others are Pebble's.
type counts struct {
	delayed, refused, delay atomic.Int64 // writes, and nanoseconds
	purges, purgesFailed    atomic.Int64
	purged                  atomic.Int64 // records
	purgeTime, lastPurge    atomic.Int64 // nanoseconds, and nanoseconds since 1970
}

// purgeEnds records the end of a pass of the purge.
func (c *counts) purgeEnds(began time.Time, failed bool) {
	if failed {
		c.purgesFailed.Add(1)
	} else {
		c.purges.Add(1)
	}
	c.purgeTime.Store(int64(time.Since(began)))
	c.lastPurge.Store(time.Now().UnixNano())
}

// statsPatience is how long Stats waits for the tree and the file system.
const statsPatience = time.Second

// measuring reads figures that may have to wait for the disk: Pebble's figures are not available while
// it writes its manifest. At most one goroutine reads them. Callers wait for it for a bounded time.
type measuring struct {
	mu   sync.Mutex
	done chan struct{} // closed when the running read ends; nil if no read runs
	last backend.Stats
	at   time.Time // of last
}

// Stats implements [backend.Statser]. It never waits for the disk for more than a second: if the disk does not answer, the figures that
// need it are those of the last call, and Stats.Age says how old they are.
func (s *Store) Stats() backend.Stats {
	if !s.calls.TryRLock() {
		return backend.Stats{}
	}
	defer s.calls.RUnlock()
	st := s.measure()
	st.TakesWrites = s.health.check() == nil
	c := &s.counts
	st.WritesDelayed, st.WritesRefused, st.WriteDelay = c.delayed.Load(), c.refused.Load(), time.Duration(c.delay.Load())
	st.Purges, st.PurgesFailed, st.Purged = c.purges.Load(), c.purgesFailed.Load(), c.purged.Load()
	st.PurgeTime = time.Duration(c.purgeTime.Load())
	if at := c.lastPurge.Load(); at != 0 {
		st.LastPurge = time.Unix(0, at)
	}
	for _, f := range s.tables.Load().sorted() {
		for _, x := range f.indexes {
			switch {
			case x.isBuilt():
			case x.hasFailed():
				st.IndexesFailed++
			default:
				st.IndexBuilds++
			}
		}
	}
	return st
}

// measure returns the figures of the tree and the file system. The caller holds s.calls for reading.
func (s *Store) measure() backend.Stats {
	m := &s.measuring
	m.mu.Lock()
	done := m.done
	if done == nil {
		done = make(chan struct{})
		m.done = done
		s.background.Go(func() { s.readFigures(done) })
	}
	m.mu.Unlock()
	patience := time.NewTimer(statsPatience)
	defer patience.Stop()
	select {
	case <-done:
	case <-patience.C:
	case <-s.closing:
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	st := m.last
	if m.at.IsZero() {
		m.at = time.Now() // nothing was read yet: it is from now on that the figures are late
	}
	st.Age = time.Since(m.at)
	return st
}

// readFigures reads the figures once.
func (s *Store) readFigures(done chan struct{}) {
	st := s.treeFigures()
	st.DiskFree = -1
	if u, err := s.dir.fs.GetDiskUsage(s.dir.path); err == nil {
		st.DiskFree = int64(u.AvailBytes)
	}
	m := &s.measuring
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last, m.at, m.done = st, time.Now(), nil
	close(done)
}

// treeFigures returns Pebble's figures.
func (s *Store) treeFigures() (st backend.Stats) {
	m := s.db.Metrics()
	st.DiskSize = int64(m.DiskSpaceUsage())
	st.YoungTables = int64(m.Levels[0].Sublevels)
	for i := range m.Levels {
		l := &m.Levels[i]
		st.Tables += l.TablesCount
		st.TableSize += l.AggregateSize()
		st.Flushed += int64(l.TableBytesFlushed)
		st.Compacted += int64(l.TableBytesCompacted)
	}
	st.LogSize, st.LogWritten = int64(m.WAL.Size), int64(m.WAL.BytesWritten)
	st.MemTables, st.MemTableSize = m.MemTable.Count, int64(m.MemTable.Size)
	st.CacheSize, st.CacheHits, st.CacheMisses = m.BlockCache.Size, m.BlockCache.Hits, m.BlockCache.Misses
	st.Flushes = m.Flush.Count
	st.Compactions, st.CompactionsFailed, st.CompactionsRunning = m.Compact.Count, m.Compact.FailedCount, m.Compact.NumInProgress
	st.CompactionTime, st.CompactionDebt = m.Compact.Duration, int64(m.Compact.EstimatedDebt)
	return st
}
