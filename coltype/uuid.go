package coltype

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"reflect"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow/timeuuid"
)

// Types of UUIDs. They take uuid.UUID, arrays and slices of 16 bytes, and text
// in the usual forms; nil is packed as empty bytes. They unpack to uuid.UUID, and
// empty bytes to nil.
var (
	// UUID is any UUID. UUIDs are ordered by version, then by time if the version
	// is 1, then by bytes. It takes times as TimeUUID does.
	UUID Type = uuidType{}
	// TimeUUID is a UUID of version 1. It is ordered by time, then by signed
	// bytes.
	//
	// It takes times too, and integers and floats as seconds since 1970. As the end
	// of a slice, a time is packed as the lowest or highest UUID of its microsecond.
	// Otherwise a time is packed as a new UUID of that time, with a random clock
	// sequence and node. So packing one time twice as a name gives two names.
	TimeUUID Type = timeUUIDType{}
	// LexicalUUID is any UUID. It is ordered as two signed 64-bit numbers, as
	// Java's UUID.compareTo does.
	LexicalUUID Type = lexicalUUIDType{}
)

// toUUID reads a UUID. Text that is not a UUID is an error.
func toUUID(v any) (u uuid.UUID, ok bool, err error) {
	switch v := v.(type) {
	case uuid.UUID:
		return v, true, nil
	case string:
		u, err = uuid.FromString(v)
		return u, true, err
	case []byte:
		u, err = uuid.FromBytes(v)
		return u, true, err
	}
	// Read other arrays, slices and strings by kind.
	rv := reflect.ValueOf(v)
	if rv.IsValid() && rv.Kind() == reflect.Array && rv.Len() == 16 && rv.Type().Elem().Kind() == reflect.Uint8 {
		reflect.Copy(reflect.ValueOf(u[:]), rv)
		return u, true, nil
	}
	s, b, ok := text(v)
	switch {
	case !ok:
		return u, false, nil
	case b != nil:
		u, err = uuid.FromBytes(b)
	default:
		u, err = uuid.FromString(s)
	}
	return u, true, err
}

// appendUUID packs v, a UUID or a time, as type t.
func appendUUID(t Type, dst []byte, v any, b Bound) ([]byte, error) {
	u, ok, err := toUUID(v)
	if !ok {
		moment, isTime := instant(v)
		switch {
		case !isTime:
			return dst, refuse(t, v, "a UUID or a time")
		case b == Lower:
			u = timeuuid.Lowest(moment)
		case b == Upper:
			u = timeuuid.Highest(moment)
		default:
			u, err = timeuuid.Random(moment)
		}
	}
	if err == nil {
		err = t.Validate(u[:])
	}
	if err != nil {
		return dst, fmt.Errorf("pack %s: %w", shortName(t), err)
	}
	return append(dst, u[:]...), nil
}

func unpackUUID(t Type, b []byte) (any, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if err := t.Validate(b); err != nil {
		return nil, malformed(t, err)
	}
	return uuid.UUID(b), nil
}

type uuidType struct{}

var _ Bounder = uuidType{}

func (uuidType) String() string                 { return marshal + "UUIDType" }
func (t uuidType) Unpack(b []byte) (any, error) { return unpackUUID(t, b) }

func (t uuidType) Append(dst []byte, v any) ([]byte, error) { return appendUUID(t, dst, v, Exact) }

// AppendBound packs a time as the lowest or highest UUID of version 1 with that time.
func (t uuidType) AppendBound(dst []byte, v any, b Bound) ([]byte, error) {
	return appendUUID(t, dst, v, b)
}

var errNotUUID = inCassandrasWords("UUIDs must be exactly 16 bytes")

func (uuidType) Validate(b []byte) error {
	if len(b) != 16 && len(b) != 0 {
		return errNotUUID
	}
	return nil
}

// Compare orders bytes that are shorter than a UUID first, all equal, and ignores bytes
// after the length of a UUID, as Cassandra does.
func (uuidType) Compare(a, b []byte) int {
	if len(a) < 16 || len(b) < 16 {
		return cmp.Compare(btoi(len(a) >= 16), btoi(len(b) >= 16))
	}
	versionA, versionB := a[6]>>4, b[6]>>4
	if c := cmp.Compare(versionA, versionB); c != 0 {
		return c
	}
	if versionA == 1 {
		if c := cmp.Compare(timestamp(a), timestamp(b)); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(binary.BigEndian.Uint64(a), binary.BigEndian.Uint64(b)); c != 0 {
		return c
	}
	return cmp.Compare(binary.BigEndian.Uint64(a[8:]), binary.BigEndian.Uint64(b[8:]))
}

// timestamp returns the 60 bits of time, whatever the version.
func timestamp(b []byte) uint64 {
	return uint64(binary.BigEndian.Uint16(b[6:])&0x0fff)<<48 |
		uint64(binary.BigEndian.Uint16(b[4:]))<<32 |
		uint64(binary.BigEndian.Uint32(b))
}

type timeUUIDType struct{}

var _ Bounder = timeUUIDType{}

func (timeUUIDType) String() string                 { return marshal + "TimeUUIDType" }
func (t timeUUIDType) Unpack(b []byte) (any, error) { return unpackUUID(t, b) }

func (t timeUUIDType) Append(dst []byte, v any) ([]byte, error) { return appendUUID(t, dst, v, Exact) }

// AppendBound packs a time as the lowest or highest UUID with that time.
func (t timeUUIDType) AppendBound(dst []byte, v any, b Bound) ([]byte, error) {
	return appendUUID(t, dst, v, b)
}

var errNotVersion1 = inCassandrasWords("Invalid version for TimeUUID type.")

func (timeUUIDType) Validate(b []byte) error {
	if len(b) != 16 && len(b) != 0 {
		return inCassandrasWords("TimeUUID should be 16 or 0 bytes (%d)", len(b))
	}
	if len(b) == 16 && b[6]&0xf0 != 0x10 {
		return errNotVersion1
	}
	return nil
}

func (timeUUIDType) Compare(a, b []byte) int {
	if c, done := compareSizes(a, b, 16); done {
		return c
	}
	return timeuuid.Compare(uuid.UUID(a), uuid.UUID(b))
}

type lexicalUUIDType struct{}

func (lexicalUUIDType) String() string                 { return marshal + "LexicalUUIDType" }
func (t lexicalUUIDType) Unpack(b []byte) (any, error) { return unpackUUID(t, b) }

func (t lexicalUUIDType) Append(dst []byte, v any) ([]byte, error) {
	u, ok, err := toUUID(v)
	switch {
	case !ok:
		return dst, refuse(t, v, "a UUID")
	case err != nil:
		return dst, fmt.Errorf("pack %s: %w", shortName(t), err)
	}
	return append(dst, u[:]...), nil
}

func (lexicalUUIDType) Validate(b []byte) error {
	if len(b) != 16 && len(b) != 0 {
		return inCassandrasWords("LexicalUUID should be 16 or 0 bytes (%d)", len(b))
	}
	return nil
}

func (lexicalUUIDType) Compare(a, b []byte) int {
	if c, done := compareSizes(a, b, 16); done {
		return c
	}
	if c := cmp.Compare(int64(binary.BigEndian.Uint64(a)), int64(binary.BigEndian.Uint64(b))); c != 0 {
		return c
	}
	return cmp.Compare(int64(binary.BigEndian.Uint64(a[8:])), int64(binary.BigEndian.Uint64(b[8:])))
}
