package embedded

import "time"

// After a kill, Open reads the log and writes it as tables, which takes a few milliseconds a megabyte. So an idle
// store flushes its memtables: if it is killed, it opens at once.
const (
	idleAfter = time.Second
	idleBytes = 64 << 10 // a store is idle if fewer bytes were written within idleAfter
	idleLog   = 1 << 20  // a shorter log is not worth a table
)

// watchIdle runs in the background and requests a flush when the store is idle.
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

// idle reports whether the memtables should be flushed: fewer than idleBytes were written since the last call, and the log is long.
// seen holds the number of bytes that were written up to the last call.
func (s *Store) idle(seen *int64) bool {
	r := &s.health.room
	total := r.total.Load()
	quiet := total-*seen < idleBytes
	*seen = total
	return quiet && total-r.sealed.Load() >= idleLog
}
