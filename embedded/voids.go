package embedded

import (
	"bytes"
	"sync"
	"sync/atomic"
)

// voids remembers intervals of keys in which a row has nothing that a reader sees, so that a reader seeks past
// them instead of stepping over tombstones, covered columns and what Pebble has not removed yet. That keeps
// queues flat: a row to which columns are appended at one end and removed from the other.
//
// Only watched rows have voids. A row becomes watched after a reader stepped over much. A writer
// tells the row each key that may come to life before its batch is applied, and that the batch has landed
// afterwards. A reader that claims the row before it opens its iterator may note a void, as it is told
// the lowest key that anyone wrote from then on or was writing then.
//
// A void never ends by itself: deletes, marks and purges remove only, and a column that expired is
// gone as long as the clock is not turned back, for which a void has a time.
type voids struct {
	// clock counts the voids that were noted. An iterator that is opened after it was read sees a
	// state that is not older than those voids.
	clock atomic.Uint64
	rows  sync.Map // from the prefix of a row to *watchedRow
	count atomic.Int32
}

const (
	// maxWatched bounds how many rows are watched, maxVoids the voids of a row, and maxVoidKey the ends of a
	// void, so that the memory in use is 16 MiB at most.
	maxWatched = 512
	maxVoids   = 16
	maxVoidKey = 1 << 10

	// watchAfter is how many records a reader steps over in vain before it asks that the row be watched,
	// and noteAfter before it notes a void of a watched row.
	watchAfter = 64
	noteAfter  = 16
)

// watchedRow is a row whose voids are known.
type watchedRow struct {
	mu    sync.Mutex
	voids []void // disjoint and in order
	// flying has the lowest key that each writer is writing.
	flying map[*writer][]byte
	// claimed is set while a reader may note voids, and lowest is the lowest key written since.
	claimed bool
	lowest  []byte
	// ended is set when the row is not watched any more. Readers that found it before may still have it, but writers
	// do not tell it any more what they write.
	ended bool
}

// void is an interval of keys, hi excluded, in which a reader sees nothing.
type void struct {
	lo, hi []byte
	noted  uint64 // by the clock: older iterators may see something
	from   int64  // the second from which on it holds
	steps  int    // how many records one steps over in it
}

// find returns the row if it is watched, and else nil.
func (v *voids) find(prefix []byte) *watchedRow {
	if v.count.Load() == 0 {
		return nil
	}
	row, _ := v.rows.Load(string(prefix))
	if row == nil {
		return nil
	}
	return row.(*watchedRow)
}

// watch begins to watch a row. The caller holds Store.writers for writing, so that no writer is in flight
// that has not seen the row watched.
func (v *voids) watch(prefix []byte) *watchedRow {
	if row := v.find(prefix); row != nil {
		return row
	}
	for v.count.Load() >= maxWatched {
		v.rows.Range(func(key, row any) bool { // any one goes
			v.rows.Delete(key)
			v.count.Add(-1)
			row.(*watchedRow).end()
			return false
		})
	}
	row := &watchedRow{flying: map[*writer][]byte{}}
	v.rows.Store(string(prefix), row)
	v.count.Add(1)
	return row
}

// end forgets the voids, and takes no new ones.
func (w *watchedRow) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended, w.voids = true, nil
}

// claim lets the caller note voids until it calls release. It reports false if another one may.
// The caller opens its iterator after it.
func (w *watchedRow) claim() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.claimed {
		return false
	}
	w.claimed, w.lowest = true, nil
	for _, key := range w.flying {
		w.lower(key)
	}
	return true
}

func (w *watchedRow) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.claimed = false
}

func (w *watchedRow) lower(key []byte) {
	if w.lowest == nil || bytes.Compare(key, w.lowest) < 0 {
		w.lowest = bytes.Clone(key)
	}
}

// writes notes that the writer is about to write the key.
func (w *watchedRow) writes(by *writer, key []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if low, ok := w.flying[by]; !ok || bytes.Compare(key, low) < 0 {
		w.flying[by] = bytes.Clone(key)
	}
	if w.claimed {
		w.lower(key)
	}
	for i := range w.voids {
		v := &w.voids[i]
		if !v.holds(key) {
			continue
		}
		left, right := *v, *v
		left.hi, right.lo = bytes.Clone(key), append(bytes.Clone(key), 0)
		right.steps = 0 // most often something was appended
		w.replace(i, i+1, left, right)
		return
	}
}

// landed notes that what the writer wrote can be read.
func (w *watchedRow) landed(by *writer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.flying, by)
}

// replace puts those of the list that are not empty in the place of some voids.
func (w *watchedRow) replace(from, to int, list ...void) {
	kept := make([]void, 0, len(w.voids)+len(list))
	kept = append(kept, w.voids[:from]...)
	for _, v := range list {
		if bytes.Compare(v.lo, v.hi) < 0 && len(v.lo) <= maxVoidKey && len(v.hi) <= maxVoidKey {
			kept = append(kept, v)
		}
	}
	w.voids = append(kept, w.voids[to:]...)
	for len(w.voids) > maxVoids {
		least := 0
		for i := range w.voids {
			if w.voids[i].steps < w.voids[least].steps {
				least = i
			}
		}
		w.voids = append(w.voids[:least], w.voids[least+1:]...)
	}
}

// note adds a void that the caller found, and joins it with those that it meets. The caller has a claim, or
// holds what keeps others from writing to the interval.
func (w *watchedRow) note(clock *atomic.Uint64, v void) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.claimed && w.lowest != nil && bytes.Compare(w.lowest, v.hi) < 0 {
		v.hi = w.lowest
	}
	if w.ended || bytes.Compare(v.lo, v.hi) >= 0 {
		return
	}
	v.lo, v.hi, v.noted = bytes.Clone(v.lo), bytes.Clone(v.hi), clock.Add(1)
	from := 0
	for from < len(w.voids) && bytes.Compare(w.voids[from].hi, v.lo) < 0 {
		from++
	}
	to := from
	for ; to < len(w.voids) && bytes.Compare(w.voids[to].lo, v.hi) <= 0; to++ {
		o := &w.voids[to]
		if bytes.Compare(o.lo, v.lo) < 0 {
			v.lo = o.lo
		}
		if bytes.Compare(o.hi, v.hi) > 0 {
			v.hi = o.hi
		}
		v.from = max(v.from, o.from)
		v.steps += o.steps
	}
	w.replace(from, to, v)
}

func (v *void) holds(key []byte) bool {
	return bytes.Compare(v.lo, key) <= 0 && bytes.Compare(key, v.hi) < 0
}

// after returns the void that a reader at the key is in, for one whose iterator was opened when
// the clock was at opened and that reads at the second now.
func (w *watchedRow) after(key []byte, opened uint64, now int64) (void, bool) {
	return w.look(opened, now, func(v *void) bool { return v.holds(key) })
}

// before is after for a reader that goes backwards and looks at what is below the key.
func (w *watchedRow) before(key []byte, opened uint64, now int64) (void, bool) {
	return w.look(opened, now, func(v *void) bool {
		return bytes.Compare(v.lo, key) < 0 && bytes.Compare(key, v.hi) <= 0
	})
}

func (w *watchedRow) look(opened uint64, now int64, is func(*void) bool) (void, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.voids {
		if v := &w.voids[i]; is(v) {
			return *v, v.noted <= opened && v.from <= now
		}
	}
	return void{}, false
}
