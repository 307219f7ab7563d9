package ordered

import "encoding/binary"

// The upper half of a UUID holds, from the highest bit on: 32 bits time_low, 16
// time_mid, 4 version, 12 time_hi. The encodings below move these fields so that
// what the type compares first comes first; none loses a bit.

const (
	signBits  = 0x8080808080808080
	versionV1 = 1
)

// forthUUID orders as UUIDType does: by version, then those of version 1 by
// time, then by the bytes.
func forthUUID(b []byte) bool {
	hi := binary.BigEndian.Uint64(b)
	version := hi >> 12 & 0xf
	if version == versionV1 {
		hi = version<<60 | timeOf(hi)
	} else {
		hi = version<<60 | hi>>16<<12 | hi&0xfff
	}
	binary.BigEndian.PutUint64(b, hi)
	return true
}

func backUUID(b []byte) {
	hi := binary.BigEndian.Uint64(b)
	version := hi >> 60
	if version == versionV1 {
		hi = fromTime(hi) | version<<12
	} else {
		hi = hi<<4>>16<<16 | version<<12 | hi&0xfff
	}
	binary.BigEndian.PutUint64(b, hi)
}

// forthTimeUUID orders as TimeUUIDType does: by time, then by the bytes as
// signed ones. The version counts as the part of its byte that it is; a valid
// name has none but version 1.
func forthTimeUUID(b []byte) bool {
	hi, lo := binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
	binary.BigEndian.PutUint64(b, timeOf(hi)<<4|(hi>>12&0xf^0x8))
	binary.BigEndian.PutUint64(b[8:], lo^signBits)
	return true
}

func backTimeUUID(b []byte) {
	hi, lo := binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
	binary.BigEndian.PutUint64(b, fromTime(hi>>4)|(hi&0xf^0x8)<<12)
	binary.BigEndian.PutUint64(b[8:], lo^signBits)
}

// forthLexicalUUID orders as LexicalUUIDType does, which is compareTo of Java's
// UUID: by both halves as signed numbers.
func forthLexicalUUID(b []byte) bool {
	b[0] ^= 0x80
	b[8] ^= 0x80
	return true
}

func backLexicalUUID(b []byte) { forthLexicalUUID(b) }

// timeOf returns the 60 bits of time in the upper half of a UUID.
func timeOf(hi uint64) uint64 {
	return hi&0xfff<<48 | hi>>16&0xffff<<32 | hi>>32
}

// fromTime returns the upper half of a UUID of version 0 for 60 bits of time.
func fromTime(t uint64) uint64 {
	return t<<32 | t>>32&0xffff<<16 | t>>48&0xfff
}
