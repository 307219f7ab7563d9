package embedded

import (
	"bytes"
	"sync"
	"sync/atomic"
)

// voids remembers intervals of keys in which a row has no live column, so that a reader seeks past
// them instead of stepping over tombstones, covered columns and records that Pebble has not removed yet. So a queue
// stays fast: a row to which columns are appended at one end and from which they are removed at the other.
//
// Only watched rows have voids. A row becomes watched after a reader stepped over many records. Before its batch is
// applied, a writer reports to the watched row each key that may become live; afterwards it reports that the batch has landed.
// A reader that claims the row before it opens its iterator may record a void, since the row knows the lowest key
// that was being written then or was written later.
//
// A void needs no expiry: deletes, marks and purges only remove columns, and an expired column
// stays expired unless the clock is set back. Each void has a time for that case.
type voids struct {
	// clock counts the voids that were recorded. If a reader loads clock before it opens its iterator, the
	// iterator's state is not older than the voids counted.
	clock atomic.Uint64
	rows  sync.Map // from the prefix of a row to *watchedRow
	count atomic.Int32
}

const (
	// maxWatched limits the number of watched rows, maxVoids the voids of a row, and maxVoidKey the length of the ends
	// of a void, so that voids take at most 16 MiB of memory.
	maxWatched = 512
	maxVoids   = 16
	maxVoidKey = 1 << 10

	// watchAfter is the number of records that a reader steps over in vain before it asks for the row to be watched.
	// noteAfter is that number before it records a void of a watched row.
	watchAfter = 64
	noteAfter  = 16
)

// watchedRow is a row whose voids are known.
type watchedRow struct {
	mu    sync.Mutex
	voids []void // disjoint and in order
	// flying has, for each running write, the lowest key that it writes.
	flying map[*writer][]byte
	// claimed is set while a reader may record voids, and lowest is the lowest key written since then.
	claimed bool
	lowest  []byte
	// ended is set when the row is no longer watched. Readers that found it before may still use it, but writers
	// no longer report their keys to it.
	ended bool
}

// void is an interval of keys, hi excluded, in which a reader sees nothing.
type void struct {
	lo, hi []byte
	noted  uint64 // voids.clock when it was recorded: older iterators may see live columns in it
	from   int64  // the void holds from this second on
	steps  int    // number of records in it
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

// watch begins to watch a row. The caller holds Store.writers for writing, so no write is running
// that does not know that the row is watched.
func (v *voids) watch(prefix []byte) *watchedRow {
	if row := v.find(prefix); row != nil {
		return row
	}
	for v.count.Load() >= maxWatched {
		v.rows.Range(func(key, row any) bool { // end watching an arbitrary row
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

// end removes the voids and refuses new ones.
func (w *watchedRow) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended, w.voids = true, nil
}

// claim lets the caller record voids until it calls release. It reports false if another reader has the claim.
// The caller must open its iterator after claim.
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

// writes records that the writer is about to write the key.
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
		right.steps = 0 // unknown; usually the key was appended at the end
		w.replace(i, i+1, left, right)
		return
	}
}

// landed records that the writer's batch is visible to readers.
func (w *watchedRow) landed(by *writer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.flying, by)
}

// replace replaces some voids by the voids of the list that are not empty.
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

// note records a void that the caller found, and merges it with the voids that it touches. The caller has a claim, or
// holds a lock that excludes writes to the interval.
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

// after returns the void that contains the key. The reader opened its iterator when
// voids.clock was at opened, and reads as of the second now.
func (w *watchedRow) after(key []byte, opened uint64, now int64) (void, bool) {
	return w.look(opened, now, func(v *void) bool { return v.holds(key) })
}

// before is after for a reversed reader: it returns the void just below the key.
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
