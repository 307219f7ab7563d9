package embedded

import (
	"encoding/binary"
	"io"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// merger resolves records of the same key when a read or a compaction meets them.
// So a write need not read first. Merging is associative: the result does not depend
// on which records are merged first.
func (s *Store) merger() *pebble.Merger {
	pool := &sync.Pool{}
	pool.New = func() any { return &merging{store: s, pool: pool} }
	return &pebble.Merger{
		Name: "widerow.1",
		Merge: func(key, value []byte) (pebble.ValueMerger, error) {
			m := pool.Get().(*merging)
			m.key = append(m.key[:0], key...)
			m.value = append(m.value[:0], value...)
			m.count = 1
			return m, nil
		},
	}
}

// merging is the state of merging the records of one key.
type merging struct {
	store *Store
	pool  *sync.Pool
	key   []byte
	value []byte // the result so far
	count int
}

// foldAfter is the number of records of one key after which a read asks for them to be
// replaced by one. Otherwise the time to read a counter would grow with the increments
// since the last flush.
const foldAfter = 64

// MergeNewer implements pebble.ValueMerger.
func (m *merging) MergeNewer(value []byte) error { return m.merge(value, m.value, value) }

// MergeOlder implements pebble.ValueMerger.
func (m *merging) MergeOlder(value []byte) error { return m.merge(m.value, value, value) }

// merge resolves the records a and b; a was written later. One of them is m.value
// and the other is value.
func (m *merging) merge(a, b, value []byte) error {
	m.count++
	if len(a) < recordHead || len(b) < recordHead || (a[0]^b[0])&(kindCounter|kindMark) != 0 {
		return errRecord
	}
	switch {
	case a[0]&kindMark != 0:
		return m.mergeMarks(a, b)
	case a[0]&kindCounter != 0:
		return m.mergeCounters(a, b)
	}
	aWins, err := wins(a, b)
	if err != nil {
		return err
	}
	winner := b
	if aWins {
		winner = a
	}
	if &winner[0] == &value[0] {
		m.value = append(m.value[:0], value...)
	}
	return nil
}

// mergeMarks keeps the highest timestamp and the latest time of deletion.
func (m *merging) mergeMarks(a, b []byte) error {
	var ra, rb record
	if ra.decode(a) != nil || rb.decode(b) != nil {
		return errRecord
	}
	ra.timestamp = max(ra.timestamp, rb.timestamp)
	ra.deletedAt = max(ra.deletedAt, rb.deletedAt)
	m.value = ra.appendHead(m.value[:0])
	return nil
}

// mergeCounters adds two counts. The tombstone of a counter counts as zero: it replaces
// the increments before it, so it is only ever merged with later ones.
func (m *merging) mergeCounters(a, b []byte) error {
	if a[0]&kindDeleted != 0 {
		m.value = append(m.value[:0], a...)
		return nil
	}
	sum := binary.BigEndian.Uint64(a[1:])
	if b[0]&kindDeleted == 0 {
		sum += binary.BigEndian.Uint64(b[1:])
	}
	m.value = append(m.value[:0], a...)
	binary.BigEndian.PutUint64(m.value[1:], sum)
	return nil
}

// Finish implements pebble.ValueMerger.
func (m *merging) Finish(includesBase bool) ([]byte, io.Closer, error) {
	if m.count > foldAfter && includesBase {
		m.store.askToFold(m.key)
	}
	return m.value, m, nil
}

// Close returns the state to the pool. Pebble calls it when it no longer uses the result.
func (m *merging) Close() error {
	const largest = 64 << 10 // larger buffers are not kept
	if cap(m.value) <= largest {
		m.pool.Put(m)
	}
	return nil
}
