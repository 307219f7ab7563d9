package embedded

import "time"

// After a kill, the opening reads the log and writes it as tables, which takes it a few milliseconds a megabyte. While next to
// nothing is written, memory is written as tables instead: a store that is killed at rest opens at once.
const (
	idleAfter = time.Second
	idleBytes = 64 << 10 // fewer bytes written within idleAfter are next to nothing
	idleLog   = 1 << 20  // a shorter log is not worth a table
)

// watchIdle is the background that asks for a flush when the store is idle.
func (s *Store) watchIdle() {
	tick := time.NewTicker(idleAfter)
	defer tick.Stop()
	var seen int64
	for {
		select {
		case <-s.closing:
			return
		case <-tick.C:
			if s.idle(&seen) {
				s.askToFlush(flushAfter)
			}
		}
	}
}

// idle reports whether memory should be written as tables: next to nothing was written since the last call, which set seen to what
// was written until then, and the log is long.
func (s *Store) idle(seen *int64) bool {
	r := &s.health.room
	total := r.total.Load()
	quiet := total-*seen < idleBytes
	*seen = total
	return quiet && total-r.sealed.Load() >= idleLog
}
