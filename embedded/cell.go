package embedded

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
)

// A record is the value of a key under tagData: a column (or the tombstone of one), a
// counter, or a mark, which is the tombstone of more than one column.
//
//	kind byte | timestamp 8 | kindDeleted, kindMark: deletedAt 8
//	                        | kindExpiring: expires 8, ttl 4
//	                        | kindNamed: uvarint length, name
//	                        | kindSuperNamed: uvarint length, name
//	                        | value
//
// Numbers are big-endian. A counter stores its count in place of the timestamp.
type record struct {
	kind      byte
	timestamp int64 // or the count of a counter
	deletedAt int64 // the second in which a tombstone was made, for gc_grace
	expires   int64 // the second from which on an expiring column is gone
	ttl       int32
	// name and super are the names as they were written. They are set if the key's
	// encoding cannot be decoded to them (kindNamed, kindSuperNamed).
	name, super []byte
	value       []byte
}

// The kinds of record: bits of its first byte.
const (
	kindDeleted    = 1 << iota // a tombstone of a column or counter
	kindExpiring               // a column with a TTL
	kindNamed                  // name is set
	kindSuperNamed             // super is set
	kindCounter                // a counter, or an increment of it
	kindMark                   // a tombstone of a row, super column or slice
	kindsEnd
)

const recordHead = 1 + 8 // every record starts with a kind and a timestamp

var errRecord = errors.New("damaged record of a column")

// size is the number of bytes that appendHead appends.
func (r *record) headSize() int {
	n := recordHead
	if r.kind&(kindDeleted|kindMark) != 0 {
		n += 8
	}
	if r.kind&kindExpiring != 0 {
		n += 12
	}
	if r.kind&kindNamed != 0 {
		n += uvarintSize(len(r.name)) + len(r.name)
	}
	if r.kind&kindSuperNamed != 0 {
		n += uvarintSize(len(r.super)) + len(r.super)
	}
	return n
}

func uvarintSize(n int) int {
	size := 1
	for ; n >= 1<<7; n >>= 7 {
		size++
	}
	return size
}

// appendHead appends all of the record but the value.
func (r *record) appendHead(dst []byte) []byte {
	dst = append(dst, r.kind)
	dst = binary.BigEndian.AppendUint64(dst, uint64(r.timestamp))
	if r.kind&(kindDeleted|kindMark) != 0 {
		dst = binary.BigEndian.AppendUint64(dst, uint64(r.deletedAt))
	}
	if r.kind&kindExpiring != 0 {
		dst = binary.BigEndian.AppendUint64(dst, uint64(r.expires))
		dst = binary.BigEndian.AppendUint32(dst, uint32(r.ttl))
	}
	if r.kind&kindNamed != 0 {
		dst = append(binary.AppendUvarint(dst, uint64(len(r.name))), r.name...)
	}
	if r.kind&kindSuperNamed != 0 {
		dst = append(binary.AppendUvarint(dst, uint64(len(r.super))), r.super...)
	}
	return dst
}

// decode reads a record whose bytes it keeps. r is the zero value or was decoded before.
func (r *record) decode(b []byte) error {
	if len(b) < recordHead {
		return errRecord
	}
	kind, timestamp := b[0], int64(binary.BigEndian.Uint64(b[1:]))
	b = b[recordHead:]
	if kind == 0 && r.kind == 0 { // by far the most frequent case: a plain column follows another
		r.timestamp, r.value = timestamp, b
		return nil
	}
	*r = record{kind: kind, timestamp: timestamp}
	if !validKind(r.kind) {
		return errRecord
	}
	if r.kind&(kindDeleted|kindMark) != 0 {
		if len(b) < 8 {
			return errRecord
		}
		r.deletedAt = int64(binary.BigEndian.Uint64(b))
		b = b[8:]
	}
	if r.kind&kindExpiring != 0 {
		if len(b) < 12 {
			return errRecord
		}
		r.expires = int64(binary.BigEndian.Uint64(b))
		r.ttl = int32(binary.BigEndian.Uint32(b[8:]))
		b = b[12:]
	}
	var ok bool
	if r.kind&kindNamed != 0 {
		if r.name, b, ok = takeBytes(b); !ok {
			return errRecord
		}
	}
	if r.kind&kindSuperNamed != 0 {
		if r.super, b, ok = takeBytes(b); !ok {
			return errRecord
		}
	}
	if r.kind&(kindDeleted|kindMark|kindCounter) != 0 && len(b) != 0 {
		return errRecord
	}
	r.value = b
	return nil
}

// validKind reports whether the bits of a kind go together.
func validKind(k byte) bool {
	switch {
	case k&kindMark != 0:
		return k == kindMark
	case k&(kindDeleted|kindCounter) != 0:
		return k&kindExpiring == 0 && k < kindsEnd
	}
	return k < kindsEnd
}

func takeBytes(b []byte) (taken, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return nil, nil, false
	}
	b = b[size:]
	return b[:n:n], b[n:], true
}

// live reports whether a reader sees the column, if nothing covers it.
func (r *record) live(now int64) bool {
	return r.kind&(kindDeleted|kindExpiring) == 0 || r.kind&kindExpiring != 0 && now < r.expires
}

// goneBefore reports whether the record can be dropped. Tombstones that were made before the
// second gcBefore, and columns that expired before it, can.
func (r *record) goneBefore(gcBefore int64) bool {
	switch {
	case r.kind&(kindDeleted|kindMark) != 0:
		return r.deletedAt < gcBefore
	case r.kind&kindExpiring != 0:
		return r.expires < gcBefore
	}
	return false
}

// wins compares two encoded records of one column. It reports whether a reader sees a, which was written
// later, and not b. The higher timestamp wins, then a tombstone, then the larger value
// (Column.reconcile, DeletedColumn.reconcile), then the later write. Unlike in Cassandra, expiry does not
// matter, since the result must not depend on the time of the comparison.
func wins(a, b []byte) (bool, error) {
	var ra, rb record
	if err := errors.Join(ra.decode(a), rb.decode(b)); err != nil {
		return false, err
	}
	if c := cmp.Compare(ra.timestamp, rb.timestamp); c != 0 {
		return c > 0, nil
	}
	da, db := ra.kind&kindDeleted != 0, rb.kind&kindDeleted != 0
	switch {
	case da && db:
		return ra.deletedAt >= rb.deletedAt, nil
	case da || db:
		return da, nil
	}
	return compareSigned(ra.value, rb.value) >= 0, nil
}

// compareSigned orders values as java.nio.ByteBuffer does: by bytes from -128 to 127.
func compareSigned(a, b []byte) int {
	n := min(len(a), len(b))
	if bytes.Equal(a[:n], b[:n]) { // fast where values are long
		return cmp.Compare(len(a), len(b))
	}
	for i := 0; ; i++ {
		if a[i] != b[i] {
			return cmp.Compare(int8(a[i]), int8(b[i]))
		}
	}
}
