package model

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/catalog"
)

// row is the list of all writes to a row and all deletions from it, in the order
// of their arrival. Only purge makes it shorter.
type row struct {
	writes     []write
	tombstones []tombstone
}

// write is one insert, or one increment of a counter.
type write struct {
	super []byte // nil in a standard family
	name  []byte
	value []byte

	// timestamp is the client's. In a counter family it is the number of the
	// write, as clients give none there.
	timestamp int64
	ttl       int32
	expires   int64 // the second from which on the write is expired; 0 if it never expires
	delta     int64 // delta of an increment
	ties4     bool  // see beats
}

// tombstone is one delete. It covers the writes that it selects if their
// timestamp is the same as its own or lower.
type tombstone struct {
	// supers and columns select by name, and all names if nil.
	supers, columns *span
	timestamp       int64
	at              int64 // the second in which it was made, for gc_grace
}

// span is the names from start to finish, both inclusive, empty standing for no
// bound. A single name is a span as well.
type span struct {
	start, finish []byte
	single        bool // start is the only name, even if it is empty
}

func (s *span) holds(t coltype.Type, name []byte) bool {
	switch {
	case s == nil:
		return true
	case s.single:
		return t.Compare(s.start, name) == 0
	}
	return (len(s.start) == 0 || t.Compare(s.start, name) <= 0) &&
		(len(s.finish) == 0 || t.Compare(name, s.finish) <= 0)
}

func (d *tombstone) covers(fam *catalog.Family, w *write) bool {
	if w.timestamp > d.timestamp || !d.columns.holds(fam.ColumnNames(), w.name) {
		return false
	}
	return !fam.Super || d.supers.holds(fam.Comparator, w.super)
}

// beats reports which of two writes of the same column wins: the higher timestamp,
// then the larger value. Expiry does not matter. If timestamp and value are equal, the
// later write wins; the caller must pass the writes in that order.
//
// As in Cassandra 4, after the timestamp a write that expires may win over one that does not,
// then the one that expires later, then the larger value by unsigned bytes (Cells.resolveRegular).
func (w *write) beats(other *write) bool {
	if w.ties4 {
		return cmp.Or(
			cmp.Compare(w.timestamp, other.timestamp),
			cmp.Compare(w.expires, other.expires), // 0 if it does not
			bytes.Compare(w.value, other.value)) > 0
	}
	return cmp.Or(
		cmp.Compare(w.timestamp, other.timestamp),
		slices.CompareFunc(w.value, other.value, compareSigned)) > 0
}

// compareSigned orders the bytes of values as Java's ByteBuffer.compareTo does,
// by which Column.reconcile finds the larger value: from -128 to 127.
func compareSigned(a, b byte) int { return cmp.Compare(int8(a), int8(b)) }

func (w *write) expired(now int64) bool { return w.expires != 0 && w.expires <= now }

func (r *row) empty() bool { return len(r.writes) == 0 && len(r.tombstones) == 0 }

// winners returns, for each column that is not deleted, the write that won, in
// the order of super column and name. It may have expired: it hides the older
// ones nevertheless. A counter's winner holds the sum of its additions.
func (r *row) winners(fam *catalog.Family) []write {
	var standing []write
	for _, w := range r.writes {
		covered := slices.ContainsFunc(r.tombstones, func(d tombstone) bool { return d.covers(fam, &w) })
		if !covered {
			standing = append(standing, w)
		}
	}
	order := func(a, b write) int {
		if fam.Super {
			if c := fam.Comparator.Compare(a.super, b.super); c != 0 {
				return c
			}
		}
		return fam.ColumnNames().Compare(a.name, b.name)
	}
	slices.SortStableFunc(standing, order)

	var winners []write
	for _, w := range standing {
		last := len(winners) - 1
		switch {
		case last < 0 || order(winners[last], w) != 0:
			winners = append(winners, w)
		case fam.Counter:
			w.delta += winners[last].delta
			winners[last] = w
		case !winners[last].beats(&w):
			winners[last] = w
		}
	}
	return winners
}

// live reports whether a reader sees a column of the row.
func (r *row) live(fam *catalog.Family, now int64) bool {
	return slices.ContainsFunc(r.winners(fam), func(w write) bool { return !w.expired(now) })
}

// columns returns the columns of the row that a reader sees: of the super
// column super in a super family.
func (r *row) columns(fam *catalog.Family, super []byte, now int64) []backend.Column {
	var columns []backend.Column
	for _, w := range r.winners(fam) {
		if w.expired(now) || fam.Super && fam.Comparator.Compare(w.super, super) != 0 {
			continue
		}
		columns = append(columns, w.column(fam))
	}
	return columns
}

// supers returns the super columns of the row that a reader sees: those that
// have columns.
func (r *row) supers(fam *catalog.Family, now int64) []backend.SuperColumn {
	var supers []backend.SuperColumn
	for _, w := range r.winners(fam) {
		if w.expired(now) {
			continue
		}
		last := len(supers) - 1
		if last < 0 || fam.Comparator.Compare(supers[last].Name, w.super) != 0 {
			supers = append(supers, backend.SuperColumn{Name: bytes.Clone(w.super)})
			last++
		}
		supers[last].Columns = append(supers[last].Columns, w.column(fam))
	}
	return supers
}

func (w *write) column(fam *catalog.Family) backend.Column {
	if fam.Counter {
		count := binary.BigEndian.AppendUint64(nil, uint64(w.delta))
		return backend.Column{Name: bytes.Clone(w.name), Value: count}
	}
	return backend.Column{Name: bytes.Clone(w.name), Value: bytes.Clone(w.value), Timestamp: w.timestamp, TTL: w.ttl}
}

// purge forgets the writes that lost and what has been deleted or expired for
// longer than gc_grace. Readers see the same data, as long as no one
// writes with a timestamp from before that.
func (r *row) purge(fam *catalog.Family, now int64) {
	before := now - int64(fam.GCGrace.Seconds())
	if !fam.Counter {
		r.writes = r.winners(fam)
	} else {
		r.writes = slices.DeleteFunc(r.writes, func(w write) bool {
			return slices.ContainsFunc(r.tombstones, func(d tombstone) bool { return d.covers(fam, &w) })
		})
	}
	r.writes = slices.DeleteFunc(r.writes, func(w write) bool { return w.expires != 0 && w.expires < before })
	r.tombstones = slices.DeleteFunc(r.tombstones, func(d tombstone) bool { return d.at < before })
}
