package ordered

import "encoding/binary"

// The upper half of a UUID consists, from the highest bit on, of 32 bits time_low, 16
// bits time_mid, 4 bits version and 12 bits time_hi. The encodings below move these fields
// into the order in which the type compares them. No encoding loses a bit.

const (
	signBits  = 0x8080808080808080
	versionV1 = 1
)

// forthUUID encodes in the order of UUIDType: by version, then by time if the version is 1,
// then by the bytes.
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

// forthTimeUUID encodes in the order of TimeUUIDType: by time, then by the bytes as
// signed numbers. The version is compared as a part of its byte. A valid name has
// version 1.
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

// forthLexicalUUID encodes in the order of LexicalUUIDType, which is that of compareTo of
// Java's UUID: by both halves as signed numbers.
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
