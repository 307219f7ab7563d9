package embedded

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/ordered"
	"github.com/widerow/widerow/internal/partitioner"
)

// The keys of the tree, by their first byte. Numbers are big-endian, names are in
// the order-preserving encoding of their type, which delimits itself, and a row is
// what the partitioner makes of its key: the token, then the key.
//
//	tagMeta  name                                       the schema and other facts
//	tagData  family 4 row secMarks markRow              tombstone of the row
//	tagData  family 4 row secMarks markSlice spanTo hi  a span of the row's names that a slice's tombstone covers
//	tagData  family 4 row secMarks markSlice spanToEnd  the span up to the end
//	tagData  family 4 row secMarks markSuper super markRow            … of a super column
//	tagData  family 4 row secMarks markSuper super markSlice spanTo hi  … spans within one
//	tagData  family 4 row secCells [super] name         a column, or its tombstone
//	tagIndex family 4 index 4 value row                 an index entry; it has no value
//
// In place of spans, stores of format 1 had the tombstones of slices as they were written:
//
//	tagData  family 4 row secMarks [markSuper super] markSlice from to
//
// The numbers of families and indexes are never used again, so that data of a
// dropped family cannot come back.
const (
	tagMeta  = 0x00
	tagData  = 0x01
	tagIndex = 0x02

	secMarks = 0x01
	secCells = 0x02

	markRow   = 0x01
	markSlice = 0x02
	markSuper = 0x03

	// The ends of a slice tombstone of format 1.
	fromStart = 0x00 // no bound
	endAt     = 0x01 // at the name that follows, included
	toEnd     = 0x02 // no bound

	spanTo    = 0x03 // a span to the end that follows, excluded
	spanToEnd = 0x04
)

const familyPrefixLen = 1 + 4

var errKey = errors.New("damaged key")

func appendFamily(dst []byte, tag byte, id uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, tag), id)
}

// appendRow appends the prefix of all keys of a row of the family.
func (f *family) appendRow(dst []byte, p partitioner.Partitioner, key []byte) []byte {
	return p.AppendKey(appendFamily(dst, tagData, f.id), key)
}

// appendName appends the encoding of a name, or of the end of a slice. The
// catalog validated it, so that an error is a name that has no place in the order.
func appendName(dst []byte, c *ordered.Codec, name []byte) (enc []byte, exact bool, err error) {
	enc, exact, err = c.Append(dst, name)
	if err != nil {
		return dst, false, backend.InvalidRequest("name %x: %v", name, err)
	}
	return enc, exact, nil
}

// prefixEnd appends the first key behind all that begin with prefix, whose last byte
// that is not 0xff is raised. Prefixes here always have one, as they begin with a tag.
func prefixEnd(dst, prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			dst = append(dst, prefix[:i+1]...)
			dst[len(dst)-1]++
			return dst
		}
	}
	return dst
}

// rowPrefix returns the prefix of the row that a tagData key belongs to.
func rowPrefix(p partitioner.Partitioner, key []byte) ([]byte, error) {
	if len(key) < familyPrefixLen {
		return nil, errKey
	}
	rest, err := p.SkipKey(key[familyPrefixLen:])
	if err != nil || len(rest) == 0 {
		return nil, errors.Join(errKey, err)
	}
	return key[:len(key)-len(rest)], nil
}

// interval is a part of the row's names: the encodings from lo, inclusive, to
// hi, exclusive. A nil hi is the end. Whatever follows a name in a key, as the columns
// of a super column, is in the same intervals as the name.
type interval struct{ lo, hi []byte }

func (v interval) holds(pos []byte) bool {
	return bytes.Compare(v.lo, pos) <= 0 && (v.hi == nil || bytes.Compare(pos, v.hi) < 0)
}

// intervalOf encodes the ends of a slice, both inclusive, empty meaning none.
func intervalOf(c *ordered.Codec, start, finish []byte) (v interval, err error) {
	if len(start) > 0 {
		if v.lo, _, err = appendName(nil, c, start); err != nil {
			return v, err
		}
	}
	if len(finish) > 0 {
		var enc []byte
		if enc, _, err = appendName(nil, c, finish); err != nil {
			return v, err
		}
		v.hi = prefixEnd(nil, enc)
	}
	return v, nil
}

// bounds returns the keys of the interval under prefix, the second one exclusive.
func (v interval) bounds(prefix []byte) (lower, upper []byte) {
	lower = append(bytes.Clone(prefix), v.lo...)
	if v.hi == nil {
		return lower, prefixEnd(nil, prefix)
	}
	return lower, append(bytes.Clone(prefix), v.hi...)
}

// decodeSliceMark reads what follows markSlice in the key of a slice's tombstone of format 1. The result aliases b in part.
func decodeSliceMark(c *ordered.Codec, b []byte) (v interval, err error) {
	take := func(none byte) (enc []byte, err error) {
		if len(b) == 0 || b[0] != endAt && b[0] != none {
			return nil, errKey
		}
		unbounded := b[0] == none
		b = b[1:]
		if unbounded {
			return nil, nil
		}
		rest, err := c.Skip(b)
		if err != nil {
			return nil, errors.Join(errKey, err)
		}
		enc, b = b[:len(b)-len(rest)], rest
		return enc, nil
	}
	if v.lo, err = take(fromStart); err != nil {
		return v, err
	}
	last, err := take(toEnd)
	switch {
	case err != nil:
		return v, err
	case len(b) != 0:
		return v, errKey
	case last != nil:
		v.hi = prefixEnd(nil, last)
	}
	return v, nil
}

// appendIndexEntries appends the prefix of the entries of an indexed value.
func (x *index) appendEntries(dst []byte, family uint32, value []byte) ([]byte, error) {
	dst = binary.BigEndian.AppendUint32(appendFamily(dst, tagIndex, family), x.id)
	dst, _, err := x.codec.Append(dst, value)
	if err != nil {
		return dst, backend.InvalidRequest("indexed value of column %x: %v", x.def.Column, err)
	}
	return dst, nil
}
